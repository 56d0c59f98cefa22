#include "columnar/alp.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"
#include "columnar/vector.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "columnar/alp.cc"
#include "hwy/foreach_target.h"  // Compiles the kernels below once for each instruction set.
#include "hwy/highway.h"

#ifndef CASSETTE_COLUMNAR_ALP_CONSTANTS
#define CASSETTE_COLUMNAR_ALP_CONSTANTS
namespace cassette::columnar {

// Adding it leaves, in the low bits of the mantissa, the nearest integer of a number within +-kRoundable.
inline constexpr double kRounder = 0x1.8p52;
inline constexpr double kRoundable = 0x1p51;

struct AlpFactors {
  double first;
  double second;
};

enum class AlpKind : uint8_t { kIntegers, kMultiply, kDivide };

}  // namespace cassette::columnar
#endif

HWY_BEFORE_NAMESPACE();
namespace cassette::columnar {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::CappedTag<double, 8>;
using Integers = hn::RebindToSigned<Doubles>;

template <AlpKind kKind>
HWY_INLINE hn::Vec<Doubles> ToDoubles(hn::Vec<Integers> digits, AlpFactors decode) {
  const Doubles d;
  if (kKind == AlpKind::kIntegers) return hn::ConvertTo(d, digits);
  const auto rounder = hn::Set(d, kRounder);
  const auto rounded = hn::BitCast(d, hn::Add(digits, hn::BitCast(Integers(), rounder)));
  const auto number = hn::Sub(rounded, rounder);
  if (kKind == AlpKind::kDivide) return hn::Div(number, hn::Set(d, decode.first));
  return hn::Mul(hn::Mul(number, hn::Set(d, decode.first)), hn::Set(d, decode.second));
}

// Whether all lanes of `values` become digits and come back the same; `same` has ones in those that do.
template <AlpKind kKind>
HWY_INLINE bool ToDigits(hn::Vec<Doubles> values, AlpFactors encode, AlpFactors decode, hn::Vec<Integers>* digits,
                         hn::Vec<Integers>* same) {
  const Doubles d;
  const Integers di;
  const auto bits = hn::BitCast(di, values);
  if (kKind == AlpKind::kIntegers) {
    *digits = hn::ConvertTo(di, values);
    const auto equal = hn::Eq(hn::BitCast(di, ToDoubles<kKind>(*digits, decode)), bits);
    *same = hn::VecFromMask(di, equal);
    return hn::AllTrue(di, equal);
  }
  const auto rounder = hn::Set(d, kRounder);
  auto scaled = hn::Mul(values, hn::Set(d, encode.first));
  if (kKind == AlpKind::kMultiply) scaled = hn::Mul(scaled, hn::Set(d, encode.second));
  const auto in_range = hn::RebindMask(di, hn::Lt(hn::Abs(scaled), hn::Set(d, kRoundable)));
  *digits = hn::Sub(hn::BitCast(di, hn::Add(scaled, rounder)), hn::BitCast(di, rounder));
  const auto equal = hn::Eq(hn::BitCast(di, ToDoubles<kKind>(*digits, decode)), bits);
  const auto good = hn::And(equal, in_range);
  *same = hn::VecFromMask(di, good);
  return hn::AllTrue(di, good);
}

template <AlpKind kKind>
HWY_INLINE uint32_t DigitsOf(const double* values, uint32_t count, AlpFactors encode, AlpFactors decode,
                             int64_t* digits, uint16_t* exceptions) {
  const Doubles d;
  const Integers di;
  const uint32_t step = static_cast<uint32_t>(hn::Lanes(d));
  HWY_ALIGN double padded[8];
  HWY_ALIGN int64_t padded_digits[8];
  HWY_ALIGN int64_t same_lanes[8];
  uint32_t found = 0;
  for (uint32_t i = 0; i < count; i += step) {
    const uint32_t lanes = std::min(step, count - i);
    const double* source = values + i;
    int64_t* target = digits + i;
    if (lanes < step) {  // The end of the vector.
      for (uint32_t lane = 0; lane < step; ++lane) padded[lane] = source[std::min(lane, lanes - 1)];
      source = padded;
      target = padded_digits;
    }
    auto lane_digits = hn::Zero(di);
    auto same = hn::Zero(di);
    const bool all_same = ToDigits<kKind>(hn::LoadU(d, source), encode, decode, &lane_digits, &same);
    hn::StoreU(lane_digits, di, target);
    if (lanes < step) std::copy_n(padded_digits, lanes, digits + i);
    if (all_same) continue;
    hn::Store(same, di, same_lanes);
    for (uint32_t lane = 0; lane < lanes; ++lane) {
      if (same_lanes[lane] == 0) exceptions[found++] = static_cast<uint16_t>(i + lane);
    }
  }
  return found;
}

uint32_t DigitsOfIntegers(const double* values, uint32_t count, AlpFactors encode, AlpFactors decode, int64_t* digits,
                          uint16_t* exceptions) {
  return DigitsOf<AlpKind::kIntegers>(values, count, encode, decode, digits, exceptions);
}
uint32_t DigitsByMultiplying(const double* values, uint32_t count, AlpFactors encode, AlpFactors decode,
                             int64_t* digits, uint16_t* exceptions) {
  return DigitsOf<AlpKind::kMultiply>(values, count, encode, decode, digits, exceptions);
}
uint32_t DigitsByDividing(const double* values, uint32_t count, AlpFactors encode, AlpFactors decode, int64_t* digits,
                          uint16_t* exceptions) {
  return DigitsOf<AlpKind::kDivide>(values, count, encode, decode, digits, exceptions);
}

template <AlpKind kKind>
HWY_INLINE void DoublesOf(const int64_t* digits, uint32_t count, AlpFactors decode, double* values) {
  const Doubles d;
  const Integers di;
  const uint32_t step = static_cast<uint32_t>(hn::Lanes(d));
  uint32_t i = 0;
  for (; i + step <= count; i += step) hn::StoreU(ToDoubles<kKind>(hn::LoadU(di, digits + i), decode), d, values + i);
  if (i == count) return;
  HWY_ALIGN int64_t padded_digits[8] = {};
  HWY_ALIGN double padded[8];
  std::copy(digits + i, digits + count, padded_digits);
  hn::Store(ToDoubles<kKind>(hn::Load(di, padded_digits), decode), d, padded);
  std::copy_n(padded, count - i, values + i);
}

void DoublesOfIntegers(const int64_t* digits, uint32_t count, AlpFactors decode, double* values) {
  DoublesOf<AlpKind::kIntegers>(digits, count, decode, values);
}
void DoublesByMultiplying(const int64_t* digits, uint32_t count, AlpFactors decode, double* values) {
  DoublesOf<AlpKind::kMultiply>(digits, count, decode, values);
}
void DoublesByDividing(const int64_t* digits, uint32_t count, AlpFactors decode, double* values) {
  DoublesOf<AlpKind::kDivide>(digits, count, decode, values);
}

}  // namespace HWY_NAMESPACE
}  // namespace cassette::columnar
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cassette::columnar {
namespace {

HWY_EXPORT(DigitsOfIntegers);
HWY_EXPORT(DigitsByMultiplying);
HWY_EXPORT(DigitsByDividing);
HWY_EXPORT(DoublesOfIntegers);
HWY_EXPORT(DoublesByMultiplying);
HWY_EXPORT(DoublesByDividing);

constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                              1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr double kInversePowers[] = {1e-0,  1e-1,  1e-2,  1e-3,  1e-4,  1e-5,  1e-6,  1e-7,  1e-8, 1e-9,
                                     1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15, 1e-16, 1e-17, 1e-18};
constexpr uint32_t kSampleSize = 32;
constexpr uint32_t kMaxDecimals = 17;      // A double has no more significant digits.
constexpr uint32_t kExceptionBits = 72;    // A place and the double.
constexpr uint32_t kBitsWorthTrying = 54;  // A value; above it ALP-rd is smaller.

struct Exponents {
  uint32_t exponent;
  uint32_t factor;
};

constexpr Exponents ExponentsOf(uint8_t number) {
  uint32_t exponent = 0;
  while ((exponent + 1) * (exponent + 2) / 2 <= number) ++exponent;
  return {exponent, number - exponent * (exponent + 1) / 2};
}

// Bits the sample would take by `scheme`.
uint64_t SampleBits(AlpScheme scheme, const double* sample, uint32_t size, uint32_t* exceptions) {
  int64_t digits[kSampleSize];
  uint16_t places[kSampleSize];
  *exceptions = AlpToDigits(scheme, sample, size, digits, places);
  if (*exceptions == size) return uint64_t{size} * kExceptionBits;
  const auto [low, high] = std::minmax_element(digits, digits + size);
  const uint64_t range = static_cast<uint64_t>(*high) - static_cast<uint64_t>(*low);
  return uint64_t{size} * static_cast<uint64_t>(std::bit_width(range)) + uint64_t{*exceptions} * kExceptionBits;
}

// Whether as many decimals as fit in digits beside so many bits give a fair part of the sample back: real doubles have
// more decimals. (Of those, one in ten comes back by chance.)
bool LooksDecimal(const double* sample, uint32_t size, int64_t integer_bits) {
  constexpr int64_t kRoundableBits = 49;  // Two less than there are, for values larger than the average.
  const int64_t decimals = (kRoundableBits - integer_bits) * 1233 / 4096;  // Times log10(2).
  if (decimals < 1) return true;
  int64_t digits[kSampleSize];
  uint16_t places[kSampleSize];
  const AlpScheme scheme = AlpScheme::Divide(static_cast<uint32_t>(std::min<int64_t>(decimals, kMaxDecimals)));
  return AlpToDigits(scheme, sample, size, digits, places) * 4 <= size * 3;
}

bool LooksDecimal(const double* sample, uint32_t size) {
  int64_t sum = 0;
  int64_t largest = -1023;
  int64_t counted = 1;
  for (uint32_t i = 0; i < size; ++i) {
    const int64_t exponent = static_cast<int64_t>(std::bit_cast<uint64_t>(sample[i]) >> 52 & 0x7ff);
    if (exponent == 0 || exponent == 0x7ff) continue;  // Zero and what is no number.
    sum += exponent - 1023;
    largest = std::max(largest, exponent - 1023);
    ++counted;
  }
  // By the average size, which a few huge values do not hide; by the largest, for two kinds of values in one vector.
  return LooksDecimal(sample, size, sum / counted) || LooksDecimal(sample, size, largest);
}

// Multiplications that give as few exceptions as the division does. 14 is the exponent that works for most decimals.
AlpScheme ChooseMultiplication(uint32_t decimals, const double* sample, uint32_t size, uint32_t exceptions_allowed) {
  constexpr uint32_t kExponents[] = {14, 13, 15, 12, 16, 11, 17, 10, 18, 9, 8, 7, 6, 5, 4, 3, 2, 1};
  int64_t digits[kSampleSize];
  uint16_t places[kSampleSize];
  for (const uint32_t exponent : kExponents) {
    if (exponent < decimals) continue;
    const AlpScheme scheme = AlpScheme::Multiply(exponent, exponent - decimals);
    if (AlpToDigits(scheme, sample, size, digits, places) <= exceptions_allowed) return scheme;
  }
  return AlpScheme::Divide(decimals);
}

}  // namespace

AlpScheme AlpScheme::Multiply(uint32_t exponent, uint32_t factor) {
  CASSETTE_ASSERT(exponent <= kMaxExponent);
  CASSETTE_ASSERT(factor < exponent);
  return AlpScheme(static_cast<uint8_t>(exponent * (exponent + 1) / 2 + factor));
}

std::optional<AlpScheme> AlpScheme::FromNumber(uint8_t number) {
  if (number == 0) return Integers();
  if (number >= kFirstDivision) {
    if (number == kFirstDivision || number > kFirstDivision + kMaxDivisions) return std::nullopt;
    return AlpScheme(number);
  }
  const Exponents exponents = ExponentsOf(number);
  if (exponents.exponent > kMaxExponent || exponents.factor == exponents.exponent) return std::nullopt;
  return AlpScheme(number);
}

AlpScheme AlpScheme::ToDivision() const {
  CASSETTE_ASSERT(!is_integers());
  CASSETTE_ASSERT(!is_division());
  const Exponents exponents = ExponentsOf(number_);
  return Divide(exponents.exponent - exponents.factor);
}

double AlpScheme::encode_by() const {
  return is_division() ? kPowers[number_ - kFirstDivision] : kPowers[ExponentsOf(number_).exponent];
}
double AlpScheme::encode_then_by() const { return is_division() ? 1.0 : kInversePowers[ExponentsOf(number_).factor]; }
double AlpScheme::decode_by() const {
  return is_division() ? kPowers[number_ - kFirstDivision] : kPowers[ExponentsOf(number_).factor];
}
double AlpScheme::decode_then_by() const { return is_division() ? 1.0 : kInversePowers[ExponentsOf(number_).exponent]; }

uint32_t AlpToDigits(AlpScheme scheme, const double* values, uint32_t count, int64_t* digits, uint16_t* exceptions) {
  CASSETTE_ASSERT(count <= kMaxVectorRows);
  const AlpFactors encode = {scheme.encode_by(), scheme.encode_then_by()};
  const AlpFactors decode = {scheme.decode_by(), scheme.decode_then_by()};
  uint32_t found = 0;
  if (scheme.is_integers()) {
    found = HWY_DYNAMIC_DISPATCH(DigitsOfIntegers)(values, count, encode, decode, digits, exceptions);
  } else if (scheme.is_division()) {
    found = HWY_DYNAMIC_DISPATCH(DigitsByDividing)(values, count, encode, decode, digits, exceptions);
  } else {
    found = HWY_DYNAMIC_DISPATCH(DigitsByMultiplying)(values, count, encode, decode, digits, exceptions);
  }
  if (found == 0 || found == count) return found;
  // What stands before the first good digits repeats those.
  uint32_t good = 0;
  while (good < found && exceptions[good] == good) ++good;
  const int64_t first = digits[good];
  for (uint32_t i = 0; i < found; ++i) digits[exceptions[i]] = exceptions[i] == 0 ? first : digits[exceptions[i] - 1];
  return found;
}

void AlpToDoubles(AlpScheme scheme, const int64_t* digits, uint32_t count, double* values) {
  const AlpFactors decode = {scheme.decode_by(), scheme.decode_then_by()};
  if (scheme.is_integers()) {
    HWY_DYNAMIC_DISPATCH(DoublesOfIntegers)(digits, count, decode, values);
  } else if (scheme.is_division()) {
    HWY_DYNAMIC_DISPATCH(DoublesByDividing)(digits, count, decode, values);
  } else {
    HWY_DYNAMIC_DISPATCH(DoublesByMultiplying)(digits, count, decode, values);
  }
}

std::optional<AlpScheme> ChooseAlp(const double* values, uint32_t count) {
  CASSETTE_ASSERT(count > 0);
  double sample[kSampleSize];
  const uint32_t size = std::min(count, kSampleSize);
  for (uint32_t i = 0; i < size; ++i) sample[i] = values[uint64_t{i} * count / size];

  if (!LooksDecimal(sample, size)) return std::nullopt;
  uint32_t best_decimals = 0;
  uint32_t best_exceptions = 0;
  uint64_t best_bits = UINT64_MAX;
  for (uint32_t decimals = 0; decimals <= kMaxDecimals; ++decimals) {
    const AlpScheme scheme = decimals == 0 ? AlpScheme::Integers() : AlpScheme::Divide(decimals);
    uint32_t exceptions = 0;
    const uint64_t bits = SampleBits(scheme, sample, size, &exceptions);
    if (bits < best_bits) {
      best_bits = bits;
      best_decimals = decimals;
      best_exceptions = exceptions;
    }
    if (exceptions == 0) break;
  }
  if (best_bits > uint64_t{size} * kBitsWorthTrying) return std::nullopt;
  if (best_decimals == 0) return AlpScheme::Integers();
  return ChooseMultiplication(best_decimals, sample, size, best_exceptions);
}

}  // namespace cassette::columnar
#endif  // HWY_ONCE
