#include "types/decimal.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "codec/fixed.h"
#include "types/number_text.h"

namespace cassette::types {

namespace {

base::Status TooManyDigits() {
  return base::InvalidArgument("A decimal of more than " + std::to_string(Decimal::kMaxDigits) + " digits");
}

base::Status NotADecimal(std::string_view text) {
  return base::InvalidArgument("unable to make BigDecimal from '" + std::string(text) + "'");
}

bool FitsScale(int64_t scale) {
  return scale >= std::numeric_limits<int32_t>::min() && scale <= std::numeric_limits<int32_t>::max();
}

// Whether the quotient's magnitude grows by one, given the remainder.
bool RoundsUp(const BigInteger& quotient, const BigInteger& remainder, const BigInteger& divisor, RoundingMode mode) {
  if (mode == RoundingMode::kDown || remainder.is_zero()) return false;
  const BigInteger twice = remainder.Abs() + remainder.Abs();
  const std::strong_ordering order = twice <=> divisor.Abs();
  if (order == 0) return mode == RoundingMode::kHalfUp || quotient.is_odd();
  return order > 0;
}

BigInteger DivideRounded(const BigInteger& dividend, const BigInteger& divisor, RoundingMode mode) {
  BigInteger remainder;
  BigInteger quotient = BigInteger::Divide(dividend, divisor, &remainder);
  if (!RoundsUp(quotient, remainder, divisor, mode)) return quotient;
  return quotient + BigInteger(dividend.is_negative() != divisor.is_negative() ? -1 : 1);
}

// The same scale for both, the larger one.
base::Status Align(Decimal* a, Decimal* b) {
  const int64_t scale = std::max(a->scale, b->scale);
  for (Decimal* decimal : {a, b}) {
    CASSETTE_ASSIGN_OR_RETURN(*decimal, decimal->WithScale(scale, RoundingMode::kDown));
  }
  return base::Status::Ok();
}

}  // namespace

Decimal Decimal::FromBytes(std::string_view bytes) {
  if (bytes.empty()) return Decimal();
  CASSETTE_ASSERT(bytes.size() >= 4);
  return Decimal(BigInteger::FromBytes(bytes.substr(4)), static_cast<int32_t>(codec::LoadBig<uint32_t>(bytes.data())));
}

base::Result<Decimal> Decimal::FromText(std::string_view text) {
  std::string_view mantissa = text;
  int64_t exponent = 0;
  const size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    std::string_view digits = text.substr(e + 1);
    mantissa = text.substr(0, e);
    if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
    if (digits.empty() || digits[0] == '+') return NotADecimal(text);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (error != std::errc() || end != digits.data() + digits.size() || !FitsScale(exponent)) return NotADecimal(text);
  }
  std::string digits(mantissa);
  const size_t point = digits.find('.');
  int64_t scale = 0;
  if (point != std::string::npos) {
    scale = static_cast<int64_t>(digits.size() - point - 1);
    digits.erase(point, 1);
  }
  base::Result<BigInteger> unscaled = BigInteger::FromText(digits);
  if (!unscaled.ok() || !FitsScale(scale - exponent)) return NotADecimal(text);
  return Decimal(*std::move(unscaled), static_cast<int32_t>(scale - exponent));
}

Decimal Decimal::FromDouble(double value) {
  CASSETTE_ASSERT(std::isfinite(value));
  std::string text;
  AppendDoubleText(value, &text);
  base::Result<Decimal> result = FromText(text);
  CASSETTE_ASSERT(result.ok());
  return *std::move(result);
}

void Decimal::AppendBytes(std::string* out) const {
  codec::AppendBig<uint32_t>(static_cast<uint32_t>(scale), out);
  unscaled.AppendBytes(out);
}

std::string Decimal::ToString() const {
  std::string digits = unscaled.Abs().ToString();
  const std::string sign = unscaled.is_negative() ? "-" : "";
  const int64_t adjusted = static_cast<int64_t>(digits.size()) - 1 - scale;
  if (scale >= 0 && adjusted >= -6) {
    if (scale == 0) return sign + digits;
    const size_t fraction = static_cast<size_t>(scale);
    if (digits.size() <= fraction) digits.insert(0, fraction + 1 - digits.size(), '0');
    digits.insert(digits.size() - fraction, 1, '.');
    return sign + digits;
  }
  if (digits.size() > 1) digits.insert(1, 1, '.');
  std::string result = sign + digits;
  if (adjusted != 0) result += std::string(adjusted > 0 ? "E+" : "E") + std::to_string(adjusted);
  return result;
}

double Decimal::ToDouble() const {
  const std::string text = unscaled.ToString() + "e" + std::to_string(-static_cast<int64_t>(scale));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  const bool huge = precision() - scale > 0;
  const double magnitude = huge ? std::numeric_limits<double>::infinity() : 0.0;
  return unscaled.is_negative() ? -magnitude : magnitude;
}

base::Result<BigInteger> Decimal::ToBigInteger() const {
  CASSETTE_ASSIGN_OR_RETURN(Decimal whole, WithScale(0, RoundingMode::kDown));
  return std::move(whole.unscaled);
}

