// Stopwatch: wall and CPU time of the process between two points.
#pragma once

#include <cstdint>

#include "base/clock.h"

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

// The most memory the process has held, in bytes.
uint64_t PeakMemoryBytes();

}  // namespace cassette::bench
