// The settings of a server, described once: the command line, the configuration file, --help, the reference page and
// system_views.settings come from this table. Cassandra's names where it has the setting.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "server/options.h"

namespace cassette::server {

struct SettingRow {
  const char* name;
  const char* default_value;
  const char* help;
  // kInvalidArgument names what is legal.
  base::Status (*apply)(std::string_view text, Options* options);
};

std::span<const SettingRow> SettingRows();

// `text_of` gives a setting's value by name. kInvalidArgument names the setting, its value and what is legal.
base::Result<Options> MakeOptions(const std::function<std::string(std::string_view)>& text_of);

}  // namespace cassette::server
