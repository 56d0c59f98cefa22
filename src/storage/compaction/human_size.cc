#include "storage/compaction/human_size.h"

#include <charconv>
#include <cmath>

namespace cassette::storage::compaction {
namespace {

constexpr std::string_view kPrefixes = "qryzafpnum KMGTPEZYRQ";
constexpr int kNoPrefix = 10;  // Its index of the blank.

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Takes a number from the front.
std::optional<double> TakeNumber(std::string_view* text) {
  std::string_view digits = *text;
  if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || std::isnan(value)) return std::nullopt;
  *text = digits.substr(static_cast<size_t>(end - digits.data()));
  return value;
}

}  // namespace

std::optional<double> ParseBytes(std::string_view text) {
  if (!text.ends_with('B')) return std::nullopt;
  text.remove_suffix(1);
  std::optional<double> value = TakeNumber(&text);
  if (!value) return std::nullopt;
  while (!text.empty() && IsBlank(text[0])) text.remove_prefix(1);
  if (text.empty()) return value;
  const size_t index = kPrefixes.find(text[0]);
  if (index == std::string_view::npos) return std::nullopt;
  const int power = static_cast<int>(index) - kNoPrefix;
  text.remove_prefix(1);
  if (text.empty()) return *value * std::pow(1000.0, power);
  return text == "i" ? std::optional<double>(std::ldexp(*value, 10 * power)) : std::nullopt;
}

std::optional<double> ParsePercent(std::string_view text) {
  const bool is_percent = text.ends_with('%');
  if (is_percent) text.remove_suffix(1);
  const std::optional<double> value = TakeNumber(&text);
  if (!value || !text.empty()) return std::nullopt;
  return is_percent ? *value / 100 : *value;
}

}  // namespace cassette::storage::compaction
