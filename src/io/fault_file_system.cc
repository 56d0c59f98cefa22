#include "io/fault_file_system.h"

#include <fmt/format.h>

#include <utility>

#include "base/assert.h"

namespace cassette::io {

using base::MutexLock;
using base::Result;
using base::Status;

namespace {

using CallKind = FaultFileSystem::CallKind;

// What every file of a FaultFileSystem has: whom to ask, and since when it is open.
class Asker {
 public:
  Asker(FaultFileSystem* owner, std::string path) : owner_(owner), path_(std::move(path)), epoch_(owner->epoch()) {}
  FaultFileSystem::Verdict Judge(CallKind kind) const { return owner_->Judge(kind, path_, epoch_); }
  Status Check(CallKind kind) const { return Judge(kind).status; }

 private:
  FaultFileSystem* const owner_;
  const std::string path_;
  const uint64_t epoch_;
};

class FaultSequentialFile final : public SequentialFile {
 public:
  FaultSequentialFile(Asker asker, std::unique_ptr<SequentialFile> target)
      : asker_(std::move(asker)), target_(std::move(target)) {}
  Result<size_t> Read(std::span<char> target) override {
    CASSETTE_RETURN_IF_ERROR(asker_.Check(CallKind::kRead));
    return target_->Read(target);
  }

 private:
  const Asker asker_;
  const std::unique_ptr<SequentialFile> target_;
};

class FaultRandomAccessFile final : public RandomAccessFile {
 public:
  FaultRandomAccessFile(Asker asker, std::unique_ptr<RandomAccessFile> target)
      : asker_(std::move(asker)), target_(std::move(target)) {}
  Result<size_t> ReadAt(uint64_t offset, std::span<char> target) const override {
    CASSETTE_RETURN_IF_ERROR(asker_.Check(CallKind::kRead));
    return target_->ReadAt(offset, target);
  }
  void Prefetch(uint64_t offset, uint64_t length_bytes) const override { target_->Prefetch(offset, length_bytes); }
  uint64_t size() const override { return target_->size(); }
  const std::string& path() const override { return target_->path(); }

 private:
  const Asker asker_;
  const std::unique_ptr<RandomAccessFile> target_;
};

class FaultWritableFile final : public WritableFile {
 public:
  FaultWritableFile(Asker asker, std::unique_ptr<WritableFile> target)
      : asker_(std::move(asker)), target_(std::move(target)) {}
  Status Append(std::string_view bytes) override {
    const FaultFileSystem::Verdict verdict = asker_.Judge(CallKind::kChange);
    if (verdict.status.ok()) return target_->Append(bytes);
    if (verdict.short_write) CASSETTE_RETURN_IF_ERROR(target_->Append(bytes.substr(0, bytes.size() / 2)));
    return verdict.status;
  }
  Status Sync() override {
    CASSETTE_RETURN_IF_ERROR(asker_.Check(CallKind::kSync));
    return target_->Sync();
  }
  Status Close() override {
    CASSETTE_RETURN_IF_ERROR(asker_.Check(CallKind::kChange));
    return target_->Close();
  }
  uint64_t size() const override { return target_->size(); }
  const std::string& path() const override { return target_->path(); }

 private:
  const Asker asker_;
  const std::unique_ptr<WritableFile> target_;
};

class FaultBlockFile final : public BlockFile {
 public:
  FaultBlockFile(Asker asker, std::unique_ptr<BlockFile> target)
      : asker_(std::move(asker)), target_(std::move(target)) {}
  Status WriteAt(uint64_t offset, std::span<const char> bytes) override {
    const FaultFileSystem::Verdict verdict = asker_.Judge(CallKind::kChange);
    if (verdict.status.ok()) return target_->WriteAt(offset, bytes);
    const size_t half = bytes.size() / 2 / kBlockBytes * kBlockBytes;
    if (verdict.short_write) CASSETTE_RETURN_IF_ERROR(target_->WriteAt(offset, bytes.first(half)));
    return verdict.status;
  }
  Status Truncate(uint64_t size_bytes) override {
    CASSETTE_RETURN_IF_ERROR(asker_.Check(CallKind::kChange));
    return target_->Truncate(size_bytes);
  }
  Status Sync() override {
    CASSETTE_RETURN_IF_ERROR(asker_.Check(CallKind::kSync));
    return target_->Sync();
  }
  Status Close() override {
    CASSETTE_RETURN_IF_ERROR(asker_.Check(CallKind::kChange));
    return target_->Close();
  }
  bool direct() const override { return target_->direct(); }
  const std::string& path() const override { return target_->path(); }

