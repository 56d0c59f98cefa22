// Engine: the durable columnar store of one directory. Mutations in, row batches out; tables, flushes, compactions,
// bulk loads and snapshots in between. Knows no CQL.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "rows/keys.h"
#include "rows/mutation.h"
#include "rows/partition_locks.h"
#include "rows/row_batch.h"
#include "rows/row_block.h"
#include "rows/row_history.h"
#include "schema/schema.h"

namespace cassette::io {
class FileSystem;
}
namespace cassette::metrics {
class Registry;
}

namespace cassette::storage::engine {

enum class CommitLogSync : uint8_t { kPeriodic, kGroup, kBatch };

struct EngineOptions {
  CommitLogSync commitlog_sync = CommitLogSync::kPeriodic;
  int64_t commitlog_sync_period_ms = 10000;            // periodic
  int64_t commitlog_sync_group_window_ms = 15;         // group
  uint32_t commitlog_segment_bytes = 32u << 20;        // Tests make it small. Half of it bounds a mutation, too.
  size_t memtable_heap_bytes = 256ull << 20;           // All memtables together; the largest is flushed at the bound.
  size_t cache_bytes = 256ull << 20;                   // Vectors and index blocks.
  size_t bulk_load_buffer_bytes = 128ull << 20;        // Of each load: full ones become SSTables of it.
  uint32_t row_group_rows = columnar::kMaxVectorRows;  // Tests make it tiny. 1 to kMaxVectorRows.
  size_t open_files_max = 512;                         // SSTables held open; others are opened when read.
  // Past so many SSTables of a table that its strategy would merge, flushes wait for compactions, and writers for
  // flushes once the memtables are full.
  uint32_t sstables_per_table_max = 256;
  uint32_t background_threads = 1;  // Flush and compaction. 0: only when called (tests).
  bool auto_compaction = true;
  // For tests, which have no gigabytes. Compaction strategies take each byte for so many; and all tables are compacted
  // by these options when there are any, whatever their own say.
  uint64_t compaction_size_scale = 1;
  std::map<std::string, std::string> compaction_override;
};

// Where and with what an engine runs. Lifetime: all of them outlive the engine.
struct EngineEnvironment {
  io::FileSystem* file_system = nullptr;
  base::Clock* clock = nullptr;
  base::Logger* logger = nullptr;
  uint64_t random_seed = 0;
  metrics::Registry* metrics = nullptr;  // May be null: nothing is measured.
};

// Ordered by time of append; a position is durable when all before it are.
struct CommitPosition {
  uint64_t segment = 0;
  uint64_t offset = 0;
  auto operator<=>(const CommitPosition&) const = default;
};

// One read: partitions or a token range of a table, slices within each, columns.
struct ReadCommand {
  schema::TablePtr table;
  // Serialized partition keys in the order of the answer; empty: a scan of the token range in token order.
  std::vector<std::string> keys;
  bool has_start_token = false;  // Tokens >= start_token.
  rows::Token start_token = rows::kMinToken;
  bool has_end_token = false;  // Tokens <= end_token.
  rows::Token end_token = 0;
  // Where an earlier page ended: go on strictly after this partition key (of token start_token), or, with
  // `resume_clustering`, after that row within it (before it when reversed). Scans and key lists alike.
  bool has_resume = false;
  std::string resume_key;
  bool has_resume_clustering = false;
  std::string resume_clustering;  // order-preserving bytes of a full clustering key
  std::vector<rows::ClusteringSlice> slices = {rows::ClusteringSlice::All()};
  bool reversed = false;
  std::vector<rows::ComponentRange> component_ranges;  // A hint: what the caller will filter by.
  std::vector<rows::RequestedColumn> columns;          // Any kind of column.
  bool static_rows = false;          // A partition with statics and no (matching) row gives a static-only row.
  bool distinct_partitions = false;  // One row a partition that has any live data (SELECT DISTINCT).
  bool marked_rows_alone = false;    // Rows without a live marker are not seen, whatever cells they have.
  // Hints that let it stop early: rows in all, rows a partition. 0: no bound. The caller checks again.
  uint64_t limit = 0;
  uint64_t per_partition_limit = 0;
  int64_t now_seconds = 0;  // For TTLs.
};

// What a read did; for EXPLAIN, tracing and metrics. Filled while reading.
struct ReadStatistics {
  uint64_t partitions_read = 0;
  uint64_t memtables_read = 0;
  uint64_t sstables_read = 0;
  uint64_t sstables_skipped_by_filter = 0;  // key filter or token range
  uint64_t row_groups_read = 0;
  uint64_t row_groups_skipped = 0;  // Ruled out by the index or by zone maps.
  uint64_t rows_read = 0;           // before tombstones and filters
  uint64_t tombstones_read = 0;
};

// One read after another, with memory used again: for those who read small things often.
// Thread safety: not thread safe. Lifetime: within the engine's. Holds what it reads from pinned while it is open.
class Reader : public rows::BatchReader {
 public:
  // Begins a read of rows as of now, after the one before has ended. Lifetime: `command`, and `statistics`, which may
  // be null, stay until Close. Errors as Engine::Read.
  virtual base::Status Open(const ReadCommand& command, ReadStatistics* statistics) = 0;
  // Ends the read. Of its memory some KiB are kept.
  virtual void Close() = 0;
};

// Tables built aside, for sorted or unsorted rows in bulk; visible all at once, or not at all.
// Rows may come in any order; those of one partition close together and in order are fastest. Memory is bounded: full
// buffers become sorted SSTables of the load. Thread safety: not thread safe; open one a thread (they share nothing).
// The destructor abandons what was not committed.
class BulkLoad {
 public:
  virtual ~BulkLoad() = default;
  // Columns are in the order of `table.columns` that `columns` names (ids); each row is an INSERT at
  // `timestamp_micros`. A null place is no cell (unset), never a tombstone. Key columns may not be null:
  // kInvalidArgument names column and row, and then no row of the call is taken.
  virtual base::Status Append(std::span<const schema::ColumnId> columns,
                              std::span<const columnar::Vector* const> vectors, uint32_t row_count,
                              int64_t timestamp_micros) = 0;
  // Finishes the SSTables and makes them visible in one manifest edit.
  virtual base::Status Commit() = 0;
  virtual uint64_t rows() const = 0;
};

// Of a sample of the operations since the engine was opened.
struct LatencyStatistics {
  uint64_t samples = 0;
  double mean_seconds = 0;
  double p99_seconds = 0;  // At most; to a power of two.
};

struct TableStatistics {
  schema::TablePtr table;
  uint64_t memtable_rows = 0;
  uint64_t memtable_bytes = 0;
  uint64_t sstable_count = 0;
  uint64_t sstable_bytes = 0;
  uint64_t sstable_rows = 0;  // Rows stored, versions of one row counted each.
  uint64_t sstable_tombstones = 0;
  uint64_t partitions_estimate = 0;
  uint64_t max_partition_rows = 0;
  uint64_t mean_partition_bytes = 0;  // Of SSTables, on disk.
  uint64_t pending_flushes = 0;       // Memtables that are full and not yet on disk.
  uint64_t pending_compactions = 0;
  // Since the engine was opened.
  uint64_t flushes = 0;
  uint64_t flushed_bytes = 0;
  uint64_t compactions = 0;
  uint64_t compacted_bytes = 0;
  uint64_t reads = 0;
  uint64_t writes = 0;
  uint64_t sstables_read = 0;
  uint64_t sstables_skipped = 0;  // By key filter or token range.
  uint64_t rows_read = 0;
  uint64_t tombstones_read = 0;
  LatencyStatistics read_latency;
  LatencyStatistics write_latency;
};

// A compaction underway.
struct CompactionStatistics {
  schema::TablePtr table;
  uint64_t sstables = 0;
  uint64_t bytes = 0;
  uint64_t rows = 0;
  uint64_t rows_read = 0;  // So far.
  std::string reason;      // The strategy's.
};

struct EngineStatistics {
  std::string directory;
  uint64_t commitlog_bytes = 0;
  uint64_t commitlog_segments = 0;
  uint64_t memtable_bytes = 0;
  uint64_t sstable_bytes = 0;
  uint64_t cache_bytes = 0;
  uint64_t cache_hits = 0;
  uint64_t cache_misses = 0;
  uint64_t replayed_mutations = 0;
  std::vector<TableStatistics> tables;
  std::vector<CompactionStatistics> compactions;
};

// One damaged place that Verify found.
struct VerifyFinding {
  std::string file;
  std::string message;  // With offset; begins with the file.
};

// What Scrub did.
struct ScrubReport {
  std::vector<std::string> notes;  // A line for each file: what was wrong, what was kept, what is lost.
  uint64_t sstables_checked = 0;
  uint64_t sstables_rewritten = 0;
  uint64_t rows_kept = 0;  // Of the files rewritten.
  uint64_t rows_dropped = 0;
  uint64_t mutations_recovered = 0;  // Out of a damaged commit log.
};

// Thread safety: all methods may be called from many threads; schema changes are serialized by the engine.
class Engine {
 public:
  // Opens `directory`, making it when it does not exist: locks it (kFailedPrecondition names the process that has it,
  // or says of which version it is, or that it is not ours), reads the manifest, replays the commit log.
  static base::Result<std::unique_ptr<Engine>> Open(const std::string& directory, const EngineOptions& options,
                                                    const EngineEnvironment& environment);
  // Reads and checks every byte of every file of a directory that nobody has open: VERSION, manifest, SSTables, commit
  // log, snapshots. Changes nothing. Damage is a finding, not a failure. kNotFound when there is no such directory.
  static base::Result<std::vector<VerifyFinding>> VerifyDirectory(const std::string& directory,
                                                                  const EngineEnvironment& environment);
  // Makes a damaged directory one that opens: keeps what is readable and says what is lost. Damaged files stay, under
  // other names (NAME.damaged). kFailedPrecondition when it is in use or of another version.
  static base::Result<ScrubReport> Scrub(const std::string& directory, const EngineOptions& options,
                                         const EngineEnvironment& environment);
  virtual ~Engine() = default;  // REQUIRES: Close was called.

