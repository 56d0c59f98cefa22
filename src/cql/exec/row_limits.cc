#include "cql/exec/row_limits.h"

#include <algorithm>

#include "base/assert.h"

namespace cassette::cql::exec {

bool ClusteringOf(const analysis::SelectPlan& plan, const rows::RowBatch& batch, uint32_t row, std::string* out) {
  out->clear();
  if (plan.clustering_indexes.empty()) return false;
  if (!batch.is_static_only.empty() && batch.is_static_only[row]) return false;
  std::string value;
  for (size_t i = 0; i < plan.clustering_indexes.size(); ++i) {
    const columnar::Vector& vector = batch.columns[plan.clustering_indexes[i]];
    value.clear();
    if (vector.state(row) != columnar::CellState::kEmpty) {
      vector.AppendSerialized(plan.table->clustering(i).type, row, &value);
    }
    rows::AppendClusteringComponent(*plan.table, i, value, out);
  }
  return true;
}

RowLimits::RowLimits(const analysis::SelectPlan& plan, const BoundSelect& bound, int32_t page_rows)
    : plan_(plan),
      partition_limit_(bound.partition_limit),
      rows_left_(bound.limit),
      page_left_(page_rows > 0 ? static_cast<uint64_t>(page_rows) : kUnlimited) {
  if (!bound.resume) return;
  has_partition_ = true;
  key_ = bound.resume->key;
  partition_left_ = bound.resume->partition_rows_left;
}

void RowLimits::Note(const rows::RowBatch& batch, const Taken& taken) {
  if (page_left_ == kUnlimited) return;
  has_last_ = true;
  last_.key = batch.partitions[taken.partition].key;
  last_.has_clustering = ClusteringOf(plan_, batch, taken.row, &last_.clustering);
  last_.partition_rows_left = taken.partition_left;
}

bool RowLimits::TakeAll(const rows::RowBatch& batch) {
  if (partition_limit_ != kUnlimited || batch.row_count == 0) return false;
  if (rows_left_ < batch.row_count || page_left_ < batch.row_count) return false;
  if (rows_left_ != kUnlimited) rows_left_ -= batch.row_count;
  if (page_left_ != kUnlimited) page_left_ -= batch.row_count;
  Note(batch, {batch.partitions.size() - 1, batch.row_count - 1, kUnlimited});
  return true;
}

void RowLimits::EnterPartition(const std::string& key) {
  if (has_partition_ && key_ == key) return;
  key_ = key;
  has_partition_ = true;
  partition_left_ = partition_limit_;
}

bool RowLimits::Take(const rows::RowBatch& batch, std::vector<uint32_t>* selection) {
  size_t kept = 0;
  size_t partition = 0;
  bool is_entered = false;
  bool is_complete = true;
  Taken taken;
  for (const uint32_t row : *selection) {
    while (partition + 1 < batch.partitions.size() && batch.partitions[partition + 1].first_row <= row) {
      ++partition;
      is_entered = false;
    }
    if (!is_entered) EnterPartition(batch.partitions[partition].key);
    is_entered = true;
    if (partition_left_ == 0) continue;
    if (rows_left_ == 0 || page_left_ == 0) {
      is_complete = false;
      break;
    }
    if (partition_left_ != kUnlimited) --partition_left_;
    if (rows_left_ != kUnlimited) --rows_left_;
    if (page_left_ != kUnlimited) --page_left_;
    (*selection)[kept++] = row;
    taken = {partition, row, partition_left_};
  }
  selection->resize(kept);
  if (kept > 0) Note(batch, taken);
  return is_complete;
}

std::string RowLimits::PagingStateAfter() const {
  CASSETTE_ASSERT(has_last_);
  PagingState state = last_;
  state.rows_left = rows_left_;
  return EncodePagingState(plan_.table->id, state);
}

}  // namespace cassette::cql::exec
