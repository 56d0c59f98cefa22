// Statements with conditions (IF), one alone or a batch on one partition: what is there is read, looked at, and written
// to under the partition's lock, so that they follow one after the other (CQL3CasRequest).
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/status.h"
#include "cql/exec/complex_update.h"
#include "cql/exec/conditional_clock.h"
#include "cql/exec/executor.h"
#include "cql/exec/partition_locks.h"
#include "cql/functions/function.h"
#include "storage/engine/engine.h"

namespace cassette::cql::exec {

// What conditional writes need beside their statements. Lifetime: all outlive the call.
struct ConditionalContext {
  storage::engine::Engine& engine;
  PartitionLocks& locks;
  base::Clock& clock;
  ConditionalClock& write_times;
  const TimestampSource& next_timestamp;
  functions::EvalContext evaluation;
  int64_t now_seconds = 0;
  const ListServices* lists = nullptr;
};

// Runs `parts`, of which one at least has conditions. Fills `answer`: a row [applied] that is true, or rows where it is
// false with what was found in its place. kInvalidArgument in Cassandra's words for what is not about one partition and
// for conditions that contradict one another.
base::Status RunConditional(std::span<const BatchPart> parts, bool is_batch, const ConditionalContext& context,
                            Scratch& scratch, Answer* answer);

}  // namespace cassette::cql::exec
