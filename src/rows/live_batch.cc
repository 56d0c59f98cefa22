#include "rows/live_batch.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "rows/keys.h"
#include "rows/merge_rows.h"

namespace cassette::rows {
namespace {

using columnar::Vector;

// Statics of a batch, repeated for each row.
constexpr size_t kStaticBytesMax = 64 << 20;

Vector ConstantNull(types::PhysicalType physical, uint32_t rows) {
  Vector null(physical);
  null.AppendState(CellState::kAbsent);
  null.MakeConstant(rows);
  return null;
}

// Appends all of `addition`, or becomes it.
void AppendOrBecome(Vector addition, Vector* values) {
  if (values->size() == 0) {
    *values = std::move(addition);
    return;
  }
  values->Flatten();
  values->AppendRange(addition, 0, addition.size());
}

bool IsSame(const RequestedColumn& a, const RequestedColumn& b) {
  return a.id == b.id && a.with_write_time == b.with_write_time && a.with_ttl == b.with_ttl &&
         a.with_paths == b.with_paths;
}

void AppendNumber(bool is_null, int64_t number, Vector* values) {
  if (is_null) {
    values->AppendState(CellState::kAbsent);
  } else {
    values->AppendInt64(number);
  }
}

}  // namespace

void LiveBatch::Open(const schema::TablePtr& table, const std::vector<RequestedColumn>& columns, int64_t now_seconds) {
  now_seconds_ = now_seconds;
  picks_.clear();
  picked_ = 0;
  if (table == table_ && HasOutputs(columns)) return;
  table_ = table;
  MakeOutputs(columns);
}

// Whether the last source was asked for the same.
bool LiveBatch::HasOutputs(const std::vector<RequestedColumn>& columns) const {
  return std::equal(
      outputs_.begin(), outputs_.end(), columns.begin(), columns.end(),
      [](const Output& output, const RequestedColumn& column) { return IsSame(output.requested, column); });
}

void LiveBatch::MakeOutputs(const std::vector<RequestedColumn>& columns) {
  wants_write_times_ = false;
  wants_ttls_ = false;
  wants_statics_ = false;
  outputs_.clear();
  outputs_.reserve(columns.size());
  for (const RequestedColumn& requested : columns) {
    const schema::Column* column = table_->FindColumn(requested.id);
    CASSETTE_ASSERT(column != nullptr);
    for (Output& earlier : outputs_) earlier.is_last_use &= earlier.column != column;
    wants_write_times_ |= requested.with_write_time;
    wants_ttls_ |= requested.with_ttl;
    wants_statics_ |= column->kind == schema::ColumnKind::kStatic;
    Output output{requested, column, column->type.is_multi_cell(), {}, true};
    if (output.is_complex) {
      output.live_type = requested.with_paths
                             ? types::DataType::Map(PathTypeOf(column->type), column->type.element(0), false)
                             : column->type;
    }
    outputs_.push_back(std::move(output));
  }
}

void LiveBatch::Start(RowBatch* batch) {
  batch_ = batch;
  batch_->Clear();
  batch_->columns.resize(outputs_.size());
  batch_->write_times.resize(wants_write_times_ ? outputs_.size() : 0);
  batch_->ttls.resize(wants_ttls_ ? outputs_.size() : 0);
  for (size_t i = 0; i < outputs_.size(); ++i) {
    batch_->columns[i].Reset(outputs_[i].column->type.physical());
    const auto times = outputs_[i].is_complex ? types::PhysicalType::kBytes : types::PhysicalType::kInt64;
    if (wants_write_times_) batch_->write_times[i].Reset(times);
    if (wants_ttls_) batch_->ttls[i].Reset(times);
  }
  stretches_.clear();
  static_bytes_ = 0;
  static_row_bytes_ = 0;
  is_entered_ = false;
  CASSETTE_ASSERT(picked_ == 0);
}

void LiveBatch::EnterPartition(Token token, const std::string& key, const PartitionCover& cover) {
  token_ = token;
  key_ = &key;
  cover_ = &cover;
  is_entered_ = false;
  static_row_bytes_ = 0;
  if (!wants_statics_ || !cover.has_live_statics) return;
  for (const PartitionHead::StaticCell& cell : cover.head->static_cells) static_row_bytes_ += cell.value.size();
}

uint32_t LiveBatch::RoomForStatics() const {
  const size_t left = static_bytes_ < kStaticBytesMax ? (kStaticBytesMax - static_bytes_) / static_row_bytes_ : 0;
  const size_t rows = std::max<size_t>(left, row_count() == 0 ? 1 : 0);
  return static_cast<uint32_t>(std::min<size_t>(rows, columnar::kMaxVectorRows));
}

void LiveBatch::GrowStretch(uint32_t rows) {
  if (!is_entered_) {
    is_entered_ = true;
    batch_->partitions.push_back({row_count(), token_, *key_});
    stretches_.push_back({cover_->head, cover_->live_statics, 0});
  }
  stretches_.back().row_count += rows;
  static_bytes_ += rows * static_row_bytes_;
}

void LiveBatch::Pick(uint32_t begin, uint32_t end) {
  CASSETTE_ASSERT(end - begin <= room());
  if (begin == end) return;
  GrowStretch(end - begin);
  if (!picks_.empty() && picks_.back().second == begin) {
    picks_.back().second = end;
  } else {
    picks_.emplace_back(begin, end);
  }
  picked_ += end - begin;
}

bool LiveBatch::IsWholeBlock(const LiveBlock& block) const {
  return batch_->row_count == 0 && picks_.size() == 1 && picked_ == block.block().row_count && block.is_untouched();
}

void LiveBatch::Flush(LiveBlock* block) {
  if (picked_ == 0) return;
  const bool whole = IsWholeBlock(*block);
  for (size_t i = 0; i < outputs_.size(); ++i) TakeCells(outputs_[i], i, block, whole);
  batch_->row_count += picked_;
  if (!batch_->is_static_only.empty()) batch_->is_static_only.resize(batch_->row_count, false);
  picks_.clear();
  picked_ = 0;
}

void LiveBatch::TakeCells(const Output& output, size_t index, LiveBlock* block, bool whole) {
  Vector& values = batch_->columns[index];
  if (output.column->kind == schema::ColumnKind::kClustering) {
    Vector& clustering = block->block().clustering[output.column->position];
    if (whole && output.is_last_use) {
      std::swap(values, clustering);
      return;
    }
    values.Flatten();
    for (const auto& [begin, end] : picks_) values.AppendRange(clustering, begin, end);
    return;
  }
  if (output.column->kind != schema::ColumnKind::kRegular) return;
  CellColumn* column = block->FindCells(output.requested.id);
  if (column == nullptr) {
    AppendOrBecome(ConstantNull(values.physical(), picked_), &values);
    for (Vector* times : {WriteTimesOf(index), TtlsOf(index)}) {
      if (times != nullptr) AppendOrBecome(ConstantNull(times->physical(), picked_), times);
    }
    return;
  }
  if (output.is_complex) return AppendComplex(*block, *column, index);
  if (output.requested.with_write_time || output.requested.with_ttl) AppendTimes(*block, *column, index);
  if (whole && output.is_last_use) {
    std::swap(values, column->values);
  } else {
    AppendCells(*block, *column, &values);
  }
}

void LiveBatch::AppendCells(const LiveBlock& block, const CellColumn& column, Vector* values) const {
  values->Flatten();
  for (const auto& [begin, end] : picks_) {
    if (block.is_untouched()) {
      values->AppendRange(column.values, begin, end);
      continue;
    }
    for (uint32_t row = begin; row < end; ++row) {
      if (block.IsSeen(column, row)) {
        values->AppendFrom(column.values, row);
      } else {
        values->AppendState(CellState::kAbsent);
      }
    }
  }
}

void LiveBatch::AppendTimes(const LiveBlock& block, const CellColumn& column, size_t index) {
  Vector* const write_times = WriteTimesOf(index);
  Vector* const ttls = TtlsOf(index);
  if (write_times != nullptr) write_times->Flatten();
  if (ttls != nullptr) ttls->Flatten();
  for (const auto& [begin, end] : picks_) {
    for (uint32_t row = begin; row < end; ++row) {
      const bool is_null = !block.IsSeen(column, row);
      const CellView cell = is_null ? CellView() : CellMetaOf(block.block(), column, row);
      if (write_times != nullptr) AppendNumber(is_null, cell.timestamp_micros, write_times);
      if (ttls != nullptr) AppendNumber(is_null || !cell.is_expiring(), cell.expires_at_seconds - now_seconds_, ttls);
    }
  }
}

void LiveBatch::AppendComplexRow(bool is_null, size_t index) {
  const auto append = [&](const std::string& bytes, Vector* vector) {
    if (vector == nullptr) return;
    if (is_null) {
      vector->AppendState(CellState::kAbsent);
    } else {
      vector->AppendBytes(bytes);
    }
  };
  append(complex_.value, &batch_->columns[index]);
  append(complex_.write_times, WriteTimesOf(index));
  append(complex_.ttls, TtlsOf(index));
}

void LiveBatch::AppendComplex(const LiveBlock& block, const CellColumn& column, size_t index) {
  for (Vector* vector : {&batch_->columns[index], WriteTimesOf(index), TtlsOf(index)}) {
    if (vector != nullptr) vector->Flatten();
  }
  for (const auto& [begin, end] : picks_) {
    for (uint32_t row = begin; row < end; ++row) {
      const bool is_live =
          !column.values.is_null(row) && ReadLiveComplex(outputs_[index].live_type, column.values.bytes(row),
                                                         now_seconds_, block.DeletedAt(row), &complex_);
      AppendComplexRow(!is_live, index);
    }
  }
}

void LiveBatch::AddPartitionRow(bool is_static_only) {
  CASSETTE_ASSERT(picked_ == 0);
  CASSETTE_ASSERT(room() > 0);
  GrowStretch(1);
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const schema::ColumnKind kind = outputs_[i].column->kind;
    if (kind != schema::ColumnKind::kClustering && kind != schema::ColumnKind::kRegular) continue;
    Vector& values = batch_->columns[i];
    AppendOrBecome(ConstantNull(values.physical(), 1), &values);
    if (kind != schema::ColumnKind::kRegular) continue;
    for (Vector* times : {WriteTimesOf(i), TtlsOf(i)}) {
      if (times != nullptr) AppendOrBecome(ConstantNull(times->physical(), 1), times);
    }
  }
  ++batch_->row_count;
  if (is_static_only || !batch_->is_static_only.empty()) {
    batch_->is_static_only.resize(batch_->row_count, false);
    batch_->is_static_only.back() = is_static_only;
  }
}

