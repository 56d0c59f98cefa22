// MergeOutput: builds a RowBlock from ranges and rows of other blocks. What the merge, and those who sort rows before
// they are written, put their rows together with.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "rows/row_block.h"
#include "schema/schema.h"
#include "types/data_type.h"

namespace cassette::rows {

// A block with its regular columns looked up: slot i is the i-th column of the merge, null when the block has none.
struct SlottedBlock {
  RowBlock block;
  std::vector<const CellColumn*> slots;

  void FindSlots(const std::vector<schema::ColumnId>& columns);
};

// A merged cell: where its value stands, and what its times have become. Null: no cell.
struct MergedCell {
  const CellColumn* column = nullptr;
  uint32_t row = 0;
  CellView meta;  // Without value. A tombstone here has no value, whatever the column says.
  // Of a complex column whose image has changed: the image, instead of the column's. Lives as long as the row.
  const std::string* image = nullptr;
};

// Whether cell `a` of a place wins over cell `b`, as Wins (cell.h) has it; values are looked at only in a tie.
bool Wins(const types::DataType& type, const MergedCell& a, const MergedCell& b);

struct MergedRow {
  const RowBlock* clustering_block = nullptr;  // Where the clustering key stands.
  uint32_t clustering_row = 0;
  Liveness liveness;
  DeletionTime deletion;
  std::vector<MergedCell> cells;  // One a slot.
  bool has_cells = false;

  bool empty() const { return liveness.is_empty() && deletion.is_live() && !has_cells; }
};

// Thread safety: not thread safe.
class MergeOutput {
 public:
  MergeOutput() = default;
  MergeOutput(schema::TablePtr table, std::vector<schema::ColumnId> columns) {
    Open(std::move(table), std::move(columns));
  }
  // Begins anew, for blocks with these regular columns, ids ascending.
  void Open(schema::TablePtr table, std::vector<schema::ColumnId> columns);

  // Starts to fill `block`, which is cleared; its memory is used again. Lifetime: until Finish.
  // REQUIRES: Open was called.
  void Start(RowBlock* block);
  uint32_t row_count() const { return block_->row_count; }
  // Whether what follows belongs to another block: this one has all the rows it may, or bytes enough.
  bool is_full() const;
  void AddRun(PartitionRun run) { block_->partitions.push_back(std::move(run)); }
  // Rows [begin, end) of `source` as they are.
  void AppendRows(const SlottedBlock& source, uint32_t begin, uint32_t end);
  void AppendRow(const MergedRow& row);
  // Hands the columns over to the block.
  void Finish();

 private:
  struct Slot {
    CellColumn column;
    types::PhysicalType physical = types::PhysicalType::kBytes;
    bool has_cells = false;
  };

  void AppendColumn(const RowBlock& source, const CellColumn& from, uint32_t begin, uint32_t end, Slot* slot);
  void AppendAbsent(Slot* slot, uint32_t count);
  void AppendCell(const MergedRow& row, const MergedCell& cell, Slot* slot);
  void PadTo(Slot* slot, uint32_t rows);
  void SpellOutTimes(Slot* slot);

  schema::TablePtr table_;
  std::vector<schema::ColumnId> columns_;
  RowBlock* block_ = nullptr;
  std::vector<Slot> slots_;
  bool has_bytes_ = false;  // Some slot's values are.
};

}  // namespace cassette::rows
