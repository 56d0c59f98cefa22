#include "catalog/schema_change.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/table_change.h"
#include "catalog/type_change.h"
#include "derived/index_layout.h"

namespace cassette::catalog {
namespace {

base::Status CheckKeyspaceName(const std::string& name) {
  if (IsLegalName(name) && name.size() <= kMaxKeyspaceNameBytes) return base::Status::Ok();
  return base::InvalidArgument(
      fmt::format("Keyspace name must not be empty, more than {} characters long, or contain "
                  "non-alphanumeric-underscore characters (got \"{}\")",
                  kMaxKeyspaceNameBytes, name));
}

base::Status RefuseSystemKeyspace(const std::string& name) {
  if (!IsSystemKeyspace(name)) return base::Status::Ok();
  return base::Unauthorized(fmt::format("{} keyspace is not user-modifiable.", name));
}

base::Status NoSuchKeyspace(const std::string& name) {
  return base::InvalidArgument(fmt::format("Keyspace '{}' doesn't exist", name));
}

// Applies one kind of change after the other; each overload answers the schema after.
class Changer {
 public:
  Changer(const schema::Schema& current, const SchemaChangeContext& context, SchemaChangeResult* result)
      : current_(current), context_(context), result_(result) {}

  base::Result<schema::Schema> operator()(const CreateKeyspace& change) {
    Announce("CREATED", change.keyspace);
    if (IsSystemKeyspace(change.keyspace)) {
      return base::InvalidArgument(fmt::format("System keyspace '{}' is not user-modifiable", change.keyspace));
    }
    CASSETTE_RETURN_IF_ERROR(CheckKeyspaceName(change.keyspace));
    CASSETTE_ASSIGN_OR_RETURN(KeyspaceOptions options, ParseKeyspaceProperties(change.properties, change.keyspace));
    if (!options.replication) return base::InvalidArgument("Missing mandatory option 'replication'");
    if (current_.FindKeyspace(change.keyspace) != nullptr) {
      if (change.if_not_exists) return current_;
      return base::AlreadyExists(fmt::format("Cannot add existing keyspace \"{}\"", change.keyspace));
    }
    schema::Keyspace keyspace;
    keyspace.name = change.keyspace;
    keyspace.durable_writes = options.durable_writes.value_or(true);
    keyspace.replication = std::move(*options.replication);
    result_->warnings = std::move(options.warnings);
    result_->changed = true;
    return current_.WithKeyspace(std::move(keyspace));
  }

  base::Result<schema::Schema> operator()(const AlterKeyspace& change) {
    Announce("UPDATED", change.keyspace);
    CASSETTE_RETURN_IF_ERROR(RefuseSystemKeyspace(change.keyspace));
    CASSETTE_ASSIGN_OR_RETURN(KeyspaceOptions options, ParseKeyspaceProperties(change.properties, change.keyspace));
    const schema::KeyspacePtr before = current_.FindKeyspace(change.keyspace);
    if (before == nullptr) {
      if (change.if_exists) return current_;
      return NoSuchKeyspace(change.keyspace);
    }
    schema::Keyspace keyspace = *before;
    if (options.durable_writes) keyspace.durable_writes = *options.durable_writes;
    if (options.replication) keyspace.replication = std::move(*options.replication);
    result_->warnings = std::move(options.warnings);
    result_->changed = true;
    return current_.WithKeyspace(std::move(keyspace));
  }

  base::Result<schema::Schema> operator()(const DropKeyspace& change) {
    Announce("DROPPED", change.keyspace);
    CASSETTE_RETURN_IF_ERROR(RefuseSystemKeyspace(change.keyspace));
    if (current_.FindKeyspace(change.keyspace) == nullptr) {
      if (change.if_exists) return current_;
      return NoSuchKeyspace(change.keyspace);
    }
    result_->changed = true;
    return current_.WithoutKeyspace(change.keyspace);
  }

  base::Result<schema::Schema> operator()(const CreateTable& change) {
    Announce("CREATED", change.keyspace, change.table);
    CASSETTE_RETURN_IF_ERROR(RefuseSystemKeyspace(change.keyspace));
    const schema::KeyspacePtr keyspace = current_.FindKeyspace(change.keyspace);
    if (keyspace == nullptr) return NoSuchKeyspace(change.keyspace);
    if (keyspace->tables.contains(change.table)) {
      if (change.if_not_exists) return current_;
      return base::AlreadyExists(
          fmt::format("Cannot add already existing table \"{}\" to keyspace \"{}\"", change.table, change.keyspace));
    }
    for (const NewColumn& column : change.columns) {
      CASSETTE_RETURN_IF_ERROR(CheckUserTypes(*keyspace, column.type));
    }
    CASSETTE_ASSIGN_OR_RETURN(schema::Table table, BuildTable(change, context_.new_table_id));
    if (current_.FindTable(table.id) != nullptr) {
      return base::ConfigError(fmt::format("Table id {} is in use already", table.id.ToString()));
    }
    result_->changed = true;
    return current_.WithTable(std::move(table));
  }

