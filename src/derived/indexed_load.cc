#include "derived/indexed_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "codec/murmur3.h"
#include "derived/index_layout.h"
#include "rows/keys.h"

namespace cassette::derived {

using storage::engine::BulkLoad;
using storage::engine::Engine;

IndexedLoad::IndexedLoad(Engine& engine, schema::SchemaPtr schema, schema::TablePtr table)
    : engine_(engine), schema_(std::move(schema)), table_(std::move(table)) {}

base::Result<std::unique_ptr<IndexedLoad>> IndexedLoad::Open(Engine& engine, const schema::TableId& table) {
  const schema::SchemaPtr schema = engine.schema();
  const schema::TablePtr found = schema->FindTable(table);
  if (found == nullptr) return base::NotFound("table " + table.ToString() + " does not exist");
  if (!found->views.empty()) {
    return base::Unsupported("Table " + found->name +
                             " has materialized views, which a load of SSTables does not keep: INSERT the rows");
  }
  std::unique_ptr<IndexedLoad> load(new IndexedLoad(engine, schema, found));
  CASSETTE_ASSIGN_OR_RETURN(load->rows_, engine.BeginBulkLoad(table));
  for (const schema::Index& index : found->indexes) {
    Entries entries;
    entries.index = &index;
    entries.column = found->FindColumn(index.column);
    entries.table = schema->FindTable(index.table);
    CASSETTE_ASSERT(entries.column != nullptr);
    CASSETTE_ASSERT(entries.table != nullptr);
    entries.is_partition_index = IsPartitionIndex(*found, index);
    CASSETTE_ASSIGN_OR_RETURN(entries.load, engine.BeginBulkLoad(index.table));
    load->entries_.push_back(std::move(entries));
  }
  return load;
}

base::Result<std::string> IndexedLoad::PartitionKey(const ByColumn& by_column, uint32_t row) const {
  std::vector<std::string> components(table_->partition_key_count());
  for (size_t i = 0; i < components.size(); ++i) {
    by_column[i]->AppendSerialized(table_->partition_key(i).type, row, &components[i]);
  }
  const std::vector<std::string_view> views(components.begin(), components.end());
  std::string key;
  CASSETTE_RETURN_IF_ERROR(rows::AppendPartitionKey(views, &key));
  return key;
}

base::Status IndexedLoad::FillEntries(const ByColumn& by_column, uint32_t row_count, Entries* entries) {
  const schema::Table& table = *entries->table;
  entries->vectors.clear();
  for (const schema::Column& column : table.columns) entries->vectors.emplace_back(column.type.physical());
  const columnar::Vector* values = by_column[static_cast<size_t>(table_->IndexOf(entries->column->id))];
  if (values == nullptr) return base::Status::Ok();
  std::string value;
  for (uint32_t row = 0; row < row_count; ++row) {
    if (values->is_null(row)) continue;
    value.clear();
    values->AppendSerialized(entries->column->type, row, &value);
    if (value.size() > kMaxIndexedBytes) {
      return base::InvalidArgument(
          fmt::format("Cannot index value of size {} for index {} on {}.{}({}), row {} "
                      "(maximum allowed size={})",
                      value.size(), entries->index->name, table_->keyspace, table_->name, entries->column->name, row,
                      kMaxIndexedBytes));
    }
    CASSETTE_ASSIGN_OR_RETURN(const std::string key, PartitionKey(by_column, row));
    entries->vectors[0].AppendBytes(EntriesKey(value));
    entries->vectors[1].AppendInt64(codec::Murmur3Token(key));
    entries->vectors[2].AppendBytes(key);
    if (entries->is_partition_index) continue;
    for (size_t i = 0; i < table_->clustering_count(); ++i) {
      entries->vectors[3 + i].AppendFrom(*by_column[table_->partition_key_count() + i], row);
    }
  }
  return base::Status::Ok();
}

base::Status IndexedLoad::Append(std::span<const schema::ColumnId> columns,
                                 std::span<const columnar::Vector* const> vectors, uint32_t row_count,
                                 int64_t timestamp_micros) {
  CASSETTE_ASSERT(columns.size() == vectors.size());
  if (entries_.empty()) return rows_->Append(columns, vectors, row_count, timestamp_micros);
  ByColumn by_column(table_->columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    const int index = table_->IndexOf(columns[i]);
    if (index >= 0) by_column[static_cast<size_t>(index)] = vectors[i];
  }
  const size_t key_columns = table_->partition_key_count() + table_->clustering_count();
  bool has_key = true;
  for (size_t i = 0; i < key_columns; ++i) {
    has_key = has_key && by_column[i] != nullptr && by_column[i]->size() == row_count;
    for (uint32_t row = 0; has_key && row < row_count; ++row) has_key = !by_column[i]->is_null(row);
  }
  if (has_key) {  // Else the load of the rows says what is wrong.
    for (Entries& entries : entries_) CASSETTE_RETURN_IF_ERROR(FillEntries(by_column, row_count, &entries));
  }
  CASSETTE_RETURN_IF_ERROR(rows_->Append(columns, vectors, row_count, timestamp_micros));
  for (Entries& entries : entries_) {
    std::vector<schema::ColumnId> ids;
    std::vector<const columnar::Vector*> filled;
    for (size_t i = 0; i < entries.vectors.size(); ++i) {
      ids.push_back(entries.table->columns[i].id);
      filled.push_back(&entries.vectors[i]);
    }
    CASSETTE_RETURN_IF_ERROR(entries.load->Append(ids, filled, entries.vectors[0].size(), timestamp_micros));
  }
  return base::Status::Ok();
}

base::Status IndexedLoad::Commit() {
  IndexedLoad* self = this;
  return CommitTogether(engine_, {&self, 1});
}

base::Status IndexedLoad::CommitTogether(Engine& engine, std::span<IndexedLoad* const> loads) {
  std::vector<BulkLoad*> all;
  uint64_t version = ~uint64_t{0};
  for (IndexedLoad* load : loads) {
    all.push_back(load->rows_.get());
    for (const Entries& entries : load->entries_) all.push_back(entries.load.get());
    version = std::min(version, load->schema_->version);
  }
  return engine.CommitBulkLoads(all, version);
}

}  // namespace cassette::derived
