// Files and directories, injected: nothing above io/ asks the operating system for them. PosixFileSystem
// (io/posix_file_system.h) is the machine's; MemFileSystem (io/mem_file_system.h) lives in memory and can lose its
// power; FaultFileSystem (io/fault_file_system.h) fails the nth call.
//
// Every failure names the file and says why: kNotFound (no such file), kAlreadyExists, otherwise kIoError with the
// errno's text. A path is UTF-8 with '/' between its parts.
//
// What survives: bytes written are visible to every reader at once and survive the end of the process, however it
// ends. Only Sync() makes a file's bytes survive a loss of power, and only SyncDir() the directory's entries
// (creations, renames, links, removals).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace cassette::io {

// What O_DIRECT asks of offsets, lengths and memory; also the unit in which unsynced bytes get torn.
inline constexpr size_t kBlockBytes = 4096;

// A file read from its beginning to its end; also pipes and standard input.
// Thread safety: not thread safe.
class SequentialFile {
 public:
  virtual ~SequentialFile() = default;
  // Reads up to `target.size()` bytes; returns how many. 0 is the end of the file.
  virtual base::Result<size_t> Read(std::span<char> target) = 0;
};

// A file read anywhere.
// Thread safety: all methods may be called from many threads.
// Lifetime: goes on reading the same bytes after the file was renamed or removed.
class RandomAccessFile {
 public:
  virtual ~RandomAccessFile() = default;
  // Reads `target.size()` bytes from `offset` on; returns how many: fewer only where the file ends.
  virtual base::Result<size_t> ReadAt(uint64_t offset, std::span<char> target) const = 0;
  // As ReadAt, but all of them: kCorruption, naming file and offset, when the file ends before.
  base::Status ReadExactly(uint64_t offset, std::span<char> target) const;
  // Says that these bytes will be read soon. A hint: may do nothing.
  virtual void Prefetch(uint64_t /*offset*/, uint64_t /*length_bytes*/) const {}
  // Size when it was opened.
  virtual uint64_t size() const = 0;
  virtual const std::string& path() const = 0;
};

// A file written at its end.
// Thread safety: not thread safe.
// Lifetime: the destructor closes without telling of errors: call Close().
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  // Hands `bytes` to the operating system (no buffer of ours: see io::Appender for one). After a failure part of the
  // bytes may be in the file, and every later call fails.
  virtual base::Status Append(std::string_view bytes) = 0;
  virtual base::Status Sync() = 0;
  // Closes without syncing. No call but the destructor may follow.
  virtual base::Status Close() = 0;
  virtual uint64_t size() const = 0;
  virtual const std::string& path() const = 0;
};

// A file whose blocks are written at their places, past the page cache where the operating system can (O_DIRECT).
// Thread safety: WriteAt may be called from many threads; the rest not.
// Lifetime: the destructor closes without telling of errors: call Close().
class BlockFile {
 public:
  virtual ~BlockFile() = default;
  // REQUIRES: `offset`, `bytes.size()` and the address of `bytes` are multiples of kBlockBytes.
  virtual base::Status WriteAt(uint64_t offset, std::span<const char> bytes) = 0;
  // Cuts or extends the file; any size.
  virtual base::Status Truncate(uint64_t size_bytes) = 0;
  virtual base::Status Sync() = 0;
  virtual base::Status Close() = 0;
  // Whether writes go past the page cache.
  virtual bool direct() const = 0;
  virtual const std::string& path() const = 0;
};

// A file of fixed size seen as memory: a store into bytes() is a write (it survives the end of the process without
// a system call).
// Thread safety: bytes() as memory is; Sync may be called from any thread, one at a time, while others write.
// Lifetime: bytes() is valid until the MappedFile is destroyed.
class MappedFile {
 public:
  virtual ~MappedFile() = default;
  virtual std::span<char> bytes() = 0;
  // Makes [offset, offset + length_bytes) durable (and perhaps bytes around it).
  virtual base::Status Sync(uint64_t offset, uint64_t length_bytes) = 0;
  virtual const std::string& path() const = 0;
};

// Held until destroyed; the operating system releases it with the process too.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class FileKind : uint8_t { kFile, kDirectory, kOther };

