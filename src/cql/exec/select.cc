#include "cql/exec/select.h"

#include <memory>
#include <numeric>

#include "cql/exec/batch_rows.h"
#include "cql/exec/grouping.h"
#include "cql/exec/row_limits.h"
#include "cql/exec/sorted_rows.h"

namespace cassette::cql::exec {
namespace {

using analysis::SelectPlan;

// Hands the batches of a read on, filtered. `selection` is null when all rows of the batch stay.
class FilteredReader {
 public:
  FilteredReader(const BoundSelect& bound, std::unique_ptr<rows::BatchReader> reader)
      : bound_(bound), reader_(std::move(reader)) {}

  base::Result<bool> Next() {
    CASSETTE_ASSIGN_OR_RETURN(const bool has_batch, reader_->Next(&batch_));
    if (!has_batch) return false;
    is_whole_ = bound_.filter.empty();
    if (!is_whole_) {
      SelectAll();
      bound_.filter.Apply(batch_, &selection_);
    }
    return true;
  }
  rows::RowBatch& batch() { return batch_; }
  bool is_whole() const { return is_whole_; }
  // The rows that passed; may be cut by the caller.
  std::vector<uint32_t>& selection() {
    if (is_whole_) SelectAll();
    is_whole_ = false;
    return selection_;
  }

 private:
  void SelectAll() {
    selection_.resize(batch_.row_count);
    std::iota(selection_.begin(), selection_.end(), 0u);
  }

