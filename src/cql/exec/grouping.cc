#include "cql/exec/grouping.h"

#include <algorithm>
#include <utility>

#include "cql/exec/row_limits.h"

namespace cassette::cql::exec {
namespace {

using analysis::SelectPlan;
using analysis::Term;
using types::ValueView;

bool UsesColumns(const Term& term) {
  if (term.kind == Term::Kind::kColumn || term.kind == Term::Kind::kWriteTime || term.kind == Term::Kind::kTimeToLive) {
    return true;
  }
  return std::any_of(term.arguments.begin(), term.arguments.end(), UsesColumns);
}

// One row of a batch, by itself.
void CopyRow(const rows::RowBatch& batch, uint32_t row, rows::RowBatch* out) {
  const auto copy = [row](const std::vector<columnar::Vector>& source, std::vector<columnar::Vector>* target) {
    target->clear();
    for (const columnar::Vector& vector : source) {
      columnar::Vector one(vector.physical());
      if (vector.size() > 0) one.AppendFrom(vector, row);
      target->push_back(std::move(one));
    }
  };
  copy(batch.columns, &out->columns);
  copy(batch.write_times, &out->write_times);
  copy(batch.ttls, &out->ttls);
  out->row_count = 1;
}

bool SameValue(const types::DataType& type, const columnar::Vector& a, uint32_t row, const columnar::Vector& b) {
  const bool a_is_null = a.is_null(row);
  const bool b_is_null = b.is_null(0);
  if (a_is_null || b_is_null) return a_is_null == b_is_null;
  return a.CompareRows(type, row, b, 0) == 0;
}

}  // namespace

GroupCollector::GroupCollector(const analysis::SelectPlan& plan, Evaluator& evaluator)
    : plan_(plan), evaluator_(evaluator) {
  for (const analysis::Aggregate& aggregate : plan.aggregates) {
    states_.push_back(aggregate.function->as_aggregate()->NewState());
  }
  if (plan.grouping.by_partition) sort_columns_ = plan.order;
  needs_first_row_ = !sort_columns_.empty() || std::any_of(plan.selection.begin(), plan.selection.end(), UsesColumns);
}

void GroupCollector::NewOutput() {
  output_.emplace_back();
  for (const Term& term : plan_.selection) output_.back().columns.emplace_back(term.type.physical());
  sort_keys_.emplace_back();
  for (const SelectPlan::Order& order : sort_columns_) {
    sort_keys_.back().emplace_back(plan_.table->FindColumn(plan_.columns[order.column].id)->type.physical());
  }
}

void GroupCollector::SetLimits(const BoundSelect& bound, int32_t page_rows) {
  if (!plan_.grouping.by_partition) return;
  groups_left_ = bound.limit;
  if (page_rows > 0) page_left_ = static_cast<uint64_t>(page_rows);
  partition_limit_ = bound.partition_limit;
  if (!bound.resume) return;
  key_ = bound.resume->key;
  partition_left_ = bound.resume->partition_rows_left;
}

base::Result<std::optional<std::string>> GroupCollector::LastValue(const rows::RowBatch& batch, uint32_t row) {
  BatchRow values(plan_);
  values.MoveTo(batch, row);
  evaluator_.Clear();
  CASSETTE_ASSIGN_OR_RETURN(const ValueView value, evaluator_.Evaluate(*plan_.grouping.last, &values));
  if (value.state != ValueView::State::kSet) return std::optional<std::string>();
  return std::optional<std::string>(value.bytes);
}

bool GroupCollector::StartsGroup(const rows::RowBatch& batch, uint32_t row, bool is_same_partition) {
  if (!has_group_) return true;
  if (!plan_.grouping.by_partition) return false;
  if (!is_same_partition) return true;
  for (size_t i = 0; i < group_key_.size(); ++i) {
    const columnar::Vector& vector = batch.columns[plan_.clustering_indexes[i]];
    if (!SameValue(plan_.table->clustering(i).type, vector, row, group_key_[i])) return true;
  }
  return false;
}

// Whether the limits allow another group, of partition `key`; the group of a full partition is passed over.
bool GroupCollector::EnterGroup(const std::string& key) {
  if (key_ != key) {
    key_ = key;
    partition_left_ = partition_limit_;
  }
  is_skipped_ = partition_left_ == 0;
  if (is_skipped_) return true;
  if (groups_left_ == 0) return false;
  if (page_left_ == 0) {
    if (has_position_) {
      resume_ = position_;
      resume_->rows_left = groups_left_;
    }
    return false;
  }
  if (partition_left_ != kUnlimited) --partition_left_;
  if (groups_left_ != kUnlimited) --groups_left_;
  if (page_left_ != kUnlimited) --page_left_;
  return true;
}

base::Status GroupCollector::BeginGroup(const rows::RowBatch& batch, uint32_t row) {
  has_group_ = true;
  for (const auto& state : states_) state->Reset();
  if (needs_first_row_) CopyRow(batch, row, &first_row_);
  group_key_.clear();
  // The column behind a function is not compared itself.
  const size_t compared = plan_.grouping.clustering_columns - (plan_.grouping.last ? 1 : 0);
  for (size_t i = 0; i < compared; ++i) {
    const columnar::Vector& vector = batch.columns[plan_.clustering_indexes[i]];
    columnar::Vector one(vector.physical());
    one.AppendFrom(vector, row);
    group_key_.push_back(std::move(one));
  }
  return base::Status::Ok();
}

base::Result<bool> GroupCollector::Add(const rows::RowBatch& batch, const std::vector<uint32_t>& selection) {
  if (!plan_.grouping.by_partition) {
    if (selection.empty()) return true;
    if (!has_group_) CASSETTE_RETURN_IF_ERROR(BeginGroup(batch, selection[0]));
    CASSETTE_RETURN_IF_ERROR(AddRun(batch, selection));
    return true;
  }
  std::vector<uint32_t> run;
  size_t partition = 0;
  for (const uint32_t row : selection) {
    while (partition + 1 < batch.partitions.size() && batch.partitions[partition + 1].first_row <= row) ++partition;
    const std::string& key = batch.partitions[partition].key;
    bool starts = StartsGroup(batch, row, key == key_);
    std::optional<std::string> value;
    if (plan_.grouping.last) {
      CASSETTE_ASSIGN_OR_RETURN(value, LastValue(batch, row));
      starts = starts || value != last_value_;
    }
    if (starts) {
      CASSETTE_RETURN_IF_ERROR(AddRun(batch, run));
      run.clear();
      CASSETTE_RETURN_IF_ERROR(EndGroup());
      if (!EnterGroup(key)) return false;
      last_value_ = value;
      CASSETTE_RETURN_IF_ERROR(BeginGroup(batch, row));
    }
    run.push_back(row);
    if (page_left_ == 0) NotePosition(batch, key, row);
  }
  CASSETTE_RETURN_IF_ERROR(AddRun(batch, run));
  return true;
}

void GroupCollector::NotePosition(const rows::RowBatch& batch, const std::string& key, uint32_t row) {
  has_position_ = true;
  position_.key = key;
  position_.has_clustering = ClusteringOf(plan_, batch, row, &position_.clustering);
  position_.partition_rows_left = partition_left_;
}

base::Status GroupCollector::AddRun(const rows::RowBatch& batch, const std::vector<uint32_t>& run) {
  if (run.empty() || is_skipped_) return base::Status::Ok();
  for (size_t i = 0; i < states_.size(); ++i) CASSETTE_RETURN_IF_ERROR(AddToAggregate(i, batch, run));
  return base::Status::Ok();
}

base::Status GroupCollector::AddToAggregate(size_t index, const rows::RowBatch& batch,
                                            const std::vector<uint32_t>& run) {
  const analysis::Aggregate& aggregate = plan_.aggregates[index];
  functions::AggregateState& state = *states_[index];
  if (aggregate.arguments.empty()) {
    state.AddRows(run.size());
    return base::Status::Ok();
  }
  const Term& argument = aggregate.arguments[0];
  const bool is_vector = aggregate.arguments.size() == 1 && argument.kind == Term::Kind::kColumn;
  if (is_vector) {
    const bool is_all = run.size() == batch.row_count;
    return state.AddVector(batch.columns[argument.index], is_all ? nullptr : &run);
  }
  BatchRow values(plan_);
  std::vector<ValueView> arguments(aggregate.arguments.size());
  for (const uint32_t row : run) {
    values.MoveTo(batch, row);
    evaluator_.Clear();
    for (size_t i = 0; i < arguments.size(); ++i) {
      CASSETTE_ASSIGN_OR_RETURN(arguments[i], evaluator_.Evaluate(aggregate.arguments[i], &values));
    }
    CASSETTE_RETURN_IF_ERROR(state.Add(arguments));
  }
  return base::Status::Ok();
}

base::Result<ValueView> GroupCollector::ValueOf(const Term& term) {
  if (term.kind == Term::Kind::kAggregate) {
    const std::optional<std::string>& result = results_[term.index];
    return result ? ValueView::Of(*result) : ValueView::Null();
  }
  const columnar::Vector* vector = nullptr;
  if (first_row_.row_count > 0) vector = &PlainVector(static_cast<const rows::RowBatch&>(first_row_), term);
  if (vector == nullptr || vector->size() == 0 || vector->is_null(0)) return ValueView::Null();
  // One string a column of the first row: there is no more than one row to keep them for.
  std::string& out = first_values_[{term.kind, term.index}];
  out.clear();
  if (vector->state(0) != columnar::CellState::kEmpty) vector->AppendSerialized(term.type, 0, &out);
  return ValueView::Of(out);
}

base::Status GroupCollector::EndGroup() {
  if (!has_group_ || is_skipped_) return base::Status::Ok();
  results_.resize(states_.size());
  for (size_t i = 0; i < states_.size(); ++i) {
    std::string bytes;
    CASSETTE_ASSIGN_OR_RETURN(const bool is_null, states_[i]->Finish(&bytes));
    results_[i] = is_null ? std::optional<std::string>() : std::optional<std::string>(std::move(bytes));
  }
  if (output_.empty() || output_.back().row_count == columnar::kMaxVectorRows) NewOutput();
  OutputBatch& output = output_.back();
  evaluator_.Clear();
  for (size_t i = 0; i < plan_.selection.size(); ++i) {
    CASSETTE_ASSIGN_OR_RETURN(const ValueView value, evaluator_.Evaluate(plan_.selection[i], this));
    AppendValue(plan_.selection[i].type, value, &output.columns[i]);
  }
  for (size_t i = 0; i < sort_columns_.size(); ++i) {
    sort_keys_.back()[i].AppendFrom(first_row_.columns[sort_columns_[i].column], 0);
  }
  ++output.row_count;
  has_group_ = false;
  return base::Status::Ok();
}

base::Status GroupCollector::Finish() {
  if (!plan_.grouping.by_partition) {
    has_group_ = true;
    is_skipped_ = false;
  }
  return EndGroup();
}

std::vector<OutputBatch> GroupCollector::TakeOutput() {
  sort_keys_.clear();
  return std::exchange(output_, {});
}

std::vector<std::vector<columnar::Vector>> GroupCollector::TakeSortKeys() { return std::exchange(sort_keys_, {}); }

}  // namespace cassette::cql::exec
