// Flush: memtable -> SSTable -> one manifest edit -> the log's segments go.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "storage/engine/database.h"
#include "storage/engine/log_extent.h"
#include "storage/engine/schema_payload.h"
#include "storage/engine/stopwatch.h"

namespace cassette::storage::engine {
namespace {

// Past this size of the commit log the tables that hold its oldest segments are flushed (Cassandra's
// commitlog_total_space).
constexpr uint64_t kCommitLogBytesMax = 1024ull << 20;

}  // namespace

base::Status Database::Flush(const schema::TableId* table) {
  if (is_closing()) return base::Unavailable("the engine is closed");
  if (table != nullptr) {
    CASSETTE_ASSIGN_OR_RETURN(const StorePtr store, FindStore(*table));
    if (store->is_memory_only()) return base::Status::Ok();
    CASSETTE_RETURN_IF_ERROR(FlushStore(store.get()));
    ScheduleCompaction(store);
    return base::Status::Ok();
  }
  for (const StorePtr& store : Stores(true)) {
    CASSETTE_RETURN_IF_ERROR(FlushStore(store.get()));
    ScheduleCompaction(store);
  }
  return base::Status::Ok();
}

// Freezes what the memtable holds now and flushes it, after what an earlier failure left.
base::Status Database::FlushStore(TableStore* store) {
  base::MutexLock lock(store->flush_mutex);
  {
    const base::ShutGate shut(store->gate());
    if (store->is_dropped()) return base::Status::Ok();
    const commitlog::CommitPosition position = log_ == nullptr ? replay_position_ : log_->NextPosition();
    if (store->active().memtable.empty()) {
      store->AdvanceStart(position);
    } else {
      store->Rotate(position);
    }
  }
  const base::Status status = FlushFrozenOf(store);
  {
    base::MutexLock room_lock(room_mutex_);
    flush_failure_ = status;
    room_changed_.NotifyAll();
  }
  if (!status.ok()) {
    logger().Error("flush failed, the rows stay in memory and in the commit log: {}", status.message());
    return status;
  }
  if (log_ != nullptr) ReleaseLog();
  return base::Status::Ok();
}

// Oldest first, so that what is in SSTables is always a prefix of the log.
base::Status Database::FlushFrozenOf(TableStore* store) {
  while (true) {
    const VersionPtr version = store->version();
    if (version->memtables.size() == 1) return base::Status::Ok();
    const MemtablePtr& oldest = version->memtables.back();
    const MemtablePtr& next = version->memtables[version->memtables.size() - 2];
    CASSETTE_RETURN_IF_ERROR(FlushFrozen(store, oldest, next->start));
  }
}

base::Status Database::FlushFrozen(TableStore* store, const MemtablePtr& slot,
                                   commitlog::CommitPosition flushed_before) {
  const Stopwatch stopwatch(clock(), metrics_.flush_seconds);
  // Else a power cut could keep these rows and lose what was written with them, or before them, to other tables: the
  // other half of a batch, the rows that an index or a view was made of. Replay has synced its log.
  if (log_ != nullptr) CASSETTE_RETURN_IF_ERROR(log_->Sync());
  CASSETTE_RETURN_IF_ERROR(manifest_->status());
  const uint64_t file_number = NewFileNumber();
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<sstable::SstableWriter> writer,
                            sstable::SstableWriter::Create(file_system(), directory_->SstablePath(file_number),
                                                           store->table(), WriterOptionsFor("flush")));
  const std::unique_ptr<rows::RowSource> rows = slot->memtable.Scan();
  rows::RowBlock block;
  while (true) {
    CASSETTE_ASSIGN_OR_RETURN(const bool more, rows->Next(&block));
    if (!more) break;
    CASSETTE_RETURN_IF_ERROR(writer->Add(block));
  }
  CASSETTE_ASSIGN_OR_RETURN(const sstable::SstableStatistics statistics, writer->Finish());
  CASSETTE_ASSIGN_OR_RETURN(SstablePtr table, OpenSstable(MakeSstableInfo(file_number, statistics)));
  Change change;
  change.store = catalogue()->Find(store->table_id());
  change.added.push_back(table);
  change.flushed = slot.get();
  change.flushed_before = flushed_before;
  const base::Status committed =
      change.store == nullptr ? base::NotFound("the table was dropped") : Commit(std::span(&change, 1));
  if (!committed.ok()) {
    // When the manifest failed, the edit may be found by the next start all the same: the file stays then.
    if (committed.code() == base::Code::kNotFound) table->MarkObsolete();
    return committed.code() == base::Code::kNotFound ? base::Status::Ok() : committed;
  }
  const uint64_t average = store->flush_bytes;
  store->flush_bytes = average == 0 ? statistics.file_bytes : (average * 7 + statistics.file_bytes) / 8;
  const uint64_t memory_bytes = slot->memtable.memory_bytes();
  TableMetrics::Add(&store->metrics.flushes, 1);
  TableMetrics::Add(&store->metrics.flushed_bytes, statistics.file_bytes);
  metrics_.Flushed(statistics.row_count, statistics.file_bytes);
  logger().Info("flushed {}.{}: {} rows, {} bytes of memory to {} bytes in {} (ratio {:.3f}) in {} ms",
                store->table()->keyspace, store->table()->name, statistics.row_count, memory_bytes,
                statistics.file_bytes, SstableFileName(file_number), Ratio(statistics.file_bytes, memory_bytes),
                stopwatch.elapsed_millis());
  return base::Status::Ok();
}

