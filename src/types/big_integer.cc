#include "types/big_integer.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/assert.h"

namespace cassette::types {

namespace {

using Limbs = std::vector<uint32_t>;

constexpr uint32_t kBillion = 1'000'000'000;

void TrimLimbs(Limbs* limbs) {
  while (!limbs->empty() && limbs->back() == 0) limbs->pop_back();
}

std::strong_ordering CompareMagnitudes(const Limbs& a, const Limbs& b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  for (size_t i = a.size(); i-- > 0;) {
    if (a[i] != b[i]) return a[i] <=> b[i];
  }
  return std::strong_ordering::equal;
}

Limbs AddMagnitudes(const Limbs& a, const Limbs& b) {
  const Limbs& longer = a.size() >= b.size() ? a : b;
  const Limbs& shorter = a.size() >= b.size() ? b : a;
  Limbs sum = longer;
  uint64_t carry = 0;
  for (size_t i = 0; i < sum.size() && (carry != 0 || i < shorter.size()); ++i) {
    carry += static_cast<uint64_t>(sum[i]) + (i < shorter.size() ? shorter[i] : 0);
    sum[i] = static_cast<uint32_t>(carry);
    carry >>= 32;
  }
  if (carry != 0) sum.push_back(static_cast<uint32_t>(carry));
  return sum;
}

// REQUIRES: a >= b.
Limbs SubtractMagnitudes(const Limbs& a, const Limbs& b) {
  Limbs difference = a;
  int64_t borrow = 0;
  for (size_t i = 0; i < difference.size() && (borrow != 0 || i < b.size()); ++i) {
    int64_t digit = static_cast<int64_t>(difference[i]) - (i < b.size() ? b[i] : 0) - borrow;
    borrow = digit < 0 ? 1 : 0;
    if (digit < 0) digit += int64_t{1} << 32;
    difference[i] = static_cast<uint32_t>(digit);
  }
  CASSETTE_ASSERT(borrow == 0);
  TrimLimbs(&difference);
  return difference;
}

Limbs ShiftLeft(const Limbs& limbs, int bits) {
  Limbs result(limbs.size() + 1, 0);
  for (size_t i = 0; i < limbs.size(); ++i) {
    const uint64_t wide = static_cast<uint64_t>(limbs[i]) << bits;
    result[i] |= static_cast<uint32_t>(wide);
    result[i + 1] = static_cast<uint32_t>(wide >> 32);
  }
  return result;
}

Limbs ShiftRight(const Limbs& limbs, int bits) {
  Limbs result(limbs.size(), 0);
  for (size_t i = 0; i < limbs.size(); ++i) {
    const uint64_t high = i + 1 < limbs.size() ? limbs[i + 1] : 0;
    result[i] = static_cast<uint32_t>(((high << 32) | limbs[i]) >> bits);
  }
  TrimLimbs(&result);
  return result;
}

// One digit of the quotient (Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D, steps D3 to D6):
// subtracts digit * v from u[j..], which is left below v, and returns the digit.
uint32_t DivideStep(Limbs* u, const Limbs& v, size_t j) {
  const size_t n = v.size();
  const uint64_t top = (static_cast<uint64_t>((*u)[j + n]) << 32) | (*u)[j + n - 1];
  uint64_t digit = top / v[n - 1];
  uint64_t rest = top % v[n - 1];
  while (digit >> 32 != 0 || digit * v[n - 2] > ((rest << 32) | (*u)[j + n - 2])) {
    --digit;
    rest += v[n - 1];
    if (rest >> 32 != 0) break;
  }
  int64_t borrow = 0;
  uint64_t carry = 0;
  for (size_t i = 0; i < n; ++i) {
    carry += digit * v[i];
    const int64_t difference = static_cast<int64_t>((*u)[i + j]) - static_cast<int64_t>(carry & 0xffffffff) + borrow;
    (*u)[i + j] = static_cast<uint32_t>(difference);
    borrow = difference >> 32;
    carry >>= 32;
  }
  const int64_t last = static_cast<int64_t>((*u)[j + n]) - static_cast<int64_t>(carry) + borrow;
  (*u)[j + n] = static_cast<uint32_t>(last);
  if (last >= 0) return static_cast<uint32_t>(digit);
  uint64_t add_carry = 0;
  for (size_t i = 0; i < n; ++i) {
    add_carry += static_cast<uint64_t>((*u)[i + j]) + v[i];
    (*u)[i + j] = static_cast<uint32_t>(add_carry);
    add_carry >>= 32;
  }
  (*u)[j + n] += static_cast<uint32_t>(add_carry);
  return static_cast<uint32_t>(digit - 1);
}

}  // namespace

BigInteger::BigInteger(int64_t value) : negative_(value < 0) {
  uint64_t magnitude = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  for (; magnitude != 0; magnitude >>= 32) limbs_.push_back(static_cast<uint32_t>(magnitude));
}

void BigInteger::Trim() {
  TrimLimbs(&limbs_);
  if (limbs_.empty()) negative_ = false;
}

BigInteger BigInteger::FromBytes(std::string_view bytes) {
  BigInteger result;
  result.negative_ = !bytes.empty() && static_cast<uint8_t>(bytes[0]) >= 0x80;
  result.limbs_.assign((bytes.size() + 3) / 4, 0);
  const uint8_t invert = result.negative_ ? 0xff : 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const uint8_t byte = static_cast<uint8_t>(bytes[bytes.size() - 1 - i]) ^ invert;
    result.limbs_[i / 4] |= static_cast<uint32_t>(byte) << (8 * (i % 4));
  }
  TrimLimbs(&result.limbs_);
  if (result.negative_) result.limbs_ = AddMagnitudes(result.limbs_, {1});  // Two's complement: inverted, plus one.
  result.Trim();
  return result;
}