void LiveBatch::Finish() {
  CASSETTE_ASSERT(picked_ == 0);
  if (batch_->row_count == 0) return;
  for (size_t i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i].column->kind == schema::ColumnKind::kPartitionKey) FillKeyColumn(outputs_[i], &batch_->columns[i]);
    if (outputs_[i].column->kind == schema::ColumnKind::kStatic) FillStaticColumn(outputs_[i], i);
  }
  batch_ = nullptr;
}

void LiveBatch::FillKeyColumn(const Output& output, Vector* values) {
  std::vector<std::string_view> components;
  for (size_t i = 0; i < stretches_.size(); ++i) {
    const base::Status status =
        SplitPartitionKey(table_->partition_key_count(), batch_->partitions[i].key, &components);
    CASSETTE_ASSERT(status.ok());
    if (stretches_[i].row_count == 1 && stretches_.size() > 1) {
      values->AppendValue(output.column->type, components[output.column->position]);
      continue;
    }
    Vector value(values->physical());
    value.AppendValue(output.column->type, components[output.column->position]);
    value.MakeConstant(stretches_[i].row_count);
    if (stretches_.size() == 1) {
      *values = std::move(value);
    } else {
      values->AppendRange(value, 0, value.size());
    }
  }
}

void LiveBatch::FillStaticColumn(const Output& output, size_t index) {
  for (const Stretch& stretch : stretches_) {
    const PartitionHead::StaticCell* found = nullptr;
    for (size_t i = 0; i < stretch.live_statics.size(); ++i) {
      const PartitionHead::StaticCell& cell = stretch.head->static_cells[i];
      if (stretch.live_statics[i] && cell.column == output.requested.id) found = &cell;
    }
    if (output.is_complex) {
      const bool is_live = found != nullptr && ReadLiveComplex(output.live_type, found->value, now_seconds_,
                                                               stretch.head->deletion.marked_at_micros, &complex_);
      for (uint32_t row = 0; row < stretch.row_count; ++row) AppendComplexRow(!is_live, index);
      continue;
    }
    AppendStatic(output, index, found, stretch.row_count);
  }
}

void LiveBatch::AppendStatic(const Output& output, size_t index, const PartitionHead::StaticCell* cell, uint32_t rows) {
  Vector value(output.column->type.physical());
  Vector write_time(types::PhysicalType::kInt64);
  Vector ttl(types::PhysicalType::kInt64);
  if (cell == nullptr) {
    value.AppendState(CellState::kAbsent);
  } else {
    value.AppendValue(output.column->type, cell->value);
  }
  AppendNumber(cell == nullptr, cell == nullptr ? 0 : cell->timestamp_micros, &write_time);
  const bool no_ttl = cell == nullptr || cell->ttl_seconds == kNoTtl;
  AppendNumber(no_ttl, no_ttl ? 0 : cell->expires_at_seconds - now_seconds_, &ttl);
  for (Vector* vector : {&value, &write_time, &ttl}) vector->MakeConstant(rows);
  AppendOrBecome(std::move(value), &batch_->columns[index]);
  if (Vector* times = WriteTimesOf(index)) AppendOrBecome(std::move(write_time), times);
  if (Vector* ttls = TtlsOf(index)) AppendOrBecome(std::move(ttl), ttls);
}

}  // namespace cassette::rows
