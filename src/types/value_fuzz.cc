// Any bytes as a type, as a value of each scalar type, as its text and as its ordered key.
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "types/value.h"

namespace cassette::types {
namespace {

constexpr TypeKind kKinds[] = {
    TypeKind::kAscii,    TypeKind::kBigint, TypeKind::kBlob,    TypeKind::kBoolean,  TypeKind::kDate,
    TypeKind::kDecimal,  TypeKind::kDouble, TypeKind::kFloat,   TypeKind::kInt,      TypeKind::kTimestamp,
    TypeKind::kUuid,     TypeKind::kText,   TypeKind::kVarint,  TypeKind::kTimeuuid, TypeKind::kInet,
    TypeKind::kDuration, TypeKind::kTime,   TypeKind::kCounter, TypeKind::kSmallint, TypeKind::kTinyint,
};

// A value prints; what it prints is read again as an equal value, where no digits are lost in printing.
void CheckValue(const DataType& type, std::string_view bytes) {
  if (!Validate(type, bytes).ok()) return;
  const std::string text = ToText(type, bytes);
  CASSETTE_ASSERT(Compare(type, bytes, bytes) == 0);
  std::string encoded;
  AppendOrdered(type, bytes, false, &encoded);
  CASSETTE_ASSERT(OrderedLength(type, false, encoded) == encoded.size());
  std::string_view rest = encoded;
  std::string decoded;
  if (!DecodeOrdered(type, false, &rest, &decoded).ok()) return;  // A decimal beyond the scales that can be written.
  CASSETTE_ASSERT(Compare(type, bytes, decoded) == 0);
  const base::Result<std::string> back = FromText(type, text);
  if (back.ok() && type.kind() != TypeKind::kTimestamp) CASSETTE_ASSERT(Validate(type, *back).ok());
}

void CheckText(const DataType& type, std::string_view text) {
  const base::Result<std::string> bytes = FromText(type, text);
  if (bytes.ok()) CASSETTE_ASSERT(Validate(type, *bytes).ok());
}

void CheckKey(const DataType& type, std::string_view bytes) {
  for (bool descending : {false, true}) {
    std::string_view rest = bytes;
    std::string value;
    if (!DecodeOrdered(type, descending, &rest, &value).ok()) continue;
    CASSETTE_ASSERT(OrderedLength(type, descending, bytes) == bytes.size() - rest.size());
  }
}

}  // namespace
}  // namespace cassette::types

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cassette::types;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string_view rest = bytes;
  const auto type = ParseType(&rest);
  if (type.ok()) (void)Validate(*type, rest).ok();
  for (TypeKind kind : kKinds) {
    CheckValue(DataType(kind), bytes);
    CheckText(DataType(kind), bytes);
    CheckKey(DataType(kind), bytes);
  }
  return 0;
}