base::Result<BigInteger> BigInteger::FromText(std::string_view text) {
  std::string_view digits = text;
  const bool negative = !digits.empty() && digits[0] == '-';
  if (negative || (!digits.empty() && digits[0] == '+')) digits.remove_prefix(1);
  if (digits.empty()) return base::InvalidArgument("Zero length BigInteger");
  BigInteger result;
  for (size_t i = 0; i < digits.size();) {
    uint32_t chunk = 0;
    uint32_t scale = 1;
    for (; i < digits.size() && scale < kBillion; ++i, scale *= 10) {
      if (digits[i] < '0' || digits[i] > '9') {
        return base::InvalidArgument("For input string: \"" + std::string(text) + "\"");
      }
      chunk = chunk * 10 + static_cast<uint32_t>(digits[i] - '0');
    }
    result.MultiplyAdd(scale, chunk);
  }
  result.negative_ = negative;
  result.Trim();
  return result;
}

BigInteger BigInteger::PowerOfTen(uint32_t exponent) {
  BigInteger result(1);
  BigInteger square(10);
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = result * square;
    if (exponent > 1) square = square * square;
  }
  return result;
}

BigInteger BigInteger::FromDouble(double value) {
  CASSETTE_ASSERT(std::isfinite(value));
  int exponent = 0;
  const double fraction = std::frexp(std::trunc(value), &exponent);
  const int64_t mantissa = static_cast<int64_t>(std::ldexp(fraction, 53));
  BigInteger result(mantissa);
  int shift = exponent - 53;
  if (shift <= 0) return BigInteger(static_cast<int64_t>(value));
  for (; shift >= 31; shift -= 31) result.MultiplyAdd(uint32_t{1} << 31, 0);
  result.MultiplyAdd(uint32_t{1} << shift, 0);
  return result;
}

void BigInteger::MultiplyAdd(uint32_t factor, uint32_t addend) {
  uint64_t carry = addend;
  for (uint32_t& limb : limbs_) {
    carry += static_cast<uint64_t>(limb) * factor;
    limb = static_cast<uint32_t>(carry);
    carry >>= 32;
  }
  if (carry != 0) limbs_.push_back(static_cast<uint32_t>(carry));
}

uint32_t BigInteger::DivideSmall(uint32_t divisor) {
  uint64_t rest = 0;
  for (size_t i = limbs_.size(); i-- > 0;) {
    rest = (rest << 32) | limbs_[i];
    limbs_[i] = static_cast<uint32_t>(rest / divisor);
    rest %= divisor;
  }
  Trim();
  return static_cast<uint32_t>(rest);
}

void BigInteger::AppendBytes(std::string* out) const {
  // Of a negative number, the bits of magnitude - 1 inverted.
  const Limbs bits = negative_ ? SubtractMagnitudes(limbs_, {1}) : limbs_;
  const char invert = negative_ ? '\xff' : '\0';
  const size_t length = bits.empty() ? 0 : (bits.size() - 1) * 32 + std::bit_width(bits.back());
  for (size_t i = length / 8 + 1; i-- > 0;) {  // One bit more, for the sign.
    const uint32_t limb = i / 4 < bits.size() ? bits[i / 4] : 0;
    out->push_back(static_cast<char>(static_cast<char>(limb >> (8 * (i % 4))) ^ invert));
  }
}

std::string BigInteger::ToString() const {
  if (is_zero()) return "0";
  std::string reversed;
  for (BigInteger rest = *this; !rest.is_zero();) {
    uint32_t chunk = rest.DivideSmall(kBillion);
    for (int i = 0; i < 9 && (chunk != 0 || !rest.is_zero()); ++i, chunk /= 10) {
      reversed.push_back(static_cast<char>('0' + chunk % 10));
    }
  }
  if (negative_) reversed.push_back('-');
  std::reverse(reversed.begin(), reversed.end());
  return reversed;
}

size_t BigInteger::bit_length() const {
  return limbs_.empty() ? 0 : (limbs_.size() - 1) * 32 + static_cast<size_t>(std::bit_width(limbs_.back()));
}

