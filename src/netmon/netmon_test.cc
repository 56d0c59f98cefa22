#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "netmon/network_generator.h"
#include "types/calendar.h"

namespace cassette::netmon {
namespace {

using testing::HasSubstr;

NetworkSettings Settings() {
  NetworkSettings settings;
  settings.resources = 8;
  settings.metrics = 5;
  settings.days = 15;
  settings.from_ms = *types::ParseTimestamp("2024-12-30");
  return settings;
}

struct Row {
  std::string resource;
  std::string metric;
  int64_t at_ms;
  double value;
  auto operator<=>(const Row&) const = default;
};

std::vector<Row> Generate(const NetworkSettings& settings, uint32_t first, uint32_t last) {
  NetworkGenerator generator(settings, first, last);
  std::vector<Row> rows;
  SampleBatch batch;
  while (generator.Next(&batch)) {
    for (uint32_t i = 0; i < batch.row_count; ++i) {
      rows.push_back({std::string(batch.resource.bytes(i)), std::string(batch.metric_name.bytes(i)),
                      batch.collected_at.int64(i), batch.value.number(i)});
    }
  }
  return rows;
}

TEST(NetworkGenerator, GivesNearlyAllSamplesOnceEach) {
  const NetworkSettings settings = Settings();
  const std::vector<Row> rows = Generate(settings, 0, settings.resources);
  EXPECT_EQ(settings.sample_count(), 8u * 5 * 15 * 288);
  EXPECT_LT(rows.size(), settings.sample_count());
  EXPECT_GT(rows.size(), settings.sample_count() * 99 / 100);
  std::set<std::tuple<std::string, std::string, int64_t>> keys;
  for (const Row& row : rows) keys.insert({row.resource, row.metric, row.at_ms});
  EXPECT_EQ(keys.size(), rows.size());
}

TEST(NetworkGenerator, TheSameSeedGivesTheSameHoweverItIsSplit) {
  const NetworkSettings settings = Settings();
  std::vector<Row> split = Generate(settings, 0, 3);
  const std::vector<Row> rest = Generate(settings, 3, 8);
  split.insert(split.end(), rest.begin(), rest.end());
  EXPECT_EQ(split, Generate(settings, 0, 8));
  NetworkSettings other = settings;
  other.seed = 2;
  EXPECT_NE(split, Generate(other, 0, 8));
}

TEST(NetworkGenerator, GaugesHaveTwoDecimalsAndADailyRhythm) {
  const NetworkSettings settings = Settings();
  double night = 0;
  double day = 0;
  for (const Row& row : Generate(settings, 0, 8)) {
    if (row.metric != "cpu_utilization") continue;
    EXPECT_DOUBLE_EQ(row.value, std::round(row.value * 100) / 100);
    const int64_t hour = row.at_ms % types::kMillisPerDay / 3'600'000;
    if (hour == 3) night += row.value;
    if (hour == 15) day += row.value;
  }
  EXPECT_GT(day, night * 1.2);
}

TEST(NetworkGenerator, CountersGrowAndResetAndSomeSamplesComeLate) {
  NetworkSettings settings = Settings();
  settings.days = 70;
  uint64_t grown = 0;
  uint64_t shrunk = 0;
  uint64_t late = 0;
  std::map<std::string, Row> before;
  for (const Row& row : Generate(settings, 0, 8)) {
    const auto found = before.find(row.metric);
    if (found != before.end() && found->second.resource == row.resource) {
      if (row.at_ms > found->second.at_ms && row.at_ms - found->second.at_ms < types::kMillisPerDay) ++late;
      if (row.metric == "in_octets" && row.at_ms < found->second.at_ms) {
        (row.value <= found->second.value ? grown : shrunk) += 1;
      }
    }
    before[row.metric] = row;
  }
  EXPECT_GT(grown, 100'000u);
  EXPECT_GT(shrunk, 0u);
  EXPECT_GT(late, 0u);
}

TEST(ParseNetworkSettings, AddsWeeksAndDaysAndRefusesWhatItDoesNotKnow) {
  const base::Result<NetworkSettings> settings = ParseNetworkSettings({{"weeks", "52"},
                                                                       {"days", "1"},
                                                                       {"every", "5m"},
                                                                       {"from", "2024-12-30"},
                                                                       {"resources", "200"},
                                                                       {"metrics", "5"}});
  ASSERT_TRUE(settings.ok()) << settings.status().ToString();
  EXPECT_EQ(settings->sample_count(), 105'120'000u);
  EXPECT_THAT(ParseNetworkSettings({{"evry", "5m"}}).status().message(), HasSubstr("allowed: resources"));
  EXPECT_THAT(ParseNetworkSettings({{"every", "7m"}}).status().message(), HasSubstr("divide a day"));
  EXPECT_THAT(ParseNetworkSettings({{"every", "5"}}).status().message(), HasSubstr("such as 5m"));
  EXPECT_THAT(ParseNetworkSettings({{"metrics", "31"}}).status().message(), HasSubstr("from 1 to 30"));
  EXPECT_THAT(ParseNetworkSettings({{"from", "2024-12-30 10:00"}}).status().message(), HasSubstr("must be a day"));
}

}  // namespace
}  // namespace cassette::netmon
