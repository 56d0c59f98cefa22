// Synthetic columns of the kinds that monitoring and event tables hold, the same for the same seed. For tests and
// benchmarks only.
//
// Thread safety: free functions.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"

namespace cassette::columnar::series {

// A walk around a level, rounded to so many decimals.
inline std::vector<double> Gauge(base::Random* random, uint32_t count, int decimals, double step) {
  std::vector<double> values(count);
  const double scale = std::pow(10.0, decimals);
  double level = 50.0;
  for (double& value : values) {
    level += (50.0 - level) * 0.05 + random->Normal() * step;
    value = std::round(level * scale) / scale;
  }
  return values;
}

// Grows by about `growth` each step, and starts again at zero now and then.
inline std::vector<double> Counter(base::Random* random, uint32_t count, double growth, uint32_t reset_every) {
  std::vector<double> values(count);
  double total = 1e9;
  for (double& value : values) {
    total += std::floor(growth * random->Uniform());
    if (reset_every != 0 && random->Below(reset_every) == 0) total = 0;
    value = total;
  }
  return values;
}

// As Gauge, but one value in `noisy_every` is a double or two away from its decimal: the result of arithmetic.
inline std::vector<double> NoisyGauge(base::Random* random, uint32_t count, int decimals, uint32_t noisy_every) {
  std::vector<double> values = Gauge(random, count, decimals, 1.0);
  for (double& value : values) {
    if (random->Below(noisy_every) != 0) continue;
    for (uint64_t steps = random->Below(3); steps > 0; --steps) value = std::nextafter(value, 1e300);
  }
  return values;
}

// A full-precision walk: no decimals behind it.
inline std::vector<double> Real(base::Random* random, uint32_t count) {
  std::vector<double> values(count);
  for (double& value : values) value = 100.0 + 10.0 * random->Normal();
  return values;
}

// Milliseconds every `every_ms`, some of them late by `jitter_ms` at most, some missing.
inline std::vector<int64_t> Times(base::Random* random, uint32_t count, int64_t every_ms, uint32_t jitter_ms,
                                  uint32_t gap_every) {
  std::vector<int64_t> values(count);
  int64_t time = 1735516800000;
  for (int64_t& value : values) {
    time += every_ms;
    if (gap_every != 0 && random->Below(gap_every) == 0) time += every_ms * static_cast<int64_t>(1 + random->Below(20));
    value = time + (jitter_ms == 0 ? 0 : static_cast<int64_t>(random->Below(jitter_ms)));
  }
  return values;
}

}  // namespace cassette::columnar::series
