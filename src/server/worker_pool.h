// Threads for requests that may run long, so that no event loop waits for them.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace cassette::server {

// Thread safety: Submit may be called from many threads. The number of tasks is bounded by who submits them (requests
// in flight).
class WorkerPool {
 public:
  explicit WorkerPool(uint32_t threads);
  ~WorkerPool();  // REQUIRES: Stop was called.

  void Submit(std::function<void()> task);
  // Runs what was submitted, then ends the threads.
  void Stop();

 private:
  void Work();

  base::Mutex mutex_;
  base::CondVar changed_;
  std::deque<std::function<void()>> tasks_ CASSETTE_GUARDED_BY(mutex_);
  bool is_stopping_ CASSETTE_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace cassette::server
