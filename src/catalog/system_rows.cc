#include "catalog/system_rows.h"

#include <map>
#include <string_view>

#include "catalog/index_change.h"
#include "catalog/partition_writer.h"
#include "catalog/schema_change.h"
#include "catalog/system_tables.h"
#include "codec/fixed.h"
#include "types/value.h"

namespace cassette::catalog {
namespace {

using StringMap = std::map<std::string, std::string>;

void AppendItem(std::string_view bytes, std::string* out) {
  codec::AppendBig(static_cast<uint32_t>(bytes.size()), out);
  out->append(bytes);
}

std::string MapValue(const StringMap& map) {
  std::string out;
  codec::AppendBig(static_cast<uint32_t>(map.size()), &out);
  for (const auto& [key, value] : map) {
    AppendItem(key, &out);
    AppendItem(value, &out);
  }
  return out;
}

std::string IntValue(int32_t value) {
  std::string out;
  codec::AppendBig(static_cast<uint32_t>(value), &out);
  return out;
}

std::string BigintValue(int64_t value) {
  std::string out;
  codec::AppendBig(static_cast<uint64_t>(value), &out);
  return out;
}

std::string DoubleValue(double value) {
  std::string out;
  types::AppendDouble(value, &out);
  return out;
}

std::string UuidValue(const schema::TableId& id) {
  return std::string(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

void WriteTableOptions(const schema::Table& table, PartitionWriter* writer) {
  const schema::TableOptions& options = table.options;
  writer->Set("additional_write_policy", options.additional_write_policy);
  writer->Set("allow_auto_snapshot", BooleanValue(options.allow_auto_snapshot));
  writer->Set("bloom_filter_fp_chance", DoubleValue(options.bloom_filter_fp_chance));
  writer->Set("caching", MapValue(options.caching));
  if (options.cdc) writer->Set("cdc", BooleanValue(true));
  writer->Set("comment", options.comment);
  writer->Set("compaction", MapValue(options.compaction));
  writer->Set("compression", MapValue(options.compression));
  writer->Set("crc_check_chance", DoubleValue(options.crc_check_chance));
  writer->Set("dclocal_read_repair_chance", DoubleValue(0));
  writer->Set("default_time_to_live", IntValue(options.default_time_to_live_seconds));
  writer->Set("extensions", MapValue(options.extensions));
  writer->Set("gc_grace_seconds", IntValue(options.gc_grace_seconds));
  writer->Set("id", UuidValue(table.id));
  writer->Set("incremental_backups", BooleanValue(options.incremental_backups));
  writer->Set("max_index_interval", IntValue(options.max_index_interval));
  if (options.memtable != "default") writer->Set("memtable", options.memtable);
  writer->Set("memtable_flush_period_in_ms", IntValue(options.memtable_flush_period_ms));
  writer->Set("min_index_interval", IntValue(options.min_index_interval));
  writer->Set("read_repair", options.read_repair);
  writer->Set("read_repair_chance", DoubleValue(0));
  writer->Set("speculative_retry", options.speculative_retry);
}

const char* KindName(schema::ColumnKind kind) {
  switch (kind) {
    case schema::ColumnKind::kPartitionKey:
      return "partition_key";
    case schema::ColumnKind::kClustering:
      return "clustering";
    case schema::ColumnKind::kStatic:
      return "static";
    case schema::ColumnKind::kRegular:
      return "regular";
  }
  return "";
}

void WriteColumns(const schema::Table& table, PartitionWriter* writer) {
  for (const schema::Column& column : table.columns) {
    const bool is_key =
        column.kind == schema::ColumnKind::kPartitionKey || column.kind == schema::ColumnKind::kClustering;
    const bool is_clustering = column.kind == schema::ColumnKind::kClustering;
    writer->BeginRow({table.name, column.name});
    writer->Set("clustering_order", !is_clustering ? "none" : column.descending ? "desc" : "asc");
    writer->Set("column_name_bytes", column.name);
    writer->Set("kind", KindName(column.kind));
    writer->Set("position", IntValue(is_key ? static_cast<int32_t>(column.position) : -1));
    writer->Set("type", column.type.ToString());
  }
}

void WriteDroppedColumns(const schema::Table& table, PartitionWriter* writer) {
  for (const schema::DroppedColumn& dropped : table.dropped) {
    writer->BeginRow({table.name, dropped.name});
    writer->Set("dropped_time", BigintValue(dropped.dropped_at_micros / 1000));
    writer->Set("kind", KindName(dropped.kind));
    writer->Set("type", dropped.type.ToString());
  }
}

// The partition of `keyspace` (null: dropped) in system_schema.types.
std::string DescribeTypes(const schema::Schema& schema, const std::string& name, const schema::Keyspace* keyspace,
                          int64_t timestamp_micros) {
  PartitionWriter writer(schema, "system_schema", "types", name, timestamp_micros);
  writer.DeletePartition();
  if (keyspace == nullptr) return writer.Finish();
  for (const auto& [type_name, type] : keyspace->types) {
    std::vector<std::string> names;
    std::vector<std::string> field_types;
    for (const types::DataType::Field& field : type.fields()) {
      names.push_back(field.name);
      field_types.push_back(field.type->ToString());
    }
    writer.BeginRow({type_name});
    writer.Set("field_names", TextSetValue(names));
    writer.Set("field_types", TextSetValue(field_types));
  }
  return writer.Finish();
}

void WriteView(const schema::Schema& schema, const schema::Table& view, PartitionWriter* writer) {
  const schema::TablePtr base = schema.FindTable(view.base);
  writer->BeginRow({view.name});
  writer->Set("base_table_id", UuidValue(view.base));
  writer->Set("base_table_name", base == nullptr ? "" : base->name);
  writer->Set("include_all_columns", BooleanValue(view.view.include_all_columns));
  writer->Set("where_clause", view.view.where_clause);
  WriteTableOptions(view, writer);
}

void WriteIndexes(const schema::Table& table, PartitionWriter* writer) {
  for (const schema::Index& index : table.indexes) {
    writer->BeginRow({table.name, index.name});
    writer->Set("kind", "COMPOSITES");
    writer->Set("options", MapValue({{"target", IndexTargetText(table, index)}}));
  }
}

constexpr std::string_view kPartitionedByKeyspace[] = {"tables", "columns", "dropped_columns", "indexes", "views"};

// As Cassandra: its partition key is named after tables, and holds the keyspace.
std::string DescribeBuiltViews(const schema::Schema& schema, const std::string& name, const schema::Keyspace* keyspace,
                               int64_t timestamp_micros) {
  PartitionWriter writer(schema, "system", "built_views", name, timestamp_micros);
  writer.DeletePartition();
  if (keyspace == nullptr) return writer.Finish();
  for (const auto& [table_name, table] : keyspace->tables) {
    if (!table->is_view() || !table->view.is_built) continue;
    writer.BeginRow({table_name});
    writer.Set("status_replicated", BooleanValue(true));
  }
  return writer.Finish();
}

std::string DescribeBuiltIndexes(const schema::Schema& schema, const std::string& name,
                                 const schema::Keyspace* keyspace, int64_t timestamp_micros) {
  PartitionWriter writer(schema, "system", "IndexInfo", name, timestamp_micros);
  writer.DeletePartition();
  if (keyspace == nullptr) return writer.Finish();
  for (const auto& [table_name, table] : keyspace->tables) {
    for (const schema::Index& index : table->indexes) {
      if (index.is_built) writer.BeginRow({index.name});
    }
  }
  return writer.Finish();
}

void WriteTable(const schema::Table& table, PartitionWriter* writer) {
  writer->BeginRow({table.name});
  writer->Set("flags", TextSetValue({"compound"}));
  WriteTableOptions(table, writer);
}

void WriteVirtualTable(const schema::Table& table, PartitionWriter* writer) {
  writer->BeginRow({table.name});
  writer->Set("comment", table.options.comment);
}

// Virtual keyspaces never change: they are written once.
void DescribeVirtualKeyspace(const schema::Schema& schema, const schema::Keyspace& keyspace, int64_t timestamp_micros,
                             std::vector<std::string>* mutations) {
  constexpr std::string_view kSchema = "system_virtual_schema";
  PartitionWriter keyspaces(schema, kSchema, "keyspaces", keyspace.name, timestamp_micros);
  keyspaces.BeginRow({});
  PartitionWriter tables(schema, kSchema, "tables", keyspace.name, timestamp_micros);
  PartitionWriter columns(schema, kSchema, "columns", keyspace.name, timestamp_micros);
  for (const auto& [name, table] : keyspace.tables) {
    WriteVirtualTable(*table, &tables);
    WriteColumns(*table, &columns);
  }
  for (const PartitionWriter* writer : {&keyspaces, &tables, &columns}) mutations->push_back(writer->Finish());
}

}  // namespace

void DescribeKeyspace(const schema::Schema& schema, const std::string& name, const schema::Keyspace* keyspace,
                      int64_t timestamp_micros, std::vector<std::string>* mutations) {
  if (IsVirtualKeyspace(name)) return DescribeVirtualKeyspace(schema, *keyspace, timestamp_micros, mutations);
  PartitionWriter keyspaces(schema, "system_schema", "keyspaces", name, timestamp_micros);
  keyspaces.DeletePartition();
  if (keyspace != nullptr) {
    keyspaces.BeginRow({});
    keyspaces.Set("durable_writes", BooleanValue(keyspace->durable_writes));
    keyspaces.Set("replication", MapValue(keyspace->replication));
  }
  mutations->push_back(keyspaces.Finish());
  for (const std::string_view system_table : kPartitionedByKeyspace) {
    PartitionWriter writer(schema, "system_schema", system_table, name, timestamp_micros);
    writer.DeletePartition();
    if (keyspace != nullptr) {
      for (const auto& [table_name, table] : keyspace->tables) {
        if (table->role == schema::TableRole::kIndex) continue;
        if (system_table == "indexes") WriteIndexes(*table, &writer);
        if (system_table == "columns") WriteColumns(*table, &writer);
        if (system_table == "dropped_columns") WriteDroppedColumns(*table, &writer);
        if (system_table == "views" && table->is_view()) WriteView(schema, *table, &writer);
        if (system_table == "tables" && !table->is_view()) WriteTable(*table, &writer);
      }
    }
    mutations->push_back(writer.Finish());
  }
  mutations->push_back(DescribeTypes(schema, name, keyspace, timestamp_micros));
  mutations->push_back(DescribeBuiltIndexes(schema, name, keyspace, timestamp_micros));
  mutations->push_back(DescribeBuiltViews(schema, name, keyspace, timestamp_micros));
}

std::string DescribeNode(const schema::Schema& schema, const NodeFacts& facts, int64_t timestamp_micros) {
  PartitionWriter writer(schema, "system", "local", "local", timestamp_micros);
  writer.BeginRow({});
  writer.Set("bootstrapped", "COMPLETED");
  writer.Set("broadcast_address", facts.address);
  writer.Set("broadcast_port", IntValue(7000));
  writer.Set("cluster_name", facts.cluster_name);
  writer.Set("cql_version", "3.4.7");
  writer.Set("data_center", "datacenter1");
  writer.Set("gossip_generation", IntValue(static_cast<int32_t>(timestamp_micros / 1'000'000)));
  writer.Set("host_id", facts.host_id);
  writer.Set("listen_address", facts.address);
  writer.Set("listen_port", IntValue(7000));
  writer.Set("native_protocol_version", "5");
  writer.Set("partitioner", "org.apache.cassandra.dht.Murmur3Partitioner");
  writer.Set("rack", "rack1");
  writer.Set("release_version", "5.0.0");
  writer.Set("rpc_address", facts.address);
  writer.Set("rpc_port", IntValue(facts.native_port));
  writer.Set("schema_version", facts.schema_version);
  writer.Set("tokens", TextSetValue({std::string(kNodeToken)}));
  return writer.Finish();
}

}  // namespace cassette::catalog
