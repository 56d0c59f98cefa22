// Values of properties as Cassandra reads them (PropertyDefinitions): booleans, integers, doubles, maps.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "catalog/table_options.h"

namespace cassette::catalog {

base::Result<bool> ParseBoolean(std::string_view key, std::string_view value);
base::Result<int32_t> ParseInt(std::string_view key, std::string_view value);
base::Result<double> ParseDouble(std::string_view key, std::string_view value);
// kSyntaxError unless the property is a string (a map).
base::Status ExpectText(const Property& property);
base::Result<std::map<std::string, std::string>> ExpectMap(const Property& property);
// kSyntaxError for a name that `allowed` does not hold, or one that stands twice.
base::Status CheckPropertyNames(std::span<const Property> properties, const std::set<std::string_view>& allowed);
std::string LowerCase(std::string_view text);

}  // namespace cassette::catalog
