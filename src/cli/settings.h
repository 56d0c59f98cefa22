// Settings: one table of names, defaults and help; a value comes from the command line, else the environment
// (CASSETTE_LOG_LEVEL), else a YAML file (log_level:), else the default.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace cassette::io {
class FileSystem;
}

namespace cassette::cli {

inline constexpr uint64_t kMaxThreads = 256;

struct SettingRow {
  const char* name;  // log_level: YAML key; --log-level: option; CASSETTE_LOG_LEVEL: environment.
  const char* default_value;
  const char* help;
  const char* command = "";  // Whose option it is; empty: every command's.
};

// All settings, in the order of --help: ours, then the server's (server/settings.h).
std::span<const SettingRow> SettingRows();
std::string OptionName(const SettingRow& row);       // --log-level
std::string EnvironmentName(const SettingRow& row);  // CASSETTE_LOG_LEVEL

// The settings of `command` as rows of a Markdown table: what docs/server.md holds.
std::string SettingsTable(std::string_view command);

// The values in force.
class Settings {
 public:
  // `given`: from the command line, by name. `config_path`: a YAML file; empty: CASSETTE_CONFIG, else none.
  // kInvalidArgument names the file and line, or the variable, the key and the allowed ones.
  static base::Result<Settings> Load(io::FileSystem& file_system, const std::string& config_path,
                                     const std::map<std::string, std::string>& given);

  // REQUIRES: `name` is a row's.
  const std::string& Text(std::string_view name) const;
  // kInvalidArgument names the setting and what is legal. Sizes take K, M and G.
  base::Result<uint64_t> Bytes(std::string_view name) const;
  base::Result<uint64_t> Number(std::string_view name, uint64_t least, uint64_t most) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace cassette::cli
