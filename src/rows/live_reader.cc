#include "rows/live_reader.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "base/assert.h"
#include "rows/live_batch.h"
#include "rows/live_block.h"
#include "rows/merge_rows.h"

namespace cassette::rows {
namespace {

// A batch with this many rows goes up rather than wait for a block that may not fit.
constexpr uint32_t kBatchRowsEnough = columnar::kMaxVectorRows / 4;

uint64_t LeftOf(uint64_t limit, uint64_t given) {
  if (limit == 0) return std::numeric_limits<uint64_t>::max();
  return limit > given ? limit - given : 0;
}

}  // namespace

// A step at a time: read a block, leave a partition, enter one, take rows of one. Each adds at most one row of its own
// or as many picked rows as have room, so that fullness is looked at in one place.
class LiveReader::Impl {
 public:
  void Open(RowSource& source, const LiveReaderOptions& options) {
    source_ = &source;
    options_ = &options;
    live_.Open(*options.table, options.now_seconds, options.marked_rows_alone || options.table->has_strict_liveness());
    out_.Open(options.table, options.columns, options.now_seconds);
    statistics_ = {};
    ended_ = false;
    rows_given_ = 0;
    has_block_ = false;
    has_waiting_block_ = false;
    in_partition_ = false;
  }

  base::Result<bool> Next(RowBatch* batch) {
    if (ended_) {
      batch->Clear();
      return false;
    }
    out_.Start(batch);
    if (in_partition_) out_.EnterPartition(token_, key_, cover_);
    while (!ended_ && out_.room() > 0) {
      if (has_block_) {
        Step();
        continue;
      }
      if (has_waiting_block_) {
        has_waiting_block_ = false;
        has_block_ = true;
        continue;
      }
      if (out_.row_count() >= kBatchRowsEnough) break;
      CASSETTE_RETURN_IF_ERROR(ReadBlock());
      // Better a small batch now than to cut a large block in two.
      if (has_block_ && out_.row_count() > 0 && live_.block().row_count > out_.room()) {
        has_block_ = false;
        has_waiting_block_ = true;
        break;
      }
    }
    if (has_block_ || ended_) out_.Flush(&live_);
    out_.Finish();
    return batch->row_count > 0;
  }

  const LiveReaderStatistics& statistics() const { return statistics_; }
  size_t memory_bytes() const { return live_.block().memory_bytes(); }

 private:
  base::Status ReadBlock() {
    CASSETTE_ASSIGN_OR_RETURN(has_block_, source_->Next(&live_.block()));
    if (!has_block_) {
      if (in_partition_) LeavePartition();
      ended_ = true;
      return base::Status::Ok();
    }
    run_ = 0;
    row_ = 0;
    is_run_entered_ = false;
    live_.Analyse();
    if (live_.block().partitions.empty()) has_block_ = false;
    return base::Status::Ok();
  }

  void Step() {
    const RowBlock& block = live_.block();
    const PartitionRun& run = block.partitions[run_];
    if (!is_run_entered_) {
      if (in_partition_ && run.token == token_ && run.key == key_) {
        is_run_entered_ = true;
      } else if (in_partition_) {
        LeavePartition();
      } else {
        EnterPartition(run);
      }
      return;
    }
    const uint32_t end = RunEnd(block, run_);
    TakeRows(end);
    if (row_ < end) return;
    is_run_entered_ = false;
    ++run_;
    if (run_ < block.partitions.size()) return;
    out_.Flush(&live_);
    has_block_ = false;
  }

  void EnterPartition(const PartitionRun& run) {
    is_continued_ = options_->continues_partition && run.key == options_->continued_key;
    is_run_entered_ = true;
    in_partition_ = true;
    token_ = run.token;
    key_ = run.key;
    rows_of_partition_ = 0;
    ++statistics_.partitions_read;
    cover_.Enter(*options_->table, run.head, options_->now_seconds, &statistics_);
    out_.EnterPartition(token_, key_, cover_);
  }

