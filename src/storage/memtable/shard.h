// Memtable::Shard: the partitions of a range of tokens, in order, and their lock. For memtable.cc and source.cc alone.
#pragma once

#include <atomic>
#include <memory>
#include <string_view>

#include "base/mutex.h"
#include "rows/mutation.h"
#include "storage/memtable/memtable.h"
#include "storage/memtable/partition.h"
#include "storage/memtable/partition_index.h"
#include "storage/memtable/partition_reader.h"

namespace cassette::storage::memtable {

// Thread safety: Apply and SetLayout lock; readers hold `mutex` while they look at `index()` and what hangs on it. The
// counters are atomic, written under the lock.
class Memtable::Shard {
 public:
  // Of the tokens that share their first `token_bits`.
  Shard(std::shared_ptr<const Layout> layout, uint32_t token_bits) : layout_(std::move(layout)), index_(token_bits) {}

  base::Status Apply(rows::MutationReader* mutation);
  void SetLayout(std::shared_ptr<const Layout> layout);
  // Never null.
  const std::shared_ptr<const Layout>& layout() const CASSETTE_REQUIRES(mutex) { return layout_; }

  const PartitionIndex& index() const CASSETTE_REQUIRES(mutex) { return index_; }

  mutable base::Mutex mutex;
  mutable ReadScratch lookup CASSETTE_GUARDED_BY(mutex);  // Memory of reads of single rows.

  std::atomic<size_t> memory_bytes{0};
  std::atomic<uint64_t> row_count{0};
  std::atomic<uint64_t> partition_count{0};
  std::atomic<int64_t> min_timestamp_micros{std::numeric_limits<int64_t>::max()};
  std::atomic<int64_t> max_timestamp_micros{rows::kNoTimestamp};

 private:
  base::Status ApplyUpdates(rows::MutationReader* mutation) CASSETTE_REQUIRES(mutex);
  base::Status ApplyRowUpdate(bool is_static, rows::MutationReader* mutation, Partition* partition)
      CASSETTE_REQUIRES(mutex);
  // The cells of the row that `mutation` stands at, checked, in row_.
  base::Status ReadRow(schema::ColumnKind kind, rows::MutationReader* mutation) CASSETTE_REQUIRES(mutex);
  Partition* FindOrAdd(rows::Token token, std::string_view key) CASSETTE_REQUIRES(mutex);
  void NoteTimestamp(int64_t timestamp_micros) CASSETTE_REQUIRES(mutex);
  // The write times within the image of a complex cell.
  void NoteComplex(const rows::CellView& cell) CASSETTE_REQUIRES(mutex);
  void Publish() CASSETTE_REQUIRES(mutex);

  std::shared_ptr<const Layout> layout_ CASSETTE_GUARDED_BY(mutex);
  PartitionContext context_ CASSETTE_GUARDED_BY(mutex);
  PartitionIndex index_ CASSETTE_GUARDED_BY(mutex);
  RowImage row_ CASSETTE_GUARDED_BY(mutex);  // Scratch.
  int64_t min_seen_ CASSETTE_GUARDED_BY(mutex) = std::numeric_limits<int64_t>::max();
  int64_t max_seen_ CASSETTE_GUARDED_BY(mutex) = rows::kNoTimestamp;
};

}  // namespace cassette::storage::memtable
