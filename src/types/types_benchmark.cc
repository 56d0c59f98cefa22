// What the values of the commonest types cost: keys, comparison, text.
#include <benchmark/benchmark.h>

#include "base/random.h"
#include "types/calendar.h"
#include "types/number_text.h"
#include "types/value.h"

namespace cassette::types {
namespace {

std::vector<std::string> Values(TypeKind kind) {
  base::Random random(1);
  std::vector<std::string> values(1024);
  for (std::string& value : values) {
    switch (kind) {
      case TypeKind::kText:
        value = "metric_" + std::to_string(random.Below(100'000));
        break;
      case TypeKind::kDouble:
        AppendDouble(random.Normal(), &value);
        break;
      default:
        AppendFromInt64(kind, static_cast<int64_t>(random.Next()), &value);
    }
  }
  return values;
}

void BM_AppendOrdered(benchmark::State& state) {
  const DataType type(static_cast<TypeKind>(state.range(0)));
  const std::vector<std::string> values = Values(type.kind());
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (const std::string& value : values) AppendOrdered(type, value, false, &out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(values.size()));
}

void BM_DecodeOrdered(benchmark::State& state) {
  const DataType type(static_cast<TypeKind>(state.range(0)));
  std::string encoded;
  for (const std::string& value : Values(type.kind())) AppendOrdered(type, value, false, &encoded);
  std::string value;
  for (auto _ : state) {
    std::string_view rest = encoded;
    while (!rest.empty()) benchmark::DoNotOptimize(DecodeOrdered(type, false, &rest, &value).ok());
  }
  state.SetItemsProcessed(state.iterations() * 1024);
}

void BM_Compare(benchmark::State& state) {
  const DataType type(static_cast<TypeKind>(state.range(0)));
  const std::vector<std::string> values = Values(type.kind());
  for (auto _ : state) {
    int sum = 0;
    for (size_t i = 1; i < values.size(); ++i) sum += Compare(type, values[i - 1], values[i]);
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(values.size() - 1));
}

void BM_ParseTimestamp(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(ParseTimestamp("2024-05-17T13:47:11.123Z").ok());
  state.SetItemsProcessed(state.iterations());
}

void BM_AppendTimestamp(benchmark::State& state) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    AppendTimestamp(1715953631123, &out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_AppendDoubleText(benchmark::State& state) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    AppendDoubleText(53.482913, &out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_IsoWeek(benchmark::State& state) {
  int64_t millis = 1715953631123;
  for (auto _ : state) benchmark::DoNotOptimize(IsoWeekOfMillis(millis += 300'000));
  state.SetItemsProcessed(state.iterations());
}

constexpr auto kText = static_cast<int64_t>(TypeKind::kText);
constexpr auto kInt = static_cast<int64_t>(TypeKind::kInt);
constexpr auto kTimestamp = static_cast<int64_t>(TypeKind::kTimestamp);
constexpr auto kDouble = static_cast<int64_t>(TypeKind::kDouble);

BENCHMARK(BM_AppendOrdered)->Arg(kText)->Arg(kInt)->Arg(kTimestamp)->Arg(kDouble);
BENCHMARK(BM_DecodeOrdered)->Arg(kText)->Arg(kInt)->Arg(kTimestamp)->Arg(kDouble);
BENCHMARK(BM_Compare)->Arg(kText)->Arg(kInt)->Arg(kDouble);
BENCHMARK(BM_ParseTimestamp);
BENCHMARK(BM_AppendTimestamp);
BENCHMARK(BM_AppendDoubleText);
BENCHMARK(BM_IsoWeek);

}  // namespace
}  // namespace cassette::types
