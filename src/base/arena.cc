#include "base/arena.h"

namespace cassette::base {

char* Arena::AllocateSlow(size_t size_bytes) {
  // A large allocation gets a block of its own, so that the current block's rest is not lost.
  const bool own_block = size_bytes > kBlockBytes / 4;
  const size_t block_bytes = own_block ? size_bytes : kBlockBytes;
  blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_bytes));
  allocated_bytes_ += block_bytes;
  char* block = blocks_.back().get();
  if (own_block) return block;
  next_ = block + size_bytes;
  left_ = block_bytes - size_bytes;
  return block;
}

void Arena::Clear() {
  blocks_.clear();
  next_ = nullptr;
  left_ = 0;
  allocated_bytes_ = 0;
}

}  // namespace cassette::base
