#include "storage/compaction/unified.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "storage/compaction/size_tiered.h"

namespace cassette::storage::compaction {
namespace {

constexpr double kFlushBytesMin = 1 << 20;
constexpr double kRingTokens = 0x1p64;
constexpr double kCoverageMin = 0x1p-48;  // Below it a table is one partition, or close to it: sharding means nothing.
constexpr int kShardShiftMax = 20;
constexpr int64_t kShardsMax = 1 << 16;   // Their ends are spelled out.
constexpr size_t kOverlapMax = 1u << 20;  // Far past any; keeps products of fanouts small.

// The part of the ring from `first` to `last`, both included.
double Coverage(int64_t first, int64_t last) {
  const double coverage = (static_cast<double>(last) - static_cast<double>(first) + 1) / kRingTokens;
  return coverage >= kCoverageMin ? coverage : 1.0;
}

double Density(const SstableView& table) {
  return static_cast<double>(table.size_bytes) / Coverage(table.min_token, table.max_token);
}

// Bytes of all by the part of the ring that they cover together.
double CombinedDensity(std::span<const SstableView> tables) {
  std::vector<std::pair<int64_t, int64_t>> spans;
  double bytes = 0;
  for (const SstableView& table : tables) {
    bytes += static_cast<double>(table.size_bytes);
    spans.emplace_back(table.min_token, table.max_token);
  }
  std::sort(spans.begin(), spans.end());
  double tokens = 0;
  for (size_t i = 0; i < spans.size();) {
    auto [first, last] = spans[i];
    for (++i; i < spans.size() && spans[i].first <= last; ++i) last = std::max(last, spans[i].second);
    tokens += static_cast<double>(last) - static_cast<double>(first) + 1;
  }
  const double coverage = tokens / kRingTokens;
  return bytes / (coverage >= kCoverageMin ? coverage : 1.0);
}

// The greatest power of two that is not above `count`; 1 below 1.
int64_t PowerOfTwoBelow(double count) {
  int64_t power = 1;
  while (power < (int64_t{1} << kShardShiftMax) && static_cast<double>(power * 2) <= count) power *= 2;
  return power;
}

// The oldest tables, as many as overlap `limit`-fold at most.
std::vector<SstableView> PullOldest(std::vector<SstableView> tables, size_t limit) {
  std::sort(tables.begin(), tables.end(), [](const SstableView& a, const SstableView& b) {
    return a.max_timestamp_micros != b.max_timestamp_micros ? a.max_timestamp_micros < b.max_timestamp_micros
                                                            : a.id < b.id;
  });
  std::vector<SstableView> pulled;
  for (const SstableView& table : tables) {
    const auto overlapping =
        std::count_if(pulled.begin(), pulled.end(), [&](const SstableView& other) { return Overlap(table, other); });
    if (static_cast<size_t>(overlapping) >= limit) break;
    pulled.push_back(table);
  }
  return pulled;
}

}  // namespace

int32_t UnifiedCompactionStrategy::ScalingParameter(size_t level) const {
  return options_.scaling_parameters[std::min(level, options_.scaling_parameters.size() - 1)];
}

size_t UnifiedCompactionStrategy::Fanout(size_t level) const {
  const int64_t w = ScalingParameter(level);
  return static_cast<size_t>(w < 0 ? 2 - w : 2 + w);
}

size_t UnifiedCompactionStrategy::Threshold(size_t level) const {
  const int64_t w = ScalingParameter(level);
  return static_cast<size_t>(w <= 0 ? 2 : 2 + w);
}

std::vector<UnifiedCompactionStrategy::Level> UnifiedCompactionStrategy::LevelsOf(std::span<const SstableView> tables,
                                                                                  const Context& context) const {
  const double flush_bytes = options_.flush_bytes_override > 0 ? static_cast<double>(options_.flush_bytes_override)
                                                               : static_cast<double>(context.flush_bytes);
  std::vector<std::pair<double, SstableView>> sorted;
  for (const SstableView& table : tables) sorted.emplace_back(Density(table), table);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second.id < b.second.id;
  });
  // Some room below: a flush that is a little larger than the others still belongs to level 0.
  const double base_bytes = std::max(kFlushBytesMin, flush_bytes) * (1.0 - 0.9 / static_cast<double>(Fanout(0)));
  double max_density = std::floor(base_bytes * static_cast<double>(Fanout(0)));
  std::vector<Level> levels(1);
  size_t index = 0;
  for (const auto& [density, table] : sorted) {
    while (density >= max_density) max_density = std::floor(max_density * static_cast<double>(Fanout(++index)));
    if (levels.back().index != index) levels.push_back({index, {}});
    levels.back().tables.push_back(table);
  }
  return levels;
}

std::vector<OverlapBucket> UnifiedCompactionStrategy::BucketsOf(const Level& level) const {
  return OverlapBuckets(OverlapSets(level.tables), Threshold(level.index), options_.overlap_inclusion);
}

size_t UnifiedCompactionStrategy::LatePickCount(size_t level, size_t overlap) const {
  const size_t most = std::min({overlap, static_cast<size_t>(options_.max_sstables_to_compact), kOverlapMax});
  size_t count = Fanout(level);
  size_t product = count;
  const int32_t w = ScalingParameter(level);
  do {
    count = product;
    product *= Fanout(++level);
  } while (product <= most);
  return w < 0 ? count * std::max<size_t>(1, most / count) : count;
}

