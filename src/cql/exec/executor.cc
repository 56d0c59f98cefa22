#include "cql/exec/executor.h"

#include <fmt/format.h>

#include "cql/exec/authorize.h"
#include "cql/exec/bound_select.h"
#include "cql/exec/conditional.h"
#include "cql/exec/describe.h"
#include "cql/exec/explain.h"
#include "cql/exec/mutation_batch.h"
#include "cql/exec/role_rows.h"
#include "cql/exec/scratch.h"
#include "cql/exec/select.h"
#include "cql/exec/warnings.h"

namespace cassette::cql::exec {
namespace {

using analysis::Plan;

constexpr int64_t kMicrosPerSecond = 1'000'000;

// What an execution needs of the executor.
struct ExecutorParts {
  storage::engine::Engine& engine;
  catalog::Catalog& catalog;
  base::Clock& clock;
  PartitionLocks& partition_locks;
  ConditionalClock& conditional_clock;
  ListPaths& list_paths;
  const BatchBounds& batch_bounds;
};

// One execution: what each kind of plan needs of clock, scratch and request.
class Execution {
 public:
  Execution(const ExecutorParts& executor, const Request& request, const TimestampSource& next_timestamp,
            Scratch& scratch, Answer* answer)
      : engine_(executor.engine),
        catalog_(executor.catalog),
        partition_locks_(executor.partition_locks),
        clock_(executor.clock),
        conditional_clock_(executor.conditional_clock),
        batch_bounds_(executor.batch_bounds),
        request_(request),
        next_timestamp_(next_timestamp),
        scratch_(scratch),
        answer_(*answer),
        now_micros_(executor.clock.NowMicros()),
        lists_{&executor.engine, &executor.list_paths, &scratch.random, now_micros_} {
    now_seconds_ = request.now_seconds.value_or(now_micros_ / kMicrosPerSecond);
  }

  base::Status operator()(const analysis::SelectPlan& plan) {
    Evaluator evaluator = MakeEvaluator(request_.values);
    SelectScratch& select = scratch_.select;
    CASSETTE_RETURN_IF_ERROR(BindSelect(plan, request_, now_seconds_, evaluator, &select.bound));
    if (plan.is_aggregate) WarnOfAggregation(plan, &answer_.warnings);
    base::Status status = RunSelect(plan, select.bound, request_.page_rows, engine_, evaluator, {}, &select, &answer_);
    select.Trim();
    return status;
  }
  base::Status operator()(const analysis::ExplainPlan& plan) {
    Evaluator evaluator = MakeEvaluator(request_.values);
    Request whole = request_;
    whole.page_rows = 0;
    whole.paging_state = {};
    SelectScratch select;
    CASSETTE_RETURN_IF_ERROR(BindSelect(plan.select, whole, now_seconds_, evaluator, &select.bound));
    return RunExplain(plan.select, engine_, evaluator, &select, &answer_);
  }
  base::Status operator()(const analysis::DescribePlan& plan) {
    return RunDescribe(plan, *catalog_.schema(), &answer_);
  }
  base::Status operator()(const analysis::ModificationPlan& plan) {
    const BatchPart part{&plan, request_.values};
    if (plan.conditions != nullptr) return ApplyConditional({&part, 1}, false);
    Evaluator evaluator = MakeEvaluator(request_.values);
    scratch_.mutations.Clear();
    const WriteTimes times = Times();
    CASSETTE_RETURN_IF_ERROR(scratch_.mutations.Add(plan, evaluator, times));
    return ApplyMutations(times);
  }
  base::Status operator()(const analysis::BatchPlan& plan) {
    if (plan.is_conditional) {
      std::vector<BatchPart> parts;
      for (const analysis::ModificationPlan& statement : plan.statements)
        parts.push_back({&statement, request_.values});
      return ApplyConditional(parts, true);
    }
    Evaluator evaluator = MakeEvaluator(request_.values);
    WriteTimes times = Times();
    if (plan.timestamp) {
      CASSETTE_ASSIGN_OR_RETURN(times.timestamp_micros,
                                TimestampOf(*plan.timestamp, evaluator, times.timestamp_micros));
    }
    scratch_.mutations.Clear();
    for (const analysis::ModificationPlan& statement : plan.statements) {
      CASSETTE_RETURN_IF_ERROR(scratch_.mutations.Add(statement, evaluator, times));
    }
    CASSETTE_RETURN_IF_ERROR(CheckBatchSize(plan.kind));
    return ApplyMutations(times);
  }
  base::Status operator()(const analysis::TruncatePlan& plan) {
    // Those of now: the plan may be older than an index.
    const schema::TablePtr table = engine_.schema()->FindTable(plan.table->id);
    if (table == nullptr) return base::NotFound("table " + plan.table->name + " does not exist");
    // No write may have read what goes.
    std::optional<rows::PartitionLocks::Guard> guard;
    if (!table->views.empty()) guard.emplace(engine_.view_locks().LockAll());
    std::vector<schema::TableId> tables = table->views;
    tables.push_back(table->id);
    for (const schema::Index& index : table->indexes) tables.push_back(index.table);
    return engine_.Truncate(tables);
  }
  base::Status operator()(const analysis::UsePlan& plan) {
    answer_.kind = Answer::Kind::kSetKeyspace;
    answer_.keyspace = plan.keyspace;
    return base::Status::Ok();
  }
  base::Status operator()(const analysis::SchemaPlan& plan) {
    CASSETTE_ASSIGN_OR_RETURN(catalog::SchemaChangeResult result, catalog_.Apply(plan.change, request_.role));
    answer_.warnings = result.warnings;
    if (!result.changed) return base::Status::Ok();
    answer_.kind = Answer::Kind::kSchemaChange;
    answer_.schema_change = std::move(result);
    return base::Status::Ok();
  }

