// CREATE INDEX and DROP INDEX on a schema (CreateIndexStatement, DropIndexStatement).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "catalog/table_options.h"
#include "schema/schema.h"

namespace cassette::catalog {

struct CreateIndex {
  struct Target {
    std::string column;
    schema::IndexTarget target = schema::IndexTarget::kColumn;  // Of a collection that is not frozen: its values.
  };
  std::string keyspace;
  std::string table;
  bool if_not_exists = false;
  bool is_custom = false;
  std::optional<std::string> name;
  std::optional<std::string> class_name;
  std::vector<Target> targets;
  std::vector<Property> properties;
};

struct DropIndex {
  std::string keyspace;
  std::string index;
  bool if_exists = false;
};

// What a change did: the schema after it, and the table whose index came or went. No table: nothing changed.
struct IndexChangeResult {
  schema::Schema schema;
  std::string table;
};

// `new_table_id` is for the table of the entries.
base::Result<IndexChangeResult> ApplyCreateIndex(const schema::Schema& current, const CreateIndex& change,
                                                 const schema::TableId& new_table_id);
base::Result<IndexChangeResult> ApplyDropIndex(const schema::Schema& current, const DropIndex& change);

// As system_schema.indexes shows it: "v", "keys(m)", "\"V\"".
std::string IndexTargetText(const schema::Table& table, const schema::Index& index);

// "a, b": the indexes of a column; empty when there is none.
std::string IndexesOf(const schema::Table& table, schema::ColumnId column);

}  // namespace cassette::catalog
