// PartitionSource: the rows of one partition, slice by slice, in either direction; then of another one, of any table,
// with the same memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rows/row_block.h"
#include "storage/sstable/group_reader.h"
#include "storage/sstable/read_options.h"
#include "storage/sstable/table_file.h"

namespace cassette::storage::sstable {

// Thread safety: not thread safe.
class PartitionSource final : public rows::RowSource {
 public:
  PartitionSource() = default;
  PartitionSource(const PartitionSource&) = delete;
  PartitionSource& operator=(const PartitionSource&) = delete;

  // Begins to read. REQUIRES: range.key is set. Lifetime: `counters` must outlive the calls of Next; `range` is copied.
  void Open(std::shared_ptr<const TableFile> file, const rows::ReadRange& range, const ReadOptions& options,
            ReadCounters& counters);
  // Lets go of the file and what was read of it.
  void Close();
  // REQUIRES: it is open.
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

  std::shared_ptr<const TableFile> file_;
  std::string key_;
  rows::Token token_ = rows::kMinToken;
  std::vector<rows::ClusteringSlice> slices_;
  bool reversed_ = false;
  std::vector<schema::ColumnId> columns_;
  ReadOptions options_;
  ReadCounters* counters_ = nullptr;
  GroupReader reader_;
  State state_ = State::kStart;
  bool found_ = false;    // The partition has been met in a group.
  bool emitted_ = false;  // A run of it has been handed up.
  std::shared_ptr<const rows::PartitionHead> head_;
  RowRange rows_;  // Of the partition in the open group.
  std::vector<RowRange> selected_;
};

}  // namespace cassette::storage::sstable
