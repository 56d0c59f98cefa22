#include "rows/merge_output.h"

#include <string>
#include <utility>

#include "base/assert.h"

namespace cassette::rows {
namespace {

// Values of one block; a row of its own may have more. Far below what a vector's offsets reach.
constexpr size_t kBlockBytesEnough = 16 << 20;

template <typename Number>
void SpellOut(MetaColumn<Number>* column, uint32_t rows) {
  if (column->is_constant()) column->values.assign(rows, column->constant);
}

template <typename Number>
void AppendMetaRange(MetaColumn<Number>* out, uint32_t out_rows, const MetaColumn<Number>& in, uint32_t begin,
                     uint32_t end) {
  if (in.is_constant()) {
    if (out_rows == 0) out->SetConstant(in.constant);
    if (out->is_constant() && out->constant == in.constant) return;
    SpellOut(out, out_rows);
    out->values.insert(out->values.end(), end - begin, in.constant);
    return;
  }
  if (out_rows == 0) out->values.clear();
  if (out_rows != 0) SpellOut(out, out_rows);
  out->values.insert(out->values.end(), in.values.begin() + begin, in.values.begin() + end);
}

template <typename Number>
void AppendMetaValue(MetaColumn<Number>* out, uint32_t out_rows, Number value, uint32_t count = 1) {
  if (out_rows == 0) out->SetConstant(value);
  if (out->is_constant() && out->constant == value) return;
  SpellOut(out, out_rows);
  out->values.insert(out->values.end(), count, value);
}

// For rows without a cell: what stands there does not matter, so a constant stays one.
template <typename Number>
void AppendMetaFiller(MetaColumn<Number>* out, uint32_t count) {
  if (!out->is_constant()) out->values.insert(out->values.end(), count, out->constant);
}

void Serialize(const types::DataType& type, const MergedCell& cell, std::string* value, CellView* view) {
  if (view->state == CellState::kLive) cell.column->values.AppendSerialized(type, cell.row, value);
  view->value = *value;
}

}  // namespace

bool Wins(const types::DataType& type, const MergedCell& a, const MergedCell& b) {
  if (a.meta.timestamp_micros != b.meta.timestamp_micros) return a.meta.timestamp_micros > b.meta.timestamp_micros;
  std::string a_value;
  std::string b_value;
  CellView a_cell = a.meta;
  CellView b_cell = b.meta;
  Serialize(type, a, &a_value, &a_cell);
  Serialize(type, b, &b_value, &b_cell);
  return Wins(a_cell, b_cell);
}

void SlottedBlock::FindSlots(const std::vector<schema::ColumnId>& columns) {
  slots.assign(columns.size(), nullptr);
  size_t next = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    while (next < block.cells.size() && block.cells[next].id < columns[i]) ++next;
    if (next < block.cells.size() && block.cells[next].id == columns[i]) slots[i] = &block.cells[next];
  }
}

void MergeOutput::Open(schema::TablePtr table, std::vector<schema::ColumnId> columns) {
  table_ = std::move(table);
  columns_ = std::move(columns);
  slots_.resize(columns_.size());
  has_bytes_ = false;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const schema::Column* column = table_->FindColumn(columns_[i]);
    CASSETTE_ASSERT(column != nullptr);
    slots_[i].physical = column->type.physical();
    has_bytes_ |= slots_[i].physical == types::PhysicalType::kBytes;
  }
}

bool MergeOutput::is_full() const {
  if (block_->row_count >= columnar::kMaxVectorRows) return true;
  if (!has_bytes_) return false;
  size_t bytes = 0;
  for (const Slot& slot : slots_) bytes += slot.column.values.heap().size();
  return bytes >= kBlockBytesEnough;
}

void MergeOutput::Start(RowBlock* block) {
  block_ = block;
  block_->ClearButColumns();
  block_->clustering.resize(table_->clustering_count());
  for (size_t i = 0; i < block_->clustering.size(); ++i) {
    block_->clustering[i].Reset(table_->clustering(i).type.physical());
  }
  for (size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    slot.column.ResetTo(columns_[i], slot.physical);
    slot.has_cells = false;
  }
}

void MergeOutput::AppendRows(const SlottedBlock& source, uint32_t begin, uint32_t end) {
  CASSETTE_ASSERT(begin < end);
  const RowBlock& from = source.block;
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (source.slots[i] != nullptr) AppendColumn(from, *source.slots[i], begin, end, &slots_[i]);
  }
  for (size_t i = 0; i < block_->clustering.size(); ++i) {
    block_->clustering[i].AppendRange(from.clustering[i], begin, end);
  }
  const uint32_t rows = block_->row_count;
  AppendMetaRange(&block_->timestamps, rows, from.timestamps, begin, end);
  AppendMetaRange(&block_->ttls, rows, from.ttls, begin, end);
  AppendMetaRange(&block_->expiries, rows, from.expiries, begin, end);
  AppendMetaRange(&block_->deleted_at, rows, from.deleted_at, begin, end);
  AppendMetaRange(&block_->deleted_local, rows, from.deleted_local, begin, end);
  block_->all_live = from.all_live && (rows == 0 || block_->all_live);
  block_->row_count += end - begin;
}

// Absent places for the rows that had no cell of this column.
void MergeOutput::PadTo(Slot* slot, uint32_t rows) {
  const uint32_t have = slot->column.values.size();
  if (have < rows) AppendAbsent(slot, rows - have);
}