uint32_t BigInteger::digits() const {
  if (FitsInt64()) {
    uint32_t count = 1;
    for (uint64_t rest = static_cast<uint64_t>(Abs().ToInt64()); rest >= 10; rest /= 10) ++count;
    return count;
  }
  // The estimate from the bits is right or one too small.
  const uint32_t estimate = static_cast<uint32_t>(static_cast<double>(bit_length() - 1) * 0.30102999566398119521) + 1;
  return Abs() < PowerOfTen(estimate) ? estimate : estimate + 1;
}

double BigInteger::ToDouble() const {
  const size_t length = bit_length();
  if (length > 1024) return negative_ ? -HUGE_VAL : HUGE_VAL;
  // The top 64 bits, the lowest of which says whether anything below them is set: one rounding, to the nearest even.
  const size_t shift = length > 64 ? length - 64 : 0;
  uint64_t top = 0;
  for (size_t i = 0; i < limbs_.size(); ++i) {
    const int64_t position = static_cast<int64_t>(i * 32) - static_cast<int64_t>(shift);
    if (position >= 0) {
      top |= static_cast<uint64_t>(limbs_[i]) << position;
    } else if (position > -32) {
      top |= static_cast<uint64_t>(limbs_[i]) >> -position;
      if ((limbs_[i] & ((uint32_t{1} << -position) - 1)) != 0) top |= 1;
    } else if (limbs_[i] != 0) {
      top |= 1;
    }
  }
  const double magnitude = std::ldexp(static_cast<double>(top), static_cast<int>(shift));
  return negative_ ? -magnitude : magnitude;
}

int64_t BigInteger::ToInt64() const {
  uint64_t magnitude = 0;
  for (size_t i = 0; i < limbs_.size() && i < 2; ++i) magnitude |= static_cast<uint64_t>(limbs_[i]) << (32 * i);
  return static_cast<int64_t>(negative_ ? 0 - magnitude : magnitude);
}

bool BigInteger::FitsInt64() const {
  if (limbs_.size() > 2) return false;
  return is_zero() || (ToInt64() < 0) == negative_;
}

BigInteger BigInteger::operator-() const {
  BigInteger result = *this;
  if (!is_zero()) result.negative_ = !negative_;
  return result;
}

BigInteger operator+(const BigInteger& a, const BigInteger& b) {
  BigInteger result;
  if (a.negative_ == b.negative_) {
    result.negative_ = a.negative_;
    result.limbs_ = AddMagnitudes(a.limbs_, b.limbs_);
  } else if (CompareMagnitudes(a.limbs_, b.limbs_) >= 0) {
    result.negative_ = a.negative_;
    result.limbs_ = SubtractMagnitudes(a.limbs_, b.limbs_);
  } else {
    result.negative_ = b.negative_;
    result.limbs_ = SubtractMagnitudes(b.limbs_, a.limbs_);
  }
  result.Trim();
  return result;
}

BigInteger operator*(const BigInteger& a, const BigInteger& b) {
  BigInteger result;
  result.negative_ = a.negative_ != b.negative_;
  result.limbs_.assign(a.limbs_.size() + b.limbs_.size(), 0);
  for (size_t i = 0; i < a.limbs_.size(); ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < b.limbs_.size(); ++j) {
      carry += static_cast<uint64_t>(a.limbs_[i]) * b.limbs_[j] + result.limbs_[i + j];
      result.limbs_[i + j] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    result.limbs_[i + b.limbs_.size()] = static_cast<uint32_t>(carry);
  }
  result.Trim();
  return result;
}

BigInteger BigInteger::Divide(const BigInteger& dividend, const BigInteger& divisor, BigInteger* remainder) {
  CASSETTE_ASSERT(!divisor.is_zero());
  BigInteger quotient;
  BigInteger rest;
  if (CompareMagnitudes(dividend.limbs_, divisor.limbs_) < 0) {
    rest = dividend;
  } else if (divisor.limbs_.size() == 1) {
    quotient = dividend;
    const uint32_t small_rest = quotient.DivideSmall(divisor.limbs_[0]);
    if (small_rest != 0) rest.limbs_.push_back(small_rest);
  } else {
    const int shift = std::countl_zero(divisor.limbs_.back());
    Limbs v = ShiftLeft(divisor.limbs_, shift);
    TrimLimbs(&v);
    Limbs u = ShiftLeft(dividend.limbs_, shift);
    quotient.limbs_.assign(u.size() - v.size(), 0);
    for (size_t j = u.size() - v.size(); j-- > 0;) quotient.limbs_[j] = DivideStep(&u, v, j);
    u.resize(v.size());
    rest.limbs_ = ShiftRight(u, shift);
  }
  quotient.negative_ = dividend.negative_ != divisor.negative_;
  rest.negative_ = dividend.negative_;
  quotient.Trim();
  rest.Trim();
  if (remainder != nullptr) *remainder = std::move(rest);
  return quotient;
}

std::strong_ordering BigInteger::operator<=>(const BigInteger& other) const {
  if (negative_ != other.negative_) return negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
  return negative_ ? CompareMagnitudes(other.limbs_, limbs_) : CompareMagnitudes(limbs_, other.limbs_);
}

}  // namespace cassette::types
