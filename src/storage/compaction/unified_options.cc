// The options of UnifiedCompactionStrategy (org.apache.cassandra.db.compaction.unified.Controller.validateOptions).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "storage/compaction/human_size.h"
#include "storage/compaction/option_reader.h"
#include "storage/compaction/options.h"

namespace cassette::storage::compaction {
namespace {

constexpr double kTargetBytesMin = 1 << 20;
constexpr int32_t kScalingParametersMax = 64;  // More than there can be levels.

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

base::Result<int32_t> ParseScalingParameter(std::string_view text) {
  if (text == "N") return 0;
  const bool is_named = !text.empty() && (text[0] == 'L' || text[0] == 'T');
  const bool is_signed = !text.empty() && (text[0] == '+' || text[0] == '-');
  const std::string_view digits = text.substr(is_named || is_signed ? 1 : 0);
  int32_t value = 0;
  if (!IsDigits(digits) || std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc()) {
    return base::ConfigError(fmt::format("Scaling parameter {} must match N|L[0-9]+|T[0-9]+|[+-]?[0-9]+", text));
  }
  if (!is_named) return text[0] == '-' ? -value : value;
  if (value < 2) return base::ConfigError(fmt::format("Fan factor cannot be lower than 2 in {}", text));
  return text[0] == 'L' ? 2 - value : value - 2;
}

// As Java's split: empty parts at the end do not count, unless there is nothing else.
base::Result<std::vector<int32_t>> ParseScalingParameters(std::string_view text) {
  while (text.size() > 1 && text.ends_with(',')) text.remove_suffix(1);
  std::vector<int32_t> parameters;
  while (true) {
    const size_t comma = text.find(',');
    CASSETTE_ASSIGN_OR_RETURN(const int32_t parameter, ParseScalingParameter(Trim(text.substr(0, comma))));
    parameters.push_back(parameter);
    if (comma == std::string_view::npos) return parameters;
    if (parameters.size() == kScalingParametersMax) {
      return base::ConfigError(fmt::format("at most {} scaling parameters", kScalingParametersMax));
    }
    text.remove_prefix(comma + 1);
  }
}

base::Status TakeBytes(OptionReader* reader, std::string_view name, double min, int64_t* bytes) {
  const std::string* text = reader->Take(name);
  if (text == nullptr) return base::Status::Ok();
  const std::optional<double> value = ParseBytes(*text);
  if (!value) return base::ConfigError(fmt::format("{} {} is not a valid size in bytes", name, *text));
  if (*value >= 0x1p63) return base::ConfigError(fmt::format("{} {} is out of range of Long.", name, *text));
  if (*value < min) {
    return base::ConfigError(
        fmt::format("{} {} is not acceptable, size must be at least {:.0f} bytes", name, *text, min));
  }
  *bytes = static_cast<int64_t>(*value);
  return base::Status::Ok();
}

base::Status TakeSizes(OptionReader* reader, UnifiedOptions* options) {
  CASSETTE_RETURN_IF_ERROR(TakeBytes(reader, "target_sstable_size", kTargetBytesMin, &options->target_sstable_bytes));
  CASSETTE_RETURN_IF_ERROR(TakeBytes(reader, "flush_size_override", kTargetBytesMin, &options->flush_bytes_override));
  const double limit = std::ceil(static_cast<double>(options->target_sstable_bytes) * std::sqrt(0.5));
  int64_t min_bytes = -1;
  CASSETTE_RETURN_IF_ERROR(TakeBytes(reader, "min_sstable_size", 0, &min_bytes));
  if (min_bytes < 0) {
    options->min_sstable_bytes = std::min(options->min_sstable_bytes, static_cast<int64_t>(limit));
    return base::Status::Ok();
  }
  if (static_cast<double>(min_bytes) >= limit) {
    return base::ConfigError(fmt::format(
        "Invalid configuration, min_sstable_size ({} bytes) should be less than 70% of the target_sstable_size ({})",
        min_bytes, options->target_sstable_bytes));
  }
  options->min_sstable_bytes = min_bytes;
  return base::Status::Ok();
}

base::Status TakeGrowth(OptionReader* reader, double* growth) {
  const std::string* text = reader->Take("sstable_growth");
  if (text == nullptr) return base::Status::Ok();
  const std::optional<double> value = ParsePercent(*text);
  if (!value || !(*value >= 0 && *value <= 1)) {
    return base::ConfigError(fmt::format("sstable_growth {} must be between 0 and 1", *text));
  }
  *growth = *value;
  return base::Status::Ok();
}

base::Status TakeOverlapInclusion(OptionReader* reader, OverlapInclusion* inclusion) {
  const std::string* text = reader->Take("overlap_inclusion_method");
  if (text == nullptr) return base::Status::Ok();
  std::string upper = *text;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (upper == "NONE")
    *inclusion = OverlapInclusion::kNone;
  else if (upper == "SINGLE")
    *inclusion = OverlapInclusion::kSingle;
  else if (upper == "TRANSITIVE")
    *inclusion = OverlapInclusion::kTransitive;
  else {
    return base::ConfigError(
        fmt::format("Invalid overlap inclusion method {}. The valid options are [NONE, SINGLE, TRANSITIVE].", *text));
  }
  return base::Status::Ok();
}

base::Result<int64_t> TakePositive(OptionReader* reader, std::string_view name, int64_t otherwise, int64_t max) {
  CASSETTE_ASSIGN_OR_RETURN(const int64_t value, reader->TakeInt(name, otherwise, max));
  if (value >= 1) return value;
  return base::ConfigError(fmt::format("Invalid configuration, {} should be positive: {}", name, value));
}

}  // namespace

base::Result<UnifiedOptions> ParseUnified(const Options& options) {
  OptionReader reader(options);
  UnifiedOptions parsed;
  CASSETTE_RETURN_IF_ERROR(ReadCommon(&reader, &parsed.common));
  if (const std::string* text = reader.Take("scaling_parameters")) {
    CASSETTE_ASSIGN_OR_RETURN(parsed.scaling_parameters, ParseScalingParameters(*text));
  }
  CASSETTE_ASSIGN_OR_RETURN(parsed.base_shard_count,
                            TakePositive(&reader, "base_shard_count", parsed.base_shard_count, INT32_MAX));
  CASSETTE_RETURN_IF_ERROR(TakeSizes(&reader, &parsed));
  CASSETTE_RETURN_IF_ERROR(TakeGrowth(&reader, &parsed.sstable_growth));
  CASSETTE_ASSIGN_OR_RETURN(const int64_t max_sstables, reader.TakeInt("max_sstables_to_compact", 0, INT32_MAX));
  parsed.max_sstables_to_compact = max_sstables <= 0 ? INT32_MAX : max_sstables;
  CASSETTE_RETURN_IF_ERROR(TakePositive(&reader, "expired_sstable_check_frequency_seconds", 600, INT64_MAX));
  CASSETTE_ASSIGN_OR_RETURN(parsed.ignore_overlaps, reader.TakeBool("unsafe_aggressive_sstable_expiration", false));
  CASSETTE_RETURN_IF_ERROR(TakeOverlapInclusion(&reader, &parsed.overlap_inclusion));
  CASSETTE_RETURN_IF_ERROR(reader.Finish("UnifiedCompactionStrategy"));
  return parsed;
}

}  // namespace cassette::storage::compaction
