// SizeTieredCompactionStrategy: merges tables of about one size
// (org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy).
#pragma once

#include <span>
#include <vector>

#include "storage/compaction/options.h"
#include "storage/compaction/strategy.h"

namespace cassette::storage::compaction {

// Tables of about one size, ascending by size within each; buckets ascending too.
std::vector<std::vector<SstableView>> SizeBuckets(std::span<const SstableView> tables,
                                                  const SizeTieredOptions& options);
// The bucket to merge: of those with min_threshold tables the one with the smallest tables, cut to max_threshold.
std::vector<SstableView> BestBucket(std::span<const SstableView> tables, const SizeTieredOptions& options);
// Of `candidates` the table most worth rewriting alone for its droppable tombstones, given `all` tables; null when
// there is none.
const SstableView* TombstoneCandidate(std::span<const SstableView> all, std::span<const SstableView> candidates,
                                      const CommonOptions& options, const Context& context);

Choice MakeChoice(Choice::Kind kind, std::span<const SstableView> tables, std::string reason);

class SizeTieredCompactionStrategy final : public Strategy {
 public:
  explicit SizeTieredCompactionStrategy(const SizeTieredOptions& options) : options_(options) {}

  Choice Next(std::span<const SstableView> tables, const Context& context) const override;
  std::vector<Choice> Major(std::span<const SstableView> tables, const Context& context) const override;
  size_t PendingCount(std::span<const SstableView> tables, const Context& context) const override;

 private:
  const SizeTieredOptions options_;
};

}  // namespace cassette::storage::compaction
