// The sorted contents of a LoadBuffer as row sources; for load_buffer alone.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "rows/merge_output.h"
#include "storage/engine/load_buffer.h"

namespace cassette::storage::engine {

// Partitions with their stretches, in order. Stretches that overlap are merged.
class LoadBuffer::SeriesSource final : public rows::RowSource {
 public:
  SeriesSource(schema::TablePtr table, std::vector<Series*> partitions);
  base::Result<bool> Next(rows::RowBlock* block) override;

 private:
  void Open(Series* series);
  size_t OverlapEnd() const;
  void Merge(size_t end);
  // Rows of chunks [next_chunk_, end) one by one: where stretches are many and short, sorting beats merging.
  void SortRows(size_t end);

  const schema::TablePtr table_;
  const std::vector<Series*> partitions_;
  size_t next_partition_ = 0;
  // Of the partition, by their first rows; merged_: of those that overlap.
  std::vector<std::unique_ptr<LoadChunk>> chunks_;
  size_t next_chunk_ = 0;
  std::unique_ptr<rows::RowSource> merged_;
  const Series* current_ = nullptr;
  bool is_begun_ = false;  // Rows of the partition have been handed up.
  std::vector<LooseRow> sorted_;
  base::Arena arena_;  // Of sorted_.
};

// Sorted rows; equal keys are reconciled. (loose_source.cc)
class LoadBuffer::LooseSource final : public rows::RowSource {
 public:
  LooseSource(schema::TablePtr table, const std::vector<LooseRow>& rows);
  base::Result<bool> Next(rows::RowBlock* block) override;

 private:
  static bool SamePartition(const LooseRow& a, const LooseRow& b) { return a.token == b.token && a.key == b.key; }
  static bool SameRow(const LooseRow& a, const LooseRow& b) {
    return SamePartition(a, b) && a.clustering == b.clustering;
  }
  // One past the rows of the next block when all of them, and the row after them, have keys of their own; else next_.
  size_t DistinctEnd() const;
  // Rows [next_, end), no two of one key, column by column.
  void Gather(size_t end, rows::RowBlock* block);
  template <typename Number>
  void GatherMeta(size_t end, rows::MetaColumn<Number> rows::RowBlock::* member, rows::RowBlock* block) const;
  void NextReconciled(rows::RowBlock* block);
  rows::PartitionRun RunOf(size_t index, uint32_t first_row) const;
  void Emit(size_t begin, size_t end);
  void Add(const LooseRow& row, bool is_first);

  const schema::TablePtr table_;
  const std::vector<schema::ColumnId> columns_;
  const std::vector<LooseRow>& rows_;
  size_t next_ = 0;
  bool has_partition_ = false;
  rows::MergeOutput output_;
  rows::MergedRow merged_;
};

// Static rows.
class LoadBuffer::HeadSource final : public rows::RowSource {
 public:
  explicit HeadSource(const LoadBuffer& buffer) : buffer_(buffer), next_(buffer.heads_.begin()) {}
  base::Result<bool> Next(rows::RowBlock* block) override;

 private:
  const LoadBuffer& buffer_;
  decltype(LoadBuffer::heads_)::const_iterator next_;
};

}  // namespace cassette::storage::engine
