#include "storage/compaction/strategy.h"

#include <algorithm>

#include "storage/compaction/leveled.h"
#include "storage/compaction/options.h"
#include "storage/compaction/size_tiered.h"
#include "storage/compaction/time_window.h"
#include "storage/compaction/unified.h"

namespace cassette::storage::compaction {

base::Result<std::unique_ptr<Strategy>> MakeStrategy(const Options& options) {
  CASSETTE_ASSIGN_OR_RETURN(const std::string name, ClassName(options));
  if (name == "TimeWindowCompactionStrategy") {
    CASSETTE_ASSIGN_OR_RETURN(const TimeWindowOptions parsed, ParseTimeWindow(options));
    return std::unique_ptr<Strategy>(std::make_unique<TimeWindowCompactionStrategy>(parsed));
  }
  if (name == "LeveledCompactionStrategy") {
    CASSETTE_ASSIGN_OR_RETURN(const LeveledOptions parsed, ParseLeveled(options));
    return std::unique_ptr<Strategy>(std::make_unique<LeveledCompactionStrategy>(parsed));
  }
  if (name == "UnifiedCompactionStrategy") {
    CASSETTE_ASSIGN_OR_RETURN(UnifiedOptions parsed, ParseUnified(options));
    return std::unique_ptr<Strategy>(std::make_unique<UnifiedCompactionStrategy>(std::move(parsed)));
  }
  CASSETTE_ASSIGN_OR_RETURN(const SizeTieredOptions parsed, ParseSizeTiered(options));
  return std::unique_ptr<Strategy>(std::make_unique<SizeTieredCompactionStrategy>(parsed));
}

bool PurgesUnrepaired(const Options& options) {
  const auto option = options.find("only_purge_repaired_tombstones");
  return option == options.end() || !IsTrue(option->second);
}

base::Status ValidateOptions(const Options& options) { return base::ToStatus(MakeStrategy(options)); }

// A table may go when all in it is gone for gc_grace_seconds, and no table that stays (or memtable) holds a write as
// old as its newest: that one might be shadowed by it.
std::vector<uint64_t> FullyExpired(std::span<const SstableView> tables, const Context& context, bool ignore_overlaps) {
  std::vector<SstableView> candidates;
  int64_t oldest_kept = context.memtable_min_timestamp_micros;
  for (const SstableView& table : tables) {
    if (table.max_local_deletion_seconds < context.gc_before_seconds) {
      candidates.push_back(table);
    } else {
      oldest_kept = std::min(oldest_kept, table.min_timestamp_micros);
    }
  }
  // Newest first: one that must stay keeps older ones that it might shadow from going.
  std::sort(candidates.begin(), candidates.end(),
            [](const SstableView& a, const SstableView& b) { return a.max_timestamp_micros > b.max_timestamp_micros; });
  std::vector<uint64_t> ids;
  for (const SstableView& table : candidates) {
    if (ignore_overlaps || table.max_timestamp_micros < oldest_kept) {
      ids.push_back(table.id);
    } else {
      oldest_kept = std::min(oldest_kept, table.min_timestamp_micros);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace cassette::storage::compaction
