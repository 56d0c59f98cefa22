#include "storage/compaction/option_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace cassette::storage::compaction {

OptionReader::OptionReader(const Options& options) : options_(options) {
  for (const auto& [name, value] : options) unread_.insert(name);
}

const std::string* OptionReader::Take(std::string_view name) {
  unread_.erase(std::string(name));
  const auto option = options_.find(std::string(name));
  return option == options_.end() ? nullptr : &option->second;
}

base::Result<bool> OptionReader::TakeBool(std::string_view name, bool otherwise) {
  const std::string* text = Take(name);
  if (text == nullptr) return otherwise;
  std::string lower = *text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (lower == "true") return true;
  if (lower == "false") return false;
  return base::ConfigError(fmt::format("'{}' should be either 'true' or 'false', not '{}'", name, *text));
}

base::Result<int64_t> OptionReader::TakeInt(std::string_view name, int64_t otherwise, int64_t max) {
  const std::string* text = Take(name);
  if (text == nullptr) return otherwise;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value > max || value < -max - 1) {
    return base::ConfigError(fmt::format("{} is not a parsable int (base10) for {}", *text, name));
  }
  return value;
}

base::Result<int64_t> OptionReader::TakePositiveInt(std::string_view name, int64_t otherwise) {
  CASSETTE_ASSIGN_OR_RETURN(const int64_t value, TakeInt(name, otherwise, INT32_MAX));
  if (value < 1) return base::ConfigError(fmt::format("{} must be larger than 0, but was {}", name, value));
  return value;
}

base::Result<double> OptionReader::TakeDouble(std::string_view name, double otherwise) {
  const std::string* text = Take(name);
  if (text == nullptr) return otherwise;
  char* end = nullptr;
  const double value = std::strtod(text->c_str(), &end);
  if (text->empty() || end != text->c_str() + text->size() || std::isnan(value)) {
    return base::ConfigError(fmt::format("{} is not a parsable float for {}", *text, name));
  }
  return value;
}

base::Status OptionReader::Finish(std::string_view class_name) const {
  if (unread_.empty()) return base::Status::Ok();
  return base::ConfigError(
      fmt::format("Properties specified [{}] are not understood by {}", fmt::join(unread_, ", "), class_name));
}

}  // namespace cassette::storage::compaction
