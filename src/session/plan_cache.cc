#include "session/plan_cache.h"

namespace cassette::session {

std::string PlanCache::KeyOf(std::string_view text, std::string_view keyspace) {
  std::string key;
  key.reserve(text.size() + keyspace.size() + 1);
  key.append(keyspace).push_back('\0');
  key.append(text);
  return key;
}

std::shared_ptr<const LocalStatement> PlanCache::Find(std::string_view text, std::string_view keyspace) {
  base::MutexLock lock(mutex_);
  const auto found = by_key_.find(KeyOf(text, keyspace));
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return entries_.front();
}

void PlanCache::Insert(std::shared_ptr<const LocalStatement> statement) {
  base::MutexLock lock(mutex_);
  std::string key = KeyOf(statement->text(), statement->keyspace());
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    *found->second = std::move(statement);
    entries_.splice(entries_.begin(), entries_, found->second);
    return;
  }
  entries_.push_front(std::move(statement));
  by_key_.emplace(std::move(key), entries_.begin());
  if (entries_.size() <= capacity_) return;
  by_key_.erase(KeyOf(entries_.back()->text(), entries_.back()->keyspace()));
  entries_.pop_back();
}

size_t PlanCache::size() const {
  base::MutexLock lock(mutex_);
  return entries_.size();
}

}  // namespace cassette::session
