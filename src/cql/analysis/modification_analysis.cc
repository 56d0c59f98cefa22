// INSERT, UPDATE, DELETE and BATCH.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cql/analysis/assignment_analysis.h"
#include "cql/analysis/condition_analysis.h"
#include "cql/analysis/json_analysis.h"
#include "cql/analysis/statement_analysis.h"
#include "cql/analysis/term_binder.h"
#include "cql/analysis/where_analysis.h"

namespace cassette::cql::analysis {
namespace {

using schema::ColumnKind;
using types::DataType;
using types::TypeKind;

bool IsKey(const schema::Column& column) {
  return column.kind == ColumnKind::kPartitionKey || column.kind == ColumnKind::kClustering;
}

// The table of a modification; system tables are ours alone.
base::Result<schema::TablePtr> FindWritableTable(const parser::QualifiedName& name, const AnalysisContext& context) {
  CASSETTE_ASSIGN_OR_RETURN(schema::TablePtr table, FindTable(name, context));
  if (table->is_memory_only) return base::Unauthorized(table->keyspace + " keyspace is not user-modifiable.");
  if (table->is_view()) return base::InvalidArgument("Cannot directly modify a materialized view");
  return table;
}

base::Status BindUsing(const parser::UsingClause& clause, TermBinder& binder, ModificationPlan* plan) {
  if (clause.timestamp) {
    CASSETTE_ASSIGN_OR_RETURN(Term term, binder.Bind(*clause.timestamp, {"[timestamp]", DataType(TypeKind::kBigint)}));
    plan->timestamp = std::move(term);
  }
  if (clause.time_to_live) {
    CASSETTE_ASSIGN_OR_RETURN(Term term, binder.Bind(*clause.time_to_live, {"[ttl]", DataType(TypeKind::kInt)}));
    plan->time_to_live = std::move(term);
  }
  return base::Status::Ok();
}

// IF of UPDATE and DELETE.
base::Status BindConditions(bool if_exists, const std::vector<parser::Condition>& conditions, TermBinder& binder,
                            ModificationPlan* plan) {
  if (if_exists) {
    CASSETTE_ASSIGN_OR_RETURN(plan->conditions, AnalyzeExistence(Conditions::Kind::kExists, *plan->table));
  } else if (!conditions.empty()) {
    CASSETTE_ASSIGN_OR_RETURN(plan->conditions, AnalyzeConditions(conditions, *plan->table, binder));
  }
  return base::Status::Ok();
}

bool LooksAtRows(const ModificationPlan& plan) { return plan.conditions != nullptr && !plan.conditions->rows.empty(); }

void AddAssignment(const schema::Column& column, Assignment assignment, ModificationPlan* plan) {
  auto& list = column.kind == ColumnKind::kStatic ? plan->statics : plan->regular;
  list.push_back(std::move(assignment));
}

// What Finish says of the WHERE, and which path the statement may take.
base::Status FinishWhere(WhereAnalysis& analysis, bool only_statics, ModificationPlan* plan) {
  CASSETTE_ASSIGN_OR_RETURN(plan->where, analysis.Finish(only_statics));
  const Where& where = plan->where;
  const size_t clustering_count = plan->table->clustering_count();
  plan->touches_rows = clustering_count == 0 || !where.clustering.empty();
  bool single_values = !where.has_key_in();
  for (const ClusteringRestriction& restriction : where.clustering) {
    single_values = single_values && restriction.kind == ClusteringRestriction::Kind::kEqual && !restriction.is_tuple;
  }
  const size_t restricted = where.clustering_columns();
  plan->is_single_row = single_values && (restricted == clustering_count || restricted == 0) && !plan->deletes_whole;
  return base::Status::Ok();
}

// Tables of counters have counters beside their key and nothing else.
bool HasCounters(const schema::Table& table) {
  const size_t first = table.partition_key_count() + table.clustering_count();
  return first < table.columns.size() && table.columns[first].type.kind() == TypeKind::kCounter;
}

// What no statement on counters may have; BindUsing has bound the rest.
base::Status CheckCounterOptions(const ModificationPlan& plan) {
  if (!plan.is_counter) return base::Status::Ok();
  if (plan.timestamp) return base::InvalidArgument("Cannot provide custom timestamp for counter updates");
  if (plan.time_to_live) return base::InvalidArgument("Cannot provide custom TTL for counter updates");
  return base::Status::Ok();
}

// A batch has one vector of markers for all its statements; each binds its own.
base::Result<ModificationPlan> AnalyzeModification(const parser::ModificationStatement& statement,
                                                   const AnalysisContext& context, Plan* plan) {
  if (const auto* insert = std::get_if<parser::InsertStatement>(&statement)) {
    return AnalyzeInsert(*insert, context, plan);
  }
  if (const auto* update = std::get_if<parser::UpdateStatement>(&statement)) {
    return AnalyzeUpdate(*update, context, plan);
  }
  return AnalyzeDelete(std::get<parser::DeleteStatement>(statement), context, plan);
}

}  // namespace

base::Result<ModificationPlan> AnalyzeInsert(const parser::InsertStatement& statement, const AnalysisContext& context,
                                             Plan* plan) {
  ModificationPlan insert;
  insert.kind = ModificationPlan::Kind::kInsert;
  CASSETTE_ASSIGN_OR_RETURN(insert.table, FindWritableTable(statement.table, context));
  if (HasCounters(*insert.table)) {
    return base::InvalidArgument("INSERT statements are not allowed on counter tables, use UPDATE instead");
  }
  if (!statement.json && statement.columns.size() != statement.values.size()) {
    return base::InvalidArgument("Unmatched column names/values");
  }
  TermBinder binder(context, insert.table.get(), &plan->markers);
  WhereAnalysis where(*insert.table, StatementKind::kInsert, false, binder);
  std::set<std::string_view> names;
  bool has_clustering = false;
  for (size_t i = 0; i < statement.columns.size(); ++i) {
    const parser::Identifier& name = statement.columns[i];
    if (!names.insert(name.name).second) return binder.Fail(name.position, "The column names contains duplicates");
    CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, binder.FindColumn(name));
    has_clustering = has_clustering || column->kind == ColumnKind::kClustering;
    if (IsKey(*column)) {
      CASSETTE_RETURN_IF_ERROR(where.AddEqual(*column, statement.values[i]));
      continue;
    }
    CASSETTE_ASSIGN_OR_RETURN(Assignment insertion, BindInsertion(statement.values[i], *column, binder));
    AddAssignment(*column, std::move(insertion), &insert);
  }
  if (statement.json) {
    CASSETTE_ASSIGN_OR_RETURN(std::vector<ColumnValue> values, BindInsertJson(statement, *insert.table, binder));
    for (ColumnValue& value : values) {
      has_clustering = has_clustering || value.column->kind == ColumnKind::kClustering;
      if (IsKey(*value.column)) {
        CASSETTE_RETURN_IF_ERROR(where.AddEqual(*value.column, std::move(value.value), statement.position));
      } else {
        AddAssignment(*value.column, SetWhole(*value.column, std::move(value.value)), &insert);
      }
    }
  }
  CASSETTE_RETURN_IF_ERROR(BindUsing(statement.using_clause, binder, &insert));
  const bool only_statics = !has_clustering && insert.regular.empty() && !insert.statics.empty();
  CASSETTE_RETURN_IF_ERROR(FinishWhere(where, only_statics, &insert));
  if (!statement.if_not_exists) return insert;
  CASSETTE_ASSIGN_OR_RETURN(insert.conditions, AnalyzeExistence(Conditions::Kind::kNotExists, *insert.table));
  CASSETTE_RETURN_IF_ERROR(CheckConditional(insert));
  return insert;
}