  base::Result<schema::Schema> operator()(const AlterTable& change) {
    Announce("UPDATED", change.keyspace, change.table);
    CASSETTE_RETURN_IF_ERROR(RefuseSystemKeyspace(change.keyspace));
    const schema::TablePtr before = FindTable(change.keyspace, change.table);
    if (before == nullptr) return NoSuchTable(change.keyspace, change.table, change.if_exists);
    if (before->is_view()) {
      return base::InvalidArgument(
          "Cannot use ALTER TABLE on a materialized view; use ALTER MATERIALIZED VIEW instead");
    }
    if (const auto* add = std::get_if<AlterTable::AddColumns>(&change.change)) {
      const schema::KeyspacePtr keyspace = current_.FindKeyspace(change.keyspace);
      for (const NewColumn& column : add->columns) {
        CASSETTE_RETURN_IF_ERROR(CheckUserTypes(*keyspace, column.type));
      }
    }
    CASSETTE_ASSIGN_OR_RETURN(schema::Table table, ChangeTable(*before, change, context_.now_micros));
    result_->changed = true;
    return WithTableAndViews(current_, *before, std::move(table));
  }

  base::Result<schema::Schema> operator()(const DropTable& change) {
    Announce("DROPPED", change.keyspace, change.table);
    CASSETTE_RETURN_IF_ERROR(RefuseSystemKeyspace(change.keyspace));
    const schema::TablePtr before = FindTable(change.keyspace, change.table);
    if (before == nullptr) return NoSuchTable(change.keyspace, change.table, change.if_exists);
    if (before->is_view()) {
      return base::InvalidArgument(
          "Cannot use DROP TABLE on a materialized view. Please use DROP MATERIALIZED VIEW instead.");
    }
    if (!before->views.empty()) {
      return base::InvalidArgument(fmt::format("Cannot drop a table when materialized views still depend on it ({})",
                                               ViewsOf(current_, *before)));
    }
    result_->changed = true;
    schema::Schema after = current_.WithoutTable(change.keyspace, change.table);
    for (const schema::Index& index : before->indexes) {
      after = after.WithoutTable(change.keyspace, derived::IndexTableName(change.table, index.name));
    }
    return after;
  }

  base::Result<schema::Schema> operator()(const CreateIndex& change) {
    CASSETTE_RETURN_IF_ERROR(RefuseSystemKeyspace(change.keyspace));
    return TakeIndexChange(change.keyspace, ApplyCreateIndex(current_, change, context_.new_table_id));
  }

  base::Result<schema::Schema> operator()(const CreateView& change) {
    Announce("CREATED", change.keyspace, change.view);
    CASSETTE_RETURN_IF_ERROR(RefuseSystemKeyspace(change.keyspace));
    base::Result<schema::Schema> after = TakeViewChange(ApplyCreateView(current_, change, context_.new_table_id));
    if (after.ok() && result_->changed) {
      result_->warnings.emplace_back("Materialized views are experimental and are not recommended for production use.");
    }
    return after;
  }

  base::Result<schema::Schema> operator()(const AlterView& change) {
    Announce("UPDATED", change.keyspace, change.view);
    CASSETTE_RETURN_IF_ERROR(RefuseSystemKeyspace(change.keyspace));
    return TakeViewChange(ApplyAlterView(current_, change));
  }

  base::Result<schema::Schema> operator()(const DropView& change) {
    Announce("DROPPED", change.keyspace, change.view);
    CASSETTE_RETURN_IF_ERROR(RefuseSystemKeyspace(change.keyspace));
    return TakeViewChange(ApplyDropView(current_, change));
  }

  base::Result<schema::Schema> operator()(const DropIndex& change) {
    CASSETTE_RETURN_IF_ERROR(RefuseSystemKeyspace(change.keyspace));
    return TakeIndexChange(change.keyspace, ApplyDropIndex(current_, change));
  }

