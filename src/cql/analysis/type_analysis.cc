// CREATE TYPE, ALTER TYPE and DROP TYPE.
#include <utility>

#include "cql/analysis/statement_analysis.h"
#include "cql/analysis/type_names.h"

namespace cassette::cql::analysis {
namespace {

using Change = decltype(catalog::AlterType::change);

base::Result<Change> ChangeOf(const parser::AlterTypeStatement& statement, const AnalysisContext& context,
                              const std::string& keyspace) {
  using Ast = parser::AlterTypeStatement;
  if (const auto* add = std::get_if<Ast::AddField>(&statement.change)) {
    CASSETTE_ASSIGN_OR_RETURN(types::DataType type, ResolveType(add->type, context.schema, keyspace));
    return Change(catalog::AlterType::AddField{add->if_not_exists, {add->field.name, std::move(type)}});
  }
  if (const auto* rename = std::get_if<Ast::RenameFields>(&statement.change)) {
    catalog::AlterType::RenameFields change;
    change.if_exists = rename->if_exists;
    for (const auto& [from, to] : rename->names) change.names.emplace_back(from.name, to.name);
    return Change(std::move(change));
  }
  return Change(catalog::AlterType::ChangeFieldType{});
}

bool TypeExists(const AnalysisContext& context, const std::string& keyspace_name, const std::string& type) {
  const schema::KeyspacePtr keyspace = context.schema.FindKeyspace(keyspace_name);
  return keyspace != nullptr && keyspace->types.contains(type);
}

}  // namespace

base::Result<catalog::SchemaChange> AnalyzeCreateType(const parser::CreateTypeStatement& statement,
                                                      const AnalysisContext& context) {
  catalog::CreateType create;
  CASSETTE_ASSIGN_OR_RETURN(create.keyspace, KeyspaceOf(statement.type, context));
  create.type = statement.type.name.name;
  create.if_not_exists = statement.if_not_exists;
  // What exists already, or has nowhere to be, is told before its fields are looked at.
  const bool is_new =
      context.schema.FindKeyspace(create.keyspace) != nullptr && !TypeExists(context, create.keyspace, create.type);
  for (const auto& [name, type_name] : statement.fields) {
    if (!is_new) break;
    CASSETTE_ASSIGN_OR_RETURN(types::DataType type, ResolveType(type_name, context.schema, create.keyspace));
    create.fields.push_back({name.name, std::move(type)});
  }
  return catalog::SchemaChange(std::move(create));
}

base::Result<catalog::SchemaChange> AnalyzeAlterType(const parser::AlterTypeStatement& statement,
                                                     const AnalysisContext& context) {
  catalog::AlterType alter;
  CASSETTE_ASSIGN_OR_RETURN(alter.keyspace, KeyspaceOf(statement.type, context));
  alter.type = statement.type.name.name;
  alter.if_exists = statement.if_exists;
  if (!TypeExists(context, alter.keyspace, alter.type)) return catalog::SchemaChange(std::move(alter));
  CASSETTE_ASSIGN_OR_RETURN(alter.change, ChangeOf(statement, context, alter.keyspace));
  return catalog::SchemaChange(std::move(alter));
}

base::Result<catalog::SchemaChange> AnalyzeDropType(const parser::DropTypeStatement& statement,
                                                    const AnalysisContext& context) {
  catalog::DropType drop;
  CASSETTE_ASSIGN_OR_RETURN(drop.keyspace, KeyspaceOf(statement.type, context));
  drop.type = statement.type.name.name;
  drop.if_exists = statement.if_exists;
  return catalog::SchemaChange(std::move(drop));
}

}  // namespace cassette::cql::analysis