base::Result<ModificationPlan> AnalyzeUpdate(const parser::UpdateStatement& statement, const AnalysisContext& context,
                                             Plan* plan) {
  ModificationPlan update;
  update.kind = ModificationPlan::Kind::kUpdate;
  CASSETTE_ASSIGN_OR_RETURN(update.table, FindWritableTable(statement.table, context));
  update.is_counter = HasCounters(*update.table);
  TermBinder binder(context, update.table.get(), &plan->markers);
  const bool is_conditional = statement.if_exists || !statement.conditions.empty();
  std::vector<const parser::Assignment*> seen;
  for (const parser::Assignment& assignment : statement.assignments) {
    CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, binder.FindColumn(assignment.column));
    if (IsKey(*column)) {
      return binder.Fail(assignment.column.position,
                         fmt::format("PRIMARY KEY part {} found in SET part", column->name));
    }
    for (const parser::Assignment* earlier : seen) {
      if (earlier->column.name == assignment.column.name && !AreCompatible(*earlier, assignment)) {
        return base::SyntaxError(fmt::format("Multiple incompatible setting of column {}", column->name));
      }
    }
    seen.push_back(&assignment);
    CASSETTE_ASSIGN_OR_RETURN(Assignment bound, BindAssignment(assignment, *column, is_conditional, binder));
    AddAssignment(*column, std::move(bound), &update);
  }
  WhereAnalysis where(*update.table, StatementKind::kUpdate, false, binder);
  for (const parser::Relation& relation : statement.where) CASSETTE_RETURN_IF_ERROR(where.AddRelation(relation));
  CASSETTE_RETURN_IF_ERROR(BindUsing(statement.using_clause, binder, &update));
  CASSETTE_RETURN_IF_ERROR(CheckCounterOptions(update));
  CASSETTE_RETURN_IF_ERROR(BindConditions(statement.if_exists, statement.conditions, binder, &update));
  const bool only_statics = update.regular.empty() && !update.statics.empty() && !LooksAtRows(update);
  CASSETTE_RETURN_IF_ERROR(FinishWhere(where, only_statics, &update));
  if (update.conditions != nullptr) CASSETTE_RETURN_IF_ERROR(CheckConditional(update));
  return update;
}

