#include "pipeline/quality.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "types/text.h"

namespace cassette::pipeline {

namespace {

constexpr std::string_view kNoBreakSpace = "\xc2\xa0";

bool IsAsciiBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

double PowerOfTen(int exponent) {
  static constexpr double kPowers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
  return exponent >= 0 && exponent < std::ssize(kPowers) ? kPowers[exponent] : std::pow(10.0, exponent);
}

// Undoes one encoding: two-byte sequences of U+0080 to U+00FF become one byte; anything higher was never Latin-1.
bool IsUtf8OnceUndone(std::string_view text) {
  std::string undone;
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      undone.push_back(text[i]);
      continue;
    }
    if ((lead != 0xc2 && lead != 0xc3) || i + 1 == text.size()) return false;
    undone.push_back(static_cast<char>(((lead & 3) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3f)));
  }
  return types::IsUtf8(undone);
}

}  // namespace

size_t ExponentAt(std::string_view text) {
  return static_cast<size_t>(std::find_if(text.begin(), text.end(), [](char c) { return c == 'e' || c == 'E'; }) -
                             text.begin());
}

bool LostPrecision(std::string_view text, double* error) {
  const size_t exponent_at = ExponentAt(text);
  if (exponent_at == text.size()) return false;
  std::string_view exponent_text = text.substr(exponent_at + 1);
  if (exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
  int exponent = 0;
  const char* const exponent_end = exponent_text.data() + exponent_text.size();
  const auto parsed = std::from_chars(exponent_text.data(), exponent_end, exponent);
  if (parsed.ec != std::errc() || parsed.ptr != exponent_end) return false;
  const std::string_view mantissa = text.substr(0, exponent_at);
  const size_t point = mantissa.find('.');
  const int decimals = point == std::string_view::npos ? 0 : static_cast<int>(mantissa.size() - point - 1);
  if (exponent <= decimals) return false;
  *error = 0.5 * PowerOfTen(exponent - decimals);
  return true;
}

bool IsEncodedTwice(std::string_view text) { return !types::IsAscii(text) && IsUtf8OnceUndone(text); }

bool HasBlanksAround(std::string_view text) {
  // ASCII blanks, and the no-break space that web forms leave.
  if (text.empty()) return false;
  return IsAsciiBlank(text.front()) || IsAsciiBlank(text.back()) || text.starts_with(kNoBreakSpace) ||
         text.ends_with(kNoBreakSpace);
}

bool IsRoundedAsDouble(std::string_view text, double value) {
  if (std::abs(value) < 0x1.0p53) return false;
  const size_t digits_at = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  if (text.find_first_not_of("0123456789", digits_at) != std::string_view::npos) return false;
  std::string_view digits = text.substr(digits_at);
  while (digits.starts_with('0')) digits.remove_prefix(1);
  return fmt::format("{:.0f}", std::abs(value)) != digits;
}

void QualityCount::AddError(double other) { error = error == 0 ? other : std::min(error, other); }

void QualityCount::Merge(const QualityCount& other) {
  if (first_place.empty() || (!other.first_place.empty() && other.first_place < first_place)) {
    first_place = other.first_place;
    first_value = other.first_value;
  }
  cells += other.cells;
  if (other.error > 0) AddError(other.error);
  for (const std::string& value : other.distinct_values) {
    if (distinct_values.size() < kMaxDistinct) distinct_values.insert(value);
  }
}

void Quality::Merge(const Quality& other) {
  for (const auto& [key, count] : other.counts_) counts_[key].Merge(count);
}

std::vector<std::string> Quality::Sentences() const {
  std::vector<std::string> sentences;
  for (const auto& [key, count] : counts_) {
    const auto& [kind, column] = key;
    const std::string where = fmt::format("first '{}' at {}", count.first_value, count.first_place);
    switch (kind) {
      case QualityKind::kLostPrecision:
        sentences.push_back(fmt::format(
            "{}: {} numbers lost precision on the way ({} distinct values, off by up to {:.0f} s); they can "
            "order and key nothing; {}",
            column, count.cells, count.distinct_values.size(), count.error / 1000, where));
        break;
      case QualityKind::kEncodedTwice:
        sentences.push_back(
            fmt::format("{}: {} texts were encoded to UTF-8 more than once; {}", column, count.cells, where));
        break;
      case QualityKind::kBlanksAround:
        sentences.push_back(fmt::format("{}: {} texts have blanks around them; {}", column, count.cells, where));
        break;
      case QualityKind::kRoundedInteger:
        sentences.push_back(
            fmt::format("{}: {} integers beyond 2^53 cannot be held exactly in a double and were rounded; {}", column,
                        count.cells, where));
        break;
    }
  }
  return sentences;
}

std::string_view QualityName(QualityKind kind) {
  switch (kind) {
    case QualityKind::kLostPrecision:
      return "lost_precision";
    case QualityKind::kEncodedTwice:
      return "encoded_twice";
    case QualityKind::kBlanksAround:
      return "blanks_around";
    case QualityKind::kRoundedInteger:
      return "rounded_integer";
  }
  return "";
}

}  // namespace cassette::pipeline
