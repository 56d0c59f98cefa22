#include "storage/compaction/overlaps.h"

#include <algorithm>

namespace cassette::storage::compaction {
namespace {

bool Contains(const std::vector<SstableView>& tables, uint64_t id) {
  return std::any_of(tables.begin(), tables.end(), [&](const SstableView& table) { return table.id == id; });
}

bool Intersect(const std::vector<SstableView>& a, const std::vector<SstableView>& b) {
  return std::any_of(a.begin(), a.end(), [&](const SstableView& table) { return Contains(b, table.id); });
}

void AddAll(const std::vector<SstableView>& from, std::vector<SstableView>* to) {
  for (const SstableView& table : from) {
    if (!Contains(*to, table.id)) to->push_back(table);
  }
}

}  // namespace

std::vector<std::vector<SstableView>> OverlapSets(std::span<const SstableView> tables) {
  std::vector<SstableView> sorted(tables.begin(), tables.end());
  std::sort(sorted.begin(), sorted.end(), [](const SstableView& a, const SstableView& b) {
    return a.min_token != b.min_token ? a.min_token < b.min_token : a.id < b.id;
  });
  std::vector<std::vector<SstableView>> sets;
  std::vector<SstableView> active;
  for (const SstableView& table : sorted) {
    const auto has_ended = [&](const SstableView& other) { return other.max_token < table.min_token; };
    if (std::any_of(active.begin(), active.end(), has_ended)) {
      // The last table that came is always among the active ones: no set is within the one before it.
      sets.push_back(active);
      std::erase_if(active, has_ended);
    }
    active.push_back(table);
  }
  if (!active.empty()) sets.push_back(std::move(active));
  return sets;
}

std::vector<OverlapBucket> OverlapBuckets(std::span<const std::vector<SstableView>> sets, size_t threshold,
                                          OverlapInclusion inclusion) {
  std::vector<OverlapBucket> buckets;
  size_t first_free = 0;  // Sets before it are in buckets, or were passed by.
  for (size_t i = 0; i < sets.size(); ++i) {
    if (sets[i].size() < threshold) continue;
    OverlapBucket bucket{sets[i], sets[i].size()};
    size_t end = i + 1;
    if (inclusion != OverlapInclusion::kNone) {
      const auto touches = [&](const std::vector<SstableView>& set) {
        return Intersect(set, inclusion == OverlapInclusion::kTransitive ? bucket.tables : sets[i]);
      };
      for (size_t before = i; before-- > first_free && touches(sets[before]);) AddAll(sets[before], &bucket.tables);
      for (; end < sets.size() && touches(sets[end]); ++end) {
        AddAll(sets[end], &bucket.tables);
        bucket.overlap_max = std::max(bucket.overlap_max, sets[end].size());
      }
    }
    buckets.push_back(std::move(bucket));
    first_free = end;
    i = end - 1;
  }
  return buckets;
}

}  // namespace cassette::storage::compaction