 private:
  const Asker asker_;
  const std::unique_ptr<BlockFile> target_;
};

class FaultMappedFile final : public MappedFile {
 public:
  FaultMappedFile(Asker asker, std::unique_ptr<MappedFile> target)
      : asker_(std::move(asker)), target_(std::move(target)) {}
  std::span<char> bytes() override { return target_->bytes(); }
  Status Sync(uint64_t offset, uint64_t length_bytes) override {
    const FaultFileSystem::Verdict verdict = asker_.Judge(CallKind::kSync);
    if (verdict.status.ok()) return target_->Sync(offset, length_bytes);
    if (verdict.short_write) CASSETTE_RETURN_IF_ERROR(target_->Sync(offset, length_bytes / 2));
    return verdict.status;
  }
  const std::string& path() const override { return target_->path(); }

 private:
  const Asker asker_;
  const std::unique_ptr<MappedFile> target_;
};

}  // namespace

FaultFileSystem::FaultFileSystem(FileSystem& target)
    : target_(target), memory_(nullptr), power_cut_(PowerCut::kDropUnsynced), random_(0) {}

FaultFileSystem::FaultFileSystem(MemFileSystem& target, PowerCut power_cut, uint64_t seed)
    : target_(target), memory_(&target), power_cut_(power_cut), random_(seed) {}

void FaultFileSystem::FailCall(uint64_t nth, Fault fault) {
  CASSETTE_ASSERT(nth > 0);
  MutexLock lock(mutex_);
  call_plan_ = {call_count_ + nth, fault};
}

void FaultFileSystem::FailSync(uint64_t nth, Fault fault) {
  CASSETTE_ASSERT(nth > 0);
  MutexLock lock(mutex_);
  sync_plan_ = {sync_count_ + nth, fault};
}

void FaultFileSystem::FailRead(uint64_t nth, Fault fault) {
  CASSETTE_ASSERT(nth > 0);
  CASSETTE_ASSERT(fault == Fault::kIoError);
  MutexLock lock(mutex_);
  read_plan_ = {read_count_ + nth, fault};
}

void FaultFileSystem::SetDiskFull(bool full) {
  MutexLock lock(mutex_);
  disk_full_ = full;
}

void FaultFileSystem::CutPowerNow() {
  MutexLock lock(mutex_);
  CutPowerLocked();
}

void FaultFileSystem::CutPowerLocked() {
  if (!has_power_) return;
  has_power_ = false;
  if (memory_ != nullptr) memory_->CutPower(power_cut_, random_);
}

void FaultFileSystem::Restart() {
  MutexLock lock(mutex_);
  ++epoch_;
  has_power_ = true;
  call_plan_ = sync_plan_ = read_plan_ = Plan();
}

uint64_t FaultFileSystem::call_count() const {
  MutexLock lock(mutex_);
  return call_count_;
}

uint64_t FaultFileSystem::sync_count() const {
  MutexLock lock(mutex_);
  return sync_count_;
}

uint64_t FaultFileSystem::read_count() const {
  MutexLock lock(mutex_);
  return read_count_;
}

bool FaultFileSystem::has_power() const {
  MutexLock lock(mutex_);
  return has_power_;
}

uint64_t FaultFileSystem::epoch() const {
  MutexLock lock(mutex_);
  return epoch_;
}

FaultFileSystem::Verdict FaultFileSystem::Judge(CallKind kind, const std::string& path, uint64_t epoch) {
  MutexLock lock(mutex_);
  if (!has_power_ || epoch != epoch_) {
    return {base::IoError(fmt::format("{}: no call gets through: the power was cut", path))};
  }
  if (kind == CallKind::kRead) return ++read_count_ == read_plan_.at ? Meet(read_plan_.fault, path) : Verdict();
  const bool at_call = ++call_count_ == call_plan_.at;
  const bool at_sync = kind == CallKind::kSync && ++sync_count_ == sync_plan_.at;
  if (at_call) return Meet(call_plan_.fault, path);
  if (disk_full_ && kind == CallKind::kChange) return Meet(Fault::kNoSpace, path);
  return at_sync ? Meet(sync_plan_.fault, path) : Verdict();
}

FaultFileSystem::Verdict FaultFileSystem::Meet(Fault fault, const std::string& path) {
  switch (fault) {
    case Fault::kNoSpace:
      return {base::IoError(fmt::format("{}: No space left on device (injected)", path))};
    case Fault::kPowerCut:
      CutPowerLocked();
      return {base::IoError(fmt::format("{}: the power was cut", path))};
    case Fault::kShortWrite:
      return {base::IoError(fmt::format("{}: No space left on device (injected, half written)", path)), true};
    case Fault::kIoError:
      break;
  }
  return {base::IoError(fmt::format("{}: Input/output error (injected)", path))};
}

Status FaultFileSystem::Check(CallKind kind, const std::string& path) { return Judge(kind, path, epoch()).status; }

Result<std::unique_ptr<SequentialFile>> FaultFileSystem::OpenSequential(const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kRead, path));
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<SequentialFile> file, target_.OpenSequential(path));
  return std::unique_ptr<SequentialFile>(std::make_unique<FaultSequentialFile>(Asker(this, path), std::move(file)));
}

