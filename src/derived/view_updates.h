// ViewUpdates: what a write means for the views of its tables. The rows that it touches are read as they are, the write
// is merged into them, and each view is told of the difference.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "derived/base_row.h"
#include "derived/mutation_list.h"
#include "derived/view_writer.h"
#include "rows/mutation.h"
#include "rows/partition_locks.h"
#include "rows/row_history.h"
#include "schema/schema.h"
#include "storage/engine/engine.h"

namespace cassette::derived {

// For one write after the other, each with the memory of the one before: Begin, Collect for each of its mutations, Add.
// Thread safety: not thread safe. Lifetime: engine and mutations outlive the write.
class ViewUpdates {
 public:
  // The engine's schema as it is now, held until the next Begin.
  const schema::Schema& Begin(storage::engine::Engine& engine, int64_t now_seconds);
  // Takes a mutation of a table of that schema, which has views.
  void Collect(const schema::Table& table, const rows::MutationHeader& mutation);
  // What must be locked before Add, until the write is done.
  const std::vector<rows::PartitionId>& partitions() const { return partitions_; }
  // Adds the views' mutations. What the engine says when it cannot be read; kCorruption when a mutation is malformed.
  base::Status Add(MutationList* out);

 private:
  struct Collected {
    const schema::Table* table;
    rows::MutationHeader mutation;

    bool IsOfPartition(const Collected& other) const {
      return table == other.table && mutation.token == other.mutation.token && mutation.key == other.mutation.key;
    }
  };

  // REQUIRES: all of `mutations` are of one partition.
  base::Status AddPartition(std::span<const Collected> mutations, MutationList* out);
  // The views of `table`, at the beginning of a partition of it.
  base::Status BeginViews(const schema::Table& table, std::string_view key);
  // Into before_, the rows that the update may change, also those that are not there: what deletes them is.
  base::Status ReadRows(const Collected& partition);
  // The same of an update of single rows, each by itself. False when the engine cannot give one without a merge.
  base::Result<bool> ReadSingleRows(const Collected& partition);
  base::Status ReadRanges(const Collected& partition);

  storage::engine::Engine* engine_ = nullptr;
  schema::SchemaPtr schema_;
  int64_t now_seconds_ = 0;
  std::vector<Collected> collected_;
  std::vector<rows::PartitionId> partitions_;
  // Of the last table written to, kept for the next write to it.
  const schema::Table* table_ = nullptr;
  std::deque<ViewWriter> views_;
  // Of the partition at hand.
  base::Arena arena_;
  PartitionUpdate update_;
  std::vector<KeyedRow> before_;
  std::deque<rows::RowHistory> histories_;
};

}  // namespace cassette::derived
