// Statements on the schema: keyspaces, tables, types, indexes, views, functions, aggregates, triggers; USE and
// DESCRIBE.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cql/parser/ast_base.h"
#include "cql/parser/ast_data.h"
#include "cql/parser/ast_expression.h"

namespace cassette::cql::parser {

struct UseStatement {
  SourcePosition position;
  Identifier keyspace;
};

struct CreateKeyspaceStatement {
  SourcePosition position;
  Identifier keyspace;
  bool if_not_exists = false;
  std::vector<Property> properties;
};

struct AlterKeyspaceStatement {
  SourcePosition position;
  Identifier keyspace;
  bool if_exists = false;
  std::vector<Property> properties;
};

struct DropKeyspaceStatement {
  SourcePosition position;
  Identifier keyspace;
  bool if_exists = false;
};

// MASKED WITH function(arguments); MASKED WITH DEFAULT is mask_default().
struct ColumnMask {
  QualifiedName function;
  std::vector<Expression> arguments;
};

struct ColumnDefinition {
  Identifier name;
  TypeName type;
  bool is_static = false;
  std::optional<ColumnMask> mask;
};

struct PrimaryKey {
  SourcePosition position;
  std::vector<Identifier> partition_key;
  std::vector<Identifier> clustering;
};

struct ClusteringOrder {
  Identifier column;
  bool descending = false;
};

// What stands after WITH of a table or view.
struct TableOptions {
  std::vector<Property> properties;
  std::vector<ClusteringOrder> clustering_order;
  bool compact_storage = false;
};

struct CreateTableStatement {
  SourcePosition position;
  QualifiedName table;
  bool if_not_exists = false;
  std::vector<ColumnDefinition> columns;
  // One for each PRIMARY KEY in the text, inline ones too: none, or several, is the mistake of the statement's author
  // that analysis reports.
  std::vector<PrimaryKey> primary_keys;
  TableOptions options;
};

struct AlterTableStatement {
  struct AlterType {
    Identifier column;
    TypeName type;
  };
  struct AlterMask {
    bool if_exists = false;
    Identifier column;
    std::optional<ColumnMask> mask;  // None: DROP MASKED.
  };
  struct AddColumns {
    bool if_not_exists = false;
    std::vector<ColumnDefinition> columns;
  };
  struct DropColumns {
    bool if_exists = false;
    std::vector<Identifier> columns;
    std::optional<std::string> timestamp;  // The integer as written.
  };
  struct RenameColumns {
    bool if_exists = false;
    std::vector<std::pair<Identifier, Identifier>> names;  // From, to.
  };
  struct DropCompactStorage {};
  struct SetOptions {
    std::vector<Property> properties;
  };
  SourcePosition position;
  QualifiedName table;
  bool if_exists = false;
  std::variant<SetOptions, AddColumns, DropColumns, RenameColumns, AlterType, AlterMask, DropCompactStorage> change;
};

struct DropTableStatement {
  SourcePosition position;
  QualifiedName table;
  bool if_exists = false;
};

struct CreateTypeStatement {
  SourcePosition position;
  QualifiedName type;
  bool if_not_exists = false;
  std::vector<std::pair<Identifier, TypeName>> fields;
};

struct AlterTypeStatement {
  struct AddField {
    bool if_not_exists = false;
    Identifier field;
    TypeName type;
  };
  struct AlterField {
    Identifier field;
    TypeName type;
  };
  struct RenameFields {
    bool if_exists = false;
    std::vector<std::pair<Identifier, Identifier>> names;  // From, to.
  };
  SourcePosition position;
  QualifiedName type;
  bool if_exists = false;
  std::variant<AlterField, AddField, RenameFields> change;
};

struct DropTypeStatement {
  SourcePosition position;
  QualifiedName type;
  bool if_exists = false;
};

struct IndexTarget {
  enum class Kind : uint8_t { kColumn, kValues, kKeys, kEntries, kFull };
  Kind kind = Kind::kColumn;
  Identifier column;
};

struct CreateIndexStatement {
  SourcePosition position;
  bool custom = false;
  bool if_not_exists = false;
  std::optional<Identifier> name;
  QualifiedName table;
  std::vector<IndexTarget> targets;
  std::optional<std::string> using_class;
  std::vector<Property> properties;
};

struct DropIndexStatement {
  SourcePosition position;
  QualifiedName index;
  bool if_exists = false;
};

struct CreateViewStatement {
  SourcePosition position;
  QualifiedName view;
  bool if_not_exists = false;
  QualifiedName base_table;
  std::vector<Selector> selectors;  // None: `*`.
  std::vector<Relation> where;
  PrimaryKey primary_key;
  TableOptions options;
};

struct AlterViewStatement {
  SourcePosition position;
  QualifiedName view;
  bool if_exists = false;
  std::vector<Property> properties;
};

struct DropViewStatement {
  SourcePosition position;
  QualifiedName view;
  bool if_exists = false;
};

struct CreateFunctionStatement {
  SourcePosition position;
  QualifiedName function;
  bool or_replace = false;
  bool if_not_exists = false;
  std::vector<std::pair<Identifier, TypeName>> arguments;
  bool called_on_null_input = false;
  TypeName returns;
  std::string language;  // Lower case.
  std::string body;
};

struct CreateAggregateStatement {
  SourcePosition position;
  QualifiedName aggregate;
  bool or_replace = false;
  bool if_not_exists = false;
  std::vector<TypeName> arguments;
  Identifier state_function;
  TypeName state_type;
  std::optional<Identifier> final_function;
  std::optional<Expression> initial_condition;
};

// DROP FUNCTION and DROP AGGREGATE.
struct DropFunctionStatement {
  SourcePosition position;
  bool aggregate = false;
  QualifiedName function;
  bool if_exists = false;
  std::optional<std::vector<TypeName>> arguments;
};

struct CreateTriggerStatement {
  SourcePosition position;
  Identifier trigger;
  bool if_not_exists = false;
  QualifiedName table;
  std::string using_class;
};

struct DropTriggerStatement {
  SourcePosition position;
  Identifier trigger;
  bool if_exists = false;
  QualifiedName table;
};

struct DescribeStatement {
  enum class Kind : uint8_t {
    kCluster,
    kSchema,  // FULL SCHEMA has `full`.
    kKeyspaces,
    kKeyspace,  // `name` is the keyspace, absent for the one in use; ONLY KEYSPACE has `only`.
    kTables,
    kTable,
    kIndex,
    kView,
    kTypes,
    kType,
    kFunctions,
    kFunction,
    kAggregates,
    kAggregate,
    kGeneric,  // Whatever has that name.
  };
  SourcePosition position;
  Kind kind = Kind::kCluster;
  std::optional<QualifiedName> name;
  bool full = false;
  bool only = false;
  bool with_internals = false;
};

}  // namespace cassette::cql::parser
