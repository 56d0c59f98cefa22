// LoadBuffer: rows of a bulk load until there are enough of them for a sorted SSTable. Stretches of one partition that
// come in order (either direction) are kept as columns and only put in their place; single rows are sorted
// (loose_rows.h).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "rows/row_block.h"
#include "schema/schema.h"
#include "storage/engine/loose_rows.h"

namespace cassette::storage::engine {

// Rows of one call: the vectors by place in the table.
struct LoadInput {
  std::vector<const columnar::Vector*> by_column;  // As table.columns; null where not given.
  uint32_t row_count = 0;
  rows::Liveness liveness;
};

// Rows [begin, end) of a call, of one partition.
struct LoadRun {
  uint32_t begin = 0;
  uint32_t end = 0;
  rows::Token token = rows::kMinToken;
  std::string key;
};

// Up to kMaxVectorRows rows as they came.
struct LoadChunk {
  rows::RowBlock block;  // Without partitions. Every regular column is there.
  bool is_descending = false;
};

// Thread safety: not thread safe.
class LoadBuffer {
 public:
  explicit LoadBuffer(schema::TablePtr table);

  // The rows of a call, cut into runs that follow one another.
  void Add(const LoadInput& input, std::span<const LoadRun> runs);
  bool empty() const { return bytes() == 0; }
  size_t bytes() const { return bytes_ + loose_.bytes(); }

  // The rows in SSTable order, duplicates reconciled. Sorts in place: Add nothing afterwards. Lifetime: the buffer
  // outlives the source.
  std::unique_ptr<rows::RowSource> Sorted();

 private:
  // A partition's stretches.
  struct Series {
    rows::Token token = rows::kMinToken;
    std::string key;
    std::vector<std::unique_ptr<LoadChunk>> chunks;
  };
  enum class Order : uint8_t { kAscending, kDescending, kNone };

  class SeriesSource;
  class HeadSource;

  std::unique_ptr<LoadChunk> NewChunk() const;
  int CompareInput(const LoadInput& input, uint32_t a, uint32_t b) const;
  bool GoesOn(const LoadChunk& chunk, const LoadInput& input, uint32_t row, bool descending) const;
  Series* FindSeries(const LoadRun& run);
  // Cuts a run into stretches in order; those too short to be kept as columns become loose rows.
  void AddStretches(const LoadInput& input, const LoadRun& run);
  uint32_t StretchEnd(const LoadInput& input, uint32_t begin, uint32_t end, Order* order) const;
  // Rows [begin, last) of the run.
  void AddSeries(const LoadInput& input, const LoadRun& run, uint32_t begin, uint32_t last, bool descending);
  // Rows [begin, end) of the run.
  void AddLoose(const LoadInput& input, const LoadRun& run, uint32_t begin, uint32_t end);
  void AddStatics(const LoadInput& input, const LoadRun& run);
  void Append(const LoadInput& input, uint32_t begin, uint32_t end, rows::RowBlock* block);

  const schema::TablePtr table_;
  // Regular columns by id, as blocks have them: index into table.columns.
  std::vector<size_t> regular_;
  size_t bytes_ = 0;  // But for those of loose_.
  absl::flat_hash_map<std::string, std::unique_ptr<Series>> series_;
  Series* last_series_ = nullptr;
  LooseRows loose_;
  RowColumns columns_;  // Of the call.
  std::map<std::pair<rows::Token, std::string>, std::shared_ptr<rows::PartitionHead>> heads_;
};

}  // namespace cassette::storage::engine
