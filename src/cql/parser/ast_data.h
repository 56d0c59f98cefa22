// Statements on rows: SELECT, INSERT, UPDATE, DELETE, BATCH, TRUNCATE.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cql/parser/ast_base.h"
#include "cql/parser/ast_expression.h"

namespace cassette::cql::parser {

enum class Operator : uint8_t {
  kEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kNotEqual,
  kIn,
  kContains,
  kContainsKey,
  kLike,
  kIsNotNull,
};

// "=", "<=", "IN", "CONTAINS KEY", "IS NOT NULL".
std::string_view ToString(Operator op);

// One relation of a WHERE clause.
//
//   target              columns  key     values
//   kColumn   a = t     one      -       one; kIn with in_list: any number; kIsNotNull: none
//   kElement  a[k] = t  one      k       one
//   kTuple    (a, b)    one up   -       one tuple literal or marker; kIn with in_list: tuple literals or markers
//   kToken    TOKEN(a)  one up   -       one
//   kIndexExpression    none     -       one: expr(index, t)
//
// `a IN ?` has in_list false and the marker as its only value.
struct Relation {
  enum class Target : uint8_t { kColumn, kElement, kTuple, kToken, kIndexExpression };
  Target target = Target::kColumn;
  Operator op = Operator::kEqual;
  bool in_list = false;
  SourcePosition position;
  std::vector<Identifier> columns;
  std::optional<Expression> key;
  std::vector<Expression> values;
  std::optional<Identifier> index;
};

// One condition of IF: `column = t`, `column[key] IN (...)`, `column.field > t`. Values as in Relation.
struct Condition {
  Operator op = Operator::kEqual;
  bool in_list = false;
  Identifier column;
  std::optional<Expression> key;
  std::optional<Identifier> field;
  std::vector<Expression> values;
};

// USING TIMESTAMP t AND TTL t: integer literals or markers. The last one of a kind counts, as in Cassandra.
struct UsingClause {
  std::optional<Expression> timestamp;
  std::optional<Expression> time_to_live;
};

struct Selector {
  Expression expression;
  std::optional<Identifier> alias;
};

struct Ordering {
  Identifier column;
  std::optional<Expression> ann_of;  // ORDER BY column ANN OF vector.
  bool descending = false;
};

struct SelectStatement {
  SourcePosition position;
  QualifiedName table;
  bool distinct = false;
  bool json = false;
  std::vector<Selector> selectors;  // None: `*`.
  std::vector<Relation> where;
  std::vector<Expression> group_by;  // Selectors, of which only some are legal.
  std::vector<Ordering> order_by;
  std::optional<Expression> per_partition_limit;  // Integer literal or marker.
  std::optional<Expression> limit;                // Integer literal or marker.
  bool allow_filtering = false;
};

struct InsertStatement {
  SourcePosition position;
  QualifiedName table;
  std::vector<Identifier> columns;  // None for JSON.
  std::vector<Expression> values;   // Perhaps not as many as columns: that is not the grammar's business.
  std::optional<Expression> json;   // String literal or marker.
  bool json_default_unset = false;
  bool if_not_exists = false;
  UsingClause using_clause;
};

// One assignment of UPDATE ... SET.
struct Assignment {
  enum class Kind : uint8_t {
    kSet,         // column = value
    kAdd,         // column = column + value, column += value; a counter's `c = c -3` is kAdd of "-3"
    kSubtract,    // column = column - value, column -= value
    kPrepend,     // column = value + column
    kSetElement,  // column[key] = value
    kSetField,    // column.field = value
  };
  Kind kind = Kind::kSet;
  Identifier column;
  std::optional<Expression> key;
  std::optional<Identifier> field;
  Expression value;
};

struct UpdateStatement {
  SourcePosition position;
  QualifiedName table;
  UsingClause using_clause;
  std::vector<Assignment> assignments;
  std::vector<Relation> where;
  bool if_exists = false;
  std::vector<Condition> conditions;
};

// One target of DELETE targets FROM: column, column[key] or column.field.
struct Deletion {
  Identifier column;
  std::optional<Expression> key;
  std::optional<Identifier> field;
};

struct DeleteStatement {
  SourcePosition position;
  QualifiedName table;
  std::vector<Deletion> deletions;  // None: whole rows.
  UsingClause using_clause;         // TIMESTAMP only.
  std::vector<Relation> where;
  bool if_exists = false;
  std::vector<Condition> conditions;
};

using ModificationStatement = std::variant<InsertStatement, UpdateStatement, DeleteStatement>;

struct BatchStatement {
  enum class Kind : uint8_t { kLogged, kUnlogged, kCounter };
  SourcePosition position;
  Kind kind = Kind::kLogged;
  UsingClause using_clause;
  std::vector<ModificationStatement> statements;
};

struct TruncateStatement {
  SourcePosition position;
  QualifiedName table;
};

// Our own: what a SELECT will touch.
struct ExplainStatement {
  SourcePosition position;
  SelectStatement select;
};

}  // namespace cassette::cql::parser
