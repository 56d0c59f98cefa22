#include "netmon/network_generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <utility>

#include "types/calendar.h"

namespace cassette::netmon {
namespace {

constexpr double kMissedPoll = 1.0 / 4000;  // A poll that got no answer.
constexpr double kOutage = 1.0 / 40;        // A week in which a series is silent for up to an hour.
constexpr double kLateSample = 1.0 / 4000;  // An answer that was stored after later ones.
constexpr double kCounterReset = 1.0 / 30;  // A week in which the device restarted.

enum class Kind : uint8_t { kGauge, kCounter };

struct MetricShape {
  const char* name;
  Kind kind;
  double base;   // Of a gauge: its level; of a counter: its growth a second.
  double swing;  // How much of it follows the rhythm.
  double noise;  // Deviation, in the metric's unit.
};

constexpr MetricShape kShapes[] = {
    {"cpu_utilization", Kind::kGauge, 32.0, 24.0, 0.8}, {"memory_used", Kind::kGauge, 61.0, 6.0, 0.1},
    {"in_octets", Kind::kCounter, 52000.0, 45000.0, 0}, {"out_octets", Kind::kCounter, 31000.0, 26000.0, 0},
    {"temperature", Kind::kGauge, 41.0, 4.0, 0.15},     {"latency_ms", Kind::kGauge, 9.0, 5.0, 0.6},
    {"packet_loss", Kind::kGauge, 0.3, 0.2, 0.05},      {"in_errors", Kind::kCounter, 0.02, 0.02, 0},
    {"sessions", Kind::kGauge, 420.0, 300.0, 9.0},      {"power_watts", Kind::kGauge, 143.0, 21.0, 1.2},
};
constexpr size_t kShapeCount = std::size(kShapes);

double RoundToCents(double value) { return std::round(value * 100.0) / 100.0; }

// Seeds that differ for each series and week, so that the order of generation does not matter.
uint64_t SeedOf(uint64_t seed, uint64_t resource, uint64_t metric, int64_t week) {
  return seed * 0x9e3779b97f4a7c15 ^ resource * 0xbf58476d1ce4e5b9 ^ metric * 0x94d049bb133111eb ^
         static_cast<uint64_t>(week) * 0xd6e8feb86659fd93;
}

base::Result<uint64_t> ParseNumber(const std::string& key, const std::string& text, uint64_t least, uint64_t most) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    return base::InvalidArgument(fmt::format("{}: '{}' must be a whole number from {} to {}", key, text, least, most));
  }
  return number;
}

