#include "storage/memtable/source.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace cassette::storage::memtable {

Memtable::Source::Source(const Memtable& memtable, const rows::ReadRange& range, std::shared_ptr<const Layout> layout)
    : memtable_(memtable),
      slices_(range.slices),
      reversed_(range.reversed),
      has_key_(range.key != nullptr),
      key_(range.key != nullptr ? *range.key : std::string()),
      first_token_(range.key != nullptr ? range.token : (range.has_start ? range.start_token : rows::kMinToken)),
      last_token_(range.key != nullptr ? range.token
                  : range.has_end      ? range.end_token
                                       : std::numeric_limits<rows::Token>::max()),
      writer_(std::move(layout), range.columns),
      shard_(memtable.shard_index(first_token_)) {}

base::Result<bool> Memtable::Source::Next(rows::RowBlock* block) {
  writer_.Start(block);
  while (!ended_ && writer_.room() > 0) {
    const Shard& shard = *memtable_.shards_[shard_];
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
      ++shard_;
      ended_ = has_key_ || shard_ > memtable_.shard_index(last_token_);
      return {};
    }
    CASSETTE_RETURN_IF_ERROR(CopyPartition());
  }
  return {};
}

bool Memtable::Source::EnterNextPartition(const Shard& shard) {
  const IndexEntry* entry = FindNext(shard);
  if (entry == nullptr || IsPast(*entry)) return false;
  partition_ = entry->partition;
  token_ = entry->token;
  in_partition_ = true;
  began_ = false;
  visit_ = 0;
  slices_left_ = slices_;
  return true;
}

const IndexEntry* Memtable::Source::FindNext(const Shard& shard) {
  if (partition_ != nullptr) return shard.FirstAfter({token_, partition_->key()});
  return shard.FirstFrom({first_token_, key_});
}

bool Memtable::Source::IsPast(const IndexEntry& entry) const {
  return entry.token > last_token_ || (has_key_ && entry.partition->key() != key_);
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
