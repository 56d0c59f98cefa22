#include "storage/memtable/shard.h"

#include <algorithm>
#include <utility>

#include "rows/complex_cells.h"

namespace cassette::storage::memtable {

using Update = rows::MutationReader::Update;

void Memtable::Shard::SetLayout(std::shared_ptr<const Layout> layout) {
  base::MutexLock lock(mutex);
  layout_ = std::move(layout);
}

base::Status Memtable::Shard::Apply(rows::MutationReader* mutation) {
  base::MutexLock lock(mutex);
  base::Status status = ApplyUpdates(mutation);
  AccountSeries(&context_);
  Publish();
  return status;
}

base::Status Memtable::Shard::ApplyUpdates(rows::MutationReader* mutation) {
  Partition* partition = nullptr;
  while (true) {
    CASSETTE_ASSIGN_OR_RETURN(const Update update, mutation->Next());
    if (update == Update::kEnd) return {};
    if (partition == nullptr) partition = FindOrAdd(mutation->token(), mutation->key());
    switch (update) {
      case Update::kRow:
      case Update::kStaticRow:
        CASSETTE_RETURN_IF_ERROR(ApplyRowUpdate(update == Update::kStaticRow, mutation, partition));
        break;
      case Update::kPartitionDeletion:
        NoteTimestamp(mutation->deletion().marked_at_micros);
        ApplyPartitionDeletion(mutation->deletion(), partition, &context_);
        break;
      case Update::kRangeTombstone:
        NoteTimestamp(mutation->deletion().marked_at_micros);
        ApplyRangeTombstone({mutation->range_start(), mutation->range_end(), mutation->deletion()}, partition,
                            &context_);
        break;
      case Update::kEnd:
        break;
    }
  }
}

base::Status Memtable::Shard::ApplyRowUpdate(bool is_static, rows::MutationReader* mutation, Partition* partition) {
  const auto kind = is_static ? schema::ColumnKind::kStatic : schema::ColumnKind::kRegular;
  CASSETTE_RETURN_IF_ERROR(ReadRow(kind, mutation));
  if (is_static) {
    ApplyStaticRow(*layout_, row_, partition, &context_);
    return {};
  }
  return ApplyRow(*layout_, mutation->clustering(), row_, partition, &context_);
}

base::Status Memtable::Shard::ReadRow(schema::ColumnKind kind, rows::MutationReader* mutation) {
  const uint32_t cell_count = mutation->cell_count();
  const bool is_plain = mutation->is_plain_row();
  const char* const cells_begin = mutation->rest().data();
  row_.liveness = mutation->liveness();
  row_.deletion = mutation->row_deletion();
  row_.images.clear();
  row_.plain_cells.reset();
  if (!row_.liveness.is_empty()) NoteTimestamp(row_.liveness.timestamp_micros);
  if (!row_.deletion.is_live()) NoteTimestamp(row_.deletion.marked_at_micros);
  row_.cells.resize(cell_count);
  size_t kept = 0;
  bool is_ascending = true;
  for (uint32_t i = 0; i < cell_count; ++i) {
    rows::RowCell& cell = row_.cells[kept];
    CASSETTE_RETURN_IF_ERROR(mutation->NextCell(&cell));
    const Layout::Verdict verdict = layout_->Judge(cell, kind);
    if (verdict == Layout::Verdict::kRefuse) return layout_->Refusal(cell);
    if (verdict == Layout::Verdict::kSkip) continue;
    if (!is_plain) NoteTimestamp(cell.cell.timestamp_micros);
    if (layout_->is_complex(cell.column)) NoteComplex(cell.cell);
    is_ascending &= kept == 0 || row_.cells[kept - 1].column < cell.column;
    ++kept;
  }
  row_.cells.resize(kept);
  if (is_plain && is_ascending && kept == cell_count) {
    row_.plain_cells.emplace(cells_begin, static_cast<size_t>(mutation->rest().data() - cells_begin));
  } else {
    row_.Normalize(*layout_);
  }
  return {};
}

void Memtable::Shard::NoteComplex(const rows::CellView& cell) {
  int64_t oldest = cell.timestamp_micros;
  int64_t newest = oldest;
  rows::VisitComplex(cell.value, [&](const rows::CellView& part) {
    oldest = std::min(oldest, part.timestamp_micros);
    newest = std::max(newest, part.timestamp_micros);
  });
  NoteTimestamp(oldest);
  NoteTimestamp(newest);
}

Partition* Memtable::Shard::FindOrAdd(rows::Token token, std::string_view key) {
  if (const IndexEntry* found = index_.Find({token, key})) return found->partition;
  Partition* partition = NewPartition(key, &context_);
  index_.Add({token, partition});
  return partition;
}

void Memtable::Shard::NoteTimestamp(int64_t timestamp_micros) {
  min_seen_ = std::min(min_seen_, timestamp_micros);
  max_seen_ = std::max(max_seen_, timestamp_micros);
}

void Memtable::Shard::Publish() {
  memory_bytes.store(sizeof(Shard) + index_.memory_bytes() + context_.memory_bytes(), std::memory_order_relaxed);
  row_count.store(context_.rows, std::memory_order_relaxed);
  partition_count.store(index_.size(), std::memory_order_relaxed);
  min_timestamp_micros.store(min_seen_, std::memory_order_relaxed);
  max_timestamp_micros.store(max_seen_, std::memory_order_relaxed);
}

}  // namespace cassette::storage::memtable
