#include "derived/builder.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "derived/index_build.h"
#include "derived/view_build.h"

namespace cassette::derived {
namespace {

constexpr uint64_t kRowsBetweenReports = 1'000'000;

const schema::Index* IndexOf(const schema::Table& base, const schema::TableId& derived) {
  const auto found = std::find_if(base.indexes.begin(), base.indexes.end(),
                                  [&](const schema::Index& index) { return index.table == derived; });
  return found == base.indexes.end() ? nullptr : &*found;
}

}  // namespace

Builder::Builder(storage::engine::Engine& engine, base::Clock& clock, base::Logger& logger, bool has_thread,
                 MarkBuilt mark_built)
    : engine_(engine), clock_(clock), logger_(logger), mark_built_(std::move(mark_built)), has_thread_(has_thread) {
  if (has_thread_) thread_ = std::thread([this] { RunThread(); });
}

Builder::~Builder() { Stop(); }

void Builder::Stop() {
  is_stopping_ = true;
  {
    base::MutexLock lock(mutex_);
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Builder::Wake() {
  Task task;
  if (!FindTask(false, &task)) return;
  BuildAll(has_thread_);
  if (!has_thread_) return;
  base::MutexLock lock(mutex_);
  is_awake_ = true;
  changed_.NotifyAll();
}

void Builder::RunThread() {
  while (true) {
    {
      base::MutexLock lock(mutex_);
      while (!is_awake_ && !is_stopping_) changed_.Wait(mutex_);
      if (is_stopping_) return;
      is_awake_ = false;
    }
    BuildAll(false);
  }
}

bool Builder::IsSmall(const schema::Table& table) const {
  for (const storage::engine::TableStatistics& statistics : engine_.Statistics().tables) {
    if (statistics.table->id != table.id) continue;
    return statistics.memtable_rows + statistics.sstable_rows <= kMaxRowsBuiltAtOnce;
  }
  return false;
}

bool Builder::FindTask(bool only_small, Task* task) const {
  const schema::SchemaPtr schema = engine_.schema();
  for (const auto& [name, keyspace] : schema->keyspaces) {
    for (const auto& [table_name, table] : keyspace->tables) {
      if (table->role == schema::TableRole::kUser) continue;
      const schema::TablePtr base = schema->FindTable(table->base);
      if (base == nullptr) continue;
      const schema::Index* index = IndexOf(*base, table->id);
      const bool is_built = index == nullptr ? table->view.is_built : index->is_built;
      if (is_built || (only_small && !IsSmall(*base))) continue;
      *task = {schema, base, table};
      return true;
    }
  }
  return false;
}

void Builder::BuildAll(bool only_small) {
  base::MutexLock lock(build_mutex_);
  Task task;
  while (!is_stopping_ && FindTask(only_small, &task)) {
    base::Status status = Build(task);
    if (status.ok()) status = mark_built_(task.derived->id);
    if (status.ok() || engine_.schema()->FindTable(task.derived->id) == nullptr) continue;
    logger_.Error("{}.{} could not be built: {}", task.derived->keyspace, task.derived->name, status.message());
    return;  // The next change of the schema, or the next start, tries again.
  }
}

base::Status Builder::Build(const Task& task) {
  const schema::Index* index = IndexOf(*task.base, task.derived->id);
  std::optional<IndexBuild> index_build;
  std::optional<ViewBuild> view_build;
  if (index != nullptr) {
    index_build.emplace(engine_, *task.schema, *task.base, *index);
  } else {
    view_build.emplace(engine_, task.base, *task.derived, clock_.NowMicros() / 1'000'000);
  }
  storage::engine::ReadCommand scan;
  scan.table = task.base;
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<rows::RowSource> source, engine_.ReadHistory(scan));
  rows::RowBlock block;
  uint64_t rows = 0;
  while (true) {
    if (is_stopping_) return base::Status(base::Code::kCancelled, "the database is closing");
    CASSETTE_ASSIGN_OR_RETURN(const bool more, source->Next(&block));
    if (!more) break;
    CASSETTE_RETURN_IF_ERROR(index_build ? index_build->Add(block) : view_build->Add(block));
    const uint64_t before = rows;
    rows += block.row_count;
    if (rows / kRowsBetweenReports == before / kRowsBetweenReports) continue;
    logger_.Info("{}.{}: {} rows so far", task.derived->keyspace, task.derived->name, rows);
  }
  if (index_build) CASSETTE_RETURN_IF_ERROR(index_build->Finish());
  // That it is built is durable at once; so must be what it holds, whatever the commit log's mode.
  CASSETTE_RETURN_IF_ERROR(engine_.Flush(&task.derived->id));
  logger_.Info("{}.{} is built: {} rows", task.derived->keyspace, task.derived->name, rows);
  return base::Status::Ok();
}

}  // namespace cassette::derived
