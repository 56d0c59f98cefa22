// Executor: runs plans on the engine. One statement a file: modification.cc, batch.cc, select.cc and so on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "columnar/vector_batch.h"
#include "cql/analysis/plan.h"
#include "cql/exec/conditional_clock.h"
#include "cql/exec/list_paths.h"
#include "cql/exec/partition_locks.h"
#include "storage/engine/engine.h"
#include "types/value.h"

namespace cassette::cql::exec {

inline constexpr size_t kMaxBatchStatements = 65535;   // As the native protocol's count.
inline constexpr size_t kMaxInProduct = 65535;         // Partition keys, or rows, that the INs of one statement name.
inline constexpr char kAppliedColumn[] = "[applied]";  // A boolean: whether conditions were true.

// What one execution brings beside the plan. Lifetime: all views outlive the call.
struct Request {
  std::span<const types::ValueView> values;
  int32_t page_rows = 0;  // 0 or less: no paging.
  std::string_view paging_state;
  std::optional<int64_t> timestamp_micros;  // Of the request; USING TIMESTAMP goes before it.
  std::optional<int64_t> now_seconds;
  const std::string* role = nullptr;  // Who asks; null: nobody logged in, who may do all.
};

using OutputBatch = columnar::VectorBatch;

// What a statement answered.
struct Answer {
  enum class Kind : uint8_t { kVoid, kRows, kSetKeyspace, kSchemaChange };
  Kind kind = Kind::kVoid;
  std::vector<analysis::ColumnSpec> columns;  // kRows, where they are not those that the plan says.
  // kRows of kAppliedColumn alone, for this table: `columns` is empty. Lifetime: the plan's.
  const schema::Table* applied_of = nullptr;
  std::vector<OutputBatch> batches;
  std::string paging_state;
  std::vector<std::string> warnings;
  std::string keyspace;                                      // kSetKeyspace
  std::optional<catalog::SchemaChangeResult> schema_change;  // kSchemaChange
  // Of a write: what to wait for before it may be called durable.
  std::optional<storage::engine::CommitPosition> position;
};

// Given what time it is, a write time that is no earlier and grows with each call. Microseconds.
using TimestampSource = std::function<int64_t(int64_t now_micros)>;

// One statement of a batch.
struct BatchPart {
  const analysis::ModificationPlan* plan = nullptr;
  std::span<const types::ValueView> values;
};

// What an execution shares with those before it in its thread: memory that is used again. Thread safety: belongs to one
// thread at a time.
class Scratch;

// Of a batch that writes to several partitions; 0: no bound. One of a single partition may be as large as any mutation:
// it costs no more than its rows.
struct BatchBounds {
  uint64_t warn_bytes = 0;       // Beyond: answered with a warning.
  uint64_t fail_bytes = 0;       // Beyond: kInvalidArgument.
  uint32_t warn_partitions = 0;  // Without a log. Beyond: answered with a warning.
};

// Thread safety: all methods but SetBatchBounds may be called from many threads, each with a scratch of its own.
// Lifetime: engine, catalog and clock outlive it.
class Executor {
 public:
  Executor(storage::engine::Engine& engine, catalog::Catalog& catalog, base::Clock& clock)
      : engine_(engine), catalog_(catalog), clock_(clock) {}

  // Before the first statement runs.
  void SetBatchBounds(const BatchBounds& bounds) { batch_bounds_ = bounds; }
  // `next_timestamp` gives the write time where nothing else says it.
  // Fills `answer`, which is as new.
  base::Status Execute(const analysis::Plan& plan, const Request& request, const TimestampSource& next_timestamp,
                       Scratch& scratch, Answer* answer);
  // A batch that came as statements prepared one by one.
  base::Status ExecuteBatch(analysis::BatchKind kind, std::span<const BatchPart> parts, const Request& request,
                            const TimestampSource& next_timestamp, Scratch& scratch, Answer* answer);

 private:
  storage::engine::Engine& engine_;
  catalog::Catalog& catalog_;
  base::Clock& clock_;
  PartitionLocks partition_locks_;
  ConditionalClock conditional_clock_;
  ListPaths list_paths_;
  BatchBounds batch_bounds_;
};

}  // namespace cassette::cql::exec
