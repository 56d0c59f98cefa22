// ORDER BY over several partitions: rows, or groups of them, are collected and sorted after the read.
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "columnar/vector.h"
#include "cql/analysis/plan.h"
#include "cql/exec/executor.h"

namespace cassette::cql::exec {

// Rows held until they can be sorted; past it the statement is refused.
inline constexpr uint64_t kMaxSortedRows = 10'000'000;

// Thread safety: not thread safe. Lifetime: the plan outlives it.
class SortedRows {
 public:
  explicit SortedRows(const analysis::SelectPlan& plan) : plan_(plan) {}

  // `keys` are the columns of plan.order, row by row of `output`. kResourceExhausted past kMaxSortedRows.
  base::Status Add(OutputBatch output, std::vector<columnar::Vector> keys);
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
