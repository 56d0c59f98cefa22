// Memtable::Source: a read of a memtable, block by block; then of another, with the same memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/memtable/block_writer.h"
#include "storage/memtable/memtable.h"
#include "storage/memtable/partition_reader.h"
#include "storage/memtable/shard.h"

namespace cassette::storage::memtable {

// Thread safety: not thread safe. Lifetime: a memtable outlives the calls of Next for it.
// Between two blocks it remembers the partition it is in (partitions never move or go while the memtable lives) and
// what is left of the current slice; the rows themselves are found anew.
class Memtable::Source : public rows::RowSource {
 public:
  // Begins to read; `range` is copied. False when it names a partition that the memtable does not have.
  bool Open(const Memtable& memtable, const rows::ReadRange& range);

  base::Result<bool> Next(rows::RowBlock* block) override;

 private:
  bool OpenPartition(const rows::ReadRange& range);
  void OpenScan(const rows::ReadRange& range);
  void Enter(const IndexEntry& entry);
  base::Status FillFrom(const Shard& shard) CASSETTE_REQUIRES(shard.mutex);
  base::Status CopyPartition();
  bool EnterNextPartition(const Shard& shard) CASSETTE_REQUIRES(shard.mutex);
  rows::ClusteringSlice& SliceAt(size_t visit) {
    return slices_left_[reversed_ ? slices_left_.size() - 1 - visit : visit];
  }

  const Memtable* memtable_ = nullptr;
  std::vector<rows::ClusteringSlice> slices_;
  bool reversed_ = false;
  bool has_key_ = false;
  rows::Token first_token_ = rows::kMinToken;
  rows::Token last_token_ = rows::kMinToken;
  BlockWriter writer_;
  ReadScratch scratch_;

  size_t shard_ = 0;  // Index into memtable_.shards_.
  bool ended_ = false;
  // Where it is: the current partition, or the one done last.
  const Partition* partition_ = nullptr;
  rows::Token token_ = rows::kMinToken;
  bool in_partition_ = false;
  bool began_ = false;  // A run of the current partition was given.
  size_t visit_ = 0;    // Slices of it that are done.
  std::vector<rows::ClusteringSlice> slices_left_;
};

}  // namespace cassette::storage::memtable
