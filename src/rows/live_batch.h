// LiveBatch: fills a RowBatch from picked rows of LiveBlocks. For rows/live_reader alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rows/complex_cells.h"
#include "rows/live_block.h"
#include "rows/row_batch.h"

namespace cassette::rows {

// Thread safety: not thread safe.
class LiveBatch {
 public:
  // For batches with these columns.
  void Open(const schema::TablePtr& table, const std::vector<RequestedColumn>& columns, int64_t now_seconds);

  // Starts to fill `batch`, which is cleared. Lifetime: until Finish.
  void Start(RowBatch* batch);
  // Rows in the batch and picked for it.
  uint32_t row_count() const { return batch_->row_count + picked_; }
  // At least 1 for the first row. Rows repeat the statics of their partition: large ones leave room for few.
  uint32_t room() const {
    const uint32_t rows = columnar::kMaxVectorRows - row_count();
    return static_row_bytes_ == 0 ? rows : std::min(rows, RoomForStatics());
  }

  // Says that what is picked from now on belongs to this partition; costs nothing before a row comes. Lifetime: `key`
  // and `cover` stay until another is entered.
  void EnterPartition(Token token, const std::string& key, const PartitionCover& cover);
  // Rows [begin, end) of the block that the next Flush names.
  void Pick(uint32_t begin, uint32_t end);
  // Takes the picked rows over; moves whole vectors out of `block` when it can.
  void Flush(LiveBlock* block);
  // A row of the entered partition that has only its key and statics. REQUIRES: nothing is picked; room() > 0.
  void AddPartitionRow(bool is_static_only);
  // Fills key columns and statics.
  void Finish();

 private:
  // What a requested column is made from.
  struct Output {
    RequestedColumn requested;
    const schema::Column* column;
    bool is_complex;            // Its cells are images.
    types::DataType live_type;  // What these are read as.
    bool is_last_use;           // No later output is made from the same column: its vector may be moved.
  };
  // A stretch of the batch with one partition.
  struct Stretch {
    std::shared_ptr<const PartitionHead> head;
    std::vector<bool> live_statics;
    uint32_t row_count = 0;
  };

  // Null when they are not asked for.
  columnar::Vector* WriteTimesOf(size_t index) {
    return outputs_[index].requested.with_write_time ? &batch_->write_times[index] : nullptr;
  }
  columnar::Vector* TtlsOf(size_t index) { return outputs_[index].requested.with_ttl ? &batch_->ttls[index] : nullptr; }
  bool HasOutputs(const std::vector<RequestedColumn>& columns) const;
  void MakeOutputs(const std::vector<RequestedColumn>& columns);
  uint32_t RoomForStatics() const;
  void GrowStretch(uint32_t rows);
  bool IsWholeBlock(const LiveBlock& block) const;
  void TakeCells(const Output& output, size_t index, LiveBlock* block, bool whole);
  void AppendCells(const LiveBlock& block, const CellColumn& column, columnar::Vector* values) const;
  void AppendTimes(const LiveBlock& block, const CellColumn& column, size_t index);
  // Values, write times and TTLs of a complex column.
  void AppendComplex(const LiveBlock& block, const CellColumn& column, size_t index);
  void AppendComplexRow(bool is_null, size_t index);
  void FillKeyColumn(const Output& output, columnar::Vector* values);
  void FillStaticColumn(const Output& output, size_t index);
  void AppendStatic(const Output& output, size_t index, const PartitionHead::StaticCell* cell, uint32_t rows);

  schema::TablePtr table_;
  std::vector<Output> outputs_;  // Points into table_.
  bool wants_write_times_ = false;
  bool wants_ttls_ = false;
  bool wants_statics_ = false;
  int64_t now_seconds_ = 0;
  RowBatch* batch_ = nullptr;
  std::vector<std::pair<uint32_t, uint32_t>> picks_;
  uint32_t picked_ = 0;
  // Entered, perhaps without a row yet.
  Token token_ = kMinToken;
  const std::string* key_ = nullptr;
  const PartitionCover* cover_ = nullptr;
  bool is_entered_ = false;  // The batch has a stretch for it.
  std::vector<Stretch> stretches_;
  size_t static_bytes_ = 0;      // Of the batch.
  size_t static_row_bytes_ = 0;  // Of each row of the entered partition.
  LiveComplex complex_;          // Scratch.
};

}  // namespace cassette::rows
