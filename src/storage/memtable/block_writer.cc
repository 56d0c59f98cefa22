#include "storage/memtable/block_writer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "storage/memtable/meta_column.h"

namespace cassette::storage::memtable {
namespace {

using columnar::CellState;
using columnar::PhysicalType;
using columnar::Vector;

template <typename Number>
void AppendBackward(const std::vector<Number>& from, uint32_t begin, uint32_t end, std::vector<Number>* to) {
  to->insert(to->end(), std::make_reverse_iterator(from.begin() + end),
             std::make_reverse_iterator(from.begin() + begin));
}

// Rows [first, last) of `from`, last first when `backward`.
void AppendValues(const Vector& from, const Series::Arrivals& rows, Vector* to) {
  if (!rows.backward) return to->AppendRange(from, rows.first, rows.last);
  const bool plain_numbers = from.all_live() && to->all_live() && from.physical() != PhysicalType::kBytes;
  if (!plain_numbers) {
    for (uint32_t row = rows.last; row > rows.first; --row) to->AppendFrom(from, row - 1);
    return;
  }
  if (from.physical() == PhysicalType::kInt64) AppendBackward(from.ints(), rows.first, rows.last, &to->mutable_ints());
  if (from.physical() == PhysicalType::kDouble) {
    AppendBackward(from.doubles(), rows.first, rows.last, &to->mutable_doubles());
  }
  to->SetSize(to->size() + (rows.last - rows.first));
}

bool HasTimesOf(const rows::CellView& cell, const rows::Liveness& liveness) {
  return cell.state != CellState::kTombstone && cell.timestamp_micros == liveness.timestamp_micros &&
         cell.ttl_seconds == liveness.ttl_seconds && cell.expires_at_seconds == liveness.expires_at_seconds;
}

}  // namespace

void BlockWriter::Open(const std::shared_ptr<const Layout>& layout, const std::vector<schema::ColumnId>& columns) {
  if (layout == layout_ && columns == columns_) return;
  layout_ = layout;
  columns_ = columns;
  slots_.clear();
  for (const schema::ColumnId id : columns) {
    const schema::Column* column = layout_->table().FindColumn(id);
    if (column == nullptr || column->kind != schema::ColumnKind::kRegular) continue;
    slots_.push_back({id, column->type.physical(), &column->type, {}, false});
  }
}

void BlockWriter::Start(rows::RowBlock* block) {
  block_ = block;
  block_->ClearButColumns();
  block_->all_live = true;
  bytes_ = 0;
  const size_t clustering_count = layout_->clustering_count();
  block_->clustering.resize(clustering_count);
  for (size_t i = 0; i < clustering_count; ++i) {
    block_->clustering[i].Reset(layout_->table().clustering(i).type.physical());
  }
  for (Slot& slot : slots_) {
    slot.column.ResetTo(slot.id, slot.physical);
    slot.has_cells = false;
  }
}

void BlockWriter::BeginPartition(rows::Token token, const Partition& partition,
                                 std::shared_ptr<const rows::PartitionHead> head, bool continues) {
  const bool is_covered =
      partition.large != nullptr && partition.large->cover != nullptr && partition.large->cover->has_deletions();
  if (is_covered) block_->all_live = false;
  rows::PartitionRun run;
  run.first_row = block_->row_count;
  run.token = token;
  run.key = partition.key();
  run.head = std::move(head);
  run.continues = continues;
  bytes_ += sizeof(run) + run.key.size();
  block_->partitions.push_back(std::move(run));
}

// Absent places for the rows that had no cell of this column.
void BlockWriter::PadTo(Slot* slot, uint32_t row_count) {
  Vector& values = slot->column.values;
  const uint32_t missing = row_count - values.size();
  if (missing == 0) return;
  Vector absent(slot->physical);
  absent.AppendState(CellState::kAbsent);
  absent.MakeConstant(missing);
  values.AppendRange(absent, 0, missing);
  if (slot->column.same_as_liveness || !slot->has_cells) return;
  rows::CellColumn& column = slot->column;
  AppendMeta(&column.timestamps, row_count - missing, column.timestamps.constant, missing);
  AppendMeta(&column.ttls, row_count - missing, column.ttls.constant, missing);
  AppendMeta(&column.expiries, row_count - missing, column.expiries.constant, missing);
}

// From "as the liveness" to times of its own, for the rows so far.
void BlockWriter::SpellOutTimes(Slot* slot) {
  rows::CellColumn& column = slot->column;
  const uint32_t row_count = column.values.size();
  column.same_as_liveness = false;
  AppendMetaRange(&column.timestamps, 0, block_->timestamps, 0, row_count, false);
  AppendMetaRange(&column.ttls, 0, block_->ttls, 0, row_count, false);
  AppendMetaRange(&column.expiries, 0, block_->expiries, 0, row_count, false);
}

void BlockWriter::AppendCell(const rows::CellView& cell, const rows::Liveness& liveness, Slot* slot) {
  rows::CellColumn& column = slot->column;
  PadTo(slot, block_->row_count);
  const bool same = HasTimesOf(cell, liveness);
  if (!slot->has_cells) column.same_as_liveness = same;
  if (column.same_as_liveness && !same) SpellOutTimes(slot);
  if (!column.same_as_liveness) {
    // Rows before the first cell do not matter: the column's times begin with it.
    const uint32_t row_count = slot->has_cells ? block_->row_count : 0;
    AppendMeta(&column.timestamps, row_count, cell.timestamp_micros);
    AppendMeta(&column.ttls, row_count, cell.ttl_seconds);
    AppendMeta(&column.expiries, row_count, cell.expires_at_seconds);
  }
  if (cell.state == CellState::kTombstone) {
    column.values.AppendState(CellState::kTombstone);
  } else {
    column.values.AppendValue(*slot->type, cell.value);
  }
  slot->has_cells = true;
}

base::Status BlockWriter::AppendRow(std::string_view clustering, const RowImage& row) {
  CASSETTE_RETURN_IF_ERROR(rows::DecodeClustering(layout_->table(), clustering, block_->clustering));
  bytes_ += clustering.size();
  auto slot = slots_.begin();
  bool all_live = row.IsPlain() && row.liveness.ttl_seconds == rows::kNoTtl;
  for (const rows::RowCell& cell : row.cells) {
    while (slot != slots_.end() && slot->id < cell.column) ++slot;
    if (slot == slots_.end()) break;
    if (slot->id != cell.column) continue;
    AppendCell(cell.cell, row.liveness, &*slot);
    bytes_ += cell.cell.value.size();
  }
  if (!all_live) block_->all_live = false;
  const uint32_t row_count = block_->row_count++;
  AppendMeta(&block_->timestamps, row_count, row.liveness.timestamp_micros);
  AppendMeta(&block_->ttls, row_count, row.liveness.ttl_seconds);
  AppendMeta(&block_->expiries, row_count, row.liveness.expires_at_seconds);
  AppendMeta(&block_->deleted_at, row_count, row.deletion.marked_at_micros);
  AppendMeta(&block_->deleted_local, row_count, row.deletion.local_seconds);
  return {};
}

void BlockWriter::AppendCells(const Series& series, const Series::Cells& cells, const Series::Arrivals& arrivals,
                              Slot* slot) {
  rows::CellColumn& column = slot->column;
  PadTo(slot, block_->row_count);
  if (!slot->has_cells) column.same_as_liveness = true;
  if (!column.same_as_liveness) {
    const auto [first, last, backward] = arrivals;
    AppendMetaRange(&column.timestamps, block_->row_count, series.timestamps(), first, last, backward);
    AppendMetaRange(&column.ttls, block_->row_count, series.ttls(), first, last, backward);
    AppendMetaRange(&column.expiries, block_->row_count, series.expiries(), first, last, backward);
  }
  AppendValues(cells.values, arrivals, &column.values);
  slot->has_cells = true;
}

base::Status BlockWriter::AppendSeries(const Series& series, uint32_t begin, uint32_t end, bool reversed) {
  CASSETTE_ASSERT(begin < end);
  CASSETTE_ASSERT(end - begin <= columnar::kMaxVectorRows - block_->row_count);
  Series::Arrivals arrivals = series.arrivals(begin, end);
  if (reversed) arrivals.backward = !arrivals.backward;
  const uint32_t count = end - begin;

  const size_t prefix_count = layout_->clustering_count() - 1;
  prefix_.resize(prefix_count);
  for (size_t i = 0; i < prefix_count; ++i) prefix_[i].Reset(block_->clustering[i].physical());
  CASSETTE_RETURN_IF_ERROR(rows::DecodeClustering(layout_->table(), series.prefix(), prefix_));
  for (size_t i = 0; i < prefix_count; ++i) {
    prefix_[i].MakeConstant(count);
    block_->clustering[i].AppendRange(prefix_[i], 0, count);
  }
  AppendValues(series.keys(), arrivals, &block_->clustering[prefix_count]);

  auto slot = slots_.begin();
  for (const Series::Cells& cells : series.cells()) {
    while (slot != slots_.end() && slot->id < cells.id) ++slot;
    if (slot == slots_.end()) break;
    if (slot->id == cells.id) AppendCells(series, cells, arrivals, &*slot);
  }
  const uint32_t row_count = block_->row_count;
  const auto [first, last, backward] = arrivals;
  AppendMetaRange(&block_->timestamps, row_count, series.timestamps(), first, last, backward);
  AppendMetaRange(&block_->ttls, row_count, series.ttls(), first, last, backward);
  AppendMetaRange(&block_->expiries, row_count, series.expiries(), first, last, backward);
  AppendMeta(&block_->deleted_at, row_count, rows::kNoTimestamp, count);
  AppendMeta(&block_->deleted_local, row_count, rows::kNeverExpires, count);
  const bool no_ttl = series.ttls().is_constant() && series.ttls().constant == rows::kNoTtl;
  if (!no_ttl) block_->all_live = false;
  block_->row_count += count;
  bytes_ += count * (series.accounted_bytes / std::max(1u, series.size()));
  return {};
}

uint32_t BlockWriter::RoomFor(const Series& series) const {
  const size_t row_bytes = std::max<size_t>(1, series.accounted_bytes / std::max(1u, series.size()));
  const size_t by_bytes = bytes_ >= kMaxBlockBytes ? 1 : 1 + (kMaxBlockBytes - bytes_) / row_bytes;
  return static_cast<uint32_t>(std::min<size_t>(room(), by_bytes));
}

void BlockWriter::Finish() {
  size_t filled = 0;
  for (Slot& slot : slots_) {
    if (!slot.has_cells) continue;
    PadTo(&slot, block_->row_count);
    if (filled == block_->cells.size()) block_->cells.emplace_back();
    std::swap(block_->cells[filled++], slot.column);
  }
  block_->cells.resize(filled);
  if (block_->row_count == 0) block_->all_live = false;
  block_ = nullptr;
}

}  // namespace cassette::storage::memtable