void MergeOutput::AppendAbsent(Slot* slot, uint32_t count) {
  columnar::Vector absent(slot->physical);
  absent.AppendState(CellState::kAbsent);
  absent.MakeConstant(count);
  slot->column.values.AppendRange(absent, 0, count);
  AppendMetaFiller(&slot->column.timestamps, count);
  AppendMetaFiller(&slot->column.ttls, count);
  AppendMetaFiller(&slot->column.expiries, count);
}

// From "as the liveness" to times of its own, for the rows so far.
void MergeOutput::SpellOutTimes(Slot* slot) {
  CellColumn& column = slot->column;
  const uint32_t rows = column.values.size();
  column.same_as_liveness = false;
  column.timestamps = {};
  column.ttls = {};
  column.expiries = {};
  AppendMetaRange(&column.timestamps, 0, block_->timestamps, 0, rows);
  AppendMetaRange(&column.ttls, 0, block_->ttls, 0, rows);
  AppendMetaRange(&column.expiries, 0, block_->expiries, 0, rows);
}

void MergeOutput::AppendColumn(const RowBlock& source, const CellColumn& from, uint32_t begin, uint32_t end,
                               Slot* slot) {
  CellColumn& column = slot->column;
  PadTo(slot, block_->row_count);
  if (!slot->has_cells) column.same_as_liveness = from.same_as_liveness;
  if (column.same_as_liveness && !from.same_as_liveness) SpellOutTimes(slot);
  if (!column.same_as_liveness) {
    // Without a cell so far the rows' times do not matter: begin as if there were none.
    const uint32_t rows = column.values.size();
    const bool fresh = !slot->has_cells && from.timestamps.is_constant() && from.ttls.is_constant() &&
                       from.expiries.is_constant() && !from.same_as_liveness;
    if (fresh) {
      column.timestamps.SetConstant(from.timestamps.constant);
      column.ttls.SetConstant(from.ttls.constant);
      column.expiries.SetConstant(from.expiries.constant);
    } else {
      AppendMetaRange(&column.timestamps, rows, from.same_as_liveness ? source.timestamps : from.timestamps, begin,
                      end);
      AppendMetaRange(&column.ttls, rows, from.same_as_liveness ? source.ttls : from.ttls, begin, end);
      AppendMetaRange(&column.expiries, rows, from.same_as_liveness ? source.expiries : from.expiries, begin, end);
    }
  }
  column.values.AppendRange(from.values, begin, end);
  slot->has_cells = true;
}

void MergeOutput::AppendCell(const MergedRow& row, const MergedCell& cell, Slot* slot) {
  CellColumn& column = slot->column;
  const uint32_t rows = block_->row_count;
  PadTo(slot, rows);
  const CellView& meta = cell.meta;
  const bool same = meta.state != CellState::kTombstone && meta.timestamp_micros == row.liveness.timestamp_micros &&
                    meta.ttl_seconds == row.liveness.ttl_seconds &&
                    meta.expires_at_seconds == row.liveness.expires_at_seconds;
  const uint32_t meta_rows = slot->has_cells ? rows : 0;  // Without a cell so far the rows' times do not matter.
  if (!slot->has_cells) column.same_as_liveness = same;
  if (column.same_as_liveness && !same) SpellOutTimes(slot);
  if (!column.same_as_liveness) {
    AppendMetaValue(&column.timestamps, meta_rows, meta.timestamp_micros);
    AppendMetaValue(&column.ttls, meta_rows, meta.ttl_seconds);
    AppendMetaValue(&column.expiries, meta_rows, meta.expires_at_seconds);
  }
  if (cell.image != nullptr) {
    column.values.AppendBytes(*cell.image);
  } else if (meta.state == CellState::kLive) {
    column.values.AppendFrom(cell.column->values, cell.row);
  } else {
    column.values.AppendState(meta.state);
  }
  slot->has_cells = true;
}

void MergeOutput::AppendRow(const MergedRow& row) {
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (row.cells[i].column != nullptr) AppendCell(row, row.cells[i], &slots_[i]);
  }
  for (size_t i = 0; i < block_->clustering.size(); ++i) {
    block_->clustering[i].AppendFrom(row.clustering_block->clustering[i], row.clustering_row);
  }
  const uint32_t rows = block_->row_count;
  AppendMetaValue(&block_->timestamps, rows, row.liveness.timestamp_micros);
  AppendMetaValue(&block_->ttls, rows, row.liveness.ttl_seconds);
  AppendMetaValue(&block_->expiries, rows, row.liveness.expires_at_seconds);
  AppendMetaValue(&block_->deleted_at, rows, row.deletion.marked_at_micros);
  AppendMetaValue(&block_->deleted_local, rows, row.deletion.local_seconds);
  block_->all_live = false;
  ++block_->row_count;
}

void MergeOutput::Finish() {
  size_t filled = 0;
  for (Slot& slot : slots_) {
    if (!slot.has_cells) continue;
    PadTo(&slot, block_->row_count);
    if (filled == block_->cells.size()) block_->cells.emplace_back();
    std::swap(block_->cells[filled++], slot.column);
  }
  block_->cells.resize(filled);
  block_ = nullptr;
}

}  // namespace cassette::rows
