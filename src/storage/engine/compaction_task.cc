// Compaction: what the table's strategy chooses is merged, moved to another level, or dropped whole.
#include <algorithm>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "storage/engine/compaction_options.h"
#include "storage/engine/compaction_output.h"
#include "storage/engine/database.h"
#include "storage/engine/stopwatch.h"

namespace cassette::storage::engine {
namespace {

std::vector<SstablePtr> ChosenOf(const TableVersion& version, const compaction::Choice& choice) {
  std::vector<SstablePtr> chosen;
  for (const SstablePtr& table : version.sstables) {
    if (std::binary_search(choice.ids.begin(), choice.ids.end(), table->file_number())) chosen.push_back(table);
  }
  return chosen;
}

// The oldest write that a memtable, or an SSTable outside of the merge, may hold of a partition: tombstones as old, or
// younger, must stay.
int64_t OldestElsewhere(const TableStore& store, const std::vector<SstablePtr>& inputs,
                        const rows::PartitionPosition& partition) {
  int64_t oldest = std::numeric_limits<int64_t>::max();
  const VersionPtr version = store.version();
  for (const MemtablePtr& slot : version->memtables) {
    if (!slot->memtable.empty()) oldest = std::min(oldest, slot->memtable.statistics().min_timestamp_micros);
  }
  for (const SstablePtr& table : version->sstables) {
    if (std::find(inputs.begin(), inputs.end(), table) != inputs.end()) continue;
    if (table->info().min_write_time >= oldest) continue;
    const auto may_contain = table->MayContain(partition.token);
    if (!may_contain.ok() || *may_contain) oldest = std::min(oldest, table->info().min_write_time);
  }
  return oldest;
}

bool WorthRewriting(const SstablePtr& table, const compaction::Context& context) {
  return table->statistics().min_local_deletion_seconds <= context.now_seconds;
}

}  // namespace

compaction::Options Database::CompactionOptionsOf(const TableStore& store) const {
  return options_.compaction_override.empty() ? store.table()->options.compaction : options_.compaction_override;
}

compaction::Context Database::ContextOf(const TableStore& store) const {
  compaction::Context context;
  context.now_seconds = clock().NowSeconds();
  context.gc_before_seconds = context.now_seconds - store.table()->options.gc_grace_seconds;
  if (!compaction::PurgesUnrepaired(CompactionOptionsOf(store))) {
    context.gc_before_seconds = std::numeric_limits<int64_t>::min();
  }
  context.flush_bytes = store.flush_bytes * options_.compaction_size_scale;
  const VersionPtr version = store.version();
  for (const MemtablePtr& slot : version->memtables) {
    if (slot->memtable.empty()) continue;
    context.memtable_min_timestamp_micros =
        std::min(context.memtable_min_timestamp_micros, slot->memtable.statistics().min_timestamp_micros);
  }
  return context;
}

std::vector<compaction::SstableView> Database::ViewsOf(const TableVersion& version,
                                                       const compaction::Context& context) const {
  std::vector<compaction::SstableView> views;
  for (const SstablePtr& table : version.sstables) {
    views.push_back(table->View(context.gc_before_seconds));
    views.back().size_bytes *= options_.compaction_size_scale;
  }
  return views;
}

base::Status ValidateCompactionOptions(const std::map<std::string, std::string>& options) {
  return compaction::ValidateOptions(options);
}

void Database::ScheduleCompaction(const StorePtr& store) {
  if (!options_.auto_compaction || store->is_memory_only()) return;
  if (!scheduler_.has_threads() || store->is_compaction_scheduled.exchange(true)) return;
  scheduler_.AddCompaction([this, store] {
    store->is_compaction_scheduled = false;
    bool did_something = false;
    const base::Status status = CompactOnce(store, &did_something);
    store->has_compaction_failed = !status.ok();
    if (!status.ok() && !is_closing()) logger().Error("compaction failed: {}", status.message());
    if (status.ok() && did_something) ScheduleCompaction(store);
  });
}

base::Status Database::CompactOnce(const StorePtr& store, bool* did_something) {
  base::MutexLock lock(store->compaction_mutex);
  *did_something = false;
  if (is_closing() || store->is_dropped()) return base::Status::Ok();
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<compaction::Strategy> strategy,
                            compaction::MakeStrategy(CompactionOptionsOf(*store)));
  const compaction::Context context = ContextOf(*store);
  const compaction::Choice choice = strategy->Next(ViewsOf(*store->version(), context), context);
  if (choice.empty()) return base::Status::Ok();
  *did_something = true;
  return RunChoice(store, choice, context);
}

