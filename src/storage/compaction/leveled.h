// LeveledCompactionStrategy: level 0 takes what is flushed; in each level above, tables of one size do not overlap, and
// a level holds fanout times what the one below it holds (org.apache.cassandra.db.compaction.LeveledManifest).
#pragma once

#include <array>
#include <span>
#include <vector>

#include "storage/compaction/options.h"
#include "storage/compaction/strategy.h"

namespace cassette::storage::compaction {

class LeveledCompactionStrategy final : public Strategy {
 public:
  explicit LeveledCompactionStrategy(const LeveledOptions& options) : options_(options) {}

  Choice Next(std::span<const SstableView> tables, const Context& context) const override;
  // All tables as one level, the lowest that holds them.
  std::vector<Choice> Major(std::span<const SstableView> tables, const Context& context) const override;
  size_t PendingCount(std::span<const SstableView> tables, const Context& context) const override;

 private:
  using Tables = std::vector<SstableView>;
  using Levels = std::array<Tables, kLevelCount>;

  // Tables by level and, in it, by token. One that overlaps its neighbour (it came under another strategy) counts to
  // level 0.
  static Levels LevelsOf(std::span<const SstableView> tables);
  double MaxBytes(uint32_t level) const;
  // The score at which a level is merged into the one above.
  bool IsOverfull(const Levels& levels, uint32_t level) const;
  Choice NextOfLevels(const Levels& levels) const;
  Choice CatchUpInLevelZero(const Levels& levels) const;
  Choice NextOfLevelZero(const Levels& levels) const;
  Choice NextOfLevel(const Levels& levels, uint32_t level) const;
  Choice MergeInto(const Tables& tables, uint32_t level, std::string reason) const;

  const LeveledOptions options_;
};

}  // namespace cassette::storage::compaction
