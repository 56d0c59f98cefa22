#include "storage/engine/data_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace cassette::storage::engine {
namespace {

constexpr std::string_view kVersionFile = "VERSION";
constexpr std::string_view kLockFile = "LOCK";
constexpr std::string_view kVersionPrefix = "cassette data directory, version ";
constexpr std::string_view kSstableSuffix = ".sst";
constexpr uint64_t kVersionFileBytesMax = 4096;

std::string VersionText(uint32_t version) { return fmt::format("{}{}\n", kVersionPrefix, version); }

base::Status CheckVersion(const std::string& path, std::string_view text) {
  if (!text.starts_with(kVersionPrefix)) {
    return base::FailedPrecondition(fmt::format("{}: not the VERSION of a Cassette data directory", path));
  }
  const std::string_view digits = text.substr(kVersionPrefix.size());
  uint32_t version = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (version == kDataDirectoryVersion) return base::Status::Ok();
  return base::FailedPrecondition(fmt::format("{}: the data directory is of version {}, this program reads version {}",
                                              path, version, kDataDirectoryVersion));
}

// Whether the directory holds nothing of ours or anyone's: a first start that was interrupted early counts as that.
bool IsFresh(const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [](const std::string& name) {
    return name == kLockFile || name == std::string(kVersionFile) + ".tmp";
  });
}

base::Status MakeDirectories(io::FileSystem& file_system, const std::string& path) {
  for (const std::string_view name : {"manifest", "commitlog", "sstables", "snapshots"}) {
    CASSETTE_RETURN_IF_ERROR(file_system.CreateDirs(io::JoinPath(path, name)));
  }
  return base::Status::Ok();
}

}  // namespace

std::string SstableFileName(uint64_t file_number) { return fmt::format("{:010}{}", file_number, kSstableSuffix); }

std::optional<uint64_t> ParseSstableFileName(std::string_view name) {
  if (!name.ends_with(kSstableSuffix)) return std::nullopt;
  const std::string_view digits = name.substr(0, name.size() - kSstableSuffix.size());
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
  return number;
}

base::Result<std::unique_ptr<DataDirectory>> DataDirectory::Open(io::FileSystem& file_system, const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(file_system.CreateDirs(path));
  const std::string version_path = io::JoinPath(path, kVersionFile);
  // Looked at before the lock is made, so that a stranger's directory stays as it is.
  CASSETTE_ASSIGN_OR_RETURN(const bool has_version, file_system.Exists(version_path));
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<std::string> names, file_system.ListDir(path));
  if (!has_version && !IsFresh(names)) {
    return base::FailedPrecondition(
        fmt::format("{}: not a Cassette data directory: it has files and no {}. Name an empty or a new directory", path,
                    kVersionFile));
  }
  std::unique_ptr<DataDirectory> directory(new DataDirectory(path));
  auto lock = file_system.Lock(io::JoinPath(path, kLockFile));
  if (!lock.ok()) return lock.status().WithContext(path + ": the data directory is in use: ");
  directory->lock_ = std::move(lock).value();
  if (has_version) {
    CASSETTE_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(file_system, version_path, kVersionFileBytesMax));
    CASSETTE_RETURN_IF_ERROR(CheckVersion(version_path, text));
    CASSETTE_RETURN_IF_ERROR(MakeDirectories(file_system, path));
  } else {
    CASSETTE_RETURN_IF_ERROR(Prepare(file_system, path));
  }
  return directory;
}

base::Status DataDirectory::Prepare(io::FileSystem& file_system, const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(file_system.CreateDirs(path));
  // VERSION first: sub-directories without it would look like a stranger's.
  CASSETTE_RETURN_IF_ERROR(
      io::WriteFileAtomically(file_system, io::JoinPath(path, kVersionFile), VersionText(kDataDirectoryVersion)));
  return MakeDirectories(file_system, path);
}

}  // namespace cassette::storage::engine
