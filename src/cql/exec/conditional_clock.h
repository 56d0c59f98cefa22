// ConditionalClock: write times of conditional writes.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace cassette::cql::exec {

// Of two conditional writes to a partition the later one wins, whatever sessions they come from and however the clock
// moves. Thread safety: all methods may be called from many threads.
class ConditionalClock {
 public:
  // `proposed`, or a microsecond more than what was given last.
  int64_t Next(int64_t proposed) {
    int64_t last = last_micros_.load(std::memory_order_relaxed);
    int64_t next;
    do {
      next = std::max(proposed, last + 1);
    } while (!last_micros_.compare_exchange_weak(last, next, std::memory_order_relaxed));
    return next;
  }

 private:
  std::atomic<int64_t> last_micros_ = 0;
};

}  // namespace cassette::cql::exec
