// OptionReader: takes the options of a strategy out one by one, in Cassandra's words for what is wrong; for compaction/
// alone.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/status.h"
#include "storage/compaction/strategy.h"

namespace cassette::storage::compaction {

// What is left at the end has no meaning. Thread safety: not thread safe. Lifetime: the options outlive it.
class OptionReader {
 public:
  explicit OptionReader(const Options& options);

  // Null when it was not given.
  const std::string* Take(std::string_view name);
  // `otherwise` when it was not given. kConfigError when it is not of its kind or out of its bounds.
  base::Result<bool> TakeBool(std::string_view name, bool otherwise);
  base::Result<int64_t> TakeInt(std::string_view name, int64_t otherwise, int64_t max);
  base::Result<double> TakeDouble(std::string_view name, double otherwise);
  // As TakeInt for 32 bits; at least 1.
  base::Result<int64_t> TakePositiveInt(std::string_view name, int64_t otherwise);

  // kConfigError when an option was not asked for.
  base::Status Finish(std::string_view class_name) const;

 private:
  const Options& options_;
  std::set<std::string> unread_;
};

}  // namespace cassette::storage::compaction
