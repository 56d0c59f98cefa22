// Snapshots: hard links that open as an engine's directory.
#include <algorithm>
#include <utility>

#include "storage/engine/database.h"
#include "storage/engine/schema_payload.h"
#include "storage/engine/store_locks.h"

namespace cassette::storage::engine {
namespace {

base::Status CheckSnapshotName(const std::string& name) {
  const bool is_bad = name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
                      name.find('\0') != std::string::npos;
  return is_bad ? base::InvalidArgument("a snapshot's name is a file name, not \"" + name + "\"") : base::Status::Ok();
}

}  // namespace

base::Status Database::Snapshot(const std::string& name) {
  CASSETTE_RETURN_IF_ERROR(CheckSnapshotName(name));
  CASSETTE_RETURN_IF_ERROR(Flush(nullptr));  // Most of it, while writes go on.
  const std::string path = io::JoinPath(directory_->snapshots_path(), name);
  CASSETTE_ASSIGN_OR_RETURN(const bool exists, file_system().Exists(path));
  if (exists) {
    // VERSION comes last: without it, it is what a crash left of a snapshot.
    if (DataDirectory::CheckVersion(file_system(), path).ok()) {
      return base::AlreadyExists("snapshot " + name + " already exists");
    }
    CASSETTE_RETURN_IF_ERROR(file_system().RemoveTree(path));
  }
  manifest::ManifestState state;
  std::vector<SstablePtr> pinned;
  CASSETTE_RETURN_IF_ERROR(CaptureAllTables(&state, &pinned));
  const auto make = [&]() -> base::Status {
    CASSETTE_RETURN_IF_ERROR(DataDirectory::MakeDirectories(file_system(), path));
    const std::string sstables = io::JoinPath(path, "sstables");
    for (const SstablePtr& table : pinned) {
      const std::string target = io::JoinPath(sstables, SstableFileName(table->file_number()));
      CASSETTE_RETURN_IF_ERROR(file_system().Link(table->path(), target));
    }
    CASSETTE_RETURN_IF_ERROR(file_system().SyncDir(sstables));
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<manifest::Manifest> copy,
                              manifest::Manifest::Open(file_system(), io::JoinPath(path, "manifest"), logger()));
    CASSETTE_RETURN_IF_ERROR(copy->Apply(state.Snapshot()));
    CASSETTE_RETURN_IF_ERROR(copy->Close());
    return DataDirectory::WriteVersion(file_system(), path);
  };
  const base::Status made = make();
  if (!made.ok()) {
    const base::Status removed = file_system().RemoveTree(path);
    if (!removed.ok()) logger().Warning("half a snapshot stays: {}", removed.message());
  }
  return made;
}

// As of one point in time: what a write gave to several tables, the rows of a batch, of an index, of a view, is in all
// of them or in none. Nothing is left in a memtable, for a snapshot has no log.
base::Status Database::CaptureAllTables(manifest::ManifestState* state, std::vector<SstablePtr>* pinned) {
  base::MutexLock schema_lock(schema_mutex_);  // Meanwhile no index is said to be built.
  std::vector<StorePtr> stores = Stores(true);
  std::sort(stores.begin(), stores.end());
  const LockedFlushes no_other_flushes(stores);
  {
    const ShutGates shut(stores);
    const commitlog::CommitPosition position = log_->NextPosition();
    for (const StorePtr& store : stores) {
      if (!store->active().memtable.empty()) store->Rotate(position);
    }
  }
  for (const StorePtr& store : stores) CASSETTE_RETURN_IF_ERROR(FlushFrozenOf(store.get()));
  base::MutexLock commit_lock(commit_mutex_);
  *state = manifest_->state();
  state->payloads.erase(std::string(kLogExtentKey));  // It has no log.
  for (const StorePtr& store : stores) {
    const VersionPtr version = store->version();
    pinned->insert(pinned->end(), version->sstables.begin(), version->sstables.end());
  }
  return base::Status::Ok();
}

}  // namespace cassette::storage::engine
