// The commit log: every mutation is here before it is acknowledged, and stays until the tables that it changed were
// flushed. Records are opaque bytes. Format: docs/format/commitlog.md.
//
// What is promised. Process killed: no record whose Append returned is lost, in any mode, since it was stored into a
// map of the file that the kernel keeps. Power lost: no record for which WaitDurable returned (OnDurable called back)
// is lost; what that costs is the mode's affair, see SyncMode. Replay gives the records back in the order of their
// positions.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/status.h"
#include "io/file_system.h"
#include "storage/commitlog/commit_position.h"

namespace cassette::storage::commitlog {

class Segment;
class SegmentSupply;

// commitlog_sync of cassandra.yaml: when a record counts as durable enough to be acknowledged.
enum class SyncMode : uint8_t {
  kPeriodic,  // At once; the log is synced every sync_period_ms. A power cut may cost that much.
  kGroup,     // After the next sync; syncs are at least group_window_ms apart.
  kBatch,     // After a sync that begins now; those who wait meanwhile share the next one.
};

struct CommitLogOptions {
  static constexpr uint32_t kSegmentBytesMin = 64 * 1024;
  static constexpr uint32_t kSegmentBytesMax = 1024 * 1024 * 1024;

  std::string directory;  // Made when it is not there.
  SyncMode sync_mode = SyncMode::kPeriodic;
  uint32_t sync_period_ms = 10'000;
  uint32_t group_window_ms = 15;
  uint32_t segment_bytes = 32 * 1024 * 1024;  // Between the two bounds, multiple of io::kBlockBytes.
  // Full segments not yet synced; at the bound Append waits for the disk. At least 1.
  uint32_t unsynced_segments_max = 8;
  // Released segments kept for being written again (cheaper to sync than new ones). The others are deleted.
  uint32_t spare_segments_max = 2;
  // Every new position is greater than this one: what the manifest knows, should the log's own files be gone.
  CommitPosition floor;
  // What an earlier run's extent() said. Should less be there, Open fails with kCorruption.
  LogExtent required;
};

// Sees every record that survived, in order. A failure ends Open with that failure. `record` is valid during the call.
using ReplayCallback = std::function<base::Status(CommitPosition position, std::string_view record)>;

struct ReplaySummary {
  uint64_t segments = 0;
  uint64_t records = 0;
  uint64_t record_bytes = 0;
  // Intact records behind a torn one: written, never synced before the power went, dropped with it.
  uint64_t dropped_records = 0;
};

struct CommitLogStatistics {
  uint64_t records = 0;
  uint64_t bytes = 0;  // With record headers.
  uint64_t syncs = 0;
  uint64_t sync_nanos = 0;  // Spent in syncs, by the clock given.
  uint64_t segments = 0;    // Files that hold records, the current one included.
};

// Thread safety: all methods may be called from many threads, Stop() from one.
// Ownership: owns its threads (a syncer and a preparer of segments) and files.
// Lifetime: file system, clock and logger outlive it. Stop() must have run before the destructor.
class CommitLog {
 public:
  // Reads what an earlier run left, record by record, and opens the log for appending. Fails with kCorruption (naming
  // file and offset) when bytes that were once durable are wrong, with kFailedPrecondition when the files are of
  // another version or not a commit log's, with kInvalidArgument for options out of their bounds.
  static base::Result<std::unique_ptr<CommitLog>> Open(const CommitLogOptions& options, io::FileSystem& file_system,
                                                       const base::Clock& clock, base::Logger& logger,
                                                       const ReplayCallback& replay);
  ~CommitLog();
  CommitLog(const CommitLog&) = delete;
  CommitLog& operator=(const CommitLog&) = delete;

  // Appends one record, made of the pieces in order. Fails with kInvalidArgument when it is empty or larger than
  // record_bytes_max(), with kIoError when no segment could be made (disk full; a later call may work), with
  // kUnavailable after a failed sync or Stop().
  base::Result<CommitPosition> Append(std::span<const std::string_view> pieces);
  base::Result<CommitPosition> Append(std::string_view record) { return Append(std::span(&record, 1)); }

  // Whether the record at `position` may be acknowledged already: WaitDurable would succeed without waiting. REQUIRES:
  // as WaitDurable.
  bool AcknowledgesAtOnce(CommitPosition position) const;
  // Returns when the record at `position` is as durable as the mode asks before it is acknowledged (kPeriodic: at
  // once). kUnavailable when the sync failed. REQUIRES: position was returned by Append of this object.
  base::Status WaitDurable(CommitPosition position);
  // As WaitDurable, without waiting: calls back exactly once, from this call or later from the syncer's thread. The
  // callback must be short and must not call the log.
  using DurableCallback = std::function<void(const base::Status&)>;
  void OnDurable(CommitPosition position, DurableCallback callback);
  // Syncs everything appended before this call, in every mode.
  base::Status Sync();