base::Status Database::Compact(const schema::TableId* table) {
  if (is_closing()) return base::Unavailable("the engine is closed");
  std::vector<StorePtr> stores = Stores(true);
  if (table != nullptr) {
    CASSETTE_ASSIGN_OR_RETURN(StorePtr store, FindStore(*table));
    stores.assign(1, std::move(store));
  }
  for (const StorePtr& store : stores) {
    if (store->is_memory_only()) continue;
    base::MutexLock lock(store->compaction_mutex);
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<compaction::Strategy> strategy,
                              compaction::MakeStrategy(CompactionOptionsOf(*store)));
    const compaction::Context context = ContextOf(*store);
    const VersionPtr version = store->version();
    for (const compaction::Choice& choice : strategy->Major(ViewsOf(*version, context), context)) {
      const std::vector<SstablePtr> chosen = ChosenOf(*version, choice);
      const bool is_merge = choice.kind == compaction::Choice::Kind::kMerge;
      if (is_merge && chosen.size() == 1 && !WorthRewriting(chosen[0], context)) continue;
      CASSETTE_RETURN_IF_ERROR(RunChoice(store, choice, context));
    }
  }
  return base::Status::Ok();
}

uint64_t Database::PendingCompactions(const TableStore& store) const {
  const auto strategy = compaction::MakeStrategy(CompactionOptionsOf(store));
  if (!strategy.ok()) return 0;
  const compaction::Context context = ContextOf(store);
  return (*strategy)->PendingCount(ViewsOf(*store.version(), context), context);
}

base::Status Database::CompactPending() {
  if (is_closing()) return base::Unavailable("the engine is closed");
  for (const StorePtr& store : Stores(true)) {
    bool did_something = true;
    while (did_something) CASSETTE_RETURN_IF_ERROR(CompactOnce(store, &did_something));
  }
  return base::Status::Ok();
}

base::Status Database::RunChoice(const StorePtr& store, const compaction::Choice& choice,
                                 const compaction::Context& context) {
  const std::vector<SstablePtr> inputs = ChosenOf(*store->version(), choice);
  if (inputs.size() != choice.ids.size()) return base::Status::Ok();  // Truncated meanwhile.
  const schema::TablePtr table = store->table();
  logger().Debug("compacting {} SSTables of {}.{}: {}", inputs.size(), table->keyspace, table->name, choice.reason);
  base::Status status;
  if (choice.kind == compaction::Choice::Kind::kMerge) {
    status = MergeSstables(store, inputs, choice, context);
  } else {
    Change change;
    change.store = store;
    for (const SstablePtr& input : inputs) {
      if (choice.kind == compaction::Choice::Kind::kMove) change.moved.emplace_back(input, choice.output.level);
      if (choice.kind == compaction::Choice::Kind::kDrop) change.removed.push_back(input);
    }
    status = Commit(std::span(&change, 1));
  }
  if (status.code() == base::Code::kNotFound && store->is_dropped()) return base::Status::Ok();
  if (status.ok()) TableMetrics::Add(&store->metrics.compactions, 1);
  return status;
}

