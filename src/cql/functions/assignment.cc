// How arguments fit parameters: Constants.Literal and AbstractType.testAssignment of Cassandra.
#include <algorithm>

#include "cql/functions/registry.h"
#include "types/big_integer.h"
#include "types/decimal.h"
#include "types/text.h"
#include "types/uuid.h"

namespace cassette::cql::functions {

using types::DataType;
using types::TypeKind;

namespace {

// Whether every value of `from` is one of `to` (AbstractType.isValueCompatibleWith), both scalar and different.
bool TakesValuesOf(TypeKind to, TypeKind from) {
  switch (to) {
    case TypeKind::kBlob:
      return true;
    case TypeKind::kText:
      return from == TypeKind::kAscii;
    case TypeKind::kVarint:
      return from == TypeKind::kInt || from == TypeKind::kBigint || from == TypeKind::kTimestamp;
    case TypeKind::kBigint:
      return from == TypeKind::kTimestamp;
    case TypeKind::kTimestamp:
    case TypeKind::kTime:
      return from == TypeKind::kBigint;
    case TypeKind::kDate:
      return from == TypeKind::kInt;
    case TypeKind::kUuid:
      return from == TypeKind::kTimeuuid;
    default:
      return false;
  }
}

bool ElementsAreAssignable(const DataType& from, const DataType& to) {
  // A longer tuple takes a shorter one; all else has the same number of elements.
  const bool is_tuple = to.kind() == TypeKind::kTuple || to.kind() == TypeKind::kUdt;
  if (is_tuple ? to.fields().size() < from.fields().size() : to.fields().size() != from.fields().size()) return false;
  for (size_t i = 0; i < from.fields().size(); ++i) {
    if (TestAssignment(from.element(i), to.element(i)) == Assignability::kNotAssignable) return false;
  }
  return true;
}

bool CompositeTakesValuesOf(const DataType& to, const DataType& from) {
  if (to.kind() != from.kind() || to.is_multi_cell() != from.is_multi_cell()) return false;
  if (to.kind() == TypeKind::kVector) return false;  // Equal, or not at all.
  if (to.kind() == TypeKind::kUdt && to.udt_name() != from.udt_name()) return false;
  return ElementsAreAssignable(from, to);
}

bool TakesLiteral(Argument::Form form, TypeKind kind) {
  constexpr TypeKind kOfString[] = {TypeKind::kAscii, TypeKind::kText, TypeKind::kInet,
                                    TypeKind::kDate,  TypeKind::kTime, TypeKind::kTimestamp};
  constexpr TypeKind kOfInteger[] = {TypeKind::kBigint,   TypeKind::kCounter,  TypeKind::kDate,      TypeKind::kDecimal,
                                     TypeKind::kDouble,   TypeKind::kDuration, TypeKind::kFloat,     TypeKind::kInt,
                                     TypeKind::kSmallint, TypeKind::kTime,     TypeKind::kTimestamp, TypeKind::kTinyint,
                                     TypeKind::kVarint};
  constexpr TypeKind kOfFloat[] = {TypeKind::kDecimal, TypeKind::kDouble, TypeKind::kFloat};
  const auto contains = [kind](std::span<const TypeKind> kinds) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  switch (form) {
    case Argument::Form::kString:
      return contains(kOfString);
    case Argument::Form::kInteger:
      return contains(kOfInteger);
    case Argument::Form::kFloat:
      return contains(kOfFloat);
    case Argument::Form::kUuid:
      return kind == TypeKind::kUuid || kind == TypeKind::kTimeuuid;
    case Argument::Form::kBoolean:
      return kind == TypeKind::kBoolean;
    case Argument::Form::kHex:
      return kind == TypeKind::kBlob;
    case Argument::Form::kDuration:
      return kind == TypeKind::kDuration;
    default:
      return false;
  }
}

Assignability TestLiteral(const Argument& argument, const DataType& type) {
  if (type.kind() == TypeKind::kTuple || type.kind() == TypeKind::kCustom) return Assignability::kWeaklyAssignable;
  if (!type.is_scalar()) return Assignability::kNotAssignable;
  if (PreferredType(argument) == type) return Assignability::kExactMatch;
  return TakesLiteral(argument.form, type.kind()) ? Assignability::kWeaklyAssignable : Assignability::kNotAssignable;
}

DataType PreferredInteger(std::string_view text) {
  const base::Result<types::BigInteger> value = types::BigInteger::FromText(text);
  if (!value.ok() || !value->FitsInt64()) return DataType(TypeKind::kVarint);
  const int64_t number = value->ToInt64();
  return DataType(number == static_cast<int32_t>(number) ? TypeKind::kInt : TypeKind::kBigint);
}

// A double when the digits name one exactly as it would be printed, else a decimal.
DataType PreferredFloat(std::string_view text) {
  const base::Result<types::Decimal> decimal = types::Decimal::FromText(text);
  if (!decimal.ok()) return DataType(TypeKind::kDouble);  // NaN and the infinities.
  const double value = decimal->ToDouble();
  const bool is_double = value - value == 0 && CompareDecimals(*decimal, types::Decimal::FromDouble(value)) == 0;
  return DataType(is_double ? TypeKind::kDouble : TypeKind::kDecimal);
}

DataType PreferredUuid(std::string_view text) {
  types::Uuid uuid;
  return DataType(types::ParseUuid(text, &uuid) && uuid.version() == 1 ? TypeKind::kTimeuuid : TypeKind::kUuid);
}

}  // namespace

Assignability TestAssignment(const DataType& from, const DataType& to) {
  // A frozen value fits a parameter whether that is frozen or not.
  const DataType target = from.frozen() ? to.Freeze() : to;
  if (from == target) return Assignability::kExactMatch;
  const bool fits = from.is_scalar() && target.is_scalar()
                        ? TakesValuesOf(target.kind(), from.kind())
                        : target.kind() == TypeKind::kBlob || CompositeTakesValuesOf(target, from);
  return fits ? Assignability::kWeaklyAssignable : Assignability::kNotAssignable;
}

Assignability TestAssignment(const Argument& argument, const DataType& type) {
  switch (argument.form) {
    case Argument::Form::kTyped:
      return TestAssignment(argument.type, type);
    case Argument::Form::kMarker:
      return Assignability::kWeaklyAssignable;
    case Argument::Form::kNull:
      return type.kind() == TypeKind::kCounter ? Assignability::kNotAssignable : Assignability::kWeaklyAssignable;
    case Argument::Form::kOther:
      return argument.fits ? argument.fits(type) : Assignability::kWeaklyAssignable;
    default:
      return TestLiteral(argument, type);
  }
}

bool IsAssignable(const Argument& argument, const DataType& type) {
  // Which type a literal prefers tells an exact match from a weak one, and is dear: numbers of any size are read for
  // it.
  if (type.is_scalar() && TakesLiteral(argument.form, type.kind())) return true;
  return TestAssignment(argument, type) != Assignability::kNotAssignable;
}

bool IsLiteralAssignable(Argument::Form form, std::string_view text, const DataType& type) {
  if (type.is_scalar() && TakesLiteral(form, type.kind())) return true;
  return IsAssignable(Argument::Literal(form, std::string(text)), type);
}

std::optional<DataType> PreferredType(const Argument& argument) {
  switch (argument.form) {
    case Argument::Form::kTyped:
      return argument.type;
    case Argument::Form::kString:
      return DataType(types::IsAscii(argument.text) ? TypeKind::kAscii : TypeKind::kText);
    case Argument::Form::kInteger:
      return PreferredInteger(argument.text);
    case Argument::Form::kFloat:
      return PreferredFloat(argument.text);
    case Argument::Form::kUuid:
      return PreferredUuid(argument.text);
    case Argument::Form::kBoolean:
      return DataType(TypeKind::kBoolean);
    case Argument::Form::kHex:
      return DataType(TypeKind::kTinyint);  // Cassandra's own choice (Constants.Type.HEX), odd as it is.
    case Argument::Form::kDuration:
      return DataType(TypeKind::kDuration);
    case Argument::Form::kOther:
      return argument.preferred ? argument.preferred() : std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace cassette::cql::functions
