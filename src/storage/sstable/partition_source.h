// PartitionSource: the rows of one partition, slice by slice, in either direction; for sstable/ alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rows/row_block.h"
#include "storage/sstable/group_reader.h"
#include "storage/sstable/read_options.h"
#include "storage/sstable/table_file.h"

namespace cassette::storage::sstable {

class PartitionSource final : public rows::RowSource {
 public:
  // REQUIRES: range.key is set. Lifetime: `counters` must outlive it; `range` is copied.
  PartitionSource(std::shared_ptr<const TableFile> file, const rows::ReadRange& range, const ReadOptions& options,
                  ReadCounters& counters);

  base::Result<bool> Next(rows::RowBlock* block) override;

 private:
  // Where the search for further rows stands.
  enum class State : uint8_t { kStart, kMore, kEnd };

  base::Status Start();
  base::Status StartReversed();
  base::Status GoOn(uint32_t run);
  base::Status GoForward(uint32_t run);
  base::Status GoBack(uint32_t run);
  base::Status OpenGroup(uint64_t group);
  base::Result<bool> EmitHeadAlone(rows::RowBlock* block);
  base::Status Emit(rows::RowBlock* block);
  base::Status LoadHead(bool there_is_one);

  const std::shared_ptr<const TableFile> file_;
  const std::string key_;
  const rows::Token token_;
  const std::vector<rows::ClusteringSlice> slices_;
  const bool reversed_;
  const std::vector<schema::ColumnId> columns_;
  const ReadOptions options_;
  ReadCounters& counters_;
  GroupReader reader_;
  State state_ = State::kStart;
  bool found_ = false;    // The partition has been met in a group.
  bool emitted_ = false;  // A run of it has been handed up.
  std::shared_ptr<const rows::PartitionHead> head_;
  RowRange rows_;  // Of the partition in the open group.
  std::vector<RowRange> selected_;
};

}  // namespace cassette::storage::sstable
