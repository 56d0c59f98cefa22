#include "storage/compaction/time_window.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "storage/compaction/size_tiered.h"

namespace cassette::storage::compaction {
namespace {

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::vector<SstableView> Without(std::span<const SstableView> tables, const std::vector<uint64_t>& ids) {
  std::vector<SstableView> rest;
  for (const SstableView& table : tables) {
    if (!std::binary_search(ids.begin(), ids.end(), table.id)) rest.push_back(table);
  }
  return rest;
}

Choice Drop(std::vector<uint64_t> ids) { return {Choice::Kind::kDrop, std::move(ids), "all rows have expired", {}}; }

}  // namespace

// Windows are aligned to the epoch, as Cassandra's.
int64_t TimeWindowCompactionStrategy::WindowOf(const SstableView& table) const {
  const int64_t seconds = FloorDivide(table.max_timestamp_micros, options_.timestamps_per_second);
  return FloorDivide(seconds, options_.window_seconds) * options_.window_seconds;
}

TimeWindowCompactionStrategy::Windows TimeWindowCompactionStrategy::WindowsOf(
    std::span<const SstableView> tables) const {
  Windows windows;
  for (const SstableView& table : tables) windows[WindowOf(table)].push_back(table);
  return windows;
}

// The newest window still grows and is compacted by size; an older one becomes a single table.
Choice TimeWindowCompactionStrategy::NextOfWindow(int64_t window, std::vector<SstableView> tables,
                                                  bool is_newest) const {
  if (is_newest) {
    const std::vector<SstableView> bucket = BestBucket(tables, options_.size_tiered);
    if (bucket.empty()) return {};
    return MakeChoice(Choice::Kind::kMerge, bucket, fmt::format("newest window {}", window));
  }
  if (tables.size() < 2) return {};
  std::sort(tables.begin(), tables.end(),
            [](const SstableView& a, const SstableView& b) { return a.size_bytes < b.size_bytes; });
  const size_t max = static_cast<size_t>(options_.size_tiered.common.max_threshold);
  if (tables.size() > max) tables.resize(max);
  return MakeChoice(Choice::Kind::kMerge, tables, fmt::format("window {}", window));
}

Choice TimeWindowCompactionStrategy::Next(std::span<const SstableView> tables, const Context& context) const {
  if (!options_.size_tiered.common.enabled) return {};
  std::vector<uint64_t> expired = FullyExpired(tables, context, options_.ignore_overlaps);
  if (!expired.empty()) return Drop(std::move(expired));
  const Windows windows = WindowsOf(tables);
  for (auto window = windows.rbegin(); window != windows.rend(); ++window) {
    Choice choice = NextOfWindow(window->first, window->second, window == windows.rbegin());
    if (!choice.empty()) return choice;
  }
  if (const SstableView* table = TombstoneCandidate(tables, tables, options_.size_tiered.common, context)) {
    return MakeChoice(Choice::Kind::kMerge, std::span(table, 1), "droppable tombstones");
  }
  return {};
}

std::vector<Choice> TimeWindowCompactionStrategy::Major(std::span<const SstableView> tables,
                                                        const Context& context) const {
  std::vector<Choice> choices;
  std::vector<uint64_t> expired = FullyExpired(tables, context, options_.ignore_overlaps);
  const std::vector<SstableView> rest = Without(tables, expired);
  if (!expired.empty()) choices.push_back(Drop(std::move(expired)));
  for (const auto& [window, members] : WindowsOf(rest)) {
    choices.push_back(MakeChoice(Choice::Kind::kMerge, members, fmt::format("major, window {}", window)));
  }
  return choices;
}

size_t TimeWindowCompactionStrategy::PendingCount(std::span<const SstableView> tables, const Context& context) const {
  if (!options_.size_tiered.common.enabled) return 0;
  size_t count = FullyExpired(tables, context, options_.ignore_overlaps).empty() ? 0 : 1;
  const Windows windows = WindowsOf(tables);
  for (auto window = windows.begin(); window != windows.end(); ++window) {
    const bool is_newest = std::next(window) == windows.end();
    count += NextOfWindow(window->first, window->second, is_newest).empty() ? 0 : 1;
  }
  return count;
}

}  // namespace cassette::storage::compaction