base::Status Database::Commit(std::span<const Change> changes, std::optional<uint64_t> derived_version) {
  base::MutexLock lock(commit_mutex_);
  manifest::ManifestEdit edit;
  for (const Change& change : changes) {
    if (change.store->is_dropped()) {
      return base::NotFound("table " + change.store->table_id().ToString() + " does not exist");
    }
    if (derived_version) CASSETTE_RETURN_IF_ERROR(change.store->CheckDerived(*derived_version));
    const VersionPtr version = change.store->version();
    for (const SstablePtr& table : change.removed) {
      const auto& live = version->sstables;
      if (std::find(live.begin(), live.end(), table) == live.end()) {
        return base::NotFound(table->path() + " does not live any more");
      }
      edit.remove_sstables.push_back(table->file_number());
    }
    if (change.flushed != nullptr) {
      const auto& slots = version->memtables;
      const bool is_there = std::any_of(slots.begin(), slots.end(),
                                        [&](const MemtablePtr& slot) { return slot.get() == change.flushed; });
      if (!is_there) return base::NotFound("the memtable was truncated");
      edit.log_positions.emplace_back(change.store->table_id().bytes, change.flushed_before.ToNumber());
    }
    for (const SstablePtr& table : change.added) edit.add_sstables.push_back(table->info());
    for (const auto& [table, level] : change.moved) {
      const auto& live = version->sstables;
      if (std::find(live.begin(), live.end(), table) == live.end()) {
        return base::NotFound(table->path() + " does not live any more");
      }
      edit.remove_sstables.push_back(table->file_number());
      edit.add_sstables.push_back(table->info());
      edit.add_sstables.back().level = level;
    }
  }
  CASSETTE_RETURN_IF_ERROR(manifest_->Apply(edit));
  for (const Change& change : changes) {
    for (const auto& [table, level] : change.moved) table->SetLevel(level);
    change.store->Replace(change.removed, change.added, change.flushed);
    for (const SstablePtr& table : change.removed) table->MarkObsolete();
  }
  return base::Status::Ok();
}

void Database::ScheduleFlush(const StorePtr& store) {
  if (store->is_flush_scheduled.exchange(true)) return;
  scheduler_.AddFlush([this, store] {
    store->is_flush_scheduled = false;
    WaitForCompactions(store);
    if (FlushStore(store.get()).ok()) ScheduleCompaction(store);
  });
}

