#include "catalog/table_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "catalog/property_values.h"
#include "rows/cell.h"
#include "storage/engine/compaction_options.h"

namespace cassette::catalog {
namespace {

using StringMap = std::map<std::string, std::string>;

// BloomCalculations.minSupportedBloomFilterFpChance: 15 buckets an element, 20 hashes at most.
constexpr double kMinBloomFilterFpChance = 6.71e-5;
// TableMetadata.Builder: of tables made with LeveledCompactionStrategy; it stays when the strategy changes.
constexpr double kLeveledBloomFilterFpChance = 0.1;

base::Status CheckCaching(const StringMap& given, StringMap* caching) {
  StringMap result = {{"keys", "NONE"}, {"rows_per_partition", "NONE"}};
  for (const auto& [key, value] : given) {
    std::string upper = value;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
    const bool is_word = upper == "ALL" || upper == "NONE";
    if (key == "keys") {
      if (!is_word) {
        return base::ConfigError(
            fmt::format("Invalid value '{}' for caching sub-option 'keys': only 'ALL' and 'NONE' are allowed", value));
      }
    } else if (key == "rows_per_partition") {
      const bool is_number =
          !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) { return std::isdigit(c); });
      if (!is_word && !is_number) {
        return base::ConfigError(
            fmt::format("Invalid value '{}' for caching sub-option 'rows_per_partition': only 'ALL', 'NONE', and "
                        "integer values are allowed",
                        value));
      }
    } else {
      return base::ConfigError(
          fmt::format("Invalid caching sub-options [{}]: only 'keys' and 'rows_per_partition' are allowed", key));
    }
    result[key] = is_word ? upper : value;
  }
  *caching = std::move(result);
  return base::Status::Ok();
}

base::Result<std::string> CompressorClass(const std::string& name) {
  const std::string prefix = "org.apache.cassandra.io.compress.";
  const std::string simple = name.starts_with(prefix) ? name.substr(prefix.size()) : name;
  static const std::set<std::string> known = {"LZ4Compressor", "SnappyCompressor", "DeflateCompressor",
                                              "ZstdCompressor", "NoopCompressor"};
  if (!known.contains(simple)) {
    return base::ConfigError(
        fmt::format("Could not create Compression for type {}", name.find('.') == name.npos ? prefix + name : name));
  }
  return prefix + simple;
}

base::Result<int32_t> ChunkLength(const std::string& text) {
  const base::Result<int32_t> parsed = ParseInt("chunk_length_in_kb", text);
  if (!parsed.ok()) return base::ConfigError("Invalid value for chunk_length_in_kb");
  const int32_t kilobytes = *parsed;
  if (kilobytes > std::numeric_limits<int32_t>::max() / 1024) {
    return base::ConfigError(fmt::format("Value of chunk_length_in_kb is too large ({})", kilobytes));
  }
  if (kilobytes <= 0) return base::ConfigError("Invalid negative or null chunk_length_in_kb");
  if ((kilobytes & (kilobytes - 1)) != 0) return base::ConfigError("chunk_length_in_kb must be a power of 2");
  return kilobytes;
}

base::Status CheckMinCompressRatio(const std::string& text) {
  CASSETTE_ASSIGN_OR_RETURN(const double ratio, ParseDouble("min_compress_ratio", text));
  if (ratio < 0) return base::ConfigError("Invalid negative min_compress_ratio");
  if (ratio > 0 && ratio < 1) {
    return base::ConfigError("min_compress_ratio can either be 0 or greater than or equal to 1");
  }
  return base::Status::Ok();
}

bool IsIntBetween(const std::string& text, int32_t least, int32_t most) {
  const base::Result<int32_t> number = ParseInt("", text);
  return number.ok() && *number >= least && *number <= most;
}

