#include "rows/row_block.h"

#include <algorithm>

namespace cassette::rows {

void CellColumn::ResetTo(schema::ColumnId new_id, columnar::PhysicalType physical) {
  id = new_id;
  values.Reset(physical);
  same_as_liveness = false;
  timestamps.SetConstant(kNoTimestamp);
  ttls.SetConstant(kNoTtl);
  expiries.SetConstant(kNeverExpires);
}

void RowBlock::Clear() {
  ClearButColumns();
  clustering.clear();
  cells.clear();
}

void RowBlock::ClearButColumns() {
  row_count = 0;
  partitions.clear();
  timestamps.SetConstant(kNoTimestamp);
  ttls.SetConstant(kNoTtl);
  expiries.SetConstant(kNeverExpires);
  deleted_at.SetConstant(kNoTimestamp);
  deleted_local.SetConstant(kNeverExpires);
  all_live = false;
}

size_t RowBlock::memory_bytes() const {
  size_t bytes = 0;
  for (const columnar::Vector& vector : clustering) bytes += vector.memory_bytes();
  for (const CellColumn& column : cells) bytes += column.values.memory_bytes();
  return bytes;
}

const CellColumn* RowBlock::FindCells(schema::ColumnId id) const {
  const auto found =
      std::lower_bound(cells.begin(), cells.end(), id,
                       [](const CellColumn& column, schema::ColumnId wanted) { return column.id < wanted; });
  return found != cells.end() && found->id == id ? &*found : nullptr;
}

}  // namespace cassette::rows
