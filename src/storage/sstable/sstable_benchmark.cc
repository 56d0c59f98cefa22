// How many rows a second one core writes, scans and finds. Built with CASSETTE_BENCH.
#include <benchmark/benchmark.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "codec/murmur3.h"
#include "io/mem_file_system.h"
#include "storage/sstable/sstable_reader.h"
#include "storage/sstable/sstable_writer.h"
#include "storage/sstable/test_model.h"

namespace cassette::storage::sstable {
namespace {

constexpr char kPath[] = "/data/1.sst";
constexpr uint32_t kMetrics = 5;
constexpr uint32_t kSamples = 2016;  // A week of five minutes.
constexpr uint32_t kRowsPerBlock = columnar::kMaxVectorRows;

// Weeks of `resources` resources, as the bulk loader hands them over: blocks of one metric's samples.
std::vector<rows::RowBlock> MetricBlocks(uint32_t resources) {
  base::Random random(1);
  std::vector<std::pair<rows::Token, std::string>> keys;
  for (uint32_t resource = 0; resource < resources; ++resource) {
    const std::string name = "resource-" + std::to_string(resource);
    const std::string year = testing::Int64Bytes(types::TypeKind::kInt, 2025);
    const std::string week = testing::Int64Bytes(types::TypeKind::kInt, 7);
    const std::vector<std::string_view> components = {name, year, week};
    std::string key;
    CASSETTE_ASSERT(rows::AppendPartitionKey(components, &key).ok());
    keys.emplace_back(codec::Murmur3Token(key), key);
  }
  std::sort(keys.begin(), keys.end());
  std::vector<rows::RowBlock> blocks;
  for (const auto& [token, key] : keys) {
    for (uint32_t metric = 0; metric < kMetrics; ++metric) {
      double level = 40 + 10 * random.Uniform();
      for (uint32_t begin = 0; begin < kSamples; begin += kRowsPerBlock) {
        const uint32_t count = std::min(kRowsPerBlock, kSamples - begin);
        rows::RowBlock block;
        block.row_count = count;
        block.all_live = true;
        block.partitions.push_back({0, token, key, nullptr, metric > 0 || begin > 0});
        columnar::Vector names(types::PhysicalType::kBytes);
        names.AppendBytes("metric_number_" + std::to_string(metric));
        names.MakeConstant(count);
        columnar::Vector times(types::PhysicalType::kInt64);
        rows::CellColumn values;
        values.id = schema::ColumnId(7);
        values.same_as_liveness = true;
        values.values.Reset(types::PhysicalType::kDouble);
        for (uint32_t i = 0; i < count; ++i) {
          times.AppendInt64(1'739'000'000'000 - int64_t{300'000} * (begin + i));
          level += random.Normal();
          values.values.AppendDouble(std::round(level * 100) / 100);
        }
        block.clustering.push_back(std::move(names));
        block.clustering.push_back(std::move(times));
        block.timestamps.SetConstant(1'740'000'000'000'000);
        block.cells.push_back(std::move(values));
        blocks.push_back(std::move(block));
      }
    }
  }
  return blocks;
}

// One-row partitions of users (id, name, age).
std::vector<rows::RowBlock> UserBlocks(uint64_t users) {
  std::vector<std::pair<rows::Token, std::string>> keys;
  for (uint64_t id = 0; id < users; ++id) {
    std::string key = testing::Int64Bytes(types::TypeKind::kBigint, static_cast<int64_t>(id));
    keys.emplace_back(codec::Murmur3Token(key), std::move(key));
  }
  std::sort(keys.begin(), keys.end());
  std::vector<rows::RowBlock> blocks;
  for (size_t begin = 0; begin < keys.size(); begin += kRowsPerBlock) {
    rows::RowBlock block;
    block.cells.resize(2);
    block.cells[0].id = schema::ColumnId(2);
    block.cells[0].values.Reset(types::PhysicalType::kBytes);
    block.cells[1].id = schema::ColumnId(3);
    block.cells[1].values.Reset(types::PhysicalType::kInt64);
    for (rows::CellColumn& column : block.cells) column.same_as_liveness = true;
    block.timestamps.SetConstant(1'740'000'000'000'000);
    for (size_t i = begin; i < std::min<size_t>(keys.size(), begin + kRowsPerBlock); ++i) {
      block.partitions.push_back({block.row_count, keys[i].first, keys[i].second, nullptr, false});
      block.cells[0].values.AppendBytes("user-" + testing::Hex(keys[i].second));
      block.cells[1].values.AppendInt64(static_cast<uint8_t>(keys[i].second[7]) % 90);
      ++block.row_count;
    }
    blocks.push_back(std::move(block));
  }
  return blocks;
}

SstableStatistics Write(io::FileSystem& file_system, schema::TablePtr table,
                        const std::vector<rows::RowBlock>& blocks) {
  CASSETTE_ASSERT(file_system.CreateDirs("/data").ok());
  auto writer = SstableWriter::Create(file_system, kPath, std::move(table), WriterOptions());
  CASSETTE_ASSERT(writer.ok());
  for (const rows::RowBlock& block : blocks) CASSETTE_ASSERT((*writer)->Add(block).ok());
  auto statistics = (*writer)->Finish();
  CASSETTE_ASSERT(statistics.ok());
  return *statistics;
}

void CountRows(benchmark::State& state, const SstableStatistics& statistics) {
  state.counters["rows/s"] = benchmark::Counter(
      static_cast<double>(statistics.row_count) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["bytes/row"] = static_cast<double>(statistics.file_bytes) / static_cast<double>(statistics.row_count);
}

void WriteMetrics(benchmark::State& state) {
  const std::vector<rows::RowBlock> blocks = MetricBlocks(100);
  SstableStatistics statistics;
  for (auto _ : state) {
    io::MemFileSystem file_system(false);
    statistics = Write(file_system, testing::MetricsTable(), blocks);
  }
  CountRows(state, statistics);
}
BENCHMARK(WriteMetrics)->Unit(benchmark::kMillisecond);

void WriteUsers(benchmark::State& state) {
  const std::vector<rows::RowBlock> blocks = UserBlocks(1'000'000);
  SstableStatistics statistics;
  for (auto _ : state) {
    io::MemFileSystem file_system(false);
    statistics = Write(file_system, testing::UsersTable(), blocks);
  }
  CountRows(state, statistics);
}
BENCHMARK(WriteUsers)->Unit(benchmark::kMillisecond);

struct Opened {
  io::MemFileSystem file_system{false};
  BlockCache cache{256 << 20};
  SstableStatistics statistics;
  std::unique_ptr<SstableReader> reader;

  Opened(schema::TablePtr table, const std::vector<rows::RowBlock>& blocks) {
    statistics = Write(file_system, std::move(table), blocks);
    auto opened = SstableReader::Open(file_system, kPath, nullptr, &cache);
    CASSETTE_ASSERT(opened.ok());
    reader = std::move(*opened);
  }
};

uint64_t ReadAll(const SstableReader& reader, const rows::ReadRange& range, const ReadOptions& options,
                 rows::RowBlock* block) {
  ReadCounters counters;
  auto source = reader.Read(range, options, counters);
  uint64_t rows = 0;
  for (;;) {
    auto more = source->Next(block);
    CASSETTE_ASSERT(more.ok());
    if (!*more) return rows;
    rows += block->row_count;
  }
}

void Scan(benchmark::State& state, const Opened& table, const std::vector<schema::ColumnId>& columns) {
  rows::ReadRange range;
  range.columns = columns;
  ReadOptions options;
  options.bypass_cache = true;
  rows::RowBlock block;
  for (auto _ : state) {
    CASSETTE_ASSERT(ReadAll(*table.reader, range, options, &block) == table.statistics.row_count);
  }
  CountRows(state, table.statistics);
}

void ScanMetrics(benchmark::State& state) {
  const Opened table(testing::MetricsTable(), MetricBlocks(100));
  Scan(state, table, {schema::ColumnId(7)});
}
BENCHMARK(ScanMetrics)->Unit(benchmark::kMillisecond);

void ScanUsers(benchmark::State& state) {
  const Opened table(testing::UsersTable(), UserBlocks(1'000'000));
  Scan(state, table, {schema::ColumnId(2), schema::ColumnId(3)});
}
BENCHMARK(ScanUsers)->Unit(benchmark::kMillisecond);

// Random reads of whole one-row partitions, filter included, everything in the cache.
void FindUsers(benchmark::State& state) {
  const uint64_t users = static_cast<uint64_t>(state.range(0));
  const Opened table(testing::UsersTable(), UserBlocks(users));
  base::Random random(3);
  rows::ReadRange range;
  range.columns = {schema::ColumnId(2), schema::ColumnId(3)};
  rows::RowBlock block;
  const auto find = [&] {
    const std::string key = testing::Int64Bytes(types::TypeKind::kBigint, static_cast<int64_t>(random.Below(users)));
    range.key = &key;
    range.token = codec::Murmur3Token(key);
    CASSETTE_ASSERT(*table.reader->MayContain(range.token));
    CASSETTE_ASSERT(ReadAll(*table.reader, range, ReadOptions(), &block) == 1);
  };
  for (uint64_t i = 0; i < users / 64; ++i) find();
  for (auto _ : state) find();
  state.counters["reads/s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(FindUsers)->Arg(1'000'000)->Arg(5'000'000);

// One metric's day out of a week of five metrics.
void ReadDay(benchmark::State& state) {
  const std::vector<rows::RowBlock> blocks = MetricBlocks(100);
  const Opened table(testing::MetricsTable(), blocks);
  const std::string key = blocks[0].partitions[0].key;
  rows::ReadRange range;
  range.key = &key;
  range.token = blocks[0].partitions[0].token;
  range.columns = {schema::ColumnId(7)};
  const auto position = [](uint32_t sample) {
    return testing::PositionOf(*testing::MetricsTable(),
                               {"metric_number_2", testing::Int64Bytes(types::TypeKind::kTimestamp,
                                                                       1'739'000'000'000 - int64_t{300'000} * sample)});
  };
  range.slices[0].start = {position(500), rows::ClusteringBound::Side::kBefore};
  range.slices[0].end = {position(788), rows::ClusteringBound::Side::kBefore};
  rows::RowBlock block;
  for (auto _ : state) CASSETTE_ASSERT(ReadAll(*table.reader, range, ReadOptions(), &block) == 288);
  state.counters["reads/s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(ReadDay);

}  // namespace
}  // namespace cassette::storage::sstable
