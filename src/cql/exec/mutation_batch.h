// MutationBatch: the mutations that one statement or batch comes to, neighbours of one partition in one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/exec/bind_where.h"
#include "cql/exec/evaluate.h"
#include "rows/mutation.h"
#include "storage/engine/engine.h"

namespace cassette::cql::exec {

// Write time, and what time it is for TTLs and tombstones.
struct WriteTimes {
  int64_t timestamp_micros = 0;
  int64_t now_seconds = 0;
  // Of statements with conditions: USING TIMESTAMP does not count, and what a deletion of a partition or range covers
  // ends before what is written with it.
  bool is_conditional = false;
};

// Reuse one: memory is kept. Thread safety: not thread safe.
class MutationBatch {
 public:
  void Clear();
  // Adds what `plan` does with the values of `evaluator`. kInvalidArgument in Cassandra's words.
  base::Status Add(const analysis::ModificationPlan& plan, Evaluator& evaluator, const WriteTimes& times);
  // As Add, at the partition and row that the caller has bound: what conditions looked at is what is written to.
  base::Status AddAt(const analysis::ModificationPlan& plan, const BoundPlace& place, Evaluator& evaluator,
                     const WriteTimes& times);
  // Gives all to the engine as one. No position when there was nothing to write.
  base::Result<std::optional<storage::engine::CommitPosition>> Apply(storage::engine::Engine& engine);

 private:
  struct CellTimes {
    int64_t timestamp_micros;
    int32_t ttl_seconds;
    int64_t expires_at_seconds;
    int64_t now_seconds;
    int64_t range_timestamp_micros;  // Of deletions of partitions and ranges.
  };

  base::Status AddSingleRow(const analysis::ModificationPlan& plan, Evaluator& evaluator, const CellTimes& times);
  base::Status AddMany(const analysis::ModificationPlan& plan, Evaluator& evaluator, const CellTimes& times);
  base::Result<CellTimes> TimesOf(const analysis::ModificationPlan& plan, Evaluator& evaluator,
                                  const WriteTimes& times);
  base::Status AppendSingleKey(const analysis::ModificationPlan& plan, Evaluator& evaluator);
  base::Status WriteRow(const analysis::ModificationPlan& plan, std::string_view clustering, Evaluator& evaluator,
                        const CellTimes& times);
  base::Status WriteStatics(const analysis::ModificationPlan& plan, Evaluator& evaluator, const CellTimes& times);
  // Goes on with the partition `key_`, in the mutation at hand when it is the same.
  void BeginPartition(const schema::Table& table);
  void FinishMutation();

  rows::MutationBuilder builder_;  // The last mutation.
  bool is_open_ = false;
  schema::TableId table_;
  std::string open_key_;
  std::string key_;
  std::string clustering_;
  std::string finished_;               // Mutations before the last one, end to end.
  std::vector<size_t> finished_ends_;  // Where each ends.
};

}  // namespace cassette::cql::exec
