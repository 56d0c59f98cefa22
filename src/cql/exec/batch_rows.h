// Rows of batches as values: what selections of more than plain columns are computed from.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/exec/evaluate.h"
#include "cql/exec/executor.h"
#include "rows/row_batch.h"

namespace cassette::cql::exec {

// The values of one row of a batch. Lifetime: the batch outlives its use.
class BatchRow final : public RowValues {
 public:
  explicit BatchRow(const analysis::SelectPlan& plan) : plan_(plan) {}
  void MoveTo(const rows::RowBatch& batch, uint32_t row);
  base::Result<types::ValueView> ValueOf(const analysis::Term& term) override;

 private:
  const analysis::SelectPlan& plan_;
  const rows::RowBatch* batch_ = nullptr;
  uint32_t row_ = 0;
  std::deque<std::string> serialized_;
  size_t used_ = 0;
};

// The vector of a plain selection: of a column, its write times or its TTLs.
const columnar::Vector& PlainVector(const rows::RowBatch& batch, const analysis::Term& term);
columnar::Vector& PlainVector(rows::RowBatch& batch, const analysis::Term& term);

// The rows of `batch` (those of `selection`, or all when it is null) as result columns. The batch's vectors are moved
// out where they can be, and get the memory of what was in `output`.
base::Status Project(const analysis::SelectPlan& plan, rows::RowBatch& batch, const std::vector<uint32_t>* selection,
                     Evaluator& evaluator, OutputBatch* output);

// Appends a value to a result column.
void AppendValue(const types::DataType& type, const types::ValueView& value, columnar::Vector* vector);

}  // namespace cassette::cql::exec
