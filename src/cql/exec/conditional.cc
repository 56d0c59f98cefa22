#include "cql/exec/conditional.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "cql/exec/bind_where.h"
#include "cql/exec/condition_check.h"
#include "cql/exec/current_rows.h"
#include "cql/exec/scratch.h"
#include "rows/row_history.h"

namespace cassette::cql::exec {
namespace {

using analysis::Condition;
using analysis::Conditions;
using analysis::ModificationPlan;
using types::ValueView;

// What has to be true of one row, or of the static row.
struct RowCondition {
  std::string_view clustering;  // Its statement's.
  Conditions::Kind kind = Conditions::Kind::kColumns;
  std::vector<BoundCondition> columns;
};

// A statement with its place.
struct Part {
  const ModificationPlan* plan = nullptr;
  Evaluator evaluator;
  BoundPlace place;
};

bool IsStaticAlone(const ModificationPlan& plan) {
  const Conditions* conditions = plan.conditions.get();
  const bool looks_at_statics = conditions != nullptr && conditions->on_statics_alone();
  return plan.where.clustering.empty() && plan.regular.empty() && (conditions == nullptr || conditions->rows.empty()) &&
         (!plan.statics.empty() || looks_at_statics);
}

const char* Plural(const ModificationPlan& plan) {
  return plan.kind == ModificationPlan::Kind::kDelete ? "deletions" : "updates";
}

class ConditionalWrite {
 public:
  ConditionalWrite(const schema::TablePtr& table, bool is_batch, const ConditionalContext& context)
      : table_(table), is_batch_(is_batch), context_(context) {}

  base::Status Bind(std::span<const BatchPart> parts) {
    parts_.reserve(parts.size());  // None moves once its place is known.
    for (const BatchPart& part : parts) CASSETTE_RETURN_IF_ERROR(Add(part));
    std::sort(rows_.begin(), rows_.end(),
              [](const RowCondition& a, const RowCondition& b) { return a.clustering < b.clustering; });
    return base::Status::Ok();
  }

  base::Status Run(Scratch& scratch, Answer* answer) {
    const PartitionId partition{table_->id, place().token};
    const PartitionLocks::Guard guard = context_.locks.Lock({&partition, 1});
    CurrentRows current(table_);
    CASSETTE_ASSIGN_OR_RETURN(const bool are_absent, AreAbsent());
    if (!are_absent) CASSETTE_RETURN_IF_ERROR(Read(&current));
    CASSETTE_ASSIGN_OR_RETURN(const bool applies, Applies(current));
    answer->kind = Answer::Kind::kRows;
    if (!applies) {
      current.Describe(AnswerColumns(), answer);
      return base::Status::Ok();
    }
    CASSETTE_RETURN_IF_ERROR(Write(scratch.mutations, answer));
    answer->applied_of = table_.get();
    OutputBatch& applied = scratch.select.AddBatch(answer);
    applied.row_count = 1;
    applied.columns.resize(1);
    applied.columns[0].Reset(columnar::PhysicalType::kInt64);
    applied.columns[0].AppendInt64(1);
    return base::Status::Ok();
  }

 private:
  // Where the first statement writes: the partition is that of all.
  const BoundPlace& place() const { return parts_.front().place; }

  base::Status Add(const BatchPart& source) {
    const ModificationPlan& plan = *source.plan;
    if (plan.table->id != table_->id) {
      return base::InvalidArgument("Batch with conditions cannot span multiple tables");
    }
    parts_.push_back({&plan, Evaluator(source.values, context_.evaluation), {}});
    Part& part = parts_.back();
    CASSETTE_RETURN_IF_ERROR(BindPlaceOf(part));
    updates_rows_ = updates_rows_ || plan.touches_rows;
    return plan.conditions == nullptr ? base::Status::Ok() : AddConditions(part);
  }

