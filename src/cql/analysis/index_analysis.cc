// CREATE INDEX and DROP INDEX: names resolved, the rest is the catalog's.
#include "cql/analysis/statement_analysis.h"

namespace cassette::cql::analysis {
namespace {

schema::IndexTarget TargetOf(parser::IndexTarget::Kind kind) {
  switch (kind) {
    case parser::IndexTarget::Kind::kKeys:
      return schema::IndexTarget::kKeys;
    case parser::IndexTarget::Kind::kValues:
      return schema::IndexTarget::kValues;
    case parser::IndexTarget::Kind::kEntries:
      return schema::IndexTarget::kEntries;
    case parser::IndexTarget::Kind::kFull:
      return schema::IndexTarget::kFull;
    case parser::IndexTarget::Kind::kColumn:
      break;
  }
  return schema::IndexTarget::kColumn;
}

}  // namespace

base::Result<catalog::SchemaChange> AnalyzeCreateIndex(const parser::CreateIndexStatement& statement,
                                                       const AnalysisContext& context) {
  catalog::CreateIndex create;
  CASSETTE_ASSIGN_OR_RETURN(create.keyspace, KeyspaceOf(statement.table, context));
  create.table = statement.table.name.name;
  create.if_not_exists = statement.if_not_exists;
  create.is_custom = statement.custom;
  if (statement.name) create.name = statement.name->name;
  create.class_name = statement.using_class;
  for (const parser::IndexTarget& target : statement.targets) {
    create.targets.push_back({target.column.name, TargetOf(target.kind)});
  }
  for (const parser::Property& property : statement.properties) {
    create.properties.push_back({property.name.name, property.value.is_map, property.value.text, property.value.map});
  }
  return catalog::SchemaChange(std::move(create));
}

base::Result<catalog::SchemaChange> AnalyzeDropIndex(const parser::DropIndexStatement& statement,
                                                     const AnalysisContext& context) {
  catalog::DropIndex drop;
  CASSETTE_ASSIGN_OR_RETURN(drop.keyspace, KeyspaceOf(statement.index, context));
  drop.index = statement.index.name.name;
  drop.if_exists = statement.if_exists;
  return catalog::SchemaChange(std::move(drop));
}

}  // namespace cassette::cql::analysis
