// Statements on the schema: names and types resolved, the rest is the catalog's.
#include <fmt/format.h>

#include <charconv>

#include "cql/analysis/statement_analysis.h"
#include "cql/analysis/type_names.h"

namespace cassette::cql::analysis {
namespace {

std::vector<catalog::Property> PropertiesOf(const std::vector<parser::Property>& properties) {
  std::vector<catalog::Property> result;
  for (const parser::Property& property : properties) {
    result.push_back({property.name.name, property.value.is_map, property.value.text, property.value.map});
  }
  return result;
}

std::vector<std::string> NamesOf(const std::vector<parser::Identifier>& identifiers) {
  std::vector<std::string> names;
  for (const parser::Identifier& identifier : identifiers) names.push_back(identifier.name);
  return names;
}

base::Result<catalog::NewColumn> ColumnOf(const parser::ColumnDefinition& definition, const AnalysisContext& context,
                                          const std::string& keyspace) {
  if (definition.mask) {
    return base::Unsupported("Column masks are not supported yet (docs/cql/differences.md)");
  }
  CASSETTE_ASSIGN_OR_RETURN(types::DataType type, ResolveType(definition.type, context.schema, keyspace));
  return catalog::NewColumn{definition.name.name, std::move(type), definition.is_static};
}

base::Result<std::vector<catalog::NewColumn>> ColumnsOf(const std::vector<parser::ColumnDefinition>& definitions,
                                                        const AnalysisContext& context, const std::string& keyspace) {
  std::vector<catalog::NewColumn> columns;
  for (const parser::ColumnDefinition& definition : definitions) {
    CASSETTE_ASSIGN_OR_RETURN(catalog::NewColumn column, ColumnOf(definition, context, keyspace));
    columns.push_back(std::move(column));
  }
  return columns;
}

base::Result<int64_t> ParseTimestamp(const std::string& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return base::SyntaxError(fmt::format("Invalid timestamp {}", text));
  }
  return value;
}

using Change = decltype(catalog::AlterTable::change);

base::Result<Change> ChangeOf(const parser::AlterTableStatement& statement, const AnalysisContext& context,
                              const std::string& keyspace) {
  using Ast = parser::AlterTableStatement;
  if (const auto* options = std::get_if<Ast::SetOptions>(&statement.change)) {
    return Change(catalog::AlterTable::SetOptions{PropertiesOf(options->properties)});
  }
  if (const auto* add = std::get_if<Ast::AddColumns>(&statement.change)) {
    CASSETTE_ASSIGN_OR_RETURN(std::vector<catalog::NewColumn> columns, ColumnsOf(add->columns, context, keyspace));
    return Change(catalog::AlterTable::AddColumns{add->if_not_exists, std::move(columns)});
  }
  if (const auto* drop = std::get_if<Ast::DropColumns>(&statement.change)) {
    catalog::AlterTable::DropColumns change{drop->if_exists, NamesOf(drop->columns), std::nullopt};
    if (drop->timestamp) {
      CASSETTE_ASSIGN_OR_RETURN(change.timestamp_micros, ParseTimestamp(*drop->timestamp));
    }
    return Change(std::move(change));
  }
  if (const auto* rename = std::get_if<Ast::RenameColumns>(&statement.change)) {
    catalog::AlterTable::RenameColumns change;
    change.if_exists = rename->if_exists;
    for (const auto& [from, to] : rename->names) change.names.emplace_back(from.name, to.name);
    return Change(std::move(change));
  }
  if (std::holds_alternative<Ast::AlterType>(statement.change)) {
    return base::InvalidArgument("Altering column types is no longer supported");
  }
  if (std::holds_alternative<Ast::DropCompactStorage>(statement.change)) {
    return base::InvalidArgument("Cannot DROP COMPACT STORAGE on table without COMPACT STORAGE");
  }
  return base::Unsupported("Column masks are not supported yet (docs/cql/differences.md)");
}

}  // namespace

base::Result<catalog::SchemaChange> AnalyzeCreateKeyspace(const parser::CreateKeyspaceStatement& statement) {
  return catalog::SchemaChange(
      catalog::CreateKeyspace{statement.keyspace.name, statement.if_not_exists, PropertiesOf(statement.properties)});
}

base::Result<catalog::SchemaChange> AnalyzeAlterKeyspace(const parser::AlterKeyspaceStatement& statement) {
  return catalog::SchemaChange(
      catalog::AlterKeyspace{statement.keyspace.name, statement.if_exists, PropertiesOf(statement.properties)});
}

base::Result<catalog::SchemaChange> AnalyzeDropKeyspace(const parser::DropKeyspaceStatement& statement) {
  return catalog::SchemaChange(catalog::DropKeyspace{statement.keyspace.name, statement.if_exists});
}

base::Result<catalog::SchemaChange> AnalyzeCreateTable(const parser::CreateTableStatement& statement,
                                                       const AnalysisContext& context) {
  catalog::CreateTable create;
  CASSETTE_ASSIGN_OR_RETURN(create.keyspace, KeyspaceOf(statement.table, context));
  create.table = statement.table.name.name;
  create.if_not_exists = statement.if_not_exists;
  if (statement.primary_keys.size() != 1) {
    return base::InvalidArgument(fmt::format("{} PRIMARY KEY {} for table '{}' (exactly one required)",
                                             statement.primary_keys.empty() ? "No" : "Multiple",
                                             statement.primary_keys.empty() ? "specifed" : "specified", create.table));
  }
  if (statement.options.compact_storage) {
    if (context.schema.FindTable(create.keyspace, create.table) != nullptr) {
      return base::AlreadyExists(
          fmt::format("Cannot add already existing table \"{}\" to keyspace \"{}\"", create.table, create.keyspace));
    }
    return base::Unsupported("COMPACT STORAGE is not supported (docs/cql/differences.md)");
  }
  // A table that exists is told, or passed over, before the columns are looked at.
  if (context.schema.FindTable(create.keyspace, create.table) != nullptr) {
    return catalog::SchemaChange(std::move(create));
  }
  CASSETTE_ASSIGN_OR_RETURN(create.columns, ColumnsOf(statement.columns, context, create.keyspace));
  create.partition_key = NamesOf(statement.primary_keys[0].partition_key);
  create.clustering = NamesOf(statement.primary_keys[0].clustering);
  for (const parser::ClusteringOrder& order : statement.options.clustering_order) {
    create.clustering_order.emplace_back(order.column.name, order.descending);
  }
  create.properties = PropertiesOf(statement.options.properties);
  return catalog::SchemaChange(std::move(create));
}

base::Result<catalog::SchemaChange> AnalyzeAlterTable(const parser::AlterTableStatement& statement,
                                                      const AnalysisContext& context) {
  catalog::AlterTable alter;
  CASSETTE_ASSIGN_OR_RETURN(alter.keyspace, KeyspaceOf(statement.table, context));
  alter.table = statement.table.name.name;
  alter.if_exists = statement.if_exists;
  CASSETTE_ASSIGN_OR_RETURN(alter.change, ChangeOf(statement, context, alter.keyspace));
  return catalog::SchemaChange(std::move(alter));
}

base::Result<catalog::SchemaChange> AnalyzeDropTable(const parser::DropTableStatement& statement,
                                                     const AnalysisContext& context) {
  catalog::DropTable drop;
  CASSETTE_ASSIGN_OR_RETURN(drop.keyspace, KeyspaceOf(statement.table, context));
  drop.table = statement.table.name.name;
  drop.if_exists = statement.if_exists;
  return catalog::SchemaChange(std::move(drop));
}

}  // namespace cassette::cql::analysis
