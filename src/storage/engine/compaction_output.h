// CompactionOutput: writes the rows of a merge into one SSTable or several, as the strategy's choice says.
#pragma once

#include <memory>
#include <vector>

#include "base/status.h"
#include "rows/merge_output.h"
#include "rows/row_block.h"
#include "storage/compaction/strategy.h"
#include "storage/engine/database.h"

namespace cassette::storage::engine {

// Thread safety: not thread safe. Lifetime: the database outlives it. Destroyed before Finish, it removes what it
// wrote.
class CompactionOutput {
 public:
  // `bytes_per_row`: what a row of the merged SSTables takes. By it tables are ended; a row group that is not written
  // yet has no size.
  CompactionOutput(Database& database, schema::TablePtr table, compaction::Output rule, double bytes_per_row);
  ~CompactionOutput();
  CompactionOutput(const CompactionOutput&) = delete;
  CompactionOutput& operator=(const CompactionOutput&) = delete;

  // Blocks in the order of rows::RowSource. `block` is used up.
  base::Status Add(rows::RowBlock* block);
  // The SSTables, in token order; none when there was no partition.
  base::Result<std::vector<SstablePtr>> Finish();

 private:
  bool EndsBefore(const rows::PartitionRun& run) const;
  // Runs [begin, end) of the block, which they may be the whole of.
  base::Status AddRuns(const rows::SlottedBlock& source, size_t begin, size_t end);
  base::Status FinishTable();

  Database& database_;
  const schema::TablePtr table_;
  const compaction::Output rule_;
  const double bytes_per_row_;
  const std::vector<schema::ColumnId> columns_;
  rows::MergeOutput slicer_;
  uint64_t file_number_ = 0;
  std::unique_ptr<sstable::SstableWriter> writer_;  // Null between tables.
  // Of the table being written.
  rows::Token last_token_ = rows::kMinToken;
  uint64_t row_count_ = 0;
  std::vector<SstablePtr> tables_;
};

}  // namespace cassette::storage::engine
