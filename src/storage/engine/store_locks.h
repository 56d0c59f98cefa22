// Several tables at once: all their gates shut, all their flushes held. For Database alone.
#pragma once

#include <vector>

#include "storage/engine/table_store.h"

namespace cassette::storage::engine {

// All gates, shut. REQUIRES: the stores are distinct and ordered by address, as writers enter them.
class ShutGates {
 public:
  explicit ShutGates(const std::vector<StorePtr>& stores) : stores_(stores) {
    for (const StorePtr& store : stores_) store->gate().Shut();
  }
  ~ShutGates() {
    for (const StorePtr& store : stores_) store->gate().Open();
  }
  ShutGates(const ShutGates&) = delete;
  ShutGates& operator=(const ShutGates&) = delete;

 private:
  const std::vector<StorePtr>& stores_;
};

// All mutexes of one kind, locked in the order of the stores' addresses.
class LockedFlushes {
 public:
  explicit LockedFlushes(const std::vector<StorePtr>& stores) CASSETTE_NO_THREAD_SAFETY_ANALYSIS : stores_(stores) {
    for (const StorePtr& store : stores_) store->flush_mutex.lock();
  }
  ~LockedFlushes() CASSETTE_NO_THREAD_SAFETY_ANALYSIS {
    for (const StorePtr& store : stores_) store->flush_mutex.unlock();
  }
  LockedFlushes(const LockedFlushes&) = delete;
  LockedFlushes& operator=(const LockedFlushes&) = delete;

 private:
  const std::vector<StorePtr>& stores_;
};

}  // namespace cassette::storage::engine
