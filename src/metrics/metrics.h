// Counters, gauges and histograms with names, and their text for Prometheus
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"

namespace cassette::metrics {

// Only grows. Thread safety: all methods may be called from many threads.
class Counter {
 public:
  void Add(uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_ = 0;
};

// What something is now. Thread safety: all methods may be called from many threads.
class Gauge {
 public:
  void Set(double value) { value_.store(value, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_ = 0;
};

// Counts observations by size. Buckets are fixed when it is made; the last is without a bound.
// Thread safety: all methods may be called from many threads; what Count, Sum and Bucket say together may be a moment
// apart.
class Histogram {
 public:
  static constexpr size_t kBucketsMax = 32;

  // `bounds`: inclusive upper bounds, ascending, at most kBucketsMax.
  explicit Histogram(std::span<const double> bounds);

  void Observe(double value);
  uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }
  const std::vector<double>& bounds() const { return bounds_; }
  // Observations in bucket `index` alone; bounds().size() is the one without a bound.
  uint64_t bucket(size_t index) const { return buckets_[index].load(std::memory_order_relaxed); }

 private:
  const std::vector<double> bounds_;
  std::array<std::atomic<uint64_t>, kBucketsMax + 1> buckets_ = {};
  std::atomic<uint64_t> count_ = 0;
  std::atomic<double> sum_ = 0;
};

// Seconds from 100 microseconds to 100 seconds: for durations of background work and requests.
std::span<const double> DurationBounds();

// Metrics by name. Thread safety: all methods may be called from many threads.
// Lifetime: what it returns lives as long as it does.
class Registry {
 public:
  // The metric of that name, made at the first call; `help` is one line. REQUIRES: names as Prometheus has them
  // ([a-zA-Z_:][a-zA-Z0-9_:]*), each of one kind only.
  Counter& GetCounter(std::string_view name, std::string_view help);
  Gauge& GetGauge(std::string_view name, std::string_view help);
  Histogram& GetHistogram(std::string_view name, std::string_view help, std::span<const double> bounds);

  // All of them in Prometheus's text format 0.0.4, by name.
  std::string ToText() const;

 private:
  struct Metric {
    std::string help;
    std::unique_ptr<Counter> counter;  // One of the three is set.
    std::unique_ptr<Gauge> gauge;
    std::unique_ptr<Histogram> histogram;
  };

  Metric& Find(std::string_view name, std::string_view help) CASSETTE_REQUIRES(mutex_);

  mutable base::Mutex mutex_;
  std::map<std::string, Metric, std::less<>> metrics_ CASSETTE_GUARDED_BY(mutex_);
};

}  // namespace cassette::metrics
