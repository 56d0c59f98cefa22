// Time, injected: nothing below apps/ asks the operating system for it.
#pragma once

#include <atomic>
#include <cstdint>

namespace cassette::base {

// Wall-clock microseconds since 1970-01-01T00:00:00Z (write times, expiry) and monotonic nanoseconds (durations).
// Thread safety: all methods may be called from many threads.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t NowMicros() const = 0;
  virtual int64_t SteadyNanos() const = 0;

  // Seconds since 1970: what TTLs and local deletion times count in.
  int64_t NowSeconds() const { return NowMicros() / 1'000'000; }
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  int64_t NowMicros() const override;
  int64_t SteadyNanos() const override;
};

// Stands still until told; for tests.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(int64_t now_micros) : now_micros_(now_micros) {}
  int64_t NowMicros() const override { return now_micros_.load(); }
  int64_t SteadyNanos() const override { return now_micros_.load() * 1000; }
  void SetMicros(int64_t now_micros) { now_micros_ = now_micros; }
  void AdvanceSeconds(int64_t seconds) { now_micros_ += seconds * 1'000'000; }

 private:
  std::atomic<int64_t> now_micros_;
};

}  // namespace cassette::base
