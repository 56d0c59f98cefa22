#include "io/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "base/assert.h"
#include "io/posix_error.h"
#include "io/posix_files.h"

namespace cassette::io {

using base::Result;
using base::Status;

namespace {

Status FromCall(int result, const std::string& path, std::string_view action) {
  return result == 0 ? Status::Ok() : ErrnoStatus(errno, path, action);
}

Result<uint64_t> SizeOf(const Descriptor& descriptor, const std::string& path) {
  struct stat information;
  if (::fstat(descriptor.number(), &information) != 0) return ErrnoStatus(errno, path, "look at");
  return static_cast<uint64_t>(information.st_size);
}

// Opens for reading. A directory can be opened and only fails when read; say so at once.
Result<Descriptor> OpenForReading(const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(Descriptor descriptor, OpenDescriptor(path, O_RDONLY));
  struct stat information;
  if (::fstat(descriptor.number(), &information) != 0) return ErrnoStatus(errno, path, "look at");
  if (S_ISDIR(information.st_mode)) return ErrnoStatus(EISDIR, path, "open");
  return descriptor;
}

// O_DIRECT where the file system has it. `*direct` says whether.
Result<Descriptor> OpenBlockDescriptor(const std::string& path, bool* direct) {
  constexpr int kFlags = O_RDWR | O_CREAT | O_TRUNC;
  *direct = true;
  Result<Descriptor> descriptor = OpenDescriptor(path, kFlags | O_DIRECT);
  if (descriptor.ok() || errno != EINVAL) return descriptor;
  *direct = false;
  return OpenDescriptor(path, kFlags);
}

// Reserves room; a file system that cannot is no failure, a full disk is.
Status Reserve(const Descriptor& descriptor, const std::string& path, uint64_t size_bytes) {
  if (size_bytes == 0) return Status::Ok();
  int result = 0;
  do {
    result = ::fallocate(descriptor.number(), 0, 0, static_cast<off_t>(size_bytes));
  } while (result != 0 && errno == EINTR);
  if (result == 0 || errno == EOPNOTSUPP) return Status::Ok();
  return ErrnoStatus(errno, path, "reserve room");
}

class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;  // The lock goes with it.
};

// "by process 123", or what can be said when the holder has not written its id.
std::string Holder(const Descriptor& descriptor) {
  char text[32];
  const ssize_t count = ::pread(descriptor.number(), text, sizeof(text), 0);
  long long id = 0;
  if (count > 0 && std::from_chars(text, text + count, id).ec == std::errc()) return fmt::format("process {}", id);
  return "another process";
}

FileKind KindOf(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::kFile;
  return S_ISDIR(mode) ? FileKind::kDirectory : FileKind::kOther;
}

}  // namespace

