// JSON of CQL values, as Cassandra 5.0 has it: SELECT JSON, INSERT JSON, to_json, from_json
// (AbstractType.toJSONString, AbstractType.fromJSONObject).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "types/data_type.h"
#include "types/value.h"

namespace cassette::types {

inline constexpr size_t kMaxJsonDepth = 1000;  // Of lists and objects within one another, as Cassandra's parser has it.

// A JSON document. Ownership: owns its parts.
struct JsonValue {
  enum class Kind : uint8_t { kNull, kBoolean, kInteger, kFloat, kString, kList, kObject };
  Kind kind = Kind::kNull;
  bool boolean = false;
  double number = 0;               // kFloat
  std::string text;                // kString; kInteger: its digits, any number of them.
  std::vector<std::string> names;  // kObject: of `items`. A name that stands twice means the last.
  std::vector<JsonValue> items;    // kList, kObject
};

// Reads the document that `text` begins with; what follows it does not count. kInvalidArgument says where it is no
// JSON.
base::Result<JsonValue> ParseJson(std::string_view text);

// Replaces *out by the serialized value that `json` means for `type`; true when it is null. kInvalidArgument says what
// was expected.
base::Result<bool> ValueFromJson(const DataType& type, const JsonValue& json, std::string* out);

// Appends the JSON form of a value. REQUIRES: `bytes` validate.
void AppendJson(const DataType& type, std::string_view bytes, std::string* out);
// In double quotes, escaped.
void AppendJsonString(std::string_view text, std::string* out);
// As a key of an object: a name that is not all lower case keeps quotes of its own.
void AppendJsonName(std::string_view name, std::string* out);

// A column that INSERT JSON fills.
struct JsonReceiver {
  std::string name;
  DataType type;
};
struct JsonField {
  bool is_given = false;
  bool is_null = true;
  std::string bytes;
};
// The values of an object, one a receiver. Names fold to lower case but in quotes. kInvalidArgument for what is no
// object, for names that no receiver has, and for values of the wrong type, naming the column.
base::Result<std::vector<JsonField>> FieldsFromJson(std::string_view text, std::span<const JsonReceiver> receivers);

}  // namespace cassette::types
