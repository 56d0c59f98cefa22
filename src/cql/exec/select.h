// SELECT: reads, filters, limits, and turns batches of rows into batches of results.
#pragma once

#include <memory>
#include <vector>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/exec/bound_select.h"
#include "cql/exec/evaluate.h"
#include "cql/exec/executor.h"
#include "rows/row_batch.h"
#include "storage/engine/engine.h"

namespace cassette::cql::exec {

// Where a SELECT counts what it touches; null: nowhere. Lifetime: until the SELECT is over.
struct SelectStatistics {
  storage::engine::ReadStatistics* read = nullptr;
  derived::IndexStatistics* index = nullptr;
};

// Memory that SELECTs on one engine use one after the other. Lifetime: within the engine's.
struct SelectScratch {
  BoundSelect bound;
  std::unique_ptr<storage::engine::Reader> reader;  // Null until it is needed.
  rows::RowBatch batch;
  std::vector<uint32_t> selection;
  std::vector<OutputBatch> spare;  // Of earlier answers.

  // Puts a batch at the end of the answer, in memory of an earlier one where there is some.
  OutputBatch& AddBatch(Answer* answer);
  // Clears `batches`, which somebody has done with, and keeps some of their memory.
  void TakeBack(std::vector<OutputBatch>* batches);
  // Frees what is large.
  void Trim();
};

// Runs a bound SELECT, maybe that of `scratch`. `statistics` may be null.
base::Status RunSelect(const analysis::SelectPlan& plan, const BoundSelect& bound, int32_t page_rows,
                       storage::engine::Engine& engine, Evaluator& evaluator, const SelectStatistics& statistics,
                       SelectScratch* scratch, Answer* answer);

// Of several indexes that could name the rows, the one with the fewest entries; null when there is none.
base::Result<const derived::IndexQuery*> ChooseIndex(const BoundSelect& bound, storage::engine::Engine& engine);

}  // namespace cassette::cql::exec
