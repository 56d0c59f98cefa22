// Stopwatch: wall and CPU time of the process between two points; and two kinds of work measured beside each other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "bench/workload.h"

namespace cassette::bench {

class Stopwatch {
 public:
  explicit Stopwatch(const base::Clock& clock);
  double seconds() const;
  // Of all threads of the process.
  double cpu_seconds() const;

 private:
  const base::Clock& clock_;
  const int64_t begin_ns_;
  const double begin_cpu_seconds_;
};

// CPU seconds of two kinds of work.
struct PairedSeconds {
  double first = 0;
  double second = 0;
};
// Does operations [begin, end) of one kind.
using WorkOf = std::function<base::Status(uint64_t begin, uint64_t end)>;

// Does `operations` of each kind, some of the one and some of the other in turn, so that whatever else the machine does
// slows both alike. Fails as they do.
base::Result<PairedSeconds> TimeInTurns(uint64_t operations, const base::Clock& clock, const WorkOf& first,
                                        const WorkOf& second);

// How many times the first one's CPU time the second one took, where at most `target` is asked.
Figure FigureOfTimes(std::string name, const PairedSeconds& seconds, uint64_t operations, double target);

// The most memory the process has held, in bytes.
uint64_t PeakMemoryBytes();

}  // namespace cassette::bench
