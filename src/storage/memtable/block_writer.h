// BlockWriter: puts rows of partitions into a RowBlock, series by ranges and other rows one by one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rows/row_block.h"
#include "storage/memtable/layout.h"
#include "storage/memtable/partition.h"
#include "storage/memtable/row_image.h"
#include "storage/memtable/series.h"

namespace cassette::storage::memtable {

// Open, then for each block Start, partitions with their rows in order, Finish. Thread safety: not thread safe.
class BlockWriter {
 public:
  // A block is full when its values take about this, however few rows they are.
  static constexpr size_t kMaxBlockBytes = 4 << 20;

  // `columns`: ids of the regular columns wanted, ascending.
  void Open(const std::shared_ptr<const Layout>& layout, const std::vector<schema::ColumnId>& columns);

  const Layout& layout() const { return *layout_; }
  void Start(rows::RowBlock* block);
  // Rows that still fit: 0 when full.
  uint32_t room() const { return bytes_ >= kMaxBlockBytes ? 0 : columnar::kMaxVectorRows - block_->row_count; }
  // Rows added next are of this partition. `head` may be null; `continues`: as PartitionRun.
  void BeginPartition(rows::Token token, const Partition& partition, std::shared_ptr<const rows::PartitionHead> head,
                      bool continues);
  // Takes back BeginPartition. REQUIRES: no row was added since.
  void DropPartition() { block_->partitions.pop_back(); }
  rows::RowBlock* block() { return block_; }
  // kCorruption when the clustering cannot be decoded. REQUIRES: room() > 0.
  base::Status AppendRow(std::string_view clustering, const RowImage& row);
  // Appends the rows at [begin, end) of `series`, last first when `reversed`. REQUIRES: end - begin <= room().
  base::Status AppendSeries(const Series& series, uint32_t begin, uint32_t end, bool reversed);
  // How many of the rows of `series` to add at once, given its average size. REQUIRES: room() > 0.
  uint32_t RoomFor(const Series& series) const;
  void Finish();

 private:
  struct Slot {
    schema::ColumnId id;
    columnar::PhysicalType physical;
    const types::DataType* type;
    rows::CellColumn column;
    bool has_cells = false;
  };

  void PadTo(Slot* slot, uint32_t row_count);
  void SpellOutTimes(Slot* slot);
  void AppendCell(const rows::CellView& cell, const rows::Liveness& liveness, Slot* slot);
  void AppendCells(const Series& series, const Series::Cells& cells, const Series::Arrivals& arrivals, Slot* slot);

  std::shared_ptr<const Layout> layout_;
  std::vector<schema::ColumnId> columns_;
  std::vector<Slot> slots_;  // By id; points into layout_.
  rows::RowBlock* block_ = nullptr;
  std::vector<columnar::Vector> prefix_;  // Scratch: the clustering prefix of a series.
  size_t bytes_ = 0;
};

}  // namespace cassette::storage::memtable
