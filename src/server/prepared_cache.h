// Prepared statements by their id, for all connections; the least recently used is forgotten first.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "session/session.h"

namespace cassette::server {

// The id of some result columns, which v5's clients give back to say what they know.
struct ResultMetadata {
  std::shared_ptr<const std::vector<session::ColumnSpec>> columns;
  std::string id;  // 16 bytes
};
ResultMetadata DescribeResult(std::shared_ptr<const std::vector<session::ColumnSpec>> columns);

// Thread safety: all methods may be called from many threads.
class PreparedEntry {
 public:
  // `is_told_otherwise`: some clients were told of other result columns by this id.
  PreparedEntry(std::string id, session::PreparedPtr statement, bool is_told_otherwise);

  const std::string& id() const { return id_; }
  const session::PreparedPtr& statement() const { return statement_; }
  // Whether all clients that know this id were told of the columns that a page came with. v4's have no id to say which
  // they know.
  bool IsToldToAll(const std::shared_ptr<const std::vector<session::ColumnSpec>>& columns) const;
  bool is_told_otherwise() const { return is_told_otherwise_.load(std::memory_order_relaxed); }
  // The metadata of the columns that a page came with: those known, or new ones from now on.
  std::shared_ptr<const ResultMetadata> MetadataOf(
      const std::shared_ptr<const std::vector<session::ColumnSpec>>& columns) const;
  std::shared_ptr<const ResultMetadata> metadata() const {
    base::MutexLock lock(mutex_);
    return metadata_;
  }

 private:
  const std::string id_;
  const session::PreparedPtr statement_;
  mutable std::atomic<bool> is_told_otherwise_;
  mutable base::Mutex mutex_;
  mutable std::shared_ptr<const ResultMetadata> metadata_ CASSETTE_GUARDED_BY(mutex_);
};
using PreparedEntryPtr = std::shared_ptr<const PreparedEntry>;

// As Cassandra makes it: the MD5 of the keyspace and the statement's text.
std::string PreparedId(std::string_view keyspace, std::string_view text);

// Thread safety: all methods may be called from many threads.
class PreparedCache {
 public:
  explicit PreparedCache(size_t capacity) : capacity_(capacity == 0 ? 1 : capacity) {}

  // Null when it is not there (any more).
  PreparedEntryPtr Find(std::string_view id);
  // The entry of that id: the one there, when its statement is the same, else a new one.
  PreparedEntryPtr Insert(std::string id, session::PreparedPtr statement);
  // Grows whenever an entry went or was replaced: what was found before may be held on to while it stays the same.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  size_t size() const;

 private:
  const size_t capacity_;
  std::atomic<uint64_t> generation_ = 0;
  mutable base::Mutex mutex_;
  std::list<PreparedEntryPtr> entries_ CASSETTE_GUARDED_BY(mutex_);  // The latest first.
  std::unordered_map<std::string_view, std::list<PreparedEntryPtr>::iterator> by_id_ CASSETTE_GUARDED_BY(mutex_);
};

}  // namespace cassette::server
