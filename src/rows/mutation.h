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

#include "base/status.h"
#include "rows/cell.h"
#include "rows/keys.h"
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
  void BeginRow(std::string_view clustering);
  void SetLiveness(const Liveness& liveness);
  void SetRowDeletion(const DeletionTime& deletion);
  // Cells of a row in any order, a column at most once. `value` is ignored for a tombstone.
  void AddCell(schema::ColumnId column, const CellView& cell);

  // The mutation so far. Lifetime: until the next call of any other method.
  std::string_view bytes() const;
  bool empty() const;  // No update since Begin.

 private:
  std::string bytes_;
};

// Reads a mutation front to back. Lifetime: views point into the bytes given, which must outlive it.
class MutationReader {
 public:
  enum class Update : uint8_t { kEnd, kPartitionDeletion, kRangeTombstone, kStaticRow, kRow };
  struct Cell {
    schema::ColumnId column;
    CellView cell;
  };

  // kCorruption on a version it does not know or a header that ends early.
  static base::Result<MutationReader> Open(std::string_view bytes);

  const schema::TableId& table() const { return table_; }
  Token token() const { return token_; }
  std::string_view key() const { return key_; }

  // Moves to the next update (skipping cells not read) and says what it is; kCorruption when malformed.
  base::Result<Update> Next();
  // REQUIRES: the last update is of the kind the name says.
  const DeletionTime& deletion() const { return deletion_; }  // kPartitionDeletion, kRangeTombstone
  const ClusteringBound& range_start() const { return range_start_; }
  const ClusteringBound& range_end() const { return range_end_; }
  std::string_view clustering() const { return clustering_; }  // kRow
  const Liveness& liveness() const { return liveness_; }       // kRow, kStaticRow
  const DeletionTime& row_deletion() const { return deletion_; }
  uint32_t cell_count() const { return cell_count_; }
  // The next of cell_count() cells. kCorruption when malformed.
  base::Status NextCell(Cell* cell);

 private:
  MutationReader() = default;

  schema::TableId table_;
  Token token_ = kMinToken;
  std::string_view key_;
  std::string_view rest_;
  DeletionTime deletion_;
  ClusteringBound range_start_;
  ClusteringBound range_end_;
  std::string_view clustering_;
  Liveness liveness_;
  uint32_t cell_count_ = 0;
  uint32_t cells_left_ = 0;
};

}  // namespace cassette::rows
