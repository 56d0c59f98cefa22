#include "catalog/table_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <set>

#include "catalog/property_values.h"
#include "rows/cell.h"
#include "storage/engine/compaction_options.h"

namespace cassette::catalog {
namespace {

using StringMap = std::map<std::string, std::string>;

// BloomCalculations.minSupportedBloomFilterFpChance: 15 buckets an element, 20 hashes at most.
constexpr double kMinBloomFilterFpChance = 6.71e-5;

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

// The old and the new name of one option; both at once are an error.
base::Status RenameOption(const std::string& old_name, const std::string& name, const char* what, StringMap* options) {
  const auto old = options->find(old_name);
  if (old == options->end()) return base::Status::Ok();
  if (options->contains(name)) {
    return base::ConfigError(fmt::format(
        "The '{}' option must not be used if the {} is already specified by the '{}' option", old_name, what, name));
  }
  (*options)[name] = old->second;
  options->erase(old_name);
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
  }
  return base::Status::Ok();
}

base::Status CheckCompression(StringMap options, schema::TableOptions* table) {
  if (options.empty() ||
      (options.size() == 1 && options.contains("sstable_compression") && options.at("sstable_compression").empty())) {
    table->compression = {{"enabled", "false"}};
    return base::Status::Ok();
  }
  if (const auto chance = options.find("crc_check_chance"); chance != options.end()) {
    CASSETTE_ASSIGN_OR_RETURN(table->crc_check_chance, ParseDouble("crc_check_chance", chance->second));
    options.erase(chance);
  }
  CASSETTE_RETURN_IF_ERROR(RenameOption("sstable_compression", "class", "compression algorithm", &options));
  CASSETTE_RETURN_IF_ERROR(RenameOption("chunk_length_kb", "chunk_length_in_kb", "chunk length", &options));
  if (const auto enabled = options.find("enabled"); enabled != options.end()) {
    const bool is_enabled = LowerCase(enabled->second) == "true";
    options.erase(enabled);
    if (!is_enabled) {
      if (options.contains("class")) {
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

bool IsNumberBefore(const std::string& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  const std::string number = text.substr(0, text.size() - suffix.size());
  return ParseDouble("", number).ok();
}

// SpeculativeRetryPolicy.fromString: ALWAYS, NEVER, 99p, 50ms, MIN(99p,50ms), MAX(...).
base::Result<std::string> SpeculativePolicy(const std::string& option, const std::string& value) {
  const std::string lower = LowerCase(value);
  if (lower == "always" || lower == "never" || lower == "none") {
    std::string upper = lower == "none" ? "never" : lower;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
    return upper;
  }
  if (IsNumberBefore(lower, "percentile") || IsNumberBefore(lower, "p")) {
    const std::string number = lower.substr(0, lower.find('p'));
    const double percentile = *ParseDouble("", number);
    if (percentile <= 0 || percentile >= 100) {
      return base::ConfigError(fmt::format(
          "Invalid value {} for PERCENTILE option 'speculative_retry': must be between (0.0 and 100.0)", value));
    }
    return number + "p";
  }
  if (IsNumberBefore(lower, "ms")) return lower;
  if ((lower.starts_with("min(") || lower.starts_with("max(")) && lower.ends_with(")") &&
      lower.find(',') != lower.npos) {
    return value;
  }
  return base::ConfigError(fmt::format("Invalid value {} for option '{}'", value, option));
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
  if (property.name == "compression") return CheckCompression(std::move(map), options);
  options->extensions = std::move(map);
  return base::Status::Ok();
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

bool IsMapProperty(std::string_view name) {
  return name == "caching" || name == "compaction" || name == "compression" || name == "extensions";
}

}  // namespace

base::Status ApplyTableProperties(std::span<const Property> properties, schema::TableOptions* options,
                                  std::optional<schema::TableId>* id) {
  CASSETTE_RETURN_IF_ERROR(CheckPropertyNames(properties, TableProperties()));
  for (const Property& property : properties) {
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

}  // namespace cassette::catalog
