// What indexes and views cost: rows found by an index, writes that a view follows.
#pragma once

#include "bench/bench_database.h"
#include "bench/workload.h"

namespace cassette::bench {

base::Status MeasureIndex(const BenchOptions& options, const BenchEnvironment& environment, BenchDatabase& database,
                          const FigureSink& figures);
base::Status MeasureView(const BenchOptions& options, const BenchEnvironment& environment, BenchDatabase& database,
                         const FigureSink& figures);

}  // namespace cassette::bench
