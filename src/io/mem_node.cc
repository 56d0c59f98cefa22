#include "io/mem_node.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/assert.h"

namespace cassette::io::internal {

using base::MutexLock;

namespace {

// Fewer are written over.
constexpr size_t kBytesGivenBackMin = 256 << 10;

// Zeros of memory that calloc gave. Whole pages go back to the system instead of being touched: what was allocated
// ahead and never used (a log's segment) costs nothing at its end either.
void Zero(char* begin, size_t size_bytes) {
  constexpr size_t kPageBytes = 64 << 10;  // The largest in use.
  if (size_bytes < kBytesGivenBackMin) {
    std::memset(begin, 0, size_bytes);
    return;
  }
  const size_t head_bytes = (kPageBytes - reinterpret_cast<uintptr_t>(begin) % kPageBytes) % kPageBytes;
  const size_t pages_bytes = (size_bytes - head_bytes) / kPageBytes * kPageBytes;
  char* const tail = begin + head_bytes + pages_bytes;
  std::memset(begin, 0, head_bytes);
  // Private pages come back as zeros.
  if (madvise(begin + head_bytes, pages_bytes, MADV_DONTNEED) != 0) std::memset(begin + head_bytes, 0, pages_bytes);
  std::memset(tail, 0, size_bytes - head_bytes - pages_bytes);
}

}  // namespace

void MemBuffer::Resize(uint64_t size_bytes) {
  if (size_bytes > capacity_) {
    // calloc: a large file that is mostly zeros takes no memory.
    const uint64_t capacity = std::max<uint64_t>({size_bytes, capacity_ * 2, 256});
    char* grown = static_cast<char*>(std::calloc(capacity, 1));
    if (grown == nullptr) throw std::bad_alloc();
    if (size_ > 0) std::memcpy(grown, bytes_.get(), size_);
    bytes_ = std::shared_ptr<char>(grown, [](char* bytes) { std::free(bytes); });
    capacity_ = capacity;
  } else if (size_bytes < size_) {
    Zero(bytes_.get() + size_bytes, size_ - size_bytes);
  }
  size_ = size_bytes;
}

uint64_t MemNode::size() {
  MutexLock lock(mutex_);
  return bytes_.size();
}

size_t MemNode::ReadAt(uint64_t offset, std::span<char> target) {
  MutexLock lock(mutex_);
  if (offset >= bytes_.size()) return 0;
  const size_t count = std::min<uint64_t>(target.size(), bytes_.size() - offset);
  if (count > 0) std::memcpy(target.data(), bytes_.data() + offset, count);
  return count;
}

void MemNode::Touch(uint64_t begin, uint64_t end) {
  dirty_begin_ = std::min(dirty_begin_, begin);
  dirty_end_ = std::max(dirty_end_, end);
}

void MemNode::WriteAt(uint64_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  MutexLock lock(mutex_);
  const uint64_t end = offset + bytes.size();
  if (end > bytes_.size()) bytes_.Resize(end);
  std::memcpy(bytes_.data() + offset, bytes.data(), bytes.size());
  Touch(offset, end);
}

void MemNode::Append(std::string_view bytes) {
  if (bytes.empty()) return;
  MutexLock lock(mutex_);
  const uint64_t offset = bytes_.size();
  bytes_.Resize(offset + bytes.size());
  std::memcpy(bytes_.data() + offset, bytes.data(), bytes.size());
  Touch(offset, bytes_.size());
}

void MemNode::Truncate(uint64_t size_bytes) {
  MutexLock lock(mutex_);
  Touch(std::min(size_bytes, bytes_.size()), std::max(size_bytes, bytes_.size()));
  bytes_.Resize(size_bytes);
}

void MemNode::CopyToDurable(uint64_t begin, uint64_t end) {
  durable_.Resize(bytes_.size());
  end = std::min(end, bytes_.size());
  if (begin < end) std::memcpy(durable_.data() + begin, bytes_.data() + begin, end - begin);
}

void MemNode::Sync() {
  if (!can_lose_power_) return;
  MutexLock lock(mutex_);
  if (mapped_) Touch(0, bytes_.size());
  CopyToDurable(dirty_begin_, dirty_end_);
  dirty_begin_ = UINT64_MAX;
  dirty_end_ = 0;
}

std::shared_ptr<char> MemNode::Map(uint64_t size_bytes) {
  MutexLock lock(mutex_);
  if (bytes_.size() < size_bytes) bytes_.Resize(size_bytes);
  mapped_ = true;
  return bytes_.shared();
}

void MemNode::SyncRange(uint64_t offset, uint64_t length_bytes) {
  if (!can_lose_power_) return;
  MutexLock lock(mutex_);
  CopyToDurable(offset, offset + length_bytes);
}

uint64_t MemNode::SurvivingSize(PowerCut kind, base::Random& random) {
  const uint64_t before = durable_.size();
  const uint64_t after = bytes_.size();
  if (kind == PowerCut::kDropUnsynced || before == after) return before;
  if (after < before) return random.Below(2) == 0 ? before : after;
  switch (random.Below(3)) {
    case 0:
      return before;
    case 1:
      return after;
    default:
      return before + random.Below(after - before + 1);
  }
}

namespace {

// [begin, end) of the bytes in which the two differ; what one lacks counts as zeros. Empty when they agree.
std::pair<uint64_t, uint64_t> Difference(std::string_view a, std::string_view b) {
  const uint64_t size = std::max(a.size(), b.size());
  const auto differ = [&](uint64_t i) { return (i < a.size() ? a[i] : 0) != (i < b.size() ? b[i] : 0); };
  uint64_t begin = 0;
  while (begin < size && !differ(begin)) ++begin;
  uint64_t end = size;
  while (end > begin && !differ(end - 1)) --end;
  return {begin, end};
}

// What is mapped may be written while the power goes: a race on purpose, as with a real disk.
__attribute__((no_sanitize("thread"))) std::string RacyCopy(std::string_view bytes) {
  std::string copy(bytes.size(), '\0');
  char* target = copy.data();
  // Not memcpy, which the sanitizer would watch all the same.
  for (size_t i = 0; i < bytes.size(); ++i) target[i] = *const_cast<const volatile char*>(bytes.data() + i);
  return copy;
}

// Copies [begin, end) of `source` to `target`, as far as both have it.
void CopyRange(std::string_view source, uint64_t begin, uint64_t end, MemBuffer* target) {
  end = std::min({end, uint64_t{source.size()}, target->size()});
  if (begin < end) std::memcpy(target->data() + begin, source.data() + begin, end - begin);
}

}  // namespace

std::shared_ptr<MemNode> MemNode::AfterPowerCut(PowerCut kind, base::Random& random) {
  constexpr uint64_t kSectorBytes = 512;  // What a disk writes whole.
  auto left = std::make_shared<MemNode>(is_directory_, can_lose_power_);
  MutexLock lock(mutex_);
  MutexLock left_lock(left->mutex_);
  left->bytes_.Resize(SurvivingSize(kind, random));
  CopyRange(durable_.view(), 0, durable_.size(), &left->bytes_);
  const std::string written = RacyCopy(bytes_.view());
  const auto [begin, end] = Difference(durable_.view(), written);
  if (kind == PowerCut::kTear && begin < end) {
    CopyRange(written, begin, begin + random.Below(end - begin + 1), &left->bytes_);
  } else if (kind == PowerCut::kReorder) {
    for (uint64_t block = begin / kBlockBytes * kBlockBytes; block < end; block += kBlockBytes) {
      // Old, new, or torn within the block.
      const uint64_t lot = random.Below(8);
      const uint64_t length = lot == 0 ? random.Below(kBlockBytes / kSectorBytes) * kSectorBytes : kBlockBytes;
      if (lot < 5) CopyRange(written, block, block + length, &left->bytes_);
    }
  }
  left->durable_.Resize(left->bytes_.size());
  CopyRange(left->bytes_.view(), 0, left->bytes_.size(), &left->durable_);
  return left;
}

}  // namespace cassette::io::internal