  base::Status operator()(const analysis::RolePlan& plan) {
    CASSETTE_ASSIGN_OR_RETURN(catalog::RoleAnswer answer, catalog_.roles().Execute(plan.statement, request_.role));
    AppendRoleRows(plan, answer, &answer_);
    answer_.warnings = std::move(answer.warnings);
    return base::Status::Ok();
  }

  base::Status RunBatch(analysis::BatchKind kind, std::span<const BatchPart> parts) {
    if (parts.size() > kMaxBatchStatements) {
      return base::InvalidArgument(
          fmt::format("A batch has at most {} statements, this one {}", kMaxBatchStatements, parts.size()));
    }
    bool is_conditional = false;
    const analysis::ModificationPlan* checked = nullptr;
    for (const BatchPart& part : parts) {
      if (part.plan == checked) continue;
      CASSETTE_RETURN_IF_ERROR(analysis::CheckBatchPart(kind, *parts.front().plan, *part.plan));
      checked = part.plan;
      is_conditional |= part.plan->conditions != nullptr;
    }
    if (is_conditional) return ApplyConditional(parts, true);
    const WriteTimes times = Times();
    scratch_.mutations.Clear();
    for (const BatchPart& part : parts) {
      Evaluator evaluator = MakeEvaluator(part.values);
      CASSETTE_RETURN_IF_ERROR(scratch_.mutations.Add(*part.plan, evaluator, times));
    }
    CASSETTE_RETURN_IF_ERROR(CheckBatchSize(kind));
    return ApplyMutations(times);
  }

 private:
  Evaluator MakeEvaluator(std::span<const types::ValueView> values) {
    return Evaluator(values, functions::EvalContext{now_micros_, &scratch_.random});
  }
  WriteTimes Times() const {
    return {request_.timestamp_micros ? *request_.timestamp_micros : next_timestamp_(now_micros_), now_seconds_, false,
            &lists_};
  }
  base::Status ApplyConditional(std::span<const BatchPart> parts, bool is_batch) {
    const ConditionalContext context{engine_,         partition_locks_,
                                     clock_,          conditional_clock_,
                                     next_timestamp_, functions::EvalContext{now_micros_, &scratch_.random},
                                     now_seconds_,    &lists_};
    return RunConditional(parts, is_batch, context, scratch_, &answer_);
  }
  base::Status CheckBatchSize(analysis::BatchKind kind) {
    const size_t bytes = scratch_.mutations.bytes_of_several();
    if (batch_bounds_.fail_bytes > 0 && bytes > batch_bounds_.fail_bytes) {
      return base::InvalidArgument("Batch too large");
    }
    if (batch_bounds_.warn_bytes > 0 && bytes > batch_bounds_.warn_bytes) {
      answer_.warnings.push_back(
          fmt::format("Batch of several partitions is of size {}, exceeding specified threshold of {} by {}.", bytes,
                      batch_bounds_.warn_bytes, bytes - batch_bounds_.warn_bytes));
    }
    if (kind != analysis::BatchKind::kLogged && batch_bounds_.warn_partitions > 0) {
      WarnOfManyPartitions(scratch_.mutations, *engine_.schema(), batch_bounds_.warn_partitions, &answer_.warnings);
    }
    return base::Status::Ok();
  }
  base::Status ApplyMutations(const WriteTimes& times) {
    if (scratch_.mutations.counters().empty()) return Apply();
    const PartitionLocks::Guard guard = partition_locks_.Lock(scratch_.mutations.counters().partitions());
    CASSETTE_RETURN_IF_ERROR(scratch_.mutations.WriteCounters(engine_, times));
    return Apply();
  }
  base::Status Apply() {
    CASSETTE_ASSIGN_OR_RETURN(answer_.position, scratch_.mutations.Apply(engine_));
    return base::Status::Ok();
  }

  storage::engine::Engine& engine_;
  catalog::Catalog& catalog_;
  PartitionLocks& partition_locks_;
  base::Clock& clock_;
  ConditionalClock& conditional_clock_;
  const BatchBounds& batch_bounds_;
  const Request& request_;
  const TimestampSource& next_timestamp_;
  Scratch& scratch_;
  Answer& answer_;
  int64_t now_micros_;
  int64_t now_seconds_;
  const ListServices lists_;
};

}  // namespace

base::Status Executor::Execute(const Plan& plan, const Request& request, const TimestampSource& next_timestamp,
                               Scratch& scratch, Answer* answer) {
  if (request.role != nullptr) CASSETTE_RETURN_IF_ERROR(Authorize(plan, *request.role, catalog_));
  Execution execution({engine_, catalog_, clock_, partition_locks_, conditional_clock_, list_paths_, batch_bounds_},
                      request, next_timestamp, scratch, answer);
  return std::visit(execution, plan.node);
}

base::Status Executor::ExecuteBatch(analysis::BatchKind kind, std::span<const BatchPart> parts, const Request& request,
                                    const TimestampSource& next_timestamp, Scratch& scratch, Answer* answer) {
  if (request.role != nullptr) {
    for (const BatchPart& part : parts) {
      CASSETTE_RETURN_IF_ERROR(Authorize(*part.plan, *request.role, catalog_));
    }
  }
  const ExecutorParts executor{engine_,     catalog_,     clock_, partition_locks_, conditional_clock_,
                               list_paths_, batch_bounds_};
  return Execution(executor, request, next_timestamp, scratch, answer).RunBatch(kind, parts);
}

}  // namespace cassette::cql::exec
