// SELECT: reads, filters, limits, and turns batches of rows into batches of results.
#pragma once

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/exec/bound_select.h"
#include "cql/exec/evaluate.h"
#include "cql/exec/executor.h"
#include "storage/engine/engine.h"

namespace cassette::cql::exec {

// Where a SELECT counts what it touches; null: nowhere. Lifetime: until the SELECT is over.
struct SelectStatistics {
  storage::engine::ReadStatistics* read = nullptr;
  derived::IndexStatistics* index = nullptr;
};

// Runs a bound SELECT. `statistics` may be null.
base::Status RunSelect(const analysis::SelectPlan& plan, const BoundSelect& bound, int32_t page_rows,
                       storage::engine::Engine& engine, Evaluator& evaluator, const SelectStatistics& statistics,
                       Answer* answer);

// Of several indexes that could name the rows, the one with the fewest entries; null when there is none.
base::Result<const derived::IndexQuery*> ChooseIndex(const BoundSelect& bound, storage::engine::Engine& engine);

}  // namespace cassette::cql::exec
