// MutationBatch: the mutations that one statement or batch comes to, neighbours of one partition in one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/exec/bind_where.h"
#include "cql/exec/complex_update.h"
#include "cql/exec/counter_updates.h"
#include "cql/exec/evaluate.h"
#include "derived/write.h"
#include "rows/mutation.h"
#include "storage/engine/engine.h"

namespace cassette::cql::exec {

// Write time, what time it is for TTLs and tombstones, and what lists need. Lifetime: the services outlive it.
struct WriteTimes {
  int64_t timestamp_micros = 0;
  int64_t now_seconds = 0;
  // Of statements with conditions: USING TIMESTAMP does not count, and what a deletion of a partition or range covers
  // ends before what is written with it.
  bool is_conditional = false;
  const ListServices* lists = nullptr;
};

// The write time that USING TIMESTAMP gives, `otherwise` when it is unset. kInvalidArgument for null and for no bytes.
base::Result<int64_t> TimestampOf(const analysis::Term& term, Evaluator& evaluator, int64_t otherwise);

// Reuse one: memory is kept. Thread safety: not thread safe.
class MutationBatch {
 public:
  void Clear();
  // Adds what `plan` does with the values of `evaluator`. kInvalidArgument in Cassandra's words.
  base::Status Add(const analysis::ModificationPlan& plan, Evaluator& evaluator, const WriteTimes& times);
  // As Add, at the partition and row that the caller has bound: what conditions looked at is what is written to.
  base::Status AddAt(const analysis::ModificationPlan& plan, const BoundPlace& place, Evaluator& evaluator,
                     const WriteTimes& times);
  // Of mutations: neighbours of one partition are one.
  size_t count() const { return finished_ends_.size() + (has_last() ? 1 : 0); }
  // Of all mutations, when there are several; else 0.
  size_t bytes_of_several() const;
  // A partition comes once a mutation, and once a row whose counters are added to.
  void ForEachPartition(const std::function<void(const schema::TableId& table, std::string_view key)>& visit) const;
  // What was added to counters. Once their partitions are locked, WriteCounters must run before Apply.
  const CounterUpdates& counters() const { return counters_; }
  // Reads each counter and adds a cell with its new value, written after the last one. Fails as the engine's reads.
  base::Status WriteCounters(storage::engine::Engine& engine, const WriteTimes& times);
  // Gives all to the engine as one. No position when there was nothing to write.
  base::Result<std::optional<storage::engine::CommitPosition>> Apply(storage::engine::Engine& engine);

 private:
  base::Status AddSingleRow(const analysis::ModificationPlan& plan, Evaluator& evaluator, const CellTimes& times);
  base::Status AddMany(const analysis::ModificationPlan& plan, Evaluator& evaluator, const CellTimes& times);
  // Cells of one row, or of the static row.
  base::Status WriteCells(const analysis::ModificationPlan& plan, const std::vector<analysis::Assignment>& assignments,
                          const RowPlace& place, bool is_begun, Evaluator& evaluator, const CellTimes& times);
  base::Status WriteComplex(const std::vector<analysis::Assignment>& assignments, size_t first, const RowPlace& place,
                            Evaluator& evaluator, const CellTimes& times, bool* is_begun);
  // What assignment `first` and later ones of its column add up to; unset when there is nothing to add to, or an
  // earlier one has done it.
  base::Result<types::ValueView> AddUp(const std::vector<analysis::Assignment>& assignments, size_t first,
                                       const RowPlace& place, Evaluator& evaluator, int64_t now_seconds) const;
  base::Status AddToCounter(const analysis::Assignment& assignment, const RowPlace& place, Evaluator& evaluator);
  void BeginRow(const RowPlace& place, bool* is_begun);
  // What holds for all of a statement, and the times of its cells. Every way to add one begins here.
  base::Status TakeTimes(const analysis::ModificationPlan& plan, Evaluator& evaluator, const WriteTimes& times,
                         CellTimes* result);
  // The same for a plan that says something about them.
  base::Status BindTimes(const analysis::ModificationPlan& plan, Evaluator& evaluator, const WriteTimes& times,
                         CellTimes* result);
  // Whether the row goes to the partition of the row before.
  bool IsSameKey(const analysis::ModificationPlan& plan, const Evaluator& evaluator) const;
  base::Status BindSingleKey(const analysis::ModificationPlan& plan, Evaluator& evaluator);
  base::Status BindSingleRow(const analysis::ModificationPlan& plan, Evaluator& evaluator);
  base::Status WriteRow(const analysis::ModificationPlan& plan, std::string_view clustering, Evaluator& evaluator,
                        const CellTimes& times);
  base::Status WriteStatics(const analysis::ModificationPlan& plan, Evaluator& evaluator, const CellTimes& times);
  // Goes on with the partition `key_`, whose token that is, in the mutation at hand when it is the same.
  void BeginPartition(const schema::Table& table, rows::Token token);
  void FinishMutation();
  bool has_last() const { return is_open_ && !builder_.empty(); }
  std::vector<std::string_view> Mutations() const;
  base::Result<std::optional<storage::engine::CommitPosition>> ApplyAll(storage::engine::Engine& engine,
                                                                        std::span<const std::string_view> mutations);

  const ListServices* lists_ = nullptr;
  ComplexUpdate complex_;
  CounterUpdates counters_;
  derived::Writer derived_;
  rows::MutationBuilder builder_;  // The last mutation.
  bool is_open_ = false;
  int64_t now_seconds_ = 0;   // Of the last statement.
  bool has_derived_ = false;  // A table has indexes or views.
  schema::TableId table_;
  std::string open_key_;
  std::string key_;
  std::string clustering_;
  // Of the row before, when `repeated_` made it too: the rows of a batch mostly share their partition and the first
  // clustering columns, which are neither checked nor encoded again, and whose mutation is the one at hand. Views into
  // bound values.
  struct ClusteringPart {
    std::string_view value;
    size_t end;  // Of its bytes in clustering_.
  };
  const analysis::ModificationPlan* repeated_ = nullptr;
  std::vector<std::string_view> key_values_;
  std::vector<ClusteringPart> clustering_parts_;
  std::string finished_;               // Mutations before the last one, end to end.
  std::vector<size_t> finished_ends_;  // Where each ends.
};

}  // namespace cassette::cql::exec