Result<std::unique_ptr<SequentialFile>> PosixFileSystem::OpenSequential(const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(Descriptor descriptor, OpenForReading(path));
  ::posix_fadvise(descriptor.number(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return NewPosixSequentialFile(std::move(descriptor), path);
}

Result<std::unique_ptr<RandomAccessFile>> PosixFileSystem::OpenRandomAccess(const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(Descriptor descriptor, OpenForReading(path));
  CASSETTE_ASSIGN_OR_RETURN(const uint64_t size_bytes, SizeOf(descriptor, path));
  return NewPosixRandomAccessFile(std::move(descriptor), path, size_bytes);
}

Result<std::unique_ptr<WritableFile>> PosixFileSystem::CreateWritable(const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(Descriptor descriptor, OpenDescriptor(path, O_WRONLY | O_CREAT | O_TRUNC));
  return NewPosixWritableFile(std::move(descriptor), path, 0);
}

Result<std::unique_ptr<WritableFile>> PosixFileSystem::OpenAppendable(const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(Descriptor descriptor, OpenDescriptor(path, O_WRONLY | O_CREAT | O_APPEND));
  CASSETTE_ASSIGN_OR_RETURN(const uint64_t size_bytes, SizeOf(descriptor, path));
  return NewPosixWritableFile(std::move(descriptor), path, size_bytes);
}

Result<std::unique_ptr<BlockFile>> PosixFileSystem::CreateBlockFile(const std::string& path,
                                                                    uint64_t preallocate_bytes) {
  bool direct = false;
  CASSETTE_ASSIGN_OR_RETURN(Descriptor descriptor, OpenBlockDescriptor(path, &direct));
  CASSETTE_RETURN_IF_ERROR(Reserve(descriptor, path, preallocate_bytes));
  return NewPosixBlockFile(std::move(descriptor), path, direct);
}

Result<std::unique_ptr<MappedFile>> PosixFileSystem::MapWritable(const std::string& path, uint64_t size_bytes) {
  CASSETTE_ASSERT(size_bytes > 0);
  CASSETTE_ASSERT(size_bytes % kBlockBytes == 0);
  CASSETTE_ASSIGN_OR_RETURN(Descriptor descriptor, OpenDescriptor(path, O_RDWR | O_CREAT));
  // posix_fallocate writes zeros where the file system cannot reserve: a store into the map must not meet a full disk,
  // which would end the process with SIGBUS.
  int error = 0;
  do {
    error = ::posix_fallocate(descriptor.number(), 0, static_cast<off_t>(size_bytes));
  } while (error == EINTR);
  if (error != 0) return ErrnoStatus(error, path, "reserve room");
  return NewPosixMappedFile(std::move(descriptor), path, size_bytes);
}

Status PosixFileSystem::CreateDir(const std::string& path) {
  return FromCall(::mkdir(path.c_str(), 0755), path, "create directory");
}

Result<std::vector<std::string>> PosixFileSystem::ListDir(const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return ErrnoStatus(errno, path, "list directory");
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  const int error = errno;
  ::closedir(directory);
  if (error != 0) return ErrnoStatus(error, path, "list directory");
  std::sort(names.begin(), names.end());
  return names;
}

Status PosixFileSystem::Rename(const std::string& source, const std::string& target) {
  return FromCall(::rename(source.c_str(), target.c_str()), source, fmt::format("rename to {}", target));
}

Status PosixFileSystem::Remove(const std::string& path) { return FromCall(::unlink(path.c_str()), path, "remove"); }

Status PosixFileSystem::RemoveDir(const std::string& path) {
  return FromCall(::rmdir(path.c_str()), path, "remove directory");
}

Status PosixFileSystem::Truncate(const std::string& path, uint64_t size_bytes) {
  CASSETTE_ASSIGN_OR_RETURN(Descriptor descriptor, OpenDescriptor(path, O_WRONLY));
  return FromCall(::ftruncate(descriptor.number(), static_cast<off_t>(size_bytes)), path, "set the size");
}

Status PosixFileSystem::Link(const std::string& source, const std::string& target) {
  return FromCall(::link(source.c_str(), target.c_str()), source, fmt::format("link as {}", target));
}

Result<FileInfo> PosixFileSystem::Stat(const std::string& path) {
  struct stat information;
  if (::stat(path.c_str(), &information) != 0) {
    // A file where a directory should be: nothing of this name is there.
    return ErrnoStatus(errno == ENOTDIR ? ENOENT : errno, path, "look at");
  }
  FileInfo info;
  info.kind = KindOf(information.st_mode);
  info.size_bytes = static_cast<uint64_t>(information.st_size);
  info.modified_micros = int64_t{information.st_mtim.tv_sec} * 1'000'000 + information.st_mtim.tv_nsec / 1000;
  return info;
}

Status PosixFileSystem::SyncDir(const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(Descriptor descriptor, OpenDescriptor(path, O_RDONLY | O_DIRECTORY));
  return FromCall(::fsync(descriptor.number()), path, "sync directory");
}

Result<std::unique_ptr<FileLock>> PosixFileSystem::Lock(const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(Descriptor descriptor, OpenDescriptor(path, O_RDWR | O_CREAT));
  // flock, not fcntl: it belongs to the open file, so a second holder in this process is refused too.
  if (::flock(descriptor.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoStatus(errno, path, "lock");
    return base::FailedPrecondition(fmt::format("{}: in use by {}", path, Holder(descriptor)));
  }
  const std::string id = fmt::format("{}\n", ::getpid());
  if (::ftruncate(descriptor.number(), 0) != 0 ||
      ::pwrite(descriptor.number(), id.data(), id.size(), 0) != static_cast<ssize_t>(id.size())) {
    return ErrnoStatus(errno, path, "write");
  }
  return std::unique_ptr<FileLock>(std::make_unique<PosixFileLock>(std::move(descriptor)));
}

Result<uint64_t> PosixFileSystem::FreeSpace(const std::string& path) {
  struct statvfs information;
  if (::statvfs(path.c_str(), &information) != 0) return ErrnoStatus(errno, path, "look at");
  return static_cast<uint64_t>(information.f_bavail) * information.f_frsize;
}

uint64_t PosixFileSystem::BootId() {
  // "0d1f8e5c-4a5b-...": a random number that the kernel draws when it starts.
  Result<std::unique_ptr<SequentialFile>> file = OpenSequential("/proc/sys/kernel/random/boot_id");
  if (!file.ok()) return 0;
  char text[64];
  Result<size_t> count = (*file)->Read(text);
  if (!count.ok()) return 0;
  constexpr uint64_t kPrime = 0x100000001b3;  // FNV-1: 128 bits folded into 64.
  uint64_t id = 0;
  for (const char c : std::string_view(text, *count)) {
    uint64_t digit = 0;
    if (std::from_chars(&c, &c + 1, digit, 16).ec == std::errc()) id = id * kPrime + digit + 1;
  }
  return id;
}

}  // namespace cassette::io
