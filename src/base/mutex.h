// std::mutex, std::shared_mutex and std::condition_variable with clang's thread-safety annotations,
// which libstdc++'s own do not carry. Nothing else is added.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>

#include "base/thread_annotations.h"

namespace cassette::base {

class CASSETTE_CAPABILITY("mutex") Mutex {
 public:
  void lock() CASSETTE_ACQUIRE() { mutex_.lock(); }
  void unlock() CASSETTE_RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class CASSETTE_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) CASSETTE_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() CASSETTE_RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

class CASSETTE_CAPABILITY("shared_mutex") SharedMutex {
 public:
  void lock() CASSETTE_ACQUIRE() { mutex_.lock(); }
  void unlock() CASSETTE_RELEASE() { mutex_.unlock(); }
  void lock_shared() CASSETTE_ACQUIRE_SHARED() { mutex_.lock_shared(); }
  void unlock_shared() CASSETTE_RELEASE_SHARED() { mutex_.unlock_shared(); }

 private:
  std::shared_mutex mutex_;
};

class CASSETTE_SCOPED_CAPABILITY WriterLock {
 public:
  explicit WriterLock(SharedMutex& mutex) CASSETTE_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~WriterLock() CASSETTE_RELEASE() { mutex_.unlock(); }
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  SharedMutex& mutex_;
};

class CASSETTE_SCOPED_CAPABILITY ReaderLock {
 public:
  explicit ReaderLock(SharedMutex& mutex) CASSETTE_ACQUIRE_SHARED(mutex) : mutex_(mutex) { mutex_.lock_shared(); }
  ~ReaderLock() CASSETTE_RELEASE() { mutex_.unlock_shared(); }
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;

 private:
  SharedMutex& mutex_;
};

class CondVar {
 public:
  // Atomically unlocks, waits and locks again; may wake for no reason. REQUIRES: `mutex` held.
  void Wait(Mutex& mutex) CASSETTE_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // As Wait, at most `timeout`. False when it timed out. REQUIRES: `mutex` held.
  bool WaitFor(Mutex& mutex, std::chrono::microseconds timeout) CASSETTE_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const std::cv_status status = condition_.wait_for(lock, timeout);
    lock.release();
    return status == std::cv_status::no_timeout;
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace cassette::base
