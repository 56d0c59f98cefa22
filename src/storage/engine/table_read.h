// TableRead: one ReadCommand against one pinned version of a table: which sources can have rows, merged and joined in
// the order of the answer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rows/merge.h"
#include "rows/row_block.h"
#include "storage/engine/engine.h"
#include "storage/engine/table_store.h"

namespace cassette::storage::engine {

// The rest of a partition after (before, when reversed) the row with these clustering bytes.
std::vector<rows::ClusteringSlice> SlicesAfter(const std::vector<rows::ClusteringSlice>& slices,
                                               const std::string& clustering, bool reversed);

// What sources of one read share. Thread safety: not thread safe. Lifetime: outlives the sources.
struct TableReadState {
  VersionPtr version;
  ReadCommand command;
  std::vector<schema::ColumnId> columns;  // To ask sources for.
  sstable::ReadCounters counters;
  uint64_t memtables_read = 0;
  uint64_t sstables_read = 0;
  uint64_t sstables_skipped_by_filter = 0;
};

// The rows of one partition, merged. kCorruption, kIoError of key filters.
base::Result<std::unique_ptr<rows::RowSource>> ReadPartition(TableReadState* state, const std::string& key,
                                                             rows::Token token,
                                                             const std::vector<rows::ClusteringSlice>& slices);
// All that the command asks for, in the order of the answer.
base::Result<std::unique_ptr<rows::RowSource>> ReadTable(TableReadState* state);

}  // namespace cassette::storage::engine
