// The engine's metrics in a registry: names, help, and when each counts.
#pragma once

#include "metrics/metrics.h"
#include "storage/commitlog/commitlog.h"
#include "storage/sstable/block_cache.h"

namespace cassette::storage::engine {

// Thread safety: all methods may be called from many threads. Lifetime: the registry outlives it.
class EngineMetrics {
 public:
  // `registry` may be null: nothing is measured, and the pointers are null.
  explicit EngineMetrics(metrics::Registry* registry);

  void Flushed(uint64_t rows, uint64_t bytes);
  void Compacted(uint64_t sstables, uint64_t bytes_read, uint64_t bytes_written, uint64_t rows);
  void Read(uint64_t sstables, uint64_t skipped, uint64_t row_groups, uint64_t rows, uint64_t tombstones);
  // Brings what others count up to their figures.
  void Follow(const commitlog::CommitLogStatistics& log, uint64_t log_bytes, const sstable::BlockCacheStatistics& cache,
              uint64_t memtable_bytes, uint64_t sstables, uint64_t sstable_bytes, uint64_t pending_compactions);

  metrics::Histogram* flush_seconds = nullptr;
  metrics::Histogram* compaction_seconds = nullptr;
  metrics::Histogram* bulk_load_spill_seconds = nullptr;
  metrics::Histogram* write_stall_seconds = nullptr;
  metrics::Histogram* flush_wait_seconds = nullptr;

 private:
  metrics::Counter* flushed_rows_ = nullptr;
  metrics::Counter* flushed_bytes_ = nullptr;
  metrics::Counter* compacted_sstables_ = nullptr;
  metrics::Counter* compaction_bytes_read_ = nullptr;
  metrics::Counter* compaction_bytes_written_ = nullptr;
  metrics::Counter* compaction_rows_ = nullptr;
  metrics::Counter* reads_ = nullptr;
  metrics::Counter* sstables_read_ = nullptr;
  metrics::Counter* sstables_skipped_ = nullptr;
  metrics::Counter* row_groups_read_ = nullptr;
  metrics::Counter* rows_read_ = nullptr;
  metrics::Counter* tombstones_read_ = nullptr;
  metrics::Gauge* log_records_ = nullptr;
  metrics::Gauge* log_appended_bytes_ = nullptr;
  metrics::Gauge* log_syncs_ = nullptr;
  metrics::Gauge* log_sync_seconds_ = nullptr;
  metrics::Gauge* log_bytes_ = nullptr;
  metrics::Gauge* log_segments_ = nullptr;
  metrics::Gauge* cache_bytes_ = nullptr;
  metrics::Gauge* cache_hits_ = nullptr;
  metrics::Gauge* cache_misses_ = nullptr;
  metrics::Gauge* memtable_bytes_ = nullptr;
  metrics::Gauge* sstables_ = nullptr;
  metrics::Gauge* sstable_bytes_ = nullptr;
  metrics::Gauge* pending_compactions_ = nullptr;
};

}  // namespace cassette::storage::engine
