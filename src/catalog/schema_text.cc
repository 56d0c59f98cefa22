#include "catalog/schema_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "catalog/index_change.h"
#include "catalog/system_tables.h"
#include "types/identifier.h"
#include "types/value.h"

namespace cassette::catalog {
namespace {

using schema::Column;
using schema::ColumnKind;
using schema::Table;
using types::MaybeQuote;
using types::QuoteString;

constexpr std::string_view kLocatorPackage = "org.apache.cassandra.locator.";

std::string MapText(const std::map<std::string, std::string>& map) {
  std::string text;
  for (const auto& [key, value] : map) {
    text += (text.empty() ? "" : ", ") + QuoteString(key) + ": " + QuoteString(value);
  }
  return "{" + text + "}";
}

std::string_view BooleanText(bool value) { return value ? "true" : "false"; }

std::string DoubleText(double value) {
  std::string bytes;
  types::AppendDouble(value, &bytes);
  return types::ToText(types::DataType(types::TypeKind::kDouble), bytes);
}

std::string ReplicationText(const std::map<std::string, std::string>& replication) {
  std::string text;
  for (const auto& [key, value] : replication) {
    if (key != "class") {
      text += ", " + QuoteString(key) + ": " + QuoteString(value);
      continue;
    }
    std::string_view name = value;
    if (name.starts_with(kLocatorPackage)) name.remove_prefix(kLocatorPackage.size());
    text = "'class': " + QuoteString(name) + text;
  }
  return "{" + text + "}";
}

std::string OptionsText(const schema::TableOptions& options, bool is_view) {
  std::string text;
  const auto add = [&text](std::string_view name, std::string_view value) {
    text += fmt::format("{}{} = {}", text.empty() ? "" : "\n    AND ", name, value);
  };
  add("additional_write_policy", QuoteString(options.additional_write_policy));
  add("allow_auto_snapshot", BooleanText(options.allow_auto_snapshot));
  add("bloom_filter_fp_chance", DoubleText(options.bloom_filter_fp_chance));
  add("caching", MapText(options.caching));
  add("cdc", BooleanText(options.cdc));
  add("comment", QuoteString(options.comment));
  add("compaction", MapText(options.compaction));
  add("compression", MapText(options.compression));
  add("memtable", QuoteString(options.memtable));
  add("crc_check_chance", DoubleText(options.crc_check_chance));
  if (!is_view) add("default_time_to_live", std::to_string(options.default_time_to_live_seconds));
  add("extensions", MapText(options.extensions));
  add("gc_grace_seconds", std::to_string(options.gc_grace_seconds));
  add("incremental_backups", BooleanText(options.incremental_backups));
  add("max_index_interval", std::to_string(options.max_index_interval));
  add("memtable_flush_period_in_ms", std::to_string(options.memtable_flush_period_ms));
  add("min_index_interval", std::to_string(options.min_index_interval));
  add("read_repair", QuoteString(options.read_repair));
  add("speculative_retry", QuoteString(options.speculative_retry));
  return text;
}

std::string ColumnText(std::string_view name, const types::DataType& type, ColumnKind kind) {
  return fmt::format("{} {}{}", MaybeQuote(name), type.ToString(), kind == ColumnKind::kStatic ? " static" : "");
}

// One statement being written.
class TableText {
 public:
  TableText(const Table& table, bool with_internals)
      : table_(table), with_internals_(with_internals), is_virtual_(IsVirtualKeyspace(table.keyspace)) {}

  std::string Write() {
    text_ = fmt::format("{} TABLE {} (\n", is_virtual_ ? "VIRTUAL" : "CREATE", name(table_.name));
    AddColumns();
    text_ += ")";
    AddOptions();
    if (with_internals_) AddDrops();
    return std::move(text_);
  }

  std::string WriteView(std::string_view base) {
    std::string selected;
    for (const Column* column : ColumnsInOrder()) selected += (selected.empty() ? "" : ", ") + MaybeQuote(column->name);
    if (table_.view.include_all_columns) selected = "*";
    text_ = fmt::format("CREATE MATERIALIZED VIEW {} AS\n    SELECT {}\n    FROM {}\n    WHERE {}\n    {}\n",
                        name(table_.name), selected, name(base), table_.view.where_clause, PrimaryKeyText());
    AddOptions();
    return std::move(text_);
  }

 private:
  std::string name(std::string_view of) const { return MaybeQuote(table_.keyspace) + "." + MaybeQuote(of); }

  void AddOptions() {
    text_ += " WITH ";
    if (with_internals_) text_ += fmt::format("ID = {}\n    AND ", table_.id.ToString());
    AddClusteringOrder();
    text_ += is_virtual_ ? "comment = " + QuoteString(table_.options.comment)
                         : OptionsText(table_.options, table_.is_view());
    text_ += ";";
  }

  bool has_single_key() const { return table_.partition_key_count() == 1 && table_.clustering_count() == 0; }

  // WITH INTERNALS a dropped column stands as it was, whatever has its name now: it is dropped again at the end.
  bool WasDropped(std::string_view column_name) const {
    return with_internals_ && std::any_of(table_.dropped.begin(), table_.dropped.end(),
                                          [&](const auto& dropped) { return dropped.name == column_name; });
  }

