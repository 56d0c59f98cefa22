#include "rows/merge_rows.h"

#include <algorithm>

#include "base/assert.h"
#include "rows/keys.h"

namespace cassette::rows {
namespace {

template <typename Number, typename Predicate>
bool AllOf(const MetaColumn<Number>& column, Predicate predicate) {
  if (column.is_constant()) return predicate(column.constant);
  return std::all_of(column.values.begin(), column.values.end(), predicate);
}

bool HasTombstone(const columnar::Vector& values) {
  const std::vector<CellState>& states = values.states();
  return std::find(states.begin(), states.end(), CellState::kTombstone) != states.end();
}

bool HasExpiredCell(const CellColumn& column, int64_t now_seconds) {
  if (AllOf(column.expiries, [&](int64_t expiry) { return expiry > now_seconds; })) return false;
  for (uint32_t row = 0; row < column.values.size(); ++row) {
    if (!column.values.is_null(row) && column.expiries.at(row) <= now_seconds) return true;
  }
  return false;
}

}  // namespace

int CompareClustering(const schema::Table& table, const RowBlock& a, uint32_t a_row, const RowBlock& b,
                      uint32_t b_row) {
  CASSETTE_ASSERT(a.clustering.size() == b.clustering.size());
  for (size_t i = 0; i < a.clustering.size(); ++i) {
    const schema::Column& column = table.clustering(i);
    const int order = a.clustering[i].CompareRows(column.type, a_row, b.clustering[i], b_row);
    if (order != 0) return column.descending ? -order : order;
  }
  return 0;
}

void AppendClusteringKey(const schema::Table& table, const RowBlock& block, uint32_t row, std::string* out) {
  std::string value;
  for (size_t i = 0; i < block.clustering.size(); ++i) {
    value.clear();
    block.clustering[i].AppendSerialized(table.clustering(i).type, row, &value);
    AppendClusteringComponent(table, i, value, out);
  }
}

CellView CellMetaOf(const RowBlock& block, const CellColumn& column, uint32_t row) {
  CellView cell;
  cell.state = column.values.state(row);
  if (cell.state == CellState::kAbsent) return cell;
  if (column.same_as_liveness) {
    cell.timestamp_micros = block.timestamps.at(row);
    cell.ttl_seconds = block.ttls.at(row);
    cell.expires_at_seconds = block.expiries.at(row);
  } else {
    cell.timestamp_micros = column.timestamps.at(row);
    cell.ttl_seconds = column.ttls.at(row);
    cell.expires_at_seconds = column.expiries.at(row);
  }
  return cell;
}

namespace {

// Whether plain cells and rows of the block have nothing to drop.
bool NothingPlainToPurgeIn(const schema::Table& table, const RowBlock& block, int64_t now_seconds) {
  if (block.all_live) return true;
  if (!AllOf(block.deleted_at, [](int64_t at) { return at == kNoTimestamp; })) return false;
  if (!AllOf(block.expiries, [&](int64_t expiry) { return expiry > now_seconds; })) return false;
  for (const CellColumn& column : block.cells) {
    if (ComplexTypeOf(table, column.id) != nullptr) continue;
    if (HasTombstone(column.values)) return false;
    if (!column.same_as_liveness && HasExpiredCell(column, now_seconds)) return false;
  }
  return true;
}

}  // namespace

bool NothingToPurgeIn(const schema::Table& table, const RowBlock& block, int64_t now_seconds) {
  if (table.has_complex()) {
    for (const CellColumn& column : block.cells) {
      if (ComplexTypeOf(table, column.id) != nullptr) return false;
    }
  }
  return NothingPlainToPurgeIn(table, block, now_seconds);
}

bool NothingDeadIn(const schema::Table& table, const RowBlock& block, int64_t now_seconds) {
  if (block.all_live) return true;
  if (!AllOf(block.timestamps, [](int64_t at) { return at != kNoTimestamp; })) return false;
  return NothingPlainToPurgeIn(table, block, now_seconds);
}

}  // namespace cassette::rows