base::Result<int64_t> ParseInterval(const std::string& text) {
  const size_t unit_at = text.find_first_not_of("0123456789");
  const std::string unit = unit_at == std::string::npos ? "" : text.substr(unit_at);
  const int64_t unit_ms = unit == "s" ? 1000 : unit == "m" ? 60'000 : unit == "h" ? 3'600'000 : 0;
  if (unit_ms == 0 || unit_at == 0) {
    return base::InvalidArgument(fmt::format("every: '{}' must be a number with s, m or h, such as 5m", text));
  }
  CASSETTE_ASSIGN_OR_RETURN(const uint64_t count, ParseNumber("every", text.substr(0, unit_at), 1, 86'400));
  const int64_t every_ms = static_cast<int64_t>(count) * unit_ms;
  if (types::kMillisPerDay % every_ms != 0) {
    return base::InvalidArgument(fmt::format("every: '{}' must divide a day evenly", text));
  }
  return every_ms;
}

}  // namespace

base::Result<NetworkSettings> ParseNetworkSettings(const std::map<std::string, std::string>& settings) {
  NetworkSettings parsed;
  uint64_t days = 0;
  for (const auto& [key, text] : settings) {
    if (key == "every") {
      CASSETTE_ASSIGN_OR_RETURN(parsed.every_ms, ParseInterval(text));
    } else if (key == "from") {
      CASSETTE_ASSIGN_OR_RETURN(parsed.from_ms, types::ParseTimestamp(text));
      if (parsed.from_ms % types::kMillisPerDay != 0) {
        return base::InvalidArgument(fmt::format("from: '{}' must be a day, such as 2024-12-30", text));
      }
    } else if (key == "resources") {
      CASSETTE_ASSIGN_OR_RETURN(const uint64_t number, ParseNumber(key, text, 1, NetworkSettings::kMaxResources));
      parsed.resources = static_cast<uint32_t>(number);
    } else if (key == "metrics") {
      CASSETTE_ASSIGN_OR_RETURN(const uint64_t number, ParseNumber(key, text, 1, NetworkSettings::kMaxMetrics));
      parsed.metrics = static_cast<uint32_t>(number);
    } else if (key == "days" || key == "weeks") {
      CASSETTE_ASSIGN_OR_RETURN(const uint64_t number, ParseNumber(key, text, 1, 36'500));
      days += key == "weeks" ? number * 7 : number;
    } else if (key == "seed") {
      CASSETTE_ASSIGN_OR_RETURN(parsed.seed, ParseNumber(key, text, 0, UINT64_MAX));
    } else {
      return base::InvalidArgument(
          fmt::format("unknown setting '{}'; allowed: resources, metrics, every, from, days, weeks, seed", key));
    }
  }
  if (days != 0) parsed.days = static_cast<uint32_t>(days);
  return parsed;
}

std::string ResourceName(uint32_t resource) {
  static constexpr const char* kKinds[] = {"router", "switch", "firewall", "server"};
  return fmt::format("{}-{:03}", kKinds[resource % std::size(kKinds)], resource);
}

std::string MetricName(uint32_t metric) {
  CASSETTE_ASSERT(metric < NetworkSettings::kMaxMetrics);
  const char* name = kShapes[metric % kShapeCount].name;
  return metric < kShapeCount ? name : fmt::format("{}_{}", name, metric / kShapeCount + 1);
}

NetworkGenerator::NetworkGenerator(const NetworkSettings& settings, uint32_t first_resource, uint32_t last_resource)
    : settings_(settings), last_resource_(last_resource), resource_(first_resource) {
  CASSETTE_ASSERT(first_resource <= last_resource);
  CASSETTE_ASSERT(last_resource <= settings.resources);
  // Busy by day, quieter by night and at the week's end.
  const int64_t slots_a_day = types::kMillisPerDay / settings_.every_ms;
  for (int64_t slot = 0; slot < 7 * slots_a_day; ++slot) {
    const double hour = 24.0 * static_cast<double>(slot % slots_a_day) / static_cast<double>(slots_a_day);
    const double daily = 0.5 - 0.5 * std::cos((hour - 3.0) / 24.0 * 2.0 * std::numbers::pi);
    const bool is_weekend = slot / slots_a_day >= 5;
    rhythm_.push_back(daily * (is_weekend ? 0.45 : 1.0));
  }
}

bool NetworkGenerator::Next(SampleBatch* batch) {
  while (next_sample_ == samples_.size()) {
    if (!NextSeries()) return false;
    MakeSeries();
  }
  const size_t count = std::min<size_t>(columnar::kMaxVectorRows, samples_.size() - next_sample_);
  batch->row_count = static_cast<uint32_t>(count);
  batch->resource.Reset(columnar::PhysicalType::kBytes);
  batch->resource.AppendBytes(ResourceName(resource_));
  batch->resource.MakeConstant(batch->row_count);
  batch->metric_name.Reset(columnar::PhysicalType::kBytes);
  batch->metric_name.AppendBytes(MetricName(metric_));
  batch->metric_name.MakeConstant(batch->row_count);
  batch->collected_at.Reset(columnar::PhysicalType::kInt64);
  batch->value.Reset(columnar::PhysicalType::kDouble);
  batch->collected_at.mutable_ints().resize(count);
  batch->value.mutable_doubles().resize(count);
  for (size_t i = 0; i < count; ++i) {
    batch->collected_at.mutable_ints()[i] = samples_[next_sample_ + i].at_ms;
    batch->value.mutable_doubles()[i] = samples_[next_sample_ + i].value;
  }
  batch->collected_at.SetSize(batch->row_count);
  batch->value.SetSize(batch->row_count);
  next_sample_ += count;
  return true;
}

// Metric by metric within a week, week by week within a resource.
bool NetworkGenerator::NextSeries() {
  const int64_t end_ms = settings_.from_ms + static_cast<int64_t>(settings_.days) * types::kMillisPerDay;
  if (!started_) {
    started_ = true;
    week_start_ms_ = settings_.from_ms;
  } else if (++metric_ == settings_.metrics) {
    metric_ = 0;
    week_start_ms_ = week_end_ms_;
    if (week_start_ms_ >= end_ms) {
      ++resource_;
      week_start_ms_ = settings_.from_ms;
    }
  }
  const int64_t day = types::DaysFromMillis(week_start_ms_);
  const int64_t next_monday = types::DaysFromIsoWeek(types::IsoWeekOfDays(day)) + 7;
  week_end_ms_ = std::min(next_monday * types::kMillisPerDay, end_ms);
  return resource_ < last_resource_;
}

void NetworkGenerator::MakeSeries() {
  base::Random random(SeedOf(settings_.seed, resource_, metric_, week_start_ms_));
  const size_t count = static_cast<size_t>((week_end_ms_ - week_start_ms_) / settings_.every_ms);
  samples_.resize(count);
  next_sample_ = 0;
  // A resource is polled at its own second of the interval, the same for all its metrics.
  const int64_t offset_ms = static_cast<int64_t>(resource_) * 7919 % settings_.every_ms / 1000 * 1000;
  for (size_t i = 0; i < count; ++i) {
    samples_[i].at_ms = week_end_ms_ - static_cast<int64_t>(i + 1) * settings_.every_ms + offset_ms;
  }
  const uint32_t shape = metric_ % kShapeCount;
  if (kShapes[shape].kind == Kind::kGauge) {
    FillGauge(shape, &random);
  } else {
    FillCounter(&random);
  }
  DropAndDelay(&random);
}

void NetworkGenerator::FillGauge(uint32_t shape_index, base::Random* random) {
  const MetricShape& shape = kShapes[shape_index];
  // How large and how busy this resource is does not change from week to week.
  base::Random resource_random(SeedOf(settings_.seed, resource_, metric_, -1));
  const double level = shape.base * (0.7 + 0.6 * resource_random.Uniform());
  const double swing = shape.swing * (0.5 + resource_random.Uniform());
  const int64_t day = types::DaysFromMillis(week_start_ms_);
  const int64_t slots_a_day = types::kMillisPerDay / settings_.every_ms;
  const int64_t first_slot = (types::DayOfWeek(day) - 1) * slots_a_day;
  const size_t count = samples_.size();
  for (size_t i = 0; i < count; ++i) {
    const size_t slot = static_cast<size_t>(first_slot) + count - 1 - i;
    // Triangular noise from one random number: two uniform halves.
    const uint64_t bits = random->Next();
    const double noise = (static_cast<double>(bits & 0xffffffff) + static_cast<double>(bits >> 32)) * 0x1.0p-32 - 1.0;
    const double value = level + swing * rhythm_[slot % rhythm_.size()] + shape.noise * 2.45 * noise;
    samples_[i].value = RoundToCents(std::max(value, 0.0));
  }
}

void NetworkGenerator::FillCounter(base::Random* random) {
  const MetricShape& shape = kShapes[metric_ % kShapeCount];
  base::Random resource_random(SeedOf(settings_.seed, resource_, metric_, -1));
  const double size = 0.5 + resource_random.Uniform();
  const double seconds = static_cast<double>(settings_.every_ms) / 1000.0;
  const int64_t day = types::DaysFromMillis(week_start_ms_);
  const int64_t slots_a_day = types::kMillisPerDay / settings_.every_ms;
  const int64_t first_slot = (types::DayOfWeek(day) - 1) * slots_a_day;
  const size_t count = samples_.size();
  const size_t reset_at = random->Uniform() < kCounterReset ? random->Below(count) : count;
  // Where the counter stood when the week began: what the weeks before would have added on average.
  const double weeks = static_cast<double>(week_start_ms_ - settings_.from_ms) / (7.0 * types::kMillisPerDay);
  double counter = std::floor(weeks * 604'800.0 * size * (shape.base + 0.43 * shape.swing));
  for (size_t step = 0; step < count; ++step) {
    const size_t slot = static_cast<size_t>(first_slot) + step;
    const double rate = size * (shape.base + shape.swing * rhythm_[slot % rhythm_.size()]);
    if (step == reset_at) counter = 0;
    counter += std::floor(rate * seconds * (0.9 + 0.2 * random->Uniform()) + random->Uniform());
    samples_[count - 1 - step].value = counter;
  }
}

void NetworkGenerator::DropAndDelay(base::Random* random) {
  const size_t count = samples_.size();
  size_t outage_begin = count;
  size_t outage_end = count;
  if (random->Uniform() < kOutage) {
    outage_begin = random->Below(count);
    outage_end = outage_begin + random->Below(static_cast<uint64_t>(3'600'000 / settings_.every_ms) + 1);
  }
  const auto poisson = [&](double rate) {
    return static_cast<size_t>(rate * static_cast<double>(count) + random->Uniform());
  };
  std::vector<size_t> missed;
  for (size_t i = poisson(kMissedPoll); i > 0; --i) missed.push_back(random->Below(count));
  std::vector<size_t> late;
  for (size_t i = poisson(kLateSample); i > 0; --i) late.push_back(random->Below(count));

  std::vector<Sample> delayed;
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    const bool is_missed = std::find(missed.begin(), missed.end(), i) != missed.end();
    if (is_missed || (i >= outage_begin && i < outage_end)) continue;
    if (std::find(late.begin(), late.end(), i) != late.end()) {
      delayed.push_back(samples_[i]);
    } else {
      samples_[kept++] = samples_[i];
    }
  }
  samples_.resize(kept);
  samples_.insert(samples_.end(), delayed.begin(), delayed.end());
}

}  // namespace cassette::netmon
