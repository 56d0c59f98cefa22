// Limits over the rows of batches: LIMIT, PER PARTITION LIMIT and the page, and where the last row taken was.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cql/analysis/plan.h"
#include "cql/exec/bound_select.h"
#include "rows/row_batch.h"

namespace cassette::cql::exec {

// Takes rows in order until a limit is reached. Thread safety: not thread safe.
class RowLimits {
 public:
  RowLimits(const analysis::SelectPlan& plan, const BoundSelect& bound, int32_t page_rows);

  // Leaves in `selection` the rows that the limits allow. False when a row had to be left out because the page or LIMIT
  // is full.
  bool Take(const rows::RowBatch& batch, std::vector<uint32_t>* selection);
  // The same for all rows of a batch, when it can take them without looking: true when it did.
  bool TakeAll(const rows::RowBatch& batch);

  bool is_page_full() const { return page_left_ == 0; }
  bool is_limit_reached() const { return rows_left_ == 0; }
  // After the last row taken. REQUIRES: a row was taken.
  std::string PagingStateAfter() const;

 private:
  struct Taken {
    size_t partition = 0;
    uint32_t row = 0;
    uint64_t partition_left = kUnlimited;
  };

  void Note(const rows::RowBatch& batch, const Taken& taken);
  void EnterPartition(const std::string& key);

  const analysis::SelectPlan& plan_;
  uint64_t partition_limit_;
  uint64_t rows_left_;
  uint64_t page_left_;
  // The partition at hand, and what it may still give.
  bool has_partition_ = false;
  std::string key_;
  uint64_t partition_left_ = kUnlimited;
  // The last row taken; kept only when there are pages.
  bool has_last_ = false;
  PagingState last_;
};

// The order-preserving clustering key of row `row`; false for a static-only row and tables without clustering.
bool ClusteringOf(const analysis::SelectPlan& plan, const rows::RowBatch& batch, uint32_t row, std::string* out);

}  // namespace cassette::cql::exec
