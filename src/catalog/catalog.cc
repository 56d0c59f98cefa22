#include "catalog/catalog.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/partition_writer.h"
#include "catalog/system_rows.h"
#include "catalog/system_tables.h"
#include "codec/fixed.h"

namespace cassette::catalog {
namespace {

std::string MakeUuid(uint64_t high, uint64_t low) {
  std::string bytes(16, '\0');
  codec::StoreBig(high, bytes.data());
  codec::StoreBig(low, bytes.data() + 8);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  return bytes;
}

schema::Schema WithSystemKeyspaces(const schema::Schema& current) {
  schema::Schema result = current;
  for (schema::Keyspace& keyspace : SystemKeyspaces()) result = result.WithKeyspace(std::move(keyspace));
  return result;
}

// Keyspaces (and their functions) and tables that `schema` has and `other` lacks.
std::vector<Resource> ResourcesOnlyIn(const schema::Schema& schema, const schema::Schema& other) {
  std::vector<Resource> resources;
  for (const auto& [name, keyspace] : schema.keyspaces) {
    const schema::KeyspacePtr other_keyspace = other.FindKeyspace(name);
    if (other_keyspace == keyspace) continue;
    if (other_keyspace == nullptr) {
      resources.push_back(Resource::Keyspace(name));
      resources.push_back(Resource::KeyspaceFunctions(name));
    }
    for (const auto& [table_name, table] : keyspace->tables) {
      if (table->role == schema::TableRole::kIndex) continue;  // Permissions are on what it is of.
      if (other.FindTable(name, table_name) == nullptr) resources.push_back(Resource::Table(name, table_name));
    }
  }
  return resources;
}

}  // namespace

Catalog::Catalog(storage::engine::Engine& engine, base::Clock& clock, uint64_t random_seed)
    : engine_(engine), clock_(clock), roles_(engine, clock), random_(random_seed) {
  base::MutexLock lock(mutex_);
  const uint64_t high = random_.Next();
  facts_.cluster_name = "Cassette";
  facts_.host_id = MakeUuid(high, random_.Next());
}

base::Result<std::unique_ptr<Catalog>> Catalog::Open(storage::engine::Engine& engine, base::Clock& clock,
                                                     uint64_t random_seed) {
  // The clock and the version keep two lives of one directory from drawing the same ids.
  const uint64_t seed = random_seed ^ static_cast<uint64_t>(clock.NowMicros()) ^ (engine.schema()->version << 40);
  std::unique_ptr<Catalog> catalog(new Catalog(engine, clock, seed));
  CASSETTE_RETURN_IF_ERROR(catalog->AddSystemKeyspaces());
  catalog->FlushRoles();
  return catalog;
}

base::Status Catalog::AddSystemKeyspaces() {
  CASSETTE_RETURN_IF_ERROR(engine_.ChangeSchema(
      [](const schema::Schema& current) -> base::Result<schema::Schema> { return WithSystemKeyspaces(current); }));
  base::MutexLock lock(mutex_);
  return DescribeChanges(schema::Schema(), *engine_.schema());
}

// Few rows that hardly change would keep the commit log from being released, and have it replayed at each start. When
// it cannot be done, they stay in the log.
void Catalog::FlushRoles() {
  for (const auto& [name, table] : engine_.schema()->FindKeyspace(kAuthKeyspace)->tables) {
    (void)engine_.Flush(&table->id);
  }
}

base::Result<SchemaChangeResult> Catalog::Apply(const SchemaChange& change, const std::string* creator) {
  base::Result<SchemaChangeResult> result = SchemaChangeResult();
  {
    base::MutexLock lock(mutex_);
    result = ApplyLocked(change, creator);
  }
  if (result.ok() && result->changed && listener_ != nullptr) listener_();
  return result;
}

base::Result<SchemaChangeResult> Catalog::ApplyLocked(const SchemaChange& change, const std::string* creator) {
  const SchemaChangeContext context{clock_.NowMicros(), NewTableId()};
  const schema::SchemaPtr before = engine_.schema();
  SchemaChangeResult result;
  // Told apart from the engine's failures: nothing to do is no failure, and needs no new version.
  CASSETTE_ASSIGN_OR_RETURN(schema::Schema after, ApplySchemaChange(*before, change, context, &result));
  if (!result.changed) return result;
  CASSETTE_RETURN_IF_ERROR(engine_.ChangeSchema(
      [&after](const schema::Schema&) -> base::Result<schema::Schema> { return std::move(after); }));
  CASSETTE_RETURN_IF_ERROR(DescribeChanges(*before, *engine_.schema()));
  CASSETTE_RETURN_IF_ERROR(FollowChanges(*before, *engine_.schema(), creator));
  return result;
}

base::Status Catalog::FollowChanges(const schema::Schema& before, const schema::Schema& after,
                                    const std::string* creator) {
  std::vector<Resource> created;
  if (creator != nullptr) created = ResourcesOnlyIn(after, before);
  std::erase_if(created, [&after](const Resource& resource) {  // Of a view the permissions of its table count.
    const schema::TablePtr table = after.FindTable(resource.keyspace, resource.name);
    return table != nullptr && table->is_view();
  });
  if (!created.empty()) CASSETTE_RETURN_IF_ERROR(roles_.GrantToCreator(*creator, created));
  std::vector<Resource> dropped = ResourcesOnlyIn(before, after);
  for (size_t i = dropped.size(); i-- > 0;) {
    if (dropped[i].kind == Resource::Kind::kKeyspace) dropped.push_back(Resource::AllTables(dropped[i].keyspace));
  }
  return dropped.empty() ? base::Status::Ok() : roles_.RevokeAllOn(dropped);
}

base::Status Catalog::MarkBuilt(const schema::TableId& derived) {
  base::MutexLock lock(mutex_);
  const schema::SchemaPtr before = engine_.schema();
  const schema::TablePtr found = before->FindTable(derived);
  const schema::TablePtr changed = found == nullptr || found->is_view() ? found : before->FindTable(found->base);
  if (changed == nullptr) return base::Status::Ok();
  schema::Table after = *changed;
  after.view.is_built = after.is_view();
  for (schema::Index& index : after.indexes) index.is_built |= index.table == derived;
  CASSETTE_RETURN_IF_ERROR(engine_.ChangeSchema(
      [&after](const schema::Schema& current) -> base::Result<schema::Schema> { return current.WithTable(after); }));
  return DescribeChanges(*before, *engine_.schema());
}

base::Status Catalog::DescribeChanges(const schema::Schema& before, const schema::Schema& after) {
  const int64_t timestamp = NextTimestamp();
  std::vector<std::string> mutations;
  for (const auto& [name, keyspace] : after.keyspaces) {
    if (before.FindKeyspace(name) != keyspace) DescribeKeyspace(after, name, keyspace.get(), timestamp, &mutations);
  }
  for (const auto& [name, keyspace] : before.keyspaces) {
    if (after.FindKeyspace(name) == nullptr) DescribeKeyspace(after, name, nullptr, timestamp, &mutations);
  }
  mutations.push_back(DescribeThisNode(after, timestamp));
  // One at a time: all of a large schema need not fit one mutation's bound.
  for (const std::string& mutation : mutations) {
    const std::string_view view = mutation;
    CASSETTE_RETURN_IF_ERROR(engine_.Apply({&view, 1}));
  }
  return base::Status::Ok();
}

std::string Catalog::DescribeThisNode(const schema::Schema& schema, int64_t timestamp_micros) {
  const uint64_t seed = codec::LoadBig<uint64_t>(facts_.host_id.data() + 8);
  facts_.schema_version = MakeUuid(schema.version * 0x9e3779b97f4a7c15ull, seed ^ schema.version);
  return DescribeNode(schema, facts_, timestamp_micros);
}

base::Status Catalog::SetNativeAddress(const std::string& address, uint16_t port) {
  base::MutexLock lock(mutex_);
  facts_.address = address;
  facts_.native_port = port;
  const std::string mutation = DescribeThisNode(*engine_.schema(), NextTimestamp());
  const std::string_view view = mutation;
  return engine_.Apply({&view, 1}).status();
}

base::Status Catalog::WriteSystemRows(std::string_view keyspace, std::string_view table,
                                      std::span<const std::string> forgotten, std::span<const SystemRow> rows) {
  base::MutexLock lock(mutex_);
  const schema::SchemaPtr schema = engine_.schema();
  CASSETTE_ASSERT(IsSystemKeyspace(keyspace));
  const int64_t timestamp = NextTimestamp();
  std::vector<std::string> mutations;
  for (const std::string& key : forgotten) {
    PartitionWriter writer(*schema, keyspace, table, key, timestamp);
    writer.DeletePartition();
    mutations.push_back(writer.Finish());
  }
  for (const SystemRow& row : rows) {
    PartitionWriter writer(*schema, keyspace, table, row.partition_key, timestamp);
    writer.BeginRow(row.clustering);
    for (const auto& [column, value] : row.cells) writer.Set(column, value);
    mutations.push_back(writer.Finish());
  }
  if (mutations.empty()) return base::Status::Ok();
  const std::vector<std::string_view> views(mutations.begin(), mutations.end());
  return engine_.Apply(views).status();
}

schema::TableId Catalog::NewTableId() {
  schema::TableId id;
  do {
    const uint64_t high = random_.Next();
    const std::string bytes = MakeUuid(high, random_.Next());
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(id.bytes.data()));
  } while (engine_.schema()->FindTable(id) != nullptr);
  return id;
}

int64_t Catalog::NextTimestamp() {
  // Two apart: a deletion at one less must be later than the rows of the change before.
  last_timestamp_micros_ = std::max(clock_.NowMicros(), last_timestamp_micros_ + 2);
  return last_timestamp_micros_;
}

}  // namespace cassette::catalog
