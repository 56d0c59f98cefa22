// Workloads that write (workload.h).
#pragma once

#include "bench/workload.h"

namespace cassette::bench {

base::Status RunInserts(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures);
base::Status RunBatches(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures);
base::Status RunBulk(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures);
base::Status RunNetwork(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures);

}  // namespace cassette::bench
