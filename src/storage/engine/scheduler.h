// Scheduler: the engine's background threads. One queue for flushes with a thread of its own, so that no compaction
// stands before a flush, and one for compactions.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace cassette::storage::engine {

// Thread safety: all methods may be called from many threads, Stop() from one.
// Lifetime: Stop() must have run before the destructor.
class Scheduler {
 public:
  using Task = std::function<void()>;

  // `threads` for compactions, and one for flushes; 0: none, and tasks given are dropped.
  explicit Scheduler(uint32_t threads);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  bool has_threads() const { return has_threads_; }
  void AddFlush(Task task) { Add(&flushes_, std::move(task)); }
  void AddCompaction(Task task) { Add(&compactions_, std::move(task)); }
  // Tasks that wait are dropped; returns when those that run are done. Tasks given later are dropped.
  void Stop();

 private:
  struct Queue {
    base::CondVar changed;
    std::deque<Task> tasks;
  };

  void Add(Queue* queue, Task task);
  void Run(Queue* queue);

  const bool has_threads_;
  base::Mutex mutex_;
  Queue flushes_ CASSETTE_GUARDED_BY(mutex_);
  Queue compactions_ CASSETTE_GUARDED_BY(mutex_);
  bool stopping_ CASSETTE_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace cassette::storage::engine
