// type_as_blob and blob_as_type (org.apache.cassandra.cql3.functions.BytesConversionFcts).
#include <fmt/format.h>

#include "cql/functions/native_function.h"
#include "types/text.h"
#include "types/value.h"

namespace cassette::cql::functions {

namespace {

struct NamedType {
  std::string_view name;
  TypeKind kind;
};
constexpr NamedType kTypes[] = {
    {"ascii", TypeKind::kAscii},         {"bigint", TypeKind::kBigint},     {"boolean", TypeKind::kBoolean},
    {"counter", TypeKind::kCounter},     {"date", TypeKind::kDate},         {"decimal", TypeKind::kDecimal},
    {"double", TypeKind::kDouble},       {"duration", TypeKind::kDuration}, {"empty", TypeKind::kEmpty},
    {"float", TypeKind::kFloat},         {"inet", TypeKind::kInet},         {"int", TypeKind::kInt},
    {"smallint", TypeKind::kSmallint},   {"text", TypeKind::kText},         {"time", TypeKind::kTime},
    {"timestamp", TypeKind::kTimestamp}, {"timeuuid", TypeKind::kTimeuuid}, {"tinyint", TypeKind::kTinyint},
    {"uuid", TypeKind::kUuid},           {"varchar", TypeKind::kText},      {"varint", TypeKind::kVarint},
};

FunctionPtr ToBlob(std::string name, TypeKind from) {
  return MakeScalar(
      std::move(name), {from}, TypeKind::kBlob,
      [](std::span<const ValueView> arguments, const EvalContext&, std::string* out) -> base::Result<bool> {
        out->append(arguments[0].bytes);
        return false;
      },
      {NullRule::kNull, true, nullptr});
}

FunctionPtr FromBlob(std::string name, const NamedType& to) {
  const std::string own_name = name;
  return MakeScalar(
      std::move(name), {TypeKind::kBlob}, to.kind,
      [=](std::span<const ValueView> arguments, const EvalContext&, std::string* out) -> base::Result<bool> {
        const std::string_view bytes = arguments[0].bytes;
        if (!types::Validate(DataType(to.kind), bytes).ok()) {
          std::string hex;
          types::AppendHex(bytes, &hex);
          return base::InvalidArgument(
              fmt::format("In call to function system.{}, value 0x{} is not a valid binary representation for type {}",
                          own_name, hex, to.name));
        }
        out->append(bytes);
        return false;
      },
      {NullRule::kNull, true, nullptr});
}

}  // namespace

void AddBlobConversions(FunctionList* functions) {
  for (const NamedType& type : kTypes) {
    functions->push_back(ToBlob(fmt::format("{}_as_blob", type.name), type.kind));
    functions->push_back(ToBlob(fmt::format("{}asblob", type.name), type.kind));
    functions->push_back(FromBlob(fmt::format("blob_as_{}", type.name), type));
    functions->push_back(FromBlob(fmt::format("blobas{}", type.name), type));
  }
}

}  // namespace cassette::cql::functions
