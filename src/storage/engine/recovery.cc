// Opening: the directory, the manifest with the schema, the SSTables, the commit log.
#include <algorithm>
#include <set>
#include <string>

#include "base/assert.h"
#include "rows/mutation.h"
#include "storage/engine/database.h"
#include "storage/engine/log_extent.h"
#include "storage/engine/log_record.h"
#include "storage/engine/schema_payload.h"

namespace cassette::storage::engine {
namespace {

// Mutations replayed between two looks at the memory that they fill.
constexpr uint64_t kReplayCheckMutations = 4096;

commitlog::SyncMode SyncModeOf(CommitLogSync sync) {
  switch (sync) {
    case CommitLogSync::kPeriodic:
      return commitlog::SyncMode::kPeriodic;
    case CommitLogSync::kGroup:
      return commitlog::SyncMode::kGroup;
    case CommitLogSync::kBatch:
      return commitlog::SyncMode::kBatch;
  }
  return commitlog::SyncMode::kBatch;
}

}  // namespace

base::Status Database::Start(const std::string& directory) {
  CASSETTE_ASSIGN_OR_RETURN(directory_, DataDirectory::Open(file_system(), directory));
  CASSETTE_RETURN_IF_ERROR(directory_->CheckManifestNotLost(file_system()));
  CASSETTE_ASSIGN_OR_RETURN(manifest_, manifest::Manifest::Open(file_system(), directory_->manifest_path(), logger()));
  CASSETTE_RETURN_IF_ERROR(LoadSchema());
  CASSETTE_RETURN_IF_ERROR(LoadSstables());
  CASSETTE_RETURN_IF_ERROR(RemoveStrayFiles());
  CASSETTE_RETURN_IF_ERROR(OpenLog());
  is_started_ = true;
  if (options_.auto_compaction) {
    for (const StorePtr& store : Stores(true)) ScheduleCompaction(store);
  }
  return base::Status::Ok();
}

base::Status Database::LoadSchema() {
  auto loaded = ParseSchemaPayloads(manifest_->state().payloads);
  if (!loaded.ok()) return loaded.status().WithContext(directory_->manifest_path() + ": ");
  auto catalogue = std::make_shared<Catalogue>();
  catalogue->schema = std::make_shared<const schema::Schema>(std::move(loaded).value());
  for (const auto& [name, keyspace] : catalogue->schema->keyspaces) {
    for (const auto& [table_name, table] : keyspace->tables) {
      const auto start = commitlog::CommitPosition::FromNumber(manifest_->log_position(table->id.bytes));
      auto store = std::make_shared<TableStore>(table, start);
      if (table->has_derived()) store->SetDerivedSince(catalogue->schema->version);
      catalogue->stores[table->id] = std::move(store);
    }
  }
  Publish(std::move(catalogue));
  return base::Status::Ok();
}

base::Result<SstablePtr> Database::OpenSstable(const manifest::SstableInfo& info) {
  const std::string path = directory_->SstablePath(info.file_number);
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<sstable::SstableReader> reader,
                            OpenSstableFile(open_files_.Open(path), path, info, &cache_));
  return std::make_shared<Sstable>(info, path, std::move(reader), file_system(), logger());
}

base::Status Database::LoadSstables() {
  manifest::ManifestEdit forget;
  const CataloguePtr pinned = catalogue();
  for (const manifest::SstableInfo& info : manifest_->sstables()) {
    const StorePtr store = pinned->Find(schema::TableId{info.table_id});
    if (store == nullptr) {
      forget.remove_sstables.push_back(info.file_number);
      continue;
    }
    CASSETTE_ASSIGN_OR_RETURN(SstablePtr table, OpenSstable(info));
    store->Replace({}, {std::move(table)}, nullptr);
  }
  return forget.remove_sstables.empty() ? base::Status::Ok() : manifest_->Apply(forget);
}

// Files that no manifest edit made live: of a flush, a compaction or a load that did not end.
base::Status Database::RemoveStrayFiles() {
  std::set<std::string> live;
  for (const manifest::SstableInfo& info : manifest_->sstables()) live.insert(SstableFileName(info.file_number));
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<std::string> names, file_system().ListDir(directory_->sstables_path()));
  for (const std::string& name : names) {
    if (live.contains(name) || !ParseSstableFileName(name)) continue;
    logger().Info("removing {}, which is not in the manifest", name);
    CASSETTE_RETURN_IF_ERROR(file_system().Remove(io::JoinPath(directory_->sstables_path(), name)));
  }
  return base::Status::Ok();
}

base::Status Database::OpenLog() {
  commitlog::CommitLogOptions options;
  options.directory = directory_->commitlog_path();
  options.sync_mode = SyncModeOf(options_.commitlog_sync);
  options.sync_period_ms = static_cast<uint32_t>(options_.commitlog_sync_period_ms);
  options.group_window_ms = static_cast<uint32_t>(options_.commitlog_sync_group_window_ms);
  options.segment_bytes = options_.commitlog_segment_bytes;
  options.floor = commitlog::CommitPosition::FromNumber(manifest_->log_position_max());
  CASSETTE_ASSIGN_OR_RETURN(options.required, LogExtentOf(manifest_->state()));
  const auto replay = [this](commitlog::CommitPosition position, std::string_view record) {
    return Replay(position, record);
  };
  has_log_extent_ = manifest_->state().payloads.contains(std::string(kLogExtentKey));
  CASSETTE_ASSIGN_OR_RETURN(log_, commitlog::CommitLog::Open(options, file_system(), clock(), logger(), replay));
  if (replayed_mutations_ > 0) {
    logger().Info("replayed {} mutations of {} commit log segments", replayed_mutations_, log_->replayed().segments);
  }
  return base::Status::Ok();
}

base::Status Database::Replay(commitlog::CommitPosition position, std::string_view record) {
  std::vector<std::string_view> mutations;
  CASSETTE_RETURN_IF_ERROR(SplitLogRecord(record, &mutations));
  const CataloguePtr pinned = catalogue();
  for (const std::string_view mutation : mutations) {
    CASSETTE_ASSIGN_OR_RETURN(const rows::MutationHeader header, rows::ReadMutationHeader(mutation));
    const StorePtr store = pinned->Find(header.table);
    if (store == nullptr || store->is_memory_only()) continue;
    if (position.ToNumber() < manifest_->log_position(header.table.bytes)) continue;
    const base::Status applied = store->active().memtable.Apply(header);
    // Its checksum was right, so it was as wrong when it was written, and refused then.
    if (!applied.ok()) logger().Error("commit log {}: skipping a mutation: {}", position.ToString(), applied.message());
    ++replayed_mutations_;
    if (replayed_mutations_ % kReplayCheckMutations == 0 && MemtableBytes() > options_.memtable_heap_bytes) {
      replay_position_ = position;
      FlushLargest();
    }
  }
  return base::Status::Ok();
}

}  // namespace cassette::storage::engine
