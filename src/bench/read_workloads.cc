#include "bench/read_workloads.h"

#include <fmt/format.h>

#include "base/random.h"
#include "bench/bench_database.h"
#include "bench/stopwatch.h"
#include "io/file_system.h"
#include "model/derive.h"
#include "netmon/network_generator.h"
#include "pipeline/run.h"
#include "samples/music_generator.h"

namespace cassette::bench {
namespace {

constexpr int64_t kFirstMs = 1'735'516'800'000;  // 2024-12-30T00:00:00Z
constexpr int kWarmReads = 5;
constexpr double kRocksDbWeekNs = 240;  // A row, warm; as those of write_workloads.cc.

// Writes `settings`' samples with the bulk writer, all of them in one commit.
base::Status LoadSamples(BenchDatabase& database, const netmon::NetworkSettings& settings, int64_t timestamp_micros) {
  CASSETTE_ASSIGN_OR_RETURN(const session::PreparedPtr insert, database.session().Prepare(kInsertMetric));
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<session::BulkWriter> writer,
                            database.session().OpenBulkWriter(insert));
  netmon::NetworkGenerator generator(settings, 0, settings.resources);
  netmon::SampleBatch batch;
  columnar::Vector year(columnar::PhysicalType::kInt64);
  columnar::Vector week(columnar::PhysicalType::kInt64);
  while (generator.Next(&batch)) {
    for (const auto& [vector, value] : {std::pair{&year, 2025}, std::pair{&week, 1}}) {
      vector->Reset(columnar::PhysicalType::kInt64);
      vector->AppendInt64(value);
      vector->MakeConstant(batch.row_count);
    }
    const columnar::Vector* vectors[] = {&batch.resource,     &year,       &week, &batch.metric_name,
                                         &batch.collected_at, &batch.value};
    CASSETTE_RETURN_IF_ERROR(writer->Append(vectors, batch.row_count, timestamp_micros));
  }
  return writer->Commit();
}

base::Result<uint64_t> ReadAll(session::Session& session, const session::PreparedStatement& select,
                               const session::Values& values) {
  session::QueryOptions options;
  uint64_t rows = 0;
  do {
    CASSETTE_ASSIGN_OR_RETURN(const session::ResultPage page, session.Execute(select, values, options));
    rows += page.row_count();
    options.paging_state = page.paging_state;
  } while (!options.paging_state.empty());
  return rows;
}

Figure Milliseconds(std::string name, double milliseconds, double target) {
  Figure figure;
  figure.name = std::move(name);
  figure.value = milliseconds;
  figure.unit = "ms";
  figure.target = target;
  figure.lower_is_better = true;
  return figure;
}

// Reads `reads` rows of [0, rows) by their keys, twice, of which the second time is measured.
base::Status ReadPoints(session::Session& session, const base::Clock& clock, const session::PreparedStatement& select,
                        uint64_t rows, uint64_t reads, Figure* figure) {
  base::Random random(5);
  session::Values values;
  session::QueryOptions query_options;
  query_options.share_columns = true;
  for (int round = 0; round < 2; ++round) {
    const Stopwatch watch(clock);
    for (uint64_t read = 0; read < reads; ++read) {
      values.Clear();
      values.Bigint(static_cast<int64_t>(random.Below(rows)));
      CASSETTE_ASSIGN_OR_RETURN(const session::ResultPage page, session.Execute(select, values, query_options));
      if (page.row_count() != 1) return base::Corruption("a row that was written is not found");
    }
    figure->value = static_cast<double>(reads) / watch.seconds();
    figure->unit = "reads/s";
    figure->cpu_ns_per_operation = watch.cpu_seconds() * 1e9 / static_cast<double>(reads);
  }
  return base::Status::Ok();
}

}  // namespace

