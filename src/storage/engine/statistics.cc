// What the engine tells about itself.
#include <algorithm>

#include "storage/compaction/strategy.h"
#include "storage/engine/database.h"

namespace cassette::storage::engine {
namespace {

TableStatistics StatisticsOf(const TableStore& store, int64_t now_seconds) {
  TableStatistics statistics;
  statistics.table = store.table();
  const VersionPtr version = store.version();
  for (const MemtablePtr& slot : version->memtables) {
    const memtable::MemtableStatistics memtable = slot->memtable.statistics();
    statistics.memtable_rows += memtable.rows;
    statistics.memtable_bytes += memtable.memory_bytes;
    statistics.partitions_estimate += memtable.partitions;
  }
  std::vector<compaction::SstableView> views;
  compaction::Context context;
  context.now_seconds = now_seconds;
  context.gc_before_seconds = now_seconds - statistics.table->options.gc_grace_seconds;
  for (const SstablePtr& table : version->sstables) {
    const sstable::SstableStatistics& stored = table->statistics();
    ++statistics.sstable_count;
    statistics.sstable_bytes += stored.file_bytes;
    statistics.sstable_rows += stored.row_count;
    statistics.sstable_tombstones += stored.tombstone_count;
    statistics.partitions_estimate += stored.partition_count;
    statistics.max_partition_rows = std::max(statistics.max_partition_rows, stored.max_partition_rows);
    views.push_back(table->View(context.gc_before_seconds));
  }
  const auto strategy = compaction::MakeStrategy(statistics.table->options.compaction);
  if (strategy.ok()) statistics.pending_compactions = (*strategy)->PendingCount(views, context);
  statistics.flushes = store.flushes;
  statistics.compactions = store.compactions;
  statistics.reads = store.reads;
  statistics.writes = store.writes;
  return statistics;
}

}  // namespace

EngineStatistics Database::Statistics() const {
  EngineStatistics statistics;
  statistics.directory = directory_->path();
  statistics.commitlog_bytes = log_->size_bytes();
  statistics.commitlog_segments = log_->statistics().segments;
  statistics.cache_bytes = cache_.Statistics().bytes;
  statistics.replayed_mutations = replayed_mutations_;
  for (const StorePtr& store : Stores(false)) {
    statistics.tables.push_back(StatisticsOf(*store, clock().NowSeconds()));
    statistics.memtable_bytes += statistics.tables.back().memtable_bytes;
    statistics.sstable_bytes += statistics.tables.back().sstable_bytes;
  }
  std::sort(statistics.tables.begin(), statistics.tables.end(), [](const TableStatistics& a, const TableStatistics& b) {
    return a.table->keyspace != b.table->keyspace ? a.table->keyspace < b.table->keyspace
                                                  : a.table->name < b.table->name;
  });
  return statistics;
}

}  // namespace cassette::storage::engine
