// Runs DESCRIBE.
#pragma once

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/exec/executor.h"
#include "schema/schema.h"

namespace cassette::cql::exec {

// Fills `answer` with all rows; they are few, and not paged. kInvalidArgument when there is no such thing.
base::Status RunDescribe(const analysis::DescribePlan& plan, const schema::Schema& schema, Answer* answer);

}  // namespace cassette::cql::exec
