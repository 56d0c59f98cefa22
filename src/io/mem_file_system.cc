#include "io/mem_file_system.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "io/mem_node.h"

namespace cassette::io {

using base::MutexLock;
using base::Result;
using base::Status;
using internal::MemNode;

namespace internal {

std::string NormalPath(std::string_view path) {
  std::vector<std::string_view> parts;
  const bool absolute = path.starts_with('/');
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part == ".." && !parts.empty()) {
      parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
  }
  std::string normal = absolute ? "/" : "";
  for (const std::string_view part : parts) normal = JoinPath(normal, part);
  return normal.empty() ? "." : normal;
}

}  // namespace internal

namespace {

using Node = std::shared_ptr<MemNode>;

// What a name in the directory `normal` begins with.
std::string ChildPrefix(const std::string& normal) {
  if (normal == ".") return "";
  return normal == "/" ? "/" : normal + "/";
}

bool IsRoot(const std::string& normal) { return normal == "." || normal == "/"; }

Status NoSuchFile(const std::string& path, std::string_view action) {
  return base::NotFound(fmt::format("{}: cannot {}: No such file or directory", path, action));
}

Status IsDirectory(const std::string& path, std::string_view action) {
  return base::IoError(fmt::format("{}: cannot {}: Is a directory", path, action));
}

class MemSequentialFile final : public SequentialFile {
 public:
  explicit MemSequentialFile(Node node) : node_(std::move(node)) {}
  Result<size_t> Read(std::span<char> target) override {
    const size_t count = node_->ReadAt(offset_, target);
    offset_ += count;
    return count;
  }

 private:
  const Node node_;
  uint64_t offset_ = 0;
};

class MemRandomAccessFile final : public RandomAccessFile {
 public:
  MemRandomAccessFile(Node node, std::string path)
      : node_(std::move(node)), path_(std::move(path)), size_bytes_(node_->size()) {}
  Result<size_t> ReadAt(uint64_t offset, std::span<char> target) const override {
    return node_->ReadAt(offset, target);
  }
  uint64_t size() const override { return size_bytes_; }
  const std::string& path() const override { return path_; }

 private:
  const Node node_;
  const std::string path_;
  const uint64_t size_bytes_;
};

class MemWritableFile final : public WritableFile {
 public:
  MemWritableFile(Node node, std::string path) : node_(std::move(node)), path_(std::move(path)) {}
  Status Append(std::string_view bytes) override {
    node_->Append(bytes);
    return Status::Ok();
  }
  Status Sync() override {
    node_->Sync();
    return Status::Ok();
  }
  Status Close() override { return Status::Ok(); }
  uint64_t size() const override { return node_->size(); }
  const std::string& path() const override { return path_; }

 private:
  const Node node_;
  const std::string path_;
};

class MemBlockFile final : public BlockFile {
 public:
  MemBlockFile(Node node, std::string path) : node_(std::move(node)), path_(std::move(path)) {}
  Status WriteAt(uint64_t offset, std::span<const char> bytes) override {
    CASSETTE_ASSERT(offset % kBlockBytes == 0);
    CASSETTE_ASSERT(bytes.size() % kBlockBytes == 0);
    CASSETTE_ASSERT(reinterpret_cast<uintptr_t>(bytes.data()) % kBlockBytes == 0);
    node_->WriteAt(offset, {bytes.data(), bytes.size()});
    return Status::Ok();
  }
  Status Truncate(uint64_t size_bytes) override {
    node_->Truncate(size_bytes);
    return Status::Ok();
  }
  Status Sync() override {
    node_->Sync();
    return Status::Ok();
  }
  Status Close() override { return Status::Ok(); }
  bool direct() const override { return false; }
  const std::string& path() const override { return path_; }

 private:
  const Node node_;
  const std::string path_;
};

class MemMappedFile final : public MappedFile {
 public:
  MemMappedFile(Node node, std::string path, uint64_t size_bytes)
      : node_(std::move(node)), path_(std::move(path)), memory_(node_->Map(size_bytes)), size_bytes_(size_bytes) {}
  std::span<char> bytes() override { return {memory_.get(), size_bytes_}; }
  Status Sync(uint64_t offset, uint64_t length_bytes) override {
    CASSETTE_ASSERT(offset <= size_bytes_);
    CASSETTE_ASSERT(length_bytes <= size_bytes_ - offset);
    node_->SyncRange(offset, length_bytes);
    return Status::Ok();
  }
  const std::string& path() const override { return path_; }

 private:
  const Node node_;
  const std::string path_;
  const std::shared_ptr<char> memory_;
  const uint64_t size_bytes_;
};

}  // namespace

class MemFileSystem::HeldLock final : public FileLock {
 public:
  HeldLock(MemFileSystem* owner, std::string normal, uint64_t boot_id)
      : owner_(owner), normal_(std::move(normal)), boot_id_(boot_id) {}
  ~HeldLock() override { owner_->Unlock(normal_, boot_id_); }

 private:
  MemFileSystem* const owner_;
  const std::string normal_;
  const uint64_t boot_id_;
};

