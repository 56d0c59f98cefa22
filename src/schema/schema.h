// Keyspaces, tables and columns as immutable values. A change makes a new Schema that shares what did not change;
// readers keep the version they started with.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "schema/derived.h"
#include "schema/ids.h"
#include "types/data_type.h"

namespace cassette::schema {

// On disk: DO NOT CHANGE.
enum class ColumnKind : uint8_t { kPartitionKey = 1, kClustering = 2, kStatic = 3, kRegular = 4 };

struct Column {
  ColumnId id;
  std::string name;
  types::DataType type;
  ColumnKind kind = ColumnKind::kRegular;
  uint32_t position = 0;    // Among the columns of its kind: the order of the key, else the order of names.
  bool descending = false;  // Of a clustering column; in a view's partition key as in its table, the order of IN.
};

struct DroppedColumn {
  std::string name;
  types::DataType type;
  ColumnKind kind = ColumnKind::kRegular;
  int64_t dropped_at_micros = 0;
};

// As system_schema.tables has them. Maps keep the strings the user gave, checked by catalog.
struct TableOptions {
  std::string comment;
  int32_t default_time_to_live_seconds = 0;
  int32_t gc_grace_seconds = 864000;
  double bloom_filter_fp_chance = 0.01;
  double crc_check_chance = 1.0;
  int32_t memtable_flush_period_ms = 0;
  int32_t min_index_interval = 128;
  int32_t max_index_interval = 2048;
  std::string speculative_retry = "99p";
  std::string additional_write_policy = "99p";
  std::string read_repair = "BLOCKING";
  std::string memtable = "default";
  bool cdc = false;
  bool allow_auto_snapshot = true;
  bool incremental_backups = true;
  std::map<std::string, std::string> caching = {{"keys", "ALL"}, {"rows_per_partition", "NONE"}};
  std::map<std::string, std::string> compaction = {
      {"class", "org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy"},
      {"max_threshold", "32"},
      {"min_threshold", "4"}};
  std::map<std::string, std::string> compression = {{"chunk_length_in_kb", "16"},
                                                    {"class", "org.apache.cassandra.io.compress.LZ4Compressor"}};
  std::map<std::string, std::string> extensions;
};

// One table. Build it by filling the fields, then Finish(), which orders the columns and makes the lookups.
// Thread safety: immutable once published behind shared_ptr<const Table>.
struct Table {
  TableId id;
  std::string keyspace;
  std::string name;
  TableOptions options;
  std::vector<DroppedColumn> dropped;
  uint32_t next_column_id = 1;
  TableRole role = TableRole::kUser;
  TableId base;                // Of an index's table and of a view: the table they follow.
  View view;                   // Of a view.
  std::vector<Index> indexes;  // By name.
  std::vector<TableId> views;  // Of this table, in the order they were made.
  // Not durable, not logged: rows live in the memtable only (system tables that the catalog fills).
  bool is_memory_only = false;
  // In order: partition key, clustering, static (by name), regular (by name).
  std::vector<Column> columns;

  // Sorts `columns` (key columns by the positions given, the others by name), assigns positions, makes the lookups.
  // Call after any change of columns. REQUIRES: names and ids are unique; ids are below kMaxColumnId.
  void Finish();

  size_t partition_key_count() const { return partition_key_count_; }
  size_t clustering_count() const { return clustering_count_; }
  size_t static_count() const { return static_count_; }
  size_t regular_count() const { return columns.size() - partition_key_count_ - clustering_count_ - static_count_; }
  const Column& partition_key(size_t i) const { return columns[i]; }
  const Column& clustering(size_t i) const { return columns[partition_key_count_ + i]; }
  const Column& static_column(size_t i) const { return columns[partition_key_count_ + clustering_count_ + i]; }
  const Column& regular(size_t i) const {
    return columns[partition_key_count_ + clustering_count_ + static_count_ + i];
  }
  bool has_statics() const { return static_count_ > 0; }
  // Some column has cells with paths: a non-frozen collection or user type.
  bool has_complex() const { return has_complex_; }
  bool is_view() const { return role == TableRole::kView; }
  // Rows live by their markers alone.
  bool has_strict_liveness() const { return is_view() && view.key_column != ColumnId(0); }
  // Writes to it mean writes to other tables.
  bool has_derived() const { return !indexes.empty() || !views.empty(); }
  // Null when there is none. Lifetime: as the table.
  const Index* FindIndex(std::string_view index_name) const;
  // Null when there is none. Lifetime: as the table.
  const Column* FindColumn(std::string_view column_name) const;
  const Column* FindColumn(ColumnId column_id) const;
  // Index into `columns`; -1 when there is none.
  int IndexOf(ColumnId column_id) const;

 private:
  size_t partition_key_count_ = 0;
  size_t clustering_count_ = 0;
  size_t static_count_ = 0;
  bool has_complex_ = false;
  std::vector<uint32_t> by_name_;     // Indexes into `columns`, in the order of names.
  std::vector<int32_t> index_of_id_;  // By column id; -1 where there is none.
};

using TablePtr = std::shared_ptr<const Table>;

// Views, indexes and roles join Keyspace when they come; AppendKeyspace has a version for it.
struct Keyspace {
  std::string name;
  bool durable_writes = true;
  std::map<std::string, std::string> replication;  // class and its options
  std::map<std::string, TablePtr, std::less<>> tables;
  // User types by name, as they were declared: not frozen. Columns hold copies of what they use.
  std::map<std::string, types::DataType, std::less<>> types = {};
};

using KeyspacePtr = std::shared_ptr<const Keyspace>;

// All keyspaces. Thread safety: immutable once published.
// Change `keyspaces` through With... and Without... only: they keep the index that FindTable(id) looks in.
struct Schema {
  uint64_t version = 0;  // Grows with each change.
  std::map<std::string, KeyspacePtr, std::less<>> keyspaces;

  // Null when there is none.
  KeyspacePtr FindKeyspace(std::string_view name) const;
  TablePtr FindTable(std::string_view keyspace, std::string_view table) const;
  TablePtr FindTable(const TableId& id) const;

  // A copy with one thing put or removed. REQUIRES: the keyspace exists where a table is put or removed.
  Schema WithKeyspace(Keyspace keyspace) const;
  Schema WithoutKeyspace(std::string_view name) const;
  Schema WithTable(Table table) const;
  Schema WithoutTable(std::string_view keyspace, std::string_view table) const;

 private:
  struct TablesById;

  void Reindex();

  std::shared_ptr<const TablesById> index_;  // Null in a schema that was never changed.
};

using SchemaPtr = std::shared_ptr<const Schema>;

// To and from bytes (the manifest's schema payloads; docs/format/schema.md). A keyspace without its tables.
// kCorruption when malformed or of a newer version.
std::string SerializeTable(const Table& table);
base::Result<Table> ParseTable(std::string_view bytes);
std::string SerializeKeyspace(const Keyspace& keyspace);
base::Result<Keyspace> ParseKeyspace(std::string_view bytes);

}  // namespace cassette::schema
