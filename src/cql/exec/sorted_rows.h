// ORDER BY over several partitions: rows are collected and sorted after the read.
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/exec/evaluate.h"
#include "cql/exec/executor.h"
#include "rows/row_batch.h"

namespace cassette::cql::exec {

// Rows held until they can be sorted; past it the statement is refused.
inline constexpr uint64_t kMaxSortedRows = 10'000'000;

// Thread safety: not thread safe. Lifetime: the plan outlives it.
class SortedRows {
 public:
  explicit SortedRows(const analysis::SelectPlan& plan) : plan_(plan) {}

  // kResourceExhausted past kMaxSortedRows.
  base::Status Add(rows::RowBatch& batch, const std::vector<uint32_t>& selection, Evaluator& evaluator);
  // The first `limit` rows in order; rows that compare equal stay as they came.
  std::vector<OutputBatch> Finish(uint64_t limit);

 private:
  struct Place {
    uint32_t batch;
    uint32_t row;
  };
  bool Before(const Place& a, const Place& b) const;

  const analysis::SelectPlan& plan_;
  std::vector<OutputBatch> outputs_;
  std::vector<std::vector<columnar::Vector>> keys_;  // Of each batch, by plan_.order.
  std::vector<Place> places_;
};

}  // namespace cassette::cql::exec
