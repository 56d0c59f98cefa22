// CAST(a AS type) (org.apache.cassandra.cql3.functions.CastFcts).
#include <cmath>

#include "cql/functions/native_function.h"
#include "cql/functions/number.h"
#include "cql/functions/temporal.h"
#include "types/calendar.h"
#include "types/inet.h"
#include "types/number_text.h"
#include "types/value.h"

namespace cassette::cql::functions {

using types::BigInteger;
using types::Decimal;

namespace {

FunctionPtr Cast(TypeKind from, TypeKind to, ScalarBody body, NullRule null_rule = NullRule::kNullOrEmpty) {
  // The formats stand for the program's life; there is one for each type that can be cast to.
  const char* format = to == TypeKind::kTinyint    ? "cast({0} as tinyint)"
                       : to == TypeKind::kSmallint ? "cast({0} as smallint)"
                       : to == TypeKind::kInt      ? "cast({0} as int)"
                       : to == TypeKind::kBigint   ? "cast({0} as bigint)"
                       : to == TypeKind::kFloat    ? "cast({0} as float)"
                       : to == TypeKind::kDouble   ? "cast({0} as double)"
                       : to == TypeKind::kDecimal  ? "cast({0} as decimal)"
                       : to == TypeKind::kVarint   ? "cast({0} as varint)"
                       : to == TypeKind::kText     ? "cast({0} as text)"
                       : to == TypeKind::kAscii    ? "cast({0} as ascii)"
                       : to == TypeKind::kDate     ? "cast({0} as date)"
                                                   : "cast({0} as timestamp)";
  return MakeScalar(std::string(kCastPrefix) + std::string(types::TypeKindName(to)), {from}, to, std::move(body),
                    {null_rule, true, format});
}

base::Result<Decimal> CastToDecimal(TypeKind from, const Number& number) {
  switch (from) {
    case TypeKind::kFloat: {
      if (!std::isfinite(number.ToFloat())) return number.ToDecimal();
      std::string text;
      types::AppendFloatText(number.ToFloat(), &text);
      return Decimal::FromText(text);
    }
    case TypeKind::kDouble:
    case TypeKind::kVarint:
      return number.ToDecimal();
    default:
      return Decimal(BigInteger(number.ToInt64()));
  }
}

base::Status CastNumber(TypeKind from, TypeKind to, const Number& number, std::string* out) {
  switch (to) {
    case TypeKind::kFloat:
      AppendFloat(number.ToFloat(), out);
      break;
    case TypeKind::kDouble:
      types::AppendDouble(number.ToDouble(), out);
      break;
    case TypeKind::kVarint:
      BigInteger(number.ToInt64()).AppendBytes(out);
      break;
    case TypeKind::kDecimal: {
      CASSETTE_ASSIGN_OR_RETURN(const Decimal decimal, CastToDecimal(from, number));
      decimal.AppendBytes(out);
      break;
    }
    case TypeKind::kBigint:
      AppendInteger(to, number.ToInt64(), out);
      break;
    default:
      AppendInteger(to, number.ToInt32(), out);
  }
  return base::Status::Ok();
}

FunctionPtr NumericCast(TypeKind from, TypeKind to) {
  return Cast(from, to,
              [=](std::span<const ValueView> arguments, const EvalContext&, std::string* out) -> base::Result<bool> {
                CASSETTE_RETURN_IF_ERROR(CastNumber(from, to, Number::Read(from, arguments[0].bytes), out));
                return false;
              });
}

// The text that Cassandra's serializers print.
void AppendCastText(TypeKind from, std::string_view bytes, std::string* out) {
  switch (from) {
    case TypeKind::kTimestamp:
      return types::AppendTimestampIso(types::ToInt64(from, bytes), out);
    case TypeKind::kInet:
      return types::AppendInetHostAddress(bytes, out);
    default:
      out->append(types::ToText(DataType(from), bytes));
  }
}

void AddTextCasts(TypeKind from, FunctionList* functions) {
  const ScalarBody body = [=](std::span<const ValueView> arguments, const EvalContext&,
                              std::string* out) -> base::Result<bool> {
    AppendCastText(from, arguments[0].bytes, out);
    return false;
  };
  functions->push_back(Cast(from, TypeKind::kAscii, body));
  functions->push_back(Cast(from, TypeKind::kText, body));
}

FunctionPtr TemporalCast(TypeKind from, TypeKind to) {
  return Cast(from, to,
              [=](std::span<const ValueView> arguments, const EvalContext&, std::string* out) -> base::Result<bool> {
                AppendTemporal(to, TemporalMillis(from, arguments[0].bytes), out);
                return false;
              });
}

FunctionPtr AsciiToText() {
  return Cast(
      TypeKind::kAscii, TypeKind::kText,
      [](std::span<const ValueView> arguments, const EvalContext&, std::string* out) -> base::Result<bool> {
        out->append(arguments[0].bytes);
        return false;
      },
      NullRule::kNull);
}

}  // namespace

void AddCasts(FunctionList* functions) {
  constexpr TypeKind kTargets[] = {TypeKind::kTinyint, TypeKind::kSmallint, TypeKind::kInt,     TypeKind::kBigint,
                                   TypeKind::kFloat,   TypeKind::kDouble,   TypeKind::kDecimal, TypeKind::kVarint};
  for (TypeKind from : NumericKinds()) {
    for (TypeKind to : kTargets) {
      if (from != to) functions->push_back(NumericCast(from, to));
    }
    AddTextCasts(from, functions);
  }
  functions->push_back(AsciiToText());
  for (TypeKind from : {TypeKind::kInet, TypeKind::kBoolean, TypeKind::kTimeuuid, TypeKind::kTimestamp, TypeKind::kDate,
                        TypeKind::kTime, TypeKind::kUuid}) {
    AddTextCasts(from, functions);
  }
  functions->push_back(TemporalCast(TypeKind::kTimeuuid, TypeKind::kDate));
  functions->push_back(TemporalCast(TypeKind::kTimeuuid, TypeKind::kTimestamp));
  functions->push_back(TemporalCast(TypeKind::kTimestamp, TypeKind::kDate));
  functions->push_back(TemporalCast(TypeKind::kDate, TypeKind::kTimestamp));
}

}  // namespace cassette::cql::functions
