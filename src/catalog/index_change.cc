#include "catalog/index_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "catalog/table_change.h"
#include "derived/index_layout.h"
#include "types/identifier.h"

namespace cassette::catalog {
namespace {

using schema::IndexTarget;
using types::DataType;
using types::TypeKind;

constexpr std::string_view kLocalTableClass = "legacy_local_table";

bool ContainsDuration(const DataType& type) {
  if (type.kind() == TypeKind::kDuration) return true;
  return std::any_of(type.fields().begin(), type.fields().end(),
                     [](const DataType::Field& field) { return ContainsDuration(*field.type); });
}

const char* TargetName(IndexTarget target) {
  switch (target) {
    case IndexTarget::kKeys:
      return "keys";
    case IndexTarget::kValues:
      return "values";
    case IndexTarget::kEntries:
      return "entries";
    case IndexTarget::kFull:
      return "full";
    case IndexTarget::kColumn:
      break;
  }
  return "simple";
}

bool IsStorageAttached(std::string class_name) {
  for (char& c : class_name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return class_name == "sai" || class_name.ends_with("storageattachedindex") || class_name.ends_with("sasiindex");
}

// IndexAttributes.validate.
base::Status CheckAttributes(const CreateIndex& change) {
  bool has_options = false;
  for (const Property& property : change.properties) {
    if (property.name != "options") return base::SyntaxError(fmt::format("Unknown property '{}'", property.name));
    if (!property.is_map) return base::SyntaxError("Invalid value for property 'options'. It should be a map.");
    has_options = has_options || !property.map.empty();
  }
  const std::string class_name = change.class_name.value_or(std::string(kLocalTableClass));
  if (IsStorageAttached(class_name)) {
    return base::Unsupported(
        fmt::format("Index class '{}' is not supported yet (docs/cql/differences.md); CREATE INDEX without USING, or "
                    "with USING '{}', is",
                    class_name, kLocalTableClass));
  }
  if (change.is_custom || class_name != kLocalTableClass) {
    return base::ConfigError(fmt::format(
        "Unable to find custom indexer class '{}'; CREATE INDEX without USING, or with USING '{}', is supported",
        class_name, kLocalTableClass));
  }
  if (has_options) return base::InvalidArgument("Cannot specify options for a non-CUSTOM index");
  return base::Status::Ok();
}

base::Status CheckDuration(const DataType& type) {
  if (!ContainsDuration(type)) return base::Status::Ok();
  const char* what = type.is_collection()              ? "collections containing durations"
                     : type.kind() == TypeKind::kTuple ? "tuples containing durations"
                     : type.kind() == TypeKind::kUdt   ? "UDTs containing durations"
                                                       : "duration columns";
  return base::InvalidArgument(fmt::format("Secondary indexes are not supported on {}", what));
}

// CreateIndexStatement.validateIndexTarget.
base::Status CheckTarget(const schema::Table& table, const schema::Column& column, IndexTarget target) {
  const DataType& type = column.type;
  CASSETTE_RETURN_IF_ERROR(CheckDuration(type));
  if (column.kind == schema::ColumnKind::kPartitionKey && table.partition_key_count() == 1) {
    return base::InvalidArgument(
        fmt::format("Cannot create secondary index on the only partition key column {}", column.name));
  }
  const bool is_frozen_collection = type.is_collection() && !type.is_multi_cell();
  if (is_frozen_collection && target != IndexTarget::kFull) {
    return base::InvalidArgument(
        fmt::format("Cannot create {}() index on frozen column {}. Frozen collections are immutable and must be fully "
                    "indexed by using the 'full({})' modifier",
                    TargetName(target), column.name, column.name));
  }
  if (!is_frozen_collection && target == IndexTarget::kFull) {
    return base::InvalidArgument("full() indexes can only be created on frozen collections");
  }
  if (!type.is_collection() && target != IndexTarget::kColumn) {
    return base::InvalidArgument(
        fmt::format("Cannot create {}() index on {}. Non-collection columns only support simple indexes",
                    TargetName(target), column.name));
  }
  const bool wants_map = target == IndexTarget::kKeys || target == IndexTarget::kEntries;
  if (wants_map && type.kind() != TypeKind::kMap) {
    return base::InvalidArgument(
        fmt::format("Cannot create index on {} of column {} with non-map type", TargetName(target), column.name));
  }
  if (type.kind() == TypeKind::kUdt && type.is_multi_cell()) {
    return base::InvalidArgument(fmt::format("Cannot create index on non-frozen UDT column {}", column.name));
  }
  return base::Status::Ok();
}

// Keyspace-wide: index names are. Null when there is none.
schema::TablePtr TableOfIndex(const schema::Keyspace& keyspace, std::string_view index) {
  for (const auto& [name, table] : keyspace.tables) {
    if (table->FindIndex(index) != nullptr) return table;
  }
  return nullptr;
}

std::string DefaultName(const schema::Keyspace& keyspace, const std::string& table, const std::string& column) {
  std::string base = table + "_" + column + "_idx";
  std::erase_if(base, [](char c) { return !IsLegalName(std::string_view(&c, 1)); });
  std::string name = base;
  for (int i = 1; TableOfIndex(keyspace, name) != nullptr; ++i) name = fmt::format("{}_{}", base, i);
  return name;
}

base::Result<schema::Index> MakeIndex(const schema::Keyspace& keyspace, const schema::Table& table,
                                      const CreateIndex& change) {
  if (change.targets.empty()) {
    return base::InvalidArgument("Only CUSTOM indexes can be created without specifying a target column");
  }
  if (change.targets.size() > 1) return base::InvalidArgument("Only CUSTOM indexes support multiple columns");
  const CreateIndex::Target& target = change.targets[0];
  const schema::Column* column = table.FindColumn(target.column);
  if (column == nullptr) {
    return base::InvalidArgument(
        fmt::format("Undefined column name {} in table {}.{}", target.column, table.keyspace, table.name));
  }
  schema::Index index;
  index.column = column->id;
  index.target = target.target;
  if (index.target == IndexTarget::kColumn && column->type.is_collection()) index.target = IndexTarget::kValues;
  CASSETTE_RETURN_IF_ERROR(CheckTarget(table, *column, index.target));
  index.name = change.name.value_or(DefaultName(keyspace, table.name, column->name));
  if (!IsLegalName(index.name)) return base::ConfigError(fmt::format("Illegal index name {}", index.name));
  return index;
}

}  // namespace

std::string IndexTargetText(const schema::Table& table, const schema::Index& index) {
  const std::string column = types::MaybeQuote(table.FindColumn(index.column)->name);
  return index.target == IndexTarget::kColumn ? column : fmt::format("{}({})", TargetName(index.target), column);
}

std::string IndexesOf(const schema::Table& table, schema::ColumnId column) {
  std::string names;
  for (const schema::Index& index : table.indexes) {
    if (index.column == column) names += (names.empty() ? "" : ", ") + index.name;
  }
  return names;
}

base::Result<IndexChangeResult> ApplyCreateIndex(const schema::Schema& current, const CreateIndex& change,
                                                 const schema::TableId& new_table_id) {
  const schema::KeyspacePtr keyspace = current.FindKeyspace(change.keyspace);
  if (keyspace == nullptr) return base::InvalidArgument(fmt::format("Keyspace '{}' doesn't exist", change.keyspace));
  const schema::TablePtr table = current.FindTable(change.keyspace, change.table);
  if (table == nullptr || table->role == schema::TableRole::kIndex) {
    return base::InvalidArgument(fmt::format("Table '{}' doesn't exist", change.table));
  }
  CASSETTE_RETURN_IF_ERROR(CheckAttributes(change));
  if (change.name && TableOfIndex(*keyspace, *change.name) != nullptr) {
    if (change.if_not_exists) return IndexChangeResult{current, {}};
    return base::InvalidArgument(fmt::format("Index '{}' already exists", *change.name));
  }
  const bool has_counters = std::any_of(table->columns.begin(), table->columns.end(), [](const schema::Column& column) {
    return column.type.kind() == TypeKind::kCounter;
  });
  if (has_counters) return base::InvalidArgument("Secondary indexes on counter tables aren't supported");
  if (table->is_view()) return base::InvalidArgument("Secondary indexes on materialized views aren't supported");
  CASSETTE_ASSIGN_OR_RETURN(schema::Index index, MakeIndex(*keyspace, *table, change));
  for (const schema::Index& other : table->indexes) {
    if (other.column != index.column || other.target != index.target) continue;
    if (change.if_not_exists) return IndexChangeResult{current, {}};
    return base::InvalidArgument(fmt::format("Index {} is a duplicate of existing index {}", index.name, other.name));
  }
  index.table = new_table_id;
  schema::Table after = *table;
  schema::Table entries = derived::MakeIndexTable(*table, index);
  const auto place = std::find_if(after.indexes.begin(), after.indexes.end(),
                                  [&](const schema::Index& other) { return other.name > index.name; });
  after.indexes.insert(place, std::move(index));
  return IndexChangeResult{current.WithTable(std::move(entries)).WithTable(std::move(after)), table->name};
}

base::Result<IndexChangeResult> ApplyDropIndex(const schema::Schema& current, const DropIndex& change) {
  const schema::KeyspacePtr keyspace = current.FindKeyspace(change.keyspace);
  const schema::TablePtr table = keyspace == nullptr ? nullptr : TableOfIndex(*keyspace, change.index);
  if (table == nullptr) {
    if (change.if_exists) return IndexChangeResult{current, {}};
    return base::InvalidArgument(fmt::format("Index '{}.{}' doesn't exist", change.keyspace, change.index));
  }
  schema::Table after = *table;
  std::erase_if(after.indexes, [&](const schema::Index& index) { return index.name == change.index; });
  const std::string entries = derived::IndexTableName(table->name, change.index);
  return IndexChangeResult{current.WithTable(std::move(after)).WithoutTable(change.keyspace, entries), table->name};
}

}  // namespace cassette::catalog
