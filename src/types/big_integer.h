// BigInteger: whole numbers of any size, as varint values and the digits of decimals need them. What it computes is
// what java.math.BigInteger does.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace cassette::types {

// Thread safety: a value; const methods may be called from many threads.
class BigInteger {
 public:
  BigInteger() = default;
  explicit BigInteger(int64_t value);

  // From big-endian two's complement, of any length; no bytes are zero.
  static BigInteger FromBytes(std::string_view bytes);
  // From decimal digits with an optional sign. kInvalidArgument for anything else.
  static base::Result<BigInteger> FromText(std::string_view text);
  static BigInteger PowerOfTen(uint32_t exponent);
  // The whole part. REQUIRES: finite.
  static BigInteger FromDouble(double value);

  // Shortest big-endian two's complement, one byte at least.
  void AppendBytes(std::string* out) const;
  std::string ToString() const;
  // The nearest double; infinite when it is too large.
  double ToDouble() const;
  // The low 64 bits, as Java's longValue.
  int64_t ToInt64() const;
  bool FitsInt64() const;

  bool is_zero() const { return limbs_.empty(); }
  bool is_negative() const { return negative_; }
  bool is_odd() const { return !limbs_.empty() && (limbs_[0] & 1) != 0; }
  // Bits of the magnitude; 0 for zero.
  size_t bit_length() const;
  // Decimal digits of the magnitude; 1 for zero.
  uint32_t digits() const;

  BigInteger operator-() const;
  BigInteger Abs() const { return negative_ ? -*this : *this; }
  friend BigInteger operator+(const BigInteger& a, const BigInteger& b);
  friend BigInteger operator-(const BigInteger& a, const BigInteger& b) { return a + -b; }
  friend BigInteger operator*(const BigInteger& a, const BigInteger& b);
  // Rounded towards zero; the remainder has the sign of `dividend`. `remainder` may be null.
  // REQUIRES: divisor is not zero.
  static BigInteger Divide(const BigInteger& dividend, const BigInteger& divisor, BigInteger* remainder);

  bool operator==(const BigInteger&) const = default;
  std::strong_ordering operator<=>(const BigInteger& other) const;

 private:
  // magnitude = magnitude * factor + addend.
  void MultiplyAdd(uint32_t factor, uint32_t addend);
  // magnitude /= divisor; returns the remainder.
  uint32_t DivideSmall(uint32_t divisor);
  void Trim();

  bool negative_ = false;
  std::vector<uint32_t> limbs_;  // Least significant first; the last is not zero.
};

}  // namespace cassette::types
