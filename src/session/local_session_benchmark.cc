// What a statement costs through a session on a database in memory.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "io/mem_file_system.h"
#include "session/local_session.h"

namespace cassette::session {
namespace {

constexpr int kBatchRows = 100;

struct Place {
  io::MemFileSystem file_system;
  base::SystemClock clock;
  base::NullLogger logger;
  std::unique_ptr<LocalDatabase> database;
  std::unique_ptr<Session> session;

  Place() {
    LocalEnvironment environment;
    environment.file_system = &file_system;
    environment.clock = &clock;
    environment.logger = &logger;
    database = *LocalDatabase::Open("/data", LocalOptions(), environment);
    session = database->NewSession();
    Must("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    Must("USE ks");
    Must("CREATE TABLE samples (id bigint, at timestamp, value double, PRIMARY KEY (id, at))");
  }
  ~Place() {
    session.reset();
    (void)database->Close().ok();
  }
  ResultPage Must(std::string_view cql) {
    base::Result<ResultPage> page = session->Execute(cql);
    CASSETTE_ASSERT(page.ok());
    return *std::move(page);
  }
};

constexpr char kInsert[] = "INSERT INTO samples (id, at, value) VALUES (?, ?, ?)";

void PreparedInsert(benchmark::State& state) {
  Place place;
  const PreparedPtr insert = *place.session->Prepare(kInsert);
  const QueryOptions options;
  Values values;
  int64_t row = 0;
  for (auto _ : state) {
    values.Clear();
    values.Bigint(row / 1000).Bigint(row).Double(0.5 * static_cast<double>(row));
    CASSETTE_ASSERT(place.session->Execute(*insert, values, options).ok());
    ++row;
  }
  state.SetItemsProcessed(row);
}
BENCHMARK(PreparedInsert);

// The same with a condition: the row is looked for first.
void PreparedInsertIfNotExists(benchmark::State& state) {
  Place place;
  const PreparedPtr insert = *place.session->Prepare(std::string(kInsert) + " IF NOT EXISTS");
  const QueryOptions options;
  Values values;
  int64_t row = 0;
  for (auto _ : state) {
    values.Clear();
    values.Bigint(row / 1000).Bigint(row).Double(0.5 * static_cast<double>(row));
    CASSETTE_ASSERT(place.session->Execute(*insert, values, options).ok());
    ++row;
  }
  state.SetItemsProcessed(row);
}
BENCHMARK(PreparedInsertIfNotExists);

void PreparedBatch(benchmark::State& state) {
  Place place;
  const PreparedPtr insert = *place.session->Prepare(kInsert);
  const QueryOptions options;
  std::vector<Values> values(kBatchRows);
  std::vector<BatchEntry> entries(kBatchRows);
  int64_t row = 0;
  for (auto _ : state) {
    for (int i = 0; i < kBatchRows; ++i, ++row) {
      values[i].Clear();
      values[i].Bigint(row / 1000).Bigint(row).Double(0.5 * static_cast<double>(row));
      entries[i] = {insert.get(), &values[i]};
    }
    CASSETTE_ASSERT(place.session->ExecuteBatch(BatchKind::kUnlogged, entries, options).ok());
  }
  state.SetItemsProcessed(row);
}
BENCHMARK(PreparedBatch);

void SelectOneRow(benchmark::State& state) {
  Place place;
  const PreparedPtr insert = *place.session->Prepare(kInsert);
  for (int64_t row = 0; row < 100'000; ++row) {
    CASSETTE_ASSERT(
        place.session->Execute(*insert, Values().Bigint(row / 100).Bigint(row).Double(1), QueryOptions()).ok());
  }
  const PreparedPtr select = *place.session->Prepare("SELECT value FROM samples WHERE id = ? AND at = ?");
  const QueryOptions options;
  Values values;
  int64_t row = 0;
  for (auto _ : state) {
    values.Clear();
    row = (row + 7919) % 100'000;
    values.Bigint(row / 100).Bigint(row);
    const base::Result<ResultPage> page = place.session->Execute(*select, values, options);
    CASSETTE_ASSERT(page.ok() && page->row_count() == 1);
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
}
BENCHMARK(SelectOneRow);

// A million rows of one partition, without paging; after a flush.
void SelectPartition(benchmark::State& state) {
  Place place;
  const PreparedPtr insert = *place.session->Prepare(kInsert);
  constexpr int64_t kRows = 1'000'000;
  std::vector<Values> values(kBatchRows);
  std::vector<BatchEntry> entries(kBatchRows);
  for (int64_t row = 0; row < kRows;) {
    for (int i = 0; i < kBatchRows; ++i, ++row) {
      values[i].Clear();
      values[i].Bigint(1).Bigint(row * 1000).Double(0.5 * static_cast<double>(row % 1000));
      entries[i] = {insert.get(), &values[i]};
    }
    CASSETTE_ASSERT(place.session->ExecuteBatch(BatchKind::kUnlogged, entries, QueryOptions()).ok());
  }
  CASSETTE_ASSERT(place.database->engine().Flush(nullptr).ok());
  const PreparedPtr select =
      *place.session->Prepare(state.range(0) == 0 ? "SELECT at, value FROM samples WHERE id = 1"
                                                  : "SELECT count(*), avg(value), max(at) FROM samples WHERE id = 1");
  QueryOptions options;
  options.page_rows = 0;
  for (auto _ : state) {
    const base::Result<ResultPage> page = place.session->Execute(*select, Values(), options);
    CASSETTE_ASSERT(page.ok());
    benchmark::DoNotOptimize(page->row_count());
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * kRows);
}
BENCHMARK(SelectPartition)->Arg(0)->Arg(1);

}  // namespace
}  // namespace cassette::session
