// Memtable::Source: a read of a memtable, block by block. For memtable.cc alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/memtable/block_writer.h"
#include "storage/memtable/memtable.h"
#include "storage/memtable/partition_reader.h"
#include "storage/memtable/shard.h"

namespace cassette::storage::memtable {

// Between two blocks it remembers the partition it is in (partitions never move or go while the memtable lives) and
// what is left of the current slice; the rows themselves are found anew.
class Memtable::Source : public rows::RowSource {
 public:
  Source(const Memtable& memtable, const rows::ReadRange& range, std::shared_ptr<const Layout> layout);

  base::Result<bool> Next(rows::RowBlock* block) override;

 private:
  base::Status FillFrom(const Shard& shard) CASSETTE_REQUIRES(shard.mutex);
  base::Status CopyPartition();
  bool EnterNextPartition(const Shard& shard) CASSETTE_REQUIRES(shard.mutex);
  const IndexEntry* FindNext(const Shard& shard) CASSETTE_REQUIRES(shard.mutex);
  bool IsPast(const IndexEntry& entry) const;
  rows::ClusteringSlice& SliceAt(size_t visit) {
    return slices_left_[reversed_ ? slices_left_.size() - 1 - visit : visit];
  }

  const Memtable& memtable_;
  const std::vector<rows::ClusteringSlice> slices_;
  const bool reversed_;
  const bool has_key_;
  const std::string key_;
  const rows::Token first_token_;
  const rows::Token last_token_;
  BlockWriter writer_;
  ReadScratch scratch_;

  size_t shard_;  // Index into memtable_.shards_.
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
