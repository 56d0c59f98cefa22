// What the manifest knows of one live SSTable: enough to choose tables for a read, a compaction or an expiry without
// opening them.
#pragma once

#include <array>
#include <cstdint>

namespace cassette::storage::manifest {

// A table's identity (the 16 bytes of its UUID), the same over renames and schema changes.
using TableId = std::array<uint8_t, 16>;

struct SstableInfo {
  uint64_t file_number = 0;  // Unique in the data directory, never used again.
  TableId table_id{};
  uint32_t level = 0;  // What a compaction strategy makes of it; 0 when flushed.
  uint64_t size_bytes = 0;
  uint64_t row_count = 0;
  uint64_t tombstone_count = 0;
  // Tokens of the first and last partition, both included.
  int64_t min_token = 0;
  int64_t max_token = 0;
  // Write times in microseconds since 1970.
  int64_t min_write_time = 0;
  int64_t max_write_time = 0;
  // Seconds since 1970; INT64_MAX when something in it never goes.
  int64_t max_local_deletion_time = INT64_MAX;

  bool operator==(const SstableInfo&) const = default;
};

}  // namespace cassette::storage::manifest
