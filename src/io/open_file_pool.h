// OpenFilePool: many files to be read, few of them open at a time. A file that was not read for the longest time is
// closed when another is needed, and opened again when it is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "io/file_system.h"

namespace cassette::io {

// Thread safety: all methods may be called from many threads.
// Lifetime: the file system outlives it, and it the files that it gave.
class OpenFilePool {
 public:
  // REQUIRES: open_files_max > 0. Reads underway may hold a few more open.
  OpenFilePool(FileSystem& file_system, size_t open_files_max);
  ~OpenFilePool();
  OpenFilePool(const OpenFilePool&) = delete;
  OpenFilePool& operator=(const OpenFilePool&) = delete;

  // As FileSystem::OpenRandomAccess, but that the file must keep its name and its bytes as long as it is read.
  base::Result<std::unique_ptr<RandomAccessFile>> Open(const std::string& path);

  size_t open_files() const;

  // For the files that it gave: the file behind `id`, opened when it is not. Public for them alone.
  base::Result<std::shared_ptr<RandomAccessFile>> Take(uint64_t id, const std::string& path);
  void Forget(uint64_t id);

 private:
  struct Entry {
    std::shared_ptr<RandomAccessFile> file;
    std::list<uint64_t>::iterator place;
  };

  // Returns what is closed by it, to be let go without the lock.
  std::shared_ptr<RandomAccessFile> Insert(uint64_t id, std::shared_ptr<RandomAccessFile> file)
      CASSETTE_REQUIRES(mutex_);

  FileSystem& file_system_;
  const size_t open_files_max_;
  mutable base::Mutex mutex_;
  uint64_t next_id_ CASSETTE_GUARDED_BY(mutex_) = 1;
  std::list<uint64_t> by_use_ CASSETTE_GUARDED_BY(mutex_);  // The last used first.
  std::unordered_map<uint64_t, Entry> open_ CASSETTE_GUARDED_BY(mutex_);
};

}  // namespace cassette::io
