// TableStore: one table's memtables and SSTables. Readers pin an immutable TableVersion; writers pass a gate that is
// shut for the moment in which the memtable changes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "base/write_gate.h"
#include "schema/schema.h"
#include "storage/commitlog/commit_position.h"
#include "storage/engine/sstable.h"
#include "storage/engine/table_metrics.h"
#include "storage/memtable/memtable.h"

namespace cassette::storage::engine {

// A memtable and where in the commit log its first record may stand.
struct MemtableSlot {
  MemtableSlot(schema::TablePtr table, commitlog::CommitPosition start_position)
      : memtable(std::move(table)), start(start_position) {}

  memtable::Memtable memtable;
  commitlog::CommitPosition start;  // Changes only while the gate is shut and the memtable is empty.
};

using MemtablePtr = std::shared_ptr<MemtableSlot>;

// What a reader sees. Thread safety: immutable, but for the rows that writers add to the first memtable.
struct TableVersion {
  std::vector<MemtablePtr> memtables;  // The first takes writes; the others are being flushed, newest first.
  std::vector<SstablePtr> sstables;    // The newest write first.
};

using VersionPtr = std::shared_ptr<const TableVersion>;

// Thread safety: all methods may be called from many threads.
class TableStore {
 public:
  TableStore(schema::TablePtr table, commitlog::CommitPosition start);

  const schema::TableId& table_id() const { return table_id_; }
  bool is_memory_only() const { return is_memory_only_; }
  schema::TablePtr table() const;
  void SetTable(schema::TablePtr table);
  VersionPtr version() const;

  // Entered by each write from before it is logged until it is in the memtable.
  base::WriteGate& gate() { return gate_; }
  // The memtable that takes writes. REQUIRES: the gate was entered, or is shut.
  MemtableSlot& active() { return *active_; }
  // REQUIRES: the gate was entered.
  bool is_dropped() const { return is_dropped_.load(std::memory_order_relaxed); }
  void MarkDropped() { is_dropped_ = true; }

  // Version of the schema with which the table's indexes and views last changed; 0: it has none. Set while the gate is
  // shut.
  void SetDerivedSince(uint64_t schema_version) { derived_since_ = schema_version; }
  // kFailedPrecondition when it is a later one. REQUIRES: the gate was entered, or is shut, or the commit lock is held.
  base::Status CheckDerived(uint64_t derived_version) const;

  // Puts an empty memtable before the others. REQUIRES: the gate is shut.
  void Rotate(commitlog::CommitPosition start);
  // Moves the start of an empty memtable forward. REQUIRES: the gate is shut.
  void AdvanceStart(commitlog::CommitPosition start);
  // Replaces SSTables, and takes one flushed memtable (may be null) away, in one step.
  void Replace(const std::vector<SstablePtr>& removed, const std::vector<SstablePtr>& added,
               const MemtableSlot* flushed);
  // Nothing is left but an empty memtable. REQUIRES: the gate is shut.
  void Clear(commitlog::CommitPosition start);

  // Whether no write waits to be flushed.
  bool is_flushed() const;
  // Records of the log before this place are not needed for this table.
  commitlog::CommitPosition log_start() const;
  // Bytes of all memtables, and of the one that takes writes.
  size_t memtable_bytes() const;
  size_t active_bytes() const;

  // One flush at a time, and one compaction: held while it runs.
  base::Mutex flush_mutex;
  base::Mutex compaction_mutex;
  std::atomic<bool> is_flush_scheduled = false;
  std::atomic<bool> is_compaction_scheduled = false;
  std::atomic<bool> has_compaction_failed = false;  // The last one: nobody waits for the next.

  TableMetrics metrics;
  std::atomic<uint64_t> flush_bytes = 0;  // Of a flush, a moving average. Written under flush_mutex.

 private:
  void Publish(std::shared_ptr<TableVersion> version) CASSETTE_REQUIRES(mutex_);

  const schema::TableId table_id_;
  const bool is_memory_only_;
  base::WriteGate gate_;
  MemtablePtr active_;  // Changes while the gate is shut and mutex_ is held.
  std::atomic<bool> is_dropped_ = false;
  std::atomic<uint64_t> derived_since_ = 0;
  mutable base::Mutex mutex_;
  schema::TablePtr table_ CASSETTE_GUARDED_BY(mutex_);
  VersionPtr version_ CASSETTE_GUARDED_BY(mutex_);
};

using StorePtr = std::shared_ptr<TableStore>;

}  // namespace cassette::storage::engine
