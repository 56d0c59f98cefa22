// SstableReader: rows out of one SSTable, checked against their checksums.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "rows/row_block.h"
#include "schema/schema.h"
#include "storage/sstable/block_cache.h"
#include "storage/sstable/read_options.h"
#include "storage/sstable/statistics.h"

namespace cassette::io {
class FileSystem;
class RandomAccessFile;
}  // namespace cassette::io

namespace cassette::storage::sstable {

class PartitionSource;
class TableFile;

// What a column of the table takes, for `admin describe-sstable`.
struct ColumnDescription {
  std::string name;  // "value", "value: write times", "row markers", "partition keys".
  uint64_t streams = 0;
  uint64_t constant_streams = 0;  // A number in the index.
  uint64_t inline_streams = 0;    // A few bytes in the index.
  uint64_t shared_streams = 0;    // Stored with an earlier row group.
  uint64_t stored_bytes = 0;
  uint64_t inline_bytes = 0;
  // How many vectors each encoding was chosen for; "sparse" where not every place is live (the first byte then tells of
  // the places, not of the values).
  std::map<std::string, uint64_t> encodings;
};

struct SstableDescription {
  uint32_t format_version = 0;
  SstableStatistics statistics;
  std::string table_name;              // keyspace.table when it was written.
  std::vector<schema::Column> schema;  // Columns when it was written.
  std::vector<ColumnDescription> columns;
  uint64_t single_partition_groups = 0;
  uint64_t all_live_groups = 0;
  uint32_t rows_per_group_min = 0;
  uint32_t rows_per_group_max = 0;
};

// What salvaging a damaged file kept and what it left out.
struct SalvageReport {
  uint64_t rows_kept = 0;
  uint64_t rows_dropped = 0;  // As far as the index tells.
  uint64_t groups_dropped = 0;
  std::vector<std::string> dropped;  // A line for each damaged place: file, offset, what was there.
};

// Thread safety: all methods may be called from many threads.
// Lifetime: the file system and the cache must outlive it. Sources that it made may outlive it.
class SstableReader {
 public:
  // Reads footer and metadata only. `expected_table` null: any. `cache` null: nothing is kept.
  // kFailedPrecondition, naming the file: not an SSTable, of another version, or of another table. kCorruption.
  static base::Result<std::unique_ptr<SstableReader>> Open(io::FileSystem& file_system, const std::string& path,
                                                           const schema::TableId* expected_table, BlockCache* cache);
  static base::Result<std::unique_ptr<SstableReader>> Open(std::unique_ptr<io::RandomAccessFile> file,
                                                           const schema::TableId* expected_table, BlockCache* cache);
  ~SstableReader();

  const std::string& path() const;
  const SstableStatistics& statistics() const;
  // The table as it was when the file was written: identity, names, columns.
  const schema::Table& table() const;

  // False: surely no partition of this token. `token` is that of the partition's key.
  base::Result<bool> MayContain(rows::Token token) const;
  // The head of a partition; null when it has none.
  base::Result<std::shared_ptr<const rows::PartitionHead>> ReadHead(rows::Token token, std::string_view key) const;
  // Rows of a partition or of a token range. A partition's head comes with its first run, and alone (a run without
  // rows) when no row is in the slices; partitions with neither are left out. Columns that the file lacks are missing
  // in the blocks. Lifetime: `counters` must outlive the source; `range` need not.
  std::unique_ptr<rows::RowSource> Read(const rows::ReadRange& range, const ReadOptions& options,
                                        ReadCounters& counters) const;

  // As Read for a range that names a partition, by a source that may have been used before.
  void OpenPartition(const rows::ReadRange& range, const ReadOptions& options, ReadCounters& counters,
                     PartitionSource* source) const;

  // Reads every byte, checks every checksum, and decodes every vector. kCorruption names file and offset of the first
  // damage; bytes that belong to nothing are damage too.
  base::Status Verify() const;
  base::Result<SstableDescription> Describe() const;
  // Everything that is still readable, to be merged: rows, and what covers them. Filled while read: `report`, which
  // must outlive the sources.
  std::vector<std::unique_ptr<rows::RowSource>> Salvage(SalvageReport* report) const;

 private:
  explicit SstableReader(std::shared_ptr<const TableFile> file) : file_(std::move(file)) {}

  const std::shared_ptr<const TableFile> file_;
};

}  // namespace cassette::storage::sstable