  // The schema now. Never null.
  virtual schema::SchemaPtr schema() const = 0;
  // Whether `schema` is still the one: cheaper than to ask for that of now. REQUIRES: schema() returned it.
  virtual bool IsCurrent(const schema::SchemaPtr& schema) const = 0;
  // Replaces the schema by `change(current)`, durably, in one step; tables that vanish lose their data. `change` runs
  // under the schema lock; the failure it returns is passed on and nothing changes. Memory-only tables are not stored.
  virtual base::Status ChangeSchema(
      const std::function<base::Result<schema::Schema>(const schema::Schema& current)>& change) = 0;
  // Drops all rows of tables, memtables and SSTables, in one durable step.
  virtual base::Status Truncate(std::span<const schema::TableId> tables) = 0;

  // Logs and applies mutations, all or none (one log record). Visible to reads when it returns. Returns at once with
  // the position to wait for; a killed process loses nothing of it. kUnavailable after a failed sync.
  // kInvalidArgument past kMaxMutationBytes. kNotFound when the table is gone.
  // They are applied in their order. `derived_version`: of the schema for whose indexes and views the mutations hold
  // all that they need; kFailedPrecondition, and nothing happens, when those of a table have changed since.
  virtual base::Result<CommitPosition> Apply(std::span<const std::string_view> mutations,
                                             uint64_t derived_version = kNothingDerived) = 0;
  // Whether there is nothing to wait for: WaitDurable would succeed at once.
  virtual bool IsDurable(CommitPosition position) const = 0;
  // Waits until `position` is as durable as the sync mode promises (periodic: at once).
  virtual base::Status WaitDurable(CommitPosition position) = 0;
  // Calls `done` once it is; maybe at once, maybe on the log's thread.
  virtual void OnDurable(CommitPosition position, std::function<void(const base::Status&)> done) = 0;

