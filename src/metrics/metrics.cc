#include "metrics/metrics.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace cassette::metrics {
namespace {

constexpr double kDurationBounds[] = {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1,
                                      0.2,    0.5,    1,      2,     5,     10,    20,   50,   100};

bool IsName(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
  };
  return !name.empty() && is_letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

// As the format asks: backslashes and line feeds.
std::string EscapedHelp(std::string_view help) {
  std::string escaped;
  for (const char c : help) {
    if (c == '\\')
      escaped += "\\\\";
    else if (c == '\n')
      escaped += "\\n";
    else
      escaped.push_back(c);
  }
  return escaped;
}

void AppendHistogram(std::string_view name, const Histogram& histogram, std::string* text) {
  uint64_t cumulative = 0;
  for (size_t i = 0; i < histogram.bounds().size(); ++i) {
    cumulative += histogram.bucket(i);
    *text += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", name, histogram.bounds()[i], cumulative);
  }
  cumulative += histogram.bucket(histogram.bounds().size());
  *text += fmt::format("{}_bucket{{le=\"+Inf\"}} {}\n", name, cumulative);
  *text += fmt::format("{}_sum {}\n{}_count {}\n", name, histogram.sum(), name, cumulative);
}

}  // namespace

Histogram::Histogram(std::span<const double> bounds) : bounds_(bounds.begin(), bounds.end()) {
  CASSETTE_ASSERT(bounds.size() <= kBucketsMax);
  CASSETTE_ASSERT(std::is_sorted(bounds.begin(), bounds.end()));
}

void Histogram::Observe(double value) {
  const size_t bucket = static_cast<size_t>(std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin());
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  double sum = sum_.load(std::memory_order_relaxed);
  while (!sum_.compare_exchange_weak(sum, sum + value, std::memory_order_relaxed)) {
  }
}

std::span<const double> DurationBounds() { return kDurationBounds; }

Registry::Metric& Registry::Find(std::string_view name, std::string_view help) {
  CASSETTE_ASSERT(IsName(name));
  const auto found = metrics_.find(name);
  if (found != metrics_.end()) return found->second;
  Metric& metric = metrics_[std::string(name)];
  metric.help = help;
  return metric;
}

Counter& Registry::GetCounter(std::string_view name, std::string_view help) {
  base::MutexLock lock(mutex_);
  Metric& metric = Find(name, help);
  CASSETTE_ASSERT(metric.histogram == nullptr && metric.gauge == nullptr);
  if (metric.counter == nullptr) metric.counter = std::make_unique<Counter>();
  return *metric.counter;
}

Gauge& Registry::GetGauge(std::string_view name, std::string_view help) {
  base::MutexLock lock(mutex_);
  Metric& metric = Find(name, help);
  CASSETTE_ASSERT(metric.histogram == nullptr && metric.counter == nullptr);
  if (metric.gauge == nullptr) metric.gauge = std::make_unique<Gauge>();
  return *metric.gauge;
}

Histogram& Registry::GetHistogram(std::string_view name, std::string_view help, std::span<const double> bounds) {
  base::MutexLock lock(mutex_);
  Metric& metric = Find(name, help);
  CASSETTE_ASSERT(metric.counter == nullptr && metric.gauge == nullptr);
  if (metric.histogram == nullptr) metric.histogram = std::make_unique<Histogram>(bounds);
  return *metric.histogram;
}

std::string Registry::ToText() const {
  base::MutexLock lock(mutex_);
  std::string text;
  for (const auto& [name, metric] : metrics_) {
    const char* const kind = metric.counter != nullptr ? "counter" : metric.gauge != nullptr ? "gauge" : "histogram";
    text += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, EscapedHelp(metric.help), name, kind);
    if (metric.counter != nullptr) {
      text += fmt::format("{} {}\n", name, metric.counter->value());
    } else if (metric.gauge != nullptr) {
      text += fmt::format("{} {}\n", name, metric.gauge->value());
    } else {
      AppendHistogram(name, *metric.histogram, &text);
    }
  }
  return text;
}

}  // namespace cassette::metrics
