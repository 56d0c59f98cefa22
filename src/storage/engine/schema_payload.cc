#include "storage/engine/schema_payload.h"

#include <string_view>
#include <utility>

#include "codec/varint.h"

namespace cassette::storage::engine {
namespace {

// Keys of payloads. On disk: DO NOT CHANGE.
constexpr std::string_view kKeyspacePrefix = "keyspace ";
constexpr std::string_view kTablePrefix = "table ";

}  // namespace

SchemaPayloads MakeSchemaPayloads(const schema::Schema& schema) {
  SchemaPayloads payloads;
  std::string version;
  codec::AppendVarint(schema.version, &version);
  payloads.emplace(kSchemaVersionKey, std::move(version));
  for (const auto& [name, keyspace] : schema.keyspaces) {
    payloads.emplace(std::string(kKeyspacePrefix) + name, schema::SerializeKeyspace(*keyspace));
    for (const auto& [table_name, table] : keyspace->tables) {
      if (table->is_memory_only) continue;
      payloads.emplace(std::string(kTablePrefix) + table->id.ToString(), schema::SerializeTable(*table));
    }
  }
  return payloads;
}

base::Result<schema::Schema> ParseSchemaPayloads(const SchemaPayloads& payloads) {
  schema::Schema schema;
  for (const auto& [key, bytes] : payloads) {
    if (!key.starts_with(kKeyspacePrefix)) continue;
    CASSETTE_ASSIGN_OR_RETURN(schema::Keyspace keyspace, schema::ParseKeyspace(bytes));
    schema = schema.WithKeyspace(std::move(keyspace));
  }
  for (const auto& [key, bytes] : payloads) {
    if (!key.starts_with(kTablePrefix)) continue;
    CASSETTE_ASSIGN_OR_RETURN(schema::Table table, schema::ParseTable(bytes));
    if (schema.FindKeyspace(table.keyspace) == nullptr) {
      return base::Corruption("table " + table.keyspace + "." + table.name + " is of no keyspace");
    }
    schema = schema.WithTable(std::move(table));
  }
  const auto version = payloads.find(std::string(kSchemaVersionKey));
  if (version != payloads.end()) {
    codec::ByteReader reader(version->second);
    if (!reader.ReadVarint(&schema.version)) return base::Corruption("the schema version is malformed");
  }
  return schema;
}

base::Status CheckSchemaPayload(std::string_view key, std::string_view bytes) {
  base::Status status;
  if (key.starts_with(kKeyspacePrefix)) status = schema::ParseKeyspace(bytes).status();
  if (key.starts_with(kTablePrefix)) status = schema::ParseTable(bytes).status();
  if (status.ok()) return status;
  return base::InvalidArgument("The schema is past a bound of what is stored: " + std::string(status.message()));
}

}  // namespace cassette::storage::engine