MemFileSystem::MemFileSystem(bool can_lose_power) : can_lose_power_(can_lose_power) {}
MemFileSystem::~MemFileSystem() = default;

MemFileSystem::NodePointer MemFileSystem::Find(const std::string& normal) {
  if (IsRoot(normal)) return std::make_shared<MemNode>(true, can_lose_power_);
  const auto found = entries_.find(normal);
  return found == entries_.end() ? nullptr : found->second;
}

Status MemFileSystem::CheckParent(const std::string& normal) {
  const NodePointer parent = Find(DirName(normal));
  if (parent == nullptr) return NoSuchFile(normal, "create");
  if (!parent->is_directory()) return base::IoError(fmt::format("{}: cannot create: Not a directory", normal));
  return Status::Ok();
}

Result<MemFileSystem::NodePointer> MemFileSystem::FindFile(const std::string& path, std::string_view action) {
  NodePointer node = Find(internal::NormalPath(path));
  if (node == nullptr) return NoSuchFile(path, action);
  if (node->is_directory()) return IsDirectory(path, action);
  return node;
}

Result<MemFileSystem::NodePointer> MemFileSystem::CreateFile(const std::string& path) {
  const std::string normal = internal::NormalPath(path);
  CASSETTE_RETURN_IF_ERROR(CheckParent(normal));
  auto node = std::make_shared<MemNode>(false, can_lose_power_);
  Change({{normal, node}});
  return node;
}

Result<MemFileSystem::NodePointer> MemFileSystem::FindOrCreateFile(const std::string& path) {
  const NodePointer node = Find(internal::NormalPath(path));
  if (node == nullptr) return CreateFile(path);
  if (node->is_directory()) return IsDirectory(path, "open");
  return node;
}

void MemFileSystem::Change(EntryChange change) {
  for (const auto& [name, node] : change) {
    if (node == nullptr) {
      entries_.erase(name);
    } else {
      entries_[name] = node;
    }
  }
  if (can_lose_power_) unsynced_changes_.push_back(std::move(change));
}

bool MemFileSystem::HasChildren(const std::string& normal) {
  const std::string prefix = ChildPrefix(normal);
  const auto next = entries_.lower_bound(prefix);
  return next != entries_.end() && next->first.starts_with(prefix);
}

Result<std::unique_ptr<SequentialFile>> MemFileSystem::OpenSequential(const std::string& path) {
  MutexLock lock(mutex_);
  CASSETTE_ASSIGN_OR_RETURN(NodePointer node, FindFile(path, "open"));
  return std::unique_ptr<SequentialFile>(std::make_unique<MemSequentialFile>(std::move(node)));
}

Result<std::unique_ptr<RandomAccessFile>> MemFileSystem::OpenRandomAccess(const std::string& path) {
  MutexLock lock(mutex_);
  CASSETTE_ASSIGN_OR_RETURN(NodePointer node, FindFile(path, "open"));
  return std::unique_ptr<RandomAccessFile>(std::make_unique<MemRandomAccessFile>(std::move(node), path));
}

Result<std::unique_ptr<WritableFile>> MemFileSystem::CreateWritable(const std::string& path) {
  MutexLock lock(mutex_);
  CASSETTE_ASSIGN_OR_RETURN(NodePointer node, FindOrCreateFile(path));
  node->Truncate(0);
  return std::unique_ptr<WritableFile>(std::make_unique<MemWritableFile>(std::move(node), path));
}

Result<std::unique_ptr<WritableFile>> MemFileSystem::OpenAppendable(const std::string& path) {
  MutexLock lock(mutex_);
  CASSETTE_ASSIGN_OR_RETURN(NodePointer node, FindOrCreateFile(path));
  return std::unique_ptr<WritableFile>(std::make_unique<MemWritableFile>(std::move(node), path));
}

Result<std::unique_ptr<BlockFile>> MemFileSystem::CreateBlockFile(const std::string& path,
                                                                  uint64_t /*preallocate_bytes*/) {
  MutexLock lock(mutex_);
  CASSETTE_ASSIGN_OR_RETURN(NodePointer node, FindOrCreateFile(path));
  node->Truncate(0);
  return std::unique_ptr<BlockFile>(std::make_unique<MemBlockFile>(std::move(node), path));
}

Result<std::unique_ptr<MappedFile>> MemFileSystem::MapWritable(const std::string& path, uint64_t size_bytes) {
  CASSETTE_ASSERT(size_bytes > 0);
  CASSETTE_ASSERT(size_bytes % kBlockBytes == 0);
  MutexLock lock(mutex_);
  CASSETTE_ASSIGN_OR_RETURN(NodePointer node, FindOrCreateFile(path));
  return std::unique_ptr<MappedFile>(std::make_unique<MemMappedFile>(std::move(node), path, size_bytes));
}

Status MemFileSystem::CreateDir(const std::string& path) {
  const std::string normal = internal::NormalPath(path);
  MutexLock lock(mutex_);
  if (Find(normal) != nullptr) {
    return base::AlreadyExists(fmt::format("{}: cannot create directory: File exists", path));
  }
  CASSETTE_RETURN_IF_ERROR(CheckParent(normal));
  Change({{normal, std::make_shared<MemNode>(true, can_lose_power_)}});
  return Status::Ok();
}