// Whether the table has more SSTables than it should, and compaction can do something about it.
bool Database::IsInDebt(const StorePtr& store) const {
  const VersionPtr version = store->version();
  if (version->sstables.size() < options_.sstables_per_table_max) return false;
  if (is_closing() || store->is_dropped() || store->has_compaction_failed) return false;
  return options_.auto_compaction && PendingCompactions(*store) > 0;
}

// Back-pressure: compactions that fall behind hold flushes up, which hold writers up when the memtables are full.
void Database::WaitForCompactions(const StorePtr& store) {
  if (!IsInDebt(store)) return;
  const Stopwatch stopwatch(clock(), metrics_.flush_wait_seconds);
  logger().Info("{}.{} has {} SSTables: flushes wait for compactions", store->table()->keyspace, store->table()->name,
                store->version()->sstables.size());
  while (IsInDebt(store)) {
    ScheduleCompaction(store);
    base::MutexLock lock(room_mutex_);
    room_changed_.WaitFor(room_mutex_, std::chrono::milliseconds(20));
  }
}

void Database::FlushLargest() {
  StorePtr largest;
  size_t largest_bytes = 0;
  for (const StorePtr& store : Stores(true)) {
    if (store->is_flushed()) continue;
    const size_t bytes = store->active_bytes();
    if (largest == nullptr || bytes > largest_bytes) {
      largest = store;
      largest_bytes = bytes;
    }
  }
  if (largest == nullptr) return;
  if (scheduler_.has_threads() && log_ != nullptr) {
    ScheduleFlush(largest);
  } else if (!FlushStore(largest.get()).ok()) {
    logger().Warning("memtables stay over their bound");
  }
}

// Memtables that an earlier flush froze and could not write.
void Database::RetryFailedFlushes() {
  for (const StorePtr& store : Stores(true)) {
    if (store->version()->memtables.size() == 1) continue;
    if (scheduler_.has_threads()) {
      ScheduleFlush(store);
    } else if (!FlushStore(store.get()).ok()) {
      return;
    }
  }
}

// Finds the earliest record that any table still needs. A table without rows to flush needs none of those before now;
// with its gate shut no write is underway that would say otherwise.
void Database::ReleaseLog() {
  commitlog::CommitPosition needed = log_->NextPosition();
  StorePtr holder;
  for (const StorePtr& store : Stores(true)) {
    if (store->is_flushed()) {
      const base::ShutGate shut(store->gate());
      if (store->is_flushed()) store->AdvanceStart(log_->NextPosition());
    }
    if (store->log_start() < needed) {
      needed = store->log_start();
      holder = store;
    }
  }
  const base::Status forgotten = ForgetLogExtent();
  if (!forgotten.ok()) return logger().Warning("the commit log stays: {}", forgotten.message());
  log_->ReleaseSegmentsBefore(needed);
  if (holder != nullptr && scheduler_.has_threads() && log_->size_bytes() > kCommitLogBytesMax) ScheduleFlush(holder);
}

// Before a segment goes the manifest must not ask for it any more.
base::Status Database::ForgetLogExtent() {
  if (!has_log_extent_.load(std::memory_order_relaxed)) return base::Status::Ok();
  manifest::ManifestEdit edit;
  edit.remove_payloads.push_back(std::string(kLogExtentKey));
  base::MutexLock lock(commit_mutex_);
  if (!has_log_extent_) return base::Status::Ok();
  CASSETTE_RETURN_IF_ERROR(manifest_->Apply(edit));
  has_log_extent_ = false;
  return base::Status::Ok();
}

base::Status Database::RememberLogExtent() {
  manifest::ManifestEdit edit;
  edit.put_payloads.emplace_back(std::string(kLogExtentKey), EncodeLogExtent(log_->extent()));
  CASSETTE_RETURN_IF_ERROR(manifest_->Apply(edit));
  return manifest_->Close();
}

}  // namespace cassette::storage::engine
