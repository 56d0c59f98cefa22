// TableSource: one ReadCommand against one pinned version of a table: which sources have rows, merged and joined in the
// order of the answer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rows/merge.h"
#include "rows/row_block.h"
#include "storage/engine/engine.h"
#include "storage/engine/table_store.h"
#include "storage/memtable/source.h"
#include "storage/sstable/partition_source.h"

namespace cassette::storage::engine {

// The rest of a partition after (before, when reversed) the row with these clustering bytes.
std::vector<rows::ClusteringSlice> SlicesAfter(const std::vector<rows::ClusteringSlice>& slices,
                                               const std::string& clustering, bool reversed);

// What sources of one read share. Thread safety: not thread safe. Lifetime: outlives the sources.
struct TableReadState {
  VersionPtr version;
  const ReadCommand* command = nullptr;  // Outlives the sources.
  sstable::ReadCounters counters;
  uint64_t memtables_read = 0;
  uint64_t sstables_read = 0;
  uint64_t sstables_skipped_by_filter = 0;
};

// The rows of one partition, merged where several sources have it; then of another one, with the same memory. Thread
// safety: not thread safe.
class PartitionRows final : public rows::RowSource {
 public:
  // kCorruption, kIoError of key filters. Lifetime: `state` outlives the calls of Next.
  base::Status Open(TableReadState* state, const std::string& key, const std::vector<rows::ClusteringSlice>& slices);
  base::Result<bool> Next(rows::RowBlock* block) override;
  // Lets go of what it reads from.
  void Close();
  size_t memory_bytes() const { return merger_.memory_bytes(); }  // Of what it keeps, about.

 private:
  void SetColumns(const schema::TablePtr& table);
  void OpenMemtables(TableReadState* state);
  base::Status OpenSstables(TableReadState* state);
  void Merge(const ReadCommand& command);

  rows::ReadRange range_;
  sstable::ReadOptions options_;
  schema::TablePtr columns_of_;  // Whose regular columns range_ has.
  // Of these the first so many are open.
  std::vector<std::unique_ptr<memtable::Memtable::Source>> memtables_;
  std::vector<std::unique_ptr<sstable::PartitionSource>> sstables_;
  size_t memtables_open_ = 0;
  size_t sstables_open_ = 0;
  rows::RowSource* rows_ = nullptr;  // Null: there are none.
  std::vector<rows::RowSource*> several_;
  rows::Merger merger_;  // Of several_.
};

// All that a command asks for; then what another one does, with the same memory. Thread safety: not thread safe.
class TableSource final : public rows::RowSource {
 public:
  // kCorruption, kIoError. Lifetime: `state` outlives the calls of Next.
  base::Status Open(TableReadState* state);
  base::Result<bool> Next(rows::RowBlock* block) override { return rows_->Next(block); }
  void Close();
  size_t memory_bytes() const { return partition_.memory_bytes(); }  // Of what it keeps, about.

 private:
  base::Status OpenKeys(TableReadState* state);
  base::Status OpenPartition(TableReadState* state, const std::string& key,
                             const std::vector<rows::ClusteringSlice>& slices);

  PartitionRows partition_;
  std::unique_ptr<rows::RowSource> several_;  // Anything but one partition; may use partition_.
  rows::RowSource* rows_ = nullptr;
};

}  // namespace cassette::storage::engine