base::Status CheckCompressorOption(const std::string& name, const std::string& value) {
  if (name == "lz4_compressor_type" && value != "high" && value != "fast") {
    return base::ConfigError(
        fmt::format("Invalid compressor type '{}' specified for LZ4 parameter '{}'. Valid "
                    "options are [high, fast].",
                    value, name));
  }
  if (name == "lz4_high_compressor_level" && !IsIntBetween(value, 1, 17)) {
    return base::ConfigError(
        fmt::format("Invalid value [{}] for parameter '{}'. Value must be between 1 and 17.", value, name));
  }
  if (name == "compression_level" && !IsIntBetween(value, -131072, 22)) {
    return base::ConfigError(fmt::format("{}={} is invalid: it must be between -131072 and 22", name, value));
  }
  return base::Status::Ok();
}

base::Status CheckCompressorOptions(const std::string& compressor, const StringMap& options) {
  std::set<std::string> allowed;
  if (compressor.ends_with("LZ4Compressor")) allowed = {"lz4_compressor_type", "lz4_high_compressor_level"};
  if (compressor.ends_with("ZstdCompressor")) allowed = {"compression_level"};
  for (const auto& [key, value] : options) {
    if (key == "class" || key == "chunk_length_in_kb" || key == "min_compress_ratio") continue;
    if (!allowed.contains(key)) {
      return base::ConfigError(fmt::format("Unknown compression options {}", key));
    }
    CASSETTE_RETURN_IF_ERROR(CheckCompressorOption(key, value));
  }
  return base::Status::Ok();
}

base::Status CheckCompression(StringMap options, schema::TableOptions* table) {
  if (options.empty()) {
    table->compression = {{"enabled", "false"}};
    return base::Status::Ok();
  }
  if (const auto enabled = options.find("enabled"); enabled != options.end()) {
    const bool is_enabled = LowerCase(enabled->second) == "true";
    options.erase(enabled);
    if (!is_enabled) {
      if (!options.empty()) {
        return base::ConfigError("If the 'enabled' option is set to false no other options must be specified");
      }
      table->compression = {{"enabled", "false"}};
      return base::Status::Ok();
    }
  }
  if (!options.contains("class")) {
    return base::ConfigError("Missing sub-option 'class' for the 'compression' option.");
  }
  if (options["class"].empty()) {
    return base::ConfigError("The 'class' option must not be empty. To disable compression use 'enabled' : false");
  }
  CASSETTE_ASSIGN_OR_RETURN(options["class"], CompressorClass(options["class"]));
  if (!options.contains("chunk_length_in_kb")) options["chunk_length_in_kb"] = "16";
  CASSETTE_ASSIGN_OR_RETURN(const int32_t kilobytes, ChunkLength(options["chunk_length_in_kb"]));
  options["chunk_length_in_kb"] = std::to_string(kilobytes);
  if (options.contains("min_compress_ratio")) {
    CASSETTE_RETURN_IF_ERROR(CheckMinCompressRatio(options["min_compress_ratio"]));
  }
  CASSETTE_RETURN_IF_ERROR(CheckCompressorOptions(options["class"], options));
  table->compression = std::move(options);
  return base::Status::Ok();
}

base::Status CheckCompaction(StringMap options, StringMap* compaction) {
  if (!options.contains("class")) {
    return base::ConfigError("Missing sub-option 'class' for the 'compaction' option.");
  }
  const std::string prefix = "org.apache.cassandra.db.compaction.";
  std::string& name = options["class"];
  if (name.find('.') == name.npos) name = prefix + name;
  CASSETTE_RETURN_IF_ERROR(storage::engine::ValidateCompactionOptions(options));
  // As CompactionParams.create: the thresholds always stand among the options where the strategy has them.
  const bool has_thresholds = !name.ends_with("UnifiedCompactionStrategy");
  if (has_thresholds) {
    options.emplace("min_threshold", "4");
    options.emplace("max_threshold", "32");
  }
  *compaction = std::move(options);
  return base::Status::Ok();
}

bool IsDigitOrPoint(unsigned char c) { return std::isdigit(c) || c == '.'; }

