// Arena: bytes that live until the arena does, handed out by moving a pointer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "base/assert.h"

namespace cassette::base {

// Thread safety: not thread safe; the owner's lock covers it.
// Lifetime: every pointer it returned is valid until the arena is destroyed or cleared.
class Arena {
 public:
  static constexpr size_t kBlockBytes = 64 * 1024;

  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `size_bytes` bytes aligned to `alignment` (a power of two, at most 16).
  char* Allocate(size_t size_bytes, size_t alignment = 8) {
    const size_t padding = (alignment - (reinterpret_cast<uintptr_t>(next_) & (alignment - 1))) & (alignment - 1);
    if (size_bytes + padding <= left_) {
      char* result = next_ + padding;
      next_ += size_bytes + padding;
      left_ -= size_bytes + padding;
      return result;
    }
    return AllocateSlow(size_bytes);
  }
  // A copy of `bytes` that lives in the arena.
  std::string_view Copy(std::string_view bytes) {
    if (bytes.empty()) return {};
    char* target = Allocate(bytes.size(), 1);
    std::memcpy(target, bytes.data(), bytes.size());
    return {target, bytes.size()};
  }
  // Bytes taken from the heap so far, used or not.
  size_t allocated_bytes() const { return allocated_bytes_; }
  // Forgets all allocations; keeps nothing.
  void Clear();

 private:
  char* AllocateSlow(size_t size_bytes);

  char* next_ = nullptr;
  size_t left_ = 0;
  size_t allocated_bytes_ = 0;
  std::vector<std::unique_ptr<char[]>> blocks_;
};

}  // namespace cassette::base
