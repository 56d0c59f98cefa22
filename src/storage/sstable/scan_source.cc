#include "storage/sstable/scan_source.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/assert.h"

namespace cassette::storage::sstable {
namespace {

// Partitions of a block, at most: heads without rows have no other bound.
constexpr size_t kRunsPerBlockMax = 2 * columnar::kMaxVectorRows;

}  // namespace

ScanSource::ScanSource(std::shared_ptr<const TableFile> file, const rows::ReadRange& range, const ReadOptions& options,
                       ReadCounters& counters)
    : file_(std::move(file)),
      start_token_(range.has_start ? range.start_token : rows::kMinToken),
      end_token_(range.has_end ? range.end_token : std::numeric_limits<rows::Token>::max()),
      slices_(range.slices),
      reversed_(range.reversed),
      columns_(range.columns),
      options_(options),
      counters_(counters),
      reader_(*file_, options_, counters_),
      heads_(*file_) {}

base::Result<bool> ScanSource::Next(rows::RowBlock* block) {
  block->partitions.clear();
  block->row_count = 0;
  if (!started_) CASSETTE_RETURN_IF_ERROR(Start());
  while (block->partitions.empty()) {
    if (!has_work_) {
      CASSETTE_ASSIGN_OR_RETURN(has_work_, reversed_ ? NextWorkReversed(&work_) : NextWork(&work_));
      if (!has_work_) {
        CASSETTE_RETURN_IF_ERROR(AddRemainingHeads(block));
        return !block->partitions.empty();
      }
      CASSETTE_RETURN_IF_ERROR(BeginWork());
    }
    CASSETTE_RETURN_IF_ERROR(DoWork(block));
  }
  return true;
}

base::Status ScanSource::Start() {
  started_ = true;
  CASSETTE_ASSIGN_OR_RETURN(group_, file_->FindGroup({start_token_, {}, nullptr}, &reader_.block()));
  return heads_.Seek(start_token_, {});
}

base::Result<bool> ScanSource::NextWork(Work* work) {
  if (group_ >= file_->group_count()) return false;
  CASSETTE_RETURN_IF_ERROR(reader_.Open(group_));
  if (reader_.entry().first_token > end_token_) return false;
  *work = {group_++, 0, reader_.entry().run_count};
  return true;
}

base::Result<bool> ScanSource::NextWorkReversed(Work* work) {
  if (!in_span_) {
    if (group_ >= file_->group_count()) return false;
    CASSETTE_RETURN_IF_ERROR(reader_.Open(group_));
    if (reader_.entry().first_token > end_token_) return false;
    const uint32_t run_count = reader_.entry().run_count;
    bool goes_on = false;
    if (group_ + 1 < file_->group_count()) {
      CASSETTE_RETURN_IF_ERROR(reader_.Open(group_ + 1));
      goes_on = reader_.entry().continues;
    }
    if (!goes_on) {
      *work = {group_++, std::exchange(next_run_, 0), run_count};
      return true;
    }
    if (next_run_ + 1 < run_count) {
      *work = {group_, std::exchange(next_run_, run_count - 1), run_count - 1};
      return true;
    }
    span_low_ = group_;
    span_low_run_ = next_run_;
    CASSETTE_RETURN_IF_ERROR(FindSpanEnd());
  }
  const bool lowest = span_group_ == span_low_;
  const uint32_t run = lowest ? span_low_run_ : 0;
  *work = {span_group_, run, run + 1};
  in_span_ = !lowest;
  if (!lowest) --span_group_;
  return true;
}

// The partition that goes on after group_ ends in the group whose last run is of another partition, or before one that
// does not continue.
base::Status ScanSource::FindSpanEnd() {
  CASSETTE_RETURN_IF_ERROR(reader_.Open(group_));
  const std::string key = reader_.entry().last_key;
  const rows::ClusteringBound end = rows::ClusteringBound::End();
  const Target after{reader_.entry().last_token, key, &end};
  CASSETTE_ASSIGN_OR_RETURN(uint64_t last, file_->FindGroup(after, &reader_.block()));
  if (last < file_->group_count()) CASSETTE_RETURN_IF_ERROR(reader_.Open(last));
  const bool shares = last < file_->group_count() && reader_.entry().continues && reader_.entry().first_key == key;
  in_span_ = true;
  if (last <= span_low_ + (shares ? 0 : 1)) {
    return file_->Corrupt(file_->footer().metadata_offset, "the index contradicts itself");
  }
  span_group_ = shares ? last : last - 1;
  // After the span: the rest of the group that it ends in.
  group_ = last;
  next_run_ = shares ? 1 : 0;
  return base::Status::Ok();
}

base::Status ScanSource::BeginWork() {
  CASSETTE_RETURN_IF_ERROR(reader_.Open(work_.group));
  CASSETTE_ASSIGN_OR_RETURN(keys_, reader_.Keys());
  return TrimToTokens();
}

base::Status ScanSource::TrimToTokens() {
  while (work_.run_begin < work_.run_end && keys_->tokens[work_.run_begin] < start_token_) ++work_.run_begin;
  while (work_.run_begin < work_.run_end && keys_->tokens[work_.run_end - 1] > end_token_) --work_.run_end;
  return base::Status::Ok();
}

base::Status ScanSource::DoWork(rows::RowBlock* block) {
  CASSETTE_RETURN_IF_ERROR(reader_.Open(work_.group));
  selected_.clear();
  while (work_.run_begin < work_.run_end) {
    CASSETTE_ASSIGN_OR_RETURN(const bool added, AddRun(work_.run_begin, block));
    if (!added) break;
    ++work_.run_begin;
  }
  has_work_ = work_.run_begin < work_.run_end;
  if (!selected_.empty()) return reader_.Fill(selected_, reversed_, columns_, block);
  if (!has_work_) ++counters_.groups_skipped;
  std::vector<rows::PartitionRun> heads = std::move(block->partitions);
  block->Clear();
  block->partitions = std::move(heads);
  return base::Status::Ok();
}

// Adds the selected rows of a run, after what has to come before them; false when the block is full before that.
base::Result<bool> ScanSource::AddRun(uint32_t run, rows::RowBlock* block) {
  if (!has_partition_ || keys_->tokens[run] != token_ || keys_->key(run) != key_) {
    CASSETTE_ASSIGN_OR_RETURN(const bool begun, BeginPartition(run, block));
    if (!begun) return false;
  }
  run_selected_.clear();
  if (!reader_.IsExcluded()) {
    CASSETTE_RETURN_IF_ERROR(reader_.SelectRows(slices_, keys_->starts[run], keys_->starts[run + 1], &run_selected_));
  }
  if (run_selected_.empty()) return true;
  if (reversed_) std::reverse(run_selected_.begin(), run_selected_.end());
  const bool has_run =
      !block->partitions.empty() && block->partitions.back().token == token_ && block->partitions.back().key == key_;
  if (!has_run) block->partitions.push_back({block->row_count, token_, key_, nullptr, emitted_});
  emitted_ = true;
  for (const RowRange& range : run_selected_) {
    selected_.push_back(range);
    block->row_count += range.end - range.begin;
  }
  return true;
}

base::Result<bool> ScanSource::BeginPartition(uint32_t run, rows::RowBlock* block) {
  if (block->partitions.size() >= kRunsPerBlockMax) return false;
  CASSETTE_ASSIGN_OR_RETURN(const bool all, AddHeadsBefore(keys_->tokens[run], keys_->key(run), block));
  if (!all) return false;
  has_partition_ = true;
  token_ = keys_->tokens[run];
  key_ = keys_->key(run);
  emitted_ = false;
  if (!heads_.valid() || heads_.entry().token != token_ || heads_.entry().key != key_) return true;
  block->partitions.push_back({block->row_count, token_, key_, heads_.entry().head, false});
  emitted_ = true;
  ++counters_.heads_read;
  CASSETTE_RETURN_IF_ERROR(heads_.Next());
  return true;
}

base::Result<bool> ScanSource::AddHeadsBefore(rows::Token token, std::string_view key, rows::RowBlock* block) {
  while (heads_.valid() && ComparePositions(heads_.entry().token, heads_.entry().key, token, key) < 0) {
    if (block->partitions.size() >= kRunsPerBlockMax) return false;
    const HeadEntry& entry = heads_.entry();
    block->partitions.push_back({block->row_count, entry.token, entry.key, entry.head, false});
    ++counters_.heads_read;
    CASSETTE_RETURN_IF_ERROR(heads_.Next());
  }
  return true;
}

base::Status ScanSource::AddRemainingHeads(rows::RowBlock* block) {
  block->Clear();
  while (heads_.valid() && heads_.entry().token <= end_token_ && block->partitions.size() < kRunsPerBlockMax) {
    const HeadEntry& entry = heads_.entry();
    block->partitions.push_back({0, entry.token, entry.key, entry.head, false});
    ++counters_.heads_read;
    CASSETTE_RETURN_IF_ERROR(heads_.Next());
  }
  return base::Status::Ok();
}

}  // namespace cassette::storage::sstable
