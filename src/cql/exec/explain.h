// EXPLAIN SELECT: runs the read and says what it touched.
#pragma once

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/exec/evaluate.h"
#include "cql/exec/executor.h"
#include "cql/exec/select.h"

namespace cassette::cql::exec {

// Rows of (property text, value text), for the SELECT that is bound in `scratch`.
base::Status RunExplain(const analysis::SelectPlan& plan, storage::engine::Engine& engine, Evaluator& evaluator,
                        SelectScratch* scratch, Answer* answer);

}  // namespace cassette::cql::exec
