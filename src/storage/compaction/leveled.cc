#include "storage/compaction/leveled.h"

#include <fmt/format.h>

#include <algorithm>

#include "storage/compaction/overlaps.h"
#include "storage/compaction/size_tiered.h"

namespace cassette::storage::compaction {
namespace {

constexpr size_t kLevelZeroMax = 32;  // More tables than these are first merged by size, without level 1.
constexpr double kFullScore = 1.001;  // As Cassandra's: not at the first byte too much.

uint64_t TotalBytes(std::span<const SstableView> tables) {
  uint64_t total = 0;
  for (const SstableView& table : tables) total += table.size_bytes;
  return total;
}

// Those of `tables` that overlap what `others` span, each by itself.
std::vector<SstableView> Overlapping(std::span<const SstableView> tables, std::span<const SstableView> others) {
  std::vector<SstableView> result;
  std::copy_if(tables.begin(), tables.end(), std::back_inserter(result), [&](const SstableView& table) {
    return std::any_of(others.begin(), others.end(), [&](const SstableView& other) { return Overlap(table, other); });
  });
  return result;
}

bool IsOlder(const SstableView& a, const SstableView& b) {
  return a.max_timestamp_micros != b.max_timestamp_micros ? a.max_timestamp_micros < b.max_timestamp_micros
                                                          : a.id < b.id;
}

}  // namespace

LeveledCompactionStrategy::Levels LeveledCompactionStrategy::LevelsOf(std::span<const SstableView> tables) {
  std::vector<SstableView> sorted(tables.begin(), tables.end());
  std::sort(sorted.begin(), sorted.end(), [](const SstableView& a, const SstableView& b) {
    return a.min_token != b.min_token ? a.min_token < b.min_token : a.id < b.id;
  });
  Levels levels;
  for (const SstableView& table : sorted) {
    uint32_t level = std::min(table.level, kLevelCount - 1);
    if (level > 0 && !levels[level].empty() && levels[level].back().max_token >= table.min_token) level = 0;
    levels[level].push_back(table);
  }
  return levels;
}

double LeveledCompactionStrategy::MaxBytes(uint32_t level) const {
  double bytes = static_cast<double>(options_.sstable_bytes);
  if (level == 0) return 4 * bytes;
  for (uint32_t i = 0; i < level; ++i) bytes *= static_cast<double>(options_.fanout);
  return bytes;
}

bool LeveledCompactionStrategy::IsOverfull(const Levels& levels, uint32_t level) const {
  return static_cast<double>(TotalBytes(levels[level])) > kFullScore * MaxBytes(level);
}

Choice LeveledCompactionStrategy::MergeInto(const Tables& tables, uint32_t level, std::string reason) const {
  const bool moves = level > 0 && tables.size() == 1 && options_.single_sstable_uplevel;
  Choice choice = MakeChoice(moves ? Choice::Kind::kMove : Choice::Kind::kMerge, tables, std::move(reason));
  choice.output.level = level;
  choice.output.sstable_bytes_max = static_cast<uint64_t>(options_.sstable_bytes);
  return choice;
}

Choice LeveledCompactionStrategy::CatchUpInLevelZero(const Levels& levels) const {
  if (levels[0].size() <= kLevelZeroMax) return {};
  const Tables bucket = BestBucket(levels[0], options_.size_tiered);
  if (bucket.empty()) return {};
  return MakeChoice(Choice::Kind::kMerge, bucket, fmt::format("level 0 falls behind: {} tables", levels[0].size()));
}

// The oldest tables of level 0 with all that overlap them; with level 1 when they amount to a table of it.
Choice LeveledCompactionStrategy::NextOfLevelZero(const Levels& levels) const {
  Tables remaining = levels[0];
  std::sort(remaining.begin(), remaining.end(), IsOlder);
  Tables candidates;
  while (!remaining.empty() && candidates.size() <= kLevelZeroMax) {
    const SstableView oldest = remaining.front();
    std::erase_if(remaining, [&](const SstableView& table) {
      if (!Overlap(table, oldest)) return false;
      candidates.push_back(table);
      return true;
    });
  }
  if (candidates.size() > kLevelZeroMax) {
    std::sort(candidates.begin(), candidates.end(), IsOlder);
    candidates.resize(kLevelZeroMax);
  }
  const bool is_full = TotalBytes(candidates) > static_cast<uint64_t>(options_.sstable_bytes);
  if (is_full) {
    // Their whole span: what is written may reach from the first to the last.
    SstableView span = candidates.front();
    for (const SstableView& table : candidates) {
      span.min_token = std::min(span.min_token, table.min_token);
      span.max_token = std::max(span.max_token, table.max_token);
    }
    const Tables above = Overlapping(levels[1], std::span(&span, 1));
    candidates.insert(candidates.end(), above.begin(), above.end());
  }
  if (candidates.size() < 2) return {};
  const uint32_t level = is_full ? 1 : 0;
  return MergeInto(candidates, level, fmt::format("level 0 into level {}", level));
}

// One table and those of the level above that it overlaps. The one that was written longest ago: every table of the
// level gets its turn.
Choice LeveledCompactionStrategy::NextOfLevel(const Levels& levels, uint32_t level) const {
  const SstableView& chosen = *std::min_element(levels[level].begin(), levels[level].end(),
                                                [](const SstableView& a, const SstableView& b) { return a.id < b.id; });
  Tables candidates = Overlapping(levels[level + 1], std::span(&chosen, 1));
  candidates.push_back(chosen);
  return MergeInto(candidates, level + 1, fmt::format("level {} is full", level));
}

Choice LeveledCompactionStrategy::NextOfLevels(const Levels& levels) const {
  for (uint32_t level = kLevelCount - 2; level > 0; --level) {
    if (levels[level].empty() || !IsOverfull(levels, level)) continue;
    Choice catch_up = CatchUpInLevelZero(levels);
    return catch_up.empty() ? NextOfLevel(levels, level) : catch_up;
  }
  Choice choice = NextOfLevelZero(levels);
  return choice.empty() ? CatchUpInLevelZero(levels) : choice;
}

Choice LeveledCompactionStrategy::Next(std::span<const SstableView> tables, const Context& context) const {
  if (!options_.size_tiered.common.enabled) return {};
  const Levels levels = LevelsOf(tables);
  Choice choice = NextOfLevels(levels);
  if (!choice.empty()) return choice;
  // Alone in the highest level its tombstones may find nothing that they would still cover; so from above.
  for (uint32_t level = kLevelCount; level-- > 0;) {
    const SstableView* table = TombstoneCandidate(tables, levels[level], options_.size_tiered.common, context);
    if (table == nullptr) continue;
    choice = MakeChoice(Choice::Kind::kMerge, std::span(table, 1), "droppable tombstones");
    choice.output.level = level;
    choice.output.sstable_bytes_max = static_cast<uint64_t>(options_.sstable_bytes);
    return choice;
  }
  return {};
}

std::vector<Choice> LeveledCompactionStrategy::Major(std::span<const SstableView> tables, const Context&) const {
  if (tables.empty()) return {};
  const double total = static_cast<double>(TotalBytes(tables));
  uint32_t level = 1;
  while (level < kLevelCount - 1 && total > MaxBytes(level)) ++level;
  Choice choice = MakeChoice(Choice::Kind::kMerge, tables, fmt::format("major, into level {}", level));
  choice.output.level = level;
  choice.output.sstable_bytes_max = static_cast<uint64_t>(options_.sstable_bytes);
  return {choice};
}

size_t LeveledCompactionStrategy::PendingCount(std::span<const SstableView> tables, const Context&) const {
  if (!options_.size_tiered.common.enabled) return 0;
  const Levels levels = LevelsOf(tables);
  size_t count = NextOfLevelZero(levels).empty() ? 0 : 1;
  for (uint32_t level = 1; level + 1 < kLevelCount; ++level) {
    const double over = static_cast<double>(TotalBytes(levels[level])) - MaxBytes(level);
    if (over > 0) count += 1 + static_cast<size_t>(over / static_cast<double>(options_.sstable_bytes));
  }
  return count;
}

}  // namespace cassette::storage::compaction
