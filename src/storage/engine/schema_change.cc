// Schema changes and truncation: durable in one manifest edit, then visible.
#include <utility>

#include "base/assert.h"
#include "storage/engine/database.h"
#include "storage/engine/schema_payload.h"

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

}  // namespace

base::Status Database::ChangeSchema(const std::function<base::Result<schema::Schema>(const schema::Schema&)>& change) {
  if (is_closing()) return base::Unavailable("the engine is closed");
  base::MutexLock lock(schema_mutex_);
  const CataloguePtr before = catalogue();
  CASSETTE_ASSIGN_OR_RETURN(schema::Schema next, change(*before->schema));
  if (next.version <= before->schema->version) next.version = before->schema->version + 1;
  const manifest::ManifestEdit edit = SchemaEdit(*before->schema, next);
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
  for (const auto& [id, table] : TablesOf(*next)) {
    StorePtr store = before->Find(id);
    if (store == nullptr) {
      store = std::make_shared<TableStore>(table, log_->NextPosition());
    } else if (store->table() != table) {
      store->SetTable(table);
      ScheduleCompaction(store);  // Its options may be other ones.
    }
    after->stores[id] = std::move(store);
  }
  Publish(after);
  for (const auto& [id, store] : before->stores) {
    if (after->stores.contains(id)) continue;
    const ShutGate shut(store->gate());
    store->MarkDropped();
    for (const SstablePtr& table : store->version()->sstables) table->MarkObsolete();
    store->Clear(log_->NextPosition());
  }
}

base::Status Database::Truncate(const schema::TableId& table) {
  if (is_closing()) return base::Unavailable("the engine is closed");
  CASSETTE_ASSIGN_OR_RETURN(const StorePtr store, FindStore(table));
  base::MutexLock flush_lock(store->flush_mutex);  // A flush underway would bring rows back.
  const ShutGate shut(store->gate());
  base::MutexLock commit_lock(commit_mutex_);
  if (store->is_dropped()) return base::NotFound("table " + table.ToString() + " does not exist");
  const commitlog::CommitPosition position = log_->NextPosition();
  const VersionPtr version = store->version();
  if (!store->is_memory_only()) {
    manifest::ManifestEdit edit;
    for (const SstablePtr& sstable : version->sstables) edit.remove_sstables.push_back(sstable->file_number());
    edit.log_positions.emplace_back(table.bytes, position.ToNumber());
    CASSETTE_RETURN_IF_ERROR(manifest_->Apply(edit));
  }
  store->Clear(position);
  for (const SstablePtr& sstable : version->sstables) sstable->MarkObsolete();
  return base::Status::Ok();
}

}  // namespace cassette::storage::engine
