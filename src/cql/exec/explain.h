// EXPLAIN SELECT: runs the read and says what it touched.
#pragma once

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/exec/bound_select.h"
#include "cql/exec/evaluate.h"
#include "cql/exec/executor.h"

namespace cassette::cql::exec {

// Rows of (property text, value text).
base::Status RunExplain(const analysis::SelectPlan& plan, const BoundSelect& bound, storage::engine::Engine& engine,
                        Evaluator& evaluator, Answer* answer);

}  // namespace cassette::cql::exec
