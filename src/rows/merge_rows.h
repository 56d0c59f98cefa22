// Rows of RowBlocks one by one: their order, their clustering bytes, their cells. What the merge and the live reader
// share where they cannot go vector by vector.
#pragma once

#include <cstdint>
#include <string>

#include "rows/cell.h"
#include "rows/row_block.h"
#include "schema/schema.h"

namespace cassette::rows {

// The table's clustering order of row `a_row` of `a` and row `b_row` of `b`: negative, zero, positive.
int CompareClustering(const schema::Table& table, const RowBlock& a, uint32_t a_row, const RowBlock& b, uint32_t b_row);

// Appends the order-preserving bytes of row `row`'s clustering key.
void AppendClusteringKey(const schema::Table& table, const RowBlock& block, uint32_t row, std::string* out);

inline Liveness LivenessOf(const RowBlock& block, uint32_t row) {
  return {block.timestamps.at(row), block.ttls.at(row), block.expiries.at(row)};
}
inline DeletionTime RowDeletionOf(const RowBlock& block, uint32_t row) {
  return {block.deleted_at.at(row), block.deleted_local.at(row)};
}
// The cell without its value. kAbsent when there is none.
CellView CellMetaOf(const RowBlock& block, const CellColumn& column, uint32_t row);

// One past the last row of run `run`.
inline uint32_t RunEnd(const RowBlock& block, size_t run) {
  return run + 1 < block.partitions.size() ? block.partitions[run + 1].first_row : block.row_count;
}

// Whether, seen at `now_seconds`, every row of the block has a live marker, and no row deletion, cell tombstone or
// expired cell stands in it: what covers whole partitions aside, its rows may go up untouched, but for their complex
// columns. Costs a pass over those of its columns that are not constant.
bool NothingDeadIn(const schema::Table& table, const RowBlock& block, int64_t now_seconds);
// As NothingDeadIn, but rows without a marker are fine: nothing that a compaction could drop. Says no when the block
// has complex cells, most of which begin with a deletion.
bool NothingToPurgeIn(const schema::Table& table, const RowBlock& block, int64_t now_seconds);

// The type of a column with complex cells (complex_cells.h); null of any other, and of one that the table has lost.
inline const types::DataType* ComplexTypeOf(const schema::Table& table, schema::ColumnId id) {
  if (!table.has_complex()) return nullptr;
  const schema::Column* column = table.FindColumn(id);
  return column != nullptr && column->type.is_multi_cell() ? &column->type : nullptr;
}

}  // namespace cassette::rows
