// ValueFromJson and FieldsFromJson of json.h.
#include <fmt/format.h>

#include <bit>
#include <optional>

#include "codec/fixed.h"
#include "types/composite.h"
#include "types/json.h"
#include "types/text.h"

namespace cassette::types {
namespace {

using Kind = JsonValue::Kind;

// As the value stands in messages.
std::string Describe(const JsonValue& json) {
  switch (json.kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBoolean:
      return fmt::format("a boolean: {}", json.boolean);
    case Kind::kInteger:
      return fmt::format("an integer: {}", json.text);
    case Kind::kFloat:
      return fmt::format("a floating point number: {}", json.number);
    case Kind::kString:
      return fmt::format("a string: \"{}\"", json.text);
    case Kind::kList:
      return fmt::format("a list of {}", json.items.size());
    case Kind::kObject:
      break;
  }
  return fmt::format("an object of {}", json.items.size());
}

base::Status Expected(std::string_view what, const JsonValue& json) {
  return base::InvalidArgument(fmt::format("Expected {}, but got {}", what, Describe(json)));
}

std::string DoubleText(double value) {
  std::string bytes;
  AppendDouble(value, &bytes);
  return ToText(DataType(TypeKind::kDouble), bytes);
}

base::Result<std::string> TextValue(const DataType& type, const JsonValue& json) {
  if (json.kind != Kind::kString) return Expected("a string", json);
  CASSETTE_RETURN_IF_ERROR(Validate(type, json.text));
  return json.text;
}

base::Result<std::string> BlobValue(const JsonValue& json) {
  if (json.kind != Kind::kString) return Expected("a string of hexadecimal digits", json);
  if (!json.text.starts_with("0x")) {
    return base::InvalidArgument(
        fmt::format("Value '{}' is not a valid blob representation: String representation of blob is missing 0x prefix",
                    json.text));
  }
  return ParseHex(json.text);
}

// Numbers of decimal and varint are taken as Java prints them: a floating point number goes through double.
base::Result<std::string> NumberValue(const DataType& type, const JsonValue& json) {
  if (json.kind == Kind::kString || json.kind == Kind::kInteger) return FromText(type, json.text);
  if (json.kind == Kind::kFloat) return FromText(type, DoubleText(json.number));
  return Expected(type.ToString(), json);
}

base::Result<std::string> FloatingValue(const DataType& type, const JsonValue& json) {
  if (json.kind == Kind::kString || json.kind == Kind::kInteger) return FromText(type, json.text);
  if (json.kind != Kind::kFloat) return Expected(type.ToString(), json);
  std::string bytes;
  if (type.kind() == TypeKind::kDouble) {
    AppendDouble(json.number, &bytes);
  } else {
    codec::AppendBig(std::bit_cast<uint32_t>(static_cast<float>(json.number)), &bytes);
  }
  return bytes;
}

base::Result<std::string> ScalarValue(const DataType& type, const JsonValue& json) {
  switch (type.kind()) {
    case TypeKind::kAscii:
    case TypeKind::kText:
      return TextValue(type, json);
    case TypeKind::kBlob:
      return BlobValue(json);
    case TypeKind::kBoolean:
      if (json.kind == Kind::kBoolean) return std::string(1, json.boolean ? '\1' : '\0');
      break;
    case TypeKind::kDecimal:
    case TypeKind::kVarint:
      return NumberValue(type, json);
    case TypeKind::kDouble:
    case TypeKind::kFloat:
      return FloatingValue(type, json);
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInt:
    case TypeKind::kBigint:
    case TypeKind::kCounter:
    case TypeKind::kTimestamp:
      if (json.kind == Kind::kInteger) return FromText(type, json.text);
      break;
    default:
      break;
  }
  if (json.kind != Kind::kString) return Expected(fmt::format("a value of type {}", type.ToString()), json);
  return FromText(type, json.text);
}

// Items that own their bytes, put together.
std::string Compose(const DataType& type, const std::vector<std::optional<std::string>>& items) {
  std::vector<ValueView> views;
  for (const std::optional<std::string>& item : items) {
    views.push_back(item ? ValueView::Of(*item) : ValueView::Null());
  }
  SortItems(type, &views);
  std::string bytes;
  AppendComposite(type, views, &bytes);
  return bytes;
}

// A value that must be one, as in collections.
base::Result<std::string> RequiredValue(const DataType& type, const JsonValue& json, const char* what) {
  std::string bytes;
  CASSETTE_ASSIGN_OR_RETURN(const bool is_null, ValueFromJson(type, json, &bytes));
  if (is_null) return base::InvalidArgument(fmt::format("Invalid null {}", what));
  return bytes;
}

base::Result<std::string> ListValue(const DataType& type, const JsonValue& json) {
  const bool is_set = type.kind() == TypeKind::kSet;
  if (json.kind != Kind::kList) return Expected(is_set ? "a list (representing a set)" : "a list", json);
  if (type.kind() == TypeKind::kVector && json.items.size() != type.dimension()) {
    return base::InvalidArgument(
        fmt::format("List had incorrect size: expected {} but given {}", type.dimension(), json.items.size()));
  }
  std::vector<std::optional<std::string>> items;
  for (const JsonValue& item : json.items) {
    CASSETTE_ASSIGN_OR_RETURN(std::string bytes,
                              RequiredValue(type.element(0), item, is_set ? "element in set" : "element in list"));
    items.push_back(std::move(bytes));
  }
  return Compose(type, items);
}

base::Result<std::string> MapValue(const DataType& type, const JsonValue& json) {
  if (json.kind != Kind::kObject) return Expected("a map", json);
  std::vector<std::optional<std::string>> items;
  for (size_t i = 0; i < json.items.size(); ++i) {
    JsonValue name;
    name.kind = Kind::kString;
    name.text = json.names[i];
    CASSETTE_ASSIGN_OR_RETURN(std::string key, RequiredValue(type.element(0), name, "key in map"));
    CASSETTE_ASSIGN_OR_RETURN(std::string value, RequiredValue(type.element(1), json.items[i], "value in map"));
    items.push_back(std::move(key));
    items.push_back(std::move(value));
  }
  return Compose(type, items);
}

base::Result<std::optional<std::string>> FieldValue(const DataType& type, const JsonValue& json) {
  std::string bytes;
  CASSETTE_ASSIGN_OR_RETURN(const bool is_null, ValueFromJson(type, json, &bytes));
  return is_null ? std::nullopt : std::optional(std::move(bytes));
}

base::Result<std::string> TupleValue(const DataType& type, const JsonValue& json) {
  if (json.kind != Kind::kList) return Expected("a list representation of a tuple", json);
  const size_t count = type.fields().size();
  if (json.items.size() != count) {
    return base::InvalidArgument(fmt::format("Tuple {} items (expected {}, got {})",
                                             json.items.size() < count ? "is missing" : "contains extra", count,
                                             json.items.size()));
  }
  std::vector<std::optional<std::string>> items(count);
  for (size_t i = 0; i < count; ++i) {
    CASSETTE_ASSIGN_OR_RETURN(items[i], FieldValue(type.element(i), json.items[i]));
  }
  return Compose(type, items);
}

// Names that JSON has in quotes are as they stand, others fold to lower case.
std::string FoldName(std::string_view name) {
  if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
    return std::string(name.substr(1, name.size() - 2));
  std::string folded(name);
  for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return folded;
}

base::Result<std::string> UserTypeValue(const DataType& type, const JsonValue& json) {
  if (json.kind != Kind::kObject) return Expected("a map", json);
  std::vector<const JsonValue*> values(type.fields().size(), nullptr);
  for (size_t i = 0; i < json.items.size(); ++i) {
    const std::string name = FoldName(json.names[i]);
    size_t field = 0;
    while (field < values.size() && type.fields()[field].name != name) ++field;
    if (field == values.size()) {
      return base::InvalidArgument(
          fmt::format("Unknown field '{}' in value of user defined type {}", name, type.udt_name()));
    }
    values[field] = &json.items[i];
  }
  std::vector<std::optional<std::string>> items(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] == nullptr) continue;
    CASSETTE_ASSIGN_OR_RETURN(items[i], FieldValue(type.element(i), *values[i]));
  }
  return Compose(type, items);
}

