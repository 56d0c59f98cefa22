// Workloads: what `cassette bench` measures, each a function on an empty directory. Figures are ratios of this machine
// on this day: CPU time an operation is the steadier half.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"

namespace cassette::io {
class FileSystem;
}

namespace cassette::bench {

struct BenchOptions {
  std::string directory;  // Made for the run, one folder a workload; removed afterwards.
  double scale = 1.0;     // Of the row counts.
  uint32_t threads = 2;
  std::string against;  // wire: host:port of a server that runs already; empty: one of our own.
  std::string data;     // ../shared/data, for the real series; empty: generated ones only.
};

struct BenchEnvironment {
  io::FileSystem* file_system = nullptr;
  base::Clock* clock = nullptr;
  base::Logger* logger = nullptr;
};

// One line of the table.
struct Figure {
  std::string name;
  double value = 0;
  std::string unit;   // rows/s, ms, bytes/row
  double target = 0;  // What issue and design ask for; 0: none.
  bool lower_is_better = false;
  double cpu_ns_per_operation = 0;
  double rocksdb_ns_per_operation = 0;  // CPU time of RocksDB for the same, as docs/performance.md has it; 0: no peer.
  std::string note;
};

using FigureSink = std::function<void(const Figure&)>;

struct Workload {
  const char* name;
  const char* help;
  base::Status (*run)(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures);
};

// In the order of the table.
const std::vector<Workload>& Workloads();

// Runs `name`, or all of them when it is empty. kNotFound names the workloads there are.
base::Status RunWorkloads(const std::string& name, const BenchOptions& options, const BenchEnvironment& environment,
                          const FigureSink& figures);

}  // namespace cassette::bench