// One resource, 30 metrics, one-minute samples, one week: 302,400 points.
base::Status RunWeek(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures) {
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<BenchDatabase> database,
                            BenchDatabase::Make("week", options, environment));
  CASSETTE_RETURN_IF_ERROR(database->CreateMetrics());
  netmon::NetworkSettings settings;
  settings.from_ms = kFirstMs;
  settings.days = 7;
  settings.every_ms = 60'000;
  settings.metrics = 30;
  settings.resources = 10;
  CASSETTE_RETURN_IF_ERROR(LoadSamples(*database, settings, kFirstMs * 1000));
  CASSETTE_RETURN_IF_ERROR(database->Reopen());
  session::Values values;
  values.Text(netmon::ResourceName(3)).Int(2025).Int(1);
  CASSETTE_ASSIGN_OR_RETURN(
      const session::PreparedPtr select,
      database->session().Prepare("SELECT metric_name, collected_at, value FROM bench.metrics_by_resource_week WHERE "
                                  "resource = ? AND year = ? AND week_of_year = ?"));
  const Stopwatch first(*environment.clock);
  CASSETTE_ASSIGN_OR_RETURN(const uint64_t rows, ReadAll(database->session(), *select, values));
  figures(Milliseconds(fmt::format("a resource-week of {} points, first read", rows), first.seconds() * 1000, 20));
  const Stopwatch warm(*environment.clock);
  for (int i = 0; i < kWarmReads; ++i) CASSETTE_RETURN_IF_ERROR(ReadAll(database->session(), *select, values));
  Figure figure = Milliseconds("the same, warm", warm.seconds() * 1000 / kWarmReads, 5);
  figure.cpu_ns_per_operation = warm.cpu_seconds() * 1e9 / kWarmReads / static_cast<double>(rows);
  figure.rocksdb_ns_per_operation = kRocksDbWeekNs;
  figures(figure);
  return base::Status::Ok();
}

