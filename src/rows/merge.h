// Merging: several sources of one table become one, newest-wins by cell.h's rules. Whole blocks pass through where only
// one source has rows; ranges are copied where the sources do not overlap; only overlapping stretches go row by row.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "rows/row_block.h"
#include "schema/schema.h"

namespace cassette::rows {

// What a compaction may drop (org.apache.cassandra.db.partitions.PurgeFunction, AbstractCell.purge). Rows and cells
// that a deletion of the merged sources covers go in any case.
struct PurgeOptions {
  int64_t now_seconds = 0;        // What has expired by then becomes a tombstone made when it was written.
  int64_t gc_before_seconds = 0;  // Tombstones made before it may go.
  // Tombstones of this partition with time stamps below it may go: nothing outside of the merge is as old. Null: all
  // may.
  std::function<int64_t(const PartitionPosition&)> max_purgeable_micros;
};

struct MergeOptions {
  schema::TablePtr table;
  // Regular columns that the merged rows have, ids ascending; cells of others are dropped.
  std::vector<schema::ColumnId> columns;
  bool reversed = false;                // The sources' rows come in reverse.
  const PurgeOptions* purge = nullptr;  // Null: nothing is dropped. Outlives the merge.
};

// The ids of all regular columns of `table`, ascending.
std::vector<schema::ColumnId> RegularColumnIds(const schema::Table& table);

// Several sources of one table as one; then several others, with the same memory. Row deletions are applied to the
// cells of rows that several sources have; all else that a tombstone covers still stands in the result unless `purge`
// is set. Thread safety: not thread safe.
class Merger final : public RowSource {
 public:
  Merger();
  ~Merger() override;
  Merger(Merger&&) noexcept;
  Merger& operator=(Merger&&) noexcept;

  // Lifetime: the sources outlive the calls of Next.
  void Open(std::span<RowSource* const> sources, const MergeOptions& options);
  base::Result<bool> Next(RowBlock* block) override;
  // Lets go of what it holds of the sources' rows, but for its own memory.
  void Close();
  size_t memory_bytes() const;  // Of blocks, about.

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The same with sources of its own. A single one without purge is given back as it is.
std::unique_ptr<RowSource> MergeSources(std::vector<std::unique_ptr<RowSource>> sources, const MergeOptions& options);

// The heads of one partition as one: the stronger deletion, the range tombstones as a coverage without overlaps, static
// cells reconciled. Null entries are skipped; null when nothing is left.
std::shared_ptr<const PartitionHead> MergeHeads(const schema::Table& table,
                                                const std::vector<std::shared_ptr<const PartitionHead>>& heads);

}  // namespace cassette::rows
