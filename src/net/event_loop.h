// EventLoop: one thread's files, tasks and clock ticks, on epoll.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"

namespace cassette::net {

// A file's owner, told what became of it. `events` are epoll's.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void OnEvents(uint32_t events) = 0;
};

// Thread safety: Post and Stop may be called from many threads; all else belongs to the thread in Run (or, before Run,
// to whoever made the loop).
// Lifetime: watchers unregister before they go, and go by way of DestroyLater when they may be within an event.
class EventLoop {
 public:
  static constexpr size_t kReadBufferBytes = 256 << 10;

  static base::Result<std::unique_ptr<EventLoop>> Make();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Until Stop; tasks that were posted before it have run then.
  void Run();
  void Stop();
  // Runs `task` in the loop's thread, soon; drops it when Run has returned.
  void Post(std::function<void()> task);
  bool InLoopThread() const { return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }

  base::Status Add(int fd, uint32_t events, Watcher* watcher);
  void Modify(int fd, uint32_t events, Watcher* watcher);
  void Remove(int fd);
  // Keeps `object` until no event of this turn can name it any more.
  void DestroyLater(std::shared_ptr<void> object) { graveyard_.push_back(std::move(object)); }
  // Runs `task` once, at the end of this turn: after all events that came together, and all tasks.
  void AtEndOfTurn(std::function<void()> task) { end_of_turn_.push_back(std::move(task)); }
  // Calls `tick` about every `period_ms`.
  void SetTick(int period_ms, std::function<void()> tick);

  // For reads of this thread: nothing in it outlives the call that filled it.
  char* read_buffer() { return read_buffer_.get(); }

 private:
  EventLoop(int epoll_fd, int wake_fd);

  void RunTasks();
  void DropTasks();
  void EndTurn();
  void TickWhenDue();

  const int epoll_fd_;
  const int wake_fd_;
  std::unique_ptr<char[]> read_buffer_;
  std::atomic<std::thread::id> thread_;
  std::atomic<bool> is_stopped_ = false;
  base::Mutex mutex_;
  bool has_ended_ CASSETTE_GUARDED_BY(mutex_) = false;
  std::vector<std::function<void()>> tasks_ CASSETTE_GUARDED_BY(mutex_);
  std::vector<std::function<void()>> running_tasks_;
  std::vector<std::function<void()>> end_of_turn_;
  std::vector<std::shared_ptr<void>> graveyard_;
  int tick_period_ms_ = -1;
  int64_t next_tick_ms_ = 0;
  std::function<void()> tick_;
};

}  // namespace cassette::net
