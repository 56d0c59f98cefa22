// Time-series rows in: one prepared INSERT a call, batches of one partition, the bulk writer, the generator.
#include "bench/write_workloads.h"

#include <fmt/format.h>

#include <thread>

#include "bench/bench_database.h"
#include "bench/stopwatch.h"
#include "model/derive.h"
#include "model/model.h"
#include "netmon/network_generator.h"
#include "pipeline/run.h"

namespace cassette::bench {
namespace {

constexpr int64_t kFirstMs = 1'735'516'800'000;  // 2024-12-30T00:00:00Z
constexpr uint32_t kSeries = 1000;
constexpr uint32_t kBatchRows = 100;
// CPU time of RocksDB a row (bench/rocksdb_peer.cc; docs/performance.md has machine and command).
constexpr double kRocksDbPutNs = 6037;
constexpr double kRocksDbBatchNs = 1329;

struct Cells {
  std::string resource;
  std::string metric;
};

std::vector<Cells> MakeSeries() {
  std::vector<Cells> series;
  for (uint32_t i = 0; i < kSeries; ++i) series.push_back({netmon::ResourceName(i / 5), netmon::MetricName(i % 5)});
  return series;
}

void Bind(const Cells& cells, int64_t at_ms, double value, session::Values* values) {
  values->Clear();
  values->Text(cells.resource).Int(2025).Int(1).Text(cells.metric).Bigint(at_ms).Double(value);
}

Figure Rate(std::string name, uint64_t operations, const Stopwatch& watch, double target) {
  Figure figure;
  figure.name = std::move(name);
  figure.value = static_cast<double>(operations) / watch.seconds();
  figure.unit = "rows/s";
  figure.target = target;
  figure.cpu_ns_per_operation = watch.cpu_seconds() * 1e9 / static_cast<double>(operations);
  return figure;
}

}  // namespace

base::Status RunInserts(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures) {
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<BenchDatabase> database,
                            BenchDatabase::Make("insert", options, environment));
  CASSETTE_RETURN_IF_ERROR(database->CreateMetrics());
  CASSETTE_ASSIGN_OR_RETURN(const session::PreparedPtr insert, database->session().Prepare(kInsertMetric));
  const std::vector<Cells> series = MakeSeries();
  const uint64_t rows = static_cast<uint64_t>(1'000'000 * options.scale);
  session::Values values;
  const session::QueryOptions query_options;
  const Stopwatch watch(*environment.clock);
  for (uint64_t row = 0; row < rows; ++row) {
    Bind(series[row % kSeries], kFirstMs + static_cast<int64_t>(row / kSeries) * 60'000,
         static_cast<double>(row % 977) / 100, &values);
    CASSETTE_RETURN_IF_ERROR(database->session().Execute(*insert, values, query_options));
  }
  Figure figure = Rate("one prepared INSERT a call", rows, watch, 1e6);
  figure.rocksdb_ns_per_operation = kRocksDbPutNs;
  figures(figure);
  return base::Status::Ok();
}

