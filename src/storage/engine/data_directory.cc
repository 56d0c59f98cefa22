#include "storage/engine/data_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "storage/manifest/manifest.h"

namespace cassette::storage::engine {
namespace {

constexpr std::string_view kVersionFile = "VERSION";
constexpr std::string_view kLockFile = "LOCK";
constexpr std::string_view kVersionPrefix = "cassette data directory, version ";
constexpr std::string_view kSstableSuffix = ".sst";
constexpr uint64_t kVersionFileBytesMax = 4096;

std::string VersionText(uint32_t version) { return fmt::format("{}{}\n", kVersionPrefix, version); }

base::Status CheckVersionText(const std::string& path, std::string_view text) {
  if (text == VersionText(kDataDirectoryVersion)) return base::Status::Ok();
  const bool has_prefix = text.starts_with(kVersionPrefix);
  const std::string_view digits = text.substr(has_prefix ? kVersionPrefix.size() : text.size());
  uint32_t version = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (error != std::errc() || std::string_view(end, digits.data() + digits.size() - end) != "\n") {
    return base::Corruption(fmt::format("{}, offset 0: not the VERSION of a Cassette data directory", path));
  }
  return base::FailedPrecondition(fmt::format("{}: the data directory is of version {}, this program reads version {}",
                                              path, version, kDataDirectoryVersion));
}

// Whether the directory holds nothing of ours or anyone's: a first start that was interrupted early counts as that.
bool IsFresh(const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [](const std::string& name) {
    return name == kLockFile || name == std::string(kVersionFile) + ".tmp";
  });
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
  const std::string version_path = VersionPath(path);
  // Looked at before the lock is made, so that a stranger's directory stays as it is.
  CASSETTE_ASSIGN_OR_RETURN(const bool has_version, file_system.Exists(version_path));
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<std::string> names, file_system.ListDir(path));
  if (!has_version && !IsFresh(names)) {
    return base::FailedPrecondition(
        fmt::format("{}: not a Cassette data directory: it has files and no {}. Name an empty or a new directory", path,
                    kVersionFile));
  }
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<DataDirectory> directory, OpenUnchecked(file_system, path));
  CASSETTE_RETURN_IF_ERROR(has_version ? CheckVersion(file_system, path) : WriteVersion(file_system, path));
  CASSETTE_RETURN_IF_ERROR(MakeDirectories(file_system, path));
  return directory;
}

base::Result<std::unique_ptr<DataDirectory>> DataDirectory::OpenUnchecked(io::FileSystem& file_system,
                                                                          const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(const io::FileInfo info, file_system.Stat(path));
  if (info.kind != io::FileKind::kDirectory) return base::FailedPrecondition(path + ": not a directory");
  std::unique_ptr<DataDirectory> directory = At(path);
  auto lock = file_system.Lock(io::JoinPath(path, kLockFile));
  if (!lock.ok()) return lock.status().WithContext(path + ": the data directory is in use: ");
  directory->lock_ = std::move(lock).value();
  return directory;
}

std::unique_ptr<DataDirectory> DataDirectory::At(const std::string& path) {
  return std::unique_ptr<DataDirectory>(new DataDirectory(path));
}

base::Status DataDirectory::MakeDirectories(io::FileSystem& file_system, const std::string& path) {
  for (const std::string_view name : {"manifest", "commitlog", "sstables", "snapshots"}) {
    CASSETTE_RETURN_IF_ERROR(file_system.CreateDirs(io::JoinPath(path, name)));
  }
  return base::Status::Ok();
}

base::Status DataDirectory::WriteVersion(io::FileSystem& file_system, const std::string& path) {
  return io::WriteFileAtomically(file_system, VersionPath(path), VersionText(kDataDirectoryVersion));
}

std::string DataDirectory::VersionPath(const std::string& path) { return io::JoinPath(path, kVersionFile); }

base::Status DataDirectory::CheckVersion(io::FileSystem& file_system, const std::string& path) {
  const std::string version_path = VersionPath(path);
  const auto text = io::ReadFile(file_system, version_path, kVersionFileBytesMax);
  if (text.status().code() == base::Code::kNotFound) return base::Corruption(version_path + ", offset 0: is missing");
  if (text.status().code() == base::Code::kResourceExhausted) return CheckVersionText(version_path, {});
  if (!text.ok()) return text.status();
  return CheckVersionText(version_path, *text);
}

base::Status DataDirectory::CheckManifestNotLost(io::FileSystem& file_system) const {
  CASSETTE_ASSIGN_OR_RETURN(const bool begun, manifest::Manifest::IsBegun(file_system, manifest_path()));
  if (begun) return base::Status::Ok();
  for (const std::string& path : {sstables_path(), commitlog_path()}) {
    const base::Result<std::vector<std::string>> names = file_system.ListDir(path);
    if (names.status().code() == base::Code::kNotFound) continue;
    if (!names.ok()) return names.status();
    if (names->empty()) continue;
    return base::Corruption(fmt::format("{}, offset 0: the manifest is missing, though {} is there", manifest_path(),
                                        io::JoinPath(path, names->front())));
  }
  return base::Status::Ok();
}

}  // namespace cassette::storage::engine