  // Every record appended before this call is below it, every one after is at or above it.
  CommitPosition NextPosition();
  // No record before `position` is needed any more: segments that hold only such go (in the background), once they are
  // synced: what is written again must not be synced as what it was. Records at or after it stay.
  void ReleaseSegmentsBefore(CommitPosition position);

  // Syncs, seals the log and joins the threads. Further Appends fail. A second call does nothing.
  base::Status Stop();
  // What is durable of the log and not released. REQUIRES: Stop succeeded.
  LogExtent extent() const { return extent_; }

  // The largest record: half a segment less its header (Cassandra's max_mutation_size).
  uint32_t record_bytes_max() const { return options_.segment_bytes / 2; }
  SyncMode sync_mode() const { return options_.sync_mode; }
  // What Open found.
  const ReplaySummary& replayed() const { return replayed_; }
  CommitLogStatistics statistics();
  // Bytes of the log's files that hold records still needed: what a bound on the log's size looks at.
  uint64_t size_bytes();

 private:
  struct Waiter {
    CommitPosition position;
    DurableCallback callback;
  };
  // What one sync takes along.
  struct SyncWork {
    std::vector<std::shared_ptr<Segment>> full;
    std::shared_ptr<Segment> active;
    uint32_t active_end = 0;
  };

  CommitLog(const CommitLogOptions& options, io::FileSystem& file_system, const base::Clock& clock,
            base::Logger& logger);

  // commitlog.cc: appending.
  base::Status CheckRecordSize(uint64_t length_bytes) const;
  base::Status MakeRoom(uint32_t length_bytes) CASSETTE_REQUIRES(append_mutex_);
  base::Status Roll() CASSETTE_REQUIRES(append_mutex_);
  base::Status Refusal() CASSETTE_REQUIRES(append_mutex_);

  // commitlog_sync.cc: durability.
  void RunSyncer();
  bool WaitForWork();
  void WaitForWindow() CASSETTE_REQUIRES(sync_mutex_);
  void SyncOnce();
  SyncWork TakeSyncWork();
  base::Status SyncSegments(const SyncWork& work);
  void Succeeded(const SyncWork& work);
  void ReleaseUnneeded() CASSETTE_REQUIRES(append_mutex_);
  void Failed(const base::Status& status);
  void CallBack(CommitPosition durable, const base::Status& failure);
  base::Status SealActive();

  const CommitLogOptions options_;
  io::FileSystem& file_system_;
  const base::Clock& clock_;
  base::Logger& logger_;
  ReplaySummary replayed_;
  LogExtent extent_;  // Set by Stop.
  std::unique_ptr<SegmentSupply> supply_;

  base::Mutex append_mutex_;  // Taken before sync_mutex_ where both are.
  base::CondVar room_;        // A roll ended, or a full segment was synced.
  std::shared_ptr<Segment> active_ CASSETTE_GUARDED_BY(append_mutex_);
  std::vector<std::shared_ptr<Segment>> unsynced_full_ CASSETTE_GUARDED_BY(append_mutex_);  // Oldest first.
  uint32_t needed_from_ CASSETTE_GUARDED_BY(append_mutex_) = 0;  // Segments below hold nothing that is needed.
  bool rolling_ CASSETTE_GUARDED_BY(append_mutex_) = false;
  bool stopped_ CASSETTE_GUARDED_BY(append_mutex_) = false;
  base::Status failure_ CASSETTE_GUARDED_BY(append_mutex_);
  uint64_t record_count_ CASSETTE_GUARDED_BY(append_mutex_) = 0;
  uint64_t byte_count_ CASSETTE_GUARDED_BY(append_mutex_) = 0;

  // CommitPosition::ToNumber of the end of what is durable; changes under sync_mutex_.
  std::atomic<uint64_t> durable_end_ = 0;
  base::Mutex sync_mutex_;
  base::CondVar work_;                                         // For the syncer.
  base::CondVar durable_;                                      // For WaitDurable.
  bool sync_wanted_ CASSETTE_GUARDED_BY(sync_mutex_) = false;  // Someone waits; the mode's window applies.
  bool sync_now_ CASSETTE_GUARDED_BY(sync_mutex_) = false;     // No window: Sync(), a full segment, Stop().
  bool stopping_ CASSETTE_GUARDED_BY(sync_mutex_) = false;
  std::atomic<bool> failed_ = false;  // Set with sync_failure_.
  base::Status sync_failure_ CASSETTE_GUARDED_BY(sync_mutex_);
  std::vector<Waiter> waiters_ CASSETTE_GUARDED_BY(sync_mutex_);
  int64_t last_sync_nanos_ CASSETTE_GUARDED_BY(sync_mutex_) = 0;
  uint64_t sync_count_ CASSETTE_GUARDED_BY(sync_mutex_) = 0;
  uint64_t sync_nanos_ CASSETTE_GUARDED_BY(sync_mutex_) = 0;

  std::thread syncer_;
};

}  // namespace cassette::storage::commitlog
