#include "storage/memtable/source.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace cassette::storage::memtable {

bool Memtable::Source::Open(const Memtable& memtable, const rows::ReadRange& range) {
  memtable_ = &memtable;
  slices_ = range.slices;
  reversed_ = range.reversed;
  has_key_ = range.key != nullptr;
  partition_ = nullptr;
  in_partition_ = false;
  ended_ = false;
  if (has_key_) return OpenPartition(range);
  OpenScan(range);
  return true;
}

bool Memtable::Source::OpenPartition(const rows::ReadRange& range) {
  shard_ = memtable_->shard_index(range.token);
  const Shard& shard = *memtable_->shards_[shard_];
  base::MutexLock lock(shard.mutex);
  const IndexEntry* entry = shard.index().Find({range.token, *range.key});
  if (entry == nullptr) {
    ended_ = true;
    return false;
  }
  writer_.Open(shard.layout(), range.columns);
  Enter(*entry);
  return true;
}

void Memtable::Source::OpenScan(const rows::ReadRange& range) {
  first_token_ = range.has_start ? range.start_token : rows::kMinToken;
  last_token_ = range.has_end ? range.end_token : std::numeric_limits<rows::Token>::max();
  shard_ = memtable_->shard_index(first_token_);
  // That of the last shard: it gets a new layout after the others.
  const Shard& shard = *memtable_->shards_.back();
  base::MutexLock lock(shard.mutex);
  writer_.Open(shard.layout(), range.columns);
}

base::Result<bool> Memtable::Source::Next(rows::RowBlock* block) {
  if (ended_) {
    block->ClearButColumns();
    return false;
  }
  writer_.Start(block);
  while (!ended_ && writer_.room() > 0) {
    const Shard& shard = *memtable_->shards_[shard_];
    base::MutexLock lock(shard.mutex);
    CASSETTE_RETURN_IF_ERROR(FillFrom(shard));
  }
  writer_.Finish();
  return !block->partitions.empty();
}

// Until the block is full or the shard ends; then moves to the next shard.
base::Status Memtable::Source::FillFrom(const Shard& shard) {
  while (writer_.room() > 0) {
    if (!in_partition_ && !EnterNextPartition(shard)) {
      partition_ = nullptr;
      first_token_ = rows::kMinToken;  // All of the next shard's are behind it.
      ++shard_;
      ended_ = has_key_ || shard_ > memtable_->shard_index(last_token_);
      return {};
    }
    CASSETTE_RETURN_IF_ERROR(CopyPartition());
  }
  return {};
}

bool Memtable::Source::EnterNextPartition(const Shard& shard) {
  if (has_key_) return false;
  const IndexEntry* entry = partition_ != nullptr ? shard.index().FirstAfter({token_, partition_->key()})
                                                  : shard.index().FirstFrom({first_token_, {}});
  if (entry == nullptr || entry->token > last_token_) return false;
  Enter(*entry);
  return true;
}

void Memtable::Source::Enter(const IndexEntry& entry) {
  partition_ = entry.partition;
  token_ = entry.token;
  in_partition_ = true;
  began_ = false;
  visit_ = 0;
  slices_left_ = slices_;
}

// Copies from the current partition until the block is full or the partition ends.
base::Status Memtable::Source::CopyPartition() {
  rows::RowBlock* block = writer_.block();
  const uint32_t rows_before = block->row_count;
  std::shared_ptr<const rows::PartitionHead> head = began_ ? nullptr : HeadOf(*partition_);
  const bool has_head = head != nullptr;
  writer_.BeginPartition(token_, *partition_, std::move(head), began_);
  while (visit_ < slices_left_.size() && writer_.room() > 0) {
    rows::ClusteringSlice& slice = SliceAt(visit_);
    CASSETTE_RETURN_IF_ERROR(CopyRows(*partition_, reversed_, &slice, &writer_, &scratch_));
    if (IsDone(slice)) ++visit_;
  }
  if (block->row_count == rows_before && !has_head) {
    writer_.DropPartition();
  } else {
    began_ = true;
  }
  if (visit_ == slices_left_.size()) in_partition_ = false;
  return {};
}

}  // namespace cassette::storage::memtable
