// NetworkGenerator: what a network's resources would have measured, made in memory from a seed. Daily and weekly
// rhythm, noise with two decimals, counters that grow and reset, gaps where a poll was missed, samples that came late.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "columnar/vector.h"

namespace cassette::netmon {

struct NetworkSettings {
  uint32_t resources = 200;
  uint32_t metrics = 5;  // 1 to kMaxMetrics.
  int64_t every_ms = 300'000;
  int64_t from_ms = 0;
  uint32_t days = 7;
  uint64_t seed = 1;

  static constexpr uint32_t kMaxMetrics = 30;
  static constexpr uint32_t kMaxResources = 1'000'000;
  // Samples if none were missed.
  uint64_t sample_count() const {
    return static_cast<uint64_t>(resources) * metrics * days * static_cast<uint64_t>(86'400'000 / every_ms);
  }
};

// From a model's `source`: resources, metrics, every (5m, 30s, 1h), from (a date), days, weeks, seed. kInvalidArgument
// names the key and what is legal.
base::Result<NetworkSettings> ParseNetworkSettings(const std::map<std::string, std::string>& settings);

// Samples of one resource and one metric, newest first; late ones (under 1 in 2,000) stand at the end of the week's
// batches, out of order.
struct SampleBatch {
  uint32_t row_count = 0;
  columnar::Vector resource;      // constant
  columnar::Vector metric_name;   // constant
  columnar::Vector collected_at;  // milliseconds
  columnar::Vector value;
};

// Gives the samples of the resources [first, last), resource by resource, week by week (oldest first), metric by
// metric: partition by partition of a table by resource and week. The same settings give the same samples, however the
// resources are split among generators. Thread safety: not thread safe; one a thread, each with its share of the
// resources.
class NetworkGenerator {
 public:
  // REQUIRES: first_resource <= last_resource <= settings.resources.
  NetworkGenerator(const NetworkSettings& settings, uint32_t first_resource, uint32_t last_resource);

  // Fills `batch` (memory kept) and returns true, or false at the end.
  bool Next(SampleBatch* batch);

 private:
  struct Sample {
    int64_t at_ms;
    double value;
  };

  bool NextSeries();
  void MakeSeries();
  void FillGauge(uint32_t shape, base::Random* random);
  void FillCounter(base::Random* random);
  void DropAndDelay(base::Random* random);

  const NetworkSettings settings_;
  const uint32_t last_resource_;
  uint32_t resource_;
  uint32_t metric_ = 0;
  int64_t week_start_ms_ = 0;
  int64_t week_end_ms_ = 0;
  bool started_ = false;
  std::vector<double> rhythm_;   // One factor a slot of the week.
  std::vector<Sample> samples_;  // Of the series of this week, newest first.
  size_t next_sample_ = 0;
};

// "router-007", "switch-112": the resource's name.
std::string ResourceName(uint32_t resource);
// "cpu_utilization", "in_octets": the metric's name. REQUIRES: metric < NetworkSettings::kMaxMetrics.
std::string MetricName(uint32_t metric);

}  // namespace cassette::netmon
