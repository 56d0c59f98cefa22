#include "cli/place.h"

#include <fmt/format.h>

#include "server/settings.h"

namespace cassette::cli {
namespace {

using storage::engine::CommitLogSync;

base::Result<CommitLogSync> ParseSync(const std::string& name) {
  if (name == "periodic") return CommitLogSync::kPeriodic;
  if (name == "group") return CommitLogSync::kGroup;
  if (name == "batch") return CommitLogSync::kBatch;
  return base::InvalidArgument(fmt::format("commitlog_sync: '{}' is none of periodic, group, batch", name));
}

}  // namespace

base::Result<session::LocalOptions> LocalOptionsOf(const Settings& settings) {
  session::LocalOptions options;
  storage::engine::EngineOptions& engine = options.engine;
  CASSETTE_ASSIGN_OR_RETURN(engine.commitlog_sync, ParseSync(settings.Text("commitlog_sync")));
  CASSETTE_ASSIGN_OR_RETURN(const uint64_t period, settings.Number("commitlog_sync_period_ms", 1, 3'600'000));
  CASSETTE_ASSIGN_OR_RETURN(const uint64_t window, settings.Number("commitlog_sync_group_window_ms", 1, 60'000));
  CASSETTE_ASSIGN_OR_RETURN(engine.memtable_heap_bytes, settings.Bytes("memtable_heap"));
  CASSETTE_ASSIGN_OR_RETURN(engine.cache_bytes, settings.Bytes("cache"));
  CASSETTE_ASSIGN_OR_RETURN(const uint64_t group_rows, settings.Number("row_group_rows", 1, columnar::kMaxVectorRows));
  engine.commitlog_sync_period_ms = static_cast<int64_t>(period);
  engine.commitlog_sync_group_window_ms = static_cast<int64_t>(window);
  engine.row_group_rows = static_cast<uint32_t>(group_rows);
  return options;
}

base::Result<server::Options> ServerOptionsOf(const Settings& settings) {
  return server::MakeOptions([&](std::string_view name) { return settings.Text(name); });
}

base::Result<std::unique_ptr<Place>> Place::Open(const Environment& environment) {
  const std::string& on = environment.settings->Text("on");
  if (on.starts_with("cassandra://")) {
    return base::Unsupported(
        fmt::format("--on {}: a session on a cluster is not there yet (docs/cql/differences.md); "
                    "give a directory",
                    on));
  }
  if (on.find("://") != std::string::npos || on.empty()) {
    return base::InvalidArgument(fmt::format("--on '{}': expected a directory or cassandra://host[:port]", on));
  }
  return OpenDirectory(environment, *environment.file_system, on);
}

base::Result<std::unique_ptr<Place>> Place::OpenInMemory(const Environment& environment, io::FileSystem& memory) {
  return OpenDirectory(environment, memory, "/memory");
}

base::Result<std::unique_ptr<Place>> Place::OpenDirectory(const Environment& environment, io::FileSystem& file_system,
                                                          const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(const session::LocalOptions options, LocalOptionsOf(*environment.settings));
  session::LocalEnvironment local;
  local.file_system = &file_system;
  local.clock = environment.clock;
  local.logger = environment.logger;
  local.random_seed = static_cast<uint64_t>(environment.clock->NowMicros());
  auto place = std::make_unique<Place>();
  CASSETTE_ASSIGN_OR_RETURN(place->database_, session::LocalDatabase::Open(path, options, local));
  place->session_ = place->database_->NewSession();
  return place;
}

base::Status Place::Close() {
  session_.reset();
  return database_ == nullptr ? base::Status::Ok() : database_->Close();
}

}  // namespace cassette::cli
