#include "rows/live_block.h"

#include <algorithm>

#include "base/assert.h"
#include "rows/complex_cells.h"
#include "rows/merge_rows.h"

namespace cassette::rows {

void PartitionCover::Enter(const schema::Table& table, std::shared_ptr<const PartitionHead> new_head,
                           int64_t now_seconds, LiveReaderStatistics* statistics) {
  head = std::move(new_head);
  ranges.Clear();
  live_statics.clear();
  has_live_statics = false;
  if (head == nullptr) return;
  statistics->tombstones_read += head->range_tombstones.size() + (head->deletion.is_live() ? 0 : 1);
  if (!head->range_tombstones.empty()) ranges.Assign(head->range_tombstones, head->deletion);
  live_statics.reserve(head->static_cells.size());
  for (const PartitionHead::StaticCell& cell : head->static_cells) {
    const bool is_live = ComplexTypeOf(table, cell.column) != nullptr
                             ? HasLiveComplex(cell.value, now_seconds, head->deletion.marked_at_micros)
                             : cell.view().IsLiveAt(now_seconds) && !head->deletion.Deletes(cell.timestamp_micros);
    live_statics.push_back(is_live);
    has_live_statics |= is_live;
  }
}

void LiveBlock::Analyse() {
  is_clean_ = NothingDeadIn(*table_, block_, now_seconds_);
  deleted_at_.clear();
  has_known_ = false;
}

void LiveBlock::FindKnown() {
  if (has_known_) return;
  has_known_ = true;
  known_.clear();
  for (const CellColumn& column : block_.cells) {
    if (table_->FindColumn(column.id) != nullptr) known_.push_back(&column);
  }
}

CellColumn* LiveBlock::FindCells(schema::ColumnId id) {
  const auto column = std::find_if(block_.cells.begin(), block_.cells.end(), [&](const auto& c) { return c.id == id; });
  return column == block_.cells.end() ? nullptr : &*column;
}

void LiveBlock::Judge(const PartitionCover& cover, uint32_t begin, uint32_t end, std::vector<uint32_t>* selection,
                      LiveReaderStatistics* statistics) {
  selection->clear();
  FindKnown();
  deleted_at_.resize(block_.row_count, kNoTimestamp);
  const int64_t partition_deleted_at = cover.deletion().marked_at_micros;
  for (uint32_t row = begin; row < end; ++row) {
    int64_t deleted_at = std::max(partition_deleted_at, block_.deleted_at.at(row));
    if (block_.deleted_at.at(row) != kNoTimestamp) ++statistics->tombstones_read;
    if (!cover.ranges.empty()) {
      clustering_.clear();
      AppendClusteringKey(*table_, block_, row, &clustering_);
      const DeletionTime* range = cover.ranges.Covering(clustering_);
      if (range != nullptr) deleted_at = std::max(deleted_at, range->marked_at_micros);
    }
    deleted_at_[row] = deleted_at;
    const Liveness liveness = LivenessOf(block_, row);
    const bool has_marker = liveness.timestamp_micros > deleted_at && liveness.expires_at_seconds > now_seconds_;
    const bool has_cell = HasLiveCell(row, statistics);
    if (has_marker || (has_cell && !marked_rows_alone_)) selection->push_back(row);
  }
}

bool LiveBlock::HasLiveCell(uint32_t row, LiveReaderStatistics* statistics) const {
  bool found = false;
  for (const CellColumn* column : known_) {
    const CellState state = column->values.state(row);
    if (state == CellState::kAbsent) continue;
    if (IsSeen(*column, row)) {
      found = true;
    } else {
      ++statistics->tombstones_read;
    }
  }
  return found;
}

bool LiveBlock::IsSeen(const CellColumn& column, uint32_t row) const {
  if (column.values.is_null(row)) return false;
  if (ComplexTypeOf(*table_, column.id) != nullptr) {
    return HasLiveComplex(column.values.bytes(row), now_seconds_, DeletedAt(row));
  }
  if (is_untouched()) return true;
  const CellView cell = CellMetaOf(block_, column, row);
  return cell.timestamp_micros > DeletedAt(row) && cell.expires_at_seconds > now_seconds_;
}

}  // namespace cassette::rows
