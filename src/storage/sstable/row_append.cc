#include "storage/sstable/row_append.h"

#include <algorithm>

#include "base/assert.h"

namespace cassette::storage::sstable {
namespace {

using columnar::CellState;
using columnar::PhysicalType;
using columnar::Vector;
using rows::CellColumn;
using rows::MetaColumn;
using rows::RowBlock;

template <typename Number>
void SpellOut(uint32_t rows, MetaColumn<Number>* column) {
  if (column->is_constant()) column->values.assign(rows, column->constant);
}

template <typename Number>
void AppendMeta(const MetaColumn<Number>& from, uint32_t begin, uint32_t end, uint32_t rows_before,
                MetaColumn<Number>* target) {
  if (from.is_constant()) {
    if (rows_before == 0) return target->SetConstant(from.constant);
    if (target->is_constant() && target->constant == from.constant) return;
    SpellOut(rows_before, target);
    target->values.insert(target->values.end(), end - begin, from.constant);
    return;
  }
  if (rows_before == 0) target->values.clear();
  if (rows_before > 0) SpellOut(rows_before, target);
  target->values.insert(target->values.end(), from.values.begin() + begin, from.values.begin() + end);
}

// The rows' own marker fields in place of "same as liveness", for rows [begin, end) of `block`.
void AppendLivenessAsMeta(const RowBlock& block, uint32_t begin, uint32_t end, uint32_t rows_before,
                          CellColumn* target) {
  AppendMeta(block.timestamps, begin, end, rows_before, &target->timestamps);
  AppendMeta(block.ttls, begin, end, rows_before, &target->ttls);
  AppendMeta(block.expiries, begin, end, rows_before, &target->expiries);
}

void AppendCellMeta(const RowBlock& from_block, const CellColumn& from, uint32_t begin, uint32_t end,
                    const RowBlock& target_block, CellColumn* target) {
  const uint32_t rows_before = target->values.size();
  if (rows_before == 0) target->same_as_liveness = from.same_as_liveness;
  if (from.same_as_liveness && target->same_as_liveness) return;
  if (target->same_as_liveness) {
    target->same_as_liveness = false;
    AppendLivenessAsMeta(target_block, 0, rows_before, 0, target);
  }
  if (from.same_as_liveness) return AppendLivenessAsMeta(from_block, begin, end, rows_before, target);
  AppendMeta(from.timestamps, begin, end, rows_before, &target->timestamps);
  AppendMeta(from.ttls, begin, end, rows_before, &target->ttls);
  AppendMeta(from.expiries, begin, end, rows_before, &target->expiries);
}

// Absent places of a column that the rows coming do not have. Their write times are never read.
void AppendAbsentCells(uint32_t rows, CellColumn* target) {
  AppendAbsent(rows, &target->values);
  const auto extend = [rows](auto* column) {
    if (!column->is_constant()) column->values.insert(column->values.end(), rows, column->values.back());
  };
  extend(&target->timestamps);
  extend(&target->ttls);
  extend(&target->expiries);
}

// The column of `target` with this id, in its place; a new one has `rows_before` absent places.
CellColumn* FindOrInsert(const CellColumn& like, uint32_t rows_before, RowBlock* target) {
  auto place = std::lower_bound(target->cells.begin(), target->cells.end(), like.id,
                                [](const CellColumn& column, schema::ColumnId id) { return column.id < id; });
  if (place != target->cells.end() && place->id == like.id) return &*place;
  place = target->cells.insert(place, CellColumn());
  place->id = like.id;
  place->values.Reset(like.values.physical());
  if (rows_before > 0) {
    AppendAbsent(rows_before, &place->values);
    place->same_as_liveness = like.same_as_liveness;  // True of places without cells, whichever it is.
  }
  return &*place;
}

void AppendCells(const RowBlock& from, uint32_t begin, uint32_t end, uint32_t rows_before, RowBlock* target) {
  for (const CellColumn& column : from.cells) {
    CellColumn* const cells = FindOrInsert(column, rows_before, target);
    AppendCellMeta(from, column, begin, end, *target, cells);
    cells->values.AppendRange(column.values, begin, end);
  }
  const uint32_t rows_after = rows_before + (end - begin);
  for (CellColumn& cells : target->cells) {
    if (cells.values.size() < rows_after) AppendAbsentCells(rows_after - cells.values.size(), &cells);
  }
}

void AppendReversedPlaces(const Vector& from, uint32_t begin, uint32_t end, Vector* target) {
  for (uint32_t row = end; row-- > begin;) target->AppendFrom(from, row);
}

}  // namespace

void RunList::Clear() {
  runs_.clear();
  keys_.clear();
}

void RunList::Append(uint32_t first_row, rows::Token token, std::string_view key, bool has_head) {
  runs_.push_back({first_row, static_cast<uint32_t>(keys_.size()), static_cast<uint32_t>(key.size()), has_head, token});
  keys_.append(key);
}

size_t RunList::RunOf(uint32_t row) const {
  CASSETTE_ASSERT(!runs_.empty());
  CASSETTE_ASSERT(runs_[0].first_row <= row);
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), row,
                                      [](uint32_t wanted, const Run& run) { return wanted < run.first_row; });
  return static_cast<size_t>(after - runs_.begin()) - 1;
}

