#include "catalog/system_tables.h"

#include <string>
#include <string_view>

#include "base/assert.h"
#include "catalog/system_table_row.h"
#include "codec/fixed.h"
#include "codec/murmur3.h"
#include "types/data_type.h"

namespace cassette::catalog {
namespace {

using types::DataType;
using types::TypeKind;

DataType Text() { return DataType(TypeKind::kText); }

// Collections stand frozen here: cells with paths come with collections (docs/cql/differences.md).
DataType TypeOf(std::string_view name) {
  if (name == "map") return DataType::Map(Text(), Text(), true);
  if (name == "blob map") return DataType::Map(Text(), DataType(TypeKind::kBlob), true);
  if (name == "uuid map") return DataType::Map(DataType(TypeKind::kUuid), DataType(TypeKind::kBlob), true);
  if (name == "list") return DataType::List(Text(), true);
  if (name == "boolean list") return DataType::List(DataType(TypeKind::kBoolean), true);
  if (name == "set") return DataType::Set(Text(), true);
  if (name == "address range set") {
    return DataType::Set(DataType::Tuple({DataType(TypeKind::kInet), DataType(TypeKind::kSmallint)}), true);
  }
  base::Result<DataType> scalar = types::ScalarTypeByName(name);
  CASSETTE_ASSERT(scalar.ok());
  return *std::move(scalar);
}

// The options that system_schema.tables and .views share.
std::vector<ColumnRow> WithTableOptions(std::vector<ColumnRow> columns) {
  const std::vector<ColumnRow> options = {{"additional_write_policy", "text"},
                                          {"allow_auto_snapshot", "boolean"},
                                          {"bloom_filter_fp_chance", "double"},
                                          {"caching", "map"},
                                          {"cdc", "boolean"},
                                          {"comment", "text"},
                                          {"compaction", "map"},
                                          {"compression", "map"},
                                          {"crc_check_chance", "double"},
                                          {"dclocal_read_repair_chance", "double"},
                                          {"default_time_to_live", "int"},
                                          {"extensions", "blob map"},
                                          {"gc_grace_seconds", "int"},
                                          {"id", "uuid"},
                                          {"incremental_backups", "boolean"},
                                          {"max_index_interval", "int"},
                                          {"memtable", "text"},
                                          {"memtable_flush_period_in_ms", "int"},
                                          {"min_index_interval", "int"},
                                          {"read_repair", "text"},
                                          {"read_repair_chance", "double"},
                                          {"speculative_retry", "text"}};
  columns.insert(columns.end(), options.begin(), options.end());
  return columns;
}

std::vector<TableRow> SchemaTables() {
  return {
      {"system_schema",
       "keyspaces",
       "keyspace definitions",
       1,
       0,
       {{"keyspace_name", "text"}, {"durable_writes", "boolean"}, {"replication", "map"}}},
      {"system_schema", "tables", "table definitions", 1, 1,
       WithTableOptions({{"keyspace_name", "text"}, {"table_name", "text"}, {"flags", "set"}})},
      {"system_schema",
       "columns",
       "column definitions",
       1,
       2,
       {{"keyspace_name", "text"},
        {"table_name", "text"},
        {"column_name", "text"},
        {"clustering_order", "text"},
        {"column_name_bytes", "blob"},
        {"kind", "text"},
        {"position", "int"},
        {"type", "text"}}},
      {"system_schema",
       "column_masks",
       "column dynamic data masks",
       1,
       2,
       {{"keyspace_name", "text"},
        {"table_name", "text"},
        {"column_name", "text"},
        {"function_argument_nulls", "boolean list"},
        {"function_argument_types", "list"},
        {"function_argument_values", "list"},
        {"function_keyspace", "text"},
        {"function_name", "text"}}},
      {"system_schema",
       "dropped_columns",
       "dropped column registry",
       1,
       2,
       {{"keyspace_name", "text"},
        {"table_name", "text"},
        {"column_name", "text"},
        {"dropped_time", "timestamp"},
        {"kind", "text"},
        {"type", "text"}}},
      {"system_schema",
       "triggers",
       "trigger definitions",
       1,
       2,
       {{"keyspace_name", "text"}, {"table_name", "text"}, {"trigger_name", "text"}, {"options", "map"}}},
      {"system_schema", "views", "view definitions", 1, 1,
       WithTableOptions({{"keyspace_name", "text"},
                         {"view_name", "text"},
                         {"base_table_id", "uuid"},
                         {"base_table_name", "text"},
                         {"include_all_columns", "boolean"},
                         {"where_clause", "text"}})},
      {"system_schema",
       "indexes",
       "secondary index definitions",
       1,
       2,
       {{"keyspace_name", "text"},
        {"table_name", "text"},
        {"index_name", "text"},
        {"kind", "text"},
        {"options", "map"}}},
      {"system_schema",
       "types",
       "user defined type definitions",
       1,
       1,
       {{"keyspace_name", "text"}, {"type_name", "text"}, {"field_names", "list"}, {"field_types", "list"}}},
      {"system_schema",
       "functions",
       "user defined function definitions",
       1,
       2,
       {{"keyspace_name", "text"},
        {"function_name", "text"},
        {"argument_types", "list"},
        {"argument_names", "list"},
        {"body", "text"},
        {"called_on_null_input", "boolean"},
        {"language", "text"},
        {"return_type", "text"}}},
      {"system_schema",
       "aggregates",
       "user defined aggregate definitions",
       1,
       2,
       {{"keyspace_name", "text"},
        {"aggregate_name", "text"},
        {"argument_types", "list"},
        {"final_func", "text"},
        {"initcond", "text"},
        {"return_type", "text"},
        {"state_func", "text"},
        {"state_type", "text"}}},
  };
}

std::vector<TableRow> NodeTables() {
  return {
      {"system",
       "local",
       "information about the local node",
       1,
       0,
       {{"key", "text"},
        {"bootstrapped", "text"},
        {"broadcast_address", "inet"},
        {"broadcast_port", "int"},
        {"cluster_name", "text"},
        {"cql_version", "text"},
        {"data_center", "text"},
        {"gossip_generation", "int"},
        {"host_id", "uuid"},
        {"listen_address", "inet"},
        {"listen_port", "int"},
        {"native_protocol_version", "text"},
        {"partitioner", "text"},
        {"rack", "text"},
        {"release_version", "text"},
        {"rpc_address", "inet"},
        {"rpc_port", "int"},
        {"schema_version", "uuid"},
        {"tokens", "set"},
        {"truncated_at", "uuid map"}}},
      {"system",
       "IndexInfo",
       "built column indexes",
       1,
       1,
       {{"table_name", "text"}, {"index_name", "text"}, {"value", "blob"}}},
      {"system",
       "built_views",
       "built views",
       1,
       1,
       {{"keyspace_name", "text"}, {"view_name", "text"}, {"status_replicated", "boolean"}}},
      {"system",
       "peers",
       "information about known peers in the cluster",
       1,
       0,
       {{"peer", "inet"},
        {"data_center", "text"},
        {"host_id", "uuid"},
        {"preferred_ip", "inet"},
        {"rack", "text"},
        {"release_version", "text"},
        {"rpc_address", "inet"},
        {"schema_version", "uuid"},
        {"tokens", "set"}}},
      {"system",
       "peers_v2",
       "information about known peers in the cluster",
       1,
       1,
       {{"peer", "inet"},
        {"peer_port", "int"},
        {"data_center", "text"},
        {"host_id", "uuid"},
        {"native_address", "inet"},
        {"native_port", "int"},
        {"preferred_ip", "inet"},
        {"preferred_port", "int"},
        {"rack", "text"},
        {"release_version", "text"},
        {"schema_version", "uuid"},
        {"tokens", "set"}}},
      {"system_virtual_schema", "keyspaces", "virtual keyspace definitions", 1, 0, {{"keyspace_name", "text"}}},
      {"system_virtual_schema",
       "tables",
       "virtual table definitions",
       1,
       1,
       {{"keyspace_name", "text"}, {"table_name", "text"}, {"comment", "text"}}},
      {"system_virtual_schema",
       "columns",
       "virtual column definitions",
       1,
       2,
       {{"keyspace_name", "text"},
        {"table_name", "text"},
        {"column_name", "text"},
        {"clustering_order", "text"},
        {"column_name_bytes", "blob"},
        {"kind", "text"},
        {"position", "int"},
        {"type", "text"}}},
  };
}

// Durable, unlike the others: nothing else says what is in them.
std::vector<TableRow> AuthTables() {
  return {
      {kAuthKeyspace,
       "roles",
       "role definitions",
       1,
       0,
       {{"role", "text"},
        {"can_login", "boolean"},
        {"is_superuser", "boolean"},
        {"member_of", "set"},
        {"salted_hash", "text"}}},
      {kAuthKeyspace, "role_members", "role memberships lookup table", 1, 1, {{"role", "text"}, {"member", "text"}}},
      {kAuthKeyspace,
       "role_permissions",
       "permissions granted to db roles",
       1,
       1,
       {{"role", "text"}, {"resource", "text"}, {"permissions", "set"}}},
      {kAuthKeyspace,
       "resource_role_permissons_index",
       "index of db roles with permissions granted on a resource",
       1,
       1,
       {{"resource", "text"}, {"role", "text"}}},
      {kAuthKeyspace, "network_permissions", "user network permissions", 1, 0, {{"role", "text"}, {"dcs", "set"}}},
      {kAuthKeyspace, "cidr_permissions", "user cidr permissions", 1, 0, {{"role", "text"}, {"cidr_groups", "set"}}},
      {kAuthKeyspace,
       "cidr_groups",
       "cidr groups to cidrs mapping",
       1,
       0,
       {{"cidr_group", "text"}, {"cidrs", "address range set"}}},
      {kAuthKeyspace,
       "identity_to_role",
       "mtls authorized identities lookup table",
       1,
       0,
       {{"identity", "text"}, {"role", "text"}}},
  };
}

// A version 3 UUID made of the names, so that a system table has the same id everywhere.
schema::TableId SystemTableId(std::string_view keyspace, std::string_view name) {
  const std::string text = std::string(keyspace) + "." + std::string(name);
  schema::TableId id;
  char* bytes = reinterpret_cast<char*>(id.bytes.data());
  codec::StoreBig(static_cast<uint64_t>(codec::Murmur3Token(text)), bytes);
  codec::StoreBig(static_cast<uint64_t>(codec::Murmur3Token(text + "'")), bytes + 8);
  id.bytes[6] = static_cast<uint8_t>((id.bytes[6] & 0x0f) | 0x30);
  id.bytes[8] = static_cast<uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

schema::ColumnKind KindOf(const TableRow& row, size_t index) {
  if (index < row.partition_key_columns) return schema::ColumnKind::kPartitionKey;
  if (index < row.partition_key_columns + row.clustering_columns) return schema::ColumnKind::kClustering;
  return schema::ColumnKind::kRegular;
}

schema::TablePtr MakeTable(const TableRow& row) {
  auto table = std::make_shared<schema::Table>();
  table->keyspace = row.keyspace;
  table->name = row.name;
  table->id = SystemTableId(row.keyspace, row.name);
  table->is_memory_only = row.keyspace != kAuthKeyspace;
  table->options.comment = row.comment;
  constexpr int32_t kDaySeconds = 24 * 60 * 60;
  table->options.gc_grace_seconds = row.keyspace == kAuthKeyspace     ? 90 * kDaySeconds
                                    : row.keyspace == "system_schema" ? 7 * kDaySeconds
                                                                      : 0;
  table->options.memtable_flush_period_ms = 60 * 60 * 1000;
  for (size_t i = 0; i < row.columns.size(); ++i) {
    schema::Column column;
    column.id = schema::ColumnId(table->next_column_id++);
    column.name = row.columns[i].name;
    column.type = TypeOf(row.columns[i].type);
    column.kind = KindOf(row, i);
    column.position =
        static_cast<uint32_t>(column.kind == schema::ColumnKind::kClustering ? i - row.partition_key_columns : i);
    table->columns.push_back(std::move(column));
  }
  table->Finish();
  return table;
}

}  // namespace

bool IsVirtualKeyspace(std::string_view keyspace) {
  return keyspace == "system_views" || keyspace == "system_virtual_schema";
}

std::vector<schema::Keyspace> SystemKeyspaces() {
  std::vector<TableRow> rows = SchemaTables();
  for (const std::vector<TableRow>& more : {NodeTables(), ServerTables(), AuthTables()}) {
    rows.insert(rows.end(), more.begin(), more.end());
  }
  std::vector<schema::Keyspace> keyspaces;
  for (const std::string_view name :
       {std::string_view("system"), std::string_view("system_schema"), std::string_view("system_traces"),
        std::string_view("system_views"), std::string_view("system_virtual_schema"), kAuthKeyspace}) {
    schema::Keyspace keyspace;
    keyspace.name = name;
    keyspace.replication = {{"class", "org.apache.cassandra.locator.LocalStrategy"}};
    if (name == kAuthKeyspace) {
      keyspace.replication = {{"class", "org.apache.cassandra.locator.SimpleStrategy"}, {"replication_factor", "1"}};
    }
    for (const TableRow& row : rows) {
      if (row.keyspace == name) keyspace.tables.emplace(row.name, MakeTable(row));
    }
    keyspaces.push_back(std::move(keyspace));
  }
  return keyspaces;
}

}  // namespace cassette::catalog
