// PartitionIndex: the partitions of a shard in (token, key) order, found by one without a walk down a deep tree.
//
// A directory of small B-trees by the leading bits of the token. Tokens are hashes, so the trees stay of one size, and
// most of one node: a lookup reads three or four lines of cache, however many partitions there are, where one tree
// would read two a level. Tokens that crowd make their tree deeper, not the lookup linear. The directory doubles as
// extendible hashing's does (Fagin et al., ACM TODS 4(3), 1979), all trees at once.
#pragma once

#include <absl/container/btree_set.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

#include "rows/keys.h"
#include "storage/memtable/counting_allocator.h"
#include "storage/memtable/partition.h"

namespace cassette::storage::memtable {

struct IndexEntry {
  rows::Token token;
  Partition* partition;
};

// (token, key) order. Keys are compared out of line, since a compiler that sees their loads does them before it knows
// whether the tokens differ, and each is a miss of the cache.
struct IndexOrder {
  using is_transparent = void;
  using absl_btree_prefer_linear_node_search = std::true_type;  // As RowSlotOrder.
  bool operator()(const IndexEntry& a, const IndexEntry& b) const {
    return a.token != b.token ? a.token < b.token : CompareKeys(*a.partition, KeyOf(*b.partition)) < 0;
  }
  bool operator()(const IndexEntry& a, const rows::PartitionPosition& b) const {
    return a.token != b.token ? a.token < b.token : CompareKeys(*a.partition, b.key) < 0;
  }
  bool operator()(const rows::PartitionPosition& a, const IndexEntry& b) const {
    return a.token != b.token ? a.token < b.token : CompareKeys(*b.partition, a.key) > 0;
  }

 private:
  static std::string_view KeyOf(const Partition& partition);
  static int CompareKeys(const Partition& partition, std::string_view key);
};

// Thread safety: its owner's lock. Lifetime: the partitions outlive it; entries stand until the next Add.
class PartitionIndex {
 public:
  // A tree has more entries than this on average only once there are kTreesMax: half of them fit in one node.
  static constexpr size_t kEntriesPerTree = 8;
  // Bounds the time of the last doubling, some ten milliseconds.
  static constexpr size_t kTreesMax = 1 << 16;

  // All tokens that come share their first `shared_bits`.
  explicit PartitionIndex(uint32_t shared_bits) : shared_bits_(shared_bits), trees_(1, Tree(allocator())) {}
  PartitionIndex(const PartitionIndex&) = delete;
  PartitionIndex& operator=(const PartitionIndex&) = delete;

  // Null when there is none.
  const IndexEntry* Find(const rows::PartitionPosition& position) const;
  // The first at or after `position`, or after it; null at the end. REQUIRES: a token that shares the others' first
  // bits, or kMinToken.
  const IndexEntry* FirstFrom(const rows::PartitionPosition& position) const;
  const IndexEntry* FirstAfter(const rows::PartitionPosition& position) const;
  // REQUIRES: Find does not find it.
  void Add(const IndexEntry& entry);

  size_t size() const { return size_; }
  size_t memory_bytes() const { return node_bytes_ + trees_.capacity() * sizeof(Tree); }

 private:
  using Tree = absl::btree_set<IndexEntry, IndexOrder, CountingAllocator<IndexEntry>>;

  CountingAllocator<IndexEntry> allocator() { return CountingAllocator<IndexEntry>(&node_bytes_); }
  size_t TreeOf(rows::Token token) const;
  // The entry at `found` of trees_[tree], or the first of the trees behind it.
  const IndexEntry* At(size_t tree, Tree::const_iterator found) const;
  void Double();

  const uint32_t shared_bits_;
  uint32_t tree_bits_ = 0;
  size_t size_ = 0;
  size_t node_bytes_ = 0;
  std::vector<Tree> trees_;  // 2^tree_bits_, in token order.
};

}  // namespace cassette::storage::memtable
