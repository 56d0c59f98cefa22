// Database: the Engine. Its methods are in several files by responsibility: database.cc (writes, statistics, closing),
// recovery.cc (opening), schema_change.cc, flush_task.cc, compaction_task.cc, read.cc, bulk_load.cc, snapshot.cc.
#pragma once

#include <atomic>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/mutex.h"
#include "io/open_file_pool.h"
#include "rows/merge.h"
#include "rows/mutation.h"
#include "storage/commitlog/commitlog.h"
#include "storage/compaction/strategy.h"
#include "storage/engine/data_directory.h"
#include "storage/engine/engine.h"
#include "storage/engine/engine_metrics.h"
#include "storage/engine/scheduler.h"
#include "storage/engine/table_store.h"
#include "storage/manifest/manifest.h"
#include "storage/sstable/block_cache.h"
#include "storage/sstable/sstable_writer.h"

namespace cassette::storage::engine {

struct TableIdHash {
  size_t operator()(const schema::TableId& id) const {
    uint64_t halves[2];
    std::memcpy(halves, id.bytes.data(), sizeof(halves));
    return halves[0] * 0x9e3779b97f4a7c15ull ^ halves[1];
  }
};

// What schema readers and writers see together. Thread safety: immutable.
struct Catalogue {
  schema::SchemaPtr schema;
  absl::flat_hash_map<schema::TableId, StorePtr, TableIdHash> stores;

  // Null when there is none.
  StorePtr Find(const schema::TableId& id) const;
  // kNotFound when there is none. Lifetime: the catalogue's.
  base::Result<TableStore*> Require(const schema::TableId& id) const;
};

using CataloguePtr = std::shared_ptr<const Catalogue>;

// A mutation, and whose it is. Lifetime: within that of its bytes and the catalogue.
struct TargetedMutation {
  TableStore* store;
  rows::MutationHeader mutation;
};

// Thread safety: all methods may be called from many threads.
// Lock order: schema_mutex_, a store's compaction_mutex, its flush_mutex, its gate (several stores' by address),
// commit_mutex_, catalogue_mutex_, a store's own.
class Database final : public Engine {
 public:
  Database(const EngineOptions& options, const EngineEnvironment& environment);
  ~Database() override;

  // Opens; after a failure only the destructor may follow.
  base::Status Start(const std::string& directory);

  schema::SchemaPtr schema() const override;
  bool IsCurrent(const schema::SchemaPtr& schema) const override { return schema.get() == current_schema_.load(); }
  base::Status ChangeSchema(const std::function<base::Result<schema::Schema>(const schema::Schema&)>& change) override;
  base::Status Truncate(std::span<const schema::TableId> tables) override;
  base::Result<CommitPosition> Apply(std::span<const std::string_view> mutations,
                                     uint64_t derived_version = kNothingDerived) override;
  rows::PartitionLocks& view_locks() override { return view_locks_; }
  bool IsDurable(CommitPosition position) const override;
  base::Status WaitDurable(CommitPosition position) override;
  void OnDurable(CommitPosition position, std::function<void(const base::Status&)> done) override;
  base::Result<std::unique_ptr<rows::BatchReader>> Read(const ReadCommand& command,
                                                        ReadStatistics* statistics) override;
  std::unique_ptr<Reader> NewReader() override;
  base::Result<std::unique_ptr<rows::RowSource>> ReadHistory(const ReadCommand& command) override;
  base::Result<bool> ReadRow(const schema::TableId& table, rows::Token token, std::string_view key,
                             std::string_view clustering, rows::RowHistory* found) override;
  base::Result<std::unique_ptr<BulkLoad>> BeginBulkLoad(const schema::TableId& table) override;
  base::Status CommitBulkLoads(std::span<BulkLoad* const> loads, uint64_t derived_version = kNothingDerived) override;
  base::Status Flush(const schema::TableId* table) override;
  base::Status Compact(const schema::TableId* table) override;
  base::Status CompactPending() override;
  base::Status Snapshot(const std::string& name) override;
  base::Result<std::vector<VerifyFinding>> Verify() override;
  EngineStatistics Statistics() const override;
  base::Status Close() override;

  // For the tasks and loads of this folder.

  const EngineOptions& options() const { return options_; }
  io::FileSystem& file_system() { return *environment_.file_system; }
  const base::Clock& clock() const { return *environment_.clock; }
  base::Logger& logger() { return *environment_.logger; }
  const DataDirectory& directory() const { return *directory_; }
  uint64_t NewFileNumber() { return manifest_->NewFileNumber(); }
  metrics::Histogram* bulk_load_spill_seconds() { return metrics_.bulk_load_spill_seconds; }
  EngineMetrics& metrics() { return metrics_; }
  bool is_closing() const { return is_closing_.load(std::memory_order_relaxed); }