base::Result<ModificationPlan> AnalyzeDelete(const parser::DeleteStatement& statement, const AnalysisContext& context,
                                             Plan* plan) {
  ModificationPlan deletion;
  deletion.kind = ModificationPlan::Kind::kDelete;
  CASSETTE_ASSIGN_OR_RETURN(deletion.table, FindWritableTable(statement.table, context));
  deletion.is_counter = HasCounters(*deletion.table);
  TermBinder binder(context, deletion.table.get(), &plan->markers);
  for (const parser::Deletion& target : statement.deletions) {
    CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, binder.FindColumn(target.column));
    if (IsKey(*column)) {
      return binder.Fail(
          target.column.position,
          fmt::format("Invalid identifier {} for deletion (should not be a PRIMARY KEY part)", column->name));
    }
    CASSETTE_ASSIGN_OR_RETURN(Assignment bound, BindDeletion(target, *column, binder));
    AddAssignment(*column, std::move(bound), &deletion);
  }
  deletion.deletes_whole = statement.deletions.empty();
  WhereAnalysis where(*deletion.table, StatementKind::kDelete, false, binder);
  for (const parser::Relation& relation : statement.where) CASSETTE_RETURN_IF_ERROR(where.AddRelation(relation));
  CASSETTE_RETURN_IF_ERROR(BindUsing(statement.using_clause, binder, &deletion));
  CASSETTE_RETURN_IF_ERROR(CheckCounterOptions(deletion));
  CASSETTE_RETURN_IF_ERROR(BindConditions(statement.if_exists, statement.conditions, binder, &deletion));
  const bool only_statics = deletion.regular.empty() && !deletion.statics.empty() && !LooksAtRows(deletion);
  CASSETTE_RETURN_IF_ERROR(FinishWhere(where, only_statics, &deletion));
  if (deletion.conditions != nullptr) CASSETTE_RETURN_IF_ERROR(CheckConditional(deletion));
  // Rows that are only partly named can be deleted as a range, their columns one by one cannot.
  const size_t restricted = deletion.where.clustering_columns();
  const bool names_rows = restricted == deletion.table->clustering_count() && !deletion.where.has_clustering_slice();
  if (!deletion.regular.empty() && !names_rows) {
    return base::InvalidArgument("Range deletions are not supported for specific columns");
  }
  return deletion;
}

base::Result<BatchPlan> AnalyzeBatch(const parser::BatchStatement& statement, const AnalysisContext& context,
                                     Plan* plan) {
  BatchPlan batch;
  using Kind = parser::BatchStatement::Kind;
  batch.kind = statement.kind == Kind::kCounter  ? BatchKind::kCounter
               : statement.kind == Kind::kLogged ? BatchKind::kLogged
                                                 : BatchKind::kUnlogged;
  if (statement.using_clause.time_to_live) {
    return base::InvalidArgument("Global TTL on the BATCH statement is not supported.");
  }
  if (statement.using_clause.timestamp) {
    if (batch.kind == BatchKind::kCounter) {
      return base::InvalidArgument("Cannot provide custom timestamp for counter BATCH");
    }
    TermBinder binder(context, nullptr, &plan->markers);
    CASSETTE_ASSIGN_OR_RETURN(
        Term term, binder.Bind(*statement.using_clause.timestamp, {"[timestamp]", DataType(TypeKind::kBigint)}));
    batch.timestamp = std::move(term);
  }
  for (const parser::ModificationStatement& modification : statement.statements) {
    CASSETTE_ASSIGN_OR_RETURN(ModificationPlan part, AnalyzeModification(modification, context, plan));
    if (part.timestamp && batch.timestamp) {
      return base::InvalidArgument("Timestamp must be set either on BATCH or individual statements");
    }
    batch.is_conditional = batch.is_conditional || part.conditions != nullptr;
    batch.statements.push_back(std::move(part));
    CASSETTE_RETURN_IF_ERROR(CheckBatchPart(batch.kind, batch.statements.front(), batch.statements.back()));
  }
  if (batch.is_conditional && batch.timestamp) {
    return base::InvalidArgument("Cannot provide custom timestamp for conditional BATCH");
  }
  return batch;
}

}  // namespace cassette::cql::analysis
