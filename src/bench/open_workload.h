// A workload of opening directories (workload.h).
#pragma once

#include "bench/workload.h"

namespace cassette::bench {

base::Status RunOpen(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures);

}  // namespace cassette::bench
