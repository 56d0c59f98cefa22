#include "cql/analysis/analyzer.h"

#include <fmt/format.h>

#include <utility>

#include "catalog/roles.h"

#include "cql/analysis/statement_analysis.h"
#include "cql/parser/source.h"

namespace cassette::cql::analysis {
namespace {

// Analyses one kind of statement after the other into a plan.
class Visitor {
 public:
  Visitor(const parser::Statement& statement, const AnalysisContext& context, Plan* plan)
      : statement_(statement), context_(context), plan_(plan) {}

  base::Status operator()(const parser::SelectStatement& select) {
    CASSETTE_ASSIGN_OR_RETURN(plan_->node, AnalyzeSelect(select, context_, plan_));
    return base::Status::Ok();
  }
  base::Status operator()(const parser::ExplainStatement& explain) {
    CASSETTE_ASSIGN_OR_RETURN(SelectPlan select, AnalyzeSelect(explain.select, context_, plan_));
    plan_->result.clear();
    for (const char* name : {"property", "value"}) {
      plan_->result.push_back(
          {select.table->keyspace, select.table->name, name, types::DataType(types::TypeKind::kText)});
    }
    plan_->node = ExplainPlan{std::move(select)};
    return base::Status::Ok();
  }
  base::Status operator()(const parser::DescribeStatement& describe) {
    plan_->node = AnalyzeDescribe(describe, context_, plan_);
    return base::Status::Ok();
  }
  base::Status operator()(const parser::InsertStatement& insert) {
    CASSETTE_ASSIGN_OR_RETURN(plan_->node, AnalyzeInsert(insert, context_, plan_));
    return base::Status::Ok();
  }
  base::Status operator()(const parser::UpdateStatement& update) {
    CASSETTE_ASSIGN_OR_RETURN(plan_->node, AnalyzeUpdate(update, context_, plan_));
    return base::Status::Ok();
  }
  base::Status operator()(const parser::DeleteStatement& deletion) {
    CASSETTE_ASSIGN_OR_RETURN(plan_->node, AnalyzeDelete(deletion, context_, plan_));
    return base::Status::Ok();
  }
  base::Status operator()(const parser::BatchStatement& batch) {
    CASSETTE_ASSIGN_OR_RETURN(plan_->node, AnalyzeBatch(batch, context_, plan_));
    return base::Status::Ok();
  }
  base::Status operator()(const parser::TruncateStatement& truncate) {
    CASSETTE_ASSIGN_OR_RETURN(schema::TablePtr table, FindTable(truncate.table, context_));
    if (table->is_memory_only) return base::Unauthorized(table->keyspace + " keyspace is not user-modifiable.");
    if (table->is_view()) {
      return base::InvalidArgument("Cannot TRUNCATE materialized view directly; must truncate base table instead");
    }
    plan_->node = TruncatePlan{std::move(table)};
    return base::Status::Ok();
  }
  base::Status operator()(const parser::UseStatement& use) {
    if (context_.schema.FindKeyspace(use.keyspace.name) == nullptr) {
      return base::InvalidArgument(fmt::format("Keyspace '{}' does not exist", use.keyspace.name));
    }
    plan_->node = UsePlan{use.keyspace.name};
    return base::Status::Ok();
  }
  base::Status operator()(const parser::CreateKeyspaceStatement& create) {
    return TakeChange(AnalyzeCreateKeyspace(create));
  }
  base::Status operator()(const parser::AlterKeyspaceStatement& alter) {
    return TakeChange(AnalyzeAlterKeyspace(alter));
  }
  base::Status operator()(const parser::DropKeyspaceStatement& drop) { return TakeChange(AnalyzeDropKeyspace(drop)); }
  base::Status operator()(const parser::CreateTableStatement& create) {
    return TakeChange(AnalyzeCreateTable(create, context_));
  }
  base::Status operator()(const parser::AlterTableStatement& alter) {
    return TakeChange(AnalyzeAlterTable(alter, context_));
  }
  base::Status operator()(const parser::DropTableStatement& drop) {
    return TakeChange(AnalyzeDropTable(drop, context_));
  }
  base::Status operator()(const parser::CreateTypeStatement& create) {
    return TakeChange(AnalyzeCreateType(create, context_));
  }
  base::Status operator()(const parser::AlterTypeStatement& alter) {
    return TakeChange(AnalyzeAlterType(alter, context_));
  }
  base::Status operator()(const parser::DropTypeStatement& drop) { return TakeChange(AnalyzeDropType(drop, context_)); }

