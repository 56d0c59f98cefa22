// A SELECT with its values: the read to make, the filters after it, the limits.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/exec/evaluate.h"
#include "cql/exec/executor.h"
#include "cql/exec/paging_state.h"
#include "cql/exec/row_filter.h"
#include "derived/index_reader.h"
#include "storage/engine/engine.h"

namespace cassette::cql::exec {

struct BoundSelect {
  storage::engine::ReadCommand command;
  bool is_empty = false;  // The values leave nothing to read.
  RowFilter filter;
  std::vector<derived::IndexQuery> indexes;  // Not empty: one of them names the rows.
  uint64_t limit = kUnlimited;               // What is left of it, on later pages.
  uint64_t partition_limit = kUnlimited;
  std::optional<PagingState> resume;
};

// Fills `bound`, whatever was in it; its memory is used again. kInvalidArgument for values that cannot be, and for a
// foreign paging state.
base::Status BindSelect(const analysis::SelectPlan& plan, const Request& request, int64_t now_seconds,
                        Evaluator& evaluator, BoundSelect* bound);

}  // namespace cassette::cql::exec
