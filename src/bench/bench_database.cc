#include "bench/bench_database.h"

#include "io/file_system.h"

namespace cassette::bench {

base::Result<std::unique_ptr<BenchDatabase>> BenchDatabase::Make(const std::string& name, const BenchOptions& options,
                                                                 const BenchEnvironment& environment) {
  CASSETTE_RETURN_IF_ERROR(environment.file_system->CreateDirs(options.directory));
  std::unique_ptr<BenchDatabase> made(new BenchDatabase(io::JoinPath(options.directory, name), environment));
  CASSETTE_RETURN_IF_ERROR(made->Open());
  CASSETTE_RETURN_IF_ERROR(made->session().Execute(
      "CREATE KEYSPACE IF NOT EXISTS bench WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"));
  return made;
}

BenchDatabase::~BenchDatabase() {
  session_.reset();
  // Nothing of a benchmark's data is worth a failure here.
  if (database_) (void)database_->Close();
  database_.reset();
  (void)environment_.file_system->RemoveTree(path_);
}

base::Status BenchDatabase::Open() {
  session::LocalEnvironment local;
  local.file_system = environment_.file_system;
  local.clock = environment_.clock;
  local.logger = environment_.logger;
  local.random_seed = 1;
  CASSETTE_ASSIGN_OR_RETURN(database_, session::LocalDatabase::Open(path_, session::LocalOptions(), local));
  session_ = database_->NewSession();
  return base::Status::Ok();
}

base::Status BenchDatabase::Close() {
  session_.reset();
  CASSETTE_RETURN_IF_ERROR(database_->Close());
  database_.reset();
  return base::Status::Ok();
}

base::Status BenchDatabase::Reopen() {
  CASSETTE_RETURN_IF_ERROR(Close());
  return Open();
}

base::Status BenchDatabase::CreateMetrics() {
  return base::ToStatus(session().Execute(
      "CREATE TABLE bench.metrics_by_resource_week (resource text, year int, week_of_year int, metric_name text, "
      "collected_at timestamp, value double, PRIMARY KEY ((resource, year, week_of_year), metric_name, collected_at)) "
      "WITH CLUSTERING ORDER BY (metric_name ASC, collected_at DESC)"));
}

uint64_t BenchDatabase::StoredBytes(const std::string& table) const {
  const storage::engine::EngineStatistics all = database_->engine().Statistics();
  for (const storage::engine::TableStatistics& figures : all.tables) {
    if (figures.table->name == table) return figures.sstable_bytes;
  }
  return 0;
}

uint64_t BenchDatabase::StoredRows(const std::string& table) const {
  const storage::engine::EngineStatistics all = database_->engine().Statistics();
  for (const storage::engine::TableStatistics& figures : all.tables) {
    if (figures.table->name == table) return figures.sstable_rows;
  }
  return 0;
}

}  // namespace cassette::bench
