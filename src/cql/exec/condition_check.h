// Conditions of IF with their values, held against what a column holds (org.apache.cassandra.cql3.conditions).
#pragma once

#include <vector>

#include "base/status.h"
#include "cql/analysis/condition.h"
#include "cql/exec/evaluate.h"
#include "types/value.h"

namespace cassette::cql::exec {

// Lifetime: the condition and what its evaluator's values point to outlive it.
struct BoundCondition {
  const analysis::Condition* condition = nullptr;
  types::ValueView element;
  std::vector<types::ValueView> values;
};

// kInvalidArgument for unset values and for elements that cannot be named.
base::Result<BoundCondition> BindCondition(const analysis::Condition& condition, Evaluator& evaluator);

// Whether a column that holds `value` (null: nothing) satisfies the condition. kInvalidArgument for a comparison that
// null has no part in.
base::Result<bool> IsSatisfied(const BoundCondition& bound, const types::ValueView& value);

}  // namespace cassette::cql::exec
