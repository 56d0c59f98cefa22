#include "rows/row_block.h"

#include <algorithm>

namespace cassette::rows {

void RowBlock::Clear() {
  row_count = 0;
  partitions.clear();
  clustering.clear();
  timestamps.SetConstant(kNoTimestamp);
  ttls.SetConstant(kNoTtl);
  expiries.SetConstant(kNeverExpires);
  deleted_at.SetConstant(kNoTimestamp);
  deleted_local.SetConstant(kNeverExpires);
  cells.clear();
  all_live = false;
}

const CellColumn* RowBlock::FindCells(schema::ColumnId id) const {
  const auto found =
      std::lower_bound(cells.begin(), cells.end(), id,
                       [](const CellColumn& column, schema::ColumnId wanted) { return column.id < wanted; });
  return found != cells.end() && found->id == id ? &*found : nullptr;
}

}  // namespace cassette::rows