Decimal Decimal::StripTrailingZeros() const {
  if (unscaled.is_zero()) return Decimal();
  Decimal result = *this;
  const BigInteger ten(10);
  while (result.scale > std::numeric_limits<int32_t>::min()) {
    BigInteger remainder;
    BigInteger quotient = BigInteger::Divide(result.unscaled, ten, &remainder);
    if (!remainder.is_zero()) break;
    result.unscaled = std::move(quotient);
    --result.scale;
  }
  return result;
}

base::Result<Decimal> Decimal::WithScale(int64_t new_scale, RoundingMode mode) const {
  if (new_scale == scale) return *this;
  if (!FitsScale(new_scale)) return TooManyDigits();
  const int32_t narrow = static_cast<int32_t>(new_scale);
  if (unscaled.is_zero()) return Decimal(BigInteger(), narrow);
  const int64_t growth = new_scale - scale;
  if (growth > 0) {
    if (growth + precision() > kMaxDigits) return TooManyDigits();
    return Decimal(unscaled * BigInteger::PowerOfTen(static_cast<uint32_t>(growth)), narrow);
  }
  // All digits and more are lost: below a tenth of a half, so that it rounds to zero.
  if (-growth > precision() + 1) return Decimal(BigInteger(), narrow);
  return Decimal(DivideRounded(unscaled, BigInteger::PowerOfTen(static_cast<uint32_t>(-growth)), mode), narrow);
}

Decimal Decimal::Rounded(int64_t digits, RoundingMode mode) const {
  Decimal result = *this;
  // Twice at most: rounding 99.9 up to 100 adds a digit.
  for (int64_t excess = result.precision() - digits; excess > 0; excess = result.precision() - digits) {
    base::Result<Decimal> rounded = result.WithScale(result.scale - excess, mode);
    if (!rounded.ok()) break;
    result = *std::move(rounded);
  }
  return result;
}

int CompareDecimals(const Decimal& a, const Decimal& b) {
  const int sign_a = a.unscaled.is_zero() ? 0 : a.unscaled.is_negative() ? -1 : 1;
  const int sign_b = b.unscaled.is_zero() ? 0 : b.unscaled.is_negative() ? -1 : 1;
  if (sign_a != sign_b) return sign_a < sign_b ? -1 : 1;
  if (sign_a == 0) return 0;
  // The power of ten of the first digit decides, else the digits.
  const int64_t magnitude_a = a.precision() - a.scale;
  const int64_t magnitude_b = b.precision() - b.scale;
  if (magnitude_a != magnitude_b) return (magnitude_a < magnitude_b ? -1 : 1) * sign_a;
  const int64_t precision_a = a.precision();
  const int64_t precision_b = b.precision();
  const uint32_t shift = static_cast<uint32_t>(std::abs(precision_a - precision_b));
  const BigInteger power = BigInteger::PowerOfTen(shift);
  const std::strong_ordering order =
      precision_a < precision_b ? a.unscaled * power <=> b.unscaled : a.unscaled <=> b.unscaled * power;
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

base::Result<Decimal> Add(const Decimal& a, const Decimal& b) {
  Decimal left = a;
  Decimal right = b;
  CASSETTE_RETURN_IF_ERROR(Align(&left, &right));
  return Decimal(left.unscaled + right.unscaled, left.scale);
}

base::Result<Decimal> Multiply(const Decimal& a, const Decimal& b) {
  const int64_t scale = static_cast<int64_t>(a.scale) + b.scale;
  if (!FitsScale(scale) || a.precision() + b.precision() > Decimal::kMaxDigits) return TooManyDigits();
  return Decimal(a.unscaled * b.unscaled, static_cast<int32_t>(scale));
}

base::Result<Decimal> Divide(const Decimal& a, const Decimal& b, int64_t scale, RoundingMode mode) {
  CASSETTE_ASSERT(!b.unscaled.is_zero());
  if (!FitsScale(scale)) return TooManyDigits();
  // a / b * 10^scale = (ua / ub) * 10^(scale - sa + sb).
  const int64_t power = scale - a.scale + b.scale;
  if (std::abs(power) + a.precision() + b.precision() > Decimal::kMaxDigits) return TooManyDigits();
  const BigInteger factor = BigInteger::PowerOfTen(static_cast<uint32_t>(std::abs(power)));
  BigInteger quotient = power >= 0 ? DivideRounded(a.unscaled * factor, b.unscaled, mode)
                                   : DivideRounded(a.unscaled, b.unscaled * factor, mode);
  return Decimal(std::move(quotient), static_cast<int32_t>(scale));
}

base::Result<Decimal> Remainder(const Decimal& a, const Decimal& b) {
  CASSETTE_ASSERT(!b.unscaled.is_zero());
  Decimal left = a;
  Decimal right = b;
  CASSETTE_RETURN_IF_ERROR(Align(&left, &right));
  BigInteger remainder;
  BigInteger::Divide(left.unscaled, right.unscaled, &remainder);
  return Decimal(std::move(remainder), left.scale);
}

}  // namespace cassette::types