base::Status Database::MergeSstables(const StorePtr& store, const std::vector<SstablePtr>& inputs,
                                     const compaction::Choice& choice, const compaction::Context& context) {
  const Stopwatch stopwatch(clock(), metrics_.compaction_seconds);
  rows::PurgeOptions purge;
  purge.now_seconds = context.now_seconds;
  purge.gc_before_seconds = context.gc_before_seconds;
  purge.max_purgeable_micros = [&](const rows::PartitionPosition& partition) {
    return OldestElsewhere(*store, inputs, partition);
  };
  rows::MergeOptions merge;
  merge.table = store->table();
  merge.columns = rows::RegularColumnIds(*merge.table);
  merge.purge = &purge;
  rows::ReadRange range;
  range.columns = merge.columns;
  sstable::ReadOptions read_options;
  read_options.bypass_cache = true;
  sstable::ReadCounters counters;
  std::vector<std::unique_ptr<rows::RowSource>> sources;
  RunningCompactions::Entry running(running_compactions_);
  running.compaction.table = merge.table;
  running.compaction.sstables = inputs.size();
  running.compaction.reason = choice.reason;
  // What has expired whole is not read, whatever else it is merged with.
  const std::vector<uint64_t> expired =
      compaction::FullyExpired(ViewsOf(*store->version(), context), context, /*ignore_overlaps=*/false);
  for (const SstablePtr& input : inputs) {
    running.compaction.bytes += input->info().size_bytes;
    running.compaction.rows += input->info().row_count;
    if (std::binary_search(expired.begin(), expired.end(), input->file_number())) continue;
    sources.push_back(input->reader().Read(range, read_options, counters));
  }
  running.Begin();
  const std::unique_ptr<rows::RowSource> merged = rows::MergeSources(std::move(sources), merge);

  compaction::Output rule = choice.output;
  rule.sstable_bytes_max =
      (rule.sstable_bytes_max + options_.compaction_size_scale - 1) / options_.compaction_size_scale;
  const double bytes_per_row = static_cast<double>(running.compaction.bytes) /
                               static_cast<double>(std::max<uint64_t>(1, running.compaction.rows));
  CompactionOutput output(*this, merge.table, std::move(rule), bytes_per_row);
  rows::RowBlock block;
  while (true) {
    if (is_closing() || store->is_dropped()) return base::Cancelled("the compaction was stopped");
    CASSETTE_ASSIGN_OR_RETURN(const bool more, merged->Next(&block));
    if (!more) break;
    CASSETTE_RETURN_IF_ERROR(output.Add(&block));
    running.compaction.rows_read.store(counters.rows_read, std::memory_order_relaxed);
  }
  Change change;
  change.store = store;
  change.removed = inputs;
  CASSETTE_ASSIGN_OR_RETURN(change.added, output.Finish());
  const base::Status committed = Commit(std::span(&change, 1));
  if (committed.code() == base::Code::kNotFound) {
    for (const SstablePtr& table : change.added) table->MarkObsolete();
    return base::Status::Ok();
  }
  uint64_t bytes_written = 0;
  uint64_t rows_written = 0;
  for (const SstablePtr& table : change.added) {
    bytes_written += table->info().size_bytes;
    rows_written += table->info().row_count;
  }
  const uint64_t bytes_read = running.compaction.bytes;
  TableMetrics::Add(&store->metrics.compacted_bytes, bytes_read);
  metrics_.Compacted(inputs.size(), bytes_read, bytes_written, rows_written);
  logger().Info("compacted {}.{}: {} SSTables to {}, {} rows to {}, {} bytes to {} (ratio {:.3f}) in {} ms: {}",
                merge.table->keyspace, merge.table->name, inputs.size(), change.added.size(), running.compaction.rows,
                rows_written, bytes_read, bytes_written, Ratio(bytes_written, bytes_read), stopwatch.elapsed_millis(),
                choice.reason);
  return committed;
}

}  // namespace cassette::storage::engine
