// Schema changes and truncation: durable in one manifest edit, then visible.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "storage/engine/database.h"
#include "storage/engine/schema_payload.h"
#include "storage/engine/store_locks.h"

namespace cassette::storage::engine {
namespace {

// Tables by identity.
absl::flat_hash_map<schema::TableId, schema::TablePtr, TableIdHash> TablesOf(const schema::Schema& schema) {
  absl::flat_hash_map<schema::TableId, schema::TablePtr, TableIdHash> tables;
  for (const auto& [name, keyspace] : schema.keyspaces) {
    for (const auto& [table_name, table] : keyspace->tables) tables[table->id] = table;
  }
  return tables;
}

bool HaveSameDerived(const schema::Table& a, const schema::Table& b) {
  const auto same_index = [](const schema::Index& x, const schema::Index& y) { return x.table == y.table; };
  return a.views == b.views &&
         std::equal(a.indexes.begin(), a.indexes.end(), b.indexes.begin(), b.indexes.end(), same_index);
}

}  // namespace

base::Status Database::ChangeSchema(const std::function<base::Result<schema::Schema>(const schema::Schema&)>& change) {
  if (is_closing()) return base::Unavailable("the engine is closed");
  base::MutexLock lock(schema_mutex_);
  const CataloguePtr before = catalogue();
  CASSETTE_ASSIGN_OR_RETURN(schema::Schema next, change(*before->schema));
  if (next.version <= before->schema->version) next.version = before->schema->version + 1;
  const manifest::ManifestEdit edit = SchemaEdit(*before->schema, next);
  for (const auto& [key, bytes] : edit.put_payloads) CASSETTE_RETURN_IF_ERROR(CheckSchemaPayload(key, bytes));
  CASSETTE_RETURN_IF_ERROR(CommitSchema(edit));
  AdoptSchema(std::make_shared<const schema::Schema>(std::move(next)));
  ReleaseLog();
  return base::Status::Ok();
}

// What differs between the stored payloads and those of `to`. A change of memory-only tables alone is no edit, whatever
// becomes of the version.
manifest::ManifestEdit Database::SchemaEdit(const schema::Schema& from, const schema::Schema& to) const {
  manifest::ManifestEdit edit;
  const SchemaPayloads after = MakeSchemaPayloads(to);
  const SchemaPayloads stored = manifest_->state().payloads;
  bool only_version = true;
  for (const auto& [key, bytes] : after) {
    const auto old = stored.find(key);
    if (old != stored.end() && old->second == bytes) continue;
    edit.put_payloads.emplace_back(key, bytes);
    only_version &= key == kSchemaVersionKey;
  }
  for (const auto& [key, bytes] : stored) {
    if (!after.contains(key) && key != kLogExtentKey) edit.remove_payloads.push_back(key);
  }
  if (only_version && edit.remove_payloads.empty()) return {};
  const auto kept = TablesOf(to);
  for (const auto& [id, table] : TablesOf(from)) {
    if (!kept.contains(id) && !table->is_memory_only) edit.forget_log_positions.push_back(id.bytes);
  }
  return edit;
}

// Takes the SSTables of dropped tables out in the same edit. The tables are marked as dropped under the commit lock, so
// that no flush, compaction or load of theirs is committed afterwards.
base::Status Database::CommitSchema(const manifest::ManifestEdit& edit) {
  if (edit.empty()) return base::Status::Ok();
  base::MutexLock lock(commit_mutex_);
  manifest::ManifestEdit whole = edit;
  const CataloguePtr pinned = catalogue();
  for (const manifest::TableId& id : edit.forget_log_positions) {
    const StorePtr store = pinned->Find(schema::TableId{id});
    if (store == nullptr) continue;
    for (const SstablePtr& table : store->version()->sstables) whole.remove_sstables.push_back(table->file_number());
  }
  CASSETTE_RETURN_IF_ERROR(manifest_->Apply(whole));
  for (const manifest::TableId& id : edit.forget_log_positions) {
    if (const StorePtr store = pinned->Find(schema::TableId{id})) store->MarkDropped();
  }
  return base::Status::Ok();
}

void Database::AdoptSchema(schema::SchemaPtr next) {
  const CataloguePtr before = catalogue();
  auto after = std::make_shared<Catalogue>();
  after->schema = next;
  std::vector<StorePtr> derived_changed;
  for (const auto& [id, table] : TablesOf(*next)) {
    StorePtr store = before->Find(id);
    if (store == nullptr) {
      store = std::make_shared<TableStore>(table, log_->NextPosition());
    } else if (store->table() != table) {
      if (!HaveSameDerived(*store->table(), *table)) derived_changed.push_back(store);
      store->SetTable(table);
      ScheduleCompaction(store);  // Its options may be other ones.
    }
    after->stores[id] = std::move(store);
  }
  PublishDerived(after, std::move(derived_changed));
  for (const auto& [id, store] : before->stores) {
    if (after->stores.contains(id)) continue;
    const base::ShutGate shut(store->gate());
    store->MarkDropped();
    for (const SstablePtr& table : store->version()->sstables) table->MarkObsolete();
    store->Clear(log_->NextPosition());
  }
}

// `derived_changed` are tables whose indexes or views come or go. Writes that know only of the schema before are over
// before the new one is seen, and later ones are refused: the two kinds never mix. A load's commit looks under the
// commit lock.
void Database::PublishDerived(const CataloguePtr& catalogue, std::vector<StorePtr> derived_changed) {
  std::sort(derived_changed.begin(), derived_changed.end());
  const ShutGates shut(derived_changed);
  Publish(catalogue);
  base::MutexLock commit_lock(commit_mutex_);
  for (const StorePtr& store : derived_changed) {
    store->SetDerivedSince(store->table()->has_derived() ? catalogue->schema->version : kNothingDerived);
  }
}

base::Status Database::Truncate(std::span<const schema::TableId> tables) {
  if (is_closing()) return base::Unavailable("the engine is closed");
  std::vector<StorePtr> stores;
  for (const schema::TableId& table : tables) {
    CASSETTE_ASSIGN_OR_RETURN(StorePtr store, FindStore(table));
    stores.push_back(std::move(store));
  }
  std::sort(stores.begin(), stores.end());
  stores.erase(std::unique(stores.begin(), stores.end()), stores.end());
  const LockedFlushes no_flushes(stores);  // A flush underway would bring rows back.
  const ShutGates shut(stores);
  return TruncateShut(stores);
}

base::Status Database::TruncateShut(const std::vector<StorePtr>& stores) {
  base::MutexLock commit_lock(commit_mutex_);
  const commitlog::CommitPosition position = log_->NextPosition();
  manifest::ManifestEdit edit;
  std::vector<SstablePtr> removed;
  for (const StorePtr& store : stores) {
    if (store->is_dropped()) return base::NotFound("table " + store->table_id().ToString() + " does not exist");
    if (store->is_memory_only()) continue;
    const VersionPtr version = store->version();
    removed.insert(removed.end(), version->sstables.begin(), version->sstables.end());
    edit.log_positions.emplace_back(store->table_id().bytes, position.ToNumber());
  }
  for (const SstablePtr& sstable : removed) edit.remove_sstables.push_back(sstable->file_number());
  if (!edit.empty()) CASSETTE_RETURN_IF_ERROR(manifest_->Apply(edit));
  for (const StorePtr& store : stores) store->Clear(position);
  for (const SstablePtr& sstable : removed) sstable->MarkObsolete();
  return base::Status::Ok();
}

}  // namespace cassette::storage::engine
