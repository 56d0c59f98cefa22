// FromText, ToText and ToCqlLiteral of types/value.h.
#include <fmt/format.h>

#include <bit>

#include "base/assert.h"
#include "codec/fixed.h"
#include "types/big_integer.h"
#include "types/calendar.h"
#include "types/decimal.h"
#include "types/duration.h"
#include "types/identifier.h"
#include "types/inet.h"
#include "types/number_text.h"
#include "types/text.h"
#include "types/uuid.h"
#include "types/value.h"

namespace cassette::types {

namespace {

base::Status CannotMake(std::string_view what, std::string_view text) {
  return base::InvalidArgument(fmt::format("Unable to make {} from '{}'", what, text));
}

// Of tinyint to bigint; the names are those that Cassandra's messages use.
base::Result<std::string> IntegerFromText(TypeKind kind, std::string_view text) {
  struct Range {
    std::string_view name;
    int64_t least;
    int64_t most;
  };
  const Range range = kind == TypeKind::kTinyint    ? Range{"byte", INT8_MIN, INT8_MAX}
                      : kind == TypeKind::kSmallint ? Range{"short", INT16_MIN, INT16_MAX}
                      : kind == TypeKind::kInt      ? Range{"int", INT32_MIN, INT32_MAX}
                                                    : Range{"long", INT64_MIN, INT64_MAX};
  int64_t value = 0;
  if (!ParseInteger(text, &value) || value < range.least || value > range.most) return CannotMake(range.name, text);
  std::string result;
  AppendFromInt64(kind, value, &result);
  return result;
}

base::Result<std::string> BooleanFromText(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (lower == "true") return std::string(1, '\1');
  if (lower.empty() || lower == "false") return std::string(1, '\0');
  return CannotMake("boolean", text);
}

base::Result<std::string> FloatingFromText(TypeKind kind, std::string_view text) {
  std::string result;
  if (kind == TypeKind::kDouble) {
    double value = 0;
    if (!ParseDouble(text, &value)) return CannotMake("double", text);
    AppendDouble(value, &result);
  } else {
    float value = 0;
    if (!ParseFloat(text, &value)) return CannotMake("float", text);
    codec::AppendBig(std::bit_cast<uint32_t>(value), &result);
  }
  return result;
}

// Of a kInt64 type whose parser gives its physical value.
base::Result<std::string> TemporalFromText(TypeKind kind, const base::Result<int64_t>& value) {
  if (!value.ok()) return value.status();
  std::string result;
  AppendFromInt64(kind, *value, &result);
  return result;
}

base::Result<std::string> UuidFromText(TypeKind kind, std::string_view text) {
  Uuid uuid;
  if (!ParseUuid(text, &uuid)) {
    if (kind == TypeKind::kUuid) return CannotMake("UUID", text);
    return base::InvalidArgument(fmt::format("Unknown timeuuid representation: {}", text));
  }
  if (kind == TypeKind::kTimeuuid && uuid.version() != 1) {
    return base::InvalidArgument("TimeUUID supports only version 1 UUIDs");
  }
  std::string result;
  uuid.AppendBytes(&result);
  return result;
}

base::Result<std::string> VarintFromText(std::string_view text) {
  const base::Result<BigInteger> value = BigInteger::FromText(text);
  if (!value.ok()) return base::InvalidArgument(fmt::format("unable to make int from '{}'", text));
  std::string result;
  value->AppendBytes(&result);
  return result;
}

base::Result<std::string> StringFromText(const DataType& type, std::string_view text) {
  CASSETTE_RETURN_IF_ERROR(Validate(type, text));
  return std::string(text);
}

// Whether no text is the empty value; of the others it is what the type makes of it.
bool EmptyTextIsEmptyValue(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kDuration:
      return false;
    default:
      return true;
  }
}

std::string IntegerToText(TypeKind kind, std::string_view bytes) {
  std::string result;
  const int64_t value = ToInt64(kind, bytes);
  switch (kind) {
    case TypeKind::kBoolean:
      return value != 0 ? "true" : "false";
    case TypeKind::kTimestamp:
      AppendTimestamp(value, &result);
      return result;
    case TypeKind::kDate:
      AppendDate(value, &result);
      return result;
    case TypeKind::kTime:
      AppendTime(value, &result);
      return result;
    case TypeKind::kFloat:
      AppendFloatText(std::bit_cast<float>(static_cast<uint32_t>(value)), &result);
      return result;
    default:
      return std::to_string(value);
  }
}

std::string DurationToText(std::string_view bytes) {
  const base::Result<Duration> duration = DecodeDuration(bytes);
  CASSETTE_ASSERT(duration.ok());
  std::string result;
  AppendDurationText(*duration, &result);
  return result;
}

std::string HexLiteral(std::string_view bytes) {
  std::string result = "0x";
  AppendHex(bytes, &result);
  return result;
}

}  // namespace

