// Decimal: a whole number divided by a power of ten, as the decimal type has it. What it computes is what
// java.math.BigDecimal does, scale of the result included.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "types/big_integer.h"

namespace cassette::types {

enum class RoundingMode : uint8_t { kHalfUp, kHalfEven, kDown };

// The value is unscaled * 10^-scale.
// Thread safety: a value; const methods may be called from many threads.
struct Decimal {
  BigInteger unscaled;
  int32_t scale = 0;

  // Decimal exponents whose plain digits would be longer than this are refused by operations that spell them out.
  static constexpr int64_t kMaxDigits = 100'000;

  Decimal() = default;
  explicit Decimal(BigInteger value, int32_t value_scale = 0) : unscaled(std::move(value)), scale(value_scale) {}
  // From the serialized form; no bytes are zero. REQUIRES: validates.
  static Decimal FromBytes(std::string_view bytes);
  // Digits with an optional sign, point and exponent. kInvalidArgument for anything else.
  static base::Result<Decimal> FromText(std::string_view text);
  // The shortest digits that give `value` back, as BigDecimal.valueOf. REQUIRES: finite.
  static Decimal FromDouble(double value);

  void AppendBytes(std::string* out) const;
  // As BigDecimal.toString: with an exponent where the scale is negative or the number small.
  std::string ToString() const;
  double ToDouble() const;
  // The whole part, cut. kInvalidArgument when it has more than kMaxDigits digits.
  base::Result<BigInteger> ToBigInteger() const;

  int64_t precision() const { return unscaled.digits(); }
  // Without trailing zeros; zero has scale 0.
  Decimal StripTrailingZeros() const;
  // With this scale, rounded where digits are lost. kInvalidArgument beyond kMaxDigits.
  base::Result<Decimal> WithScale(int64_t new_scale, RoundingMode mode) const;
  // At most `digits` digits.
  Decimal Rounded(int64_t digits, RoundingMode mode) const;
};

// Numerically: 1.0 equals 1.00.
int CompareDecimals(const Decimal& a, const Decimal& b);

// kInvalidArgument when the result would have more than Decimal::kMaxDigits digits.
base::Result<Decimal> Add(const Decimal& a, const Decimal& b);
base::Result<Decimal> Multiply(const Decimal& a, const Decimal& b);
// a / b with `scale` digits after the point. REQUIRES: b is not zero.
base::Result<Decimal> Divide(const Decimal& a, const Decimal& b, int64_t scale, RoundingMode mode);
// a - b * (the whole part of a / b). REQUIRES: b is not zero.
base::Result<Decimal> Remainder(const Decimal& a, const Decimal& b);

}  // namespace cassette::types