base::Status RunPoints(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures) {
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<BenchDatabase> database,
                            BenchDatabase::Make("points", options, environment));
  session::Session& session = database->session();
  CASSETTE_RETURN_IF_ERROR(session.Execute("CREATE TABLE bench.points (id bigint PRIMARY KEY, a int, b text)"));
  CASSETTE_ASSIGN_OR_RETURN(const session::PreparedPtr insert,
                            session.Prepare("INSERT INTO bench.points (id, a, b) VALUES (?, ?, ?)"));
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<session::BulkWriter> writer, session.OpenBulkWriter(insert));
  const uint64_t rows = static_cast<uint64_t>(5'000'000 * options.scale);
  columnar::Vector ids(columnar::PhysicalType::kInt64);
  columnar::Vector numbers(columnar::PhysicalType::kInt64);
  columnar::Vector texts(columnar::PhysicalType::kBytes);
  for (uint64_t row = 0; row < rows;) {
    ids.Reset(columnar::PhysicalType::kInt64);
    numbers.Reset(columnar::PhysicalType::kInt64);
    texts.Reset(columnar::PhysicalType::kBytes);
    uint32_t count = 0;
    for (; count < columnar::kMaxVectorRows && row < rows; ++count, ++row) {
      ids.AppendInt64(static_cast<int64_t>(row));
      numbers.AppendInt64(static_cast<int64_t>(row * 7919 % 100'000));
      texts.AppendBytes(fmt::format("value-{}", row % 1000));
    }
    const columnar::Vector* vectors[] = {&ids, &numbers, &texts};
    CASSETTE_RETURN_IF_ERROR(writer->Append(vectors, count, kFirstMs * 1000));
  }
  CASSETTE_RETURN_IF_ERROR(writer->Commit());
  // Otherwise compactions run beside the reads, and their time counts.
  CASSETTE_RETURN_IF_ERROR(database->engine().Compact(nullptr));
  CASSETTE_ASSIGN_OR_RETURN(const session::PreparedPtr select,
                            session.Prepare("SELECT a, b FROM bench.points WHERE id = ?"));
  Figure figure;
  figure.name = fmt::format("random point reads over {} M one-row partitions", rows / 1'000'000);
  figure.target = 0.4e6;
  CASSETTE_RETURN_IF_ERROR(ReadPoints(session, *environment.clock, *select, rows,
                                      static_cast<uint64_t>(200'000 * options.scale) + 1000, &figure));
  figures(figure);
  return base::Status::Ok();
}

base::Status RunMemory(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures) {
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<BenchDatabase> database,
                            BenchDatabase::Make("memory", options, environment));
  session::Session& session = database->session();
  CASSETTE_RETURN_IF_ERROR(session.Execute("CREATE TABLE bench.points (id bigint PRIMARY KEY, value blob)"));
  CASSETTE_ASSIGN_OR_RETURN(const session::PreparedPtr insert,
                            session.Prepare("INSERT INTO bench.points (id, value) VALUES (?, ?)"));
  const uint64_t rows = std::max<uint64_t>(1000, static_cast<uint64_t>(100'000 * std::min(options.scale, 1.0)));
  const std::string value(40, 'v');
  session::Values values;
  for (uint64_t row = 0; row < rows; ++row) {
    values.Clear();
    values.Bigint(static_cast<int64_t>(row)).Bytes(value);
    const session::BatchEntry entry{insert.get(), &values};
    CASSETTE_RETURN_IF_ERROR(session.ExecuteBatch(session::BatchKind::kUnlogged, {&entry, 1}, {}));
  }
  CASSETTE_ASSIGN_OR_RETURN(const session::PreparedPtr select,
                            session.Prepare("SELECT value FROM bench.points WHERE id = ?"));
  Figure figure;
  figure.name = fmt::format("random point reads over {} rows in memory", rows);
  figure.target = 0.67e6;
  CASSETTE_RETURN_IF_ERROR(ReadPoints(session, *environment.clock, *select, rows,
                                      static_cast<uint64_t>(1'000'000 * options.scale) + 1000, &figure));
  figures(figure);
  return base::Status::Ok();
}

base::Status RunCompaction(const BenchOptions& options, const BenchEnvironment& environment,
                           const FigureSink& figures) {
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<BenchDatabase> database,
                            BenchDatabase::Make("compaction", options, environment));
  CASSETTE_RETURN_IF_ERROR(database->CreateMetrics());
  netmon::NetworkSettings settings;
  settings.from_ms = kFirstMs;
  settings.days = 7;
  settings.resources = std::max(1u, static_cast<uint32_t>(100 * options.scale));
  uint64_t rows = 0;
  for (uint64_t seed = 1; seed <= 3; ++seed) {  // Fewer than min_threshold: nothing is merged on its own.
    settings.seed = seed;
    CASSETTE_RETURN_IF_ERROR(LoadSamples(*database, settings, kFirstMs * 1000 + static_cast<int64_t>(seed)));
  }
  rows = database->StoredRows("metrics_by_resource_week");
  const Stopwatch watch(*environment.clock);
  CASSETTE_RETURN_IF_ERROR(database->engine().Compact(nullptr));
  Figure figure;
  figure.name = "compaction of three overlapping SSTables";
  figure.value = static_cast<double>(rows) / watch.seconds();
  figure.unit = "rows/s";
  figure.target = 10e6;
  figure.cpu_ns_per_operation = watch.cpu_seconds() * 1e9 / static_cast<double>(rows);
  figures(figure);
  return base::Status::Ok();
}

base::Status RunMusic(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures) {
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<BenchDatabase> database,
                            BenchDatabase::Make("music", options, environment));
  const std::string events = io::JoinPath(options.directory, "events");
  samples::MusicSettings music;
  music.files = std::max(1u, static_cast<uint32_t>(300 * options.scale));
  music.rows_per_file = 4500;
  CASSETTE_ASSIGN_OR_RETURN(const samples::MusicFigures made,
                            samples::GenerateMusic(*environment.file_system, events, music));
  constexpr char kModel[] =
      "keyspace: bench\nsource:\n  files: '*.csv'\n  columns:\n    artist: {}\n    auth: {}\n"
      "    firstName: {as: first_name}\n    gender: {}\n    itemInSession: {as: item_in_session, type: int}\n"
      "    lastName: {as: last_name}\n    length: {type: double}\n    level: {}\n    location: {}\n    method: {}\n"
      "    page: {}\n    registration: {type: timestamp}\n    sessionId: {as: session_id, type: int}\n"
      "    song: {as: song_title}\n    status: {type: int}\n    ts: {as: happened_at, type: timestamp}\n"
      "    userId: {as: user_id, type: int}\n  keep: artist != ''\nqueries:\n"
      "  songs_by_session: {find: [artist, song_title, length], by: {session_id: equals, item_in_session: equals}}\n"
      "  songs_by_user_session: {find: [artist, song_title, first_name, last_name], by: {user_id: equals, session_id: "
      "equals}, order: item_in_session}\n"
      "  users_by_song: {find: [first_name, last_name], by: {song_title: equals}, each: user_id}\n";
  CASSETTE_ASSIGN_OR_RETURN(const model::Model model, model::ParseModel(kModel, "music"));
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<model::DerivedTable> tables, model::DeriveTables(model));
  pipeline::RunOptions run_options;
  run_options.source = events;
  run_options.threads = options.threads;
  run_options.verify = false;
  const pipeline::RunEnvironment run_environment{environment.file_system, environment.clock, &database->session()};
  pipeline::RunReport report;
  const Stopwatch watch(*environment.clock);
  const base::Status status = pipeline::Run(model, tables, run_options, run_environment, nullptr, &report);
  (void)environment.file_system->RemoveTree(events);
  CASSETTE_RETURN_IF_ERROR(status);
  Figure figure;
  figure.name =
      fmt::format("{} M music events of CSV into three tables", static_cast<double>(made.rows / 100'000) / 10);
  figure.value = static_cast<double>(report.read) / watch.cpu_seconds();
  figure.unit = "events/s/core";
  figure.target = 0.7e6;
  figure.cpu_ns_per_operation = watch.cpu_seconds() * 1e9 / static_cast<double>(report.read);
  figure.note = fmt::format("{:.2f} s on {} threads", watch.seconds(), options.threads);
  figures(figure);
  return base::Status::Ok();
}

// Bytes a sample of real series, when ../shared/data is there.
base::Status RunSeries(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures) {
  const std::string source = io::JoinPath(options.data, "nab/data/realAWSCloudwatch");
  if (options.data.empty() || !environment.file_system->Stat(source).ok()) return base::Status::Ok();
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<BenchDatabase> database,
                            BenchDatabase::Make("series", options, environment));
  constexpr char kModel[] =
      "keyspace: bench\nsource:\n  files: '**/*.csv'\n  columns:\n    timestamp: {as: collected_at, type: timestamp}\n"
      "    value: {type: double}\n  set: {resource: '{file}', metric_name: value}\nqueries:\n  "
      "metrics_by_resource_week: "
      "{find: [value], by: {resource: equals, collected_at: range}, each: metric_name, order: 'metric_name, "
      "collected_at "
      "desc', bucket: week}\n";
  CASSETTE_ASSIGN_OR_RETURN(const model::Model model, model::ParseModel(kModel, "series"));
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<model::DerivedTable> tables, model::DeriveTables(model));
  pipeline::RunOptions run_options;
  run_options.source = source;
  run_options.verify = false;
  run_options.threads = 1;
  const pipeline::RunEnvironment run_environment{environment.file_system, environment.clock, &database->session()};
  pipeline::RunReport report;
  CASSETTE_RETURN_IF_ERROR(pipeline::Run(model, tables, run_options, run_environment, nullptr, &report));
  Figure figure;
  figure.name = fmt::format("bytes a sample, the {} NAB AWS files", report.files);
  figure.value = static_cast<double>(database->StoredBytes("metrics_by_resource_week")) /
                 static_cast<double>(database->StoredRows("metrics_by_resource_week"));
  figure.unit = "bytes/row";
  figure.target = 2.2;
  figure.lower_is_better = true;
  figures(figure);
  return base::Status::Ok();
}

}  // namespace cassette::bench