  // Held by those who read partitions of a table with views to write what the views need, from before the read until
  // Apply has returned. Taken after any other lock of partitions.
  virtual rows::PartitionLocks& view_locks() = 0;

  // Rows as of now; later writes may or may not show. `command` is copied. `statistics` may be null, else outlives the
  // reader.
  virtual base::Result<std::unique_ptr<rows::BatchReader>> Read(const ReadCommand& command,
                                                                ReadStatistics* statistics) = 0;
  virtual std::unique_ptr<Reader> NewReader() = 0;
  // The same rows with all that reconciliation needs, tombstones too. Of `command`, columns, limits,
  // distinct_partitions and now_seconds say nothing here.
  virtual base::Result<std::unique_ptr<rows::RowSource>> ReadHistory(const ReadCommand& command) = 0;
  // ReadHistory of one row, for writes that need to know it first. False, when it may lie in several places that would
  // have to be merged: ReadHistory does that. `found` is replaced.
  virtual base::Result<bool> ReadRow(const schema::TableId& table, rows::Token token, std::string_view key,
                                     std::string_view clustering, rows::RowHistory* found) = 0;
  virtual base::Result<std::unique_ptr<BulkLoad>> BeginBulkLoad(const schema::TableId& table) = 0;
  // Commits several loads in one manifest edit. `derived_version` as with Apply. REQUIRES: they are this engine's, and
  // not yet committed.
  virtual base::Status CommitBulkLoads(std::span<BulkLoad* const> loads,
                                       uint64_t derived_version = kNothingDerived) = 0;

  // Null or empty table: all tables.
  virtual base::Status Flush(const schema::TableId* table) = 0;
  virtual base::Status Compact(const schema::TableId* table) = 0;  // Major: until nothing is left to merge.
  // What compaction does in the background, here and now: until no strategy has anything left to do.
  virtual base::Status CompactPending() = 0;
  // Hard links of all SSTables, the manifest and the schema under snapshots/NAME; a directory that Open accepts.
  virtual base::Status Snapshot(const std::string& name) = 0;
  // Reads every byte of every file and checks it. Damage is a finding, not a failure.
  virtual base::Result<std::vector<VerifyFinding>> Verify() = 0;
  virtual EngineStatistics Statistics() const = 0;

  // Stops background work and syncs the log. The memtables stay in the log, for the next Open.
  virtual base::Status Close() = 0;

  static constexpr uint64_t kNothingDerived = 0;
  // Half a commit log segment, as Cassandra's default, less what a record of one mutation has beside it.
  static constexpr size_t kMaxMutationBytes = (16ull << 20) - 64;
};

}  // namespace cassette::storage::engine
