// ScanSource: the partitions of a token range in order, their heads merged in; for sstable/ alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rows/row_block.h"
#include "storage/sstable/group_reader.h"
#include "storage/sstable/head_cursor.h"
#include "storage/sstable/read_options.h"
#include "storage/sstable/table_file.h"

namespace cassette::storage::sstable {

class ScanSource final : public rows::RowSource {
 public:
  // REQUIRES: range.key is null. Lifetime: `counters` must outlive it; `range` is copied.
  ScanSource(std::shared_ptr<const TableFile> file, const rows::ReadRange& range, const ReadOptions& options,
             ReadCounters& counters);

  base::Result<bool> Next(rows::RowBlock* block) override;

 private:
  // Partitions [run_begin, run_end) of a group, to be handed up next.
  struct Work {
    uint64_t group = 0;
    uint32_t run_begin = 0;
    uint32_t run_end = 0;
  };

  base::Status Start();
  base::Result<bool> NextWork(Work* work);
  base::Result<bool> NextWorkReversed(Work* work);
  base::Status FindSpanEnd();
  base::Status BeginWork();
  base::Status TrimToTokens();
  base::Status DoWork(rows::RowBlock* block);
  base::Result<bool> AddRun(uint32_t run, rows::RowBlock* block);
  base::Result<bool> BeginPartition(uint32_t run, rows::RowBlock* block);
  // Heads of partitions without rows, up to (token, key); false when the block is full before.
  base::Result<bool> AddHeadsBefore(rows::Token token, std::string_view key, rows::RowBlock* block);
  base::Status AddRemainingHeads(rows::RowBlock* block);

  const std::shared_ptr<const TableFile> file_;
  const rows::Token start_token_;
  const rows::Token end_token_;
  const std::vector<rows::ClusteringSlice> slices_;
  const bool reversed_;
  const std::vector<schema::ColumnId> columns_;
  const ReadOptions options_;
  ReadCounters& counters_;
  GroupReader reader_;
  HeadCursor heads_;
  bool started_ = false;

  uint64_t group_ = 0;     // The next to be handed out as work,
  uint32_t next_run_ = 0;  // from this run on.
  // Backwards through a partition of several groups: from span_group_ down to span_low_, there run span_low_run_.
  bool in_span_ = false;
  uint64_t span_group_ = 0;
  uint64_t span_low_ = 0;
  uint32_t span_low_run_ = 0;

  bool has_work_ = false;
  Work work_;
  std::shared_ptr<const GroupKeys> keys_;  // Of the work's group.
  bool has_partition_ = false;
  rows::Token token_ = rows::kMinToken;  // The partition begun last.
  std::string key_;
  bool emitted_ = false;  // A run of it has been handed up.
  std::vector<RowRange> selected_;
  std::vector<RowRange> run_selected_;
};

}  // namespace cassette::storage::sstable
