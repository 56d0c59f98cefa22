#include "catalog/type_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace cassette::catalog {
namespace {

using types::DataType;
using types::TypeKind;

struct Fields {
  std::vector<std::string> names;
  std::vector<DataType> types;
};

Fields FieldsOf(const DataType& type) {
  Fields fields;
  for (const DataType::Field& field : type.fields()) {
    fields.names.push_back(field.name);
    fields.types.push_back(*field.type);
  }
  return fields;
}

base::Status CheckFieldType(const DataType& type) {
  if (type.kind() == TypeKind::kCounter) return base::InvalidArgument("A user type cannot contain counters");
  if (type.kind() == TypeKind::kUdt && !type.frozen()) {
    return base::InvalidArgument("A user type cannot contain non-frozen UDTs");
  }
  return base::Status::Ok();
}

base::Status CheckDepth(const DataType& type) {
  if (type.depth() <= types::kMaxTypeDepth) return base::Status::Ok();
  return base::InvalidArgument(fmt::format("Types may be nested at most {} deep", types::kMaxTypeDepth));
}

base::Result<DataType> MakeType(const std::string& keyspace, const std::string& name, Fields fields) {
  if (fields.names.size() > types::kMaxTypeFields) {
    return base::InvalidArgument(fmt::format("User type {} has more than {} fields", name, types::kMaxTypeFields));
  }
  return DataType::Udt(keyspace, name, std::move(fields.names), std::move(fields.types), false);
}

std::string Join(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ", ") + name;
  return joined;
}

// Tables with a column that uses the type; of partition keys only when asked for.
std::vector<std::string> TablesUsing(const schema::Keyspace& keyspace, const std::string& name, bool in_partition_key) {
  std::vector<std::string> tables;
  for (const auto& [table_name, table] : keyspace.tables) {
    const bool uses = std::any_of(table->columns.begin(), table->columns.end(), [&](const schema::Column& column) {
      return (!in_partition_key || column.kind == schema::ColumnKind::kPartitionKey) &&
             column.type.ReferencesUdt(keyspace.name, name);
    });
    if (uses) tables.push_back(in_partition_key ? keyspace.name + "." + table_name : table_name);
  }
  return tables;
}

schema::TablePtr WithType(const schema::TablePtr& table, const DataType& definition) {
  const bool uses = std::any_of(table->columns.begin(), table->columns.end(), [&](const schema::Column& column) {
    return column.type.ReferencesUdt(definition.udt_keyspace(), definition.udt_name());
  });
  if (!uses) return table;
  schema::Table changed = *table;
  for (schema::Column& column : changed.columns) column.type = column.type.WithUdt(definition);
  changed.Finish();
  return std::make_shared<const schema::Table>(std::move(changed));
}

class TypeChanger {
 public:
  TypeChanger(const schema::Keyspace& keyspace, const DataType& before)
      : keyspace_(keyspace), before_(before), name_(before.udt_name()), fields_(FieldsOf(before)) {}

  base::Result<DataType> operator()(const AlterType::AddField& change) {
    const NewField& field = change.field;
    if (std::find(fields_.names.begin(), fields_.names.end(), field.name) != fields_.names.end()) {
      if (change.if_not_exists) return before_;
      return base::InvalidArgument(
          fmt::format("Cannot add field {0} to type {1}: a field with name {0} already exists", field.name, name_));
    }
    if (field.type.ReferencesUdt(keyspace_.name, name_)) {
      return base::InvalidArgument(
          fmt::format("Cannot add new field {} of type {} to user type {} as it would create a circular reference",
                      field.name, field.type.ToString(), name_));
    }
    CASSETTE_RETURN_IF_ERROR(CheckFieldType(field.type));
    CASSETTE_RETURN_IF_ERROR(CheckUserTypes(keyspace_, field.type));
    const std::vector<std::string> tables = TablesUsing(keyspace_, name_, true);
    if (!tables.empty()) {
      return base::InvalidArgument(
          fmt::format("Cannot add new field {} of type {} to user type {} as the type is being used in partition key "
                      "by the following tables: {}",
                      field.name, field.type.ToString(), name_, Join(tables)));
    }
    fields_.names.push_back(field.name);
    fields_.types.push_back(field.type);
    return MakeType(keyspace_.name, name_, std::move(fields_));
  }

