// RowBlock: rows with everything that reconciliation needs (write times, TTLs, tombstones), as columns. What memtables
// and SSTables give to the merge, and what the merge gives to flush, compaction and readers.
//
// Stream grammar (RowSource):   source := block*            blocks in order; a partition may continue in the next block
//                               block  := partition run+    1 to kMaxVectorRows rows, or runs without rows
// Order: (token, partition key, clustering), reversed within each partition when the source was asked to.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "columnar/vector.h"
#include "rows/cell.h"
#include "rows/keys.h"
#include "schema/schema.h"

namespace cassette::rows {

struct RangeTombstone {
  ClusteringBound start;
  ClusteringBound end;
  DeletionTime deletion;
};

// What covers more than a row, and the static row: known before the first row of a partition is read.
// Range tombstones may overlap and stand in any order here; RangeTombstoneList (range_tombstone_list.h) orders them.
struct PartitionHead {
  DeletionTime deletion;
  std::vector<RangeTombstone> range_tombstones;
  struct StaticCell {
    schema::ColumnId column;
    CellState state = CellState::kAbsent;
    int64_t timestamp_micros = kNoTimestamp;
    int32_t ttl_seconds = kNoTtl;
    int64_t expires_at_seconds = kNeverExpires;
    std::string value;  // serialized
    void SetTimes(const CellView& cell) {
      timestamp_micros = cell.timestamp_micros;
      ttl_seconds = cell.ttl_seconds;
      expires_at_seconds = cell.expires_at_seconds;
    }
    CellView view() const { return {state, timestamp_micros, ttl_seconds, expires_at_seconds, value}; }
  };
  std::vector<StaticCell> static_cells;  // By column id.
  bool empty() const { return deletion.is_live() && range_tombstones.empty() && static_cells.empty(); }
};

// One partition's stretch of a block: rows [first_row, next run's first_row or row_count).
struct PartitionRun {
  uint32_t first_row = 0;
  Token token = kMinToken;
  std::string key;                            // Serialized partition key.
  std::shared_ptr<const PartitionHead> head;  // Null when empty. Only on the partition's first run.
  bool continues = false;                     // This run continues a partition begun in an earlier block.
};

// Write times or the like of a column of rows: most often one value for all of them.
// Empty: every row has `constant`. Else one entry a row.
template <typename Number>
struct MetaColumn {
  Number constant{};
  std::vector<Number> values;

  Number at(uint32_t row) const { return values.empty() ? constant : values[row]; }
  bool is_constant() const { return values.empty(); }
  void SetConstant(Number value) {
    constant = value;
    values.clear();
  }
};

// Cells of one regular column.
struct CellColumn {
  schema::ColumnId id;
  columnar::Vector values;  // States: absent, live, tombstone, empty.
  // True: every live cell's time stamp, TTL and expiry are those of its row's liveness (the INSERT case); the three
  // columns below are then unused. A row without liveness has no live cell of such a column.
  bool same_as_liveness = false;
  MetaColumn<int64_t> timestamps{kNoTimestamp, {}};
  MetaColumn<int32_t> ttls{kNoTtl, {}};
  MetaColumn<int64_t> expiries{kNeverExpires, {}};  // Of tombstones: local deletion time.

  // A column without rows yet, in the same memory.
  void ResetTo(schema::ColumnId new_id, columnar::PhysicalType physical);
};

struct RowBlock {
  uint32_t row_count = 0;
  std::vector<PartitionRun> partitions;
  std::vector<columnar::Vector> clustering;  // One a clustering column; never null places.
  // Row markers.
  MetaColumn<int64_t> timestamps{kNoTimestamp, {}};
  MetaColumn<int32_t> ttls{kNoTtl, {}};
  MetaColumn<int64_t> expiries{kNeverExpires, {}};
  // Row deletions.
  MetaColumn<int64_t> deleted_at{kNoTimestamp, {}};
  MetaColumn<int64_t> deleted_local{kNeverExpires, {}};
  std::vector<CellColumn> cells;  // By column id; a column without any cell may be missing.

  // True when no row deletion, cell tombstone, TTL stands in it and every row has a marker: rows go up as they are.
  // A source may leave it false when it does not know.
  bool all_live = false;

  void Clear();
  // Leaves the memory of `clustering` and `cells` to the next rows; until those come they hold anything.
  void ClearButColumns();
  size_t memory_bytes() const;  // About; of `clustering` and `cells`.
  const CellColumn* FindCells(schema::ColumnId id) const;
};

// Blocks in order. Thread safety: not thread safe.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // Fills `block` (cleared first, but its memory is used again) and returns true, or false at the end: then it has no
  // rows, and its columns hold anything. kCorruption, kIoError name file and offset.
  virtual base::Result<bool> Next(RowBlock* block) = 0;
};

// Bounds, both included, on an integer clustering component, whatever stands before it. Row groups that cannot have
// such a row are skipped by their zone maps; rows outside may still come: the caller filters.
struct ComponentRange {
  uint32_t component = 0;
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
};

// What to read of one table from one source.
struct ReadRange {
  // One partition when `key` is set; else tokens (start, end] as Cassandra's ranges; start == end == kMinToken is all.
  const std::string* key = nullptr;
  Token token = kMinToken;  // Of `key`.
  bool has_start = false;   // Tokens >= start_token (inclusive)
  Token start_token = kMinToken;
  bool has_end = false;  // Tokens <= end_token (inclusive)
  Token end_token = std::numeric_limits<int64_t>::max();
  // A scan that goes on in the middle: partitions after this one (or the rest of it: slices say from where).
  std::vector<ClusteringSlice> slices = {ClusteringSlice::All()};  // Ascending, not overlapping.
  bool reversed = false;                                           // Clusterings of a partition in reverse.
  // Regular columns wanted (ids, ascending); markers and deletions always come. Statics come with the head.
  std::vector<schema::ColumnId> columns;
};

}  // namespace cassette::rows
