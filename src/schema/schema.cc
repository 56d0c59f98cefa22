#include "schema/schema.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"

namespace cassette::schema {
namespace {

bool IsKey(ColumnKind kind) { return kind == ColumnKind::kPartitionKey || kind == ColumnKind::kClustering; }

bool ColumnBefore(const Column& a, const Column& b) {
  if (a.kind != b.kind) return a.kind < b.kind;
  return IsKey(a.kind) ? a.position < b.position : a.name < b.name;
}

struct HashTableId {
  size_t operator()(const TableId& id) const {
    uint64_t halves[2];
    std::memcpy(halves, id.bytes.data(), sizeof(halves));
    return absl::HashOf(halves[0], halves[1]);
  }
};

}  // namespace

std::string TableId::ToString() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kDigits[bytes[i] >> 4]);
    text.push_back(kDigits[bytes[i] & 15]);
  }
  return text;
}

void Table::Finish() {
  std::stable_sort(columns.begin(), columns.end(), ColumnBefore);
  size_t counts[5] = {};
  has_complex_ = false;
  uint32_t max_id = 0;
  for (Column& column : columns) {
    CASSETTE_ASSERT(column.id.value() < kMaxColumnId);
    column.position = static_cast<uint32_t>(counts[static_cast<size_t>(column.kind)]++);
    max_id = std::max(max_id, column.id.value());
    has_complex_ |= column.type.is_multi_cell();
  }
  partition_key_count_ = counts[static_cast<size_t>(ColumnKind::kPartitionKey)];
  clustering_count_ = counts[static_cast<size_t>(ColumnKind::kClustering)];
  static_count_ = counts[static_cast<size_t>(ColumnKind::kStatic)];

  by_name_.resize(columns.size());
  index_of_id_.assign(columns.empty() ? 0 : max_id + 1, -1);
  for (uint32_t i = 0; i < columns.size(); ++i) {
    by_name_[i] = i;
    CASSETTE_ASSERT(index_of_id_[columns[i].id.value()] == -1);
    index_of_id_[columns[i].id.value()] = static_cast<int32_t>(i);
  }
  std::sort(by_name_.begin(), by_name_.end(),
            [this](uint32_t a, uint32_t b) { return columns[a].name < columns[b].name; });
}

const Column* Table::FindColumn(std::string_view column_name) const {
  const auto found =
      std::lower_bound(by_name_.begin(), by_name_.end(), column_name,
                       [this](uint32_t index, std::string_view wanted) { return columns[index].name < wanted; });
  return found != by_name_.end() && columns[*found].name == column_name ? &columns[*found] : nullptr;
}

const Column* Table::FindColumn(ColumnId column_id) const {
  const int index = IndexOf(column_id);
  return index < 0 ? nullptr : &columns[static_cast<size_t>(index)];
}

int Table::IndexOf(ColumnId column_id) const {
  return column_id.value() < index_of_id_.size() ? index_of_id_[column_id.value()] : -1;
}

const Index* Table::FindIndex(std::string_view index_name) const {
  const auto found =
      std::find_if(indexes.begin(), indexes.end(), [&](const Index& index) { return index.name == index_name; });
  return found == indexes.end() ? nullptr : &*found;
}

struct Schema::TablesById {
  absl::flat_hash_map<TableId, TablePtr, HashTableId> tables;
};

KeyspacePtr Schema::FindKeyspace(std::string_view name) const {
  const auto found = keyspaces.find(name);
  return found == keyspaces.end() ? nullptr : found->second;
}

TablePtr Schema::FindTable(std::string_view keyspace, std::string_view table) const {
  const auto found = keyspaces.find(keyspace);
  if (found == keyspaces.end()) return nullptr;
  const auto found_table = found->second->tables.find(table);
  return found_table == found->second->tables.end() ? nullptr : found_table->second;
}

TablePtr Schema::FindTable(const TableId& id) const {
  if (index_ == nullptr) return nullptr;
  const auto found = index_->tables.find(id);
  return found == index_->tables.end() ? nullptr : found->second;
}

void Schema::Reindex() {
  auto index = std::make_shared<TablesById>();
  for (const auto& [name, keyspace] : keyspaces) {
    for (const auto& [table_name, table] : keyspace->tables) index->tables.emplace(table->id, table);
  }
  index_ = std::move(index);
}

Schema Schema::WithKeyspace(Keyspace keyspace) const {
  Schema changed = *this;
  ++changed.version;
  auto shared = std::make_shared<const Keyspace>(std::move(keyspace));
  changed.keyspaces[shared->name] = shared;
  changed.Reindex();
  return changed;
}

Schema Schema::WithoutKeyspace(std::string_view name) const {
  Schema changed = *this;
  ++changed.version;
  const auto found = changed.keyspaces.find(name);
  if (found != changed.keyspaces.end()) changed.keyspaces.erase(found);
  changed.Reindex();
  return changed;
}

Schema Schema::WithTable(Table table) const {
  const KeyspacePtr old = FindKeyspace(table.keyspace);
  CASSETTE_ASSERT(old != nullptr);
  Keyspace keyspace = *old;
  auto shared = std::make_shared<const Table>(std::move(table));
  keyspace.tables[shared->name] = shared;
  return WithKeyspace(std::move(keyspace));
}

Schema Schema::WithoutTable(std::string_view keyspace_name, std::string_view table) const {
  const KeyspacePtr old = FindKeyspace(keyspace_name);
  CASSETTE_ASSERT(old != nullptr);
  Keyspace keyspace = *old;
  const auto found = keyspace.tables.find(table);
  if (found != keyspace.tables.end()) keyspace.tables.erase(found);
  return WithKeyspace(std::move(keyspace));
}

}  // namespace cassette::schema
