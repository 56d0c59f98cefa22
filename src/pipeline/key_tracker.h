// KeyTracker: how many distinct rows and partitions a table's keys make, measured on the rows themselves.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/mutex.h"
#include "columnar/vector.h"
#include "pipeline/hash_table.h"
#include "types/data_type.h"

namespace cassette::pipeline {

struct HotPartition {
  std::string key;  // As text: "338" or "10, 182".
  uint64_t rows = 0;
};

struct KeyFigures {
  uint64_t rows = 0;  // Written.
  uint64_t distinct_rows = 0;
  bool is_exact = true;     // False past KeyBounds: then distinct_rows counts later rows as new.
  uint64_t partitions = 0;  // Those that are remembered, as in all that follows.
  uint64_t largest_partition_rows = 0;
  uint64_t median_partition_rows = 0;
  std::vector<HotPartition> hottest;  // The largest first, at most kHottest; equals by their text.

  static constexpr size_t kHottest = 5;
};

// What a call of Add saw, and its scratch memory; one a worker, used again and again.
struct KeyMarks {
  // Rows whose key one of the rows since the last start (or the first row) has: they must not share its write time.
  std::vector<uint32_t> starts;
  // Rows whose key came for the first time.
  std::vector<uint32_t> new_rows;

 private:
  friend class KeyTracker;
  std::vector<uint64_t> partition_hashes;
  std::vector<uint64_t> row_hashes;
  absl::flat_hash_set<uint64_t> since_start;
};

// What a KeyTracker remembers at most; it holds some 16 bytes a row, 48 a partition, and the keys of partitions.
struct KeyBounds {
  static constexpr size_t kMaxTrackedRows = 8'000'000;
  static constexpr size_t kMaxPartitionKeyBytes = size_t{256} << 20;

  size_t rows = kMaxTrackedRows;  // And partitions.
  size_t partition_key_bytes = kMaxPartitionKeyBytes;
};

// Keys are known by 64-bit hashes: two of 8 M keys share one with a probability of 2 in a million.
// Thread safety: all methods may be called from many threads.
class KeyTracker {
 public:
  // `partition_columns` and `clustering_columns` are places in the vectors given to Add, with their types.
  struct KeyColumn {
    size_t index;
    types::DataType type;
  };
  KeyTracker(std::vector<KeyColumn> partition_columns, std::vector<KeyColumn> clustering_columns,
             const KeyBounds& bounds = {});

  // Counts rows [0, row_count) and marks them.
  void Add(std::span<const columnar::Vector* const> vectors, uint32_t row_count, KeyMarks* marks);
  // Counts rows whose keys come nowhere else.
  void AddDistinct(std::span<const columnar::Vector* const> vectors, uint32_t row_count);
  // Counts `repeated` writes of keys that are already known.
  void AddRepeated(uint64_t repeated);

  KeyFigures Figures() const;

 private:
  struct Row {
    uint64_t hash = 0;
  };
  struct Partition {
    uint64_t hash = 0;
    uint64_t rows = 0;
    uint64_t key_offset = 0;  // In keys_.
  };

  void HashRows(std::span<const columnar::Vector* const> vectors, uint32_t row_count, KeyMarks* marks) const;
  // Whether the key of `row` came before among the rows since the last start.
  static bool IsRepeatedSinceStart(uint32_t row, KeyMarks* marks);
  bool HasConstantPartition(std::span<const columnar::Vector* const> vectors) const;
  // The partition, and whether it is new. Null, and it counts as new, when there is no room for it.
  std::pair<Partition*, bool> FindPartition(std::span<const columnar::Vector* const> vectors, uint32_t row,
                                            uint64_t hash) CASSETTE_REQUIRES(mutex_);
  // Whether the row with this hash comes for the first time, as far as that is known.
  bool IsNewRow(uint64_t hash) CASSETTE_REQUIRES(mutex_);
  uint64_t HashRow(std::span<const columnar::Vector* const> vectors, const std::vector<KeyColumn>& columns,
                   uint32_t row, uint64_t seed) const;
  // The key of a partition, which is at its place in `keys`, as text: of few, at the end.
  std::string KeyText(const char* keys, const Partition& partition) const;
  // The `count` partitions with most rows.
  std::vector<HotPartition> Hottest(size_t count) const CASSETTE_REQUIRES(mutex_);

  const std::vector<KeyColumn> partition_columns_;
  const std::vector<KeyColumn> clustering_columns_;
  const KeyBounds bounds_;
  mutable base::Mutex mutex_;
  HashTable<Row> rows_ CASSETTE_GUARDED_BY(mutex_);  // Not of those that are their partition's only one.
  HashTable<Partition> partitions_ CASSETTE_GUARDED_BY(mutex_);
  std::string keys_ CASSETTE_GUARDED_BY(mutex_);  // Of partitions_: each value's length and its serialized bytes.
  uint64_t written_ CASSETTE_GUARDED_BY(mutex_) = 0;
  uint64_t distinct_ CASSETTE_GUARDED_BY(mutex_) = 0;
  bool is_exact_ CASSETTE_GUARDED_BY(mutex_) = true;
};

}  // namespace cassette::pipeline
