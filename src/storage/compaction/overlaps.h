// Which SSTables overlap in tokens (org.apache.cassandra.utils.Overlaps).
#pragma once

#include <span>
#include <vector>

#include "storage/compaction/options.h"
#include "storage/compaction/strategy.h"

namespace cassette::storage::compaction {

inline bool Overlap(const SstableView& a, const SstableView& b) {
  return a.min_token <= b.max_token && b.min_token <= a.max_token;
}

// Sets of tables that have a token in common, none within another, by token: a read of one token meets one set at most.
std::vector<std::vector<SstableView>> OverlapSets(std::span<const SstableView> tables);

// Tables to be looked at together: those of a set with `threshold` tables and more, and what `inclusion` adds to it.
struct OverlapBucket {
  std::vector<SstableView> tables;
  size_t overlap_max = 0;  // Of a set in it.
};
std::vector<OverlapBucket> OverlapBuckets(std::span<const std::vector<SstableView>> sets, size_t threshold,
                                          OverlapInclusion inclusion);

}  // namespace cassette::storage::compaction
