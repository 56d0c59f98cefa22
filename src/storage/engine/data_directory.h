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
  // As Open, for repairs: the directory must be there (else kNotFound), and VERSION is not looked at.
  static base::Result<std::unique_ptr<DataDirectory>> OpenUnchecked(io::FileSystem& file_system,
                                                                    const std::string& path);
  // A directory of this place that nobody locks: a snapshot.
  static std::unique_ptr<DataDirectory> At(const std::string& path);

  // The parts of a new directory. VERSION is written first by Open (sub-directories without it would look like a
  // stranger's) and last by a snapshot (half of one is refused).
  static base::Status MakeDirectories(io::FileSystem& file_system, const std::string& path);
  static base::Status WriteVersion(io::FileSystem& file_system, const std::string& path);
  // kFailedPrecondition: of another version. kCorruption: not the VERSION that WriteVersion makes, or none.
  static base::Status CheckVersion(io::FileSystem& file_system, const std::string& path);

  // SSTables and log segments are never made before the manifest: without it they must not be taken for left-overs.
  // kCorruption when they are there and the manifest is not.
  base::Status CheckManifestNotLost(io::FileSystem& file_system) const;

  static std::string VersionPath(const std::string& path);
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