  // Of each kind those with cells of many last.
  std::vector<const Column*> ColumnsInOrder() const {
    std::vector<const Column*> columns;
    for (const Column& column : table_.columns) columns.push_back(&column);
    std::stable_sort(columns.begin(), columns.end(), [](const Column* a, const Column* b) {
      return a->kind != b->kind ? a->kind < b->kind : a->type.is_multi_cell() < b->type.is_multi_cell();
    });
    return columns;
  }

  void AddColumns() {
    std::vector<std::string> lines;
    for (const Column* column : ColumnsInOrder()) {
      if (WasDropped(column->name)) continue;
      std::string line = ColumnText(column->name, column->type, column->kind);
      if (has_single_key() && column->kind == ColumnKind::kPartitionKey) line += " PRIMARY KEY";
      lines.push_back(std::move(line));
    }
    if (with_internals_) {
      for (const schema::DroppedColumn& dropped : table_.dropped) {
        lines.push_back(ColumnText(dropped.name, dropped.type, dropped.kind));
      }
    }
    if (!has_single_key()) lines.push_back(PrimaryKeyText());
    for (size_t i = 0; i < lines.size(); ++i) {
      text_ += fmt::format("    {}{}\n", lines[i], i + 1 < lines.size() ? "," : "");
    }
  }

  std::string PrimaryKeyText() const {
    std::string partition;
    for (size_t i = 0; i < table_.partition_key_count(); ++i) {
      partition += (i == 0 ? "" : ", ") + MaybeQuote(table_.partition_key(i).name);
    }
    if (table_.partition_key_count() > 1) partition = "(" + partition + ")";
    for (size_t i = 0; i < table_.clustering_count(); ++i) partition += ", " + MaybeQuote(table_.clustering(i).name);
    return "PRIMARY KEY (" + partition + ")";
  }

  void AddClusteringOrder() {
    if (table_.clustering_count() == 0) return;
    std::string order;
    for (size_t i = 0; i < table_.clustering_count(); ++i) {
      const Column& column = table_.clustering(i);
      order += fmt::format("{}{} {}", i == 0 ? "" : ", ", MaybeQuote(column.name), column.descending ? "DESC" : "ASC");
    }
    text_ += fmt::format("CLUSTERING ORDER BY ({})\n    AND ", order);
  }

  void AddDrops() {
    for (const schema::DroppedColumn& dropped : table_.dropped) {
      text_ += fmt::format("\nALTER TABLE {} DROP {} USING TIMESTAMP {};", name(table_.name), MaybeQuote(dropped.name),
                           dropped.dropped_at_micros);
      const Column* again = table_.FindColumn(dropped.name);
      if (again == nullptr) continue;
      text_ +=
          fmt::format("\nALTER TABLE {} ADD {};", name(table_.name), ColumnText(again->name, again->type, again->kind));
    }
  }

  const Table& table_;
  const bool with_internals_;
  const bool is_virtual_;
  std::string text_;
};

std::string AsVirtual(std::string_view what, const std::string& name, const std::string& statement) {
  return fmt::format(
      "/*\nWarning: {} {} is a virtual {} and cannot be recreated with CQL.\nStructure, for reference:\n{}\n*/", what,
      name, what == "Table" ? "table" : "keyspace", statement);
}

}  // namespace

std::string CreateStatement(const schema::Keyspace& keyspace) {
  const std::string name = MaybeQuote(keyspace.name);
  if (IsVirtualKeyspace(keyspace.name)) return AsVirtual("Keyspace", name, "VIRTUAL KEYSPACE " + name + ";");
  return fmt::format("CREATE KEYSPACE {} WITH replication = {}  AND durable_writes = {};", name,
                     ReplicationText(keyspace.replication), BooleanText(keyspace.durable_writes));
}

std::string CreateStatement(const types::DataType& type) {
  CASSETTE_ASSERT(type.kind() == types::TypeKind::kUdt);
  std::string fields;
  for (const types::DataType::Field& field : type.fields()) {
    fields += fmt::format("{}\n    {} {}", fields.empty() ? "" : ",", MaybeQuote(field.name), field.type->ToString());
  }
  return fmt::format("CREATE TYPE {}.{} ({}\n);", MaybeQuote(type.udt_keyspace()), MaybeQuote(type.udt_name()), fields);
}

std::string CreateStatement(const Table& table, bool with_internals) {
  std::string statement = TableText(table, with_internals).Write();
  if (!IsVirtualKeyspace(table.keyspace)) return statement;
  return AsVirtual("Table", MaybeQuote(table.keyspace) + "." + MaybeQuote(table.name), statement);
}

std::string CreateIndexStatement(const Table& table, const schema::Index& index) {
  return fmt::format("CREATE INDEX {} ON {}.{} ({});", MaybeQuote(index.name), MaybeQuote(table.keyspace),
                     MaybeQuote(table.name), IndexTargetText(table, index));
}

std::string CreateViewStatement(const Table& view, std::string_view base, bool with_internals) {
  CASSETTE_ASSERT(view.is_view());
  return TableText(view, with_internals).WriteView(base);
}

}  // namespace cassette::catalog
