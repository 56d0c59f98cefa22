#include "rows/partition_locks.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cassette::rows {

size_t PartitionLocks::StripeOf(const PartitionId& partition) {
  uint64_t words[2];
  static_assert(sizeof(words) == sizeof(partition.table.bytes));
  std::memcpy(words, partition.table.bytes.data(), sizeof(words));
  uint64_t hash = static_cast<uint64_t>(partition.token) ^ words[0] ^ (words[1] << 1);
  hash *= 0x9e3779b97f4a7c15;  // Fibonacci hashing: the high bits depend on all of it.
  return static_cast<size_t>(hash >> 32) % kStripes;
}

// Ascending stripes, each once: no two threads can wait for each other in a circle.
PartitionLocks::Guard PartitionLocks::Lock(std::span<const PartitionId> partitions) {
  absl::InlinedVector<size_t, 4> stripes;
  stripes.reserve(partitions.size());
  for (const PartitionId& partition : partitions) stripes.push_back(StripeOf(partition));
  std::sort(stripes.begin(), stripes.end());
  stripes.erase(std::unique(stripes.begin(), stripes.end()), stripes.end());
  if (stripes.size() > kMaxStripesAtOnce) return LockAll();
  Guard guard;
  if (stripes.empty()) return guard;
  gate_.Enter();
  guard.entered_ = &gate_;
  guard.held_.reserve(stripes.size());
  for (const size_t stripe : stripes) {
    stripes_[stripe].lock();
    guard.held_.push_back(&stripes_[stripe]);
  }
  return guard;
}

PartitionLocks::Guard PartitionLocks::LockAll() {
  Guard guard;
  gate_.Shut();
  guard.shut_ = &gate_;
  return guard;
}

PartitionLocks::Guard::Guard(Guard&& other) noexcept
    : entered_(std::exchange(other.entered_, nullptr)),
      shut_(std::exchange(other.shut_, nullptr)),
      held_(std::move(other.held_)) {
  other.held_.clear();
}

PartitionLocks::Guard::~Guard() {
  for (base::Mutex* mutex : held_) mutex->unlock();
  if (entered_ != nullptr) entered_->Leave();
  if (shut_ != nullptr) shut_->Open();
}

}  // namespace cassette::rows
