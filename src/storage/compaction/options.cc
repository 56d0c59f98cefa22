#include "storage/compaction/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "storage/compaction/option_reader.h"

namespace cassette::storage::compaction {
namespace {

constexpr std::string_view kPackage = "org.apache.cassandra.db.compaction.";

base::Status ReadThresholds(OptionReader* reader, CommonOptions* common) {
  CASSETTE_ASSIGN_OR_RETURN(const int64_t min, reader->TakeInt("min_threshold", common->min_threshold, INT32_MAX));
  CASSETTE_ASSIGN_OR_RETURN(const int64_t max, reader->TakeInt("max_threshold", common->max_threshold, INT32_MAX));
  if (min < 2) {
    return base::ConfigError(fmt::format("Min compaction threshold cannot be less than 2 (got {})", min));
  }
  if (min > max) {
    return base::ConfigError(fmt::format(
        "Min compaction threshold (got {}) cannot be greater than max compaction threshold (got {})", min, max));
  }
  common->min_threshold = static_cast<int32_t>(min);
  common->max_threshold = static_cast<int32_t>(max);
  return base::Status::Ok();
}

base::Status ReadSizeTiered(OptionReader* reader, SizeTieredOptions* options) {
  CASSETTE_RETURN_IF_ERROR(ReadCommon(reader, &options->common));
  CASSETTE_RETURN_IF_ERROR(ReadThresholds(reader, &options->common));
  CASSETTE_ASSIGN_OR_RETURN(options->min_sstable_size_bytes,
                            reader->TakeInt("min_sstable_size", options->min_sstable_size_bytes, INT64_MAX));
  if (options->min_sstable_size_bytes < 0) {
    return base::ConfigError(fmt::format("min_sstable_size must be non negative: {}", options->min_sstable_size_bytes));
  }
  CASSETTE_ASSIGN_OR_RETURN(options->bucket_low, reader->TakeDouble("bucket_low", options->bucket_low));
  CASSETTE_ASSIGN_OR_RETURN(options->bucket_high, reader->TakeDouble("bucket_high", options->bucket_high));
  if (options->bucket_high <= options->bucket_low) {
    return base::ConfigError(fmt::format("bucket_high value ({}) is less than or equal to the bucket_low value ({})",
                                         options->bucket_high, options->bucket_low));
  }
  return base::Status::Ok();
}

base::Result<int64_t> UnitOf(OptionReader* reader, std::string_view name,
                             const std::map<std::string_view, int64_t>& units, std::string_view otherwise) {
  const std::string* text = reader->Take(name);
  const auto unit = units.find(text == nullptr ? otherwise : std::string_view(*text));
  if (unit == units.end()) return base::ConfigError(fmt::format("{} is not valid for {}", *text, name));
  return unit->second;
}

}  // namespace

bool IsTrue(std::string_view text) {
  return text.size() == 4 && (text[0] | 0x20) == 't' && (text[1] | 0x20) == 'r' && (text[2] | 0x20) == 'u' &&
         (text[3] | 0x20) == 'e';
}

base::Status ReadCommon(OptionReader* reader, CommonOptions* common) {
  reader->Take("class");
  CASSETTE_ASSIGN_OR_RETURN(common->enabled, reader->TakeBool("enabled", common->enabled));
  CASSETTE_ASSIGN_OR_RETURN(common->tombstone_threshold,
                            reader->TakeDouble("tombstone_threshold", common->tombstone_threshold));
  if (common->tombstone_threshold < 0) {
    return base::ConfigError(
        fmt::format("tombstone_threshold must be greater than 0, but was {:f}", common->tombstone_threshold));
  }
  CASSETTE_ASSIGN_OR_RETURN(
      common->tombstone_compaction_interval_seconds,
      reader->TakeInt("tombstone_compaction_interval", common->tombstone_compaction_interval_seconds, INT64_MAX));
  if (common->tombstone_compaction_interval_seconds < 0) {
    return base::ConfigError(fmt::format("tombstone_compaction_interval must be greater than 0, but was {}",
                                         common->tombstone_compaction_interval_seconds));
  }
  CASSETTE_ASSIGN_OR_RETURN(common->unchecked_tombstone_compaction,
                            reader->TakeBool("unchecked_tombstone_compaction", false));
  CASSETTE_ASSIGN_OR_RETURN(common->only_purge_repaired_tombstones,
                            reader->TakeBool("only_purge_repaired_tombstones", false));
  // Without a meaning for an engine that logs every compaction.
  CASSETTE_RETURN_IF_ERROR(reader->TakeBool("log_all", false));
  if (const std::string* value = reader->Take("provide_overlapping_tombstones")) {
    std::string upper = *value;
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    if (upper != "NONE" && upper != "ROW" && upper != "CELL") {
      return base::ConfigError(fmt::format(
          "Invalid value {} for 'provide_overlapping_tombstones' compaction sub-option - must be one of the following "
          "[NONE, ROW, CELL].",
          upper));
    }
  }
  return base::Status::Ok();
}

base::Result<std::string> ClassName(const Options& options) {
  const auto option = options.find("class");
  if (option == options.end()) {
    return base::ConfigError("Missing sub-option 'class' for the 'compaction' option");
  }
  std::string name = option->second;
  if (name.starts_with(kPackage)) name = name.substr(kPackage.size());
  for (const std::string_view known : {"SizeTieredCompactionStrategy", "TimeWindowCompactionStrategy",
                                       "LeveledCompactionStrategy", "UnifiedCompactionStrategy"}) {
    if (name == known) return name;
  }
  return base::ConfigError(fmt::format("Unable to find compaction strategy class '{}'",
                                       name.find('.') == std::string::npos ? std::string(kPackage) + name : name));
}

base::Result<SizeTieredOptions> ParseSizeTiered(const Options& options) {
  OptionReader reader(options);
  SizeTieredOptions parsed;
  CASSETTE_RETURN_IF_ERROR(ReadSizeTiered(&reader, &parsed));
  CASSETTE_RETURN_IF_ERROR(reader.Finish("SizeTieredCompactionStrategy"));
  return parsed;
}

base::Result<LeveledOptions> ParseLeveled(const Options& options) {
  OptionReader reader(options);
  LeveledOptions parsed;
  CASSETTE_ASSIGN_OR_RETURN(const int64_t megabytes, reader.TakePositiveInt("sstable_size_in_mb", 160));
  CASSETTE_ASSIGN_OR_RETURN(parsed.fanout, reader.TakePositiveInt("fanout_size", parsed.fanout));
  // Whatever is not "true" is false, as Java reads it.
  if (const std::string* text = reader.Take("single_sstable_uplevel")) parsed.single_sstable_uplevel = IsTrue(*text);
  parsed.sstable_bytes = megabytes << 20;
  double level_bytes = static_cast<double>(parsed.sstable_bytes);
  for (uint32_t level = 1; level < kLevelCount; ++level) level_bytes *= static_cast<double>(parsed.fanout);
  if (level_bytes > static_cast<double>(INT64_MAX)) {
    return base::ConfigError(
        fmt::format("At most {} bytes may be in a compaction level; your maxSSTableSize must be absurdly high to "
                    "compute {:.0f}",
                    INT64_MAX, level_bytes));
  }
  CASSETTE_RETURN_IF_ERROR(ReadSizeTiered(&reader, &parsed.size_tiered));
  CASSETTE_RETURN_IF_ERROR(reader.Finish("LeveledCompactionStrategy"));
  return parsed;
}

base::Result<TimeWindowOptions> ParseTimeWindow(const Options& options) {
  OptionReader reader(options);
  TimeWindowOptions parsed;
  CASSETTE_ASSIGN_OR_RETURN(
      parsed.timestamps_per_second,
      UnitOf(&reader, "timestamp_resolution",
             {{"SECONDS", 1}, {"MILLISECONDS", 1'000}, {"MICROSECONDS", 1'000'000}, {"NANOSECONDS", 1'000'000'000}},
             "MICROSECONDS"));
  CASSETTE_ASSIGN_OR_RETURN(
      const int64_t unit_seconds,
      UnitOf(&reader, "compaction_window_unit", {{"MINUTES", 60}, {"HOURS", 3600}, {"DAYS", 86400}}, "DAYS"));
  CASSETTE_ASSIGN_OR_RETURN(const int64_t window_size, reader.TakeInt("compaction_window_size", 1, INT32_MAX));
  if (window_size < 1) {
    return base::ConfigError(fmt::format("{} must be greater than 1 for compaction_window_size", window_size));
  }
  parsed.window_seconds = unit_seconds * window_size;
  CASSETTE_ASSIGN_OR_RETURN(const int64_t frequency,
                            reader.TakeInt("expired_sstable_check_frequency_seconds", 600, INT64_MAX));
  if (frequency < 0) {
    return base::ConfigError(
        fmt::format("expired_sstable_check_frequency_seconds must not be negative, but was {}", frequency));
  }
  CASSETTE_ASSIGN_OR_RETURN(parsed.ignore_overlaps, reader.TakeBool("unsafe_aggressive_sstable_expiration", false));
  CASSETTE_RETURN_IF_ERROR(ReadSizeTiered(&reader, &parsed.size_tiered));
  CASSETTE_RETURN_IF_ERROR(reader.Finish("TimeWindowCompactionStrategy"));
  return parsed;
}

}  // namespace cassette::storage::compaction