// The number before `suffix`, which is all that the text has besides.
std::optional<double> NumberBefore(const std::string& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return std::nullopt;
  const std::string number = text.substr(0, text.size() - suffix.size());
  if (!std::all_of(number.begin(), number.end(), IsDigitOrPoint)) return std::nullopt;
  const base::Result<double> parsed = ParseDouble("", number);
  return parsed.ok() ? std::optional<double>(*parsed) : std::nullopt;
}

// At most five places behind the point.
std::string ShortDecimal(double number) {
  std::string text = fmt::format("{:.5f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

base::Status InvalidPolicy(const std::string& option, const std::string& value) {
  return base::ConfigError(fmt::format("Invalid value {} for option '{}'", value, option));
}

// 99p, 99percentile or 50ms, in lower case; milliseconds are whole.
base::Result<std::string> SimplePolicy(const std::string& option, const std::string& value) {
  std::optional<double> percentile = NumberBefore(value, "percentile");
  if (!percentile) percentile = NumberBefore(value, "p");
  if (percentile && (*percentile <= 0 || *percentile >= 100)) {
    return base::ConfigError(fmt::format(
        "Invalid value {} for PERCENTILE option 'speculative_retry': must be between (0.0 and 100.0)", value));
  }
  if (percentile) return ShortDecimal(*percentile) + "p";
  const std::optional<double> milliseconds = NumberBefore(value, "ms");
  if (!milliseconds) return InvalidPolicy(option, value);
  constexpr double kMost = std::numeric_limits<int32_t>::max();
  return fmt::format("{}ms", static_cast<int32_t>(std::min(*milliseconds, kMost)));
}

// MIN(99p,50ms) or MAX(...), in lower case: one percentile, one time.
base::Result<std::string> HybridPolicy(const std::string& option, const std::string& value) {
  const size_t comma = value.find(',');
  if (!value.ends_with(")") || comma == value.npos) return InvalidPolicy(option, value);
  const size_t first_end = value.find_last_not_of(' ', comma - 1) + 1;
  const size_t second_begin = value.find_first_not_of(' ', comma + 1);
  CASSETTE_ASSIGN_OR_RETURN(std::string first, SimplePolicy(option, value.substr(4, first_end - 4)));
  CASSETTE_ASSIGN_OR_RETURN(std::string second,
                            SimplePolicy(option, value.substr(second_begin, value.size() - 1 - second_begin)));
  if (first.ends_with("p") == second.ends_with("p")) {
    return base::ConfigError(
        fmt::format("Invalid value {} for option '{}': MIN()/MAX() arguments should be of "
                    "different types",
                    value, option));
  }
  if (!first.ends_with("p")) std::swap(first, second);
  return fmt::format("{}({},{})", value.starts_with("min") ? "MIN" : "MAX", first, second);
}

// SpeculativeRetryPolicy.fromString: ALWAYS, NEVER, 99p, 50ms, MIN(99p,50ms), MAX(...).
base::Result<std::string> SpeculativePolicy(const std::string& option, const std::string& value) {
  const std::string lower = LowerCase(value);
  if (lower == "always" || lower == "never" || lower == "none") {
    std::string upper = lower == "none" ? "never" : lower;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
    return upper;
  }
  if (lower.starts_with("min(") || lower.starts_with("max(")) return HybridPolicy(option, lower);
  return SimplePolicy(option, lower);
}

base::Result<std::string> ReadRepair(const std::string& value) {
  std::string upper = value;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  if (upper == "NONE" || upper == "BLOCKING") return upper;
  return base::ConfigError(fmt::format("'{}' is not a valid read_repair: it must be 'BLOCKING' or 'NONE'", value));
}

base::Result<schema::TableId> ParseTableId(const std::string& text) {
  schema::TableId id;
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '-' && (i == 8 || i == 13 || i == 18 || i == 23)) continue;
    if (!std::isxdigit(static_cast<unsigned char>(text[i])) || digits == 32) {
      return base::ConfigError("Invalid table id");
    }
    const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
    const uint8_t nibble = static_cast<uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    id.bytes[digits / 2] = static_cast<uint8_t>(id.bytes[digits / 2] << 4 | nibble);
    ++digits;
  }
  if (digits != 32 || text.size() != 36) return base::ConfigError("Invalid table id");
  return id;
}