  base::Status BindPlaceOf(Part& part) {
    const ModificationPlan& plan = *part.plan;
    CASSETTE_RETURN_IF_ERROR(BindPlace(*table_, plan.where, part.evaluator, &part.place));
    if (part.place.has_key_in) {
      return base::InvalidArgument(
          is_batch_ ? std::string("Batch with conditions cannot span multiple partitions (you cannot use IN on the "
                                  "partition key)")
                    : std::string("IN on the partition key is not supported with conditional ") + Plural(plan));
    }
    if (part.place.has_clustering_in) {
      return base::InvalidArgument(std::string("IN on the clustering key columns is not supported with conditional ") +
                                   Plural(plan));
    }
    if (part.place.key != place().key) {
      return base::InvalidArgument("Batch with conditions cannot span multiple partitions");
    }
    return base::Status::Ok();
  }

  base::Status AddConditions(Part& part) {
    const Conditions& conditions = *part.plan->conditions;
    updates_statics_ = updates_statics_ || !part.plan->statics.empty();
    if (conditions.kind != Conditions::Kind::kColumns) {
      has_existence_ = true;
      CASSETTE_ASSIGN_OR_RETURN(RowCondition * row, RowOf(part, IsStaticAlone(*part.plan), conditions.kind));
      row->kind = conditions.kind;
      return base::Status::Ok();
    }
    CASSETTE_RETURN_IF_ERROR(AddColumns(part, conditions.rows, false));
    return AddColumns(part, conditions.statics, true);
  }

  base::Status AddColumns(Part& part, const std::vector<Condition>& conditions, bool is_static) {
    if (conditions.empty()) return base::Status::Ok();
    CASSETTE_ASSIGN_OR_RETURN(RowCondition * row, RowOf(part, is_static, Conditions::Kind::kColumns));
    for (const Condition& condition : conditions) {
      CASSETTE_ASSIGN_OR_RETURN(BoundCondition bound, BindCondition(condition, part.evaluator));
      row->columns.push_back(std::move(bound));
      if (std::find(looked_at_.begin(), looked_at_.end(), condition.column) == looked_at_.end()) {
        looked_at_.push_back(condition.column);
      }
    }
    return base::Status::Ok();
  }

  // The entry of the statement's row, or of the static row; new when there is none of that kind.
  base::Result<RowCondition*> RowOf(const Part& part, bool is_static, Conditions::Kind kind) {
    RowCondition* found = nullptr;
    if (is_static) {
      if (static_row_) found = &*static_row_;
    } else {
      for (RowCondition& row : rows_) {
        if (row.clustering == part.place.clustering) found = &row;
      }
    }
    if (found != nullptr && found->kind != kind) return Contradiction(found->kind, kind);
    if (found != nullptr) return found;
    if (is_static) return &static_row_.emplace(RowCondition{{}, kind, {}});
    rows_.push_back({part.place.clustering, kind, {}});
    return &rows_.back();
  }

  static base::Status Contradiction(Conditions::Kind earlier, Conditions::Kind later) {
    if (later == Conditions::Kind::kColumns) {
      return base::InvalidArgument("Cannot mix IF conditions and IF NOT EXISTS for the same row");
    }
    if (earlier != Conditions::Kind::kColumns) {
      return base::InvalidArgument("Cannot mix IF EXISTS and IF NOT EXISTS conditions for the same row");
    }
    return base::InvalidArgument(later == Conditions::Kind::kExists
                                     ? "Cannot mix IF conditions and IF EXISTS for the same row"
                                     : "Cannot mix IF conditions and IF NOT EXISTS for the same row");
  }

  // Whether the engine knows at one look that none of the rows is there, as most that must not be are not.
  base::Result<bool> AreAbsent() const {
    if (rows_.empty() || static_row_ || updates_statics_) return false;
    rows::RowHistory found;
    for (const RowCondition& row : rows_) {
      CASSETTE_ASSIGN_OR_RETURN(
          const bool is_known, context_.engine.ReadRow(table_->id, place().token, place().key, row.clustering, &found));
      if (!is_known || !found.row.empty()) return false;
    }
    return true;
  }

