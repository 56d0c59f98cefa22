#include "storage/compaction/size_tiered.h"

#include <fmt/format.h>

#include <algorithm>

namespace cassette::storage::compaction {
namespace {

bool FitsBucket(const SstableView& table, double average_bytes, const SizeTieredOptions& options) {
  const double size = static_cast<double>(table.size_bytes);
  if (size > average_bytes * options.bucket_low && size < average_bytes * options.bucket_high) return true;
  const double min_size = static_cast<double>(options.min_sstable_size_bytes);
  return size < min_size && average_bytes < min_size;
}

// Whether data that the tombstones of `table` shadow may lie in another table.
bool ShadowsAnother(const SstableView& table, std::span<const SstableView> tables) {
  return std::any_of(tables.begin(), tables.end(), [&](const SstableView& other) {
    return other.id != table.id && other.min_token <= table.max_token && other.max_token >= table.min_token &&
           other.min_timestamp_micros <= table.max_timestamp_micros;
  });
}

}  // namespace

Choice MakeChoice(Choice::Kind kind, std::span<const SstableView> tables, std::string reason) {
  Choice choice;
  choice.kind = kind;
  for (const SstableView& table : tables) choice.ids.push_back(table.id);
  std::sort(choice.ids.begin(), choice.ids.end());
  choice.reason = std::move(reason);
  return choice;
}

std::vector<std::vector<SstableView>> SizeBuckets(std::span<const SstableView> tables,
                                                  const SizeTieredOptions& options) {
  std::vector<SstableView> sorted(tables.begin(), tables.end());
  std::sort(sorted.begin(), sorted.end(), [](const SstableView& a, const SstableView& b) {
    return a.size_bytes != b.size_bytes ? a.size_bytes < b.size_bytes : a.id < b.id;
  });
  std::vector<std::vector<SstableView>> buckets;
  double average_bytes = 0;
  for (const SstableView& table : sorted) {
    if (buckets.empty() || !FitsBucket(table, average_bytes, options)) {
      buckets.emplace_back();
      average_bytes = 0;
    }
    const double count = static_cast<double>(buckets.back().size());
    average_bytes = (average_bytes * count + static_cast<double>(table.size_bytes)) / (count + 1);
    buckets.back().push_back(table);
  }
  return buckets;
}

std::vector<SstableView> BestBucket(std::span<const SstableView> tables, const SizeTieredOptions& options) {
  for (std::vector<SstableView>& bucket : SizeBuckets(tables, options)) {
    if (bucket.size() < static_cast<size_t>(options.common.min_threshold)) continue;
    if (bucket.size() > static_cast<size_t>(options.common.max_threshold)) {
      bucket.resize(static_cast<size_t>(options.common.max_threshold));
    }
    return bucket;
  }
  return {};
}

const SstableView* TombstoneCandidate(std::span<const SstableView> all, std::span<const SstableView> candidates,
                                      const CommonOptions& options, const Context& context) {
  const SstableView* best = nullptr;
  for (const SstableView& table : candidates) {
    if (table.droppable_tombstone_ratio <= options.tombstone_threshold) continue;
    // A second at least: what could not be dropped is not tried again at once.
    const int64_t interval = std::max<int64_t>(1, options.tombstone_compaction_interval_seconds);
    if (context.now_seconds - table.created_seconds < interval) continue;
    if (!options.unchecked_tombstone_compaction && ShadowsAnother(table, all)) continue;
    if (best == nullptr || table.droppable_tombstone_ratio > best->droppable_tombstone_ratio) best = &table;
  }
  return best;
}

Choice SizeTieredCompactionStrategy::Next(std::span<const SstableView> tables, const Context& context) const {
  if (!options_.common.enabled) return {};
  const std::vector<SstableView> bucket = BestBucket(tables, options_);
  if (!bucket.empty()) {
    return MakeChoice(Choice::Kind::kMerge, bucket, fmt::format("{} tables of about one size", bucket.size()));
  }
  if (const SstableView* table = TombstoneCandidate(tables, tables, options_.common, context)) {
    return MakeChoice(Choice::Kind::kMerge, std::span(table, 1), "droppable tombstones");
  }
  return {};
}

std::vector<Choice> SizeTieredCompactionStrategy::Major(std::span<const SstableView> tables, const Context&) const {
  if (tables.empty()) return {};
  return {MakeChoice(Choice::Kind::kMerge, tables, "major")};
}

size_t SizeTieredCompactionStrategy::PendingCount(std::span<const SstableView> tables, const Context&) const {
  if (!options_.common.enabled) return 0;
  size_t count = 0;
  const size_t max = static_cast<size_t>(options_.common.max_threshold);
  for (const std::vector<SstableView>& bucket : SizeBuckets(tables, options_)) {
    if (bucket.size() >= static_cast<size_t>(options_.common.min_threshold)) count += (bucket.size() + max - 1) / max;
  }
  return count;
}

}  // namespace cassette::storage::compaction