Result<std::vector<std::string>> MemFileSystem::ListDir(const std::string& path) {
  const std::string normal = internal::NormalPath(path);
  MutexLock lock(mutex_);
  const NodePointer node = Find(normal);
  if (node == nullptr) return NoSuchFile(path, "list directory");
  if (!node->is_directory()) return base::IoError(fmt::format("{}: cannot list directory: Not a directory", path));
  std::vector<std::string> names;
  const std::string prefix = ChildPrefix(normal);
  for (auto next = entries_.lower_bound(prefix); next != entries_.end() && next->first.starts_with(prefix); ++next) {
    const std::string_view name = std::string_view(next->first).substr(prefix.size());
    if (name.find('/') == std::string_view::npos) names.emplace_back(name);
  }
  return names;
}

Status MemFileSystem::Rename(const std::string& source, const std::string& target) {
  const std::string from = internal::NormalPath(source);
  const std::string to = internal::NormalPath(target);
  MutexLock lock(mutex_);
  const NodePointer node = Find(from);
  if (node == nullptr) return NoSuchFile(source, "rename");
  CASSETTE_RETURN_IF_ERROR(CheckParent(to));
  if (from == to) return Status::Ok();
  const NodePointer replaced = Find(to);
  if (replaced != nullptr && replaced->is_directory() && (!node->is_directory() || HasChildren(to))) {
    return IsDirectory(target, "replace by renaming");
  }
  EntryChange change = {{from, nullptr}, {to, node}};
  const std::string prefix = ChildPrefix(from);
  for (auto next = entries_.lower_bound(prefix); next != entries_.end() && next->first.starts_with(prefix); ++next) {
    change.emplace_back(next->first, nullptr);
    change.emplace_back(JoinPath(to, next->first.substr(prefix.size())), next->second);
  }
  Change(std::move(change));
  return Status::Ok();
}

Status MemFileSystem::Remove(const std::string& path) {
  MutexLock lock(mutex_);
  CASSETTE_RETURN_IF_ERROR(FindFile(path, "remove"));
  Change({{internal::NormalPath(path), nullptr}});
  return Status::Ok();
}

Status MemFileSystem::RemoveDir(const std::string& path) {
  const std::string normal = internal::NormalPath(path);
  MutexLock lock(mutex_);
  const NodePointer node = Find(normal);
  if (node == nullptr) return NoSuchFile(path, "remove directory");
  if (!node->is_directory()) return base::IoError(fmt::format("{}: cannot remove directory: Not a directory", path));
  if (HasChildren(normal)) {
    return base::IoError(fmt::format("{}: cannot remove directory: Directory not empty", path));
  }
  Change({{normal, nullptr}});
  return Status::Ok();
}

Status MemFileSystem::Truncate(const std::string& path, uint64_t size_bytes) {
  MutexLock lock(mutex_);
  CASSETTE_ASSIGN_OR_RETURN(const NodePointer node, FindFile(path, "set the size"));
  node->Truncate(size_bytes);
  return Status::Ok();
}

Status MemFileSystem::Link(const std::string& source, const std::string& target) {
  const std::string to = internal::NormalPath(target);
  MutexLock lock(mutex_);
  CASSETTE_ASSIGN_OR_RETURN(NodePointer node, FindFile(source, "link"));
  if (Find(to) != nullptr) {
    return base::AlreadyExists(fmt::format("{}: cannot link as {}: File exists", source, target));
  }
  CASSETTE_RETURN_IF_ERROR(CheckParent(to));
  Change({{to, std::move(node)}});
  return Status::Ok();
}

Result<FileInfo> MemFileSystem::Stat(const std::string& path) {
  MutexLock lock(mutex_);
  const NodePointer node = Find(internal::NormalPath(path));
  if (node == nullptr) return NoSuchFile(path, "look at");
  FileInfo info;
  info.kind = node->is_directory() ? FileKind::kDirectory : FileKind::kFile;
  info.size_bytes = node->size();
  return info;
}

Result<std::unique_ptr<FileLock>> MemFileSystem::Lock(const std::string& path) {
  MutexLock lock(mutex_);
  CASSETTE_RETURN_IF_ERROR(FindOrCreateFile(path));
  std::string normal = internal::NormalPath(path);
  if (!locks_.insert(normal).second) {
    return base::FailedPrecondition(fmt::format("{}: in use by this process", path));
  }
  return std::unique_ptr<FileLock>(std::make_unique<HeldLock>(this, std::move(normal), boot_id_));
}

void MemFileSystem::Unlock(const std::string& normal, uint64_t boot_id) {
  MutexLock lock(mutex_);
  if (boot_id == boot_id_) locks_.erase(normal);
}

Result<uint64_t> MemFileSystem::FreeSpace(const std::string& path) {
  CASSETTE_RETURN_IF_ERROR(Stat(path));
  return uint64_t{1} << 40;  // As good as any: nothing here bounds it.
}

uint64_t MemFileSystem::BootId() {
  MutexLock lock(mutex_);
  return boot_id_;
}

}  // namespace cassette::io