void RunList::AppendRows(const RunList& from, uint32_t begin, uint32_t end, uint32_t target_row) {
  CASSETTE_ASSERT(begin < end);
  for (size_t i = from.RunOf(begin); i < from.size() && from.run(i).first_row < end; ++i) {
    const Run& run = from.run(i);
    if (!runs_.empty() && key(size() - 1) == from.key(i)) continue;
    Append(target_row + std::max(run.first_row, begin) - begin, run.token, from.key(i), run.has_head);
  }
}

void AppendRows(const RowBlock& from, uint32_t begin, uint32_t end, RowBlock* target) {
  CASSETTE_ASSERT(begin <= end);
  CASSETTE_ASSERT(end <= from.row_count);
  if (begin == end) return;
  const uint32_t rows_before = target->row_count;
  if (rows_before == 0) {
    target->clustering.resize(from.clustering.size());
    for (size_t i = 0; i < from.clustering.size(); ++i) target->clustering[i].Reset(from.clustering[i].physical());
    target->cells.clear();
  }
  CASSETTE_ASSERT(target->clustering.size() == from.clustering.size());
  // Cells first: they look at the markers of the rows before.
  AppendCells(from, begin, end, rows_before, target);
  for (size_t i = 0; i < from.clustering.size(); ++i) target->clustering[i].AppendRange(from.clustering[i], begin, end);
  AppendMeta(from.timestamps, begin, end, rows_before, &target->timestamps);
  AppendMeta(from.ttls, begin, end, rows_before, &target->ttls);
  AppendMeta(from.expiries, begin, end, rows_before, &target->expiries);
  AppendMeta(from.deleted_at, begin, end, rows_before, &target->deleted_at);
  AppendMeta(from.deleted_local, begin, end, rows_before, &target->deleted_local);
  target->row_count = rows_before + (end - begin);
}

void AppendReversed(const Vector& from, uint32_t begin, uint32_t end, Vector* target) {
  CASSETTE_ASSERT(!target->is_constant());
  if (from.is_constant()) return target->AppendRange(from, begin, end);
  if (!from.all_live() || !target->all_live() || from.physical() == PhysicalType::kBytes) {
    return AppendReversedPlaces(from, begin, end, target);
  }
  if (from.physical() == PhysicalType::kInt64) {
    std::reverse_copy(from.ints().begin() + begin, from.ints().begin() + end,
                      std::back_inserter(target->mutable_ints()));
  } else {
    std::reverse_copy(from.doubles().begin() + begin, from.doubles().begin() + end,
                      std::back_inserter(target->mutable_doubles()));
  }
  target->SetSize(target->size() + (end - begin));
}

void AppendAbsent(uint32_t rows, Vector* target) {
  for (uint32_t row = 0; row < rows; ++row) target->AppendState(CellState::kAbsent);
}

uint64_t HeapBytes(const Vector& vector, uint32_t begin, uint32_t end) {
  if (vector.physical() != PhysicalType::kBytes || begin == end) return 0;
  if (vector.is_constant()) return uint64_t{end - begin} * (vector.offsets()[1] - vector.offsets()[0]);
  return vector.offsets()[end] - vector.offsets()[begin];
}

}  // namespace cassette::storage::sstable
