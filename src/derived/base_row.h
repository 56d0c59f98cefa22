// BaseRow: one row of a base table with its history, and what becomes of it when an update is merged into it. What
// views are computed from.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

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

struct BaseCell {
  schema::ColumnId column;
  rows::CellState state = rows::CellState::kAbsent;
  int64_t timestamp_micros = rows::kNoTimestamp;
  int32_t ttl_seconds = rows::kNoTtl;
  int64_t expires_at_seconds = rows::kNeverExpires;
  std::string value;
  const types::DataType* complex_type = nullptr;  // Of a column with complex cells, whose image is the value.

  rows::CellView view() const { return {state, timestamp_micros, ttl_seconds, expires_at_seconds, value}; }
  // Complex: whether one of its cells is.
  bool IsLiveAt(int64_t now_seconds) const;
  // Calls `visit` with the cell, or with each of its complex cells.
  void Visit(const std::function<void(const rows::CellView&)>& visit) const;
  // Takes what a deletion covers from complex cells. False when nothing is left.
  bool Cut(int64_t deleted_at_micros);
  void SetImage(const rows::ComplexBuilder& image);
  bool operator==(const BaseCell&) const = default;
};

struct BaseRow {
  rows::Liveness liveness;
  rows::DeletionTime deletion;
  std::vector<BaseCell> cells;  // By column id.

  bool empty() const { return liveness.is_empty() && deletion.is_live() && cells.empty(); }
  // Null when there is none.
  const BaseCell* Find(schema::ColumnId column) const;
  // Whether a query would see the row at `now_seconds`.
  bool IsLiveAt(int64_t now_seconds) const;
  // The row of `table` that the engine has read. kCorruption when its bytes are malformed.
  static base::Result<BaseRow> From(const schema::Table& table, const rows::RowHistory& history);
  // Reconciles with another version of the row; what its deletion covers goes.
  void Merge(const BaseRow& other);
  void MergeCell(BaseCell cell);
  // A cell as bytes have it.
  void MergeCell(const schema::Table& table, const rows::RowCell& cell);
  void MergeDeletion(const rows::DeletionTime& other);

 private:
  void MergeComplexCell(BaseCell cell);
};

// All that one write does to a partition of a base table: rows by clustering bytes, and what covers more than a row.
// Lifetime: the table outlives it.
struct PartitionUpdate {
  std::map<std::string, BaseRow> rows;
  rows::DeletionTime deletion;
  std::vector<rows::RangeTombstone> range_tombstones;

  // Adds what a mutation of `table` does. kCorruption when it is malformed.
  base::Status Add(const schema::Table& table, std::string_view mutation);
  bool touches_rows() const { return !rows.empty() || !deletion.is_live() || !range_tombstones.empty(); }
  bool has_rows_alone() const { return deletion.is_live() && range_tombstones.empty(); }
  // The clusterings that it may change: ascending, apart.
  std::vector<rows::ClusteringSlice> Slices() const;
};

// Calls of `add(clustering bytes, row)` for each row of run `run` of a block, with what its head deletes applied.
class BlockRows {
 public:
  explicit BlockRows(const schema::Table& table) : table_(table) {}

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
  rows::DeletionTime deletion_;  // Of the partition at hand.
  rows::RangeTombstoneList ranges_;
  std::string clustering_;
  BaseRow row_;
};

}  // namespace cassette::derived
