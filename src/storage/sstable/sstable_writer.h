// SstableWriter: writes one SSTable from rows in order. Memory is bounded: a row group of rows, an index block, a block
// of the filter, and the vectors remembered for sharing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "rows/row_block.h"
#include "schema/schema.h"
#include "storage/sstable/statistics.h"

namespace cassette::io {
class FileSystem;
}

namespace cassette::storage::sstable {

struct WriterOptions {
  // A group is closed at the first of these bounds; a single row larger than the second gets a group of its own.
  uint32_t row_group_rows = columnar::kMaxVectorRows;  // 1 to kMaxVectorRows.
  uint64_t row_group_bytes = 1ull << 20;               // Of values of variable length.
  // Encoded vectors remembered, to store equal ones once.
  size_t shared_vector_bytes_max = 4ull << 20;
  uint64_t expected_file_bytes = 0;  // Reserved ahead.
  int64_t created_at_micros = 0;
  std::string created_by;
};

// Thread safety: not thread safe.
// Lifetime: the file system must outlive it. Destroyed without a successful Finish(), it removes the file.
class SstableWriter {
 public:
  static base::Result<std::unique_ptr<SstableWriter>> Create(io::FileSystem& file_system, const std::string& path,
                                                             schema::TablePtr table, const WriterOptions& options);
  virtual ~SstableWriter() = default;

  // Appends the rows and heads of a block. Blocks come in the order of rows::RowSource, not reversed, each row once.
  // kInvalidArgument when they do not (partitions are checked one by one, rows at the ends of groups); after any
  // failure every later call gives the same.
  virtual base::Status Add(const rows::RowBlock& block) = 0;
  // Writes what is left, syncs file and directory. A table without partitions is legal.
  virtual base::Result<SstableStatistics> Finish() = 0;

  // So far.
  virtual uint64_t row_count() const = 0;
  virtual uint64_t partition_count() const = 0;
  virtual uint64_t file_bytes() const = 0;
  virtual const std::string& path() const = 0;
};

}  // namespace cassette::storage::sstable
