// The manifest: which SSTables live, up to where the commit log is flushed, what the schema is. A log of checksummed
// edits, each one synced record; the file CURRENT names the log in use. Format: docs/format/manifest.md.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "base/status.h"
#include "io/file_system.h"
#include "storage/manifest/manifest_edit.h"
#include "storage/manifest/sstable_info.h"

namespace cassette::storage::manifest {

// What all edits so far amount to.
struct ManifestState {
  uint64_t next_file_number = 1;
  std::map<uint64_t, SstableInfo> sstables;     // By file number.
  std::map<std::string, std::string> payloads;  // By key.
  std::map<TableId, uint64_t> log_positions;    // CommitPosition::ToNumber.

  // kInvalidArgument when the edit contradicts the state.
  base::Status Check(const ManifestEdit& edit) const;
  // Applies one edit; fails as Check, and then changes nothing.
  base::Status Apply(const ManifestEdit& edit);
  // One edit that makes this state from an empty one.
  ManifestEdit Snapshot() const;
  bool operator==(const ManifestState&) const = default;
};

// What can be read of a manifest without changing it.
struct ManifestContents {
  ManifestState state;  // All edits before the damage.
  base::Status damage;  // kCorruption or kFailedPrecondition, naming file and offset; ok when the manifest is sound.
};

struct ManifestOptions {
  static constexpr uint64_t kEditBytesMax = 1024 * 1024 * 1024;

  // Past this size, and past twice the last snapshot's, the log is rewritten as a snapshot.
  uint64_t log_bytes_max = 4 * 1024 * 1024;
};

// Thread safety: all methods may be called from many threads.
// Ownership: owns the log file; the caller holds the directory's lock.
// Lifetime: file system and logger outlive it.
class Manifest {
 public:
  // Reads the manifest of `directory`, or begins an empty one (making the directory). A torn last edit (never
  // acknowledged) is cut off. Fails with kFailedPrecondition when the files are of another version or not a manifest's,
  // with kCorruption, naming file and offset, when an edit that was once durable is wrong.
  static base::Result<std::unique_ptr<Manifest>> Open(io::FileSystem& file_system, const std::string& directory,
                                                      base::Logger& logger, const ManifestOptions& options = {});
  // Whether `directory` has a manifest, sound or not.
  static base::Result<bool> IsBegun(io::FileSystem& file_system, const std::string& directory);
  // Reads without changing anything. Fails only when a file cannot be read for another reason than damage.
  static base::Result<ManifestContents> Read(io::FileSystem& file_system, const std::string& directory);
  // Begins a new log with `state`, whatever is in the directory; earlier logs are kept under another name
  // (NAME.damaged). For repairs.
  static base::Status Replace(io::FileSystem& file_system, const std::string& directory, const ManifestState& state,
                              base::Logger& logger);
  ~Manifest();
  Manifest(const Manifest&) = delete;
  Manifest& operator=(const Manifest&) = delete;

  // After success the edit is durable and in state(). kInvalidArgument when it contradicts the state (nothing
  // happened). After an I/O failure the edit may or may not be found by the next Open. When it was a write that failed
  // (disk full), the next Apply begins a new log first, without the failed edit, and goes on when that works; when it
  // was a sync, every later Apply fails with kUnavailable.
  base::Status Apply(const ManifestEdit& edit);
  // Why every later Apply fails; Ok when none does for that.
  base::Status status() const;
  // Hands out a file number, never given again (also not after a crash, once an edit with it was applied).
  uint64_t NewFileNumber();

  // Writes down how many bytes are durable, so that a file cut afterwards is told from one that ends there. Apply may
  // follow.
  base::Status Close();

  // A copy.
  ManifestState state() const;
  std::vector<SstableInfo> sstables() const;
  // kNotFound when there is none.
  base::Result<std::string> payload(const std::string& key) const;
  // 0 when none was set.
  uint64_t log_position(const TableId& table_id) const;
  // The greatest of all tables, 0 when there is none: the floor of a new commit log.
  uint64_t log_position_max() const;
  uint64_t log_bytes() const;
  // Name (not path) of the log in use: what a snapshot of the directory must hold beside CURRENT.
  std::string log_name() const;

 private:
  Manifest(io::FileSystem& file_system, std::string directory, base::Logger& logger, const ManifestOptions& options);

  base::Status Load() CASSETTE_REQUIRES(mutex_);
  static base::Status CheckNeverBegun(io::FileSystem& file_system, const std::string& directory);
  base::Status OpenLogAt(const std::string& path, uint64_t file_bytes, uint64_t good_bytes) CASSETTE_REQUIRES(mutex_);
  base::Status AppendEdit(const ManifestEdit& edit) CASSETTE_REQUIRES(mutex_);
  base::Status Mend() CASSETTE_REQUIRES(mutex_);
  void Confirm() CASSETTE_REQUIRES(mutex_);
  base::Status WriteSnapshot() CASSETTE_REQUIRES(mutex_);
  base::Result<std::unique_ptr<io::WritableFile>> CreateLog(uint64_t log_number, uint32_t* checksum)
      CASSETTE_REQUIRES(mutex_);
  void RemoveOtherLogs() CASSETTE_REQUIRES(mutex_);
  base::Status Refuse(const base::Status& cause) CASSETTE_REQUIRES(mutex_);
  std::string PathOf(const std::string& name) const { return io::JoinPath(directory_, name); }

  io::FileSystem& file_system_;
  const std::string directory_;
  base::Logger& logger_;
  const ManifestOptions options_;
  mutable base::Mutex mutex_;
  ManifestState state_ CASSETTE_GUARDED_BY(mutex_);
  uint64_t log_number_ CASSETTE_GUARDED_BY(mutex_) = 0;
  uint64_t log_number_tried_ CASSETTE_GUARDED_BY(mutex_) = 0;  // The greatest that a rewriting used, done or failed.
  bool is_torn_ CASSETTE_GUARDED_BY(mutex_) = false;           // The log may end in half an edit: to be rewritten.
  uint32_t log_checksum_ CASSETTE_GUARDED_BY(mutex_) = 0;      // Of the header; seeds the records'.
  uint64_t snapshot_bytes_ CASSETTE_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<io::WritableFile> log_ CASSETTE_GUARDED_BY(mutex_);
  base::Status failure_ CASSETTE_GUARDED_BY(mutex_);
};

}  // namespace cassette::storage::manifest
