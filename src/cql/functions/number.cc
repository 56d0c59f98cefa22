#include "cql/functions/number.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/assert.h"
#include "codec/fixed.h"
#include "cql/functions/native_function.h"
#include "types/number_text.h"

namespace cassette::cql::functions {

using types::BigInteger;
using types::Decimal;

namespace {

constexpr TypeKind kNumericKinds[] = {TypeKind::kTinyint, TypeKind::kSmallint, TypeKind::kInt,
                                      TypeKind::kBigint,  TypeKind::kFloat,    TypeKind::kDouble,
                                      TypeKind::kDecimal, TypeKind::kVarint,   TypeKind::kCounter};

}  // namespace

std::span<const TypeKind> NumericKinds() { return kNumericKinds; }

bool IsFixedInteger(TypeKind kind) {
  return kind == TypeKind::kTinyint || kind == TypeKind::kSmallint || kind == TypeKind::kInt ||
         kind == TypeKind::kBigint || kind == TypeKind::kCounter;
}

int64_t SaturatingInt64(double value) {
  if (std::isnan(value)) return 0;
  if (value >= 0x1p63) return std::numeric_limits<int64_t>::max();
  if (value < -0x1p63) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(value);
}

int32_t SaturatingInt32(double value) {
  if (std::isnan(value)) return 0;
  if (value >= 0x1p31) return std::numeric_limits<int32_t>::max();
  if (value < -0x1p31) return std::numeric_limits<int32_t>::min();
  return static_cast<int32_t>(value);
}

Number Number::Read(TypeKind kind, std::string_view bytes) {
  Number number;
  switch (kind) {
    case TypeKind::kFloat:
      number.value_ = std::bit_cast<float>(codec::LoadBig<uint32_t>(bytes.data()));
      break;
    case TypeKind::kDouble:
      number.value_ = types::ToDouble(bytes);
      break;
    case TypeKind::kVarint:
      number.value_ = BigInteger::FromBytes(bytes);
      break;
    case TypeKind::kDecimal:
      number.value_ = Decimal::FromBytes(bytes);
      break;
    default:
      CASSETTE_ASSERT(IsFixedInteger(kind));
      number.value_ = types::ToInt64(kind, bytes);
  }
  return number;
}

int64_t Number::ToInt64() const {
  if (const auto* integer = std::get_if<int64_t>(&value_)) return *integer;
  if (const auto* value = std::get_if<float>(&value_)) return SaturatingInt64(*value);
  if (const auto* value = std::get_if<double>(&value_)) return SaturatingInt64(*value);
  if (const auto* big = std::get_if<BigInteger>(&value_)) return big->ToInt64();
  const base::Result<BigInteger> whole = std::get<Decimal>(value_).ToBigInteger();
  // Of a number with more digits than are spelled out, all low bits come from a large power of ten: they are zero.
  return whole.ok() ? whole->ToInt64() : 0;
}

int32_t Number::ToInt32() const {
  if (const auto* value = std::get_if<float>(&value_)) return SaturatingInt32(*value);
  if (const auto* value = std::get_if<double>(&value_)) return SaturatingInt32(*value);
  return static_cast<int32_t>(ToInt64());
}

double Number::ToDouble() const {
  if (const auto* integer = std::get_if<int64_t>(&value_)) return static_cast<double>(*integer);
  if (const auto* value = std::get_if<float>(&value_)) return *value;
  if (const auto* value = std::get_if<double>(&value_)) return *value;
  if (const auto* big = std::get_if<BigInteger>(&value_)) return big->ToDouble();
  return std::get<Decimal>(value_).ToDouble();
}

float Number::ToFloat() const {
  if (const auto* integer = std::get_if<int64_t>(&value_)) return static_cast<float>(*integer);
  if (const auto* value = std::get_if<float>(&value_)) return *value;
  if (const auto* value = std::get_if<double>(&value_)) return static_cast<float>(*value);
  // From the digits, so that it is rounded once.
  const auto* big = std::get_if<BigInteger>(&value_);
  const std::string text = big != nullptr ? big->ToString() : std::get<Decimal>(value_).ToString();
  float result = 0;
  const bool parsed = types::ParseFloat(text, &result);
  CASSETTE_ASSERT(parsed);
  return result;
}

BigInteger Number::ToBigInteger() const {
  const auto* big = std::get_if<BigInteger>(&value_);
  return big != nullptr ? *big : BigInteger(ToInt64());
}

base::Result<Decimal> Number::ToDecimal() const {
  if (const auto* decimal = std::get_if<Decimal>(&value_)) return *decimal;
  if (const auto* big = std::get_if<BigInteger>(&value_)) return Decimal(*big);
  const double value = ToDouble();
  if (std::isnan(value)) return base::InvalidArgument("A NaN cannot be converted into a decimal");
  if (std::isinf(value)) return base::InvalidArgument("An infinite number cannot be converted into a decimal");
  return Decimal::FromDouble(value);
}

void AppendInteger(TypeKind kind, int64_t value, std::string* out) {
  CASSETTE_ASSERT(IsFixedInteger(kind));
  types::AppendFromInt64(kind, value, out);
}

void AppendFloat(float value, std::string* out) { codec::AppendBig(std::bit_cast<uint32_t>(value), out); }

}  // namespace cassette::cql::functions
