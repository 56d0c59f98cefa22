// Compaction options parsed and checked; for compaction/ alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
  bool only_purge_repaired_tombstones = false;  // Nothing is ever repaired here: none is purged then.
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

// Levels 0 to 8, as Cassandra's LeveledManifest.
inline constexpr uint32_t kLevelCount = 9;

struct LeveledOptions {
  SizeTieredOptions size_tiered;  // Of level 0 when it falls behind.
  int64_t sstable_bytes = 160ll << 20;
  int64_t fanout = 10;
  bool single_sstable_uplevel = true;  // A table that overlaps nothing moves up without being rewritten.
};

// Which tables are merged beside those that overlap too often (Overlaps.InclusionMethod).
enum class OverlapInclusion : uint8_t { kNone, kSingle, kTransitive };

struct UnifiedOptions {
  CommonOptions common;
  // W of each level, the last for all above: W < 0 is leveled with fanout 2 - W, else tiered with fanout 2 + W.
  std::vector<int32_t> scaling_parameters = {2};
  int64_t target_sstable_bytes = 1ll << 30;
  int64_t min_sstable_bytes = 100ll << 20;
  int64_t base_shard_count = 4;
  double sstable_growth = 0.333;
  int64_t flush_bytes_override = 0;             // 0: as measured.
  int64_t max_sstables_to_compact = INT32_MAX;  // The fanout where that is larger.
  bool ignore_overlaps = false;                 // unsafe_aggressive_sstable_expiration
  OverlapInclusion overlap_inclusion = OverlapInclusion::kTransitive;
};

// "SizeTieredCompactionStrategy" of the "class" option, with or without its package.
base::Result<std::string> ClassName(const Options& options);
// kConfigError for a bad value, and for an option that the strategy does not have.
base::Result<SizeTieredOptions> ParseSizeTiered(const Options& options);
base::Result<TimeWindowOptions> ParseTimeWindow(const Options& options);
base::Result<LeveledOptions> ParseLeveled(const Options& options);
base::Result<UnifiedOptions> ParseUnified(const Options& options);

// As Java reads a boolean: "true" in any case; all else is false.
bool IsTrue(std::string_view text);

class OptionReader;
// Takes what every strategy has, thresholds aside.
base::Status ReadCommon(OptionReader* reader, CommonOptions* common);

}  // namespace cassette::storage::compaction
