#include "storage/sstable/block_cache.h"

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

}  // namespace

// One array is both hash table (linear probing) and the CLOCK's face, so that to find an entry costs one miss of the
// processor's cache: that is what most of a point read in a large table is made of.
class BlockCache::Shard {
 public:
  explicit Shard(size_t capacity_bytes) : capacity_bytes_(capacity_bytes), slots_(kSlotsMin) {}

  std::shared_ptr<const void> Find(const CacheKey& key) {
    const base::MutexLock lock(mutex_);
    Slot& slot = slots_[Locate(key)];
    if (slot.object == nullptr) {
      ++misses_;
      return nullptr;
    }
    ++hits_;
    slot.referenced = true;
    return slot.object;
  }

  void Insert(const CacheKey& key, std::shared_ptr<const void> object, size_t charge_bytes) {
    std::vector<std::shared_ptr<const void>> evicted;  // Destroyed after the lock.
    const base::MutexLock lock(mutex_);
    if (const size_t index = Locate(key); slots_[index].object != nullptr) Free(index, &evicted);
    if (charge_bytes > capacity_bytes_) return;
    while (bytes_ + charge_bytes > capacity_bytes_) EvictOne(&evicted);
    if (entries_ + 1 > slots_.size() / 8 * kEighthsMax) Grow();
    slots_[Locate(key)] = {key, std::move(object), charge_bytes, false};
    ++entries_;
    bytes_ += charge_bytes;
  }

  void EraseFile(uint64_t file) {
    std::vector<std::shared_ptr<const void>> evicted;
    const base::MutexLock lock(mutex_);
    for (size_t i = 0; i < slots_.size(); ++i) {
      while (slots_[i].object != nullptr && slots_[i].key.file == file) Free(i, &evicted);
    }
  }

  void AddStatistics(BlockCacheStatistics* statistics) {
    const base::MutexLock lock(mutex_);
    statistics->hits += hits_;
    statistics->misses += misses_;
    statistics->evictions += evictions_;
    statistics->entries += entries_;
    statistics->bytes += bytes_;
  }

 private:
  static constexpr size_t kCacheLineBytes = 64;
  static constexpr size_t kSlotsMin = 16;
  static constexpr size_t kEighthsMax = 7;  // Of the slots that are in use, at most.

  struct alignas(kCacheLineBytes) Slot {
    CacheKey key;
    std::shared_ptr<const void> object;  // Null: free.
    size_t charge_bytes = 0;
    bool referenced = false;
  };
  static_assert(sizeof(Slot) == kCacheLineBytes);

  size_t mask() const CASSETTE_REQUIRES(mutex_) { return slots_.size() - 1; }

  // Where the entry of `key` is, or the free slot where it would be.
  size_t Locate(const CacheKey& key) const CASSETTE_REQUIRES(mutex_) {
    size_t index = HashOf(key) & mask();
    while (slots_[index].object != nullptr && slots_[index].key != key) index = (index + 1) & mask();
    return index;
  }

  // Entries after the freed one move up, where they belong before it, so that no search ends too soon.
  void Free(size_t index, std::vector<std::shared_ptr<const void>>* evicted) CASSETTE_REQUIRES(mutex_) {
    bytes_ -= slots_[index].charge_bytes;
    --entries_;
    evicted->push_back(std::move(slots_[index].object));
    size_t hole = index;
    for (size_t next = (hole + 1) & mask(); slots_[next].object != nullptr; next = (next + 1) & mask()) {
      const size_t home = HashOf(slots_[next].key) & mask();
      if (((next - home) & mask()) < ((next - hole) & mask())) continue;
      slots_[hole] = std::move(slots_[next]);
      hole = next;
    }
    slots_[hole] = Slot();
  }

  void Grow() CASSETTE_REQUIRES(mutex_) {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    hand_ = 0;
    for (Slot& slot : old) {
      if (slot.object != nullptr) slots_[Locate(slot.key)] = std::move(slot);
    }
  }

  // REQUIRES: there is an entry. Ends within two rounds: the first takes away every mark.
  void EvictOne(std::vector<std::shared_ptr<const void>>* evicted) CASSETTE_REQUIRES(mutex_) {
    CASSETTE_ASSERT(entries_ > 0);
    for (;;) {
      hand_ = (hand_ + 1) & mask();
      Slot& slot = slots_[hand_];
      if (slot.object == nullptr) continue;
      if (!std::exchange(slot.referenced, false)) break;
    }
    Free(hand_, evicted);
    ++evictions_;
  }

  const size_t capacity_bytes_;
  base::Mutex mutex_;
  std::vector<Slot> slots_ CASSETTE_GUARDED_BY(mutex_);  // A power of two.
  size_t entries_ CASSETTE_GUARDED_BY(mutex_) = 0;
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
