// Database::ReadRow: one row out of the only memtable that has it.
#include "storage/engine/database.h"

namespace cassette::storage::engine {

base::Result<bool> Database::ReadRow(const schema::TableId& table, rows::Token token, std::string_view key,
                                     std::string_view clustering, rows::RowHistory* found) {
  if (is_closing()) return base::Unavailable("the engine is closed");
  const CataloguePtr pinned = catalogue();
  const auto entry = pinned->stores.find(table);
  if (entry == pinned->stores.end()) return base::NotFound("table " + table.ToString() + " does not exist");
  TableStore* const store = entry->second.get();
  store->metrics.reads.fetch_add(1, std::memory_order_relaxed);
  found->row.clear();
  found->covering = rows::DeletionTime();
  const VersionPtr version = store->version();
  for (const SstablePtr& sstable : version->sstables) {
    if (!sstable->CoversToken(token)) continue;
    CASSETTE_ASSIGN_OR_RETURN(const bool may_contain, sstable->reader().MayContain(token));
    if (may_contain) return false;
  }
  for (const MemtablePtr& slot : version->memtables) {
    if (slot->memtable.empty()) continue;
    if (!found->empty()) {
      rows::RowHistory other;
      slot->memtable.ReadRow(token, key, clustering, &other);
      if (!other.empty()) return false;
    } else {
      slot->memtable.ReadRow(token, key, clustering, found);
    }
  }
  return true;
}

}  // namespace cassette::storage::engine