base::Result<std::string> FromText(const DataType& type, std::string_view text) {
  if (type.kind() == TypeKind::kTuple || type.kind() == TypeKind::kUdt) return TupleFromText(type, text);
  if (!type.is_scalar()) return base::Unsupported("values of type " + type.ToString() + " from text");
  if (text.empty() && EmptyTextIsEmptyValue(type.kind())) return std::string();
  switch (type.kind()) {
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInt:
    case TypeKind::kBigint:
    case TypeKind::kCounter:
      return IntegerFromText(type.kind(), text);
    case TypeKind::kBoolean:
      return BooleanFromText(text);
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return FloatingFromText(type.kind(), text);
    case TypeKind::kTimestamp:
      return TemporalFromText(type.kind(), ParseTimestamp(text));
    case TypeKind::kDate:
      return TemporalFromText(type.kind(), ParseDate(text));
    case TypeKind::kTime:
      return TemporalFromText(type.kind(), ParseTime(text));
    case TypeKind::kUuid:
    case TypeKind::kTimeuuid:
      return UuidFromText(type.kind(), text);
    case TypeKind::kVarint:
      return VarintFromText(text);
    case TypeKind::kDecimal: {
      CASSETTE_ASSIGN_OR_RETURN(const Decimal value, Decimal::FromText(text));
      std::string result;
      value.AppendBytes(&result);
      return result;
    }
    case TypeKind::kDuration: {
      CASSETTE_ASSIGN_OR_RETURN(const Duration value, ParseDuration(text));
      std::string result;
      AppendDurationBytes(value, &result);
      return result;
    }
    case TypeKind::kInet: {
      std::string result;
      if (!ParseInet(text, &result)) return CannotMake("inet address", text);
      return result;
    }
    case TypeKind::kBlob:
    case TypeKind::kCustom:
      return ParseHex(text);
    case TypeKind::kEmpty:
      return base::InvalidArgument(fmt::format("'{}' is not empty", text));
    default:
      return StringFromText(type, text);
  }
}

std::string ToText(const DataType& type, std::string_view bytes) {
  if (bytes.empty()) return type.kind() == TypeKind::kBlob ? "0x" : "";
  std::string result;
  switch (type.kind()) {
    case TypeKind::kAscii:
    case TypeKind::kText:
      return std::string(bytes);
    case TypeKind::kDouble:
      AppendDoubleText(ToDouble(bytes), &result);
      return result;
    case TypeKind::kUuid:
    case TypeKind::kTimeuuid:
      AppendUuidText(Uuid::FromBytes(bytes), &result);
      return result;
    case TypeKind::kInet:
      AppendInetText(bytes, &result);
      return result;
    case TypeKind::kVarint:
      return BigInteger::FromBytes(bytes).ToString();
    case TypeKind::kDecimal:
      return Decimal::FromBytes(bytes).ToString();
    case TypeKind::kDuration:
      return DurationToText(bytes);
    default:
      if (!type.is_scalar()) return CompositeToText(type, bytes, false);
      return type.physical() == PhysicalType::kInt64 ? IntegerToText(type.kind(), bytes) : HexLiteral(bytes);
  }
}

std::string ToCqlLiteral(const DataType& type, std::string_view bytes) {
  switch (type.kind()) {
    case TypeKind::kAscii:
    case TypeKind::kText:
      return QuoteString(bytes);
    case TypeKind::kBlob:
      return HexLiteral(bytes);
    default:
      break;
  }
  if (bytes.empty()) return "null";
  if (!type.is_scalar()) return CompositeToText(type, bytes, true);
  switch (type.kind()) {
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kInet:
      return QuoteString(ToText(type, bytes));
    case TypeKind::kTimestamp: {
      std::string text;
      AppendTimestampIso(ToInt64(type.kind(), bytes), &text);
      return QuoteString(text);
    }
    default:
      return ToText(type, bytes);
  }
}

}  // namespace cassette::types
