// BlockCache: what was read from SSTables and may be read again (index blocks, partition heads, filter blocks, decoded
// vectors, encoded ones), within a budget of bytes that all tables share.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace cassette::storage::sstable {

// What a cached object is. Objects of different kinds never meet under one key.
enum class CachedKind : uint8_t {
  kIndexBlock = 1,
  kHeadIndexBlock,
  kHeadBlock,
  kFilterBlock,
  kVector,
  kEncodedVector,
  kGroupKeys
};

struct CacheKey {
  uint64_t file = 0;   // Of BlockCache::NewFileId.
  uint64_t place = 0;  // Offset in the file, or a number that takes its part.
  CachedKind kind = CachedKind::kIndexBlock;
  uint32_t variant = 0;  // How the bytes were decoded, where that is not one way only.
  bool operator==(const CacheKey&) const = default;
};

struct BlockCacheStatistics {
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t evictions = 0;
  uint64_t entries = 0;
  uint64_t bytes = 0;
};

// Evicts by CLOCK: an entry that was asked for since the hand last passed stays for one more round.
// Thread safety: all methods may be called from many threads.
// Ownership: shares what it holds; an evicted object lives on while somebody uses it.
class BlockCache {
 public:
  // `capacity_bytes` is divided evenly among the shards. 0: keeps nothing.
  explicit BlockCache(size_t capacity_bytes);
  ~BlockCache();
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  // A number that no other file has.
  uint64_t NewFileId();

  // Null when it is not there.
  std::shared_ptr<const void> Find(const CacheKey& key);
  // Puts `object`, which occupies `charge_bytes`; the one that was there under the key goes. An object larger than a
  // shard's share is not kept.
  void Insert(const CacheKey& key, std::shared_ptr<const void> object, size_t charge_bytes);
  // Forgets all of one file (it was removed).
  void EraseFile(uint64_t file);

  BlockCacheStatistics Statistics() const;
  size_t capacity_bytes() const { return capacity_bytes_; }

  static constexpr size_t kShards = 16;
  // What an entry costs beside its object.
  static constexpr size_t kEntryOverheadBytes = 96;

 private:
  class Shard;

  Shard& ShardOf(const CacheKey& key) const;

  const size_t capacity_bytes_;
  std::atomic<uint64_t> next_file_ = 1;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace cassette::storage::sstable
