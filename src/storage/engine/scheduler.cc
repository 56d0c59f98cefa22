#include "storage/engine/scheduler.h"

#include <utility>

#include "base/assert.h"

namespace cassette::storage::engine {

Scheduler::Scheduler(uint32_t threads) : has_threads_(threads > 0) {
  if (!has_threads_) return;
  threads_.emplace_back([this] { Run(&flushes_); });
  for (uint32_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(&compactions_); });
}

Scheduler::~Scheduler() { CASSETTE_ASSERT(threads_.empty()); }

void Scheduler::Add(Queue* queue, Task task) {
  base::MutexLock lock(mutex_);
  if (stopping_ || !has_threads_) return;
  queue->tasks.push_back(std::move(task));
  queue->changed.NotifyOne();
}

void Scheduler::Run(Queue* queue) {
  while (true) {
    Task task;
    {
      base::MutexLock lock(mutex_);
      while (queue->tasks.empty() && !stopping_) queue->changed.Wait(mutex_);
      if (stopping_) return;
      task = std::move(queue->tasks.front());
      queue->tasks.pop_front();
    }
    task();
  }
}

void Scheduler::Stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    flushes_.tasks.clear();
    compactions_.tasks.clear();
    flushes_.changed.NotifyAll();
    compactions_.changed.NotifyAll();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace cassette::storage::engine
