#include "catalog/table_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace cassette::catalog {
namespace {

using types::DataType;
using types::TypeKind;

bool ContainsDuration(const DataType& type) {
  if (type.kind() == TypeKind::kDuration) return true;
  for (const DataType::Field& field : type.fields()) {
    if (ContainsDuration(*field.type)) return true;
  }
  return false;
}

base::Status CheckColumnType(const NewColumn& column) {
  if (column.type.kind() != TypeKind::kUdt || !column.type.is_multi_cell()) return base::Status::Ok();
  for (const DataType::Field& field : column.type.fields()) {
    if (!field.type->is_multi_cell()) continue;
    return base::InvalidArgument("Non-frozen UDTs with nested non-frozen collections are not supported");
  }
  return base::Status::Ok();
}

bool IsCounter(const DataType& type) { return type.kind() == TypeKind::kCounter; }

// Whether the table's columns beside its key are counters.
bool HasCounters(const schema::Table& table) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [](const schema::Column& column) { return IsCounter(column.type); });
}

// What expires cannot be counted.
base::Status CheckCounterOptions(const schema::Table& table) {
  if (table.options.default_time_to_live_seconds == 0 || !HasCounters(table)) return base::Status::Ok();
  return base::InvalidArgument("Cannot set default_time_to_live on a table with counters");
}

