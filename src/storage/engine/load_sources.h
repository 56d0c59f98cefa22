// The sorted contents of a LoadBuffer as row sources; for load_buffer alone.
#pragma once

#include <memory>
#include <utility>
#include <vector>

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
  bool is_begun_ = false;              // Rows of the partition have been handed up.
  std::unique_ptr<LooseRows> sorted_;  // Of merged_, where that is sorted.
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
