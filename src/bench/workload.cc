#include "bench/workload.h"

#include <fmt/format.h>

#include "bench/cql_workloads.h"
#include "bench/open_workload.h"
#include "bench/read_workloads.h"
#include "bench/wire_workloads.h"
#include "bench/write_workloads.h"
#include "io/file_system.h"

namespace cassette::bench {

const std::vector<Workload>& Workloads() {
  static const std::vector<Workload> kWorkloads = {
      {"insert", "time-series rows, one prepared INSERT a call", RunInserts},
      {"batch", "time-series rows, unlogged batches of 100 of a partition", RunBatches},
      {"bulk", "time-series rows through the bulk writer", RunBulk},
      {"cql", "parsing and planning; conditions and views against plain writes; an index", RunCql},
      {"network", "a year of network metrics generated and stored; its size; opening it", RunNetwork},
      {"open", "a directory of 2 GB opened, beside one of a hundredth", RunOpen},
      {"series", "bytes a sample of real series (where ../shared/data is)", RunSeries},
      {"week", "one resource-week of 302,400 points", RunWeek},
      {"points", "random point reads over one-row partitions", RunPoints},
      {"memory", "random point reads of rows in the memtable", RunMemory},
      {"compaction", "merging overlapping SSTables", RunCompaction},
      {"music", "CSV events into three tables", RunMusic},
      {"wire", "requests over the native protocol, to a server of its own", RunWire},
  };
  return kWorkloads;
}

base::Status RunWorkloads(const std::string& name, const BenchOptions& options, const BenchEnvironment& environment,
                          const FigureSink& figures) {
  bool found = false;
  std::vector<const char*> names;
  for (const Workload& workload : Workloads()) {
    names.push_back(workload.name);
    if (!name.empty() && name != workload.name) continue;
    found = true;
    CASSETTE_RETURN_IF_ERROR(workload.run(options, environment, figures));
  }
  if (!found) return base::NotFound(fmt::format("no workload '{}'; there are: {}", name, fmt::join(names, ", ")));
  return base::Status::Ok();
}

}  // namespace cassette::bench
