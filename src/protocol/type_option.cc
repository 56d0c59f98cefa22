#include "protocol/type_option.h"

#include <fmt/format.h>

#include <string_view>

#include "protocol/notation.h"

namespace cassette::protocol {
namespace {

using types::DataType;
using types::TypeKind;

constexpr std::string_view kPackage = "org.apache.cassandra.db.marshal.";

std::string_view ClassOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kAscii:
      return "AsciiType";
    case TypeKind::kBigint:
      return "LongType";
    case TypeKind::kBlob:
    case TypeKind::kCustom:
      return "BytesType";
    case TypeKind::kBoolean:
      return "BooleanType";
    case TypeKind::kCounter:
      return "CounterColumnType";
    case TypeKind::kDecimal:
      return "DecimalType";
    case TypeKind::kDouble:
      return "DoubleType";
    case TypeKind::kFloat:
      return "FloatType";
    case TypeKind::kInt:
      return "Int32Type";
    case TypeKind::kTimestamp:
      return "TimestampType";
    case TypeKind::kUuid:
      return "UUIDType";
    case TypeKind::kText:
      return "UTF8Type";
    case TypeKind::kVarint:
      return "IntegerType";
    case TypeKind::kTimeuuid:
      return "TimeUUIDType";
    case TypeKind::kInet:
      return "InetAddressType";
    case TypeKind::kDate:
      return "SimpleDateType";
    case TypeKind::kTime:
      return "TimeType";
    case TypeKind::kSmallint:
      return "ShortType";
    case TypeKind::kTinyint:
      return "ByteType";
    case TypeKind::kDuration:
      return "DurationType";
    case TypeKind::kList:
      return "ListType";
    case TypeKind::kMap:
      return "MapType";
    case TypeKind::kSet:
      return "SetType";
    case TypeKind::kUdt:
      return "UserType";
    case TypeKind::kTuple:
      return "TupleType";
    case TypeKind::kVector:
      return "VectorType";
    case TypeKind::kEmpty:
      return "EmptyType";
  }
  return "BytesType";
}

std::string Hex(std::string_view bytes) {
  std::string result;
  for (const char byte : bytes) result += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return result;
}

std::string Parameters(const DataType& type) {
  std::string result;
  if (type.kind() == TypeKind::kUdt) {
    result = fmt::format("{},{}", type.udt_keyspace(), Hex(type.udt_name()));
    for (const DataType::Field& field : type.fields()) {
      result += fmt::format(",{}:{}", Hex(field.name), MarshalClassName(*field.type));
    }
    return result;
  }
  for (const DataType::Field& field : type.fields()) {
    if (!result.empty()) result += ',';
    result += MarshalClassName(*field.type);
  }
  if (type.kind() == TypeKind::kVector) result += fmt::format(" , {}", type.dimension());
  return result;
}

bool IsCustom(TypeKind kind, uint8_t version) {
  return kind == TypeKind::kCustom || kind == TypeKind::kVector || kind == TypeKind::kEmpty ||
         (kind == TypeKind::kDuration && version < 5);
}

}  // namespace

std::string MarshalClassName(const DataType& type) {
  std::string name = std::string(kPackage) + std::string(ClassOf(type.kind()));
  if (type.is_scalar()) return name;
  name += fmt::format("({})", Parameters(type));
  const bool is_frozen = type.frozen() && (type.is_collection() || type.kind() == TypeKind::kUdt);
  return is_frozen ? fmt::format("{}FrozenType({})", kPackage, name) : name;
}

void AppendTypeOption(const DataType& type, uint8_t version, std::string* out) {
  const TypeKind kind = type.kind();
  if (IsCustom(kind, version)) {
    AppendShort(static_cast<uint16_t>(TypeKind::kCustom), out);
    return AppendString(MarshalClassName(type), out);
  }
  AppendShort(static_cast<uint16_t>(kind), out);
  if (kind == TypeKind::kUdt) {
    AppendString(type.udt_keyspace(), out);
    AppendString(type.udt_name(), out);
  }
  if (kind == TypeKind::kUdt || kind == TypeKind::kTuple) AppendShort(static_cast<uint16_t>(type.fields().size()), out);
  if (type.is_scalar()) return;
  for (const DataType::Field& field : type.fields()) {
    if (kind == TypeKind::kUdt) AppendString(field.name, out);
    AppendTypeOption(*field.type, version, out);
  }
}

}  // namespace cassette::protocol
