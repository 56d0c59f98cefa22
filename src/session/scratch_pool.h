// ScratchPool: working memory of executions, lent to one call at a time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "cql/exec/executor.h"
#include "cql/exec/scratch.h"
#include "session/session.h"
#include "types/value.h"

namespace cassette::session {

struct CallScratch {
  explicit CallScratch(uint64_t random_seed) : exec(random_seed) {}
  cql::exec::Scratch exec;
  std::vector<types::ValueView> values;
  std::vector<cql::exec::BatchPart> parts;
  std::shared_ptr<const std::vector<ColumnSpec>> applied_columns;  // Of the answer to the last condition.
  // Of the answer that is given at once; as new between two calls.
  base::Result<ResultPage> page = ResultPage();
};

// One place a thread, more or less: a call takes what lies in its thread's place, or makes new.
// Thread safety: all methods may be called from many threads.
class ScratchPool {
 public:
  explicit ScratchPool(uint64_t random_seed) : next_seed_(random_seed) {}
  ~ScratchPool() {
    for (std::atomic<CallScratch*>& place : places_) std::unique_ptr<CallScratch>(place.load());
  }

  // Gives itself back when destroyed. Lifetime: within the pool's.
  class Loan {
   public:
    Loan(ScratchPool& pool, std::atomic<CallScratch*>& place) : place_(place), scratch_(place.exchange(nullptr)) {
      if (scratch_ == nullptr) scratch_ = std::make_unique<CallScratch>(pool.next_seed_.fetch_add(1));
    }
    ~Loan() {
      CallScratch* empty = nullptr;
      if (place_.compare_exchange_strong(empty, scratch_.get())) (void)scratch_.release();
    }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    CallScratch& operator*() { return *scratch_; }

   private:
    std::atomic<CallScratch*>& place_;
    std::unique_ptr<CallScratch> scratch_;
  };
  Loan Borrow() {
    const size_t place = std::hash<std::thread::id>()(std::this_thread::get_id()) % kPlaces;
    return Loan(*this, places_[place]);
  }

 private:
  static constexpr size_t kPlaces = 64;
  std::array<std::atomic<CallScratch*>, kPlaces> places_{};
  std::atomic<uint64_t> next_seed_;
};

}  // namespace cassette::session
