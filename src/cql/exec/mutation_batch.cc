#include "cql/exec/mutation_batch.h"

#include <fmt/format.h>

#include <limits>

#include "codec/fixed.h"
#include "codec/murmur3.h"
#include "rows/keys.h"

namespace cassette::cql::exec {
namespace {

using analysis::Assignment;
using analysis::ModificationPlan;
using types::ValueView;

constexpr int64_t kMaxExpirySeconds = 4294967294;  // 2106, as Cassandra 5.0's unsigned local deletion times.

base::Result<int32_t> TimeToLiveOf(const analysis::Term& term, Evaluator& evaluator, int32_t otherwise) {
  CASSETTE_ASSIGN_OR_RETURN(const ValueView value, evaluator.Evaluate(term));
  if (value.is_unset()) return otherwise;
  if (value.is_null() || value.bytes.empty()) return 0;
  const int64_t seconds = types::ToInt64(types::TypeKind::kInt, value.bytes);
  if (seconds < 0) {
    return base::InvalidArgument(fmt::format("A TTL must be greater or equal to 0, but was {}", seconds));
  }
  if (seconds > rows::kMaxTtlSeconds) {
    return base::InvalidArgument(
        fmt::format("ttl is too large. requested ({}) maximum ({})", seconds, rows::kMaxTtlSeconds));
  }
  return static_cast<int32_t>(seconds);
}

// The cell that an assignment makes; false when it makes none (unset).
bool MakeCell(const ValueView& value, int64_t timestamp_micros, int32_t ttl_seconds, int64_t expires_at_seconds,
              int64_t now_seconds, rows::CellView* cell) {
  if (value.is_unset()) return false;
  cell->timestamp_micros = timestamp_micros;
  if (value.is_null()) {
    cell->state = rows::CellState::kTombstone;
    cell->ttl_seconds = rows::kNoTtl;
    cell->expires_at_seconds = now_seconds;
    return true;
  }
  cell->state = value.bytes.empty() ? rows::CellState::kEmpty : rows::CellState::kLive;
  cell->ttl_seconds = ttl_seconds;
  cell->expires_at_seconds = expires_at_seconds;
  cell->value = value.bytes;
  return true;
}

// The one value that a sum with what is there takes from a row.
class CurrentCell final : public RowValues {
 public:
  explicit CurrentCell(std::string_view bytes) : value_(ValueView::Of(bytes)) {}
  base::Result<ValueView> ValueOf(const analysis::Term&) override { return value_; }

