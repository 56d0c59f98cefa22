// What a memtable takes a second, and how many bytes a row: memtable_benchmark --benchmark_counters_tabular=true
#include <benchmark/benchmark.h>

#include <bit>
#include <string>
#include <vector>

#include "storage/memtable/memtable.h"
#include "storage/memtable/test_tables.h"

namespace cassette::storage::memtable {
namespace {

using namespace testing;  // NOLINT: the benchmark's own vocabulary.

constexpr int64_t kStart = 1735516800000;

schema::TablePtr MetricsTable() {
  auto table = std::make_shared<schema::Table>(*MakeTable(2));
  std::erase_if(table->columns, [](const schema::Column& column) { return column.id == kCount || column.id == kNote; });
  table->Finish();
  return table;
}

void AddSample(const schema::Table& table, std::string_view metric, int64_t at, rows::MutationBuilder* builder) {
  const rows::Liveness liveness{at * 1000, rows::kNoTtl, rows::kNeverExpires};
  char value[8];
  codec::StoreBig(std::bit_cast<uint64_t>(static_cast<double>(at % 1000) / 100), value);
  builder->BeginRow(Clustering(table, metric, at));
  builder->SetLiveness(liveness);
  builder->AddCell(kValue, LiveCell(liveness, {value, 8}));
}

// The mutations are made before the clock runs.
void ApplyAll(const schema::TablePtr& table, const std::vector<std::string>& mutations, benchmark::State& state) {
  int64_t rows = 0;
  for (auto _ : state) {
    auto memtable = std::make_unique<Memtable>(table);
    for (const std::string& mutation : mutations) CASSETTE_ASSERT(memtable->Apply(mutation).ok());
    state.PauseTiming();
    rows += static_cast<int64_t>(memtable->row_count());
    state.counters["bytes_per_row"] =
        static_cast<double>(memtable->memory_bytes()) / static_cast<double>(memtable->row_count());
    memtable.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(rows);
}

void BM_ApplyBatchesOf100InSeriesOrder(benchmark::State& state) {
  const schema::TablePtr table = MetricsTable();
  std::vector<std::string> mutations;
  rows::MutationBuilder builder;
  for (int batch = 0; batch < 5000; ++batch) {
    BeginMutation(*table, "router-" + std::to_string(batch % 50), &builder);
    for (int row = 0; row < 100; ++row) AddSample(*table, "cpu", kStart + (batch * 100 + row) * 1000, &builder);
    mutations.emplace_back(builder.bytes());
  }
  ApplyAll(table, mutations, state);
}

void BM_ApplySingleRowsRoundRobin(benchmark::State& state) {
  const schema::TablePtr table = MetricsTable();
  std::vector<std::string> mutations;
  rows::MutationBuilder builder;
  for (int i = 0; i < 500000; ++i) {
    const int series = i % 1000;
    BeginMutation(*table, "router-" + std::to_string(series / 10), &builder);
    AddSample(*table, "metric-" + std::to_string(series % 10), kStart + i / 1000 * 60000, &builder);
    mutations.emplace_back(builder.bytes());
  }
  ApplyAll(table, mutations, state);
}

void BM_ApplyOneRowPartitions(benchmark::State& state) {
  const schema::TablePtr table = MakeTable(0);
  std::vector<std::string> mutations;
  rows::MutationBuilder builder;
  const rows::Liveness liveness{kStart * 1000, rows::kNoTtl, rows::kNeverExpires};
  for (int64_t i = 0; i < state.range(0); ++i) {
    BeginMutation(*table, Big64(i), &builder);
    AddInsert("", liveness, static_cast<int32_t>(i), i, "12345678", &builder);
    mutations.emplace_back(builder.bytes());
  }
  ApplyAll(table, mutations, state);
}

void BM_ApplyRandomOrder(benchmark::State& state) {
  const schema::TablePtr table = MetricsTable();
  std::vector<std::string> mutations;
  rows::MutationBuilder builder;
  base::Random random(1);
  for (int i = 0; i < 300000; ++i) {
    BeginMutation(*table, "router-" + std::to_string(random.Below(50)), &builder);
    AddSample(*table, "cpu", kStart + static_cast<int64_t>(random.Below(1 << 20)) * 1000, &builder);
    mutations.emplace_back(builder.bytes());
  }
  ApplyAll(table, mutations, state);
}

void FillSeries(const schema::Table& table, int rows, Memtable* memtable) {
  rows::MutationBuilder builder;
  for (int row = 0; row < rows; row += 100) {
    BeginMutation(table, "router-1", &builder);
    for (int i = row; i < row + 100; ++i) AddSample(table, "cpu", kStart + i * 1000, &builder);
    CASSETTE_ASSERT(memtable->Apply(builder.bytes()).ok());
  }
}

void BM_ScanSeries(benchmark::State& state) {
  const schema::TablePtr table = MetricsTable();
  Memtable memtable(table);
  FillSeries(*table, 300000, &memtable);
  rows::RowBlock block;
  int64_t rows = 0;
  for (auto _ : state) {
    const auto source = memtable.Scan();
    while (*source->Next(&block)) rows += block.row_count;
  }
  state.SetItemsProcessed(rows);
}

void BM_ScanOneRowPartitions(benchmark::State& state) {
  const schema::TablePtr table = MakeTable(0);
  Memtable memtable(table);
  rows::MutationBuilder builder;
  const rows::Liveness liveness{kStart * 1000, rows::kNoTtl, rows::kNeverExpires};
  for (int64_t i = 0; i < 200000; ++i) {
    BeginMutation(*table, Big64(i), &builder);
    AddInsert("", liveness, static_cast<int32_t>(i), i, "12345678", &builder);
    CASSETTE_ASSERT(memtable.Apply(builder.bytes()).ok());
  }
  rows::RowBlock block;
  int64_t rows = 0;
  for (auto _ : state) {
    const auto source = memtable.Scan();
    while (*source->Next(&block)) rows += block.row_count;
  }
  state.SetItemsProcessed(rows);
}

void BM_PointReadInSeries(benchmark::State& state) {
  const schema::TablePtr table = MetricsTable();
  Memtable memtable(table);
  FillSeries(*table, 100000, &memtable);
  const std::string key = "router-1";
  rows::ReadRange range;
  range.key = &key;
  range.token = codec::Murmur3Token(key);
  range.columns = {kValue};
  base::Random random(1);
  rows::RowBlock block;
  for (auto _ : state) {
    const std::string row = Clustering(*table, "cpu", kStart + static_cast<int64_t>(random.Below(100000)) * 1000);
    range.slices = {{{row, rows::ClusteringBound::Side::kBefore}, {row, rows::ClusteringBound::Side::kAfter}}};
    CASSETTE_ASSERT(*memtable.Read(range)->Next(&block));
    CASSETTE_ASSERT(block.row_count == 1);
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_BuildInsertOfThreeCells(benchmark::State& state) {
  const schema::TablePtr table = MakeTable(1);
  rows::MutationBuilder builder;
  const rows::Liveness liveness{kStart * 1000, rows::kNoTtl, rows::kNeverExpires};
  const std::string clustering = Clustering(*table, "", kStart);
  const std::string count = Big32(1);
  const std::string value = Big64(2);
  for (auto _ : state) {
    builder.Begin(table->id, 1, "router-1");
    builder.BeginRow(clustering);
    builder.SetLiveness(liveness);
    builder.AddCell(kCount, LiveCell(liveness, count));
    builder.AddCell(kValue, LiveCell(liveness, value));
    builder.AddCell(kNote, LiveCell(liveness, "12345678"));
    benchmark::DoNotOptimize(builder.bytes().data());
  }
}

void BM_ReadInsertOfThreeCells(benchmark::State& state) {
  const schema::TablePtr table = MakeTable(1);
  rows::MutationBuilder builder;
  const rows::Liveness liveness{kStart * 1000, rows::kNoTtl, rows::kNeverExpires};
  BeginMutation(*table, "router-1", &builder);
  for (int row = 0; row < 100; ++row)
    AddInsert(Clustering(*table, "", kStart + row), liveness, 1, 2, "12345678", &builder);
  for (auto _ : state) {
    auto reader = rows::MutationReader::Open(builder.bytes());
    rows::MutationReader::Cell cell;
    while (*reader->Next() == rows::MutationReader::Update::kRow) {
      for (uint32_t left = reader->cell_count(); left > 0; --left) CASSETTE_ASSERT(reader->NextCell(&cell).ok());
    }
  }
  state.SetItemsProcessed(state.iterations() * 100);
}

BENCHMARK(BM_BuildInsertOfThreeCells);
BENCHMARK(BM_ReadInsertOfThreeCells);
BENCHMARK(BM_ApplyBatchesOf100InSeriesOrder)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ApplySingleRowsRoundRobin)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ApplyOneRowPartitions)->Arg(500000)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ApplyRandomOrder)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ScanSeries)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ScanOneRowPartitions)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_PointReadInSeries);

}  // namespace
}  // namespace cassette::storage::memtable
