// RowBatch: live rows after reconciliation, as columns. What reads hand upwards: filters, aggregates, results and the
// page encoder work on it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "columnar/vector.h"
#include "rows/keys.h"

namespace cassette::rows {

// A column asked for: a table column, and whether its write time and TTL are wanted too.
struct RequestedColumn {
  schema::ColumnId id;
  bool with_write_time = false;
  bool with_ttl = false;
  bool with_paths = false;  // Of a non-frozen list: its value is a map<timeuuid, element> of places and elements.
};

struct BatchPartition {
  uint32_t first_row = 0;
  Token token = kMinToken;
  std::string key;  // Serialized partition key.
};

// Rows of one or many partitions, in order. Static values repeat in each row of their partition; a partition with
// statics and no rows gives one row whose clustering and regular values are null (`is_static_only`).
struct RowBatch {
  uint32_t row_count = 0;                 // 0 to columnar::kMaxVectorRows.
  std::vector<columnar::Vector> columns;  // In the order of ReadCommand::columns. Key columns too.
  // One vector a requested column, empty where not asked; none at all when no column asks. kInt64; null where no value.
  // Of a complex column serialized lists: list<bigint> and list<int>, as LiveComplex (complex_cells.h) has them.
  std::vector<columnar::Vector> write_times;  // microseconds
  std::vector<columnar::Vector> ttls;         // seconds left
  std::vector<BatchPartition> partitions;     // Ascending first_row; the first may continue the batch before.
  std::vector<bool> is_static_only;           // Empty when no row is.

  // No rows; the vectors stay, empty, with their types and memory.
  void Clear();
};

// Batches in order. Thread safety: not thread safe. Lifetime: holds what it reads from pinned until destroyed.
class BatchReader {
 public:
  virtual ~BatchReader() = default;
  // Fills `batch` (cleared first, memory kept) and returns true, or false at the end.
  virtual base::Result<bool> Next(RowBatch* batch) = 0;
};

}  // namespace cassette::rows
