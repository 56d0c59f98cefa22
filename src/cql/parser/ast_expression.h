// Expressions: the terms of INSERT, UPDATE and WHERE, and the selectors of SELECT, which are terms with columns in
// them.
//
// The parser guarantees that a term holds no ColumnReference, FieldSelection, ElementSelection, SliceSelection,
// CountRows or CellMetadata; selectors may hold every kind.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cql/parser/ast_base.h"

namespace cassette::cql::parser {

struct Expression;

// A constant as written. Its type is known only to who knows the receiver.
struct Literal {
  enum class Kind : uint8_t {
    kNull,      // No text.
    kString,    // Without quotes, doubled quotes undone.
    kInteger,   // Digits, perhaps with '-'; any number of them.
    kFloat,     // As written, or "NaN", "Infinity", "-Infinity".
    kBoolean,   // "true" or "false".
    kDuration,  // As written: "1h30m", "P1Y2M", "-2d".
    kUuid,      // As written.
    kBlob,      // As written, with its "0x"; the number of digits may be odd.
  };
  Kind kind = Kind::kNull;
  std::string text;
};

// `?` or `:name`. `index` counts from 0 in the order of the text.
struct BindMarker {
  uint16_t index = 0;
  std::optional<Identifier> name;
};

struct ListLiteral {
  std::vector<Expression> elements;
};

// `{a, b}`; `{}` too, whether a set or a map is meant.
struct SetLiteral {
  std::vector<Expression> elements;
};

// `{k: v, ...}`. Entry i is keys[i], values[i]. In a selector this may mean a user type whose field names are the
// ColumnReferences in `keys`.
struct MapLiteral {
  std::vector<Expression> keys;
  std::vector<Expression> values;
};

// `{field: v, ...}` in a term.
struct UserTypeLiteral {
  std::vector<Identifier> fields;
  std::vector<Expression> values;
};

// `(a, b)`. One element: parentheses or a tuple of one, which only the receiver's type can say.
struct TupleLiteral {
  std::vector<Expression> elements;
};

// name(arguments), ks.name(arguments), count(column), token(a, b).
struct FunctionCall {
  QualifiedName function;
  std::vector<Expression> arguments;
};

// `(type) operand`: says which type a marker or literal has; converts nothing.
struct TypeHint {
  TypeName type;
  std::unique_ptr<Expression> operand;
};

// `CAST(operand AS type)`: converts.
struct Cast {
  std::unique_ptr<Expression> operand;
  TypeName type;
};

enum class ArithmeticOperator : uint8_t { kAdd, kSubtract, kMultiply, kDivide, kModulo };

// "+", "-", "*", "/", "%".
std::string_view ToString(ArithmeticOperator op);

struct Operation {
  ArithmeticOperator op = ArithmeticOperator::kAdd;
  std::unique_ptr<Expression> left;
  std::unique_ptr<Expression> right;
};

// `-operand`, where the operand is not a number literal.
struct Negation {
  std::unique_ptr<Expression> operand;
};

struct ColumnReference {
  Identifier column;
};

// `operand.field`.
struct FieldSelection {
  std::unique_ptr<Expression> operand;
  Identifier field;
};

// `operand[element]`.
struct ElementSelection {
  std::unique_ptr<Expression> operand;
  std::unique_ptr<Expression> element;
};

// `operand[from..to]`; either bound may be absent (null).
struct SliceSelection {
  std::unique_ptr<Expression> operand;
  std::unique_ptr<Expression> from;
  std::unique_ptr<Expression> to;
};

// `COUNT(*)`.
struct CountRows {};

// WRITETIME(x), MAXWRITETIME(x), TTL(x): x is a column, perhaps with field, element or slice.
struct CellMetadata {
  enum class Kind : uint8_t { kWriteTime, kMaxWriteTime, kTtl };
  Kind kind = Kind::kWriteTime;
  std::unique_ptr<Expression> operand;
};

// One node of the tree, and where its text begins (an Operation: where its operator stands).
// Thread safety: an immutable Expression may be read from many threads. Ownership: owns its parts. Move-only.
struct Expression {
  using Node = std::variant<Literal, BindMarker, ListLiteral, SetLiteral, MapLiteral, UserTypeLiteral, TupleLiteral,
                            FunctionCall, TypeHint, Cast, Operation, Negation, ColumnReference, FieldSelection,
                            ElementSelection, SliceSelection, CountRows, CellMetadata>;
  SourcePosition position;
  Node node;

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&node);
  }
  template <typename T>
  bool Is() const {
    return std::holds_alternative<T>(node);
  }
};

// The text of the expression as CQL, parsable again.
std::string ToString(const Expression& expression);

}  // namespace cassette::cql::parser
