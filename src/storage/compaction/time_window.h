// TimeWindowCompactionStrategy: merges tables whose newest write falls into one window of time, and drops tables whose
// rows have all expired without reading them (org.apache.cassandra.db.compaction.TimeWindowCompactionStrategy).
#pragma once

#include <map>
#include <span>
#include <vector>

#include "storage/compaction/options.h"
#include "storage/compaction/strategy.h"

namespace cassette::storage::compaction {

class TimeWindowCompactionStrategy final : public Strategy {
 public:
  explicit TimeWindowCompactionStrategy(const TimeWindowOptions& options) : options_(options) {}

  Choice Next(std::span<const SstableView> tables, const Context& context) const override;
  // One merge a window: a merge of all windows would end what the strategy is for.
  std::vector<Choice> Major(std::span<const SstableView> tables, const Context& context) const override;
  size_t PendingCount(std::span<const SstableView> tables, const Context& context) const override;

 private:
  // By the window's first second.
  using Windows = std::map<int64_t, std::vector<SstableView>>;

  int64_t WindowOf(const SstableView& table) const;
  Windows WindowsOf(std::span<const SstableView> tables) const;
  Choice NextOfWindow(int64_t window, std::vector<SstableView> tables, bool is_newest) const;

  const TimeWindowOptions options_;
};

}  // namespace cassette::storage::compaction
