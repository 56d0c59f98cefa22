#include "session/local_statement.h"

#include <fmt/format.h>

#include <utility>

#include "cql/analysis/analyzer.h"
#include "cql/parser/parser.h"

namespace cassette::session {
namespace {

using cql::analysis::Plan;

// WHERE of a statement, and whether it names rows of a partition at all.
const cql::analysis::Where* WhereOf(const Plan& plan) {
  if (const auto* select = plan.As<cql::analysis::SelectPlan>()) return &select->where;
  if (const auto* modification = plan.As<cql::analysis::ModificationPlan>()) return &modification->where;
  return nullptr;
}

std::vector<uint16_t> PartitionKeyMarkers(const Plan& plan) {
  std::vector<uint16_t> markers;
  const cql::analysis::Where* where = WhereOf(plan);
  if (where == nullptr) return markers;
  for (const cql::analysis::KeyRestriction& restriction : where->partition_key) {
    if (restriction.is_in || !restriction.values.front().is_marker()) return {};
    markers.push_back(static_cast<uint16_t>(restriction.values.front().index));
  }
  return markers;
}

bool MayRunLong(const Plan& plan) {
  if (const auto* select = plan.As<cql::analysis::SelectPlan>()) {
    return select->where.is_scan() || !select->where.filters.empty() || select->is_aggregate;
  }
  return plan.As<cql::analysis::ModificationPlan>() == nullptr && plan.As<cql::analysis::BatchPlan>() == nullptr &&
         plan.As<cql::analysis::UsePlan>() == nullptr;
}

}  // namespace

base::Status WrongValueCount(size_t wanted, size_t given) {
  return base::InvalidArgument(
      fmt::format("Invalid amount of bind variables: the statement has {}, {} were given", wanted, given));
}

std::vector<ColumnSpec> ToColumnSpecs(const std::vector<cql::analysis::ColumnSpec>& specs) {
  std::vector<ColumnSpec> result;
  result.reserve(specs.size());
  for (const cql::analysis::ColumnSpec& spec : specs)
    result.push_back({spec.keyspace, spec.table, spec.name, spec.type});
  return result;
}

PlannedStatement::PlannedStatement(schema::SchemaPtr of_schema, Plan&& of_plan)
    : schema(std::move(of_schema)),
      plan(std::move(of_plan)),
      markers(ToColumnSpecs(plan.markers)),
      result_columns(std::make_shared<const std::vector<ColumnSpec>>(ToColumnSpecs(plan.result))),
      partition_key_markers(PartitionKeyMarkers(plan)),
      may_run_long(MayRunLong(plan)) {}

base::Result<PlannedPtr> PlanStatement(std::string_view text, const std::string& keyspace, schema::SchemaPtr schema,
                                       const cql::functions::FunctionRegistry& functions) {
  CASSETTE_ASSIGN_OR_RETURN(const cql::parser::Statement statement, cql::parser::ParseStatement(text));
  const cql::analysis::AnalysisContext context{*schema, functions, keyspace, text};
  CASSETTE_ASSIGN_OR_RETURN(Plan plan, cql::analysis::Analyze(statement, context));
  return PlannedPtr(std::make_shared<const PlannedStatement>(std::move(schema), std::move(plan)));
}

LocalStatement::LocalStatement(std::string text, std::string keyspace, PlannedPtr planned,
                               const cql::functions::FunctionRegistry& functions)
    : LocalStatement(std::move(text), std::move(keyspace), std::move(planned), Values(), functions) {}

LocalStatement::LocalStatement(std::string text, std::string keyspace, PlannedPtr planned, Values constants,
                               const cql::functions::FunctionRegistry& functions)
    : text_(std::move(text)),
      keyspace_(std::move(keyspace)),
      constants_(std::move(constants)),
      functions_(functions),
      prepared_(planned),
      planned_(std::move(planned)) {}

const std::vector<ColumnSpec>& LocalStatement::markers() const {
  static const std::vector<ColumnSpec> kNone;
  return constants_.size() == 0 ? prepared_->markers : kNone;
}

const std::vector<uint16_t>& LocalStatement::partition_key_markers() const {
  static const std::vector<uint16_t> kNone;
  return constants_.size() == 0 ? prepared_->partition_key_markers : kNone;
}

bool LocalStatement::IsToldAs(const PlannedStatement& planned) const {
  return &planned == prepared_.get() ||
         (planned.markers == prepared_->markers && *planned.result_columns == *prepared_->result_columns &&
          planned.partition_key_markers == prepared_->partition_key_markers);
}

base::Result<const Values*> LocalStatement::ConstantsFor(const PlannedStatement& planned, const Values& given) const {
  if (given.size() != 0) return WrongValueCount(0, given.size());
  // Planned again, it has its own text and no markers.
  return planned.plan.markers.empty() ? &given : &constants_;
}

base::Result<PlannedPtr> LocalStatement::PlanFor(const storage::engine::Engine& engine) const {
  {
    const std::lock_guard lock(mutex_);
    if (engine.IsCurrent(planned_->schema)) return planned_;
  }
  CASSETTE_ASSIGN_OR_RETURN(PlannedPtr planned, PlanStatement(text_, keyspace_, engine.schema(), functions_));
  const std::lock_guard lock(mutex_);
  planned_ = planned;
  return planned;
}

}  // namespace cassette::session
