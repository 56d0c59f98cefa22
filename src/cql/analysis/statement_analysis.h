// One function a kind of statement; Analyze (analyzer.h) chooses among them.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "cql/analysis/analyzer.h"
#include "cql/analysis/plan.h"
#include "cql/parser/ast.h"
#include "schema/schema.h"

namespace cassette::cql::analysis {

// The keyspace that a name means: its own, else that of USE. kInvalidArgument when there is neither.
base::Result<std::string> KeyspaceOf(const parser::QualifiedName& name, const AnalysisContext& context);
// kInvalidArgument when there is no such table.
base::Result<schema::TablePtr> FindTable(const parser::QualifiedName& name, const AnalysisContext& context);

// `plan` receives markers and result columns.
base::Result<SelectPlan> AnalyzeSelect(const parser::SelectStatement& statement, const AnalysisContext& context,
                                       Plan* plan);
base::Result<ModificationPlan> AnalyzeInsert(const parser::InsertStatement& statement, const AnalysisContext& context,
                                             Plan* plan);
base::Result<ModificationPlan> AnalyzeUpdate(const parser::UpdateStatement& statement, const AnalysisContext& context,
                                             Plan* plan);
base::Result<ModificationPlan> AnalyzeDelete(const parser::DeleteStatement& statement, const AnalysisContext& context,
                                             Plan* plan);
base::Result<BatchPlan> AnalyzeBatch(const parser::BatchStatement& statement, const AnalysisContext& context,
                                     Plan* plan);

DescribePlan AnalyzeDescribe(const parser::DescribeStatement& statement, const AnalysisContext& context, Plan* plan);

base::Result<catalog::SchemaChange> AnalyzeCreateKeyspace(const parser::CreateKeyspaceStatement& statement);
base::Result<catalog::SchemaChange> AnalyzeAlterKeyspace(const parser::AlterKeyspaceStatement& statement);
base::Result<catalog::SchemaChange> AnalyzeDropKeyspace(const parser::DropKeyspaceStatement& statement);
base::Result<catalog::SchemaChange> AnalyzeCreateTable(const parser::CreateTableStatement& statement,
                                                       const AnalysisContext& context);
base::Result<catalog::SchemaChange> AnalyzeAlterTable(const parser::AlterTableStatement& statement,
                                                      const AnalysisContext& context);
base::Result<catalog::SchemaChange> AnalyzeCreateIndex(const parser::CreateIndexStatement& statement,
                                                       const AnalysisContext& context);
base::Result<catalog::SchemaChange> AnalyzeCreateView(const parser::CreateViewStatement& statement,
                                                      const AnalysisContext& context, Plan* plan);
base::Result<catalog::SchemaChange> AnalyzeAlterView(const parser::AlterViewStatement& statement,
                                                     const AnalysisContext& context);
base::Result<catalog::SchemaChange> AnalyzeDropView(const parser::DropViewStatement& statement,
                                                    const AnalysisContext& context);
base::Result<catalog::SchemaChange> AnalyzeDropIndex(const parser::DropIndexStatement& statement,
                                                     const AnalysisContext& context);
base::Result<catalog::SchemaChange> AnalyzeDropTable(const parser::DropTableStatement& statement,
                                                     const AnalysisContext& context);
base::Result<catalog::SchemaChange> AnalyzeCreateType(const parser::CreateTypeStatement& statement,
                                                      const AnalysisContext& context);
base::Result<catalog::SchemaChange> AnalyzeAlterType(const parser::AlterTypeStatement& statement,
                                                     const AnalysisContext& context);
base::Result<catalog::SchemaChange> AnalyzeDropType(const parser::DropTypeStatement& statement,
                                                    const AnalysisContext& context);

// Statements on roles and permissions. kSyntaxError for permissions that the resource does not have.
base::Result<catalog::RoleStatement> AnalyzeRoleStatement(const parser::StatementNode& node,
                                                          const AnalysisContext& context);

}  // namespace cassette::cql::analysis
