#include "session/local_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "session/bulk_writer.h"
#include "session/local_session_impl.h"

namespace cassette::session {
namespace {

using cql::exec::Answer;
using types::ValueView;

ResultPage::Kind KindOf(Answer::Kind kind) {
  switch (kind) {
    case Answer::Kind::kRows:
      return ResultPage::Kind::kRows;
    case Answer::Kind::kSetKeyspace:
      return ResultPage::Kind::kSetKeyspace;
    case Answer::Kind::kSchemaChange:
      return ResultPage::Kind::kSchemaChange;
    case Answer::Kind::kVoid:
      break;
  }
  return ResultPage::Kind::kVoid;
}

ResultPage ToPage(Answer answer, const cql::analysis::Plan& plan) {
  ResultPage page;
  page.kind = KindOf(answer.kind);
  page.warnings = std::move(answer.warnings);
  page.paging_state = std::move(answer.paging_state);
  page.keyspace = std::move(answer.keyspace);
  if (page.kind == ResultPage::Kind::kRows) {
    page.columns = ToColumnSpecs(plan.result);
    page.batches.reserve(answer.batches.size());
    for (cql::exec::OutputBatch& batch : answer.batches) {
      page.batches.push_back({batch.row_count, std::move(batch.columns)});
    }
  }
  if (page.kind == ResultPage::Kind::kSchemaChange) {
    page.keyspace = std::move(answer.schema_change.keyspace);
    page.schema_change = std::move(answer.schema_change.change);
    page.schema_target = std::move(answer.schema_change.target);
    page.schema_name = std::move(answer.schema_change.name);
  }
  return page;
}

// The values in the order of the markers: as they are, or found by name.
base::Status OrderValues(const std::vector<cql::analysis::ColumnSpec>& markers, const Values& values,
                         std::vector<ValueView>* ordered) {
  ordered->clear();
  if (values.names.empty()) {
    if (values.size() != markers.size()) {
      return base::InvalidArgument(fmt::format("Invalid amount of bind variables: the statement has {}, {} were given",
                                               markers.size(), values.size()));
    }
    for (size_t i = 0; i < values.size(); ++i) ordered->push_back(values.at(i));
    return base::Status::Ok();
  }
  if (values.names.size() != values.size()) {
    return base::InvalidArgument("There must be a name for each value, or for none");
  }
  for (const cql::analysis::ColumnSpec& marker : markers) {
    const auto found = std::find(values.names.begin(), values.names.end(), marker.name);
    if (found == values.names.end()) {
      return base::InvalidArgument(fmt::format("Invalid amount of bind variables: :{} has no value", marker.name));
    }
    ordered->push_back(values.at(static_cast<size_t>(found - values.names.begin())));
  }
  return base::Status::Ok();
}

cql::exec::Request RequestOf(const QueryOptions& options, std::span<const ValueView> values) {
  cql::exec::Request request;
  request.values = values;
  request.page_rows = options.page_rows;
  request.paging_state = options.paging_state;
  request.timestamp_micros = options.timestamp_micros;
  request.now_seconds = options.now_seconds;
  return request;
}

base::Status NotOurs() {
  return base::Unprepared("The statement was prepared by another kind of session; prepare it again with this one");
}

}  // namespace

const LocalStatement* AsLocal(const PreparedStatement& statement) {
  return dynamic_cast<const LocalStatement*>(&statement);
}

LocalSession::LocalSession(const LocalServices& services)
    : services_(services), next_timestamp_([this] { return NextTimestamp(); }) {}

int64_t LocalSession::NextTimestamp() {
  const int64_t now = services_.clock.NowMicros();
  int64_t last = last_timestamp_micros_.load(std::memory_order_relaxed);
  int64_t next;
  do {
    next = std::max(now, last + 1);
  } while (!last_timestamp_micros_.compare_exchange_weak(last, next, std::memory_order_relaxed));
  return next;
}

std::string LocalSession::keyspace() const {
  base::MutexLock lock(mutex_);
  return keyspace_;
}

base::Result<std::shared_ptr<const LocalStatement>> LocalSession::FindOrPrepare(std::string_view cql,
                                                                                bool always_keep) {
  const std::string current_keyspace = keyspace();
  if (std::shared_ptr<const LocalStatement> found = services_.plans.Find(cql, current_keyspace)) return found;
  CASSETTE_ASSIGN_OR_RETURN(PlannedPtr planned,
                            PlanStatement(cql, current_keyspace, services_.engine.schema(), services_.functions));
  const bool has_markers = !planned->plan.markers.empty();
  auto statement = std::make_shared<const LocalStatement>(std::string(cql), current_keyspace, std::move(planned),
                                                          services_.functions);
  // Text with its values in it will hardly come again.
  if (always_keep || has_markers) services_.plans.Insert(statement);
  return std::shared_ptr<const LocalStatement>(std::move(statement));
}

base::Result<PreparedPtr> LocalSession::Prepare(std::string_view cql) {
  CASSETTE_ASSIGN_OR_RETURN(std::shared_ptr<const LocalStatement> statement, FindOrPrepare(cql, true));
  return PreparedPtr(std::move(statement));
}

base::Result<LocalSession::Pending> LocalSession::Run(const LocalStatement& statement, const Values& values,
                                                      const QueryOptions& options) {
  CASSETTE_ASSIGN_OR_RETURN(const PlannedPtr planned, statement.PlanFor(services_.engine.schema()));
  ScratchPool::Loan loan = services_.scratch.Borrow();
  CallScratch& scratch = *loan;
  CASSETTE_RETURN_IF_ERROR(OrderValues(planned->plan.markers, values, &scratch.values));
  const cql::exec::Request request = RequestOf(options, scratch.values);
  CASSETTE_ASSIGN_OR_RETURN(Answer answer,
                            services_.executor.Execute(planned->plan, request, next_timestamp_, scratch.exec));
  if (answer.kind == Answer::Kind::kSetKeyspace) {
    base::MutexLock lock(mutex_);
    keyspace_ = answer.keyspace;
  }
  Pending pending;
  pending.position = answer.position;
  pending.page = ToPage(std::move(answer), planned->plan);
  return pending;
}

base::Result<ResultPage> LocalSession::WaitFor(base::Result<Pending> pending) {
  if (!pending.ok()) return pending.status();
  if (pending->position) CASSETTE_RETURN_IF_ERROR(services_.engine.WaitDurable(*pending->position));
  return std::move(pending->page);
}

base::Result<ResultPage> LocalSession::Execute(std::string_view cql, const Values& values,
                                               const QueryOptions& options) {
  CASSETTE_ASSIGN_OR_RETURN(const std::shared_ptr<const LocalStatement> statement, FindOrPrepare(cql, false));
  return WaitFor(Run(*statement, values, options));
}

base::Result<ResultPage> LocalSession::Execute(const PreparedStatement& statement, const Values& values,
                                               const QueryOptions& options) {
  const LocalStatement* local = AsLocal(statement);
  if (local == nullptr) return NotOurs();
  return WaitFor(Run(*local, values, options));
}

void LocalSession::ExecuteAsync(PreparedPtr statement, const Values& values, const QueryOptions& options,
                                std::function<void(base::Result<ResultPage>)> done) {
  const LocalStatement* local = AsLocal(*statement);
  if (local == nullptr) return done(NotOurs());
  base::Result<Pending> pending = Run(*local, values, options);
  if (!pending.ok()) return done(pending.status());
  if (!pending->position) return done(std::move(pending->page));
  auto page = std::make_shared<ResultPage>(std::move(pending->page));
  services_.engine.OnDurable(*pending->position,
                             [page = std::move(page), done = std::move(done)](const base::Status& status) {
                               if (status.ok()) {
                                 done(std::move(*page));
                               } else {
                                 done(status);
                               }
                             });
}

base::Result<ResultPage> LocalSession::ExecuteBatch(BatchKind kind, std::span<const BatchEntry> entries,
                                                    const QueryOptions& options) {
  if (kind == BatchKind::kCounter && !entries.empty()) {
    return base::InvalidArgument("Cannot include non-counter statement in a counter batch");
  }
  const schema::SchemaPtr schema = services_.engine.schema();
  ScratchPool::Loan loan = services_.scratch.Borrow();
  CallScratch& scratch = *loan;
  // Plans are kept here while they run: another thread may plan a statement anew.
  std::vector<PlannedPtr> planned;
  const PreparedStatement* last = nullptr;
  size_t value_count = 0;
  for (const BatchEntry& entry : entries) value_count += entry.values == nullptr ? 0 : entry.values->size();
  std::vector<ValueView> ordered;
  scratch.values.clear();
  scratch.values.reserve(value_count);
  scratch.parts.clear();
  scratch.parts.reserve(entries.size());
  for (const BatchEntry& entry : entries) {
    if (entry.statement != last) {
      const LocalStatement* local = AsLocal(*entry.statement);
      if (local == nullptr) return NotOurs();
      CASSETTE_ASSIGN_OR_RETURN(PlannedPtr plan, local->PlanFor(schema));
      planned.push_back(std::move(plan));
      last = entry.statement;
    }
    const auto* modification = planned.back()->plan.As<cql::analysis::ModificationPlan>();
    if (modification == nullptr) {
      return base::InvalidArgument(
          "Invalid statement in batch: only UPDATE, INSERT and DELETE statements are allowed.");
    }
    static const Values kNoValues;
    CASSETTE_RETURN_IF_ERROR(
        OrderValues(planned.back()->plan.markers, entry.values == nullptr ? kNoValues : *entry.values, &ordered));
    const size_t begin = scratch.values.size();
    scratch.values.insert(scratch.values.end(), ordered.begin(), ordered.end());
    scratch.parts.push_back({modification, {scratch.values.data() + begin, ordered.size()}});
  }
  const cql::exec::Request request = RequestOf(options, {});
  CASSETTE_ASSIGN_OR_RETURN(const Answer answer,
                            services_.executor.ExecuteBatch(scratch.parts, request, next_timestamp_, scratch.exec));
  if (answer.position) CASSETTE_RETURN_IF_ERROR(services_.engine.WaitDurable(*answer.position));
  return ResultPage();
}

base::Result<std::unique_ptr<BulkWriter>> LocalSession::OpenBulkWriter(PreparedPtr insert) {
  const LocalStatement* local = AsLocal(*insert);
  if (local == nullptr) return NotOurs();
  CASSETTE_ASSIGN_OR_RETURN(PlannedPtr planned, local->PlanFor(services_.engine.schema()));
  return OpenLocalBulkWriter(std::move(planned), services_.engine);
}

base::Status LocalSession::CommitTogether(std::span<BulkWriter* const> writers) {
  return CommitLocalBulkWriters(writers, services_.engine);
}

}  // namespace cassette::session
