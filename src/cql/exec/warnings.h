// What Cassandra warns of beside an answer, in its words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cql/analysis/plan.h"
#include "cql/exec/mutation_batch.h"
#include "schema/schema.h"

namespace cassette::cql::exec {

// Of an aggregation over all partitions, or over several.
void WarnOfAggregation(const analysis::SelectPlan& plan, std::vector<std::string>* warnings);

// Of a batch without a log, of counters too, that writes to more than `partitions_max` partitions.
void WarnOfManyPartitions(const MutationBatch& mutations, const schema::Schema& schema, uint32_t partitions_max,
                          std::vector<std::string>* warnings);

}  // namespace cassette::cql::exec
