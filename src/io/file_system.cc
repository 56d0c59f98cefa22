#include "io/file_system.h"

#include <fmt/format.h>

namespace cassette::io {

using base::Code;
using base::Result;
using base::Status;

Status RandomAccessFile::ReadExactly(uint64_t offset, std::span<char> target) const {
  CASSETTE_ASSIGN_OR_RETURN(const size_t count, ReadAt(offset, target));
  if (count == target.size()) return Status::Ok();
  return base::Corruption(
      fmt::format("{}, offset {}: the file ends after {} of {} bytes", path(), offset, count, target.size()));
}

Result<bool> FileSystem::Exists(const std::string& path) {
  Result<FileInfo> info = Stat(path);
  if (info.ok()) return true;
  if (info.status().code() == Code::kNotFound) return false;
  return info.status();
}

Result<uint64_t> FileSystem::FileSize(const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(const FileInfo info, Stat(path));
  return info.size_bytes;
}

Status FileSystem::CreateDirs(const std::string& path) {
  Result<FileInfo> info = Stat(path);
  if (info.ok()) {
    if (info->kind == FileKind::kDirectory) return Status::Ok();
    return base::IoError(fmt::format("{}: is not a directory", path));
  }
  if (info.status().code() != Code::kNotFound) return info.status();
  const std::string parent = DirName(path);
  if (parent != path) CASSETTE_RETURN_IF_ERROR(CreateDirs(parent));
  Status status = CreateDir(path);
  if (!status.ok() && status.code() != Code::kAlreadyExists) return status;  // Someone may have been faster.
  return SyncDir(parent);
}

Status FileSystem::RemoveTree(const std::string& path) {
  Result<FileInfo> info = Stat(path);
  if (!info.ok()) return info.status().code() == Code::kNotFound ? Status::Ok() : info.status();
  if (info->kind != FileKind::kDirectory) return Remove(path);
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDir(path));
  for (const std::string& name : names) CASSETTE_RETURN_IF_ERROR(RemoveTree(JoinPath(path, name)));
  return RemoveDir(path);
}

namespace {

std::string_view WithoutTrailingSlashes(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path;
}

Status WriteAndSync(FileSystem& file_system, const std::string& path, std::string_view bytes) {
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, file_system.CreateWritable(path));
  CASSETTE_RETURN_IF_ERROR(file->Append(bytes));
  CASSETTE_RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

}  // namespace

std::string JoinPath(std::string_view directory, std::string_view name) {
  if (directory.empty() || name.starts_with('/')) return std::string(name);
  std::string path(directory);
  if (path.back() != '/') path.push_back('/');
  path.append(name);
  return path;
}

std::string DirName(std::string_view path) {
  path = WithoutTrailingSlashes(path);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  if (slash == 0) return "/";
  return std::string(WithoutTrailingSlashes(path.substr(0, slash)));
}

std::string BaseName(std::string_view path) {
  path = WithoutTrailingSlashes(path);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || path.size() == 1) return std::string(path);
  return std::string(path.substr(slash + 1));
}

Result<std::string> ReadFile(FileSystem& file_system, const std::string& path, uint64_t size_bytes_max) {
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<RandomAccessFile> file, file_system.OpenRandomAccess(path));
  if (file->size() > size_bytes_max) {
    return base::ResourceExhausted(
        fmt::format("{}: has {} bytes, at most {} are read at once", path, file->size(), size_bytes_max));
  }
  std::string bytes(file->size(), '\0');
  CASSETTE_RETURN_IF_ERROR(file->ReadExactly(0, bytes));
  return bytes;
}

Status WriteFileAtomically(FileSystem& file_system, const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  CASSETTE_RETURN_IF_ERROR(WriteAndSync(file_system, temporary, bytes));
  CASSETTE_RETURN_IF_ERROR(file_system.Rename(temporary, path));
  return file_system.SyncDir(DirName(path));
}

}  // namespace cassette::io
