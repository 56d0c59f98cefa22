#include "session/local_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <typeinfo>
#include <utility>

#include "cql/exec/authorize.h"
#include "session/bulk_writer.h"
#include "session/lifted_statement.h"
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

using SharedColumns = std::shared_ptr<const std::vector<ColumnSpec>>;

// Those of an answer that says no more than whether it applied; `kept`: of the table asked last, most often this one.
const SharedColumns& AppliedColumns(const schema::Table& table, SharedColumns* kept) {
  const bool is_same = *kept != nullptr && (**kept)[0].table == table.name && (**kept)[0].keyspace == table.keyspace;
  if (!is_same) {
    const ColumnSpec applied{table.keyspace, table.name, cql::exec::kAppliedColumn,
                             types::DataType(types::TypeKind::kBoolean)};
    *kept = std::make_shared<const std::vector<ColumnSpec>>(1, applied);
  }
  return *kept;
}

// `known`: the columns that the plan says; an answer may have others of its own.
SharedColumns ColumnsOf(const Answer& answer, const SharedColumns& known, CallScratch& scratch) {
  if (answer.applied_of != nullptr) return AppliedColumns(*answer.applied_of, &scratch.applied_columns);
  if (answer.columns.empty()) return known;
  return std::make_shared<const std::vector<ColumnSpec>>(ToColumnSpecs(answer.columns));
}

// Fills the page of `scratch`.
void FillPage(Answer& answer, const SharedColumns& known, const QueryOptions& options, CallScratch& scratch) {
  ResultPage* page = &*scratch.page;
  if (answer.kind == Answer::Kind::kVoid && answer.warnings.empty()) return;  // As most writes: `page` is new.
  page->kind = KindOf(answer.kind);
  page->warnings = std::move(answer.warnings);
  page->paging_state = std::move(answer.paging_state);
  page->keyspace = std::move(answer.keyspace);
  if (page->kind == ResultPage::Kind::kRows) {
    page->shared_columns = ColumnsOf(answer, known, scratch);
    if (!options.share_columns) page->columns = *std::exchange(page->shared_columns, nullptr);
    page->batches = std::move(answer.batches);
  }
  if (page->kind == ResultPage::Kind::kSchemaChange) {
    page->keyspace = std::move(answer.schema_change->keyspace);
    page->schema_change = std::move(answer.schema_change->change);
    page->schema_target = std::move(answer.schema_change->target);
    page->schema_name = std::move(answer.schema_change->name);
  }
}