base::Status ApplyText(const Property& property, schema::TableOptions* options) {
  const std::string& name = property.name;
  const std::string& text = property.text;
  if (name == "comment") options->comment = text;
  if (name == "allow_auto_snapshot") {
    CASSETTE_ASSIGN_OR_RETURN(options->allow_auto_snapshot, ParseBoolean(name, text));
  } else if (name == "incremental_backups") {
    CASSETTE_ASSIGN_OR_RETURN(options->incremental_backups, ParseBoolean(name, text));
  } else if (name == "cdc") {
    CASSETTE_ASSIGN_OR_RETURN(options->cdc, ParseBoolean(name, text));
  } else if (name == "bloom_filter_fp_chance") {
    CASSETTE_ASSIGN_OR_RETURN(options->bloom_filter_fp_chance, ParseDouble(name, text));
  } else if (name == "crc_check_chance") {
    CASSETTE_ASSIGN_OR_RETURN(options->crc_check_chance, ParseDouble(name, text));
  } else if (name == "default_time_to_live") {
    CASSETTE_ASSIGN_OR_RETURN(options->default_time_to_live_seconds, ParseInt(name, text));
  } else if (name == "gc_grace_seconds") {
    CASSETTE_ASSIGN_OR_RETURN(options->gc_grace_seconds, ParseInt(name, text));
  } else if (name == "max_index_interval") {
    CASSETTE_ASSIGN_OR_RETURN(options->max_index_interval, ParseInt(name, text));
  } else if (name == "min_index_interval") {
    CASSETTE_ASSIGN_OR_RETURN(options->min_index_interval, ParseInt(name, text));
  } else if (name == "memtable_flush_period_in_ms") {
    CASSETTE_ASSIGN_OR_RETURN(options->memtable_flush_period_ms, ParseInt(name, text));
  } else if (name == "speculative_retry") {
    CASSETTE_ASSIGN_OR_RETURN(options->speculative_retry, SpeculativePolicy(name, text));
  } else if (name == "additional_write_policy") {
    CASSETTE_ASSIGN_OR_RETURN(options->additional_write_policy, SpeculativePolicy("speculative_retry", text));
  } else if (name == "read_repair") {
    CASSETTE_ASSIGN_OR_RETURN(options->read_repair, ReadRepair(text));
  } else if (name == "memtable") {
    if (text != "default") {
      return base::ConfigError(fmt::format("Memtable configuration \"{}\" not found.", text));
    }
  }
  return base::Status::Ok();
}

base::Status ApplyMap(const Property& property, schema::TableOptions* options) {
  CASSETTE_ASSIGN_OR_RETURN(StringMap map, ExpectMap(property));
  if (property.name == "caching") return CheckCaching(map, &options->caching);
  if (property.name == "compaction") return CheckCompaction(std::move(map), &options->compaction);
  return CheckCompression(std::move(map), options);
}

