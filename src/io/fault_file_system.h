// FaultFileSystem: a file system that fails on request: the nth call gives EIO or ENOSPC, writes half, or the power
// goes. Calls are counted from 1, over everything that changes or syncs files (reads have their own count), so that a
// test runs a scenario once to learn how many calls it makes and then once for each of them failing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/random.h"
#include "io/file_system.h"
#include "io/mem_file_system.h"

namespace cassette::io {

enum class Fault : uint8_t {
  kIoError,     // The call does nothing and fails with "Input/output error".
  kNoSpace,     // The call does nothing and fails with "No space left on device".
  kShortWrite,  // A write stores half of its bytes, then fails; any other call: as kIoError.
  kPowerCut,    // The call does nothing; the power goes. Every call fails until Restart().
};

// Thread safety: all methods may be called from many threads.
// Lifetime: `target` must outlive it.
class FaultFileSystem final : public FileSystem {
 public:
  // Passes calls on to any file system; kPowerCut then only refuses further calls and loses nothing.
  explicit FaultFileSystem(FileSystem& target);
  // As above; kPowerCut loses what was not synced, as `power_cut` and `seed` say.
  FaultFileSystem(MemFileSystem& target, PowerCut power_cut, uint64_t seed);

  // The `nth` call from now on (1: the next) that changes or syncs something fails; later ones work again
  // (after kPowerCut: none until Restart).
  void FailCall(uint64_t nth, Fault fault);
  // As FailCall, counting only syncs (of files, maps and directories).
  void FailSync(uint64_t nth, Fault fault);
  // As FailCall, counting only reads. REQUIRES: fault is kIoError.
  void FailRead(uint64_t nth, Fault fault);
  // While set: every call that changes something (syncs do not) fails as kNoSpace.
  void SetDiskFull(bool full);
  // The power goes now.
  void CutPowerNow();
  // After a power cut: files work again, with what survived. Faults not yet met are forgotten.
  void Restart();

  // Calls that changed or synced something since the beginning, failed ones included.
  uint64_t call_count() const;
  uint64_t sync_count() const;
  uint64_t read_count() const;
  bool has_power() const;

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

  // What the files that it opened ask before each call. Public for them alone.
  enum class CallKind : uint8_t { kRead, kChange, kSync };
  struct Verdict {
    base::Status status;       // Not ok: the call fails with this.
    bool short_write = false;  // Store half first.
  };
  // `epoch`: when the file was opened; a file of before the last power cut stays refused.
  Verdict Judge(CallKind kind, const std::string& path, uint64_t epoch);
  uint64_t epoch() const;

 private:
  struct Plan {
    uint64_t at = 0;  // 0: none.
    Fault fault = Fault::kIoError;
  };

  base::Status Check(CallKind kind, const std::string& path);
  Verdict Meet(Fault fault, const std::string& path) CASSETTE_REQUIRES(mutex_);
  void CutPowerLocked() CASSETTE_REQUIRES(mutex_);

  FileSystem& target_;
  MemFileSystem* const memory_;  // Null: `target_` cannot lose power.
  const PowerCut power_cut_;
  mutable base::Mutex mutex_;
  base::Random random_ CASSETTE_GUARDED_BY(mutex_);
  Plan call_plan_ CASSETTE_GUARDED_BY(mutex_);
  Plan sync_plan_ CASSETTE_GUARDED_BY(mutex_);
  Plan read_plan_ CASSETTE_GUARDED_BY(mutex_);
  uint64_t call_count_ CASSETTE_GUARDED_BY(mutex_) = 0;
  uint64_t sync_count_ CASSETTE_GUARDED_BY(mutex_) = 0;
  uint64_t read_count_ CASSETTE_GUARDED_BY(mutex_) = 0;
  uint64_t epoch_ CASSETTE_GUARDED_BY(mutex_) = 1;
  bool has_power_ CASSETTE_GUARDED_BY(mutex_) = true;
  bool disk_full_ CASSETTE_GUARDED_BY(mutex_) = false;
};

}  // namespace cassette::io
