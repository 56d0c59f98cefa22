#include "metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace cassette::metrics {
namespace {

TEST(Registry, WritesPrometheusText) {
  Registry registry;
  registry.GetCounter("flushes_total", "Flushes.\nAll of them.").Add(3);
  const double bounds[] = {0.5, 1};
  Histogram& histogram = registry.GetHistogram("flush_seconds", "Time of a flush.", bounds);
  histogram.Observe(0.5);
  histogram.Observe(0.75);
  histogram.Observe(8);
  EXPECT_EQ(registry.ToText(),
            "# HELP flush_seconds Time of a flush.\n"
            "# TYPE flush_seconds histogram\n"
            "flush_seconds_bucket{le=\"0.5\"} 1\n"
            "flush_seconds_bucket{le=\"1\"} 2\n"
            "flush_seconds_bucket{le=\"+Inf\"} 3\n"
            "flush_seconds_sum 9.25\n"
            "flush_seconds_count 3\n"
            "# HELP flushes_total Flushes.\\nAll of them.\n"
            "# TYPE flushes_total counter\n"
            "flushes_total 3\n");
}

TEST(Registry, GivesTheSameMetricForTheSameName) {
  Registry registry;
  EXPECT_EQ(&registry.GetCounter("a", "x"), &registry.GetCounter("a", "y"));
}

TEST(RegistryDeathTest, RefusesANameOfTwoKinds) {
  Registry registry;
  registry.GetCounter("a", "x");
  EXPECT_DEATH(registry.GetHistogram("a", "x", DurationBounds()), "histogram == nullptr|counter == nullptr");
}

TEST(Histogram, CountsFromManyThreads) {
  Histogram histogram(DurationBounds());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) histogram.Observe(1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(histogram.count(), 4000u);
  EXPECT_EQ(histogram.sum(), 4000.0);
}

TEST(Metrics, GaugesSayWhatIsNow) {
  Registry registry;
  Gauge& gauge = registry.GetGauge("bytes", "How many.");
  gauge.Set(12);
  gauge.Set(3.5);
  EXPECT_EQ(registry.ToText(), "# HELP bytes How many.\n# TYPE bytes gauge\nbytes 3.5\n");
  EXPECT_EQ(&gauge, &registry.GetGauge("bytes", "How many."));
}

}  // namespace
}  // namespace cassette::metrics