  // All columns of the rows written to, those looked at of others; so Cassandra tells rows of nulls from none.
  base::Status Read(CurrentRows* current) const {
    std::vector<schema::ColumnId> columns;
    for (const schema::Column& column : table_->columns) {
      const bool is_written = column.kind == schema::ColumnKind::kStatic    ? updates_statics_
                              : column.kind == schema::ColumnKind::kRegular ? updates_rows_
                                                                            : true;
      const bool is_looked_at = std::find(looked_at_.begin(), looked_at_.end(), column.id) != looked_at_.end();
      if (is_written || is_looked_at) columns.push_back(column.id);
    }
    std::vector<std::string_view> clusterings;
    for (const RowCondition& row : rows_) clusterings.push_back(row.clustering);
    return current->Read(place().key, clusterings, columns, context_.now_seconds, context_.engine);
  }

  base::Result<bool> Applies(const CurrentRows& current) const {
    if (static_row_) {
      if (static_row_->kind == Conditions::Kind::kExists && !current.has_static_row()) return false;
      if (static_row_->kind == Conditions::Kind::kNotExists && current.has_static_row()) return false;
      CASSETTE_ASSIGN_OR_RETURN(const bool applies, AllSatisfied(*static_row_, current, current.static_row()));
      if (!applies) return false;
    }
    for (const RowCondition& row : rows_) {
      const CurrentRows::Row* found = current.Find(row.clustering);
      if (row.kind == Conditions::Kind::kExists && found == nullptr) return false;
      if (row.kind == Conditions::Kind::kNotExists && found != nullptr) return false;
      CASSETTE_ASSIGN_OR_RETURN(const bool applies, AllSatisfied(row, current, found));
      if (!applies) return false;
    }
    return true;
  }

  static base::Result<bool> AllSatisfied(const RowCondition& row, const CurrentRows& current,
                                         const CurrentRows::Row* found) {
    std::string buffer;
    for (const BoundCondition& bound : row.columns) {
      const ValueView value = current.ValueOf(found, bound.condition->column, &buffer);
      CASSETTE_ASSIGN_OR_RETURN(const bool is_satisfied, IsSatisfied(bound, value));
      if (!is_satisfied) return false;
    }
    return true;
  }

  base::Status Write(MutationBatch& mutations, Answer* answer) {
    // Of now: the partition's lock may have been waited for.
    const int64_t proposed = context_.next_timestamp(context_.clock.NowMicros());
    const WriteTimes times{context_.write_times.Next(proposed), context_.now_seconds, true, context_.lists};
    mutations.Clear();
    for (Part& part : parts_) {
      CASSETTE_RETURN_IF_ERROR(mutations.AddAt(*part.plan, part.place, part.evaluator, times));
    }
    CASSETTE_ASSIGN_OR_RETURN(answer->position, mutations.Apply(context_.engine));
    return base::Status::Ok();
  }

  // What is answered beside [applied]: all columns where rows had to exist or not, else those looked at, regular ones
  // first, with the key in front when rows of a batch must be told apart.
  std::vector<schema::ColumnId> AnswerColumns() const {
    std::vector<schema::ColumnId> columns;
    if (has_existence_ || is_batch_) {
      for (const schema::Column& column : table_->columns) {
        const bool is_key =
            column.kind == schema::ColumnKind::kPartitionKey || column.kind == schema::ColumnKind::kClustering;
        if (has_existence_ || is_key) columns.push_back(column.id);
      }
    }
    if (!has_existence_) columns.insert(columns.end(), looked_at_.begin(), looked_at_.end());
    return columns;
  }

  const schema::TablePtr& table_;
  const bool is_batch_;
  const ConditionalContext& context_;
  absl::InlinedVector<Part, 1> parts_;
  std::optional<RowCondition> static_row_;
  absl::InlinedVector<RowCondition, 1> rows_;
  std::vector<schema::ColumnId> looked_at_;
  bool updates_rows_ = false;
  bool updates_statics_ = false;
  bool has_existence_ = false;
};

}  // namespace

base::Status RunConditional(std::span<const BatchPart> parts, bool is_batch, const ConditionalContext& context,
                            Scratch& scratch, Answer* answer) {
  ConditionalWrite write(parts.front().plan->table, is_batch, context);
  CASSETTE_RETURN_IF_ERROR(write.Bind(parts));
  return write.Run(scratch, answer);
}

}  // namespace cassette::cql::exec
