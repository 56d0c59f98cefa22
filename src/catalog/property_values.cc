#include "catalog/property_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>

namespace cassette::catalog {

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

base::Result<bool> ParseBoolean(std::string_view key, std::string_view value) {
  const std::string lower = LowerCase(value);
  if (lower == "1" || lower == "true" || lower == "yes") return true;
  if (lower == "0" || lower == "false" || lower == "no") return false;
  return base::SyntaxError(
      fmt::format("Invalid boolean value {} for '{}'. Positive values can be '1', 'true' or 'yes'. "
                  "Negative values can be '0', 'false' or 'no'.",
                  value, key));
}

base::Result<int32_t> ParseInt(std::string_view key, std::string_view value) {
  int32_t number = 0;
  const char* begin = value.data();
  const char* end = begin + value.size();
  if (begin != end && *begin == '+') ++begin;
  const auto [stop, error] = std::from_chars(begin, end, number);
  if (error != std::errc() || stop != end || begin == end) {
    return base::SyntaxError(fmt::format("Invalid integer value {} for '{}'", value, key));
  }
  return number;
}

base::Result<double> ParseDouble(std::string_view key, std::string_view value) {
  const std::string text(value);
  char* stop = nullptr;
  const double number = std::strtod(text.c_str(), &stop);
  if (text.empty() || stop != text.c_str() + text.size()) {
    return base::SyntaxError(fmt::format("Invalid double value {} for '{}'", value, key));
  }
  return number;
}

base::Status ExpectText(const Property& property) {
  if (!property.is_map) return base::Status::Ok();
  return base::SyntaxError(fmt::format("Invalid value for property '{}'. It should be a string", property.name));
}

base::Result<std::map<std::string, std::string>> ExpectMap(const Property& property) {
  if (!property.is_map) {
    return base::SyntaxError(fmt::format("Invalid value for property '{}'. It should be a map.", property.name));
  }
  return std::map<std::string, std::string>(property.map.begin(), property.map.end());
}

base::Status CheckPropertyNames(std::span<const Property> properties, const std::set<std::string_view>& allowed) {
  std::set<std::string_view> seen;
  for (const Property& property : properties) {
    if (!seen.insert(property.name).second) {
      return base::SyntaxError(fmt::format("Multiple definitions for property '{}'", property.name));
    }
    if (!allowed.contains(property.name)) {
      return base::SyntaxError(fmt::format("Unknown property '{}'", property.name));
    }
  }
  return base::Status::Ok();
}

}  // namespace cassette::catalog