  const BoundSelect& bound_;
  std::unique_ptr<rows::BatchReader> reader_;
  rows::RowBatch batch_;
  std::vector<uint32_t> selection_;
  bool is_whole_ = false;
};

base::Status RunRows(const SelectPlan& plan, const BoundSelect& bound, int32_t page_rows, FilteredReader& reader,
                     Evaluator& evaluator, Answer* answer) {
  RowLimits limits(plan, bound, page_rows);
  bool has_more = false;
  while (!has_more && !limits.is_limit_reached()) {
    CASSETTE_ASSIGN_OR_RETURN(const bool has_batch, reader.Next());
    if (!has_batch) break;
    const bool is_whole = reader.is_whole() && limits.TakeAll(reader.batch());
    if (!is_whole && !limits.Take(reader.batch(), &reader.selection())) has_more = limits.is_page_full();
    if (!is_whole && reader.selection().empty()) continue;
    CASSETTE_ASSIGN_OR_RETURN(OutputBatch output,
                              Project(plan, reader.batch(), is_whole ? nullptr : &reader.selection(), evaluator));
    if (output.row_count > 0) answer->batches.push_back(std::move(output));
  }
  if (has_more && !limits.is_limit_reached()) answer->paging_state = limits.PagingStateAfter();
  return base::Status::Ok();
}

base::Status RunGroups(const SelectPlan& plan, const BoundSelect& bound, int32_t page_rows, FilteredReader& reader,
                       Evaluator& evaluator, Answer* answer) {
  GroupCollector groups(plan, evaluator);
  groups.SetLimits(bound, page_rows);
  bool wants_more = true;
  while (wants_more) {
    CASSETTE_ASSIGN_OR_RETURN(const bool has_batch, reader.Next());
    if (!has_batch) break;
    CASSETTE_ASSIGN_OR_RETURN(wants_more, groups.Add(reader.batch(), reader.selection()));
  }
  if (wants_more) CASSETTE_RETURN_IF_ERROR(groups.Finish());
  if (groups.resume()) answer->paging_state = EncodePagingState(plan.table->id, *groups.resume());
  answer->batches = groups.TakeOutput();
  return base::Status::Ok();
}

base::Status RunSorted(const SelectPlan& plan, const BoundSelect& bound, FilteredReader& reader, Evaluator& evaluator,
                       Answer* answer) {
  BoundSelect unlimited_rows;
  unlimited_rows.partition_limit = bound.partition_limit;
  RowLimits limits(plan, unlimited_rows, 0);
  SortedRows sorted(plan);
  while (true) {
    CASSETTE_ASSIGN_OR_RETURN(const bool has_batch, reader.Next());
    if (!has_batch) break;
    limits.Take(reader.batch(), &reader.selection());
    if (reader.selection().empty()) continue;
    std::vector<columnar::Vector> keys;
    for (const SelectPlan::Order& order : plan.order) {
      keys.push_back(reader.batch().columns[order.column].Select(reader.selection()));
    }
    CASSETTE_ASSIGN_OR_RETURN(OutputBatch output, Project(plan, reader.batch(), &reader.selection(), evaluator));
    CASSETTE_RETURN_IF_ERROR(sorted.Add(std::move(output), std::move(keys)));
  }
  answer->batches = sorted.Finish(bound.limit);
  return base::Status::Ok();
}

// Each group stands where its first row would.
base::Status RunSortedGroups(const SelectPlan& plan, const BoundSelect& bound, FilteredReader& reader,
                             Evaluator& evaluator, Answer* answer) {
  BoundSelect unlimited_groups;
  unlimited_groups.partition_limit = bound.partition_limit;
  GroupCollector groups(plan, evaluator);
  groups.SetLimits(unlimited_groups, 0);
  SortedRows sorted(plan);
  bool is_over = false;
  while (!is_over) {
    CASSETTE_ASSIGN_OR_RETURN(const bool has_batch, reader.Next());
    is_over = !has_batch;
    if (has_batch) {
      CASSETTE_RETURN_IF_ERROR(groups.Add(reader.batch(), reader.selection()));
    } else {
      CASSETTE_RETURN_IF_ERROR(groups.Finish());
    }
    auto keys = groups.TakeSortKeys();
    auto output = groups.TakeOutput();
    for (size_t i = 0; i < output.size(); ++i) {
      CASSETTE_RETURN_IF_ERROR(sorted.Add(std::move(output[i]), std::move(keys[i])));
    }
  }
  answer->batches = sorted.Finish(bound.limit);
  return base::Status::Ok();
}

// Entries counted to choose among indexes: one with fewer is good enough.
constexpr uint64_t kMaxEntriesCounted = 128;

base::Result<std::unique_ptr<rows::BatchReader>> OpenRead(const BoundSelect& bound, storage::engine::Engine& engine,
                                                          const SelectStatistics& statistics) {
  CASSETTE_ASSIGN_OR_RETURN(const derived::IndexQuery* index, ChooseIndex(bound, engine));
  if (index == nullptr) return engine.Read(bound.command, statistics.read);
  return derived::ReadByIndex(engine, bound.command, *index, statistics.read, statistics.index);
}

}  // namespace

base::Result<const derived::IndexQuery*> ChooseIndex(const BoundSelect& bound, storage::engine::Engine& engine) {
  if (bound.indexes.empty()) return nullptr;
  const derived::IndexQuery* best = &bound.indexes[0];
  if (bound.indexes.size() == 1) return best;
  uint64_t fewest = kMaxEntriesCounted;
  for (const derived::IndexQuery& index : bound.indexes) {
    CASSETTE_ASSIGN_OR_RETURN(const uint64_t entries,
                              derived::CountEntries(engine, bound.command, index, kMaxEntriesCounted));
    if (entries >= fewest) continue;
    fewest = entries;
    best = &index;
  }
  return best;
}

base::Status RunSelect(const SelectPlan& plan, const BoundSelect& bound, int32_t page_rows,
                       storage::engine::Engine& engine, Evaluator& evaluator, const SelectStatistics& statistics,
                       Answer* answer) {
  answer->kind = Answer::Kind::kRows;
  const bool is_over = bound.is_empty || bound.limit == 0;
  if (is_over) {
    // An aggregate of no rows is a row.
    if (!plan.is_aggregate || plan.grouping.by_partition) return base::Status::Ok();
    GroupCollector groups(plan, evaluator);
    CASSETTE_RETURN_IF_ERROR(groups.Finish());
    answer->batches = groups.TakeOutput();
    return base::Status::Ok();
  }
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<rows::BatchReader> batches, OpenRead(bound, engine, statistics));
  FilteredReader reader(bound, std::move(batches));
  if (plan.grouping.by_partition && !plan.order.empty()) return RunSortedGroups(plan, bound, reader, evaluator, answer);
  if (plan.is_aggregate) return RunGroups(plan, bound, page_rows, reader, evaluator, answer);
  if (!plan.order.empty()) return RunSorted(plan, bound, reader, evaluator, answer);
  return RunRows(plan, bound, page_rows, reader, evaluator, answer);
}

}  // namespace cassette::cql::exec
