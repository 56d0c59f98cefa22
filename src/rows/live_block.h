// LiveBlock: one RowBlock seen at a moment: which rows live, and which of their cells. For rows/live_reader alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rows/live_reader.h"
#include "rows/range_tombstone_list.h"
#include "rows/row_block.h"

namespace cassette::rows {

// What covers the rows of the partition being read.
struct PartitionCover {
  std::shared_ptr<const PartitionHead> head;
  RangeTombstoneList ranges;
  std::vector<bool> live_statics;  // By index of head->static_cells.
  bool has_live_statics = false;

  DeletionTime deletion() const { return head == nullptr ? DeletionTime() : head->deletion; }
  bool deletes_rows() const { return !deletion().is_live() || !ranges.empty(); }
  void Enter(const schema::Table& table, std::shared_ptr<const PartitionHead> new_head, int64_t now_seconds,
             LiveReaderStatistics* statistics);
};

// Thread safety: not thread safe.
class LiveBlock {
 public:
  // For blocks of `table`, which outlives their use. `marked_rows_alone`: a row without a live marker does not live.
  void Open(const schema::Table& table, int64_t now_seconds, bool marked_rows_alone) {
    table_ = &table;
    now_seconds_ = now_seconds;
    marked_rows_alone_ = marked_rows_alone;
  }

  RowBlock& block() { return block_; }
  const RowBlock& block() const { return block_; }
  // To be called after block() was filled anew.
  void Analyse();
  // No row of the block is dead or has a dead cell, unless covered from outside.
  bool is_clean() const { return is_clean_; }

  // As is_clean, and nothing was judged: all plain cells are seen.
  bool is_untouched() const { return is_clean_ && deleted_at_.empty(); }
  // Null when the block has none.
  CellColumn* FindCells(schema::ColumnId id);

  // Judges rows [begin, end), which `cover` covers; puts those that live into `selection`.
  void Judge(const PartitionCover& cover, uint32_t begin, uint32_t end, std::vector<uint32_t>* selection,
             LiveReaderStatistics* statistics);
  // Whether the cell is seen. REQUIRES: the row was judged, or the block is clean and not covered.
  bool IsSeen(const CellColumn& column, uint32_t row) const;
  // The strongest deletion that covers the row; kNoTimestamp when none does. REQUIRES: as IsSeen.
  int64_t DeletedAt(uint32_t row) const { return deleted_at_.empty() ? kNoTimestamp : deleted_at_[row]; }

 private:
  void FindKnown();
  bool HasLiveCell(uint32_t row, LiveReaderStatistics* statistics) const;

  const schema::Table* table_ = nullptr;
  int64_t now_seconds_ = 0;
  bool marked_rows_alone_ = false;
  RowBlock block_;
  bool is_clean_ = false;
  std::vector<int64_t> deleted_at_;  // Of each row: the strongest deletion that covers it; empty when none was judged.
  bool has_known_ = false;           // Whether known_ is of this block.
  std::vector<const CellColumn*> known_;  // The columns that the table still has.
  std::string clustering_;
};

}  // namespace cassette::rows
