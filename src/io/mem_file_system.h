// MemFileSystem: files in memory, for tests and for engines that keep nothing. It knows for every file which bytes were
// synced and for every directory which entries were, so that a loss of power can be played: CutPower().
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/random.h"
#include "io/file_system.h"

namespace cassette::io {

// What becomes of bytes and directory entries that were not synced.
enum class PowerCut : uint8_t {
  kDropUnsynced,  // Nothing of them survives.
  kTear,          // Of each file a prefix of the unsynced bytes; of the entry changes a prefix, in order.
  kReorder,       // Of each unsynced block, and of each entry change, the old or the new, by lot.
};

namespace internal {
struct MemNode;  // A file's or directory's contents, apart from its names.
}

// Thread safety: all methods may be called from many threads.
class MemFileSystem final : public FileSystem {
 public:
  // What is not synced is remembered only when `can_lose_power` (it costs a second copy of the bytes).
  explicit MemFileSystem(bool can_lose_power = true);
  ~MemFileSystem() override;

  base::Result<std::unique_ptr<SequentialFile>> OpenSequential(const std::string& path) override;
  base::Result<std::unique_ptr<RandomAccessFile>> OpenRandomAccess(const std::string& path) override;
  base::Result<std::unique_ptr<WritableFile>> CreateWritable(const std::string& path) override;
  base::Result<std::unique_ptr<WritableFile>> OpenAppendable(const std::string& path) override;
  base::Result<std::unique_ptr<BlockFile>> CreateBlockFile(const std::string& path,
                                                           uint64_t preallocate_bytes) override;
  base::Result<std::unique_ptr<MappedFile>> MapWritable(const std::string& path, uint64_t size_bytes) override;
  base::Status CreateDir(const std::string& path) override;
  base::Result<std::vector<std::string>> ListDir(const std::string& path) override;
  base::Status Rename(const std::string& source, const std::string& target) override;
  base::Status Remove(const std::string& path) override;
  base::Status RemoveDir(const std::string& path) override;
  base::Status Truncate(const std::string& path, uint64_t size_bytes) override;
  base::Status Link(const std::string& source, const std::string& target) override;
  base::Result<FileInfo> Stat(const std::string& path) override;
  base::Status SyncDir(const std::string& path) override;
  base::Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;
  base::Result<uint64_t> FreeSpace(const std::string& path) override;
  uint64_t BootId() override;

  // The machine loses its power and starts again: unsynced bytes and entries go as `kind` says, locks are released.
  // Files opened before still take calls, but what they do reaches nobody. REQUIRES: can_lose_power.
  void CutPower(PowerCut kind, base::Random& random);

 private:
  class HeldLock;
  using NodePointer = std::shared_ptr<internal::MemNode>;
  using Entries = std::map<std::string, NodePointer>;  // By normal path; the two roots "/" and "." are not in it.
  // One step of the directory tree: each name gets its node, or nothing (null). Applied whole or not at all.
  using EntryChange = std::vector<std::pair<std::string, NodePointer>>;

  NodePointer Find(const std::string& normal) CASSETTE_REQUIRES(mutex_);
  base::Status CheckParent(const std::string& normal) CASSETTE_REQUIRES(mutex_);
  base::Result<NodePointer> FindFile(const std::string& path, std::string_view action) CASSETTE_REQUIRES(mutex_);
  base::Result<NodePointer> FindOrCreateFile(const std::string& path) CASSETTE_REQUIRES(mutex_);
  base::Result<NodePointer> CreateFile(const std::string& path) CASSETTE_REQUIRES(mutex_);
  void Change(EntryChange change) CASSETTE_REQUIRES(mutex_);
  bool HasChildren(const std::string& normal) CASSETTE_REQUIRES(mutex_);
  Entries SurvivingEntries(PowerCut kind, base::Random& random) CASSETTE_REQUIRES(mutex_);
  void Unlock(const std::string& normal, uint64_t boot_id);

  const bool can_lose_power_;
  base::Mutex mutex_;
  Entries entries_ CASSETTE_GUARDED_BY(mutex_);
  Entries durable_entries_ CASSETTE_GUARDED_BY(mutex_);
  std::vector<EntryChange> unsynced_changes_ CASSETTE_GUARDED_BY(mutex_);  // In the order made.
  std::set<std::string> locks_ CASSETTE_GUARDED_BY(mutex_);
  uint64_t boot_id_ CASSETTE_GUARDED_BY(mutex_) = 1;
};

}  // namespace cassette::io
