// The engine's main paths on the machine's disk: bulk load and scan of series, single writes, point reads.
#include <benchmark/benchmark.h>

#include <filesystem>

#include "base/random.h"
#include "io/posix_file_system.h"
#include "storage/engine/test_support.h"

namespace cassette::storage::engine {
namespace {

using testing::Insert;
using testing::KeyOf;
using testing::ReadAll;

// network: (resource text, year int, week int), metric text, at timestamp desc, value double.
schema::Table SeriesTable() {
  schema::Table table;
  table.id.bytes[0] = 42;
  table.keyspace = "ks";
  table.name = "series";
  const auto add = [&](const char* name, types::TypeKind type, schema::ColumnKind kind, bool descending = false) {
    schema::Column column;
    column.id = schema::ColumnId(table.next_column_id++);
    column.name = name;
    column.type = types::DataType(type);
    column.kind = kind;
    column.position = static_cast<uint32_t>(table.columns.size());
    column.descending = descending;
    table.columns.push_back(column);
  };
  add("resource", types::TypeKind::kText, schema::ColumnKind::kPartitionKey);
  add("year", types::TypeKind::kInt, schema::ColumnKind::kPartitionKey);
  add("week", types::TypeKind::kInt, schema::ColumnKind::kPartitionKey);
  add("metric", types::TypeKind::kText, schema::ColumnKind::kClustering);
  add("at", types::TypeKind::kTimestamp, schema::ColumnKind::kClustering, true);
  add("value", types::TypeKind::kDouble, schema::ColumnKind::kRegular);
  table.Finish();
  return table;
}

class Directory {
 public:
  Directory() : path_(std::filesystem::temp_directory_path() / "cassette_engine_benchmark") {
    std::filesystem::remove_all(path_);
  }
  ~Directory() {
    engine_->Close().ok();
    engine_ = nullptr;
    std::filesystem::remove_all(path_);
  }
  Engine* Open(const EngineOptions& options) {
    EngineEnvironment environment{&files_, &clock_, &logger_, 1};
    auto opened = Engine::Open(path_.string(), options, environment);
    CASSETTE_ASSERT(opened.ok());
    engine_ = std::move(opened).value();
    return engine_.get();
  }

