#include "session/plan_cache.h"

#include <functional>
#include <utility>

namespace cassette::session {

size_t PlanCache::HashKey::operator()(const Key& key) const {
  const std::hash<std::string_view> hash;
  return hash(key.text) ^ (hash(key.keyspace) << 1);
}

std::shared_ptr<const LocalStatement> PlanCache::Find(std::string_view text, std::string_view keyspace) {
  base::MutexLock lock(mutex_);
  const auto found = by_key_.find(Key{text, keyspace});
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return entries_.front();
}

void PlanCache::Insert(std::shared_ptr<const LocalStatement> statement) {
  base::MutexLock lock(mutex_);
  const auto found = by_key_.find(KeyOf(*statement));
  if (found != by_key_.end()) {
    const Entries::iterator entry = found->second;
    by_key_.erase(found);
    entries_.erase(entry);
  }
  entries_.push_front(std::move(statement));
  by_key_.emplace(KeyOf(*entries_.front()), entries_.begin());
  if (entries_.size() <= capacity_) return;
  by_key_.erase(KeyOf(*entries_.back()));
  entries_.pop_back();
}

size_t PlanCache::size() const {
  base::MutexLock lock(mutex_);
  return entries_.size();
}

}  // namespace cassette::session