  base::Status operator()(const parser::CreateIndexStatement& create) {
    return TakeChange(AnalyzeCreateIndex(create, context_));
  }
  base::Status operator()(const parser::DropIndexStatement& drop) {
    return TakeChange(AnalyzeDropIndex(drop, context_));
  }

  base::Status operator()(const parser::CreateViewStatement& create) {
    return TakeChange(AnalyzeCreateView(create, context_, plan_));
  }
  base::Status operator()(const parser::AlterViewStatement& alter) {
    return TakeChange(AnalyzeAlterView(alter, context_));
  }
  base::Status operator()(const parser::DropViewStatement& drop) { return TakeChange(AnalyzeDropView(drop, context_)); }

  template <typename Other>
    requires parser::IsRoleStatement<Other>
  base::Status operator()(const Other&) {
    CASSETTE_ASSIGN_OR_RETURN(catalog::RoleStatement role_statement, AnalyzeRoleStatement(statement_.node, context_));
    for (auto& [name, type] : catalog::ListColumns(role_statement)) {
      const bool is_roles = std::holds_alternative<catalog::ListRoles>(role_statement);
      plan_->result.push_back({"system_auth", is_roles ? "roles" : "role_permissions", name, type});
    }
    plan_->node = RolePlan{std::move(role_statement)};
    return base::Status::Ok();
  }

  template <typename Other>
  base::Status operator()(const Other&) {
    return base::Unsupported(
        fmt::format("{} is not supported yet (docs/cql/differences.md)", StatementName(statement_.node)));
  }

 private:
  base::Status TakeChange(base::Result<catalog::SchemaChange> change) {
    if (!change.ok()) return change.status();
    plan_->node = SchemaPlan{*std::move(change)};
    return base::Status::Ok();
  }

  const parser::Statement& statement_;
  const AnalysisContext& context_;
  Plan* plan_;
};

}  // namespace

base::Result<std::string> KeyspaceOf(const parser::QualifiedName& name, const AnalysisContext& context) {
  if (name.keyspace) return name.keyspace->name;
  if (!context.keyspace.empty()) return context.keyspace;
  return base::InvalidArgument(
      "No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename");
}

base::Result<schema::TablePtr> FindTable(const parser::QualifiedName& name, const AnalysisContext& context) {
  CASSETTE_ASSIGN_OR_RETURN(const std::string keyspace_name, KeyspaceOf(name, context));
  const parser::SourcePosition position = name.keyspace ? name.keyspace->position : name.name.position;
  const schema::KeyspacePtr keyspace = context.schema.FindKeyspace(keyspace_name);
  if (keyspace == nullptr) {
    return base::InvalidArgument(
        parser::MessageAt(context.text, position, fmt::format("keyspace {} does not exist", keyspace_name)));
  }
  const auto found = keyspace->tables.find(name.name.name);
  if (found == keyspace->tables.end() || found->second->role == schema::TableRole::kIndex) {
    std::string known;
    for (const auto& [other, table] : keyspace->tables) {
      if (table->role != schema::TableRole::kIndex) known += (known.empty() ? "" : ", ") + other;
    }
    return base::InvalidArgument(
        parser::MessageAt(context.text, name.name.position,
                          fmt::format("table {} does not exist in keyspace {} (its tables: {})", name.name.name,
                                      keyspace_name, known.empty() ? "none" : known)));
  }
  return found->second;
}

base::Result<Plan> Analyze(const parser::Statement& statement, const AnalysisContext& context) {
  Plan plan;
  plan.markers.resize(statement.markers.size());
  CASSETTE_RETURN_IF_ERROR(std::visit(Visitor(statement, context, &plan), statement.node));
  return plan;
}

}  // namespace cassette::cql::analysis