base::Result<std::string> CompositeValue(const DataType& type, const JsonValue& json) {
  switch (type.kind()) {
    case TypeKind::kMap:
      return MapValue(type, json);
    case TypeKind::kTuple:
      return TupleValue(type, json);
    case TypeKind::kUdt:
      return UserTypeValue(type, json);
    default:
      return ListValue(type, json);
  }
}

}  // namespace

base::Result<bool> ValueFromJson(const DataType& type, const JsonValue& json, std::string* out) {
  out->clear();
  if (json.kind == Kind::kNull) return true;
  if (type.is_scalar()) {
    CASSETTE_ASSIGN_OR_RETURN(*out, ScalarValue(type, json));
    return false;
  }
  // A collection may stand in a string: that is how it is a key of a map.
  if (json.kind == Kind::kString) {
    CASSETTE_ASSIGN_OR_RETURN(const JsonValue inner, ParseJson(json.text));
    if (inner.kind == Kind::kNull) return true;
    CASSETTE_ASSIGN_OR_RETURN(*out, CompositeValue(type, inner));
    return false;
  }
  CASSETTE_ASSIGN_OR_RETURN(*out, CompositeValue(type, json));
  return false;
}

base::Result<std::vector<JsonField>> FieldsFromJson(std::string_view text, std::span<const JsonReceiver> receivers) {
  CASSETTE_ASSIGN_OR_RETURN(const JsonValue json, ParseJson(text));
  if (json.kind == Kind::kNull) return base::InvalidArgument("Got null for INSERT JSON values");
  if (json.kind != Kind::kObject) {
    return base::InvalidArgument(fmt::format("Could not decode JSON string as a map: it is {}", Describe(json)));
  }
  std::vector<JsonField> fields(receivers.size());
  for (size_t i = 0; i < json.items.size(); ++i) {
    const std::string name = FoldName(json.names[i]);
    size_t at = 0;
    while (at < receivers.size() && receivers[at].name != name) ++at;
    if (at == receivers.size()) {
      return base::InvalidArgument(fmt::format("JSON values map contains unrecognized column: {}", name));
    }
    fields[at].is_given = true;
    base::Result<bool> is_null = ValueFromJson(receivers[at].type, json.items[i], &fields[at].bytes);
    if (!is_null.ok()) {
      return base::InvalidArgument(
          fmt::format("Error decoding JSON value for {}: {}", name, is_null.status().message()));
    }
    fields[at].is_null = *is_null;
  }
  return fields;
}

}  // namespace cassette::types
