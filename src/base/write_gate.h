// WriteGate: many writers pass at once; one who must see none of them underway shuts it for a moment.
#pragma once

#include <atomic>

#include "base/mutex.h"

namespace cassette::base {

// A reader-writer lock whose exclusive side cannot be starved by a stream of shared holders (std::shared_mutex alone
// lets it be). Thread safety: all methods may be called from many threads.
class WriteGate {
 public:
  void Enter() CASSETTE_NO_THREAD_SAFETY_ANALYSIS {
    if (is_shutting_.load(std::memory_order_relaxed)) MutexLock wait(shutters_);
    writers_.lock_shared();
  }
  void Leave() CASSETTE_NO_THREAD_SAFETY_ANALYSIS { writers_.unlock_shared(); }
  // Returns when no writer is inside; none enters until Open.
  void Shut() CASSETTE_NO_THREAD_SAFETY_ANALYSIS {
    shutters_.lock();
    is_shutting_.store(true, std::memory_order_relaxed);
    writers_.lock();
    is_shutting_.store(false, std::memory_order_relaxed);
  }
  void Open() CASSETTE_NO_THREAD_SAFETY_ANALYSIS {
    writers_.unlock();
    shutters_.unlock();
  }

 private:
  Mutex shutters_;
  std::atomic<bool> is_shutting_ = false;
  SharedMutex writers_;
};

// Holds the gate shut.
class ShutGate {
 public:
  explicit ShutGate(WriteGate& gate) : gate_(gate) { gate_.Shut(); }
  ~ShutGate() { gate_.Open(); }
  ShutGate(const ShutGate&) = delete;
  ShutGate& operator=(const ShutGate&) = delete;

 private:
  WriteGate& gate_;
};

}  // namespace cassette::base
