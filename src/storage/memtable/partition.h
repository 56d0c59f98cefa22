// Partition: one partition of a memtable shard, from a single row in the arena to many rows and series.
#pragma once

#include <absl/container/btree_set.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "codec/fixed.h"
#include "rows/row_block.h"
#include "storage/memtable/counting_allocator.h"
#include "storage/memtable/layout.h"
#include "storage/memtable/row_arena.h"
#include "storage/memtable/row_image.h"
#include "storage/memtable/series.h"

namespace cassette::storage::memtable {

// A row in the arena: its clustering, then its bytes (row_image.h), with room to be overwritten by no more than it has.
struct RowRecord {
  uint32_t clustering_bytes;
  uint32_t row_bytes;
  uint32_t row_capacity;
  uint32_t run;  // Rows of one prefix that came in order, either direction, up to this one, if it came as the last.

  size_t size_bytes() const { return sizeof(RowRecord) + clustering_bytes + row_capacity; }
  std::string_view clustering() const { return {data(), clustering_bytes}; }
  std::string_view row() const { return {data() + clustering_bytes, row_bytes}; }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  char* data() { return reinterpret_cast<char*>(this + 1); }
};

// The first bytes of a clustering as a number of the same order, zeros where it is shorter: what most comparisons need
// to know of it.
inline uint64_t ClusteringHead(std::string_view clustering) {
  if (clustering.size() >= sizeof(uint64_t)) return codec::LoadBig<uint64_t>(clustering.data());
  char bytes[sizeof(uint64_t)] = {};
  std::copy(clustering.begin(), clustering.end(), bytes);
  return codec::LoadBig<uint64_t>(bytes);
}

// An element of a partition's ordered rows. The record may be replaced by one of the same clustering.
struct RowSlot {
  explicit RowSlot(RowRecord* row) : head(ClusteringHead(row->clustering())), record(row) {}

  uint64_t head;
  mutable RowRecord* record;
};

// What a row is looked for by.
struct RowKey {
  explicit RowKey(std::string_view bytes) : head(ClusteringHead(bytes)), clustering(bytes) {}

  uint64_t head;
  std::string_view clustering;
};

struct RowSlotOrder {
  using is_transparent = void;
  // A node's lines of cache are fetched side by side, where halving waits for one before it asks for the next.
  using absl_btree_prefer_linear_node_search = std::true_type;
  bool operator()(const RowSlot& a, const RowSlot& b) const {
    return a.head != b.head ? a.head < b.head : a.record->clustering() < b.record->clustering();
  }
  bool operator()(const RowSlot& a, const RowKey& b) const {
    return a.head != b.head ? a.head < b.head : a.record->clustering() < b.clustering;
  }
  bool operator()(const RowKey& a, const RowSlot& b) const {
    return a.head != b.head ? a.head < b.head : a.clustering < b.record->clustering();
  }
  bool operator()(const RowSlot& a, const rows::ClusteringBound& b) const {
    return b.CompareToRow(a.record->clustering()) > 0;
  }
  bool operator()(const rows::ClusteringBound& a, const RowSlot& b) const {
    return a.CompareToRow(b.record->clustering()) < 0;
  }
};

using SeriesPtr = std::unique_ptr<Series>;

// By prefix; no prefix is the beginning of another.
struct SeriesOrder {
  using is_transparent = void;
  bool operator()(const SeriesPtr& a, const SeriesPtr& b) const { return a->prefix() < b->prefix(); }
  bool operator()(std::string_view a, const SeriesPtr& b) const { return a < b->prefix(); }
  bool operator()(const SeriesPtr& a, std::string_view b) const { return a->prefix() < b; }
  // Whether all rows of one lie before the other.
  bool operator()(const SeriesPtr& a, const rows::ClusteringBound& b) const;
  bool operator()(const rows::ClusteringBound& a, const SeriesPtr& b) const;
};

using RowSet = absl::btree_set<RowSlot, RowSlotOrder, CountingAllocator<RowSlot>>;
using SeriesSet = absl::btree_set<SeriesPtr, SeriesOrder, CountingAllocator<SeriesPtr>>;

// What a partition has that covers more than a row; most have none of it.
struct PartitionCover {
  rows::DeletionTime deletion;
  std::vector<rows::RangeTombstone> range_tombstones;
  std::vector<rows::PartitionHead::StaticCell> static_cells;  // By column id.
  // As readers get it; null when it has to be made anew.
  std::shared_ptr<const rows::PartitionHead> head;

  bool has_deletions() const { return !deletion.is_live() || !range_tombstones.empty(); }
};

// A partition of more than one row, or of anything but rows.
struct LargePartition {
  explicit LargePartition(size_t* bytes)
      : rows(RowSlotOrder(), CountingAllocator<RowSlot>(bytes)),
        series(SeriesOrder(), CountingAllocator<SeriesPtr>(bytes)) {}

  RowSet rows;
  SeriesSet series;
  Series* last_series = nullptr;  // Appended to last: most often the next as well.
  std::unique_ptr<PartitionCover> cover;
};

// A partition's place in the arena, its key behind it. Exactly one of the pointers is set.
struct Partition {
  RowRecord* only_row;
  LargePartition* large;  // Owned by the shard.
  uint32_t key_bytes;

  std::string_view key() const { return {reinterpret_cast<const char*>(this + 1), key_bytes}; }
};

// What a shard's partitions share.
struct PartitionContext {
  RowArena arena;
  std::vector<std::unique_ptr<LargePartition>> large;
  size_t container_bytes = 0;  // Of large partitions, their sets and covers.
  size_t series_bytes = 0;
  uint64_t rows = 0;
  Series* unaccounted = nullptr;  // Has grown since its bytes were counted.
  // Scratch of ApplyRow and its like.
  RowImage existing;
  RowImage merged;
  std::string encoded;

  size_t memory_bytes() const {
    return arena.allocated_bytes() + container_bytes + series_bytes + large.capacity() * sizeof(large[0]);
  }
};

// The rows of one series that in-order rows need behind them before it begins: short runs are cheaper as rows.
inline constexpr uint32_t kRowsBeforeSeries = 16;

// Counts what the last series appended to has grown by. Call after the last row of a mutation.
void AccountSeries(PartitionContext* context);
Partition* NewPartition(std::string_view key, PartitionContext* context);
// Adds a row, reconciling. REQUIRES: `row` is normalized. kCorruption when the clustering is malformed: then nothing
// has changed.
base::Status ApplyRow(const Layout& layout, std::string_view clustering, const RowImage& row, Partition* partition,
                      PartitionContext* context);
void ApplyPartitionDeletion(const rows::DeletionTime& deletion, Partition* partition, PartitionContext* context);
void ApplyRangeTombstone(const rows::RangeTombstone& tombstone, Partition* partition, PartitionContext* context);
// REQUIRES: `row` is normalized.
void ApplyStaticRow(const Layout& layout, const RowImage& row, Partition* partition, PartitionContext* context);

// As readers get it; null when empty.
std::shared_ptr<const rows::PartitionHead> HeadOf(const Partition& partition);

}  // namespace cassette::storage::memtable
