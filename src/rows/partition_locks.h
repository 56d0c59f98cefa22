// PartitionLocks: who reads a partition to decide what to write to it does both under its lock: counters, conditions
// (IF). Plain writes take none, as in Cassandra.
//
//   const PartitionLocks::Guard guard = locks.Lock(partitions);   // waits
//   ... read, decide, Engine::Apply; the guard goes when the write can be read ...
#pragma once

#include <absl/container/inlined_vector.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/mutex.h"
#include "base/thread_annotations.h"
#include "base/write_gate.h"
#include "rows/keys.h"
#include "schema/schema.h"

namespace cassette::rows {

struct PartitionId {
  schema::TableId table;
  Token token = kMinToken;
};

// A fixed number of mutexes behind a gate: partitions share them by a hash, so that two partitions may wait for each
// other for no reason but never too little; who needs very many shuts the gate instead. Thread safety: all methods may
// be called from many threads.
class PartitionLocks {
 public:
  static constexpr size_t kStripes = 1024;
  static constexpr size_t kMaxStripesAtOnce = 32;  // More are all of them. (ThreadSanitizer follows 64 locks a thread.)

  // Holds its partitions until it goes. Lifetime: within that of the locks; belongs to the thread that took it.
  class Guard {
   public:
    Guard(Guard&& other) noexcept;
    Guard& operator=(Guard&&) = delete;
    ~Guard() CASSETTE_NO_THREAD_SAFETY_ANALYSIS;

   private:
    friend class PartitionLocks;
    Guard() = default;
    base::WriteGate* entered_ = nullptr;
    base::WriteGate* shut_ = nullptr;
    absl::InlinedVector<base::Mutex*, 4> held_;
  };

  // Waits until all of `partitions` (any order, repeats too) are this thread's alone. REQUIRES: the thread holds no
  // other guard of these locks; all that a statement needs is locked in one call, which is why none waits forever.
  Guard Lock(std::span<const PartitionId> partitions) CASSETTE_NO_THREAD_SAFETY_ANALYSIS;

  // Waits until all partitions of all tables are this thread's alone. REQUIRES: as Lock.
  Guard LockAll() CASSETTE_NO_THREAD_SAFETY_ANALYSIS;

  // Which mutex a partition has, below kStripes; for tests.
  static size_t StripeOf(const PartitionId& partition);

 private:
  base::WriteGate gate_;
  std::array<base::Mutex, kStripes> stripes_;
};

}  // namespace cassette::rows
