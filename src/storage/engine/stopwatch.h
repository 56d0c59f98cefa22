// Stopwatch: observes how long something took, when it is measured at all.
#pragma once

#include "base/clock.h"
#include "metrics/metrics.h"

namespace cassette::storage::engine {

// How large `part` is beside `whole`, for log lines.
inline double Ratio(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// Thread safety: not thread safe. Lifetime: clock and histogram outlive it.
class Stopwatch {
 public:
  // `histogram` may be null.
  Stopwatch(const base::Clock& clock, metrics::Histogram* histogram)
      : clock_(clock), histogram_(histogram), begin_nanos_(clock.SteadyNanos()) {}
  ~Stopwatch() {
    if (histogram_ != nullptr) histogram_->Observe(static_cast<double>(elapsed_nanos()) * 1e-9);
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

  int64_t elapsed_nanos() const { return clock_.SteadyNanos() - begin_nanos_; }
  int64_t elapsed_millis() const { return elapsed_nanos() / 1'000'000; }

 private:
  const base::Clock& clock_;
  metrics::Histogram* const histogram_;
  const int64_t begin_nanos_;
};

}  // namespace cassette::storage::engine
