// A file's or directory's contents in MemFileSystem, apart from its names; for io/ alone.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "base/random.h"
#include "io/mem_file_system.h"

namespace cassette::io::internal {

// "/a//b/./c/" -> "/a/b/c"; "a/../b" -> "b"; "" -> ".".
std::string NormalPath(std::string_view path);

// Bytes that grow, zeroed beyond what was written. Stays in place while it need not grow.
class MemBuffer {
 public:
  uint64_t size() const { return size_; }
  char* data() const { return bytes_.get(); }
  std::string_view view() const { return {bytes_.get(), size_}; }
  // New bytes are zero.
  void Resize(uint64_t size_bytes);
  // Keeps the bytes alive after the buffer grew or went.
  std::shared_ptr<char> shared() const { return bytes_; }

 private:
  std::shared_ptr<char> bytes_;
  uint64_t size_ = 0;
  uint64_t capacity_ = 0;
};

// Thread safety: all methods may be called from many threads (memory handed out by Map() is the mapper's affair).
struct MemNode {
 public:
  MemNode(bool is_directory, bool can_lose_power) : is_directory_(is_directory), can_lose_power_(can_lose_power) {}

  bool is_directory() const { return is_directory_; }
  uint64_t size();
  size_t ReadAt(uint64_t offset, std::span<char> target);
  void WriteAt(uint64_t offset, std::string_view bytes);
  void Append(std::string_view bytes);
  void Truncate(uint64_t size_bytes);
  // Makes all bytes, and the size, durable.
  void Sync();
  // Extends to `size_bytes` when shorter; the memory stays valid while the result lives. REQUIRES: nothing makes the
  // file longer while mapped.
  std::shared_ptr<char> Map(uint64_t size_bytes);
  // Makes a range, and the size, durable.
  void SyncRange(uint64_t offset, uint64_t length_bytes);
  // A node with what is left after a loss of power; all of it durable.
  std::shared_ptr<MemNode> AfterPowerCut(PowerCut kind, base::Random& random);

 private:
  void Touch(uint64_t begin, uint64_t end) CASSETTE_REQUIRES(mutex_);
  void CopyToDurable(uint64_t begin, uint64_t end) CASSETTE_REQUIRES(mutex_);
  uint64_t SurvivingSize(PowerCut kind, base::Random& random) CASSETTE_REQUIRES(mutex_);

  const bool is_directory_;
  const bool can_lose_power_;
  base::Mutex mutex_;
  MemBuffer bytes_ CASSETTE_GUARDED_BY(mutex_);
  MemBuffer durable_ CASSETTE_GUARDED_BY(mutex_);
  // Every byte that differs from durable_ is in [dirty_begin_, dirty_end_), unless the file was ever mapped.
  uint64_t dirty_begin_ CASSETTE_GUARDED_BY(mutex_) = UINT64_MAX;
  uint64_t dirty_end_ CASSETTE_GUARDED_BY(mutex_) = 0;
  bool mapped_ CASSETTE_GUARDED_BY(mutex_) = false;
};

}  // namespace cassette::io::internal
