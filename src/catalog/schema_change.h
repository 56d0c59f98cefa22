// Schema changes as values: what CREATE, ALTER and DROP ask for, and functions that make the schema after from the
// schema before, with Cassandra's checks and messages (CreateTableStatement, AlterTableStatement and their kin).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.h"
#include "catalog/index_change.h"
#include "catalog/table_options.h"
#include "catalog/view_change.h"
#include "schema/schema.h"
#include "types/data_type.h"

namespace cassette::catalog {

inline constexpr size_t kMaxKeyspaceNameBytes = 48;  // As SchemaConstants.NAME_LENGTH.
inline constexpr size_t kMaxTableNameBytes = 222;    // As Cassandra 5.0: a file name holds it with an id behind.

struct CreateKeyspace {
  std::string keyspace;
  bool if_not_exists = false;
  std::vector<Property> properties;
};

struct AlterKeyspace {
  std::string keyspace;
  bool if_exists = false;
  std::vector<Property> properties;
};

struct DropKeyspace {
  std::string keyspace;
  bool if_exists = false;
};

struct NewColumn {
  std::string name;
  types::DataType type;
  bool is_static = false;
};

struct CreateTable {
  std::string keyspace;
  std::string table;
  bool if_not_exists = false;
  std::vector<NewColumn> columns;
  std::vector<std::string> partition_key;
  std::vector<std::string> clustering;
  std::vector<std::pair<std::string, bool>> clustering_order;  // Column, and whether descending.
  std::vector<Property> properties;
};

struct AlterTable {
  struct AddColumns {
    bool if_not_exists = false;
    std::vector<NewColumn> columns;
  };
  struct DropColumns {
    bool if_exists = false;
    std::vector<std::string> columns;
    std::optional<int64_t> timestamp_micros;
  };
  struct RenameColumns {
    bool if_exists = false;
    std::vector<std::pair<std::string, std::string>> names;  // From, to.
  };
  struct SetOptions {
    std::vector<Property> properties;
  };
  std::string keyspace;
  std::string table;
  bool if_exists = false;
  std::variant<SetOptions, AddColumns, DropColumns, RenameColumns> change;
};

struct DropTable {
  std::string keyspace;
  std::string table;
  bool if_exists = false;
};

struct NewField {
  std::string name;
  types::DataType type;
};

struct CreateType {
  std::string keyspace;
  std::string type;
  bool if_not_exists = false;
  std::vector<NewField> fields;
};

struct AlterType {
  struct AddField {
    bool if_not_exists = false;
    NewField field;
  };
  struct RenameFields {
    bool if_exists = false;
    std::vector<std::pair<std::string, std::string>> names;  // From, to.
  };
  struct ChangeFieldType {};  // Parsed, and always refused.
  std::string keyspace;
  std::string type;
  bool if_exists = false;
  std::variant<ChangeFieldType, AddField, RenameFields> change;
};

struct DropType {
  std::string keyspace;
  std::string type;
  bool if_exists = false;
};

using SchemaChange =
    std::variant<CreateKeyspace, AlterKeyspace, DropKeyspace, CreateTable, AlterTable, DropTable, CreateType, AlterType,
                 DropType, CreateIndex, DropIndex, CreateView, AlterView, DropView>;

// What a change did, as the native protocol tells it.
struct SchemaChangeResult {
  bool changed = false;  // False: IF [NOT] EXISTS found nothing to do.
  std::string change;    // "CREATED", "UPDATED", "DROPPED"
  std::string target;    // "KEYSPACE", "TABLE", "TYPE"
  std::string keyspace;
  std::string name;  // Of the table or type; empty for a keyspace.
  std::vector<std::string> warnings;
};

// What a change may need beside the schema.
struct SchemaChangeContext {
  int64_t now_micros = 0;
  schema::TableId new_table_id;  // For a table without one of its own.
};

// The schema after `change`. Fills `result`; when it says that nothing changed, the schema is `current`.
base::Result<schema::Schema> ApplySchemaChange(const schema::Schema& current, const SchemaChange& change,
                                               const SchemaChangeContext& context, SchemaChangeResult* result);

// Whether the keyspace is one of ours, which no user may change.
bool IsSystemKeyspace(std::string_view keyspace);

}  // namespace cassette::catalog