  base::Result<DataType> operator()(const AlterType::RenameFields& change) {
    // All names are of before the change, so that two fields may swap theirs.
    const std::vector<std::string> old_names = fields_.names;
    for (const auto& [from, to] : change.names) {
      const auto found = std::find(old_names.begin(), old_names.end(), from);
      if (found != old_names.end()) {
        fields_.names[static_cast<size_t>(found - old_names.begin())] = to;
      } else if (!change.if_exists) {
        return base::InvalidArgument(fmt::format("Unkown field {} in user type {}", from, name_));
      }
    }
    std::set<std::string> names;
    for (const std::string& field_name : fields_.names) {
      if (names.insert(field_name).second) continue;
      return base::InvalidArgument(fmt::format("Duplicate field name {} in type {}", field_name, name_));
    }
    return MakeType(keyspace_.name, name_, std::move(fields_));
  }

  base::Result<DataType> operator()(const AlterType::ChangeFieldType&) {
    return base::InvalidArgument("Altering field types is no longer supported");
  }

 private:
  const schema::Keyspace& keyspace_;
  const DataType& before_;
  const std::string name_;
  Fields fields_;
};

}  // namespace

base::Status CheckUserTypes(const schema::Keyspace& keyspace, const DataType& type) {
  for (const DataType::Field& field : type.fields()) CASSETTE_RETURN_IF_ERROR(CheckUserTypes(keyspace, *field.type));
  if (type.kind() != TypeKind::kUdt) return base::Status::Ok();
  const auto found = keyspace.types.find(type.udt_name());
  const bool is_current = found != keyspace.types.end() && found->second.Freeze() == type.Freeze();
  if (is_current) return base::Status::Ok();
  return base::InvalidArgument(fmt::format("Unknown type {}.{}", type.udt_keyspace(), type.udt_name()));
}

base::Result<schema::Keyspace> WithNewType(const schema::Keyspace& keyspace, const CreateType& change) {
  if (keyspace.types.contains(change.type)) {
    return base::InvalidArgument(fmt::format("A user type with name '{}' already exists", change.type));
  }
  Fields fields;
  std::set<std::string> names;
  for (const NewField& field : change.fields) {
    if (!names.insert(field.name).second) {
      return base::InvalidArgument(fmt::format("Duplicate field name '{}' in type '{}'", field.name, change.type));
    }
    fields.names.push_back(field.name);
    fields.types.push_back(field.type);
  }
  for (const NewField& field : change.fields) {
    CASSETTE_RETURN_IF_ERROR(CheckFieldType(field.type));
    CASSETTE_RETURN_IF_ERROR(CheckUserTypes(keyspace, field.type));
  }
  CASSETTE_ASSIGN_OR_RETURN(DataType type, MakeType(keyspace.name, change.type, std::move(fields)));
  CASSETTE_RETURN_IF_ERROR(CheckDepth(type));
  schema::Keyspace after = keyspace;
  after.types.emplace(change.type, std::move(type));
  return after;
}

base::Result<schema::Keyspace> WithChangedType(const schema::Keyspace& keyspace, const AlterType& change) {
  const DataType& before = keyspace.types.find(change.type)->second;
  CASSETTE_ASSIGN_OR_RETURN(const DataType changed, std::visit(TypeChanger(keyspace, before), change.change));
  schema::Keyspace after = keyspace;
  for (auto& [name, type] : after.types) {
    type = type.WithUdt(changed);
    CASSETTE_RETURN_IF_ERROR(CheckDepth(type));
  }
  for (auto& [name, table] : after.tables) {
    table = WithType(table, changed);
    for (const schema::Column& column : table->columns) CASSETTE_RETURN_IF_ERROR(CheckDepth(column.type));
  }
  return after;
}

base::Result<schema::Keyspace> WithoutType(const schema::Keyspace& keyspace, const std::string& name) {
  std::vector<std::string> types;
  for (const auto& [other, type] : keyspace.types) {
    if (other != name && type.ReferencesUdt(keyspace.name, name)) types.push_back(other);
  }
  if (!types.empty()) {
    return base::InvalidArgument(fmt::format("Cannot drop user type '{}.{}' as it is still used by user types {}",
                                             keyspace.name, name, Join(types)));
  }
  const std::vector<std::string> tables = TablesUsing(keyspace, name, false);
  if (!tables.empty()) {
    return base::InvalidArgument(fmt::format("Cannot drop user type '{}.{}' as it is still used by tables {}",
                                             keyspace.name, name, Join(tables)));
  }
  schema::Keyspace after = keyspace;
  after.types.erase(name);
  return after;
}

}  // namespace cassette::catalog
