#include "net/event_loop.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/assert.h"

namespace cassette::net {
namespace {

constexpr int kEventsAtOnce = 256;

int64_t SteadyMillis() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

base::Result<std::unique_ptr<EventLoop>> EventLoop::Make() {
  const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) return base::IoError(fmt::format("epoll_create1: {}", std::strerror(errno)));
  const int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd < 0) {
    const int error = errno;
    close(epoll_fd);
    return base::IoError(fmt::format("eventfd: {}", std::strerror(error)));
  }
  std::unique_ptr<EventLoop> loop(new EventLoop(epoll_fd, wake_fd));
  CASSETTE_RETURN_IF_ERROR(loop->Add(wake_fd, EPOLLIN, nullptr));
  return loop;
}

EventLoop::EventLoop(int epoll_fd, int wake_fd)
    : epoll_fd_(epoll_fd), wake_fd_(wake_fd), read_buffer_(std::make_unique<char[]>(kReadBufferBytes)) {}

EventLoop::~EventLoop() {
  close(wake_fd_);
  close(epoll_fd_);
}

void EventLoop::Post(std::function<void()> task) {
  bool was_empty;
  {
    base::MutexLock lock(mutex_);
    if (has_ended_) return;
    was_empty = tasks_.empty();
    tasks_.push_back(std::move(task));
  }
  if (!was_empty) return;
  const uint64_t one = 1;
  // Fails only when the counter is full, and then the loop is awake.
  (void)!write(wake_fd_, &one, sizeof(one));
}

void EventLoop::Stop() {
  Post([this] { is_stopped_ = true; });
}

base::Status EventLoop::Add(int fd, uint32_t events, Watcher* watcher) {
  epoll_event event = {};
  event.events = events;
  event.data.ptr = watcher;
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0) return base::Status::Ok();
  return base::IoError(fmt::format("epoll_ctl: {}", std::strerror(errno)));
}

void EventLoop::Modify(int fd, uint32_t events, Watcher* watcher) {
  epoll_event event = {};
  event.events = events;
  event.data.ptr = watcher;
  CASSETTE_ASSERT(epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event) == 0);
}

void EventLoop::Remove(int fd) { CASSETTE_ASSERT(epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr) == 0); }

void EventLoop::SetTick(int period_ms, std::function<void()> tick) {
  tick_period_ms_ = period_ms;
  next_tick_ms_ = SteadyMillis() + period_ms;
  tick_ = std::move(tick);
}

void EventLoop::Run() {
  thread_ = std::this_thread::get_id();
  epoll_event events[kEventsAtOnce];
  while (!is_stopped_) {
    const int count = epoll_wait(epoll_fd_, events, kEventsAtOnce, tick_period_ms_);
    CASSETTE_ASSERT(count >= 0 || errno == EINTR);
    bool is_woken = false;
    for (int i = 0; i < count; ++i) {
      if (events[i].data.ptr == nullptr) {
        is_woken = true;
      } else {
        static_cast<Watcher*>(events[i].data.ptr)->OnEvents(events[i].events);
      }
    }
    if (is_woken) RunTasks();
    TickWhenDue();
    EndTurn();
  }
  DropTasks();
}

void EventLoop::RunTasks() {
  uint64_t count;
  (void)!read(wake_fd_, &count, sizeof(count));
  {
    base::MutexLock lock(mutex_);
    running_tasks_.swap(tasks_);
  }
  for (const std::function<void()>& task : running_tasks_) task();
  running_tasks_.clear();
}

// They may hold what holds the loop.
void EventLoop::DropTasks() {
  std::vector<std::function<void()>> dropped;
  base::MutexLock lock(mutex_);
  has_ended_ = true;
  dropped.swap(tasks_);
}

void EventLoop::EndTurn() {
  // A task may ask for another; both belong to this turn.
  for (size_t i = 0; i < end_of_turn_.size(); ++i) std::exchange(end_of_turn_[i], nullptr)();
  end_of_turn_.clear();
  graveyard_.clear();
}

void EventLoop::TickWhenDue() {
  if (!tick_) return;
  const int64_t now = SteadyMillis();
  if (now < next_tick_ms_) return;
  next_tick_ms_ = now + tick_period_ms_;
  tick_();
}

}  // namespace cassette::net
