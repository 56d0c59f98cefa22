#include "io/open_file_pool.h"

#include <utility>

#include "base/assert.h"

namespace cassette::io {

using base::MutexLock;
using base::Result;

namespace {

class PooledFile final : public RandomAccessFile {
 public:
  PooledFile(OpenFilePool& pool, uint64_t id, std::string path, uint64_t size_bytes)
      : pool_(pool), id_(id), path_(std::move(path)), size_bytes_(size_bytes) {}
  ~PooledFile() override { pool_.Forget(id_); }

  Result<size_t> ReadAt(uint64_t offset, std::span<char> target) const override {
    CASSETTE_ASSIGN_OR_RETURN(const std::shared_ptr<RandomAccessFile> file, pool_.Take(id_, path_));
    return file->ReadAt(offset, target);
  }
  void Prefetch(uint64_t offset, uint64_t length_bytes) const override {
    const auto file = pool_.Take(id_, path_);
    if (file.ok()) (*file)->Prefetch(offset, length_bytes);
  }
  uint64_t size() const override { return size_bytes_; }
  const std::string& path() const override { return path_; }

 private:
  OpenFilePool& pool_;
  const uint64_t id_;
  const std::string path_;
  const uint64_t size_bytes_;
};

}  // namespace

OpenFilePool::OpenFilePool(FileSystem& file_system, size_t open_files_max)
    : file_system_(file_system), open_files_max_(open_files_max) {
  CASSETTE_ASSERT(open_files_max > 0);
}

OpenFilePool::~OpenFilePool() = default;

Result<std::unique_ptr<RandomAccessFile>> OpenFilePool::Open(const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<RandomAccessFile> file, file_system_.OpenRandomAccess(path));
  const uint64_t size_bytes = file->size();
  std::shared_ptr<RandomAccessFile> closed;
  uint64_t id = 0;
  {
    MutexLock lock(mutex_);
    id = next_id_++;
    closed = Insert(id, std::move(file));
  }
  return std::unique_ptr<RandomAccessFile>(std::make_unique<PooledFile>(*this, id, path, size_bytes));
}

std::shared_ptr<RandomAccessFile> OpenFilePool::Insert(uint64_t id, std::shared_ptr<RandomAccessFile> file) {
  std::shared_ptr<RandomAccessFile> closed;
  if (open_.size() >= open_files_max_) {
    const auto oldest = open_.find(by_use_.back());
    CASSETTE_ASSERT(oldest != open_.end());
    closed = std::move(oldest->second.file);
    open_.erase(oldest);
    by_use_.pop_back();
  }
  by_use_.push_front(id);
  open_[id] = {std::move(file), by_use_.begin()};
  return closed;
}

Result<std::shared_ptr<RandomAccessFile>> OpenFilePool::Take(uint64_t id, const std::string& path) {
  {
    MutexLock lock(mutex_);
    const auto found = open_.find(id);
    if (found != open_.end()) {
      by_use_.splice(by_use_.begin(), by_use_, found->second.place);
      return found->second.file;
    }
  }
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<RandomAccessFile> opened, file_system_.OpenRandomAccess(path));
  std::shared_ptr<RandomAccessFile> file = std::move(opened);
  std::shared_ptr<RandomAccessFile> closed;
  MutexLock lock(mutex_);
  const auto found = open_.find(id);
  if (found != open_.end()) return found->second.file;  // Another reader was faster.
  closed = Insert(id, file);
  return file;
}

void OpenFilePool::Forget(uint64_t id) {
  std::shared_ptr<RandomAccessFile> closed;
  MutexLock lock(mutex_);
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  closed = std::move(found->second.file);
  by_use_.erase(found->second.place);
  open_.erase(found);
}

size_t OpenFilePool::open_files() const {
  MutexLock lock(mutex_);
  return open_.size();
}

}  // namespace cassette::io
