// Values of CQL types as serialized bytes (native_protocol_v5.spec, section 6), and what one can do with them.
//
// A value is null (absent), empty (zero bytes, legal for most types) or has bytes; a bound value may also be unset.
// All functions take and give Cassandra's serialized form; nothing here allocates beyond its result.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "types/data_type.h"

namespace cassette::types {

// A value that lives elsewhere. Lifetime: `bytes` must outlive it.
struct ValueView {
  enum class State : uint8_t { kNull, kUnset, kSet };
  State state = State::kNull;
  std::string_view bytes;

  static ValueView Null() { return {}; }
  static ValueView Unset() { return {State::kUnset, {}}; }
  static ValueView Of(std::string_view bytes) { return {State::kSet, bytes}; }
  bool is_null() const { return state == State::kNull; }
  bool is_unset() const { return state == State::kUnset; }
};

// Whether `bytes` is a legal serialization; kInvalidArgument says what was expected
// ("Expected 4 or 0 byte int (3)", as Cassandra words it).
base::Status Validate(const DataType& type, std::string_view bytes);

// Validate, Compare, FromText and ToText or ToCqlLiteral of types that are no scalars. Of these only tuples are read
// from text: "1:a" is (1, 'a'), "@" a null field; a backslash takes : and @ as they are (TupleType.fromString).
base::Status ValidateComposite(const DataType& type, std::string_view bytes);
int CompareComposite(const DataType& type, std::string_view a, std::string_view b);
base::Result<std::string> TupleFromText(const DataType& type, std::string_view text);
std::string CompositeToText(const DataType& type, std::string_view bytes, bool is_literal);

// Cassandra's order of the type: negative, zero, positive. An empty value sorts before any other.
// REQUIRES: both validate.
int Compare(const DataType& type, std::string_view a, std::string_view b);

// From the text of a CQL string constant, of CSV or of JSON ("2024-01-01", "0xCAFE", "1.5"). kInvalidArgument with
// what is legal.
base::Result<std::string> FromText(const DataType& type, std::string_view text);

// As Cassandra prints it in a SELECT through cqlsh and in CAST ... AS text: doubles as Java's Double.toString,
// timestamps as 2024-01-01 00:00:00.000000+0000 (cqlsh) - see each function's comment. Collections, tuples, user types
// and vectors are printed as CQL writes them, with quotes where the text of an element needs some.
std::string ToText(const DataType& type, std::string_view bytes);
// As a CQL literal that gives the value back: strings quoted, blobs 0x...
std::string ToCqlLiteral(const DataType& type, std::string_view bytes);

// The physical value of types with PhysicalType::kInt64. REQUIRES: bytes validate and are not empty.
int64_t ToInt64(TypeKind kind, std::string_view bytes);
// The reverse: appends the serialized form.
void AppendFromInt64(TypeKind kind, int64_t value, std::string* out);
// Serialized length of a kInt64 or kDouble type: 1, 2, 4 or 8; 0 for other types.
size_t FixedSizeBytes(TypeKind kind);

double ToDouble(std::string_view bytes);
void AppendDouble(double value, std::string* out);

// Order-preserving bytes: memcmp of two encodings agrees with Compare; no encoding is a prefix of another of the same
// type. `descending` inverts. Self-delimiting, so components are concatenated to a clustering key. Decode consumes
// from the front of `bytes`. Every type that may be part of a primary key. (The idea of
// org.apache.cassandra.utils.bytecomparable/ByteComparable.md; the bytes are our own.)
void AppendOrdered(const DataType& type, std::string_view value, bool descending, std::string* out);
// A null component can stand in clusterings of static or compact rows only; it is never encoded here.
base::Status DecodeOrdered(const DataType& type, bool descending, std::string_view* bytes, std::string* value);
// Length of the first component's encoding at the front of `bytes`; npos when malformed.
size_t OrderedLength(const DataType& type, bool descending, std::string_view bytes);

}  // namespace cassette::types