const NewColumn* FindColumn(const CreateTable& change, const std::string& name) {
  for (const NewColumn& column : change.columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

base::Status CheckKeyColumn(const CreateTable& change, const std::string& name, std::set<std::string>* seen) {
  const NewColumn* column = FindColumn(change, name);
  if (column == nullptr) {
    return base::InvalidArgument(
        fmt::format("Unknown column '{}' referenced in PRIMARY KEY for table '{}'", name, change.table));
  }
  if (!seen->insert(name).second) {
    return base::InvalidArgument(
        fmt::format("Duplicate column '{}' in PRIMARY KEY clause for table '{}'", name, change.table));
  }
  if (column->type.is_multi_cell()) {
    return base::InvalidArgument(fmt::format("Invalid non-frozen {} type {} for PRIMARY KEY column '{}'",
                                             column->type.is_collection() ? "collection" : "user-defined",
                                             column->type.ToString(), name));
  }
  if (column->type.kind() == TypeKind::kCounter) {
    return base::InvalidArgument(fmt::format("counter type is not supported for PRIMARY KEY column '{}'", name));
  }
  if (ContainsDuration(column->type)) {
    return base::InvalidArgument(fmt::format("duration type is not supported for PRIMARY KEY column '{}'", name));
  }
  if (column->is_static) {
    return base::InvalidArgument(fmt::format("Static column '{}' cannot be part of the PRIMARY KEY", name));
  }
  return base::Status::Ok();
}

base::Status CheckClusteringOrder(const CreateTable& change) {
  std::set<std::string> ordered;
  for (const auto& [name, descending] : change.clustering_order) {
    if (!ordered.insert(name).second) {
      return base::InvalidArgument(
          fmt::format("Duplicate column '{}' in CLUSTERING ORDER BY clause for table '{}'", name, change.table));
    }
  }
  if (change.clustering_order.size() > change.clustering.size()) {
    return base::InvalidArgument("Only clustering columns can be defined in CLUSTERING ORDER directive");
  }
  for (size_t i = 0; i < change.clustering_order.size(); ++i) {
    const std::string& name = change.clustering_order[i].first;
    const std::string& expected = change.clustering[i];
    if (name == expected) continue;
    if (ordered.contains(expected)) {
      return base::InvalidArgument(
          fmt::format("The order of columns in the CLUSTERING ORDER directive must match that of the clustering "
                      "columns ({} must appear before {})",
                      expected, name));
    }
    return base::InvalidArgument(fmt::format("Missing CLUSTERING ORDER for column {}", expected));
  }
  return base::Status::Ok();
}

base::Status CheckColumns(const CreateTable& change) {
  std::set<std::string> names;
  for (const NewColumn& column : change.columns) {
    if (!names.insert(column.name).second) {
      return base::InvalidArgument(
          fmt::format("Duplicate column '{}' declaration for table '{}'", column.name, change.table));
    }
  }
  if (change.partition_key.empty()) {
    // Its columns were passed over, for a table of that name was there when the statement was read.
    return base::InvalidArgument(fmt::format("Table {}.{} was dropped while it was to be created: create it again",
                                             change.keyspace, change.table));
  }
  std::set<std::string> key;
  for (const std::string& name : change.partition_key) CASSETTE_RETURN_IF_ERROR(CheckKeyColumn(change, name, &key));
  for (const std::string& name : change.clustering) CASSETTE_RETURN_IF_ERROR(CheckKeyColumn(change, name, &key));
  CASSETTE_RETURN_IF_ERROR(CheckClusteringOrder(change));
  size_t counters = 0;
  for (const NewColumn& column : change.columns) {
    if (column.is_static && change.clustering.empty()) {
      return base::InvalidArgument(
          "Static columns are only useful (and thus allowed) if the table has at least one clustering column");
    }
    counters += column.type.kind() == TypeKind::kCounter;
  }
  if (counters != 0 && counters + key.size() != change.columns.size()) {
    return base::InvalidArgument("Cannot mix counter and non counter columns in the same table");
  }
  for (const NewColumn& column : change.columns) CASSETTE_RETURN_IF_ERROR(CheckColumnType(column));
  return base::Status::Ok();
}

bool IsDescending(const CreateTable& change, const std::string& name) {
  for (const auto& [column, descending] : change.clustering_order) {
    if (column == name) return descending;
  }
  return false;
}

void AddColumn(const std::string& name, const DataType& type, schema::ColumnKind kind, uint32_t position,
               bool descending, schema::Table* table) {
  schema::Column column;
  column.id = schema::ColumnId(table->next_column_id++);
  column.name = name;
  column.type = type;
  column.kind = kind;
  column.position = position;
  column.descending = descending;
  table->columns.push_back(std::move(column));
}

void AddColumns(const CreateTable& change, schema::Table* table) {
  std::set<std::string> key;
  for (size_t i = 0; i < change.partition_key.size(); ++i) {
    const std::string& name = change.partition_key[i];
    key.insert(name);
    AddColumn(name, FindColumn(change, name)->type, schema::ColumnKind::kPartitionKey, static_cast<uint32_t>(i), false,
              table);
  }
  for (size_t i = 0; i < change.clustering.size(); ++i) {
    const std::string& name = change.clustering[i];
    key.insert(name);
    AddColumn(name, FindColumn(change, name)->type, schema::ColumnKind::kClustering, static_cast<uint32_t>(i),
              IsDescending(change, name), table);
  }
  for (const NewColumn& column : change.columns) {
    if (key.contains(column.name)) continue;
    AddColumn(column.name, column.type, column.is_static ? schema::ColumnKind::kStatic : schema::ColumnKind::kRegular,
              0, false, table);
  }
}

schema::Column* FindColumn(schema::Table* table, std::string_view name) {
  for (schema::Column& column : table->columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

bool IsKey(const schema::Column& column) {
  return column.kind == schema::ColumnKind::kPartitionKey || column.kind == schema::ColumnKind::kClustering;
}

const char* KindName(schema::ColumnKind kind) { return kind == schema::ColumnKind::kStatic ? "STATIC" : "REGULAR"; }

base::Status CheckReadded(const schema::Table& before, const NewColumn& column, schema::ColumnKind kind) {
  for (const schema::DroppedColumn& dropped : before.dropped) {
    if (dropped.name != column.name) continue;
    if (!(dropped.type == column.type)) {
      return base::InvalidArgument(
          fmt::format("Cannot re-add previously dropped column '{}' of type {}, incompatible with previous type {}",
                      column.name, column.type.ToString(), dropped.type.ToString()));
    }
    if (IsCounter(dropped.type)) {
      return base::InvalidArgument(fmt::format("Cannot re-add previously dropped counter column {}", column.name));
    }
    if (dropped.kind != kind) {
      return base::InvalidArgument(
          fmt::format("Cannot re-add previously dropped column '{}' of kind {}, incompatible with previous kind {}",
                      column.name, KindName(kind), KindName(dropped.kind)));
    }
  }
  return base::Status::Ok();
}

class TableChanger {
 public:
  TableChanger(const schema::Table& before, int64_t now_micros)
      : before_(before), table_(before), now_micros_(now_micros) {}

  base::Result<schema::Table> operator()(const AlterTable::AddColumns& change) {
    for (const NewColumn& column : change.columns) {
      if (FindColumn(&table_, column.name) != nullptr) {
        if (change.if_not_exists) continue;
        return base::InvalidArgument(fmt::format("Column with name '{}' already exists", column.name));
      }
      if (column.is_static && before_.clustering_count() == 0) {
        return base::InvalidArgument(
            "Static columns are only useful (and thus allowed) if the table has at least one clustering column");
      }
      const auto kind = column.is_static ? schema::ColumnKind::kStatic : schema::ColumnKind::kRegular;
      CASSETTE_RETURN_IF_ERROR(CheckReadded(before_, column, kind));
      CASSETTE_RETURN_IF_ERROR(CheckColumnType(column));
      if (IsCounter(column.type) != HasCounters(before_)) {
        const char* rule = IsCounter(column.type)
                               ? "{}.{}: Cannot have a counter column (\"{}\") in a non counter table"
                               : "{}.{}: Cannot have a non counter column (\"{}\") in a counter table";
        return base::ConfigError(fmt::format(fmt::runtime(rule), before_.keyspace, before_.name, column.name));
      }
      AddColumn(column.name, column.type, kind, 0, false, &table_);
    }
    return Finished();
  }

  base::Result<schema::Table> operator()(const AlterTable::DropColumns& change) {
    for (const std::string& name : change.columns) {
      const schema::Column* column = FindColumn(&table_, name);
      if (column == nullptr) {
        if (change.if_exists) continue;
        return base::InvalidArgument(
            fmt::format("Column {} was not found in table '{}.{}'", name, before_.keyspace, before_.name));
      }
      if (IsKey(*column)) return base::InvalidArgument(fmt::format("Cannot drop PRIMARY KEY column {}", name));
      if (column->type.kind() == types::TypeKind::kUdt && column->type.is_multi_cell()) {
        return base::InvalidArgument(
            fmt::format("Cannot drop non-frozen column {} of user type {}", name, column->type.ToString()));
      }
      if (const std::string indexes = IndexesOf(before_, column->id); !indexes.empty()) {
        return base::InvalidArgument(
            fmt::format("Cannot drop column {} because it has dependent secondary indexes ({})", name, indexes));
      }
      Drop(*column, change.timestamp_micros.value_or(now_micros_));
    }
    return Finished();
  }

  base::Result<schema::Table> operator()(const AlterTable::RenameColumns& change) {
    for (const auto& [from, to] : change.names) {
      // Names are those of before: no column is renamed to what another one gives up.
      schema::Column* column = before_.FindColumn(from) == nullptr ? nullptr : FindColumn(&table_, from);
      // With IF EXISTS too: so does Cassandra.
      if (column == nullptr) {
        return base::InvalidArgument(
            fmt::format("Undefined column name {} in table {}.{}", from, before_.keyspace, before_.name));
      }
      if (!IsKey(*column)) return base::InvalidArgument(fmt::format("Cannot rename non PRIMARY KEY column {}", from));
      if (const std::string indexes = IndexesOf(before_, column->id); !indexes.empty()) {
        return base::InvalidArgument(
            fmt::format("Can't rename column {} because it has dependent secondary indexes ({})", from, indexes));
      }
      if (before_.FindColumn(to) != nullptr || FindColumn(&table_, to) != nullptr) {
        return base::InvalidArgument(
            fmt::format("Cannot rename column {} to {} in table '{}.{}'; another column with that name already exists",
                        from, to, before_.keyspace, before_.name));
      }
      column->name = to;
    }
    return Finished();
  }

  base::Result<schema::Table> operator()(const AlterTable::SetOptions& change) {
    std::optional<schema::TableId> id;
    CASSETTE_RETURN_IF_ERROR(ApplyTableProperties(change.properties, &table_.options, &id));
    if (id) return base::ConfigError("Cannot alter table id.");
    CASSETTE_RETURN_IF_ERROR(CheckCounterOptions(table_));
    return Finished();
  }

 private:
  void Drop(const schema::Column& column, int64_t timestamp_micros) {
    schema::DroppedColumn dropped{column.name, column.type.ExpandUdts(), column.kind, timestamp_micros};
    std::erase_if(table_.dropped, [&](const schema::DroppedColumn& old) { return old.name == dropped.name; });
    const schema::ColumnId id = column.id;
    std::erase_if(table_.columns, [&](const schema::Column& other) { return other.id == id; });
    table_.dropped.push_back(std::move(dropped));
  }

  base::Result<schema::Table> Finished() {
    table_.Finish();
    return std::move(table_);
  }

  const schema::Table& before_;
  schema::Table table_;
  int64_t now_micros_;
};

}  // namespace

base::Result<schema::Table> BuildTable(const CreateTable& change, const schema::TableId& id) {
  schema::Table table;
  table.keyspace = change.keyspace;
  table.name = change.table;
  std::optional<schema::TableId> asked_id;
  CASSETTE_RETURN_IF_ERROR(ApplyNewTableProperties(change.properties, &table.options, &asked_id));
  CASSETTE_RETURN_IF_ERROR(CheckColumns(change));
  if (!IsLegalName(change.table)) {
    return base::ConfigError(
        fmt::format("{}.{}: Table name must not be empty or not contain non-alphanumeric-underscore characters "
                    "(got \"{}\")",
                    change.keyspace, change.table, change.table));
  }
  if (change.table.size() > kMaxTableNameBytes) {
    return base::ConfigError(
        fmt::format("{}.{}: Table name must not be more than {} characters long (got {} characters for \"{}\")",
                    change.keyspace, change.table, kMaxTableNameBytes, change.table.size(), change.table));
  }
  table.id = asked_id.value_or(id);
  AddColumns(change, &table);
  table.Finish();
  CASSETTE_RETURN_IF_ERROR(CheckCounterOptions(table));
  return table;
}

base::Result<schema::Table> ChangeTable(const schema::Table& before, const AlterTable& change, int64_t now_micros) {
  return std::visit(TableChanger(before, now_micros), change.change);
}

}  // namespace cassette::catalog
