// Workloads on what CQL itself costs (workload.h).
#pragma once

#include "bench/workload.h"

namespace cassette::bench {

base::Status RunCql(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures);

}  // namespace cassette::bench