Result<std::unique_ptr<RandomAccessFile>> FaultFileSystem::OpenRandomAccess(const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kRead, path));
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<RandomAccessFile> file, target_.OpenRandomAccess(path));
  return std::unique_ptr<RandomAccessFile>(std::make_unique<FaultRandomAccessFile>(Asker(this, path), std::move(file)));
}

Result<std::unique_ptr<WritableFile>> FaultFileSystem::CreateWritable(const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kChange, path));
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, target_.CreateWritable(path));
  return std::unique_ptr<WritableFile>(std::make_unique<FaultWritableFile>(Asker(this, path), std::move(file)));
}

Result<std::unique_ptr<WritableFile>> FaultFileSystem::OpenAppendable(const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kChange, path));
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, target_.OpenAppendable(path));
  return std::unique_ptr<WritableFile>(std::make_unique<FaultWritableFile>(Asker(this, path), std::move(file)));
}

Result<std::unique_ptr<BlockFile>> FaultFileSystem::CreateBlockFile(const std::string& path,
                                                                    uint64_t preallocate_bytes) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kChange, path));
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<BlockFile> file, target_.CreateBlockFile(path, preallocate_bytes));
  return std::unique_ptr<BlockFile>(std::make_unique<FaultBlockFile>(Asker(this, path), std::move(file)));
}

Result<std::unique_ptr<MappedFile>> FaultFileSystem::MapWritable(const std::string& path, uint64_t size_bytes) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kChange, path));
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<MappedFile> file, target_.MapWritable(path, size_bytes));
  return std::unique_ptr<MappedFile>(std::make_unique<FaultMappedFile>(Asker(this, path), std::move(file)));
}

Status FaultFileSystem::CreateDir(const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kChange, path));
  return target_.CreateDir(path);
}

Result<std::vector<std::string>> FaultFileSystem::ListDir(const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kRead, path));
  return target_.ListDir(path);
}

Status FaultFileSystem::Rename(const std::string& source, const std::string& target) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kChange, source));
  return target_.Rename(source, target);
}

Status FaultFileSystem::Remove(const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kChange, path));
  return target_.Remove(path);
}

Status FaultFileSystem::RemoveDir(const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kChange, path));
  return target_.RemoveDir(path);
}

Status FaultFileSystem::Truncate(const std::string& path, uint64_t size_bytes) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kChange, path));
  return target_.Truncate(path, size_bytes);
}

Status FaultFileSystem::Link(const std::string& source, const std::string& target) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kChange, source));
  return target_.Link(source, target);
}

Result<FileInfo> FaultFileSystem::Stat(const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kRead, path));
  return target_.Stat(path);
}

Status FaultFileSystem::SyncDir(const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kSync, path));
  return target_.SyncDir(path);
}

Result<std::unique_ptr<FileLock>> FaultFileSystem::Lock(const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kChange, path));
  return target_.Lock(path);
}

Result<uint64_t> FaultFileSystem::FreeSpace(const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(Check(CallKind::kRead, path));
  return target_.FreeSpace(path);
}

uint64_t FaultFileSystem::BootId() { return target_.BootId(); }

}  // namespace cassette::io
