// What a read of an SSTable may be told beside its range, and what it tells afterwards.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace cassette::storage::sstable {

// Bounds, both included, on an integer clustering component, whatever stands before it. Row groups that cannot have
// such a row are skipped by their zone maps; rows outside may still come: the caller filters.
struct ComponentRange {
  uint32_t component = 0;
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
};

struct ReadOptions {
  // A long scan: decoded vectors do not enter the cache (index blocks and heads do).
  bool bypass_cache = false;
  std::vector<ComponentRange> component_ranges;
};

// Filled while reading; added to, never reset.
struct ReadCounters {
  uint64_t groups_read = 0;
  uint64_t groups_skipped = 0;  // Ruled out by the index, or jumped over.
  uint64_t rows_read = 0;
  uint64_t tombstone_groups_read = 0;  // Groups with row or cell tombstones.
  uint64_t heads_read = 0;
  uint64_t bytes_read = 0;  // Encoded vectors, from the file.
  uint64_t vectors_decoded = 0;
  uint64_t vectors_from_cache = 0;
};

}  // namespace cassette::storage::sstable
