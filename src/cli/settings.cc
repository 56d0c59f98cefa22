#include "cli/settings.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <vector>

#include "io/file_system.h"
#include "server/settings.h"

namespace cassette::cli {
namespace {

constexpr uint64_t kMaxConfigBytes = 1 << 20;

constexpr SettingRow kRows[] = {
    {"on", "cassette-data", "where the data lives: a directory, or cassandra://host[:port][,host...]"},
    {"format", "table", "how rows and reports are printed: table, json or csv"},
    {"log_level", "warning", "what is logged: debug, info, warning, error or off"},
    {"log_file", "", "log to this file, rotated at 10 MB, five kept; empty: standard error"},
    {"commitlog_sync", "periodic", "when a write is durable: periodic, group or batch"},
    {"commitlog_sync_period_ms", "10000", "periodic: at most so long between two syncs"},
    {"commitlog_sync_group_window_ms", "15", "group: writers wait at most so long for others"},
    {"memtable_heap", "256M", "memory of all memtables; the largest is flushed at the bound"},
    {"cache", "256M", "memory of vectors and index blocks"},
    {"row_group_rows", "1024", "rows of a row group, at most"},
    {"threads", "2", "workers that load"},
};

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

const std::vector<SettingRow>& AllRows() {
  static const std::vector<SettingRow> kAll = [] {
    std::vector<SettingRow> rows(std::begin(kRows), std::end(kRows));
    for (const server::SettingRow& row : server::SettingRows()) {
      rows.push_back({row.name, row.default_value, row.help, "serve"});
    }
    return rows;
  }();
  return kAll;
}

const SettingRow* FindRow(std::string_view name) {
  for (const SettingRow& row : AllRows()) {
    if (name == row.name) return &row;
  }
  return nullptr;
}

std::string AllNames() {
  std::vector<std::string_view> names;
  for (const SettingRow& row : AllRows()) names.push_back(row.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::span<const SettingRow> SettingRows() { return AllRows(); }

std::string OptionName(const SettingRow& row) {
  std::string name = row.name;
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

std::string EnvironmentName(const SettingRow& row) { return "CASSETTE_" + Upper(row.name); }

std::string SettingsTable(std::string_view command) {
  std::string table = "| setting | option | default | says |\n|---|---|---|---|\n";
  for (const SettingRow& row : AllRows()) {
    if (row.command != command) continue;
    const std::string value = row.default_value[0] == '\0' ? "" : fmt::format("`{}`", row.default_value);
    table += fmt::format("| `{}` | `{}` | {} | {} |\n", row.name, OptionName(row), value, row.help);
  }
  return table;
}

base::Result<Settings> Settings::Load(io::FileSystem& file_system, const std::string& config_path,
                                      const std::map<std::string, std::string>& given) {
  Settings settings;
  for (const SettingRow& row : AllRows()) settings.values_[row.name] = row.default_value;
  const char* const from_environment = std::getenv("CASSETTE_CONFIG");
  const std::string path = !config_path.empty() ? config_path : from_environment != nullptr ? from_environment : "";
  if (!path.empty()) {
    CASSETTE_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(file_system, path, kMaxConfigBytes));
    try {  // yaml-cpp reports by exception; they end here.
      const YAML::Node root = YAML::Load(text);
      if (!root.IsMap() && !root.IsNull())
        return base::InvalidArgument(fmt::format("{}:1: expected keys and values", path));
      for (const auto& entry : root) {
        const std::string key = entry.first.as<std::string>();
        const int line = entry.first.Mark().line + 1;
        if (FindRow(key) == nullptr) {
          return base::InvalidArgument(
              fmt::format("{}:{}: unknown key '{}'; allowed: {}", path, line, key, AllNames()));
        }
        if (!entry.second.IsScalar()) {
          return base::InvalidArgument(fmt::format("{}:{}: {} must be a single value", path, line, key));
        }
        settings.values_[key] = entry.second.as<std::string>();
      }
    } catch (const YAML::Exception& error) {
      return base::SyntaxError(
          fmt::format("{}:{}:{}: {}", path, error.mark.line + 1, error.mark.column + 1, error.msg));
    }
  }
  for (const SettingRow& row : AllRows()) {
    if (const char* value = std::getenv(EnvironmentName(row).c_str())) settings.values_[row.name] = value;
  }
  for (const auto& [name, value] : given) settings.values_[name] = value;
  return settings;
}

const std::string& Settings::Text(std::string_view name) const {
  const auto found = values_.find(name);
  CASSETTE_ASSERT(found != values_.end());
  return found->second;
}

base::Result<uint64_t> Settings::Bytes(std::string_view name) const {
  std::string text = Text(name);
  uint64_t factor = 1;
  if (!text.empty()) {
    const char unit = static_cast<char>(std::toupper(static_cast<unsigned char>(text.back())));
    factor = unit == 'K' ? 1ull << 10 : unit == 'M' ? 1ull << 20 : unit == 'G' ? 1ull << 30 : 1;
    if (factor != 1) text.pop_back();
  }
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > (1ull << 50) / factor) {
    return base::InvalidArgument(fmt::format("{}: '{}' is no size; write 256M, 64K or 1G", name, Text(name)));
  }
  return number * factor;
}

base::Result<uint64_t> Settings::Number(std::string_view name, uint64_t least, uint64_t most) const {
  const std::string& text = Text(name);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    return base::InvalidArgument(fmt::format("{}: '{}' must be a whole number from {} to {}", name, text, least, most));
  }
  return number;
}

}  // namespace cassette::cli
