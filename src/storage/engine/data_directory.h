// DataDirectory: what lies where in an engine's directory, who holds it and of which version it is.
// docs/format/data_directory.md has the page.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "io/file_system.h"

namespace cassette::storage::engine {

inline constexpr uint32_t kDataDirectoryVersion = 1;

// "0000000012.sst", and back.
std::string SstableFileName(uint64_t file_number);
std::optional<uint64_t> ParseSstableFileName(std::string_view name);

// Thread safety: const methods may be called from many threads.
// Ownership: holds the directory's lock until destroyed.
class DataDirectory {
 public:
  // Makes the directory when it does not exist, locks it, and checks or writes its VERSION. kFailedPrecondition when
  // another process has it (named), when it is of another version, or when there are files and no VERSION.
  static base::Result<std::unique_ptr<DataDirectory>> Open(io::FileSystem& file_system, const std::string& path);
  // Writes VERSION and makes the sub-directories: what Open would accept. For snapshots.
  static base::Status Prepare(io::FileSystem& file_system, const std::string& path);

  const std::string& path() const { return path_; }
  std::string manifest_path() const { return io::JoinPath(path_, "manifest"); }
  std::string commitlog_path() const { return io::JoinPath(path_, "commitlog"); }
  std::string sstables_path() const { return io::JoinPath(path_, "sstables"); }
  std::string snapshots_path() const { return io::JoinPath(path_, "snapshots"); }
  std::string SstablePath(uint64_t file_number) const {
    return io::JoinPath(sstables_path(), SstableFileName(file_number));
  }

 private:
  explicit DataDirectory(std::string path) : path_(std::move(path)) {}

  const std::string path_;
  std::unique_ptr<io::FileLock> lock_;
};

}  // namespace cassette::storage::engine
