// Speed and size of the encodings, over vectors of 1024 values of each kind of column.
//   encoding_benchmark --benchmark_counters_tabular=true
// items_per_second counts values; bytes_per_value is what they took.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <functional>

#include "base/random.h"
#include "columnar/encoding.h"
#include "columnar/series.h"

namespace cassette::columnar {
namespace {

constexpr uint32_t kVectors = 64;  // Different ones, so that branches are not learnt by heart.

struct Column {
  std::vector<Vector> vectors;
  std::vector<std::string> encoded;
};

template <typename Make>
Column MakeColumn(Make make) {
  base::Random random(1);
  Column column;
  for (uint32_t i = 0; i < kVectors; ++i) {
    column.vectors.push_back(make(&random));
    EncodeVector(column.vectors.back(), &column.encoded.emplace_back());
  }
  return column;
}

Vector OfDoubles(const std::vector<double>& values) {
  Vector vector(PhysicalType::kDouble);
  vector.mutable_doubles() = values;
  vector.SetSize(static_cast<uint32_t>(values.size()));
  return vector;
}

Vector OfInts(const std::vector<int64_t>& values) {
  Vector vector(PhysicalType::kInt64);
  vector.mutable_ints() = values;
  vector.SetSize(static_cast<uint32_t>(values.size()));
  return vector;
}

Vector RandomInts(base::Random* random, uint32_t count, uint64_t bound) {
  std::vector<int64_t> values(count);
  for (int64_t& value : values) value = static_cast<int64_t>(random->Below(bound));
  return OfInts(values);
}

Vector Names(base::Random* random, uint32_t distinct) {
  Vector vector(PhysicalType::kBytes);
  for (uint32_t i = 0; i < kMaxVectorRows; ++i) {
    vector.AppendBytes(fmt::format("interface-{}.octets", random->Below(distinct)));
  }
  return vector;
}

Vector Runs(base::Random* random) {
  std::vector<double> values(kMaxVectorRows);
  double value = 0;
  for (double& place : values) {
    if (random->Below(50) == 0) value = static_cast<double>(random->Below(5));
    place = value;
  }
  return OfDoubles(values);
}

const std::vector<std::pair<std::string, std::function<Vector(base::Random*)>>>& Kinds() {
  constexpr uint32_t kRows = kMaxVectorRows;
  static const std::vector<std::pair<std::string, std::function<Vector(base::Random*)>>> kinds = {
      {"double/gauge_two_decimals", [](base::Random* r) { return OfDoubles(series::Gauge(r, kRows, 2, 0.6)); }},
      {"double/gauge_two_decimals_of_1000", [](base::Random* r) { return OfDoubles(series::Gauge(r, 1000, 2, 0.6)); }},
      {"double/gauge_integer", [](base::Random* r) { return OfDoubles(series::Gauge(r, kRows, 0, 1.0)); }},
      {"double/temperature_one_decimal", [](base::Random* r) { return OfDoubles(series::Gauge(r, kRows, 1, 0.1)); }},
      {"double/counter", [](base::Random* r) { return OfDoubles(series::Counter(r, kRows, 30000, 0)); }},
      {"double/counter_that_resets", [](base::Random* r) { return OfDoubles(series::Counter(r, kRows, 30000, 500)); }},
      {"double/full_precision", [](base::Random* r) { return OfDoubles(series::Real(r, kRows)); }},
      {"double/runs", [](base::Random* r) { return Runs(r); }},
      {"double/constant", [](base::Random*) { return OfDoubles(std::vector<double>(kRows, 99.9)); }},
      {"int/times_regular", [](base::Random* r) { return OfInts(series::Times(r, kRows, 300000, 0, 0)); }},
      {"int/times_with_gaps", [](base::Random* r) { return OfInts(series::Times(r, kRows, 300000, 0, 100)); }},
      {"int/times_jittered", [](base::Random* r) { return OfInts(series::Times(r, kRows, 300000, 1000, 0)); }},
      {"int/ten_bits", [](base::Random* r) { return RandomInts(r, kRows, 1000); }},
      {"int/ten_bits_of_20", [](base::Random* r) { return RandomInts(r, 20, 1000); }},
      {"int/sixty_four_bits", [](base::Random* r) { return RandomInts(r, kRows, UINT64_MAX); }},
      {"bytes/five_names", [](base::Random* r) { return Names(r, 5); }},
      {"bytes/many_names", [](base::Random* r) { return Names(r, 1000000); }},
  };
  return kinds;
}

void Report(const Column& column, benchmark::State& state) {
  size_t bytes = 0;
  size_t values = 0;
  for (size_t i = 0; i < kVectors; ++i) {
    bytes += column.encoded[i].size();
    values += column.vectors[i].size();
  }
  state.SetItemsProcessed(static_cast<int64_t>(static_cast<size_t>(state.iterations()) * values / kVectors));
  state.counters["bytes_per_value"] = static_cast<double>(bytes) / static_cast<double>(values);
}

void Encode(benchmark::State& state, const std::function<Vector(base::Random*)>& make) {
  const Column column = MakeColumn(make);
  std::string out;
  uint32_t next = 0;
  for (auto _ : state) {
    out.clear();
    EncodeVector(column.vectors[next++ % kVectors], &out);
    benchmark::DoNotOptimize(out.data());
  }
  Report(column, state);
}

void Decode(benchmark::State& state, const std::function<Vector(base::Random*)>& make) {
  const Column column = MakeColumn(make);
  Vector vector;
  uint32_t next = 0;
  for (auto _ : state) {
    const uint32_t i = next++ % kVectors;
    vector.Reset(column.vectors[i].physical());
    const base::Status status = DecodeVector(column.encoded[i], column.vectors[i].size(), &vector);
    if (!status.ok()) state.SkipWithError("does not decode");
    benchmark::DoNotOptimize(vector.memory_bytes());
  }
  Report(column, state);
}

[[maybe_unused]] const bool kRegistered = [] {
  for (const auto& [name, make] : Kinds()) {
    benchmark::RegisterBenchmark(("encode/" + name).c_str(), Encode, make);
    benchmark::RegisterBenchmark(("decode/" + name).c_str(), Decode, make);
  }
  return true;
}();

}  // namespace
}  // namespace cassette::columnar
