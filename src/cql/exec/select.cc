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
  FilteredReader(const BoundSelect& bound, rows::BatchReader& reader, SelectScratch& scratch)
      : bound_(bound), reader_(reader), batch_(scratch.batch), selection_(scratch.selection) {}

  base::Result<bool> Next() {
    CASSETTE_ASSIGN_OR_RETURN(const bool has_batch, reader_.Next(&batch_));
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
  rows::BatchReader& reader_;
  rows::RowBatch& batch_;
  std::vector<uint32_t>& selection_;
  bool is_whole_ = false;
};

base::Status RunRows(const SelectPlan& plan, const BoundSelect& bound, int32_t page_rows, FilteredReader& reader,
                     Evaluator& evaluator, SelectScratch& scratch, Answer* answer) {
  RowLimits limits(plan, bound, page_rows);
  bool has_more = false;
  while (!has_more && !limits.is_limit_reached()) {
    CASSETTE_ASSIGN_OR_RETURN(const bool has_batch, reader.Next());
    if (!has_batch) break;
    const bool is_whole = reader.is_whole() && limits.TakeAll(reader.batch());
    if (!is_whole && !limits.Take(reader.batch(), &reader.selection())) has_more = limits.is_page_full();
    if (!is_whole && reader.selection().empty()) continue;
    OutputBatch& output = scratch.AddBatch(answer);
    CASSETTE_RETURN_IF_ERROR(
        Project(plan, reader.batch(), is_whole ? nullptr : &reader.selection(), evaluator, &output));
    if (output.row_count == 0) answer->batches.pop_back();
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
    OutputBatch output;
    CASSETTE_RETURN_IF_ERROR(Project(plan, reader.batch(), &reader.selection(), evaluator, &output));
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

base::Status RunReader(const SelectPlan& plan, const BoundSelect& bound, int32_t page_rows, rows::BatchReader& batches,
                       Evaluator& evaluator, SelectScratch& scratch, Answer* answer) {
  FilteredReader reader(bound, batches, scratch);
  if (plan.grouping.by_partition && !plan.order.empty()) return RunSortedGroups(plan, bound, reader, evaluator, answer);
  if (plan.is_aggregate) return RunGroups(plan, bound, page_rows, reader, evaluator, answer);
  if (!plan.order.empty()) return RunSorted(plan, bound, reader, evaluator, answer);
  return RunRows(plan, bound, page_rows, reader, evaluator, scratch, answer);
}

// Closes a reader at the end.
class ReaderGuard {
 public:
  explicit ReaderGuard(storage::engine::Reader& reader) : reader_(reader) {}
  ~ReaderGuard() { reader_.Close(); }
  ReaderGuard(const ReaderGuard&) = delete;
  ReaderGuard& operator=(const ReaderGuard&) = delete;

 private:
  storage::engine::Reader& reader_;
};

// Of what is kept for the next SELECT, at most.
constexpr size_t kKeptKeysMax = 64;
constexpr size_t kKeptBytesMax = 64 * 1024;

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

OutputBatch& SelectScratch::AddBatch(Answer* answer) {
  if (!answer->batches.empty() || spare.empty()) return answer->batches.emplace_back();
  answer->batches.swap(spare);
  answer->batches.resize(1);
  return answer->batches.front();
}

void SelectScratch::TakeBack(std::vector<OutputBatch>* batches) {
  if (batches->empty()) return;
  size_t bytes = 0;
  for (const columnar::Vector& vector : batches->front().columns) bytes += vector.memory_bytes();
  if (bytes <= kKeptBytesMax && batches->size() == 1) spare.swap(*batches);
  batches->clear();
}

void SelectScratch::Trim() {
  if (bound.command.keys.capacity() > kKeptKeysMax || bound.command.slices.capacity() > kKeptKeysMax) {
    bound = BoundSelect();
  }
  size_t bytes = selection.capacity() * sizeof(selection[0]);
  for (const columnar::Vector& vector : batch.columns) bytes += vector.memory_bytes();
  if (bytes <= kKeptBytesMax) return;
  batch = rows::RowBatch();
  selection = std::vector<uint32_t>();
}

base::Status RunSelect(const SelectPlan& plan, const BoundSelect& bound, int32_t page_rows,
                       storage::engine::Engine& engine, Evaluator& evaluator, const SelectStatistics& statistics,
                       SelectScratch* scratch, Answer* answer) {
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
  CASSETTE_ASSIGN_OR_RETURN(const derived::IndexQuery* index, ChooseIndex(bound, engine));
  if (index != nullptr) {
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<rows::BatchReader> reader,
                              derived::ReadByIndex(engine, bound.command, *index, statistics.read, statistics.index));
    return RunReader(plan, bound, page_rows, *reader, evaluator, *scratch, answer);
  }
  if (scratch->reader == nullptr) scratch->reader = engine.NewReader();
  const ReaderGuard guard(*scratch->reader);
  CASSETTE_RETURN_IF_ERROR(scratch->reader->Open(bound.command, statistics.read));
  return RunReader(plan, bound, page_rows, *scratch->reader, evaluator, *scratch, answer);
}

}  // namespace cassette::cql::exec
