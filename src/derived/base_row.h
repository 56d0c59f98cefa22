// BaseRow: one row of a base table with its history, and what becomes of it when an update is merged into it. What
// views are computed from.
#pragma once

#include <absl/container/inlined_vector.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "rows/cell.h"
#include "rows/complex_cells.h"
#include "rows/mutation.h"
#include "rows/range_tombstone_list.h"
#include "rows/row_block.h"
#include "rows/row_bytes.h"
#include "rows/row_history.h"
#include "schema/schema.h"

namespace cassette::derived {

// Trivially copied: the value is borrowed.
struct BaseCell {
  schema::ColumnId column;
  rows::CellView cell;
  const types::DataType* complex_type = nullptr;  // Of a column with complex cells, whose image is the value.

  // Complex: whether one of its cells is.
  bool IsLiveAt(int64_t now_seconds) const;
  // Calls `visit` with the cell, or with each of its complex cells.
  void Visit(const std::function<void(const rows::CellView&)>& visit) const;
};

// Lifetime: values lie in the bytes that the row was read from, or in the arena of the methods that merge, where those
// of complex cells are made anew.
struct BaseRow {
  rows::Liveness liveness;
  rows::DeletionTime deletion;
  absl::InlinedVector<BaseCell, 4> cells;  // By column id.

  bool empty() const { return liveness.is_empty() && deletion.is_live() && cells.empty(); }
  void Clear() {
    liveness = rows::Liveness();
    deletion = rows::DeletionTime();
    cells.clear();
  }
  // Null when there is none.
  const BaseCell* Find(schema::ColumnId column) const;
  // Whether a query would see the row at `now_seconds`.
  bool IsLiveAt(int64_t now_seconds) const;
  // Reconciles with another version of the row; what its deletion covers goes.
  void Merge(const BaseRow& other, base::Arena* arena);
  void MergeCell(const BaseCell& cell, base::Arena* arena);
  void MergeDeletion(const rows::DeletionTime& other, base::Arena* arena);

 private:
  void MergeComplexCell(BaseCell cell, base::Arena* arena);
};

// Fills `row`, which is empty, with the row of `table` that the engine has read. kCorruption when its bytes are
// malformed. Lifetime: within that of `history`.
base::Status ReadBaseRow(const schema::Table& table, const rows::RowHistory& history, base::Arena* arena, BaseRow* row);

struct KeyedRow {
  std::string_view clustering;  // Its bytes.
  BaseRow row;
};

// Null when none of `rows`, which ascend, has this clustering.
const KeyedRow* FindRow(std::span<const KeyedRow> rows, std::string_view clustering);

// All that one write does to a partition of a base table, and what covers more than a row.
// Lifetime: the mutations, the arena and the table outlive what it has of them.
struct PartitionUpdate {
  std::vector<KeyedRow> rows;  // After Finish they ascend, each clustering once.
  rows::DeletionTime deletion;
  std::vector<rows::RangeTombstone> range_tombstones;

  void Clear();
  // Adds what a mutation of `table` does. kCorruption when it is malformed.
  base::Status Add(const schema::Table& table, const rows::MutationHeader& mutation, base::Arena* arena);
  // After the last Add.
  void Finish(base::Arena* arena);
  bool touches_rows() const { return !rows.empty() || !has_rows_alone(); }
  bool has_rows_alone() const { return deletion.is_live() && range_tombstones.empty(); }
  // The clusterings that it may change: ascending, apart.
  std::vector<rows::ClusteringSlice> Slices() const;
};

// Calls of `add(clustering bytes, row)` for each row of run `run` of a block, with what its head deletes applied.
// Lifetime: values lie in the arena.
class BlockRows {
 public:
  BlockRows(const schema::Table& table, base::Arena* arena) : table_(table), arena_(arena) {}

  // What deletions of the last run's partition and its ranges make of a row that is not there.
  BaseRow Missing(std::string_view clustering) const;

  template <typename Add>
  base::Status ForEach(const rows::RowBlock& block, size_t run, Add add) {
    Enter(block.partitions[run]);
    for (uint32_t row = block.partitions[run].first_row; row < End(block, run); ++row) {
      Load(block, row);
      CASSETTE_RETURN_IF_ERROR(add(clustering_, row_));
    }
    return base::Status::Ok();
  }

 private:
  void Enter(const rows::PartitionRun& run);
  static uint32_t End(const rows::RowBlock& block, size_t run);
  void Load(const rows::RowBlock& block, uint32_t row);
  void Cover(std::string_view clustering, BaseRow* row) const;

  const schema::Table& table_;
  base::Arena* const arena_;
  std::string value_;
  rows::DeletionTime deletion_;  // Of the partition at hand.
  rows::RangeTombstoneList ranges_;
  std::string clustering_;
  BaseRow row_;
};

}  // namespace cassette::derived
