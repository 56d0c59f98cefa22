// Aggregates and GROUP BY over batches of rows.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/exec/batch_rows.h"
#include "cql/exec/bound_select.h"
#include "cql/exec/evaluate.h"
#include "cql/functions/function.h"
#include "rows/row_batch.h"

namespace cassette::cql::exec {

// Collects rows into groups, one result row a group. Runs of rows of one group go to the aggregates as vectors.
// Thread safety: not thread safe. Lifetime: plan and evaluator outlive it.
class GroupCollector final : private RowValues {
 public:
  GroupCollector(const analysis::SelectPlan& plan, Evaluator& evaluator);

  // Adds the rows of `selection`. kInvalidArgument and the like when a function fails on a value. False when the group
  // that began would be one too many: then no row from there on was added.
  base::Result<bool> Add(const rows::RowBatch& batch, const std::vector<uint32_t>& selection);
  // Ends the last group (without GROUP BY there always is one).
  base::Status Finish();

  // Groups that may be answered in all, in each partition, on this page.
  void SetLimits(const BoundSelect& bound, int32_t page_rows);
  // Set when the page ended before the rows did.
  const std::optional<PagingState>& resume() const { return resume_; }

  std::vector<OutputBatch> TakeOutput();
  // Of each batch that TakeOutput() will give, the columns of plan.order in the first row of each group.
  std::vector<std::vector<columnar::Vector>> TakeSortKeys();

 private:
  base::Result<types::ValueView> ValueOf(const analysis::Term& term) override;
  bool StartsGroup(const rows::RowBatch& batch, uint32_t row, bool is_same_partition);
  base::Result<std::optional<std::string>> LastValue(const rows::RowBatch& batch, uint32_t row);
  base::Status BeginGroup(const rows::RowBatch& batch, uint32_t row);
  base::Status EndGroup();
  base::Status AddRun(const rows::RowBatch& batch, const std::vector<uint32_t>& run);
  base::Status AddToAggregate(size_t index, const rows::RowBatch& batch, const std::vector<uint32_t>& run);
  bool EnterGroup(const std::string& key);
  void NotePosition(const rows::RowBatch& batch, const std::string& key, uint32_t row);

  const analysis::SelectPlan& plan_;
  Evaluator& evaluator_;
  std::vector<std::unique_ptr<functions::AggregateState>> states_;
  std::vector<analysis::SelectPlan::Order> sort_columns_;  // By which groups are to be sorted; mostly empty.
  bool needs_first_row_ = false;                           // A selection is more than aggregates, or groups are sorted.
  bool has_group_ = false;
  bool is_skipped_ = false;                  // The group at hand is past the limit of its partition.
  rows::RowBatch first_row_;                 // Of the group: one row.
  std::vector<columnar::Vector> group_key_;  // Clustering columns grouped by: one row each.
  std::optional<std::string> last_value_;    // Of Grouping::last.
  std::string key_;
  std::map<std::pair<analysis::Term::Kind, uint32_t>, std::string> first_values_;  // Serialized, of first_row_.
  std::vector<std::optional<std::string>> results_;  // Of the aggregates, while a group ends.
  uint64_t groups_left_ = kUnlimited;
  uint64_t page_left_ = kUnlimited;
  uint64_t partition_limit_ = kUnlimited;
  uint64_t partition_left_ = kUnlimited;
  std::optional<PagingState> resume_;
  PagingState position_;  // After the last row added.
  bool has_position_ = false;
  void NewOutput();

  std::vector<OutputBatch> output_;                       // The last one grows.
  std::vector<std::vector<columnar::Vector>> sort_keys_;  // Of each of output_.
};

}  // namespace cassette::cql::exec
