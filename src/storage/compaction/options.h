// Compaction options parsed and checked; for compaction/ alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "storage/compaction/strategy.h"

namespace cassette::storage::compaction {

// What every strategy has (AbstractCompactionStrategy, CompactionParams).
struct CommonOptions {
  bool enabled = true;
  int32_t min_threshold = 4;
  int32_t max_threshold = 32;
  double tombstone_threshold = 0.2;
  int64_t tombstone_compaction_interval_seconds = 86400;
  bool unchecked_tombstone_compaction = false;
};

struct SizeTieredOptions {
  CommonOptions common;
  int64_t min_sstable_size_bytes = 50ll << 20;
  double bucket_low = 0.5;
  double bucket_high = 1.5;
};

struct TimeWindowOptions {
  SizeTieredOptions size_tiered;
  int64_t window_seconds = 86400;
  int64_t timestamps_per_second = 1'000'000;
  bool ignore_overlaps = false;  // unsafe_aggressive_sstable_expiration
};

// "SizeTieredCompactionStrategy" of the "class" option, with or without its package.
base::Result<std::string> ClassName(const Options& options);
// kConfigError for a bad value, and for an option that the strategy does not have.
base::Result<SizeTieredOptions> ParseSizeTiered(const Options& options);
base::Result<TimeWindowOptions> ParseTimeWindow(const Options& options);

}  // namespace cassette::storage::compaction