struct FileInfo {
  FileKind kind = FileKind::kFile;
  uint64_t size_bytes = 0;
  int64_t modified_micros = 0;  // Since 1970.
};

// Thread safety: all methods may be called from many threads.
// Lifetime: outlives every file that it opened.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Fails with kIoError for a directory.
  virtual base::Result<std::unique_ptr<SequentialFile>> OpenSequential(const std::string& path) = 0;
  virtual base::Result<std::unique_ptr<RandomAccessFile>> OpenRandomAccess(const std::string& path) = 0;
  // An empty file: what was there under this name is gone.
  virtual base::Result<std::unique_ptr<WritableFile>> CreateWritable(const std::string& path) = 0;
  // Goes on at the end of the file; makes it when it is not there.
  virtual base::Result<std::unique_ptr<WritableFile>> OpenAppendable(const std::string& path) = 0;
  // An empty file with room reserved for `preallocate_bytes` (0: none).
  virtual base::Result<std::unique_ptr<BlockFile>> CreateBlockFile(const std::string& path,
                                                                   uint64_t preallocate_bytes) = 0;
  // Maps the first `size_bytes` of the file for reading and writing; makes or extends the file (new bytes are zero, and
  // room for them is reserved, so that a full disk is told here). REQUIRES: size_bytes > 0, multiple of kBlockBytes.
  virtual base::Result<std::unique_ptr<MappedFile>> MapWritable(const std::string& path, uint64_t size_bytes) = 0;

  // One directory in an existing one. kAlreadyExists when anything has that name.
  virtual base::Status CreateDir(const std::string& path) = 0;
  // Names (not paths) of the files and directories in `path`, sorted; without "." and "..".
  virtual base::Result<std::vector<std::string>> ListDir(const std::string& path) = 0;
  // Replaces a file at `target`, atomically.
  virtual base::Status Rename(const std::string& source, const std::string& target) = 0;
  // Removes a file.
  virtual base::Status Remove(const std::string& path) = 0;
  // Removes an empty directory.
  virtual base::Status RemoveDir(const std::string& path) = 0;
  virtual base::Status Truncate(const std::string& path, uint64_t size_bytes) = 0;
  // A second name for the same file. kAlreadyExists when `target` is there.
  virtual base::Status Link(const std::string& source, const std::string& target) = 0;
  virtual base::Result<FileInfo> Stat(const std::string& path) = 0;
  // Makes the directory's entries durable.
  virtual base::Status SyncDir(const std::string& path) = 0;
  // Takes the lock file for this process, making it when absent, and writes the process id into it.
  // kFailedPrecondition, naming the holder's process id, when another holder (of this process too) has it.
  virtual base::Result<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;
  // Bytes that an unprivileged process can still write below `path`.
  virtual base::Result<uint64_t> FreeSpace(const std::string& path) = 0;
  // Equal values before and after: the machine did not lose power in between, so that nothing written was lost, synced
  // or not. 0: unknown.
  virtual uint64_t BootId() = 0;

  // As Stat, for those who ask only that.
  base::Result<bool> Exists(const std::string& path);
  base::Result<uint64_t> FileSize(const std::string& path);
  // Makes the directory and its parents, durably; one that is there is fine, a file in the way is not.
  base::Status CreateDirs(const std::string& path);
  // Removes a file, or a directory with all that it holds. Success when there is nothing.
  base::Status RemoveTree(const std::string& path);
};

// "a/b" and "c" -> "a/b/c"; an absolute `name` stays itself.
std::string JoinPath(std::string_view directory, std::string_view name);
// "a/b/c" -> "a/b"; "c" -> "."; "/c" -> "/".
std::string DirName(std::string_view path);
// "a/b/c" -> "c".
std::string BaseName(std::string_view path);

// All bytes of a file. kResourceExhausted when it has more than `size_bytes_max`.
base::Result<std::string> ReadFile(FileSystem& file_system, const std::string& path, uint64_t size_bytes_max);
// After success the file has exactly these bytes, durably; after a failure or a crash the old or the new ones. Writes
// `path`.tmp first.
base::Status WriteFileAtomically(FileSystem& file_system, const std::string& path, std::string_view bytes);

}  // namespace cassette::io
