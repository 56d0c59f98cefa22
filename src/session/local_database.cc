#include <utility>

#include "catalog/catalog.h"
#include "cql/exec/executor.h"
#include "cql/functions/registry.h"
#include "derived/builder.h"
#include "io/posix_file_system.h"
#include "session/lifted_statement.h"
#include "session/local_session.h"
#include "session/local_session_impl.h"
#include "session/plan_cache.h"
#include "session/scratch_pool.h"

namespace cassette::session {
namespace {

// File system, clock and log for those who bring none.
struct OwnEnvironment {
  io::PosixFileSystem file_system;
  base::SystemClock clock;
  base::NullLogger logger;
};

class LocalDatabaseImpl final : public LocalDatabase {
 public:
  LocalDatabaseImpl(std::unique_ptr<OwnEnvironment> own_environment, std::unique_ptr<storage::engine::Engine> engine,
                    std::unique_ptr<catalog::Catalog> catalog, const LocalOptions& options, base::Clock& clock,
                    base::Logger& logger, uint64_t random_seed)
      : own_environment_(std::move(own_environment)),
        engine_(std::move(engine)),
        catalog_(std::move(catalog)),
        executor_(*engine_, *catalog_, clock),
        plans_(options.prepared_statements_max),
        lifted_plans_(kLiftedPlansMax),
        scratch_(random_seed),
        builder_(*engine_, clock, logger, options.engine.background_threads > 0,
                 [this](const schema::TableId& derived) { return catalog_->MarkBuilt(derived); }) {
    catalog_->SetListener([this] { builder_.Wake(); });
    builder_.Wake();
  }

  ~LocalDatabaseImpl() override {
    if (is_open_) (void)Close().ok();
  }

  std::unique_ptr<Session> NewSession() override {
    return std::make_unique<LocalSession>(
        LocalServices{*engine_, *catalog_, functions_, executor_, plans_, lifted_plans_, scratch_});
  }
  base::Status SetNativeAddress(const std::string& address, uint16_t port) override {
    return catalog_->SetNativeAddress(address, port);
  }
  void SetBatchBounds(uint64_t warn_bytes, uint64_t fail_bytes, uint32_t warn_partitions) override {
    executor_.SetBatchBounds({warn_bytes, fail_bytes, warn_partitions});
  }
  base::Status WriteSystemRows(std::string_view keyspace, std::string_view table,
                               std::span<const std::string> forgotten,
                               std::span<const catalog::SystemRow> rows) override {
    return catalog_->WriteSystemRows(keyspace, table, forgotten, rows);
  }
  storage::engine::Engine& engine() override { return *engine_; }
  base::Status Close() override {
    is_open_ = false;
    builder_.Stop();
    return engine_->Close();
  }

 private:
  std::unique_ptr<OwnEnvironment> own_environment_;  // Null when the caller has one.
  cql::functions::FunctionRegistry functions_;
  std::unique_ptr<storage::engine::Engine> engine_;
  std::unique_ptr<catalog::Catalog> catalog_;
  cql::exec::Executor executor_;
  PlanCache plans_;
  PlanCache lifted_plans_;
  ScratchPool scratch_;
  derived::Builder builder_;
  bool is_open_ = true;
};

base::Result<std::unique_ptr<LocalDatabase>> OpenDatabase(const std::string& directory, const LocalOptions& options,
                                                          const LocalEnvironment& environment,
                                                          std::unique_ptr<OwnEnvironment> own_environment) {
  storage::engine::EngineEnvironment engine_environment;
  engine_environment.file_system = environment.file_system;
  engine_environment.clock = environment.clock;
  engine_environment.logger = environment.logger;
  engine_environment.random_seed = environment.random_seed;
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<storage::engine::Engine> engine,
                            storage::engine::Engine::Open(directory, options.engine, engine_environment));
  base::Result<std::unique_ptr<catalog::Catalog>> catalog =
      catalog::Catalog::Open(*engine, *environment.clock, environment.random_seed);
  if (!catalog.ok()) {
    (void)engine->Close().ok();
    return catalog.status();
  }
  return std::unique_ptr<LocalDatabase>(
      std::make_unique<LocalDatabaseImpl>(std::move(own_environment), std::move(engine), *std::move(catalog), options,
                                          *environment.clock, *environment.logger, environment.random_seed));
}

}  // namespace

base::Result<std::unique_ptr<LocalDatabase>> LocalDatabase::Open(const std::string& directory,
                                                                 const LocalOptions& options,
                                                                 const LocalEnvironment& environment) {
  return OpenDatabase(directory, options, environment, nullptr);
}

base::Result<std::unique_ptr<LocalDatabase>> LocalDatabase::Open(const std::string& directory) {
  auto own = std::make_unique<OwnEnvironment>();
  LocalEnvironment environment;
  environment.file_system = &own->file_system;
  environment.clock = &own->clock;
  environment.logger = &own->logger;
  environment.random_seed = static_cast<uint64_t>(own->clock.NowMicros() ^ (own->clock.SteadyNanos() << 20));
  return OpenDatabase(directory, LocalOptions(), environment, std::move(own));
}

}  // namespace cassette::session
