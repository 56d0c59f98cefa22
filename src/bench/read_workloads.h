// Workloads that read, compact and load files (workload.h).
#pragma once

#include "bench/workload.h"

namespace cassette::bench {

base::Status RunWeek(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures);
base::Status RunPoints(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures);
base::Status RunMemory(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures);
base::Status RunCompaction(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures);
base::Status RunMusic(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures);
base::Status RunSeries(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures);

}  // namespace cassette::bench