Choice UnifiedCompactionStrategy::PickOf(const Level& level, const OverlapBucket& bucket) const {
  const size_t fanout = Fanout(level.index);
  const size_t most = std::max(fanout, static_cast<size_t>(options_.max_sstables_to_compact));
  std::vector<SstableView> tables = bucket.tables;
  if (bucket.overlap_max > fanout) {
    const bool is_a_bit_late = bucket.overlap_max <= fanout * Fanout(level.index + 1) || most == fanout;
    const size_t limit = is_a_bit_late ? most : LatePickCount(level.index, bucket.overlap_max);
    if (bucket.overlap_max > limit) tables = PullOldest(std::move(tables), limit);
  }
  Choice choice = MakeChoice(Choice::Kind::kMerge, tables,
                             fmt::format("level {}: {} tables overlap", level.index, bucket.overlap_max));
  choice.output = OutputOf(tables);
  return choice;
}

int64_t UnifiedCompactionStrategy::ShardCount(double density) const {
  const double base = static_cast<double>(options_.base_shard_count);
  if (options_.min_sstable_bytes > 0) {
    const double count = density / static_cast<double>(options_.min_sstable_bytes);
    // Only into a power of two that divides the base: ends of shards stay where those of higher levels are.
    if (count < base) {
      return std::min(PowerOfTwoBelow(count), options_.base_shard_count & -options_.base_shard_count);
    }
  }
  if (options_.sstable_growth == 1) return options_.base_shard_count;
  const double target = static_cast<double>(options_.target_sstable_bytes) * base;
  if (options_.sstable_growth == 0) {
    return options_.base_shard_count * PowerOfTwoBelow(density / (target * std::sqrt(0.5)));
  }
  const double count = density / target;
  if (count < 1) return options_.base_shard_count;
  const double exponent = std::round(std::log2(count) * (1 - options_.sstable_growth));
  return options_.base_shard_count << std::min(kShardShiftMax, static_cast<int>(exponent));
}

std::vector<int64_t> UnifiedCompactionStrategy::ShardEnds(int64_t shard_count) {
  std::vector<int64_t> ends;
  for (int64_t i = 1; i < shard_count; ++i) {
    const auto offset = (static_cast<unsigned __int128>(i) << 64) / static_cast<unsigned __int128>(shard_count);
    ends.push_back(static_cast<int64_t>(static_cast<uint64_t>(offset) - (uint64_t{1} << 63)));
  }
  return ends;
}

Output UnifiedCompactionStrategy::OutputOf(std::span<const SstableView> tables) const {
  Output output;
  output.shard_ends = ShardEnds(std::min(ShardCount(CombinedDensity(tables)), kShardsMax));
  return output;
}

Choice UnifiedCompactionStrategy::Next(std::span<const SstableView> tables, const Context& context) const {
  if (!options_.common.enabled) return {};
  std::vector<uint64_t> expired = FullyExpired(tables, context, options_.ignore_overlaps);
  if (!expired.empty()) return {Choice::Kind::kDrop, std::move(expired), "all rows have expired", {}};
  // Where the most tables overlap, reads gain the most; of equals the lower level, which is cheaper.
  Choice choice;
  size_t overlap_max = 0;
  for (const Level& level : LevelsOf(tables, context)) {
    for (const OverlapBucket& bucket : BucketsOf(level)) {
      if (bucket.overlap_max <= overlap_max) continue;
      overlap_max = bucket.overlap_max;
      choice = PickOf(level, bucket);
    }
  }
  if (!choice.empty()) return choice;
  if (const SstableView* table = TombstoneCandidate(tables, tables, options_.common, context)) {
    choice = MakeChoice(Choice::Kind::kMerge, std::span(table, 1), "droppable tombstones");
    choice.output = OutputOf(std::span(table, 1));
  }
  return choice;
}

std::vector<Choice> UnifiedCompactionStrategy::Major(std::span<const SstableView> tables,
                                                     const Context& context) const {
  std::vector<Choice> choices;
  std::vector<uint64_t> expired = FullyExpired(tables, context, options_.ignore_overlaps);
  std::vector<SstableView> rest;
  std::copy_if(tables.begin(), tables.end(), std::back_inserter(rest),
               [&](const SstableView& table) { return !std::binary_search(expired.begin(), expired.end(), table.id); });
  if (!expired.empty()) choices.push_back({Choice::Kind::kDrop, std::move(expired), "all rows have expired", {}});
  for (const OverlapBucket& bucket : OverlapBuckets(OverlapSets(rest), 1, OverlapInclusion::kTransitive)) {
    Choice choice = MakeChoice(Choice::Kind::kMerge, bucket.tables, "major");
    choice.output = OutputOf(bucket.tables);
    choices.push_back(std::move(choice));
  }
  return choices;
}

size_t UnifiedCompactionStrategy::PendingCount(std::span<const SstableView> tables, const Context& context) const {
  if (!options_.common.enabled) return 0;
  size_t count = FullyExpired(tables, context, options_.ignore_overlaps).empty() ? 0 : 1;
  for (const Level& level : LevelsOf(tables, context)) count += BucketsOf(level).size();
  return count;
}

}  // namespace cassette::storage::compaction
