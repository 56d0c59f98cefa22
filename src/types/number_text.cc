#include "types/number_text.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace cassette::types {

namespace {

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && static_cast<uint8_t>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<uint8_t>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

// Of a number that from_chars found out of range: whether it is too large rather than too small.
template <typename Number>
bool IsTooLarge(std::string_view digits) {
  const size_t e = digits.find_first_of("eE");
  if (e != std::string_view::npos) {
    // Too many digits of exponent for a cast would be out of range as well; the sign tells which way, unless the
    // mantissa makes up for it, which from_chars would have found.
    return digits[e + 1] != '-';
  }
  return digits.substr(0, digits.find('.')).find_first_of("123456789") != std::string_view::npos;
}

template <typename Number>
bool ParseFloating(std::string_view text, Number* value) {
  text = TrimBlanks(text);
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
  if (text == "NaN") {
    *value = std::numeric_limits<Number>::quiet_NaN();
    return true;
  }
  Number magnitude = 0;
  if (text == "Infinity") {
    magnitude = std::numeric_limits<Number>::infinity();
  } else {
    if (text.empty() || (text[0] != '.' && (text[0] < '0' || text[0] > '9'))) return false;
    const char* text_end = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), text_end, magnitude);
    if (error == std::errc::invalid_argument) return false;
    const bool has_suffix = end + 1 == text_end && (*end == 'd' || *end == 'D' || *end == 'f' || *end == 'F');
    if (end != text_end && !has_suffix) return false;
    if (error == std::errc::result_out_of_range) {
      magnitude = IsTooLarge<Number>(text) ? std::numeric_limits<Number>::infinity() : Number{0};
    }
  }
  *value = negative ? -magnitude : magnitude;
  return true;
}

// The shortest digits "d.ddde+XX" taken apart and put together as Java does: plain between 10^-3 and 10^7.
template <typename Number>
void AppendFloating(Number value, std::string* out) {
  if (std::isnan(value)) {
    out->append("NaN");
    return;
  }
  if (std::signbit(value)) out->push_back('-');
  value = std::fabs(value);
  if (std::isinf(value)) {
    out->append("Infinity");
    return;
  }
  if (value == 0) {
    out->append("0.0");
    return;
  }
  char text[40];
  auto printed = std::to_chars(text, text + sizeof(text), value, std::chars_format::scientific);
  // One digit is enough for some subnormal numbers; Java gives the nearest two.
  if (text[1] == 'e' && value < std::numeric_limits<Number>::min()) {
    printed = std::to_chars(text, text + sizeof(text), value, std::chars_format::scientific, 1);
  }
  const std::string_view all(text, static_cast<size_t>(printed.ptr - text));
  const size_t e = all.find('e');
  int exponent = 0;
  const char* exponent_begin = all.data() + e + (all[e + 1] == '+' ? 2 : 1);
  std::from_chars(exponent_begin, printed.ptr, exponent);
  std::string digits(1, all[0]);
  if (e > 2) digits.append(all.substr(2, e - 2));
  const bool plain = exponent >= -3 && exponent < 7;
  if (plain && exponent < 0) digits.insert(0, static_cast<size_t>(-exponent), '0');
  const size_t whole = plain && exponent > 0 ? static_cast<size_t>(exponent) + 1 : 1;
  if (digits.size() < whole + 1) digits.append(whole + 1 - digits.size(), '0');
  out->append(digits, 0, whole);
  out->push_back('.');
  out->append(digits, whole);
  if (!plain) out->append("E").append(std::to_string(exponent));
}

}  // namespace

bool ParseInteger(std::string_view text, int64_t* value) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

bool ParseDouble(std::string_view text, double* value) { return ParseFloating(text, value); }

bool ParseFloat(std::string_view text, float* value) { return ParseFloating(text, value); }

void AppendDoubleText(double value, std::string* out) { AppendFloating(value, out); }

void AppendFloatText(float value, std::string* out) { AppendFloating(value, out); }

}  // namespace cassette::types