// Puts the values in the order of the markers, as they are or found by name, to `ordered`, which has room for them.
base::Status PutOrdered(const std::vector<cql::analysis::ColumnSpec>& markers, const Values& values,
                        ValueView* ordered) {
  const size_t count = values.size();
  if (values.names.empty()) {
    if (count != markers.size()) return WrongValueCount(markers.size(), count);
    for (size_t i = 0; i < count; ++i) ordered[i] = values.at(i);
    return base::Status::Ok();
  }
  if (values.names.size() != count) {
    return base::InvalidArgument("There must be a name for each value, or for none");
  }
  for (const cql::analysis::ColumnSpec& marker : markers) {
    const auto found = std::find(values.names.begin(), values.names.end(), marker.name);
    if (found == values.names.end()) {
      return base::InvalidArgument(fmt::format("Invalid amount of bind variables: :{} has no value", marker.name));
    }
    *ordered++ = values.at(static_cast<size_t>(found - values.names.begin()));
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

// Makes the page of `scratch` as new, whatever was left in it, and keeps the memory of its rows.
void TakeBack(CallScratch& scratch) {
  ResultPage& page = *scratch.page;
  const bool is_plain = page.kind == ResultPage::Kind::kVoid || page.kind == ResultPage::Kind::kRows;
  scratch.exec.select.TakeBack(&page.batches);
  if (!is_plain || !page.columns.empty() || !page.warnings.empty()) {
    scratch.page = ResultPage();
    return;
  }
  page.kind = ResultPage::Kind::kVoid;
  page.shared_columns = nullptr;
  page.paging_state.clear();
}

base::Status NotOurs() {
  return base::Unprepared("The statement was prepared by another kind of session; prepare it again with this one");
}

}  // namespace

const LocalStatement* AsLocal(const PreparedStatement& statement) {
  // LocalStatement is final: no cast through a hierarchy is needed.
  return typeid(statement) == typeid(LocalStatement) ? static_cast<const LocalStatement*>(&statement) : nullptr;
}

LocalSession::LocalSession(const LocalServices& services)
    : services_(services), next_timestamp_([this](int64_t now_micros) { return NextTimestamp(now_micros); }) {}

int64_t LocalSession::NextTimestamp(int64_t now_micros) {
  int64_t last = last_timestamp_micros_.load(std::memory_order_relaxed);
  int64_t next;
  do {
    next = std::max(now_micros, last + 1);
  } while (!last_timestamp_micros_.compare_exchange_weak(last, next, std::memory_order_relaxed));
  return next;
}

std::string LocalSession::keyspace() const {
  base::MutexLock lock(mutex_);
  return keyspace_;
}

base::Status LocalSession::Login(std::string_view role, std::string_view password) {
  auto name = std::make_shared<const std::string>(role);
  CASSETTE_RETURN_IF_ERROR(services_.catalog.roles().Authenticate(*name, password));
  base::MutexLock lock(mutex_);
  role_ = std::move(name);
  has_role_.store(true, std::memory_order_release);
  return base::Status::Ok();
}

std::shared_ptr<const std::string> LocalSession::CurrentRole() const {
  if (!has_role_.load(std::memory_order_acquire)) return nullptr;  // The most of sessions: no lock for them.
  base::MutexLock lock(mutex_);
  return role_;
}

std::string LocalSession::role() const {
  const std::shared_ptr<const std::string> role = CurrentRole();
  return role == nullptr ? std::string() : *role;
}

base::Result<std::shared_ptr<const LocalStatement>> LocalSession::FindOrPrepare(std::string_view cql,
                                                                                const PrepareOptions& options) {
  const std::string current_keyspace = options.keyspace.empty() ? keyspace() : std::string(options.keyspace);
  // Only what has markers is kept, and looking costs less than reading the text up to its first one.
  const bool may_be_kept =
      options.keep || cql.find('?') != std::string_view::npos || cql.find(':') != std::string_view::npos;
  if (may_be_kept) {
    if (std::shared_ptr<const LocalStatement> found = services_.plans.Find(cql, current_keyspace)) {
      if (options.keep) return AsToldNow(std::move(found));
      return found;
    }
  }
  if (!options.keep) {
    if (auto lifted = PrepareLifted(cql, current_keyspace, services_)) return lifted;
  }
  CASSETTE_ASSIGN_OR_RETURN(PlannedPtr planned,
                            PlanStatement(cql, current_keyspace, services_.engine.schema(), services_.functions));
  auto statement = std::make_shared<const LocalStatement>(std::string(cql), current_keyspace, std::move(planned),
                                                          services_.functions);
  // Text with its values in it will hardly come again.
  if (options.keep || !statement->markers().empty()) services_.plans.Insert(statement);
  return std::shared_ptr<const LocalStatement>(std::move(statement));
}

base::Result<std::shared_ptr<const LocalStatement>> LocalSession::AsToldNow(
    std::shared_ptr<const LocalStatement> kept) {
  CASSETTE_ASSIGN_OR_RETURN(PlannedPtr planned, kept->PlanFor(services_.engine));
  if (kept->IsToldAs(*planned)) return kept;
  auto statement =
      std::make_shared<const LocalStatement>(kept->text(), kept->keyspace(), std::move(planned), services_.functions);
  services_.plans.Insert(statement);
  return std::shared_ptr<const LocalStatement>(std::move(statement));
}

base::Result<PreparedPtr> LocalSession::Prepare(std::string_view cql, const PrepareOptions& options) {
  CASSETTE_ASSIGN_OR_RETURN(std::shared_ptr<const LocalStatement> statement, FindOrPrepare(cql, options));
  return PreparedPtr(std::move(statement));
}

base::Status LocalSession::Run(const LocalStatement& statement, const Values& values, const QueryOptions& options,
                               CallScratch& scratch, Position* position) {
  CASSETTE_ASSIGN_OR_RETURN(const PlannedPtr planned, statement.BorrowPlanFor(services_.engine));
  CASSETTE_ASSIGN_OR_RETURN(const Values* own, statement.ValuesFor(*planned, values));
  scratch.values.resize(planned->plan.markers.size());
  CASSETTE_RETURN_IF_ERROR(PutOrdered(planned->plan.markers, *own, scratch.values.data()));
  cql::exec::Request request = RequestOf(options, scratch.values);
  const std::shared_ptr<const std::string> role = CurrentRole();
  request.role = role.get();
  Answer answer;
  CASSETTE_RETURN_IF_ERROR(services_.executor.Execute(planned->plan, request, next_timestamp_, scratch.exec, &answer));
  if (answer.kind == Answer::Kind::kSetKeyspace) {
    base::MutexLock lock(mutex_);
    keyspace_ = answer.keyspace;
  }
  *position = answer.position;
  FillPage(answer, planned->result_columns, options, scratch);
  return base::Status::Ok();
}

base::Result<ResultPage> LocalSession::RunAndWait(const LocalStatement& statement, const Values& values,
                                                  const QueryOptions& options) {
  ScratchPool::Loan loan = services_.scratch.Borrow();
  Position position;
  return Wait(Run(statement, values, options, *loan, &position), position, *loan);
}

base::Result<ResultPage> LocalSession::Wait(base::Status status, const Position& position, CallScratch& scratch) {
  if (status.ok() && position) status = services_.engine.WaitDurable(*position);
  base::Result<ResultPage> answer = status.ok() ? std::move(scratch.page) : std::move(status);
  TakeBack(scratch);
  return answer;
}

base::Result<ResultPage> LocalSession::Execute(std::string_view cql, const Values& values,
                                               const QueryOptions& options) {
  PrepareOptions once;
  once.keep = false;
  CASSETTE_ASSIGN_OR_RETURN(const std::shared_ptr<const LocalStatement> statement, FindOrPrepare(cql, once));
  return RunAndWait(*statement, values, options);
}

base::Result<ResultPage> LocalSession::Execute(const PreparedStatement& statement, const Values& values,
                                               const QueryOptions& options) {
  const LocalStatement* local = AsLocal(statement);
  if (local == nullptr) return NotOurs();
  return RunAndWait(*local, values, options);
}

void LocalSession::ExecuteAsync(const PreparedPtr& statement, const Values& values, const QueryOptions& options,
                                PageCallback done) {
  const LocalStatement* local = AsLocal(*statement);
  if (local == nullptr) return done(NotOurs());
  ScratchPool::Loan loan = services_.scratch.Borrow();
  Position position;
  const base::Status status = Run(*local, values, options, *loan, &position);
  GiveAnswer(status, position, *loan, std::move(done));
}

void LocalSession::GiveAnswer(const base::Status& status, const Position& position, CallScratch& scratch,
                              PageCallback&& done) {
  if (!status.ok()) {
    done(status);
  } else if (position && !services_.engine.IsDurable(*position)) {
    AnswerWhenDurable(std::move(scratch.page), *position, std::move(done));
  } else {
    done(std::move(scratch.page));
  }
  TakeBack(scratch);
}

void LocalSession::AnswerWhenDurable(base::Result<ResultPage>&& page, CommitPosition position, PageCallback done) {
  // Most writes answer nothing: there is no page to carry along.
  std::shared_ptr<base::Result<ResultPage>> carried;
  if (page->kind != ResultPage::Kind::kVoid || !page->warnings.empty()) {
    carried = std::make_shared<base::Result<ResultPage>>(std::move(page));
  }
  services_.engine.OnDurable(position, [done = std::move(done), carried](const base::Status& durable) {
    if (!durable.ok()) {
      done(durable);
    } else {
      done(carried == nullptr ? base::Result<ResultPage>(ResultPage()) : std::move(*carried));
    }
  });
}

// Appends the statements of a batch with their values.
base::Status LocalSession::CollectParts(std::span<const BatchEntry> entries, std::vector<PlannedPtr>* planned,
                                        CallScratch* scratch) const {
  static const Values kNoValues;
  const PreparedStatement* last = nullptr;
  const LocalStatement* local = nullptr;
  size_t value_count = 0;
  size_t its_value_count = 0;
  for (const BatchEntry& entry : entries) {
    if (entry.statement != last) {
      local = AsLocal(*entry.statement);
      if (local == nullptr) return NotOurs();
      its_value_count = local->value_count();
    }
    last = entry.statement;
    value_count += its_value_count;
  }
  scratch->values.resize(value_count);
  scratch->parts.clear();
  scratch->parts.reserve(entries.size());
  ValueView* next = scratch->values.data();
  const cql::analysis::ModificationPlan* modification = nullptr;
  last = nullptr;
  for (const BatchEntry& entry : entries) {
    if (entry.statement != last) {
      local = AsLocal(*entry.statement);
      CASSETTE_ASSIGN_OR_RETURN(PlannedPtr plan, local->BorrowPlanFor(services_.engine));
      CASSETTE_ASSERT(plan->plan.markers.size() <= local->value_count());
      modification = plan->plan.As<cql::analysis::ModificationPlan>();
      planned->push_back(std::move(plan));
      last = entry.statement;
    }
    if (modification == nullptr) {
      return base::InvalidArgument(
          "Invalid statement in batch: only UPDATE, INSERT and DELETE statements are allowed.");
    }
    const std::vector<cql::analysis::ColumnSpec>& markers = planned->back()->plan.markers;
    const Values& given = entry.values == nullptr ? kNoValues : *entry.values;
    CASSETTE_ASSIGN_OR_RETURN(const Values* own, local->ValuesFor(*planned->back(), given));
    CASSETTE_RETURN_IF_ERROR(PutOrdered(markers, *own, next));
    scratch->parts.push_back({modification, {next, markers.size()}});
    next += markers.size();
  }
  return base::Status::Ok();
}

namespace {

cql::analysis::BatchKind PlanKindOf(BatchKind kind) {
  switch (kind) {
    case BatchKind::kLogged:
      return cql::analysis::BatchKind::kLogged;
    case BatchKind::kUnlogged:
      return cql::analysis::BatchKind::kUnlogged;
    case BatchKind::kCounter:
      break;
  }
  return cql::analysis::BatchKind::kCounter;
}

}  // namespace

base::Status LocalSession::RunBatch(BatchKind kind, std::span<const BatchEntry> entries, const QueryOptions& options,
                                    CallScratch& scratch, Position* position) {
  // Plans are kept here while they run: another thread may plan a statement anew.
  std::vector<PlannedPtr> planned;
  CASSETTE_RETURN_IF_ERROR(CollectParts(entries, &planned, &scratch));
  cql::exec::Request request = RequestOf(options, {});
  const std::shared_ptr<const std::string> role = CurrentRole();
  request.role = role.get();
  Answer answer;
  CASSETTE_RETURN_IF_ERROR(services_.executor.ExecuteBatch(PlanKindOf(kind), scratch.parts, request, next_timestamp_,
                                                           scratch.exec, &answer));
  *position = answer.position;
  static const auto kNoColumns = std::make_shared<const std::vector<ColumnSpec>>();
  FillPage(answer, kNoColumns, options, scratch);
  return base::Status::Ok();
}

base::Result<ResultPage> LocalSession::ExecuteBatch(BatchKind kind, std::span<const BatchEntry> entries,
                                                    const QueryOptions& options) {
  ScratchPool::Loan loan = services_.scratch.Borrow();
  Position position;
  return Wait(RunBatch(kind, entries, options, *loan, &position), position, *loan);
}

void LocalSession::ExecuteBatchAsync(BatchKind kind, std::span<const BatchEntry> entries, const QueryOptions& options,
                                     PageCallback done) {
  ScratchPool::Loan loan = services_.scratch.Borrow();
  Position position;
  const base::Status status = RunBatch(kind, entries, options, *loan, &position);
  GiveAnswer(status, position, *loan, std::move(done));
}

base::Result<std::unique_ptr<BulkWriter>> LocalSession::OpenBulkWriter(PreparedPtr insert) {
  const LocalStatement* local = AsLocal(*insert);
  if (local == nullptr) return NotOurs();
  CASSETTE_ASSIGN_OR_RETURN(PlannedPtr planned, local->PlanFor(services_.engine));
  if (const std::shared_ptr<const std::string> role = CurrentRole()) {
    CASSETTE_RETURN_IF_ERROR(cql::exec::Authorize(planned->plan, *role, services_.catalog));
  }
  return OpenLocalBulkWriter(*this, std::move(insert), std::move(planned), services_.engine);
}

base::Status LocalSession::CommitTogether(std::span<BulkWriter* const> writers) {
  return CommitLocalBulkWriters(writers, services_.engine);
}

}  // namespace cassette::session
