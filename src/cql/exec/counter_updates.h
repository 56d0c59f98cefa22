// CounterUpdates: what a statement or batch adds to counters, summed up, before what they hold is read. A counter's
// cell holds its value; who reads and writes it holds the lock of its partition (partition_locks.h).
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "cql/exec/complex_update.h"
#include "cql/exec/partition_locks.h"
#include "schema/schema.h"
#include "storage/engine/engine.h"

namespace cassette::cql::exec {

// A row whose counters change.
struct CounterRow {
  schema::TablePtr table;
  std::string key;
  std::string clustering;
  bool is_static = false;

  bool operator<(const CounterRow& other) const;
};

// Thread safety: not thread safe.
class CounterUpdates {
 public:
  using Deltas = std::map<schema::ColumnId, int64_t>;

  void Clear() { rows_.clear(); }
  bool empty() const { return rows_.empty(); }
  // Adds wrap around, as Java's do.
  void Add(const RowPlace& place, schema::ColumnId column, int64_t delta);
  const std::map<CounterRow, Deltas>& rows() const { return rows_; }
  // All partitions that must be locked.
  std::vector<PartitionId> partitions() const;

 private:
  std::map<CounterRow, Deltas> rows_;
};

struct CounterCell {
  schema::ColumnId column;
  int64_t timestamp_micros = 0;
  std::string value;  // serialized
};
// The new cells of a row: what it holds (nothing counts as zero) and `deltas`; written at `timestamp_micros`, or just
// after the cell before when that is later. Fails as the engine's reads. REQUIRES: the partition is locked.
base::Result<std::vector<CounterCell>> ReadAndAdd(storage::engine::Engine& engine, const CounterRow& row,
                                                  const CounterUpdates::Deltas& deltas, int64_t timestamp_micros,
                                                  int64_t now_seconds);

}  // namespace cassette::cql::exec
