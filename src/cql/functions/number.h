// Number: a value of any numeric type, and Java's conversions among them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/status.h"
#include "types/big_integer.h"
#include "types/decimal.h"
#include "types/value.h"

namespace cassette::cql::functions {

// A java.lang.Number: what its longValue, doubleValue and so on give, wrapping and saturating where Java does.
class Number {
 public:
  // REQUIRES: `kind` is numeric; `bytes` validate and are not empty.
  static Number Read(types::TypeKind kind, std::string_view bytes);

  int64_t ToInt64() const;
  // Java's intValue, and the low bits of it for narrower types.
  int32_t ToInt32() const;
  double ToDouble() const;
  float ToFloat() const;
  // A varint as it is, others by way of a long.
  types::BigInteger ToBigInteger() const;
  // As DecimalType.toBigDecimal: decimals and varints exactly, others by way of a double. kInvalidArgument for NaN and
  // infinity.
  base::Result<types::Decimal> ToDecimal() const;

  bool is_float() const { return std::holds_alternative<float>(value_); }

 private:
  std::variant<int64_t, float, double, types::BigInteger, types::Decimal> value_;
};

// The low 8, 16, 32 or 64 bits of `value` in the serialized form of `kind`. REQUIRES: an integer type.
void AppendInteger(types::TypeKind kind, int64_t value, std::string* out);
void AppendFloat(float value, std::string* out);

// Java's (long) and (int) of a double: cut, saturating, NaN is 0.
int64_t SaturatingInt64(double value);
int32_t SaturatingInt32(double value);

// Of tinyint, smallint, int, bigint, counter.
bool IsFixedInteger(types::TypeKind kind);

}  // namespace cassette::cql::functions
