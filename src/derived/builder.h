// Builder: gives the rows that were there before an index or a view their entries, in the background. Which are not
// built yet is in the schema, so a build that a crash ended begins anew at the next start: doing it twice changes
// nothing, for what is written has the write times of the rows.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/status.h"
#include "schema/schema.h"
#include "storage/engine/engine.h"

namespace cassette::derived {

// What follows tables of up to so many rows is built before Wake returns.
inline constexpr uint64_t kMaxRowsBuiltAtOnce = 10'000;

// Thread safety: all methods may be called from many threads. Lifetime: engine, clock, logger and what `mark_built`
// needs outlive it.
class Builder {
 public:
  // Is told the table of an index's entries, or the view.
  using MarkBuilt = std::function<base::Status(const schema::TableId& derived)>;

  // Without a thread of its own everything is built in Wake.
  Builder(storage::engine::Engine& engine, base::Clock& clock, base::Logger& logger, bool has_thread,
          MarkBuilt mark_built);
  ~Builder();  // Stops.

  // To be called after each change of the schema, and at the start.
  void Wake();
  // Ends a build underway at its next chunk of rows; the schema still says that it is not done.
  void Stop();

 private:
  // The table, and which table follows it.
  struct Task {
    schema::SchemaPtr schema;
    schema::TablePtr base;
    schema::TablePtr derived;
  };

  // The first that is not built; of small tables alone when `only_small`.
  bool FindTask(bool only_small, Task* task) const;
  bool IsSmall(const schema::Table& table) const;
  void BuildAll(bool only_small);
  // kCancelled after Stop, else what the engine says.
  base::Status Build(const Task& task);
  void RunThread();

  storage::engine::Engine& engine_;
  base::Clock& clock_;
  base::Logger& logger_;
  const MarkBuilt mark_built_;
  const bool has_thread_;
  std::atomic<bool> is_stopping_ = false;
  base::Mutex build_mutex_;  // One build at a time.
  base::Mutex mutex_;
  base::CondVar changed_;
  bool is_awake_ CASSETTE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace cassette::derived
