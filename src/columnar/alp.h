// ALP: doubles that were decimal numbers once, as integers again (Afroozeh, Kuffo, Boncz: "ALP: Adaptive Lossless
// floating-Point Compression", SIGMOD 2024). A scheme turns a double into digits by a multiplication and back by
// another, and where that does not give the very same bits, the double is an exception.
//
// Thread safety: free functions.
#pragma once

#include <cstdint>
#include <optional>

namespace cassette::columnar {

// How digits and doubles belong together. The number is on disk: DO NOT CHANGE.
//   0                       digits are the double's integer value
//   e * (e + 1) / 2 + f     digits = x * 10^e * 10^-f,  x = digits * 10^f * 10^-e;  1 <= e <= 18, 0 <= f < e
//   200 + p                 digits = x * 10^p,          x = digits / 10^p;          1 <= p <= 22
// A quotient of two exact numbers is the double nearest to the decimal, so the last kind has no exceptions among true
// decimals; division is slower to decode, so it comes into play only where the multiplications fail.
class AlpScheme {
 public:
  static constexpr uint32_t kMaxExponent = 18;
  static constexpr uint32_t kMaxDivisions = 22;  // 10^22 is the largest power of ten that is a double.
  static constexpr uint8_t kFirstDivision = 200;

  static AlpScheme Integers() { return AlpScheme(0); }
  // REQUIRES: exponent <= kMaxExponent, factor < exponent.
  static AlpScheme Multiply(uint32_t exponent, uint32_t factor);
  // REQUIRES: 1 <= decimals <= kMaxDivisions.
  static AlpScheme Divide(uint32_t decimals) { return AlpScheme(static_cast<uint8_t>(kFirstDivision + decimals)); }
  // The division with as many decimals. REQUIRES: neither integers nor a division.
  AlpScheme ToDivision() const;
  // Nothing when there is no such scheme.
  static std::optional<AlpScheme> FromNumber(uint8_t number);

  uint8_t number() const { return number_; }
  bool is_integers() const { return number_ == 0; }
  bool is_division() const { return number_ >= kFirstDivision; }
  // x * encode_by() * encode_then_by() are the digits; digits * decode_by() * decode_then_by() (of a division:
  // digits / decode_by()) the double.
  double encode_by() const;
  double encode_then_by() const;
  double decode_by() const;
  double decode_then_by() const;

 private:
  explicit AlpScheme(uint8_t number) : number_(number) {}

  uint8_t number_;
};

// The scheme by which the values, judged by a sample, become smallest; nothing when they are no decimals.
// REQUIRES: count >= 1.
std::optional<AlpScheme> ChooseAlp(const double* values, uint32_t count);

// Digits of all values; returns the number of exceptions, whose places go to `exceptions` (room for `count`) in
// ascending order. The digits of an exception repeat those before it. REQUIRES: count <= kMaxVectorRows.
uint32_t AlpToDigits(AlpScheme scheme, const double* values, uint32_t count, int64_t* digits, uint16_t* exceptions);

// The reverse, exceptions aside.
void AlpToDoubles(AlpScheme scheme, const int64_t* digits, uint32_t count, double* values);

}  // namespace cassette::columnar