base::Status RunBatches(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures) {
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<BenchDatabase> database,
                            BenchDatabase::Make("batch", options, environment));
  CASSETTE_RETURN_IF_ERROR(database->CreateMetrics());
  CASSETTE_ASSIGN_OR_RETURN(const session::PreparedPtr insert, database->session().Prepare(kInsertMetric));
  const std::vector<Cells> series = MakeSeries();
  const uint64_t batches = static_cast<uint64_t>(40'000 * options.scale);
  std::vector<session::Values> values(kBatchRows);
  std::vector<session::BatchEntry> entries;
  for (const session::Values& row : values) entries.push_back({insert.get(), &row});
  const Stopwatch watch(*environment.clock);
  for (uint64_t batch = 0; batch < batches; ++batch) {
    for (uint32_t row = 0; row < kBatchRows; ++row) {
      const int64_t slot = static_cast<int64_t>(batch / kSeries) * kBatchRows + row;
      Bind(series[batch % kSeries], kFirstMs + slot * 60'000, static_cast<double>(slot % 977) / 100, &values[row]);
    }
    CASSETTE_RETURN_IF_ERROR(
        database->session().ExecuteBatch(session::BatchKind::kUnlogged, entries, session::QueryOptions()));
  }
  Figure figure = Rate("unlogged batches of 100 rows of a partition", batches * kBatchRows, watch, 4e6);
  figure.rocksdb_ns_per_operation = kRocksDbBatchNs;
  figures(figure);
  return base::Status::Ok();
}

base::Status RunBulk(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures) {
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<BenchDatabase> database,
                            BenchDatabase::Make("bulk", options, environment));
  CASSETTE_RETURN_IF_ERROR(database->CreateMetrics());
  CASSETTE_ASSIGN_OR_RETURN(const session::PreparedPtr insert, database->session().Prepare(kInsertMetric));
  netmon::NetworkSettings settings;
  settings.from_ms = kFirstMs;
  settings.days = 7;
  settings.resources = std::max(1u, static_cast<uint32_t>(800 * options.scale));
  // Made beforehand, so that only the writer is measured.
  std::vector<netmon::SampleBatch> samples(1);
  netmon::NetworkGenerator generator(settings, 0, settings.resources);
  while (generator.Next(&samples.back())) samples.emplace_back();
  samples.pop_back();
  columnar::Vector year(columnar::PhysicalType::kInt64);
  columnar::Vector week(columnar::PhysicalType::kInt64);
  const Stopwatch watch(*environment.clock);
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<session::BulkWriter> writer,
                            database->session().OpenBulkWriter(insert));
  for (const netmon::SampleBatch& batch : samples) {
    for (const auto& [vector, value] : {std::pair{&year, 2025}, std::pair{&week, 1}}) {
      vector->Reset(columnar::PhysicalType::kInt64);
      vector->AppendInt64(value);
      vector->MakeConstant(batch.row_count);
    }
    const columnar::Vector* vectors[] = {&batch.resource,     &year,       &week, &batch.metric_name,
                                         &batch.collected_at, &batch.value};
    CASSETTE_RETURN_IF_ERROR(writer->Append(vectors, batch.row_count, kFirstMs * 1000));
  }
  CASSETTE_RETURN_IF_ERROR(writer->Commit());
  figures(Rate("bulk writer", writer->rows(), watch, 8e6));
  return base::Status::Ok();
}

base::Status RunNetwork(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures) {
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<BenchDatabase> database,
                            BenchDatabase::Make("network", options, environment));
  const uint32_t resources = std::max(2u, static_cast<uint32_t>(200 * options.scale));
  const std::string yaml = fmt::format(
      "keyspace: bench\nsource: {{generate: network_metrics, resources: {}, metrics: 5, every: 5m, from: 2024-12-30, "
      "days: 365}}\nqueries:\n  metrics_by_resource_week: {{find: [value], by: {{resource: equals, collected_at: "
      "range}}, "
      "each: metric_name, order: 'metric_name, collected_at desc', bucket: week}}\n",
      resources);
  CASSETTE_ASSIGN_OR_RETURN(const model::Model model, model::ParseModel(yaml, "network"));
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<model::DerivedTable> tables, model::DeriveTables(model));
  pipeline::RunOptions run_options;
  run_options.threads = options.threads;
  run_options.verify = false;
  const pipeline::RunEnvironment run_environment{environment.file_system, environment.clock, &database->session()};
  pipeline::RunReport report;
  const Stopwatch watch(*environment.clock);
  CASSETTE_RETURN_IF_ERROR(pipeline::Run(model, tables, run_options, run_environment, nullptr, &report));
  // The target is 105.12 M rows in 15 s.
  Figure figure = Rate(fmt::format("{} M network rows generated and stored", report.rows / 1'000'000), report.rows,
                       watch, 105.12e6 / 15);
  figure.note = fmt::format("{:.1f} s on {} threads, peak memory {} MB", watch.seconds(), options.threads,
                            PeakMemoryBytes() >> 20);
  figures(figure);
  Figure size;
  size.name = "bytes a generated sample, keys and write times included";
  size.value =
      static_cast<double>(database->StoredBytes("metrics_by_resource_week")) / static_cast<double>(report.rows);
  size.unit = "bytes/row";
  size.target = 2.0;
  size.lower_is_better = true;
  figures(size);
  CASSETTE_RETURN_IF_ERROR(database->Close());
  const Stopwatch start(*environment.clock);
  CASSETTE_RETURN_IF_ERROR(database->Open());
  CASSETTE_RETURN_IF_ERROR(
      database->session().Execute("SELECT value FROM bench.metrics_by_resource_week WHERE resource = 'router-000' AND "
                                  "year = 2025 AND week_of_year = 5 LIMIT 1"));
  Figure opened;
  opened.name = "start to first answer on that directory";
  opened.value = start.seconds() * 1000;
  opened.unit = "ms";
  opened.target = 20;
  opened.lower_is_better = true;
  opened.cpu_ns_per_operation = start.cpu_seconds() * 1e9;
  figures(opened);
  return base::Status::Ok();
}

}  // namespace cassette::bench
