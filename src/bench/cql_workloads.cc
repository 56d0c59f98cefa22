#include "bench/cql_workloads.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "bench/bench_database.h"
#include "bench/derived_workloads.h"
#include "bench/stopwatch.h"

namespace cassette::bench {
namespace {

constexpr uint64_t kStatements = 100'000;
constexpr uint64_t kRows = 200'000;

// Of statements that were not prepared. Target 0: none.
template <typename MakeText>
base::Status MeasurePlanning(const char* name, double target_micros, uint64_t count,
                             const BenchEnvironment& environment, session::Session& session, const FigureSink& figures,
                             const MakeText& make_text) {
  std::vector<std::string> texts;
  for (uint64_t i = 0; i < count; ++i) texts.push_back(make_text(i));
  const Stopwatch watch(*environment.clock);
  session::PrepareOptions once;
  once.keep = false;
  for (const std::string& text : texts) CASSETTE_RETURN_IF_ERROR(session.Prepare(text, once));
  Figure figure;
  figure.name = name;
  figure.value = watch.seconds() * 1e6 / static_cast<double>(count);
  figure.unit = "us";
  figure.target = target_micros;
  figure.lower_is_better = true;
  figure.cpu_ns_per_operation = watch.cpu_seconds() * 1e9 / static_cast<double>(count);
  figures(figure);
  return base::Status::Ok();
}

// Texts that differ in their constants share a plan; with a comment of its own each is planned by itself.
base::Status MeasurePlanningOfAll(uint64_t statements, const BenchEnvironment& environment, session::Session& session,
                                  const FigureSink& figures) {
  const auto insert = [](uint64_t i) {
    return fmt::format(
        "INSERT INTO bench.metrics_by_resource_week (resource, year, week_of_year, metric_name, collected_at, value) "
        "VALUES ('router-001', 2025, 1, 'cpu', {}, 0.5)",
        i);
  };
  const auto select = [](uint64_t i) {
    return fmt::format(
        "SELECT collected_at, value FROM bench.metrics_by_resource_week WHERE resource = 'router-001' AND year = 2025 "
        "AND week_of_year = 1 AND metric_name = 'cpu' AND collected_at >= {} LIMIT 100",
        i);
  };
  const auto unlike = [](const auto& make_text) {
    return [make_text](uint64_t i) { return fmt::format("{} /* {} */", make_text(i), i); };
  };
  CASSETTE_RETURN_IF_ERROR(
      MeasurePlanning("parse and plan of an INSERT", 3, statements, environment, session, figures, insert));
  CASSETTE_RETURN_IF_ERROR(
      MeasurePlanning("parse and plan of a SELECT", 4, statements, environment, session, figures, select));
  CASSETTE_RETURN_IF_ERROR(MeasurePlanning("the INSERT, when none like it was planned before", 0, statements,
                                           environment, session, figures, unlike(insert)));
  return MeasurePlanning("the SELECT, when none like it was planned before", 0, statements, environment, session,
                         figures, unlike(select));
}

// Writes of rows that are new, into a thousand partitions from `partition` on.
WorkOf InsertsOf(session::PreparedPtr insert, int32_t partition, session::Session& session) {
  return [insert = std::move(insert), partition, &session, values = session::Values()](
             uint64_t begin, uint64_t end) mutable -> base::Status {
    const session::QueryOptions options;
    for (uint64_t row = begin; row < end; ++row) {
      values.Clear();
      values.Int(partition + static_cast<int32_t>(row % 1000)).Bigint(static_cast<int64_t>(row)).Text("some text");
      CASSETTE_RETURN_IF_ERROR(session.Execute(*insert, values, options));
    }
    return base::Status::Ok();
  };
}

base::Status MeasureConditions(uint64_t rows, const BenchEnvironment& environment, session::Session& session,
                               const FigureSink& figures) {
  const std::string insert = "INSERT INTO bench.rows (k, c, v) VALUES (?, ?, ?)";
  CASSETTE_ASSIGN_OR_RETURN(session::PreparedPtr plain, session.Prepare(insert));
  CASSETTE_ASSIGN_OR_RETURN(session::PreparedPtr conditional, session.Prepare(insert + " IF NOT EXISTS"));
  CASSETTE_ASSIGN_OR_RETURN(
      const PairedSeconds seconds,
      TimeInTurns(rows, *environment.clock, InsertsOf(plain, 0, session), InsertsOf(conditional, 1000, session)));
  figures(FigureOfTimes("INSERT ... IF NOT EXISTS against a plain INSERT", seconds, rows, 2));
  return base::Status::Ok();
}

}  // namespace

base::Status RunCql(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures) {
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<BenchDatabase> database,
                            BenchDatabase::Make("cql", options, environment));
  CASSETTE_RETURN_IF_ERROR(database->CreateMetrics());
  session::Session& session = database->session();
  CASSETTE_RETURN_IF_ERROR(session.Execute("CREATE TABLE bench.rows (k int, c bigint, v text, PRIMARY KEY (k, c))"));
  const uint64_t statements = std::max<uint64_t>(1, static_cast<uint64_t>(kStatements * options.scale));
  CASSETTE_RETURN_IF_ERROR(MeasurePlanningOfAll(statements, environment, session, figures));
  const uint64_t rows = std::max<uint64_t>(1, static_cast<uint64_t>(kRows * options.scale));
  CASSETTE_RETURN_IF_ERROR(MeasureConditions(rows, environment, session, figures));
  CASSETTE_RETURN_IF_ERROR(MeasureIndex(options, environment, *database, figures));
  return MeasureView(options, environment, *database, figures);
}

}  // namespace cassette::bench
