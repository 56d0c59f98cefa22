// What the engine tells about itself.
#include <algorithm>

#include "storage/compaction/strategy.h"
#include "storage/engine/database.h"

namespace cassette::storage::engine {
namespace {

TableStatistics StatisticsOf(const TableStore& store) {
  TableStatistics statistics;
  statistics.table = store.table();
  const VersionPtr version = store.version();
  for (const MemtablePtr& slot : version->memtables) {
    const memtable::MemtableStatistics memtable = slot->memtable.statistics();
    statistics.memtable_rows += memtable.rows;
    statistics.memtable_bytes += memtable.memory_bytes;
    statistics.partitions_estimate += memtable.partitions;
  }
  uint64_t stored_partitions = 0;
  for (const SstablePtr& table : version->sstables) {
    const sstable::SstableStatistics& stored = table->statistics();
    stored_partitions += stored.partition_count;
    ++statistics.sstable_count;
    statistics.sstable_bytes += stored.file_bytes;
    statistics.sstable_rows += stored.row_count;
    statistics.sstable_tombstones += stored.tombstone_count;
    statistics.partitions_estimate += stored.partition_count;
    statistics.max_partition_rows = std::max(statistics.max_partition_rows, stored.max_partition_rows);
  }
  const TableMetrics& metrics = store.metrics;
  if (stored_partitions > 0) statistics.mean_partition_bytes = statistics.sstable_bytes / stored_partitions;
  statistics.pending_flushes = version->memtables.size() - 1;
  statistics.flushes = metrics.flushes;
  statistics.flushed_bytes = metrics.flushed_bytes;
  statistics.compactions = metrics.compactions;
  statistics.compacted_bytes = metrics.compacted_bytes;
  statistics.reads = metrics.reads;
  statistics.writes = metrics.writes;
  statistics.sstables_read = metrics.sstables_read;
  statistics.sstables_skipped = metrics.sstables_skipped;
  statistics.rows_read = metrics.rows_read;
  statistics.tombstones_read = metrics.tombstones_read;
  statistics.read_latency = metrics.read_latency.Statistics();
  statistics.write_latency = metrics.write_latency.Statistics();
  return statistics;
}

}  // namespace

EngineStatistics Database::Statistics() const {
  EngineStatistics statistics;
  statistics.directory = directory_->path();
  statistics.commitlog_bytes = log_->size_bytes();
  statistics.commitlog_segments = log_->statistics().segments;
  const sstable::BlockCacheStatistics cache = cache_.Statistics();
  statistics.cache_bytes = cache.bytes;
  statistics.cache_hits = cache.hits;
  statistics.cache_misses = cache.misses;
  statistics.compactions = running_compactions_.Statistics();
  statistics.replayed_mutations = replayed_mutations_;
  uint64_t sstables = 0;
  uint64_t pending = 0;
  for (const StorePtr& store : Stores(false)) {
    statistics.tables.push_back(StatisticsOf(*store));
    statistics.tables.back().pending_compactions = PendingCompactions(*store);
    statistics.memtable_bytes += statistics.tables.back().memtable_bytes;
    statistics.sstable_bytes += statistics.tables.back().sstable_bytes;
    sstables += statistics.tables.back().sstable_count;
    pending += statistics.tables.back().pending_compactions;
  }
  metrics_.Follow(log_->statistics(), statistics.commitlog_bytes, cache, statistics.memtable_bytes, sstables,
                  statistics.sstable_bytes, pending);
  std::sort(statistics.tables.begin(), statistics.tables.end(), [](const TableStatistics& a, const TableStatistics& b) {
    return a.table->keyspace != b.table->keyspace ? a.table->keyspace < b.table->keyspace
                                                  : a.table->name < b.table->name;
  });
  return statistics;
}

}  // namespace cassette::storage::engine
