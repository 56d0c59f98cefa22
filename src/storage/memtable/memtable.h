// Memtable: the rows of one table that were written since its last flush, in memory, reconciled by Cassandra's rules.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "rows/cell.h"
#include "rows/mutation.h"
#include "rows/row_block.h"
#include "rows/row_history.h"
#include "schema/schema.h"

namespace cassette::storage::memtable {

struct MemtableOptions {
  static constexpr uint32_t kMaxShards = 256;
  uint32_t shards = 8;  // Ranges of tokens with a lock each. A power of two, at most kMaxShards.
};

struct MemtableStatistics {
  uint64_t rows = 0;        // A row that was overwritten out of order may count twice.
  uint64_t partitions = 0;  // With rows, statics or tombstones.
  size_t memory_bytes = 0;
  // Over all cells, markers and deletions; kNoTimestamp while there is none.
  int64_t min_timestamp_micros = rows::kNoTimestamp;
  int64_t max_timestamp_micros = rows::kNoTimestamp;
};

// Each shard keeps its partitions in (token, key) order. A partition of one row is a few dozen bytes in an arena; a
// larger one has an ordered set of rows and, per clustering prefix whose rows come in order (either direction), a
// Series of column buffers that INSERT-shaped rows are appended to. A row may stand in both: readers reconcile. Nothing
// is ever dropped: tombstones stay, and so does what partition and range tombstones cover.
//
// Thread safety: all methods may be called from many threads. Lifetime: outlives the sources it gave.
class Memtable {
 public:
  class Source;  // source.h: reads one partition after another with memory used again.

  explicit Memtable(schema::TablePtr table, const MemtableOptions& options = {});
  ~Memtable();
  Memtable(const Memtable&) = delete;
  Memtable& operator=(const Memtable&) = delete;

  // Applies the bytes of a mutation (rows/mutation.h) of this table; readers see each of its rows whole. Cells of
  // dropped columns are skipped. kCorruption when malformed: updates before the bad one stay applied.
  // kFailedPrecondition for a column newer than table(): SetTable first.
  base::Status Apply(std::string_view mutation);
  // The same of a mutation whose header was read.
  base::Status Apply(const rows::MutationHeader& mutation);

  // A newer version of the same table: columns added or dropped, options changed.
  void SetTable(schema::TablePtr table);
  schema::TablePtr table() const;

  // The rows of `range` in its order. Each block is taken under the locks of the shards it comes from, so that a block
  // shows whole rows; writes that come between two blocks may show in the later one.
  // `range.key` is copied. kCorruption from Next when a stored clustering cannot be decoded.
  std::unique_ptr<rows::RowSource> Read(const rows::ReadRange& range) const;
  // The row with this clustering key: cheaper than a range of one row. Replaces `found`.
  void ReadRow(rows::Token token, std::string_view key, std::string_view clustering, rows::RowHistory* found) const;
  // All rows and columns, for flush.
  std::unique_ptr<rows::RowSource> Scan() const;

  // Cheap: adds up a number a shard, without locks. Within a few percent of what malloc gave.
  size_t memory_bytes() const;
  uint64_t row_count() const;
  uint64_t partition_count() const;
  bool empty() const;
  MemtableStatistics statistics() const;

 private:
  class Shard;

  size_t shard_index(rows::Token token) const;

  std::vector<std::unique_ptr<Shard>> shards_;  // In token order.
  uint32_t shard_bits_ = 0;
  schema::TableId table_id_;
};

}  // namespace cassette::storage::memtable
