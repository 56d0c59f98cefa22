// Prepared statements by their text and keyspace, the least recently used forgotten first.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.h"
#include "session/local_statement.h"

namespace cassette::session {

// Thread safety: all methods may be called from many threads.
class PlanCache {
 public:
  // Keeps at most `capacity` statements; at least one.
  explicit PlanCache(size_t capacity) : capacity_(capacity == 0 ? 1 : capacity) {}

  // Null when there is none.
  std::shared_ptr<const LocalStatement> Find(std::string_view text, std::string_view keyspace);
  void Insert(std::shared_ptr<const LocalStatement> statement);
  size_t size() const;

 private:
  using Entries = std::list<std::shared_ptr<const LocalStatement>>;
  static std::string KeyOf(std::string_view text, std::string_view keyspace);

  const size_t capacity_;
  mutable base::Mutex mutex_;
  Entries entries_ CASSETTE_GUARDED_BY(mutex_);  // The most recently used first.
  std::unordered_map<std::string, Entries::iterator> by_key_ CASSETTE_GUARDED_BY(mutex_);
};

}  // namespace cassette::session
