// What an SSTable knows about itself as a whole: kept in the file, given to the manifest and to compaction.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "rows/cell.h"
#include "rows/keys.h"
#include "schema/schema.h"

namespace cassette::storage::sstable {

struct SstableStatistics {
  schema::TableId table_id;
  uint64_t row_count = 0;        // Static rows are not counted.
  uint64_t partition_count = 0;  // Exact: partitions with rows, with a head, or both.
  uint64_t group_count = 0;
  uint64_t head_count = 0;  // Partitions with a deletion, range tombstones or a static row.
  uint64_t max_partition_rows = 0;
  std::string max_partition_key;

  // First and last partition. Meaningless when partition_count is 0.
  rows::Token min_token = rows::kMinToken;
  rows::Token max_token = rows::kMinToken;
  std::string min_key;
  std::string max_key;

  // Write times of cells, row markers and deletions of every kind. min > max: there is none.
  int64_t min_timestamp_micros = std::numeric_limits<int64_t>::max();
  int64_t max_timestamp_micros = std::numeric_limits<int64_t>::min();
  // As Cassandra's local deletion times: of a tombstone when it was made, of an expiring cell or marker its expiry,
  // kNeverExpires of what stays. max below now - gc_grace_seconds: the whole file can go.
  int64_t min_local_deletion_seconds = rows::kNeverExpires;
  int64_t max_local_deletion_seconds = std::numeric_limits<int64_t>::min();
  uint64_t tombstone_count = 0;  // Deletions of partitions, ranges, rows and cells.
  uint64_t expiring_count = 0;   // Cells and markers with a TTL.

  uint64_t file_bytes = 0;
  uint64_t data_bytes = 0;    // Encoded vectors, each stored one counted once.
  uint64_t shared_bytes = 0;  // What storing equal vectors once has saved.
  uint64_t head_bytes = 0;
  uint64_t index_bytes = 0;
  uint64_t filter_bytes = 0;

  int64_t created_at_micros = 0;
  std::string created_by;  // "flush", "compaction", "bulk load": for people.

  bool operator==(const SstableStatistics&) const = default;

  void AddTimestamp(int64_t micros) {
    if (micros < min_timestamp_micros) min_timestamp_micros = micros;
    if (micros > max_timestamp_micros) max_timestamp_micros = micros;
  }
  void AddLocalDeletion(int64_t seconds) {
    if (seconds < min_local_deletion_seconds) min_local_deletion_seconds = seconds;
    if (seconds > max_local_deletion_seconds) max_local_deletion_seconds = seconds;
  }
};

// Adds times, tombstones and TTLs of complex cells (rows/complex_cells.h).
void AddComplexStatistics(std::string_view image, SstableStatistics* statistics);

}  // namespace cassette::storage::sstable