 private:
  const ValueView value_;
};

// False when the row has no value in the column.
base::Result<bool> ReadCell(storage::engine::Engine& engine, const RowPlace& place, schema::ColumnId column,
                            int64_t now_seconds, std::string* bytes) {
  storage::engine::ReadCommand command =
      ReadOneRow(*place.table, place.key, place.clustering, place.is_static, now_seconds);
  command.columns.push_back({column});
  CASSETTE_ASSIGN_OR_RETURN(const auto reader, engine.Read(command, nullptr));
  rows::RowBatch batch;
  CASSETTE_ASSIGN_OR_RETURN(const bool is_found, reader->Next(&batch));
  if (!is_found || batch.row_count == 0 || batch.columns[0].is_null(0)) return false;
  bytes->clear();
  if (batch.columns[0].state(0) != rows::CellState::kEmpty) {
    batch.columns[0].AppendSerialized((*place.table)->FindColumn(column)->type, 0, bytes);
  }
  return true;
}

}  // namespace

base::Result<int64_t> TimestampOf(const analysis::Term& term, Evaluator& evaluator, int64_t otherwise) {
  CASSETTE_ASSIGN_OR_RETURN(const ValueView value, evaluator.Evaluate(term));
  if (value.is_unset()) return otherwise;
  if (value.is_null() || value.bytes.empty()) return base::InvalidArgument("Invalid null value of timestamp");
  return types::ToInt64(types::TypeKind::kBigint, value.bytes);
}

void MutationBatch::Clear() {
  is_open_ = false;
  has_derived_ = false;
  repeated_ = nullptr;
  finished_.clear();
  finished_ends_.clear();
  counters_.Clear();
}

base::Status MutationBatch::TakeTimes(const ModificationPlan& plan, Evaluator& evaluator, const WriteTimes& times,
                                      CellTimes* result) {
  now_seconds_ = times.now_seconds;
  lists_ = times.lists;
  *result = {times.timestamp_micros, rows::kNoTtl, rows::kNeverExpires, times.now_seconds, times.timestamp_micros};
  const bool says_something =
      plan.timestamp || plan.time_to_live || plan.table->options.default_time_to_live_seconds != rows::kNoTtl;
  if (says_something) CASSETTE_RETURN_IF_ERROR(BindTimes(plan, evaluator, times, result));
  if (result->timestamp_micros == rows::kNoTimestamp) {
    return base::InvalidArgument(fmt::format("Out of bound timestamp, must be in [{}, {}]", rows::kNoTimestamp + 1,
                                             std::numeric_limits<int64_t>::max()));
  }
  result->range_timestamp_micros = result->timestamp_micros - (times.is_conditional ? 1 : 0);
  return base::Status::Ok();
}

base::Status MutationBatch::BindTimes(const ModificationPlan& plan, Evaluator& evaluator, const WriteTimes& times,
                                      CellTimes* result) {
  if (plan.timestamp && !times.is_conditional) {
    CASSETTE_ASSIGN_OR_RETURN(result->timestamp_micros,
                              TimestampOf(*plan.timestamp, evaluator, times.timestamp_micros));
    if (result->timestamp_micros == rows::kNoTimestamp) return base::Status::Ok();  // The caller refuses it.
  }
  if (plan.kind == ModificationPlan::Kind::kDelete) return base::Status::Ok();
  result->ttl_seconds = plan.table->options.default_time_to_live_seconds;
  if (plan.time_to_live) {
    CASSETTE_ASSIGN_OR_RETURN(result->ttl_seconds, TimeToLiveOf(*plan.time_to_live, evaluator, result->ttl_seconds));
  }
  if (result->ttl_seconds == rows::kNoTtl) return base::Status::Ok();
  result->expires_at_seconds = times.now_seconds + result->ttl_seconds;
  if (result->expires_at_seconds > kMaxExpirySeconds) {
    return base::InvalidArgument(
        fmt::format("Request on table {}.{} with ttl of {} seconds exceeds maximum supported expiration date of "
                    "2106-02-07T06:28:13+00:00",
                    plan.table->keyspace, plan.table->name, result->ttl_seconds));
  }
  return base::Status::Ok();
}

base::Status MutationBatch::Add(const ModificationPlan& plan, Evaluator& evaluator, const WriteTimes& times) {
  CellTimes cell_times;
  CASSETTE_RETURN_IF_ERROR(TakeTimes(plan, evaluator, times, &cell_times));
  return plan.is_single_row ? AddSingleRow(plan, evaluator, cell_times) : AddMany(plan, evaluator, cell_times);
}

base::Status MutationBatch::AddAt(const ModificationPlan& plan, const BoundPlace& place, Evaluator& evaluator,
                                  const WriteTimes& times) {
  CellTimes cell_times;
  CASSETTE_RETURN_IF_ERROR(TakeTimes(plan, evaluator, times, &cell_times));
  if (place.is_range) return AddMany(plan, evaluator, cell_times);
  repeated_ = nullptr;
  key_.assign(place.key);
  BeginPartition(*plan.table, place.token);
  if (plan.deletes_whole && plan.where.clustering.empty()) {
    builder_.AddPartitionDeletion({cell_times.range_timestamp_micros, cell_times.now_seconds});
  } else if (plan.deletes_whole) {
    builder_.BeginRow(place.clustering);
    builder_.SetRowDeletion({cell_times.timestamp_micros, cell_times.now_seconds});
  } else {
    if (!plan.statics.empty()) CASSETTE_RETURN_IF_ERROR(WriteStatics(plan, evaluator, cell_times));
    if (plan.touches_rows) return WriteRow(plan, place.clustering, evaluator, cell_times);
  }
  return base::Status::Ok();
}

bool MutationBatch::IsSameKey(const ModificationPlan& plan, const Evaluator& evaluator) const {
  if (repeated_ != &plan) return false;
  for (size_t i = 0; i < key_values_.size(); ++i) {
    if (!evaluator.IsStill(plan.where.partition_key[i].values[0], key_values_[i])) return false;
  }
  return true;
}

base::Status MutationBatch::BindSingleKey(const ModificationPlan& plan, Evaluator& evaluator) {
  repeated_ = nullptr;
  key_values_.clear();
  for (const auto& restriction : plan.where.partition_key) {
    ValueView value;
    CASSETTE_RETURN_IF_ERROR(evaluator.EvaluateTo(restriction.values[0], &value));
    if (value.state != ValueView::State::kSet) return RequireValue(value, restriction.column).status();
    key_values_.push_back(value.bytes);
  }
  key_.clear();
  return rows::AppendPartitionKey(key_values_, &key_);
}

base::Status MutationBatch::BindSingleRow(const ModificationPlan& plan, Evaluator& evaluator) {
  const auto& restrictions = plan.where.clustering;
  size_t same = 0;
  while (repeated_ == &plan && same < clustering_parts_.size() &&
         evaluator.IsStill(restrictions[same].values[0], clustering_parts_[same].value)) {
    ++same;
  }
  clustering_parts_.resize(same);
  clustering_.resize(same == 0 ? 0 : clustering_parts_.back().end);
  for (size_t i = same; i < restrictions.size(); ++i) {
    const analysis::ClusteringRestriction& restriction = restrictions[i];
    ValueView value;
    CASSETTE_RETURN_IF_ERROR(evaluator.EvaluateTo(restriction.values[0], &value));
    if (value.state != ValueView::State::kSet) {
      return RequireValue(value, plan.table->clustering(restriction.first).name).status();
    }
    if (value.bytes.size() > rows::kMaxKeyBytes) {
      return base::InvalidArgument(
          fmt::format("Key length of {} is longer than maximum of {}", value.bytes.size(), rows::kMaxKeyBytes));
    }
    rows::AppendClusteringComponent(*plan.table, restriction.first, value.bytes, &clustering_);
    clustering_parts_.push_back({value.bytes, clustering_.size()});
  }
  return base::Status::Ok();
}

base::Status MutationBatch::AddSingleRow(const ModificationPlan& plan, Evaluator& evaluator, const CellTimes& times) {
  if (!IsSameKey(plan, evaluator)) {
    CASSETTE_RETURN_IF_ERROR(BindSingleKey(plan, evaluator));
    BeginPartition(*plan.table, codec::Murmur3Token(key_));
  }
  CASSETTE_RETURN_IF_ERROR(BindSingleRow(plan, evaluator));
  repeated_ = &plan;
  if (!plan.statics.empty()) CASSETTE_RETURN_IF_ERROR(WriteStatics(plan, evaluator, times));
  return plan.touches_rows ? WriteRow(plan, clustering_, evaluator, times) : base::Status::Ok();
}

base::Status MutationBatch::AddMany(const ModificationPlan& plan, Evaluator& evaluator, const CellTimes& times) {
  const schema::Table& table = *plan.table;
  std::vector<std::string> keys;
  CASSETTE_RETURN_IF_ERROR(BindPartitionKeys(table, plan.where, evaluator, false, &keys));
  CASSETTE_ASSIGN_OR_RETURN(const BoundClustering clustering, BindClustering(table, plan.where, evaluator));
  const rows::DeletionTime deletion{times.timestamp_micros, times.now_seconds};
  const rows::DeletionTime range_deletion{times.range_timestamp_micros, times.now_seconds};
  const bool names_rows = clustering.prefix_columns == table.clustering_count();
  repeated_ = nullptr;
  for (const std::string& key : keys) {
    key_ = key;
    BeginPartition(table, codec::Murmur3Token(key_));
    if (plan.deletes_whole && plan.where.clustering.empty()) {
      builder_.AddPartitionDeletion(range_deletion);
    } else if (plan.deletes_whole && names_rows) {
      for (const std::string& prefix : clustering.prefixes) {
        builder_.BeginRow(prefix);
        builder_.SetRowDeletion(deletion);
      }
    } else if (plan.deletes_whole) {
      for (const rows::ClusteringSlice& slice : clustering.slices) {
        builder_.AddRangeTombstone(slice.start, slice.end, range_deletion);
      }
    } else {
      if (!plan.touches_rows) {
        CASSETTE_RETURN_IF_ERROR(WriteStatics(plan, evaluator, times));
        continue;
      }
      // Once a row, so not at all for IN (): counters and lists tell.
      for (const std::string& prefix : clustering.prefixes) {
        if (!plan.statics.empty()) CASSETTE_RETURN_IF_ERROR(WriteStatics(plan, evaluator, times));
        CASSETTE_RETURN_IF_ERROR(WriteRow(plan, prefix, evaluator, times));
      }
    }
  }
  return base::Status::Ok();
}

base::Status MutationBatch::WriteRow(const ModificationPlan& plan, std::string_view clustering, Evaluator& evaluator,
                                     const CellTimes& times) {
  const bool is_insert = plan.kind == ModificationPlan::Kind::kInsert;
  if (is_insert) {
    builder_.BeginRow(clustering, {times.timestamp_micros, times.ttl_seconds, times.expires_at_seconds});
  }
  return WriteCells(plan, plan.regular, {&plan.table, key_, clustering, false}, is_insert, evaluator, times);
}

base::Status MutationBatch::WriteStatics(const ModificationPlan& plan, Evaluator& evaluator, const CellTimes& times) {
  return WriteCells(plan, plan.statics, {&plan.table, key_, {}, true}, false, evaluator, times);
}

void MutationBatch::BeginRow(const RowPlace& place, bool* is_begun) {
  if (*is_begun) return;
  *is_begun = true;
  if (place.is_static) {
    builder_.BeginStaticRow();
  } else {
    builder_.BeginRow(place.clustering);
  }
}

base::Status MutationBatch::WriteCells(const ModificationPlan& plan, const std::vector<Assignment>& assignments,
                                       const RowPlace& place, bool is_begun, Evaluator& evaluator,
                                       const CellTimes& times) {
  const bool has_marker = is_begun;
  for (size_t i = 0; i < assignments.size(); ++i) {
    const Assignment& assignment = assignments[i];
    if (assignment.is_complex) {
      CASSETTE_RETURN_IF_ERROR(WriteComplex(assignments, i, place, evaluator, times, &is_begun));
      continue;
    }
    if (plan.is_counter && assignment.operation != Assignment::Operation::kDelete) {
      CASSETTE_RETURN_IF_ERROR(AddToCounter(assignment, place, evaluator));
      continue;
    }
    ValueView value;
    if (assignment.operation == Assignment::Operation::kAdd) {
      CASSETTE_ASSIGN_OR_RETURN(value, AddUp(assignments, i, place, evaluator, times.now_seconds));
    } else {
      CASSETTE_RETURN_IF_ERROR(evaluator.EvaluateTo(assignment.value, &value));
    }
    if (has_marker && value.state == ValueView::State::kSet) {
      builder_.AddValue(assignment.column, value.bytes);
      continue;
    }
    rows::CellView cell;
    const bool is_cell =
        MakeCell(value, times.timestamp_micros, times.ttl_seconds, times.expires_at_seconds, times.now_seconds, &cell);
    if (!is_cell) continue;
    BeginRow(place, &is_begun);
    builder_.AddCell(assignment.column, cell);
  }
  return base::Status::Ok();
}

// All that the statement does to the column of assignment `first`, unless an earlier one has done it.
base::Status MutationBatch::WriteComplex(const std::vector<Assignment>& assignments, size_t first,
                                         const RowPlace& place, Evaluator& evaluator, const CellTimes& times,
                                         bool* is_begun) {
  const schema::ColumnId column = assignments[first].column;
  for (size_t i = 0; i < first; ++i) {
    if (assignments[i].column == column) return base::Status::Ok();
  }
  CASSETTE_ASSERT(lists_ != nullptr);
  complex_.Begin(*(*place.table)->FindColumn(column), place, times, *lists_);
  for (size_t i = first; i < assignments.size(); ++i) {
    if (assignments[i].column == column) CASSETTE_RETURN_IF_ERROR(complex_.Add(assignments[i], evaluator));
  }
  const rows::CellView* cell = complex_.Finish();
  if (cell == nullptr) return base::Status::Ok();
  BeginRow(place, is_begun);
  builder_.AddCell(column, *cell);
  return base::Status::Ok();
}

base::Result<ValueView> MutationBatch::AddUp(const std::vector<Assignment>& assignments, size_t first,
                                             const RowPlace& place, Evaluator& evaluator, int64_t now_seconds) const {
  CASSETTE_ASSERT(lists_ != nullptr);
  const schema::ColumnId column = assignments[first].column;
  for (size_t i = 0; i < first; ++i) {
    if (assignments[i].column == column) return ValueView::Unset();
  }
  std::string bytes;
  CASSETTE_ASSIGN_OR_RETURN(const bool is_found, ReadCell(*lists_->engine, place, column, now_seconds, &bytes));
  if (!is_found) return ValueView::Unset();
  ValueView sum = ValueView::Of(bytes);
  for (size_t i = first; i < assignments.size(); ++i) {
    if (assignments[i].column != column) continue;
    CurrentCell current(sum.bytes);
    CASSETTE_ASSIGN_OR_RETURN(sum, evaluator.Evaluate(assignments[i].value, &current));
    if (sum.is_null()) return base::InvalidArgument("Invalid null value for an addition");
  }
  return sum;
}

base::Status MutationBatch::AddToCounter(const Assignment& assignment, const RowPlace& place, Evaluator& evaluator) {
  const bool is_increment = assignment.operation == Assignment::Operation::kAdd;
  CASSETTE_ASSIGN_OR_RETURN(const ValueView value, evaluator.Evaluate(assignment.value));
  if (value.is_unset()) return base::Status::Ok();
  if (value.is_null() || value.bytes.empty()) {
    return base::InvalidArgument("Invalid null value for counter increment/decrement");
  }
  const int64_t delta = types::ToInt64(types::TypeKind::kBigint, value.bytes);
  if (!is_increment && delta == std::numeric_limits<int64_t>::min()) {
    return base::InvalidArgument(
        fmt::format("The negation of {} overflows supported counter precision (signed 8 bytes integer)", delta));
  }
  counters_.Add(place, assignment.column, is_increment ? delta : -delta);
  return base::Status::Ok();
}

base::Status MutationBatch::WriteCounters(storage::engine::Engine& engine, const WriteTimes& times) {
  for (const auto& [row, deltas] : counters_.rows()) {
    CASSETTE_ASSIGN_OR_RETURN(const std::vector<CounterCell> cells,
                              ReadAndAdd(engine, row, deltas, times.timestamp_micros, times.now_seconds));
    key_ = row.key;
    BeginPartition(*row.table, codec::Murmur3Token(key_));
    bool is_begun = false;
    for (const CounterCell& cell : cells) {
      BeginRow({&row.table, row.key, row.clustering, row.is_static}, &is_begun);
      builder_.AddCell(cell.column,
                       {rows::CellState::kLive, cell.timestamp_micros, rows::kNoTtl, rows::kNeverExpires, cell.value});
    }
  }
  return base::Status::Ok();
}

void MutationBatch::BeginPartition(const schema::Table& table, rows::Token token) {
  if (is_open_ && open_key_ == key_ && table_ == table.id) return;
  if (is_open_) FinishMutation();
  has_derived_ |= table.has_derived();
  builder_.Begin(table.id, token, key_);
  table_ = table.id;
  open_key_.assign(key_);
  is_open_ = true;
}

void MutationBatch::FinishMutation() {
  is_open_ = false;
  if (builder_.empty()) return;
  finished_.append(builder_.bytes());
  finished_ends_.push_back(finished_.size());
}

size_t MutationBatch::bytes_of_several() const {
  return count() < 2 ? 0 : finished_.size() + (has_last() ? builder_.bytes().size() : 0);
}

std::vector<std::string_view> MutationBatch::Mutations() const {
  std::vector<std::string_view> mutations;
  size_t begin = 0;
  for (const size_t end : finished_ends_) {
    mutations.push_back(std::string_view(finished_).substr(begin, end - begin));
    begin = end;
  }
  if (has_last()) mutations.push_back(builder_.bytes());
  return mutations;
}

void MutationBatch::ForEachPartition(
    const std::function<void(const schema::TableId& table, std::string_view key)>& visit) const {
  for (const std::string_view bytes : Mutations()) {
    const base::Result<rows::MutationReader> reader = rows::MutationReader::Open(bytes);
    CASSETTE_ASSERT(reader.ok());
    visit(reader->table(), reader->key());
  }
  for (const auto& [row, deltas] : counters_.rows()) visit(row.table->id, row.key);
}

base::Result<std::optional<storage::engine::CommitPosition>> MutationBatch::Apply(storage::engine::Engine& engine) {
  if (finished_ends_.empty()) {
    if (!has_last()) return std::optional<storage::engine::CommitPosition>();
    const std::string_view only = builder_.bytes();
    return ApplyAll(engine, {&only, 1});
  }
  return ApplyAll(engine, Mutations());
}

base::Result<std::optional<storage::engine::CommitPosition>> MutationBatch::ApplyAll(
    storage::engine::Engine& engine, std::span<const std::string_view> mutations) {
  if (!has_derived_) {
    auto position = engine.Apply(mutations);
    if (position.ok()) return std::optional(*position);
    // The plan may be older than the table's first index.
    if (position.status().code() != base::Code::kFailedPrecondition) return position.status();
  }
  CASSETTE_ASSIGN_OR_RETURN(const auto position, derived_.Write(engine, mutations, now_seconds_));
  return std::optional(position);
}

}  // namespace cassette::cql::exec