  // Gives the row that the partition owes: that of DISTINCT, or of statics without rows.
  void LeavePartition() {
    in_partition_ = false;
    if (is_continued_) return;
    const bool is_distinct = options_->distinct_partitions && (rows_of_partition_ > 0 || cover_.has_live_statics);
    const bool is_static_only =
        !options_->distinct_partitions && options_->static_rows && rows_of_partition_ == 0 && cover_.has_live_statics;
    if (!is_distinct && !is_static_only) return;
    out_.Flush(&live_);
    out_.AddPartitionRow(is_static_only);
    Count(1);
  }

  void Count(uint64_t rows) {
    rows_given_ += rows;
    if (LeftOf(options_->limit, rows_given_) == 0) ended_ = true;
  }

  // Takes rows of the run up to `end`, as many as have room.
  void TakeRows(uint32_t end) {
    if (options_->distinct_partitions) return LookForRow(end);
    const uint64_t wanted =
        std::min(LeftOf(options_->limit, rows_given_), LeftOf(options_->per_partition_limit, rows_of_partition_));
    if (wanted == 0) {
      row_ = end;
      return;
    }
    end = std::min(end, row_ + out_.room());
    statistics_.rows_read += end - row_;
    const uint64_t taken = live_.is_clean() && !cover_.deletes_rows() ? TakeAll(end, wanted) : TakeLive(end, wanted);
    rows_of_partition_ += taken;
    if (taken > 0) Count(taken);
  }
  uint64_t TakeAll(uint32_t end, uint64_t wanted) {
    const uint32_t count = static_cast<uint32_t>(std::min<uint64_t>(end - row_, wanted));
    out_.Pick(row_, row_ + count);
    row_ += count;
    return count;
  }
  uint64_t TakeLive(uint32_t end, uint64_t wanted) {
    live_.Judge(cover_, row_, end, &selection_, &statistics_);
    if (selection_.size() > wanted) selection_.resize(wanted);
    for (const uint32_t row : selection_) out_.Pick(row, row + 1);
    row_ = end;
    return selection_.size();
  }
  void LookForRow(uint32_t end) {
    if (rows_of_partition_ == 0 && !cover_.has_live_statics && row_ < end) {
      statistics_.rows_read += end - row_;
      live_.Judge(cover_, row_, end, &selection_, &statistics_);
      rows_of_partition_ = selection_.size();
    }
    row_ = end;
  }

  RowSource* source_ = nullptr;
  const LiveReaderOptions* options_ = nullptr;
  LiveReaderStatistics statistics_;
  LiveBlock live_;
  LiveBatch out_;
  bool ended_ = false;
  uint64_t rows_given_ = 0;
  // Where we stand in the block.
  bool has_block_ = false;
  bool has_waiting_block_ = false;  // Read, but for the next batch.
  size_t run_ = 0;
  uint32_t row_ = 0;
  bool is_run_entered_ = false;
  // The partition.
  bool in_partition_ = false;
  bool is_continued_ = false;
  Token token_ = kMinToken;
  std::string key_;
  uint64_t rows_of_partition_ = 0;
  PartitionCover cover_;
  std::vector<uint32_t> selection_;  // Scratch.
};

LiveReader::LiveReader() : impl_(std::make_unique<Impl>()) {}
LiveReader::~LiveReader() = default;
LiveReader::LiveReader(LiveReader&&) noexcept = default;
LiveReader& LiveReader::operator=(LiveReader&&) noexcept = default;
void LiveReader::Open(RowSource& source, const LiveReaderOptions& options) { impl_->Open(source, options); }
size_t LiveReader::memory_bytes() const { return impl_->memory_bytes(); }
base::Result<bool> LiveReader::Next(RowBatch* batch) { return impl_->Next(batch); }
const LiveReaderStatistics& LiveReader::statistics() const { return impl_->statistics(); }

}  // namespace cassette::rows
