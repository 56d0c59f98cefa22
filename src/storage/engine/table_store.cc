#include "storage/engine/table_store.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace cassette::storage::engine {

TableStore::TableStore(schema::TablePtr table, commitlog::CommitPosition start)
    : table_id_(table->id),
      is_memory_only_(table->is_memory_only),
      active_(std::make_shared<MemtableSlot>(table, start)),
      table_(std::move(table)) {
  auto version = std::make_shared<TableVersion>();
  version->memtables.push_back(active_);
  version_ = std::move(version);
}

schema::TablePtr TableStore::table() const {
  base::MutexLock lock(mutex_);
  return table_;
}

void TableStore::SetTable(schema::TablePtr table) {
  base::MutexLock lock(mutex_);
  table_ = std::move(table);
  for (const MemtablePtr& slot : version_->memtables) slot->memtable.SetTable(table_);
}

base::Status TableStore::CheckDerived(uint64_t derived_version) const {
  if (derived_since_.load(std::memory_order_relaxed) <= derived_version) return base::Status::Ok();
  return base::FailedPrecondition("the indexes and views of table " + table_id_.ToString() +
                                  " are not those that the write knows of");
}

VersionPtr TableStore::version() const {
  base::MutexLock lock(mutex_);
  return version_;
}

void TableStore::Publish(std::shared_ptr<TableVersion> version) {
  std::sort(version->sstables.begin(), version->sstables.end(), [](const SstablePtr& a, const SstablePtr& b) {
    if (a->info().max_write_time != b->info().max_write_time) {
      return a->info().max_write_time > b->info().max_write_time;
    }
    return a->file_number() > b->file_number();
  });
  version_ = std::move(version);
}

void TableStore::Rotate(commitlog::CommitPosition start) {
  base::MutexLock lock(mutex_);
  auto version = std::make_shared<TableVersion>(*version_);
  active_ = std::make_shared<MemtableSlot>(table_, start);
  version->memtables.insert(version->memtables.begin(), active_);
  Publish(std::move(version));
}

void TableStore::AdvanceStart(commitlog::CommitPosition start) {
  base::MutexLock lock(mutex_);
  CASSETTE_ASSERT(active_->memtable.empty());
  active_->start = start;
}

void TableStore::Replace(const std::vector<SstablePtr>& removed, const std::vector<SstablePtr>& added,
                         const MemtableSlot* flushed) {
  base::MutexLock lock(mutex_);
  auto version = std::make_shared<TableVersion>(*version_);
  std::erase_if(version->memtables, [&](const MemtablePtr& slot) { return slot.get() == flushed; });
  std::erase_if(version->sstables, [&](const SstablePtr& table) {
    return std::find(removed.begin(), removed.end(), table) != removed.end();
  });
  version->sstables.insert(version->sstables.end(), added.begin(), added.end());
  Publish(std::move(version));
}

void TableStore::Clear(commitlog::CommitPosition start) {
  base::MutexLock lock(mutex_);
  auto version = std::make_shared<TableVersion>();
  active_ = std::make_shared<MemtableSlot>(table_, start);
  version->memtables.push_back(active_);
  Publish(std::move(version));
}

bool TableStore::is_flushed() const {
  base::MutexLock lock(mutex_);
  return version_->memtables.size() == 1 && version_->memtables.back()->memtable.empty();
}

commitlog::CommitPosition TableStore::log_start() const {
  base::MutexLock lock(mutex_);
  return version_->memtables.back()->start;  // The oldest stands last.
}

size_t TableStore::memtable_bytes() const {
  const VersionPtr pinned = version();
  size_t bytes = 0;
  for (const MemtablePtr& slot : pinned->memtables) bytes += slot->memtable.memory_bytes();
  return bytes;
}

size_t TableStore::active_bytes() const { return version()->memtables.front()->memtable.memory_bytes(); }

}  // namespace cassette::storage::engine
