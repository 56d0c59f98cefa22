// What requests cost a server over the wire: one of its own, started for the run, or any other.
#pragma once

#include "bench/workload.h"

namespace cassette::bench {

base::Status RunWire(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures);

}  // namespace cassette::bench