  // kNotFound when the table is gone.
  base::Result<StorePtr> FindStore(const schema::TableId& id) const;
  sstable::WriterOptions WriterOptionsFor(std::string created_by) const;
  base::Result<SstablePtr> OpenSstable(const manifest::SstableInfo& info);
  // One manifest edit and what it changes of the tables' versions, in one step for readers of each table. kNotFound,
  // and nothing happens, when a table was dropped or an SSTable to be removed does not live any more.
  struct Change {
    StorePtr store;
    std::vector<SstablePtr> removed;
    std::vector<SstablePtr> added;
    std::vector<std::pair<SstablePtr, uint32_t>> moved;  // SSTables, and the levels that they get.
    const MemtableSlot* flushed = nullptr;
    commitlog::CommitPosition flushed_before;  // With `flushed`: where the log is needed from.
  };
  // `derived_version` as with Engine::Apply; nothing is checked without it.
  base::Status Commit(std::span<const Change> changes, std::optional<uint64_t> derived_version = std::nullopt);
  // Does what the table's strategy would do next, if anything.
  base::Status CompactOnce(const StorePtr& store, bool* did_something);
  // Compacts in the background when the table's strategy has something to do.
  void ScheduleCompaction(const StorePtr& store);

 private:
  // recovery.cc
  base::Status LoadSchema();
  base::Status LoadSstables();
  base::Status RemoveStrayFiles();
  base::Status OpenLog();
  base::Status Replay(commitlog::CommitPosition position, std::string_view record);

  // database.cc
  CataloguePtr catalogue() const;
  void Publish(CataloguePtr catalogue);
  base::Result<commitlog::CommitPosition> Log(std::span<const std::string_view> mutations);
  base::Result<CommitPosition> ApplyToStores(std::span<const std::string_view> mutations,
                                             std::span<const TargetedMutation> targeted, uint64_t derived_version);
  base::Status MakeRoom();
  void NoteWritten(size_t bytes);
  size_t MemtableBytes() const;

  // schema_change.cc
  manifest::ManifestEdit SchemaEdit(const schema::Schema& from, const schema::Schema& to) const;
  base::Status CommitSchema(const manifest::ManifestEdit& edit);
  void AdoptSchema(schema::SchemaPtr next);
  void PublishDerived(const CataloguePtr& catalogue, std::vector<StorePtr> derived_changed);
  base::Status TruncateShut(const std::vector<StorePtr>& stores);

  // snapshot.cc
  base::Status CaptureAllTables(manifest::ManifestState* state, std::vector<SstablePtr>* pinned);

  // flush_task.cc
  base::Status FlushStore(TableStore* store);
  base::Status FlushFrozen(TableStore* store, const MemtablePtr& slot, commitlog::CommitPosition flushed_before);
  base::Status FlushFrozenOf(TableStore* store);
  void ScheduleFlush(const StorePtr& store);
  void WaitForCompactions(const StorePtr& store);
  bool IsInDebt(const StorePtr& store) const;
  void FlushLargest();
  void RetryFailedFlushes();
  void ReleaseLog();
  base::Status ForgetLogExtent();
  base::Status RememberLogExtent();
  std::vector<StorePtr> Stores(bool durable_only) const;

  // compaction_task.cc
  compaction::Options CompactionOptionsOf(const TableStore& store) const;
  compaction::Context ContextOf(const TableStore& store) const;
  std::vector<compaction::SstableView> ViewsOf(const TableVersion& version, const compaction::Context& context) const;
  uint64_t PendingCompactions(const TableStore& store) const;
  base::Status RunChoice(const StorePtr& store, const compaction::Choice& choice, const compaction::Context& context);
  base::Status MergeSstables(const StorePtr& store, const std::vector<SstablePtr>& inputs,
                             const compaction::Choice& choice, const compaction::Context& context);

  const EngineOptions options_;
  const EngineEnvironment environment_;
  sstable::BlockCache cache_;
  io::OpenFilePool open_files_;  // Outlives the stores' readers.
  std::unique_ptr<DataDirectory> directory_;
  std::unique_ptr<manifest::Manifest> manifest_;
  std::unique_ptr<commitlog::CommitLog> log_;
  mutable EngineMetrics metrics_;
  RunningCompactions running_compactions_;
  Scheduler scheduler_;
  std::atomic<bool> is_closing_ = false;
  bool is_started_ = false;
  bool is_closed_ = false;

  base::Mutex schema_mutex_;  // One schema change at a time.
  base::Mutex commit_mutex_;  // Manifest edits, and the versions that they make.
  mutable base::Mutex catalogue_mutex_;
  CataloguePtr catalogue_ CASSETTE_GUARDED_BY(catalogue_mutex_);
  std::atomic<const schema::Schema*> current_schema_ = nullptr;  // That of catalogue_.

  rows::PartitionLocks view_locks_;

  // The bound on memtables. Bytes are looked at after each kMemtableCheckBytes written.
  std::atomic<size_t> written_since_check_ = 0;
  std::atomic<bool> is_over_bound_ = false;
  base::Mutex room_mutex_;
  base::CondVar room_changed_;
  base::Status flush_failure_ CASSETTE_GUARDED_BY(room_mutex_);

  std::atomic<bool> has_log_extent_ = false;  // Whether the manifest has a kLogExtentKey; changes under commit_mutex_.
  uint64_t replayed_mutations_ = 0;
  commitlog::CommitPosition replay_position_;
};

}  // namespace cassette::storage::engine
