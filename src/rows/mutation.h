// Mutation: all that one statement (or a batch) does to one partition, as bytes. The bytes are what the commit log
// stores and what would travel to a replica; the memtable reads them in place. docs/format/mutation.md has the page.
//
// Grammar:  mutation := header  update*
//           header   := version  table id  token  partition key
//           update   := partition deletion | range tombstone | row(static or clustering; marker; deletion; cells)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/status.h"
#include "rows/cell.h"
#include "rows/keys.h"
#include "rows/row_bytes.h"
#include "schema/schema.h"

namespace cassette::rows {

// Writes a mutation into a string, without any other allocation. Reuse one for many mutations: Begin clears it.
// Calls follow the grammar; a row's parts come between BeginRow and the next Begin.../Add... of another update.
// Thread safety: not thread safe.
class MutationBuilder {
 public:
  // `key` is a serialized partition key (keys.h).
  void Begin(const schema::TableId& table, Token token, std::string_view key);
  void AddPartitionDeletion(const DeletionTime& deletion);
  void AddRangeTombstone(const ClusteringBound& start, const ClusteringBound& end, const DeletionTime& deletion);
  void BeginStaticRow();
  void BeginRow(std::string_view clustering, const Liveness& liveness = {});
  // As if the row had begun with it. Before the deletion. Of a static row it says nothing by itself.
  void SetLiveness(const Liveness& liveness);
  void SetRowDeletion(const DeletionTime& deletion);  // REQUIRES: not a static row.
  // Cells of a row in any order, a column at most once, after the row's liveness and deletion; at most kMaxRowCells.
  // `value` is ignored for a tombstone.
  void AddCell(schema::ColumnId column, const CellView& cell);
  // A live cell with the times of the row's liveness. REQUIRES: the row has one.
  void AddValue(schema::ColumnId column, std::string_view value);

  // The mutation so far. Lifetime: until the next call of any other method.
  std::string_view bytes() const { return std::string_view(buffer_).substr(0, size_); }
  bool empty() const { return size_ == header_size_; }  // No update since Begin.

 private:
  // Room for `more` bytes; where they go.
  char* Reserve(size_t more) {
    if (size_ + more > buffer_.size()) Grow(more);
    return buffer_.data() + size_;
  }
  void Grow(size_t more);
  void Advance(const char* end) { size_ = static_cast<size_t>(end - buffer_.data()); }
  void StartRow(uint8_t kind, std::string_view clustering, const Liveness& liveness);
  char* PutRowLiveness(const Liveness& liveness, char* out);
  void PutBound(const ClusteringBound& bound);
  // The count of cells follows whatever stands before them, up to `out`, and is written when that is known.
  void StartCells(char* out);

  std::string buffer_;  // The first size_ bytes are the mutation; the rest is room.
  size_t size_ = 0;
  size_t header_size_ = 0;
  // Of the row being built.
  size_t flags_at_ = 0;
  size_t count_at_ = 0;
  uint32_t cell_count_ = 0;
  Liveness row_liveness_;
  Liveness previous_liveness_;  // Of the last row that had one.
  Liveness reference_;          // What cells are written against.
};

// What a mutation begins with: whose it is. Lifetime: `key` points into the bytes.
struct MutationHeader {
  schema::TableId table;
  Token token = kMinToken;
  std::string_view key;
  std::string_view updates;  // What follows.
};
// kCorruption on a version it does not know or a header that ends early.
base::Result<MutationHeader> ReadMutationHeader(std::string_view bytes);

// Reads a mutation front to back. Lifetime: views point into the bytes given, which must outlive it.
class MutationReader {
 public:
  enum class Update : uint8_t { kEnd, kPartitionDeletion, kRangeTombstone, kStaticRow, kRow };
  using Cell = RowCell;

  // Fails as ReadMutationHeader.
  static base::Result<MutationReader> Open(std::string_view bytes);
  // Goes on behind a header that was read.
  explicit MutationReader(const MutationHeader& header) : header_(header), rest_(header.updates) {}

  const schema::TableId& table() const { return header_.table; }
  Token token() const { return header_.token; }
  std::string_view key() const { return header_.key; }

  // Moves to the next update (skipping cells not read) and says what it is; kCorruption when malformed.
  base::Result<Update> Next();
  // REQUIRES: the last update is of the kind the name says.
  const DeletionTime& deletion() const { return deletion_; }  // kPartitionDeletion, kRangeTombstone
  ClusteringBound range_start() const { return range_start_.Copy(); }
  ClusteringBound range_end() const { return range_end_.Copy(); }
  std::string_view clustering() const { return clustering_; }   // kRow
  const Liveness& liveness() const { return row_.liveness(); }  // kRow, kStaticRow
  const DeletionTime& row_deletion() const { return row_.deletion(); }
  uint32_t cell_count() const { return row_.cell_count(); }
  // True for a row as INSERT makes it: a marker, no deletion, and cells that are all live with the marker's write time,
  // TTL and expiry (NextCell checks that they are).
  bool is_plain_row() const { return row_.is_plain(); }
  // What was not read yet: at first a row's cells, at the end of its cells the next update. For those who copy them.
  std::string_view rest() const { return in_row_ ? row_.rest() : rest_; }
  // The next of cell_count() cells. kCorruption when malformed.
  base::Status NextCell(Cell* cell) {
    CASSETTE_ASSERT(in_row_);
    CASSETTE_ASSERT(row_.cells_left() > 0);
    return row_.NextCell(cell) ? base::Status() : BadCell();
  }

 private:
  // A ClusteringBound in the bytes.
  struct BoundView {
    std::string_view prefix;
    ClusteringBound::Side side = ClusteringBound::Side::kBefore;

    ClusteringBound Copy() const { return {std::string(prefix), side}; }
  };

  base::Result<Update> ReadRow(Update update, uint8_t flags);
  bool ReadDeletion();
  bool ReadBound(BoundView* bound);
  base::Status SkipCells();
  static base::Status BadCell();

  MutationHeader header_;
  std::string_view rest_;  // Behind the last update; while in a row, row_ knows.
  bool in_row_ = false;
  DeletionTime deletion_;
  BoundView range_start_;
  BoundView range_end_;
  std::string_view clustering_;
  RowBytesReader row_;
  Liveness previous_liveness_;
};

}  // namespace cassette::rows