 private:
  const std::filesystem::path path_;
  io::PosixFileSystem files_;
  base::SystemClock clock_;
  base::NullLogger logger_;
  std::unique_ptr<Engine> engine_;
};

columnar::Vector ConstantText(std::string_view text, uint32_t rows) {
  columnar::Vector vector(types::PhysicalType::kBytes);
  vector.AppendBytes(text);
  vector.MakeConstant(rows);
  return vector;
}
columnar::Vector ConstantInt(int64_t value, uint32_t rows) {
  columnar::Vector vector(types::PhysicalType::kInt64);
  vector.AppendInt64(value);
  vector.MakeConstant(rows);
  return vector;
}

constexpr uint32_t kSamplesPerWeek = 2016;
constexpr int kMetrics = 5;

uint64_t LoadSeries(Engine* engine, const schema::Table& table, int resources, int weeks) {
  auto load = engine->BeginBulkLoad(table.id);
  CASSETTE_ASSERT(load.ok());
  std::vector<schema::ColumnId> columns;
  for (const schema::Column& column : table.columns) columns.push_back(column.id);
  base::Random random(1);
  columnar::Vector values(types::PhysicalType::kDouble);
  for (uint32_t i = 0; i < kSamplesPerWeek; ++i) {
    values.AppendDouble(static_cast<double>(random.Below(100000)) / 100.0);
  }
  for (int resource = 0; resource < resources; ++resource) {
    const auto resources_vector = ConstantText("router-" + std::to_string(resource), kSamplesPerWeek);
    for (int week = 0; week < weeks; ++week) {
      const auto year = ConstantInt(2024, kSamplesPerWeek);
      const auto week_vector = ConstantInt(week, kSamplesPerWeek);
      columnar::Vector at(types::PhysicalType::kInt64);
      for (uint32_t i = 0; i < kSamplesPerWeek; ++i) at.AppendInt64(1704067200000 + (week * 2016ll + i) * 300000);
      for (int metric = 0; metric < kMetrics; ++metric) {
        const auto metric_vector = ConstantText("metric_" + std::to_string(metric), kSamplesPerWeek);
        const columnar::Vector* vectors[] = {&resources_vector, &year, &week_vector, &metric_vector, &at, &values};
        CASSETTE_ASSERT((*load)->Append(columns, vectors, kSamplesPerWeek, 1'700'000'000'000'000).ok());
      }
    }
  }
  const uint64_t rows = (*load)->rows();
  CASSETTE_ASSERT((*load)->Commit().ok());
  return rows;
}

void BM_BulkLoadSeries(benchmark::State& state) {
  uint64_t rows = 0;
  uint64_t bytes = 0;
  for (auto _ : state) {
    Directory directory;
    EngineOptions options;
    options.background_threads = 0;
    Engine* engine = directory.Open(options);
    CASSETTE_ASSERT(testing::CreateTable(engine, SeriesTable()).ok());
    rows += LoadSeries(engine, SeriesTable(), 10, 52);
    bytes = engine->Statistics().sstable_bytes;
  }
  state.SetItemsProcessed(static_cast<int64_t>(rows));
  state.counters["bytes_a_row"] =
      static_cast<double>(bytes) * static_cast<double>(state.iterations()) / static_cast<double>(rows);
}
BENCHMARK(BM_BulkLoadSeries)->Unit(benchmark::kMillisecond)->MinTime(0.1);

// Rows of one partition each, in random order.
void BM_BulkLoadRows(benchmark::State& state) {
  uint64_t rows = 0;
  const schema::Table table = testing::MakeTable();
  for (auto _ : state) {
    Directory directory;
    EngineOptions options;
    options.background_threads = 0;
    Engine* engine = directory.Open(options);
    CASSETTE_ASSERT(testing::CreateTable(engine, table).ok());
    auto load = engine->BeginBulkLoad(table.id);
    base::Random random(1);
    std::vector<schema::ColumnId> columns;
    for (const char* name : {"k", "c", "v", "w"}) columns.push_back(table.FindColumn(name)->id);
    for (int call = 0; call < 500; ++call) {
      columnar::Vector k(types::PhysicalType::kInt64);
      columnar::Vector w(types::PhysicalType::kBytes);
      for (int i = 0; i < 1024; ++i) {
        k.AppendInt64(static_cast<int32_t>(random.Next()));
        w.AppendBytes("a song title of usual length");
      }
      const columnar::Vector* vectors[] = {&k, &k, &k, &w};
      CASSETTE_ASSERT((*load)->Append(columns, vectors, 1024, 1).ok());
    }
    rows += (*load)->rows();
    CASSETTE_ASSERT((*load)->Commit().ok());
    load->reset();
  }
  state.SetItemsProcessed(static_cast<int64_t>(rows));
}
BENCHMARK(BM_BulkLoadRows)->Unit(benchmark::kMillisecond)->MinTime(0.1);

void BM_ScanSeries(benchmark::State& state) {
  Directory directory;
  EngineOptions options;
  options.background_threads = 0;
  Engine* engine = directory.Open(options);
  CASSETTE_ASSERT(testing::CreateTable(engine, SeriesTable()).ok());
  LoadSeries(engine, SeriesTable(), 10, 52);
  const ReadCommand command = ReadAll(engine->schema()->FindTable("ks", "series"));
  uint64_t rows = 0;
  rows::RowBatch batch;
  for (auto _ : state) {
    auto reader = engine->Read(command, nullptr);
    while (true) {
      auto more = (*reader)->Next(&batch);
      CASSETTE_ASSERT(more.ok());
      if (!*more) break;
      rows += batch.row_count;
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(rows));
}
BENCHMARK(BM_ScanSeries)->Unit(benchmark::kMillisecond);

void BM_Apply(benchmark::State& state) {
  Directory directory;
  Engine* engine = directory.Open({});
  const schema::Table table = testing::MakeTable();
  CASSETTE_ASSERT(testing::CreateTable(engine, table).ok());
  int32_t i = 0;
  for (auto _ : state) {
    CASSETTE_ASSERT(testing::Apply(engine, Insert(table, i % 100000, i, i, "text", i)).ok());
    ++i;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Apply);

// Argument 0: from the memtable; 1: from one SSTable; 2: from four.
void BM_PointRead(benchmark::State& state) {
  Directory directory;
  EngineOptions options;
  options.background_threads = 0;
  Engine* engine = directory.Open(options);
  const schema::Table table = testing::MakeTable();
  CASSETTE_ASSERT(testing::CreateTable(engine, table).ok());
  constexpr int32_t kKeys = 100000;
  const int64_t tables = std::max<int64_t>(1, state.range(0));
  for (int64_t part = 0; part < tables; ++part) {
    for (int32_t k = static_cast<int32_t>(part); k < kKeys; k += static_cast<int32_t>(tables)) {
      CASSETTE_ASSERT(testing::Apply(engine, Insert(table, k, 1, k, "text", 10)).ok());
    }
    if (state.range(0) > 0) CASSETTE_ASSERT(engine->Flush(nullptr).ok());
  }
  ReadCommand command = ReadAll(engine->schema()->FindTable("ks", "t"));
  command.keys.resize(1);
  base::Random random(1);
  rows::RowBatch batch;
  for (auto _ : state) {
    command.keys[0] = KeyOf(static_cast<int32_t>(random.Below(kKeys)));
    auto reader = engine->Read(command, nullptr);
    CASSETTE_ASSERT(*(*reader)->Next(&batch));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_PointRead)->Arg(0)->Arg(1)->Arg(4);

}  // namespace
}  // namespace cassette::storage::engine