  base::Result<schema::Schema> operator()(const CreateType& change) {
    AnnounceType("CREATED", change.keyspace, change.type);
    CASSETTE_RETURN_IF_ERROR(RefuseSystemKeyspace(change.keyspace));
    const schema::KeyspacePtr keyspace = current_.FindKeyspace(change.keyspace);
    if (keyspace == nullptr) return NoSuchKeyspace(change.keyspace);
    if (change.if_not_exists && keyspace->types.contains(change.type)) return current_;
    CASSETTE_ASSIGN_OR_RETURN(schema::Keyspace after, WithNewType(*keyspace, change));
    result_->changed = true;
    return current_.WithKeyspace(std::move(after));
  }

  base::Result<schema::Schema> operator()(const AlterType& change) {
    AnnounceType("UPDATED", change.keyspace, change.type);
    CASSETTE_RETURN_IF_ERROR(RefuseSystemKeyspace(change.keyspace));
    const schema::KeyspacePtr keyspace = current_.FindKeyspace(change.keyspace);
    if (keyspace == nullptr || !keyspace->types.contains(change.type)) {
      if (change.if_exists) return current_;
      return base::InvalidArgument(fmt::format("Type {}.{} doesn't exist", change.keyspace, change.type));
    }
    CASSETTE_ASSIGN_OR_RETURN(schema::Keyspace after, WithChangedType(*keyspace, change));
    result_->changed = true;
    return current_.WithKeyspace(std::move(after));
  }

  base::Result<schema::Schema> operator()(const DropType& change) {
    AnnounceType("DROPPED", change.keyspace, change.type);
    CASSETTE_RETURN_IF_ERROR(RefuseSystemKeyspace(change.keyspace));
    const schema::KeyspacePtr keyspace = current_.FindKeyspace(change.keyspace);
    if (keyspace == nullptr || !keyspace->types.contains(change.type)) {
      if (change.if_exists) return current_;
      return base::InvalidArgument(fmt::format("Type '{}.{}' doesn't exist", change.keyspace, change.type));
    }
    CASSETTE_ASSIGN_OR_RETURN(schema::Keyspace after, WithoutType(*keyspace, change.type));
    result_->changed = true;
    return current_.WithKeyspace(std::move(after));
  }

 private:
  void AnnounceType(const char* what, const std::string& keyspace, const std::string& type) {
    Announce(what, keyspace, type);
    result_->target = "TYPE";
  }

  void Announce(const char* what, const std::string& keyspace, const std::string& table = {}) {
    result_->change = what;
    result_->target = table.empty() ? "KEYSPACE" : "TABLE";
    result_->keyspace = keyspace;
    result_->name = table;
  }

  // An index is a change of its table.
  base::Result<schema::Schema> TakeIndexChange(const std::string& keyspace, base::Result<IndexChangeResult> change) {
    if (!change.ok()) return change.status();
    Announce("UPDATED", keyspace, change->table);
    result_->changed = !change->table.empty();
    return std::move(change->schema);
  }

  base::Result<schema::Schema> TakeViewChange(base::Result<ViewChangeResult> change) {
    if (!change.ok()) return change.status();
    result_->changed = change->changed;
    return std::move(change->schema);
  }

  // Null for tables that no statement can name.
  schema::TablePtr FindTable(const std::string& keyspace, const std::string& table) const {
    schema::TablePtr found = current_.FindTable(keyspace, table);
    return found == nullptr || found->role == schema::TableRole::kIndex ? nullptr : found;
  }

  base::Result<schema::Schema> NoSuchTable(const std::string& keyspace, const std::string& table,
                                           bool if_exists) const {
    if (if_exists) return current_;
    return base::InvalidArgument(fmt::format("Table '{}.{}' doesn't exist", keyspace, table));
  }

  const schema::Schema& current_;
  const SchemaChangeContext& context_;
  SchemaChangeResult* result_;
};

}  // namespace

bool IsSystemKeyspace(std::string_view keyspace) {
  return keyspace == "system" || keyspace == "system_schema" || keyspace == "system_virtual_schema" ||
         keyspace == "system_views" || keyspace == "system_auth" || keyspace == "system_distributed" ||
         keyspace == "system_traces";
}

bool IsLegalName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

base::Result<schema::Schema> ApplySchemaChange(const schema::Schema& current, const SchemaChange& change,
                                               const SchemaChangeContext& context, SchemaChangeResult* result) {
  *result = {};
  return std::visit(Changer(current, context, result), change);
}

}  // namespace cassette::catalog
