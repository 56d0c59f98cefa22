// Putting rows of blocks side by side, column by column: what the writer gathers groups with and the reader builds
// blocks with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rows/row_block.h"

namespace cassette::storage::sstable {

// The partitions of a stretch of rows, keys in one buffer.
class RunList {
 public:
  struct Run {
    uint32_t first_row = 0;
    uint32_t key_offset = 0;
    uint32_t key_size_bytes = 0;
    bool has_head = false;
    rows::Token token = rows::kMinToken;
  };

  void Clear();
  void Append(uint32_t first_row, rows::Token token, std::string_view key, bool has_head);
  // The runs of rows [begin, end) of `from`, which come to stand from row `target_row` on. The last run here goes on
  // where the key is the same.
  void AppendRows(const RunList& from, uint32_t begin, uint32_t end, uint32_t target_row);

  bool empty() const { return runs_.empty(); }
  size_t size() const { return runs_.size(); }
  const Run& run(size_t index) const { return runs_[index]; }
  std::string_view key(size_t index) const {
    return std::string_view(keys_).substr(runs_[index].key_offset, runs_[index].key_size_bytes);
  }
  // Index of the run that `row` belongs to. REQUIRES: !empty(), run(0).first_row <= row.
  size_t RunOf(uint32_t row) const;

 private:
  std::vector<Run> runs_;
  std::string keys_;
};

// Appends rows [begin, end) of `from`: clustering, markers, deletions and cells; partitions are the caller's affair.
// REQUIRES: `target` is empty (Clear) or has rows of the same table.
void AppendRows(const rows::RowBlock& from, uint32_t begin, uint32_t end, rows::RowBlock* target);

// Values [begin, end) of `from` in reverse order.
void AppendReversed(const columnar::Vector& from, uint32_t begin, uint32_t end, columnar::Vector* target);

// `rows` absent places.
void AppendAbsent(uint32_t rows, columnar::Vector* target);

// Bytes of variable length in rows [begin, end) of `vector`.
uint64_t HeapBytes(const columnar::Vector& vector, uint32_t begin, uint32_t end);

}  // namespace cassette::storage::sstable
