// The session of this process, as LocalDatabase hands it out.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "catalog/catalog.h"
#include "cql/exec/executor.h"
#include "cql/functions/registry.h"
#include "session/local_statement.h"
#include "session/plan_cache.h"
#include "session/scratch_pool.h"
#include "session/session.h"
#include "storage/engine/engine.h"

namespace cassette::session {

// What all sessions of a database share. Lifetime: the database's.
struct LocalServices {
  storage::engine::Engine& engine;
  catalog::Catalog& catalog;
  const cql::functions::FunctionRegistry& functions;
  cql::exec::Executor& executor;
  PlanCache& plans;
  PlanCache& lifted_plans;
  ScratchPool& scratch;
};

class LocalSession final : public Session {
 public:
  explicit LocalSession(const LocalServices& services);

  base::Result<ResultPage> Execute(std::string_view cql, const Values& values, const QueryOptions& options) override;
  using Session::Prepare;
  base::Result<PreparedPtr> Prepare(std::string_view cql, const PrepareOptions& options) override;
  base::Result<ResultPage> Execute(const PreparedStatement& statement, const Values& values,
                                   const QueryOptions& options) override;
  base::Result<ResultPage> ExecuteBatch(BatchKind kind, std::span<const BatchEntry> entries,
                                        const QueryOptions& options) override;
  void ExecuteAsync(const PreparedPtr& statement, const Values& values, const QueryOptions& options,
                    PageCallback done) override;
  void ExecuteBatchAsync(BatchKind kind, std::span<const BatchEntry> entries, const QueryOptions& options,
                         PageCallback done) override;
  base::Result<std::unique_ptr<BulkWriter>> OpenBulkWriter(PreparedPtr insert) override;
  base::Status CommitTogether(std::span<BulkWriter* const> writers) override;
  std::string keyspace() const override;
  base::Status Login(std::string_view role, std::string_view password) override;
  std::string role() const override;

 private:
  using CommitPosition = storage::engine::CommitPosition;
  using Position = std::optional<CommitPosition>;

  std::shared_ptr<const std::string> CurrentRole() const;
  base::Result<std::shared_ptr<const LocalStatement>> FindOrPrepare(std::string_view cql,
                                                                    const PrepareOptions& options);
  // `kept`, or a new statement of its text when clients would be told something else of it by now.
  base::Result<std::shared_ptr<const LocalStatement>> AsToldNow(std::shared_ptr<const LocalStatement> kept);
  // Fill the page of `scratch`, which is as new, and `position` with what to wait for before it may be given.
  base::Status Run(const LocalStatement& statement, const Values& values, const QueryOptions& options,
                   CallScratch& scratch, Position* position);
  base::Status RunBatch(BatchKind kind, std::span<const BatchEntry> entries, const QueryOptions& options,
                        CallScratch& scratch, Position* position);
  // What came of a run with that scratch, once it may be given; the second one without waiting.
  base::Result<ResultPage> Wait(base::Status status, const Position& position, CallScratch& scratch);
  void GiveAnswer(const base::Status& status, const Position& position, CallScratch& scratch, PageCallback&& done);
  // Calls `done` with `page` when the write at `position` may be answered.
  void AnswerWhenDurable(base::Result<ResultPage>&& page, CommitPosition position, PageCallback done);
  base::Result<ResultPage> RunAndWait(const LocalStatement& statement, const Values& values,
                                      const QueryOptions& options);
  base::Status CollectParts(std::span<const BatchEntry> entries, std::vector<PlannedPtr>* planned,
                            CallScratch* scratch) const;
  // The time, or a microsecond more than what was given last.
  int64_t NextTimestamp(int64_t now_micros);

  LocalServices services_;
  cql::exec::TimestampSource next_timestamp_;
  std::atomic<int64_t> last_timestamp_micros_ = 0;
  std::atomic<bool> has_role_ = false;
  mutable base::Mutex mutex_;
  std::string keyspace_ CASSETTE_GUARDED_BY(mutex_);
  // Null until somebody logged in. Statements hold the one that they began with.
  std::shared_ptr<const std::string> role_ CASSETTE_GUARDED_BY(mutex_);
};

// Null unless the statement was prepared by a LocalSession.
const LocalStatement* AsLocal(const PreparedStatement& statement);

}  // namespace cassette::session
