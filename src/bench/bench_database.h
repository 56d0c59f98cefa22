// BenchDatabase: a database in a folder of its own, removed at the end.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "bench/workload.h"
#include "session/local_session.h"

namespace cassette::bench {

class BenchDatabase {
 public:
  // An empty database under options.directory/name.
  static base::Result<std::unique_ptr<BenchDatabase>> Make(const std::string& name, const BenchOptions& options,
                                                           const BenchEnvironment& environment);
  ~BenchDatabase();

  session::Session& session() { return *session_; }
  storage::engine::Engine& engine() { return database_->engine(); }
  // Ends the session; until Open nothing else may be called. REQUIRES: open.
  base::Status Close();
  // REQUIRES: closed.
  base::Status Open();
  // Closes and opens it anew.
  base::Status Reopen();

  // Creates keyspace `bench` and the table of metrics (DESIGN section 9).
  base::Status CreateMetrics();
  // Bytes and rows of all SSTables of `table`.
  uint64_t StoredBytes(const std::string& table) const;
  uint64_t StoredRows(const std::string& table) const;

 private:
  BenchDatabase(std::string path, const BenchEnvironment& environment)
      : path_(std::move(path)), environment_(environment) {}

  const std::string path_;
  const BenchEnvironment& environment_;
  std::unique_ptr<session::LocalDatabase> database_;
  std::unique_ptr<session::Session> session_;
};

inline constexpr char kInsertMetric[] =
    "INSERT INTO bench.metrics_by_resource_week (resource, year, week_of_year, metric_name, collected_at, value) "
    "VALUES (?, ?, ?, ?, ?, ?)";

}  // namespace cassette::bench
