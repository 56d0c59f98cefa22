// What one table counts while it is used, and which compactions run.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "storage/engine/engine.h"

namespace cassette::storage::engine {

// Durations by their power of two. Thread safety: all methods may be called from many threads.
class LatencyHistogram {
 public:
  // Of so many operations one is timed: a clock costs as much as a part of the operation.
  static constexpr uint64_t kSampleEvery = 16;

  void Observe(int64_t nanos) {
    const auto positive = static_cast<uint64_t>(std::max<int64_t>(nanos, 1));
    const size_t bucket = std::min<size_t>(std::bit_width(positive), buckets_.size() - 1);
    buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
    nanos_.fetch_add(positive, std::memory_order_relaxed);
  }
  LatencyStatistics Statistics() const {
    LatencyStatistics statistics;
    uint64_t counts[kBuckets];
    for (size_t i = 0; i < kBuckets; ++i) statistics.samples += counts[i] = buckets_[i].load(std::memory_order_relaxed);
    if (statistics.samples == 0) return statistics;
    statistics.mean_seconds =
        static_cast<double>(nanos_.load(std::memory_order_relaxed)) * 1e-9 / static_cast<double>(statistics.samples);
    uint64_t below = 0;
    for (size_t i = 0; i < kBuckets; ++i) {
      below += counts[i];
      if (below * 100 < statistics.samples * 99) continue;
      statistics.p99_seconds = static_cast<double>(uint64_t{1} << i) * 1e-9;
      return statistics;
    }
    return statistics;
  }

 private:
  static constexpr size_t kBuckets = 44;  // To 4 hours.

  std::array<std::atomic<uint64_t>, kBuckets> buckets_ = {};
  std::atomic<uint64_t> nanos_ = 0;
};

// Since the engine was opened. Thread safety: all members may be used from many threads.
struct TableMetrics {
  std::atomic<uint64_t> flushes = 0;
  std::atomic<uint64_t> flushed_bytes = 0;
  std::atomic<uint64_t> compactions = 0;
  std::atomic<uint64_t> compacted_bytes = 0;  // Read by compactions.
  std::atomic<uint64_t> reads = 0;
  std::atomic<uint64_t> writes = 0;
  std::atomic<uint64_t> sstables_read = 0;
  std::atomic<uint64_t> sstables_skipped = 0;  // By key filter or token range.
  std::atomic<uint64_t> rows_read = 0;
  std::atomic<uint64_t> tombstones_read = 0;
  LatencyHistogram read_latency;
  LatencyHistogram write_latency;

  static void Add(std::atomic<uint64_t>* counter, uint64_t count) {
    if (count != 0) counter->fetch_add(count, std::memory_order_relaxed);
  }
};

// A compaction underway. Thread safety: rows_read may be read while it grows; the rest does not change.
struct RunningCompaction {
  schema::TablePtr table;
  uint64_t sstables = 0;
  uint64_t bytes = 0;
  uint64_t rows = 0;
  std::string reason;
  std::atomic<uint64_t> rows_read = 0;
};

// Thread safety: all methods may be called from many threads.
class RunningCompactions {
 public:
  // In the list while it lives. Lifetime: the list outlives it.
  class Entry {
   public:
    explicit Entry(RunningCompactions& owner) : owner_(owner) {}
    ~Entry() {
      base::MutexLock lock(owner_.mutex_);
      owner_.running_.remove(&compaction);
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    // Shows it. REQUIRES: all but rows_read is filled in.
    void Begin() {
      base::MutexLock lock(owner_.mutex_);
      owner_.running_.push_back(&compaction);
    }

    RunningCompaction compaction;

   private:
    RunningCompactions& owner_;
  };

  std::vector<CompactionStatistics> Statistics() const {
    base::MutexLock lock(mutex_);
    std::vector<CompactionStatistics> all;
    for (const RunningCompaction* running : running_) {
      all.push_back({running->table, running->sstables, running->bytes, running->rows,
                     running->rows_read.load(std::memory_order_relaxed), running->reason});
    }
    return all;
  }

 private:
  mutable base::Mutex mutex_;
  std::list<const RunningCompaction*> running_ CASSETTE_GUARDED_BY(mutex_);
};

}  // namespace cassette::storage::engine
