// What a read of an SSTable may be told beside its range, and what it tells afterwards.
#pragma once

#include <cstdint>
#include <vector>

#include "rows/row_block.h"

namespace cassette::storage::sstable {

struct ReadOptions {
  // A long scan: decoded vectors do not enter the cache (index blocks and heads do).
  bool bypass_cache = false;
  std::vector<rows::ComponentRange> component_ranges;
};

// Filled while reading; added to, never reset.
struct ReadCounters {
  uint64_t groups_read = 0;
  uint64_t groups_skipped = 0;  // Ruled out by the index or by zone maps.
  uint64_t rows_read = 0;
  uint64_t tombstone_groups_read = 0;  // Groups with row or cell tombstones.
  uint64_t heads_read = 0;
  uint64_t bytes_read = 0;  // Encoded vectors, from the file.
  uint64_t vectors_decoded = 0;
  uint64_t vectors_from_cache = 0;
};

}  // namespace cassette::storage::sstable
