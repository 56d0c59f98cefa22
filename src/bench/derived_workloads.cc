#include "bench/derived_workloads.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "bench/stopwatch.h"

namespace cassette::bench {
namespace {

constexpr uint64_t kIndexedRows = 1'000'000;
constexpr uint64_t kRowsOfAValue = 10;
constexpr uint64_t kPartitions = 1000;
constexpr uint64_t kQueries = 20'000;
constexpr uint64_t kWrites = 200'000;

uint64_t Scaled(uint64_t count, const BenchOptions& options) {
  return std::max<uint64_t>(kRowsOfAValue, static_cast<uint64_t>(static_cast<double>(count) * options.scale));
}

// Row `i` has value i % values, so that the rows of a value lie far apart.
base::Status LoadRows(uint64_t rows, uint64_t values, session::Session& session) {
  CASSETTE_ASSIGN_OR_RETURN(const session::PreparedPtr insert,
                            session.Prepare("INSERT INTO bench.indexed (k, c, v, w) VALUES (?, ?, ?, ?)"));
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<session::BulkWriter> writer, session.OpenBulkWriter(insert));
  for (uint64_t begin = 0; begin < rows; begin += columnar::kMaxVectorRows) {
    const uint64_t end = std::min<uint64_t>(rows, begin + columnar::kMaxVectorRows);
    columnar::Vector k(columnar::PhysicalType::kInt64);
    columnar::Vector c(columnar::PhysicalType::kInt64);
    columnar::Vector v(columnar::PhysicalType::kInt64);
    columnar::Vector w(columnar::PhysicalType::kBytes);
    for (uint64_t i = begin; i < end; ++i) {
      k.AppendInt64(static_cast<int64_t>(i % kPartitions));
      c.AppendInt64(static_cast<int64_t>(i));
      v.AppendInt64(static_cast<int64_t>(i % values));
      w.AppendBytes("some text");
    }
    const columnar::Vector* vectors[] = {&k, &c, &v, &w};
    CASSETTE_RETURN_IF_ERROR(writer->Append(vectors, static_cast<uint32_t>(end - begin), 1));
  }
  return writer->Commit();
}

// Writes of rows of a table; the values of one `first_value` are not those of another.
WorkOf WritesTo(session::PreparedPtr insert, int32_t first_value, session::Session& session) {
  return [insert = std::move(insert), first_value, &session, values = session::Values()](
             uint64_t begin, uint64_t end) mutable -> base::Status {
    const session::QueryOptions options;
    for (uint64_t row = begin; row < end; ++row) {
      values.Clear();
      values.Int(static_cast<int32_t>(row % kPartitions)).Bigint(static_cast<int64_t>(row));
      values.Int(first_value + static_cast<int32_t>(row % 997)).Text("some text");
      CASSETTE_RETURN_IF_ERROR(session.Execute(*insert, values, options));
    }
    return base::Status::Ok();
  };
}

Figure FigureOfView(std::string_view what, const PairedSeconds& seconds, uint64_t rows) {
  return FigureOfTimes(fmt::format("{} of a table with a view against a plain one", what), seconds, rows, 3);
}

}  // namespace

base::Status MeasureIndex(const BenchOptions& options, const BenchEnvironment& environment, BenchDatabase& database,
                          const FigureSink& figures) {
  session::Session& session = database.session();
  CASSETTE_RETURN_IF_ERROR(
      session.Execute("CREATE TABLE bench.indexed (k int, c bigint, v int, w text, PRIMARY KEY (k, c))"));
  CASSETTE_RETURN_IF_ERROR(session.Execute("CREATE INDEX ON bench.indexed (v)"));
  const uint64_t rows = Scaled(kIndexedRows, options);
  const uint64_t values = rows / kRowsOfAValue;
  CASSETTE_RETURN_IF_ERROR(LoadRows(rows, values, session));
  CASSETTE_ASSIGN_OR_RETURN(const session::PreparedPtr select,
                            session.Prepare("SELECT k, c, v, w FROM bench.indexed WHERE v = ?"));
  const session::QueryOptions query_options;
  session::Values value;
  base::Random random(1);
  const uint64_t queries = Scaled(kQueries, options);
  uint64_t found = 0;
  const Stopwatch watch(*environment.clock);
  for (uint64_t i = 0; i < queries; ++i) {
    value.Clear();
    value.Int(static_cast<int32_t>(random.Below(values)));
    CASSETTE_ASSIGN_OR_RETURN(const session::ResultPage page, session.Execute(*select, value, query_options));
    found += page.row_count();
  }
  Figure figure;
  figure.name = fmt::format("ten rows by an index, of {} rows", rows);
  figure.value = watch.seconds() * 1e6 / static_cast<double>(queries);
  figure.unit = "us";
  figure.target = 100;
  figure.lower_is_better = true;
  figure.cpu_ns_per_operation = watch.cpu_seconds() * 1e9 / static_cast<double>(queries);
  figure.note = fmt::format("{:.1f} rows an answer, in {} partitions", static_cast<double>(found) / queries,
                            std::min(kRowsOfAValue, kPartitions));
  figures(figure);
  return base::Status::Ok();
}

base::Status MeasureView(const BenchOptions& options, const BenchEnvironment& environment, BenchDatabase& database,
                         const FigureSink& figures) {
  session::Session& session = database.session();
  const std::string columns = " (k int, c bigint, v int, w text, PRIMARY KEY (k, c))";
  CASSETTE_RETURN_IF_ERROR(session.Execute("CREATE TABLE bench.plain" + columns));
  CASSETTE_RETURN_IF_ERROR(session.Execute("CREATE TABLE bench.viewed" + columns));
  CASSETTE_RETURN_IF_ERROR(session.Execute(
      "CREATE MATERIALIZED VIEW bench.by_v AS SELECT * FROM bench.viewed WHERE k IS NOT NULL AND c IS NOT NULL AND v "
      "IS NOT NULL PRIMARY KEY (v, k, c)"));
  CASSETTE_ASSIGN_OR_RETURN(const session::PreparedPtr into_plain,
                            session.Prepare("INSERT INTO bench.plain (k, c, v, w) VALUES (?, ?, ?, ?)"));
  CASSETTE_ASSIGN_OR_RETURN(const session::PreparedPtr into_viewed,
                            session.Prepare("INSERT INTO bench.viewed (k, c, v, w) VALUES (?, ?, ?, ?)"));
  const uint64_t rows = Scaled(kWrites, options);
  PairedSeconds both;
  for (const auto& [what, first_value] : {std::pair("a new row", 0), std::pair("a row that moves", 1)}) {
    CASSETTE_ASSIGN_OR_RETURN(const PairedSeconds seconds,
                              TimeInTurns(rows, *environment.clock, WritesTo(into_plain, first_value, session),
                                          WritesTo(into_viewed, first_value, session)));
    figures(FigureOfView(what, seconds, rows));
    both.first += seconds.first;
    both.second += seconds.second;
  }
  figures(FigureOfView("as many of both", both, 2 * rows));
  return base::Status::Ok();
}

}  // namespace cassette::bench
