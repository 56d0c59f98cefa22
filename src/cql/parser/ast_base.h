// The words that every syntax tree is made of: places in the text, names, type names, properties.
//
// All syntax trees are plain values: they own their strings and know nothing of the text they came from but offsets
// into it. They are move-only, since expressions own their parts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cassette::cql::parser {

// A place in the statement's text, in bytes from its start. DescribePlace (source.h) turns it into line and column.
struct SourcePosition {
  uint32_t offset = 0;
};

// A name as CQL means it: unquoted names are lower case here, quoted ones as they stood, their doubled quotes undone.
struct Identifier {
  std::string name;
  SourcePosition position;
  bool quoted = false;

  bool operator==(const Identifier& other) const { return name == other.name; }
};

// keyspace.name, or a name alone.
struct QualifiedName {
  std::optional<Identifier> keyspace;
  Identifier name;
};

// A type as written: `int`, `frozen<map<text, ks.address>>`, `vector<float, 3>`, 'org.apache.SomeType'.
struct TypeName {
  enum class Kind : uint8_t {
    kNative,  // `name` is one of Cassandra's native types, lower case ("varchar" stays "varchar").
    kList,    // One parameter.
    kSet,     // One parameter.
    kMap,     // Two parameters: key, value.
    kTuple,   // One parameter or more.
    kVector,  // One parameter, and `dimension`.
    kFrozen,  // One parameter.
    kUser,    // `name`, perhaps with `keyspace`.
    kCustom,  // `name` is the class name that stood in a string literal.
  };
  Kind kind = Kind::kNative;
  SourcePosition position;
  std::optional<Identifier> keyspace;
  std::string name;
  std::vector<TypeName> parameters;
  int32_t dimension = 0;
};

// The text of the type as CQL writes it, with Cassandra's spacing: "frozen<map<text, int>>".
std::string ToString(const TypeName& type);

// The value of a property in WITH name = value: a constant or unreserved word (its raw text), or a map of constants.
struct PropertyValue {
  bool is_map = false;
  std::string text;  // Strings without their quotes. REQUIRES: !is_map.
  std::vector<std::pair<std::string, std::string>> map;
};

struct Property {
  Identifier name;
  PropertyValue value;
};

}  // namespace cassette::cql::parser
