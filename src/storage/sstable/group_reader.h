// GroupReader: decodes the columns of one row group after another into blocks; for sstable/ alone.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "columnar/int_points.h"
#include "rows/row_block.h"
#include "storage/sstable/read_options.h"
#include "storage/sstable/table_file.h"

namespace cassette::storage::sstable {

// The partitions of a group.
struct GroupKeys {
  std::vector<uint32_t> starts;  // First row of each run, and the group's row count.
  std::vector<rows::Token> tokens;
  std::vector<uint32_t> offsets;  // Into heap; one more than runs.
  std::string heap;

  size_t size() const { return tokens.size(); }
  std::string_view key(size_t run) const {
    return std::string_view(heap).substr(offsets[run], offsets[run + 1] - offsets[run]);
  }
  // Index of the run of this partition; size() when there is none.
  size_t Find(rows::Token token, std::string_view key) const;
};

// Rows [begin, end) of a group.
struct RowRange {
  uint32_t begin = 0;
  uint32_t end = 0;
};

// Thread safety: not thread safe.
// Lifetime: `file`, `options` and `counters` must outlive it.
class GroupReader {
 public:
  // Reset must come next.
  GroupReader() = default;
  GroupReader(const TableFile& file, const ReadOptions& options, ReadCounters& counters)
      : file_(&file), options_(&options), counters_(&counters) {}

  // From now on of this file; what was read before is forgotten, its memory kept up to a bound.
  void Reset(const TableFile& file, const ReadOptions& options, ReadCounters& counters);
  // Lets go of the index block that it holds.
  void Release();

  // The group to be read from now on. REQUIRES: group < file.group_count().
  base::Status Open(uint64_t group);
  // As Open; `block` has the group's entry.
  void Open(uint64_t group, std::shared_ptr<const IndexBlock> block);
  // The block of the last Open; a start for TableFile::FindGroup.
  std::shared_ptr<const IndexBlock>& block() { return block_; }
  // REQUIRES: Open succeeded.
  const GroupEntry& entry() const { return *entry_; }
  uint64_t group() const { return group_; }

  // Whether zone maps say that no row is wanted.
  bool IsExcluded() const;
  base::Result<std::shared_ptr<const GroupKeys>> Keys();
  // Index of the run of this partition, and its rows; the entry's run_count when there is none. Cheaper than Keys() for
  // one partition.
  base::Result<uint32_t> FindRun(rows::Token token, std::string_view key, RowRange* rows);
  // Appends what of rows [begin, end), all of one partition, lies in `slices`, ascending.
  base::Status SelectRows(std::span<const rows::ClusteringSlice> slices, uint32_t begin, uint32_t end,
                          std::vector<RowRange>* selected);
  // Fills everything of `block` but its partitions with these rows: ranges ascending, or, when `reversed`, in the order
  // of the result, each range backwards.
  base::Status Fill(std::span<const RowRange> ranges, bool reversed, std::span<const schema::ColumnId> columns,
                    rows::RowBlock* block);

 private:
  // A decoded vector, owned by the cache or by this.
  using VectorPointer = std::shared_ptr<const columnar::Vector>;
  // A vector of integers of which single values are wanted: encoded where its encoding gives them, else decoded.
  struct IntVector {
    columnar::IntPoints points;
    std::shared_ptr<const std::string> encoded;  // Of points, unless they are the index's.
    VectorPointer decoded;                       // Null: ask points.

    bool is_live(uint32_t row) const { return decoded == nullptr || decoded->state(row) == columnar::CellState::kLive; }
    int64_t at(uint32_t row) const { return decoded != nullptr ? decoded->int64(row) : points.at(row); }
  };
  struct Request;  // Arguments of one Fill.

  bool use_cache() const { return file_->cache() != nullptr && !options_->bypass_cache; }
  base::Status Corrupt(const Stream& stream, std::string_view what) const;
  // Whether a row has no value.
  static bool HasNull(const columnar::Vector& vector);

  // Encoded bytes of a stream, checked. Until the next call.
  base::Status Bytes(const Stream& stream, std::string_view* bytes);
  base::Status FillWindow(uint64_t offset);
  base::Status SharedBytes(const Stream& stream, std::string_view* bytes);
  base::Status Decode(const Stream& stream, types::PhysicalType physical, uint32_t count, columnar::Vector* vector);
  base::Result<VectorPointer> DecodeShared(const Stream& stream, types::PhysicalType physical, uint32_t count);

  CacheKey KeyOf(const Stream& stream, CachedKind kind, uint32_t variant) const;
  base::Status FindInts(const Stream& stream, uint32_t count, IntVector* ints);

  base::Result<std::shared_ptr<GroupKeys>> DecodeKeys();
  base::Status DecodeStarts(GroupKeys* keys);
  base::Status DecodeKeyBytes(GroupKeys* keys);
  base::Status JoinKeyComponents(GroupKeys* keys);
  base::Result<uint32_t> FindIntegerRun(rows::Token token, std::string_view key, RowRange* rows);
  base::Status NeedClustering();
  std::string_view ClusteringAt(uint32_t row);
  uint32_t FirstRowAfter(const rows::ClusteringBound& bound, uint32_t begin, uint32_t end);

  base::Status FillVector(const Stream& stream, types::PhysicalType physical, const Request& request,
                          columnar::Vector* vector);
  template <typename Number>
  base::Status FillMeta(StreamKind kind, uint32_t column, Number absent, const Request& request,
                        rows::MetaColumn<Number>* meta);
  base::Status FillCells(const Stream& stream, types::PhysicalType physical, const Request& request,
                         rows::CellColumn* cells);

  const TableFile* file_ = nullptr;
  const ReadOptions* options_ = nullptr;
  ReadCounters* counters_ = nullptr;
  std::shared_ptr<const IndexBlock> block_;
  const GroupEntry* entry_ = nullptr;
  uint64_t group_ = 0;

  std::string window_;  // A stretch of the file, read ahead.
  uint64_t window_offset_ = 0;
  size_t window_bytes_next_ = 0;
  absl::flat_hash_map<uint64_t, std::string> shared_;  // Vectors that earlier groups stored, by offset.
  size_t shared_bytes_ = 0;
  columnar::Vector numbers_;               // Scratch.
  std::vector<VectorPointer> clustering_;  // Of the open group, when needed for a search.
  std::string clustering_bytes_;
};

}  // namespace cassette::storage::sstable
