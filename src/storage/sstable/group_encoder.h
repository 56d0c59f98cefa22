// GroupEncoder: turns rows into the encoded columns of one row group and its index entry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "rows/row_block.h"
#include "schema/schema.h"
#include "storage/sstable/format.h"
#include "storage/sstable/row_append.h"
#include "storage/sstable/statistics.h"

namespace cassette::storage::sstable {

// A stream and, unless it is a constant, its encoded bytes.
struct EncodedStream {
  Stream stream;
  std::string bytes;
};

// Thread safety: not thread safe.
// Lifetime: `table` must outlive it.
class GroupEncoder {
 public:
  explicit GroupEncoder(const schema::Table& table) : table_(table) {}

  // Encodes rows [begin, end) of `block`, whose partitions are `runs` (counted from `begin`), and adds times,
  // tombstones and TTLs to `statistics`. Fills `entry` but for places in the file. The streams are in streams()[0,
  // stream_count()).
  void Encode(const rows::RowBlock& block, uint32_t begin, uint32_t end, const RunList& runs, GroupEntry* entry,
              SstableStatistics* statistics);

  // Until the next Encode.
  std::vector<EncodedStream>& streams() { return streams_; }
  size_t stream_count() const { return stream_count_; }

 private:
  struct Rows;  // Arguments of one Encode.

  EncodedStream& NewStream(StreamKind kind, uint32_t column);
  void PutVector(StreamKind kind, uint32_t column, const columnar::Vector& vector, const Rows& rows);
  void PutConstant(StreamKind kind, uint32_t column, int64_t constant);
  // `none` stands for "no value" and is stored as an absent place.
  void PutNumbers(StreamKind kind, uint32_t column, std::vector<int64_t> numbers, const int64_t* none);
  template <typename Number>
  void PutMeta(StreamKind kind, uint32_t column, const rows::MetaColumn<Number>& meta, Number absent,
               const int64_t* none, const Rows& rows);

  void PutKeys(const Rows& rows);
  bool SplitKeys(const RunList& runs);
  bool AppendKeyComponents(std::string_view key);
  void PutClustering(const Rows& rows);
  void PutMarkers(Rows& rows);
  void PutCells(Rows& rows);
  void PutCellColumn(const rows::CellColumn& column, Rows& rows);
  void PutOwnTimes(const rows::CellColumn& column, const Rows& rows);
  void SetPositions(const Rows& rows);

  const schema::Table& table_;
  std::vector<EncodedStream> streams_;
  size_t stream_count_ = 0;
  columnar::Vector scratch_;
  std::vector<columnar::Vector> key_vectors_;
  std::vector<std::string_view> key_components_;
};

// The order-preserving bytes of row `row`'s clustering, appended to `out`.
void AppendRowClustering(const schema::Table& table, const std::vector<columnar::Vector>& clustering, uint32_t row,
                         std::string* out);

}  // namespace cassette::storage::sstable
