// UnifiedCompactionStrategy: levels by density (bytes for a part of the ring), in each of which tables are merged once
// more of them overlap than the level's scaling parameter says; results are split at the ends of shards
// (org.apache.cassandra.db.compaction.UnifiedCompactionStrategy and its Controller).
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "storage/compaction/options.h"
#include "storage/compaction/overlaps.h"
#include "storage/compaction/strategy.h"

namespace cassette::storage::compaction {

class UnifiedCompactionStrategy final : public Strategy {
 public:
  explicit UnifiedCompactionStrategy(UnifiedOptions options) : options_(std::move(options)) {}

  Choice Next(std::span<const SstableView> tables, const Context& context) const override;
  // One merge for each stretch of tokens in which tables overlap.
  std::vector<Choice> Major(std::span<const SstableView> tables, const Context& context) const override;
  size_t PendingCount(std::span<const SstableView> tables, const Context& context) const override;

  // How many shards a merge of this density is split into.
  int64_t ShardCount(double density) const;
  // The last token of each shard but the last.
  static std::vector<int64_t> ShardEnds(int64_t shard_count);

 private:
  struct Level {
    size_t index = 0;
    std::vector<SstableView> tables;
  };

  int32_t ScalingParameter(size_t level) const;
  size_t Fanout(size_t level) const;
  size_t Threshold(size_t level) const;
  std::vector<Level> LevelsOf(std::span<const SstableView> tables, const Context& context) const;
  std::vector<OverlapBucket> BucketsOf(const Level& level) const;
  Choice PickOf(const Level& level, const OverlapBucket& bucket) const;
  // How many of a bucket that has fallen far behind are merged at once, to leave what timely merges would have left.
  size_t LatePickCount(size_t level, size_t overlap) const;
  Output OutputOf(std::span<const SstableView> tables) const;

  const UnifiedOptions options_;
};

}  // namespace cassette::storage::compaction
