#include "storage/engine/engine_metrics.h"

namespace cassette::storage::engine {

EngineMetrics::EngineMetrics(metrics::Registry* registry) {
  if (registry == nullptr) return;
  const auto histogram = [&](const char* name, const char* help) {
    return &registry->GetHistogram(name, help, metrics::DurationBounds());
  };
  const auto counter = [&](const char* name, const char* help) { return &registry->GetCounter(name, help); };
  const auto gauge = [&](const char* name, const char* help) { return &registry->GetGauge(name, help); };
  flush_seconds = histogram("cassette_flush_seconds", "Time to write one memtable as an SSTable.");
  compaction_seconds = histogram("cassette_compaction_seconds", "Time of one merge of SSTables.");
  bulk_load_spill_seconds = histogram("cassette_bulk_load_spill_seconds", "Time to write one SSTable of a bulk load.");
  write_stall_seconds =
      histogram("cassette_write_stall_seconds", "Time that a write waited for room in the memtables.");
  flush_wait_seconds = histogram("cassette_flush_wait_seconds", "Time that a flush waited for compactions.");
  flushed_rows_ = counter("cassette_flushed_rows_total", "Rows written by flushes.");
  flushed_bytes_ = counter("cassette_flushed_bytes_total", "Bytes of the SSTables that flushes wrote.");
  compacted_sstables_ = counter("cassette_compacted_sstables_total", "SSTables merged or dropped by compactions.");
  compaction_bytes_read_ = counter("cassette_compaction_read_bytes_total", "Bytes of the SSTables that were merged.");
  compaction_bytes_written_ = counter("cassette_compaction_written_bytes_total", "Bytes written by compactions.");
  compaction_rows_ = counter("cassette_compaction_rows_total", "Rows written by compactions.");
  reads_ = counter("cassette_reads_total", "Reads of partitions and token ranges.");
  sstables_read_ = counter("cassette_sstables_read_total", "SSTables that reads looked into.");
  sstables_skipped_ = counter("cassette_sstables_skipped_total", "SSTables ruled out by key filter or token range.");
  row_groups_read_ = counter("cassette_row_groups_read_total", "Row groups that reads decoded.");
  rows_read_ = counter("cassette_rows_read_total", "Rows read, before deletions and filters.");
  tombstones_read_ = counter("cassette_tombstones_read_total", "Tombstones that reads passed.");
  log_records_ = gauge("cassette_commitlog_records", "Records appended to the commit log since it was opened.");
  log_appended_bytes_ =
      gauge("cassette_commitlog_appended_bytes", "Bytes appended to the commit log since it was opened.");
  log_syncs_ = gauge("cassette_commitlog_syncs", "Syncs of the commit log since it was opened.");
  log_sync_seconds_ = gauge("cassette_commitlog_sync_seconds", "Time spent in syncs of the commit log.");
  log_bytes_ = gauge("cassette_commitlog_size_bytes", "Bytes of commit log files that are still needed.");
  log_segments_ = gauge("cassette_commitlog_segments", "Commit log files that are still needed.");
  cache_bytes_ = gauge("cassette_cache_bytes", "Memory of the cache of decoded vectors and index blocks.");
  cache_hits_ = gauge("cassette_cache_hits", "What was found in the cache since the engine was opened.");
  cache_misses_ = gauge("cassette_cache_misses", "What was not found in the cache since the engine was opened.");
  memtable_bytes_ = gauge("cassette_memtable_bytes", "Memory of all memtables.");
  sstables_ = gauge("cassette_sstables", "Live SSTables.");
  sstable_bytes_ = gauge("cassette_sstable_bytes", "Bytes of live SSTables.");
  pending_compactions_ = gauge("cassette_pending_compactions", "Compactions that strategies would do now.");
}

void EngineMetrics::Flushed(uint64_t rows, uint64_t bytes) {
  if (flushed_rows_ == nullptr) return;
  flushed_rows_->Add(rows);
  flushed_bytes_->Add(bytes);
}

void EngineMetrics::Compacted(uint64_t sstables, uint64_t bytes_read, uint64_t bytes_written, uint64_t rows) {
  if (compacted_sstables_ == nullptr) return;
  compacted_sstables_->Add(sstables);
  compaction_bytes_read_->Add(bytes_read);
  compaction_bytes_written_->Add(bytes_written);
  compaction_rows_->Add(rows);
}

void EngineMetrics::Read(uint64_t sstables, uint64_t skipped, uint64_t row_groups, uint64_t rows, uint64_t tombstones) {
  if (reads_ == nullptr) return;
  reads_->Add();
  sstables_read_->Add(sstables);
  sstables_skipped_->Add(skipped);
  row_groups_read_->Add(row_groups);
  rows_read_->Add(rows);
  tombstones_read_->Add(tombstones);
}

void EngineMetrics::Follow(const commitlog::CommitLogStatistics& log, uint64_t log_bytes,
                           const sstable::BlockCacheStatistics& cache, uint64_t memtable_bytes, uint64_t sstables,
                           uint64_t sstable_bytes, uint64_t pending_compactions) {
  if (log_records_ == nullptr) return;
  const auto set = [](metrics::Gauge* gauge, uint64_t value) { gauge->Set(static_cast<double>(value)); };
  set(log_records_, log.records);
  set(log_appended_bytes_, log.bytes);
  set(log_syncs_, log.syncs);
  log_sync_seconds_->Set(static_cast<double>(log.sync_nanos) * 1e-9);
  set(log_bytes_, log_bytes);
  set(log_segments_, log.segments);
  set(cache_bytes_, cache.bytes);
  set(cache_hits_, cache.hits);
  set(cache_misses_, cache.misses);
  set(memtable_bytes_, memtable_bytes);
  set(sstables_, sstables);
  set(sstable_bytes_, sstable_bytes);
  set(pending_compactions_, pending_compactions);
}

}  // namespace cassette::storage::engine
