// Prepared statements by their text and keyspace, the least recently used forgotten first.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
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
  // Views into the statement of the entry.
  struct Key {
    std::string_view text;
    std::string_view keyspace;
    bool operator==(const Key&) const = default;
  };
  struct HashKey {
    size_t operator()(const Key& key) const;
  };
  static Key KeyOf(const LocalStatement& statement) { return {statement.text(), statement.keyspace()}; }

  const size_t capacity_;
  mutable base::Mutex mutex_;
  Entries entries_ CASSETTE_GUARDED_BY(mutex_);  // The most recently used first.
  std::unordered_map<Key, Entries::iterator, HashKey> by_key_ CASSETTE_GUARDED_BY(mutex_);
};

}  // namespace cassette::session
