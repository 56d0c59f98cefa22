// Scratch: memory that executions of one thread use one after the other.
#pragma once

#include <atomic>
#include <vector>

#include "base/random.h"
#include "cql/exec/executor.h"
#include "cql/exec/mutation_batch.h"
#include "cql/exec/select.h"

namespace cassette::cql::exec {

class Scratch {
 public:
  explicit Scratch(uint64_t random_seed) : random(random_seed) {}

  base::Random random;
  MutationBatch mutations;
  SelectScratch select;
};

}  // namespace cassette::cql::exec
