#include <benchmark/benchmark.h>

#include "cql/parser/parser.h"

namespace cassette::cql::parser {
namespace {

void BM_ParseInsert(benchmark::State& state) {
  constexpr std::string_view kText =
      "INSERT INTO metrics_by_resource_week (resource, year, week_of_year, metric_name, collected_at, value) VALUES "
      "('router-17', 2024, 52, 'if_in_octets', '2024-12-30 00:05:00', 1234.56)";
  for (auto _ : state) benchmark::DoNotOptimize(ParseStatement(kText));
}
BENCHMARK(BM_ParseInsert);

void BM_ParseSelect(benchmark::State& state) {
  constexpr std::string_view kText =
      "SELECT metric_name, collected_at, value FROM metrics_by_resource_week WHERE resource = ? AND year = ? AND "
      "week_of_year = ? AND metric_name = ? AND collected_at >= ? AND collected_at < ? LIMIT 100";
  for (auto _ : state) benchmark::DoNotOptimize(ParseStatement(kText));
}
BENCHMARK(BM_ParseSelect);

}  // namespace
}  // namespace cassette::cql::parser
