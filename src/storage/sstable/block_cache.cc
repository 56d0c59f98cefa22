#include "storage/sstable/block_cache.h"

#include <absl/container/flat_hash_map.h>

#include <utility>

#include "base/assert.h"
#include "base/mutex.h"

namespace cassette::storage::sstable {
namespace {

uint64_t HashOf(const CacheKey& key) {
  // Multiplications by odd constants and a fold: keys differ in few low bits.
  uint64_t hash = key.place * 0x9e3779b97f4a7c15ull;
  hash ^= key.file * 0xc2b2ae3d27d4eb4full;
  hash ^= (static_cast<uint64_t>(key.variant) << 8 | static_cast<uint64_t>(key.kind)) * 0x165667b19e3779f9ull;
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15ull;
  return hash ^ (hash >> 29);
}

struct KeyHash {
  size_t operator()(const CacheKey& key) const { return HashOf(key); }
};

}  // namespace

class BlockCache::Shard {
 public:
  explicit Shard(size_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}

  std::shared_ptr<const void> Find(const CacheKey& key) {
    const base::MutexLock lock(mutex_);
    const auto found = slot_of_.find(key);
    if (found == slot_of_.end()) {
      ++misses_;
      return nullptr;
    }
    ++hits_;
    Slot& slot = slots_[found->second];
    slot.referenced = true;
    return slot.object;
  }

  void Insert(const CacheKey& key, std::shared_ptr<const void> object, size_t charge_bytes) {
    std::vector<std::shared_ptr<const void>> evicted;  // Destroyed after the lock.
    const base::MutexLock lock(mutex_);
    if (const auto found = slot_of_.find(key); found != slot_of_.end()) Free(found->second, &evicted);
    if (charge_bytes > capacity_bytes_) return;
    while (bytes_ + charge_bytes > capacity_bytes_) EvictOne(&evicted);
    if (free_.empty()) {
      free_.push_back(slots_.size());
      slots_.emplace_back();
    }
    const size_t index = free_.back();
    free_.pop_back();
    slots_[index] = {key, std::move(object), charge_bytes, false};
    slot_of_.emplace(key, index);
    bytes_ += charge_bytes;
  }

  void EraseFile(uint64_t file) {
    std::vector<std::shared_ptr<const void>> evicted;
    const base::MutexLock lock(mutex_);
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].object != nullptr && slots_[i].key.file == file) Free(i, &evicted);
    }
  }

  void AddStatistics(BlockCacheStatistics* statistics) {
    const base::MutexLock lock(mutex_);
    statistics->hits += hits_;
    statistics->misses += misses_;
    statistics->evictions += evictions_;
    statistics->entries += slot_of_.size();
    statistics->bytes += bytes_;
  }

 private:
  struct Slot {
    CacheKey key;
    std::shared_ptr<const void> object;  // Null: free.
    size_t charge_bytes = 0;
    bool referenced = false;
  };

  void Free(size_t index, std::vector<std::shared_ptr<const void>>* evicted) CASSETTE_REQUIRES(mutex_) {
    Slot& slot = slots_[index];
    slot_of_.erase(slot.key);
    bytes_ -= slot.charge_bytes;
    evicted->push_back(std::move(slot.object));
    slot = Slot();
    free_.push_back(index);
  }

  // REQUIRES: there is an entry. Ends within two rounds: the first takes away every mark.
  void EvictOne(std::vector<std::shared_ptr<const void>>* evicted) CASSETTE_REQUIRES(mutex_) {
    CASSETTE_ASSERT(!slot_of_.empty());
    for (;;) {
      hand_ = hand_ + 1 < slots_.size() ? hand_ + 1 : 0;
      Slot& slot = slots_[hand_];
      if (slot.object == nullptr) continue;
      if (!std::exchange(slot.referenced, false)) break;
    }
    Free(hand_, evicted);
    ++evictions_;
  }

  const size_t capacity_bytes_;
  base::Mutex mutex_;
  absl::flat_hash_map<CacheKey, size_t, KeyHash> slot_of_ CASSETTE_GUARDED_BY(mutex_);
  std::vector<Slot> slots_ CASSETTE_GUARDED_BY(mutex_);
  std::vector<size_t> free_ CASSETTE_GUARDED_BY(mutex_);
  size_t hand_ CASSETTE_GUARDED_BY(mutex_) = 0;
  size_t bytes_ CASSETTE_GUARDED_BY(mutex_) = 0;
  uint64_t hits_ CASSETTE_GUARDED_BY(mutex_) = 0;
  uint64_t misses_ CASSETTE_GUARDED_BY(mutex_) = 0;
  uint64_t evictions_ CASSETTE_GUARDED_BY(mutex_) = 0;
};

BlockCache::BlockCache(size_t capacity_bytes) : capacity_bytes_(capacity_bytes) {
  shards_.reserve(kShards);
  for (size_t i = 0; i < kShards; ++i) shards_.push_back(std::make_unique<Shard>(capacity_bytes / kShards));
}

BlockCache::~BlockCache() = default;

uint64_t BlockCache::NewFileId() { return next_file_.fetch_add(1, std::memory_order_relaxed); }

BlockCache::Shard& BlockCache::ShardOf(const CacheKey& key) const { return *shards_[HashOf(key) >> 60]; }

std::shared_ptr<const void> BlockCache::Find(const CacheKey& key) { return ShardOf(key).Find(key); }

void BlockCache::Insert(const CacheKey& key, std::shared_ptr<const void> object, size_t charge_bytes) {
  CASSETTE_ASSERT(object != nullptr);
  ShardOf(key).Insert(key, std::move(object), charge_bytes + kEntryOverheadBytes);
}

void BlockCache::EraseFile(uint64_t file) {
  for (const std::unique_ptr<Shard>& shard : shards_) shard->EraseFile(file);
}

BlockCacheStatistics BlockCache::Statistics() const {
  BlockCacheStatistics statistics;
  for (const std::unique_ptr<Shard>& shard : shards_) shard->AddStatistics(&statistics);
  return statistics;
}

}  // namespace cassette::storage::sstable