// TableParams.validate.
base::Status Validate(const schema::TableOptions& options) {
  const auto at_least = [](const char* name, int32_t value, int32_t least) {
    if (value >= least) return base::Status::Ok();
    return base::ConfigError(fmt::format("{} must be greater than or equal to {} (got {})", name, least, value));
  };
  const double fp = options.bloom_filter_fp_chance;
  if (!(fp > kMinBloomFilterFpChance && fp <= 1)) {
    return base::ConfigError(fmt::format(
        "bloom_filter_fp_chance must be larger than {} and less than or equal to 1.0 (got {})", "6.71E-5", fp));
  }
  if (!(options.crc_check_chance >= 0 && options.crc_check_chance <= 1)) {
    return base::ConfigError(
        fmt::format("crc_check_chance must be larger than or equal to 0 and smaller than or equal to 1.0 (got {})",
                    options.crc_check_chance));
  }
  CASSETTE_RETURN_IF_ERROR(at_least("default_time_to_live", options.default_time_to_live_seconds, 0));
  if (options.default_time_to_live_seconds > rows::kMaxTtlSeconds) {
    return base::ConfigError(fmt::format("default_time_to_live must be less than or equal to {} (got {})",
                                         rows::kMaxTtlSeconds, options.default_time_to_live_seconds));
  }
  CASSETTE_RETURN_IF_ERROR(at_least("gc_grace_seconds", options.gc_grace_seconds, 0));
  CASSETTE_RETURN_IF_ERROR(at_least("min_index_interval", options.min_index_interval, 1));
  if (options.max_index_interval < options.min_index_interval) {
    return base::ConfigError(
        fmt::format("max_index_interval must be greater than or equal to min_index_interval ({}) (got {})",
                    options.min_index_interval, options.max_index_interval));
  }
  return at_least("memtable_flush_period_in_ms", options.memtable_flush_period_ms, 0);
}

const std::set<std::string_view>& TableProperties() {
  static const std::set<std::string_view> names = {"additional_write_policy",
                                                   "allow_auto_snapshot",
                                                   "bloom_filter_fp_chance",
                                                   "caching",
                                                   "cdc",
                                                   "comment",
                                                   "compaction",
                                                   "compression",
                                                   "crc_check_chance",
                                                   "default_time_to_live",
                                                   "extensions",
                                                   "gc_grace_seconds",
                                                   "id",
                                                   "incremental_backups",
                                                   "max_index_interval",
                                                   "memtable",
                                                   "memtable_flush_period_in_ms",
                                                   "min_index_interval",
                                                   "read_repair",
                                                   "speculative_retry"};
  return names;
}

bool IsMapProperty(std::string_view name) { return name == "caching" || name == "compaction" || name == "compression"; }

base::Status ApplyProperties(std::span<const Property> properties, schema::TableOptions* options,
                             std::optional<schema::TableId>* id) {
  for (const Property& property : properties) {
    if (property.name == "extensions") continue;  // Whatever it says, Cassandra keeps nothing of it.
    if (IsMapProperty(property.name)) {
      CASSETTE_RETURN_IF_ERROR(ApplyMap(property, options));
      continue;
    }
    CASSETTE_RETURN_IF_ERROR(ExpectText(property));
    if (property.name == "id") {
      CASSETTE_ASSIGN_OR_RETURN(*id, ParseTableId(property.text));
    } else {
      CASSETTE_RETURN_IF_ERROR(ApplyText(property, options));
    }
  }
  return Validate(*options);
}

}  // namespace

base::Status ApplyTableProperties(std::span<const Property> properties, schema::TableOptions* options,
                                  std::optional<schema::TableId>* id) {
  CASSETTE_RETURN_IF_ERROR(CheckPropertyNames(properties, TableProperties()));
  // TableAttributes.validate: they must be legal beside the defaults, too.
  schema::TableOptions alone;
  CASSETTE_RETURN_IF_ERROR(ApplyProperties(properties, &alone, id));
  return ApplyProperties(properties, options, id);
}

base::Status ApplyNewTableProperties(std::span<const Property> properties, schema::TableOptions* options,
                                     std::optional<schema::TableId>* id) {
  CASSETTE_RETURN_IF_ERROR(ApplyTableProperties(properties, options, id));
  const bool is_said = std::any_of(properties.begin(), properties.end(),
                                   [](const Property& property) { return property.name == "bloom_filter_fp_chance"; });
  const auto compaction = options->compaction.find("class");
  const bool is_leveled =
      compaction != options->compaction.end() && compaction->second.ends_with(".LeveledCompactionStrategy");
  if (!is_said && is_leveled) options->bloom_filter_fp_chance = kLeveledBloomFilterFpChance;
  return base::Status::Ok();
}

}  // namespace cassette::catalog
