// RowArena: base::Arena for memtables: its blocks start small, since most tables of a small program hold a few rows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "storage/memtable/counting_allocator.h"

namespace cassette::storage::memtable {

// Thread safety: not thread safe. Lifetime: its memory lives until it is destroyed.
class RowArena {
 public:
  static constexpr size_t kFirstBlockBytes = 1024;
  static constexpr size_t kLastBlockBytes = 256 * 1024;
  static constexpr size_t kAlignment = 8;

  // Aligned to kAlignment.
  char* Allocate(size_t size_bytes) {
    const size_t rounded = (size_bytes + kAlignment - 1) & ~(kAlignment - 1);
    if (rounded > left_) return AllocateBlock(rounded);
    char* result = next_;
    next_ += rounded;
    left_ -= rounded;
    return result;
  }
  // Takes back what Allocate gave last, where that is easy.
  void GiveBack(char* memory, size_t size_bytes) {
    const size_t rounded = (size_bytes + kAlignment - 1) & ~(kAlignment - 1);
    if (memory + rounded != next_) return;
    next_ = memory;
    left_ += rounded;
  }
  size_t allocated_bytes() const { return allocated_bytes_; }

 private:
  char* AllocateBlock(size_t size_bytes) {
    // A large piece gets a block of its own, so that the current block's rest is not lost.
    const bool own_block = size_bytes > block_bytes_ / 4;
    const size_t bytes = own_block ? size_bytes : block_bytes_;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
    allocated_bytes_ += bytes + kMallocOverheadBytes + sizeof(blocks_[0]);
    char* block = blocks_.back().get();
    if (own_block) return block;
    next_ = block + size_bytes;
    left_ = bytes - size_bytes;
    block_bytes_ = std::min(kLastBlockBytes, block_bytes_ * 2);
    return block;
  }

  char* next_ = nullptr;
  size_t left_ = 0;
  size_t block_bytes_ = kFirstBlockBytes;
  size_t allocated_bytes_ = 0;
  std::vector<std::unique_ptr<char[]>> blocks_;
};

}  // namespace cassette::storage::memtable
