// LiveReader: from rows with their history (RowSource) to the rows that a query sees (RowBatch): deletions applied,
// what expired hidden, columns asked for. Where nothing in a block is dead, its vectors move up as they are.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rows/row_batch.h"
#include "rows/row_block.h"
#include "schema/schema.h"

namespace cassette::rows {

struct LiveReaderOptions {
  schema::TablePtr table;
  std::vector<RequestedColumn> columns;  // Of any kind, in the batch's order.
  int64_t now_seconds = 0;
  // A partition with live statics and without a row gives one row of its own.
  bool static_rows = false;
  // One row a partition that has a live row, or live statics.
  bool distinct_partitions = false;
  // Rows without a live marker are not seen, whatever cells they have.
  bool marked_rows_alone = false;
  // The partition `continued_key` was begun by an earlier reader: it gives no static-only row, and no distinct one.
  bool continues_partition = false;
  std::string continued_key;
  uint64_t limit = 0;  // 0: none.
  uint64_t per_partition_limit = 0;
};

// What a reader has seen so far.
struct LiveReaderStatistics {
  uint64_t partitions_read = 0;
  uint64_t rows_read = 0;        // Before deletions.
  uint64_t tombstones_read = 0;  // Deletions of any kind, and cells that are tombstones or expired.
};

// One source after another, with memory used again. Thread safety: not thread safe.
class LiveReader final : public BatchReader {
 public:
  LiveReader();
  ~LiveReader() override;
  LiveReader(LiveReader&&) noexcept;
  LiveReader& operator=(LiveReader&&) noexcept;

  // Begins to read `source`, whose rows must carry every regular column that may keep a row without a live marker
  // alive. Lifetime: `source` and `options` outlive the calls of Next, up to the next Open.
  void Open(RowSource& source, const LiveReaderOptions& options);
  // REQUIRES: Open was called.
  base::Result<bool> Next(RowBatch* batch) override;
  // Since Open.
  const LiveReaderStatistics& statistics() const;
  // Of the memory that is kept for the next source.
  size_t memory_bytes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cassette::rows
