#include "storage/sstable/partition_source.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace cassette::storage::sstable {

void PartitionSource::Open(std::shared_ptr<const TableFile> file, const rows::ReadRange& range,
                           const ReadOptions& options, ReadCounters& counters) {
  file_ = std::move(file);
  key_ = *range.key;
  token_ = range.token;
  slices_ = range.slices;
  reversed_ = range.reversed;
  columns_ = range.columns;
  options_ = options;
  counters_ = &counters;
  reader_.Reset(*file_, options_, counters);
  state_ = State::kStart;
  found_ = false;
  emitted_ = false;
  head_ = nullptr;
}

void PartitionSource::Close() {
  reader_.Release();
  head_ = nullptr;
  file_ = nullptr;
}

base::Result<bool> PartitionSource::Next(rows::RowBlock* block) {
  block->partitions.clear();
  if (state_ == State::kStart) {
    state_ = State::kMore;
    CASSETTE_RETURN_IF_ERROR(reversed_ ? StartReversed() : Start());
  }
  while (state_ == State::kMore) {
    CASSETTE_ASSIGN_OR_RETURN(const uint32_t run, reader_.FindRun(token_, key_, &rows_));
    if (run == reader_.entry().run_count) {
      state_ = State::kEnd;
      break;
    }
    if (!found_) {
      found_ = true;
      CASSETTE_RETURN_IF_ERROR(LoadHead(reader_.entry().RunHasHead(run)));
    }
    selected_.clear();
    if (!reader_.IsExcluded()) {
      CASSETTE_RETURN_IF_ERROR(reader_.SelectRows(slices_, rows_.begin, rows_.end, &selected_));
    }
    if (selected_.empty()) {
      ++counters_->groups_skipped;
      CASSETTE_RETURN_IF_ERROR(GoOn(run));
      continue;
    }
    CASSETTE_RETURN_IF_ERROR(Emit(block));
    CASSETTE_RETURN_IF_ERROR(GoOn(run));
    return true;
  }
  return EmitHeadAlone(block);
}

base::Status PartitionSource::LoadHead(bool there_is_one) {
  if (!there_is_one) return base::Status::Ok();
  CASSETTE_ASSIGN_OR_RETURN(head_, file_->FindHead(token_, key_));
  if (head_ != nullptr) ++counters_->heads_read;
  return base::Status::Ok();
}

base::Status PartitionSource::Emit(rows::RowBlock* block) {
  if (reversed_) std::reverse(selected_.begin(), selected_.end());
  CASSETTE_RETURN_IF_ERROR(reader_.Fill(selected_, reversed_, columns_, block));
  block->partitions.push_back({0, token_, key_, emitted_ ? nullptr : head_, emitted_});
  emitted_ = true;
  return base::Status::Ok();
}

// A head whose partition has no (selected) rows still counts: it may delete what other sources have.
base::Result<bool> PartitionSource::EmitHeadAlone(rows::RowBlock* block) {
  block->ClearButColumns();
  if (emitted_) return false;
  if (!found_) CASSETTE_RETURN_IF_ERROR(LoadHead(true));
  emitted_ = true;
  if (head_ == nullptr) return false;
  block->Clear();
  block->partitions.push_back({0, token_, key_, head_, false});
  return true;
}

base::Status PartitionSource::OpenGroup(uint64_t group) {
  if (group >= file_->group_count()) {
    state_ = State::kEnd;
    return base::Status::Ok();
  }
  return reader_.Open(group);
}

base::Status PartitionSource::Start() {
  if (slices_.empty()) {
    // Only the head is wanted.
    state_ = State::kEnd;
    return base::Status::Ok();
  }
  CASSETTE_ASSIGN_OR_RETURN(const uint64_t group,
                            file_->FindGroup({token_, key_, &slices_.front().start}, &reader_.block()));
  return OpenGroup(group);
}

base::Status PartitionSource::StartReversed() {
  if (slices_.empty() || file_->group_count() == 0) {
    state_ = State::kEnd;
    return base::Status::Ok();
  }
  CASSETTE_ASSIGN_OR_RETURN(uint64_t group, file_->FindGroup({token_, key_, &slices_.back().end}, &reader_.block()));
  group = std::min(group, file_->group_count() - 1);
  CASSETTE_RETURN_IF_ERROR(reader_.Open(group));
  // The group holds the first row after the end; where it begins after the end, the one before has the last row wanted.
  const GroupEntry& entry = reader_.entry();
  const int order = ComparePositions(entry.first_token, entry.first_key, token_, key_);
  const bool begins_after = order > 0 || (order == 0 && slices_.back().end.CompareToRow(entry.first_clustering) < 0);
  return begins_after && group > 0 ? reader_.Open(group - 1) : base::Status::Ok();
}

base::Status PartitionSource::GoOn(uint32_t run) { return reversed_ ? GoBack(run) : GoForward(run); }

base::Status PartitionSource::GoForward(uint32_t run) {
  const GroupEntry& entry = reader_.entry();
  const auto slice = std::find_if(slices_.begin(), slices_.end(), [&](const rows::ClusteringSlice& candidate) {
    return candidate.end.CompareToRow(entry.last_clustering) > 0;
  });
  if (run + 1 < entry.run_count || slice == slices_.end()) {
    state_ = State::kEnd;
    return base::Status::Ok();
  }
  uint64_t next = reader_.group() + 1;
  if (slice->start.CompareToRow(entry.last_clustering) > 0) {
    CASSETTE_ASSIGN_OR_RETURN(const uint64_t wanted, file_->FindGroup({token_, key_, &slice->start}, &reader_.block()));
    counters_->groups_skipped += std::max(wanted, next) - next;
    next = std::max(wanted, next);
  }
  return OpenGroup(next);
}

base::Status PartitionSource::GoBack(uint32_t run) {
  const GroupEntry& entry = reader_.entry();
  const auto slice = std::find_if(slices_.rbegin(), slices_.rend(), [&](const rows::ClusteringSlice& candidate) {
    return candidate.start.CompareToRow(entry.first_clustering) < 0;
  });
  if (run > 0 || !entry.continues || slice == slices_.rend() || reader_.group() == 0) {
    state_ = State::kEnd;
    return base::Status::Ok();
  }
  uint64_t next = reader_.group() - 1;
  if (slice->end.CompareToRow(entry.first_clustering) < 0) {
    CASSETTE_ASSIGN_OR_RETURN(const uint64_t wanted, file_->FindGroup({token_, key_, &slice->end}, &reader_.block()));
    counters_->groups_skipped += next - std::min(next, wanted);
    next = std::min(next, wanted);
  }
  return reader_.Open(next);
}

}  // namespace cassette::storage::sstable
