#include "derived/index_layout.h"

#include "base/assert.h"
#include "codec/fixed.h"
#include "types/value.h"

namespace cassette::derived {
namespace {

using types::DataType;
using types::TypeKind;

// Before each indexed value, which may be empty where a partition key may not.
constexpr char kEntryTag = 1;

void AddColumn(std::string name, DataType type, schema::ColumnKind kind, uint32_t position, bool descending,
               schema::Table* table) {
  schema::Column column;
  column.id = schema::ColumnId(table->next_column_id++);
  column.name = std::move(name);
  column.type = std::move(type);
  column.kind = kind;
  column.position = position;
  column.descending = descending;
  table->columns.push_back(std::move(column));
}

std::string BigEndian(int64_t value) {
  std::string bytes;
  codec::AppendBig(static_cast<uint64_t>(value), &bytes);
  return bytes;
}

// Reads the items of a serialized collection one by one: of a list or set, or of a map keys and values in turn.
class Items {
 public:
  explicit Items(std::string_view collection) : rest_(collection) {
    if (rest_.size() >= sizeof(uint32_t)) rest_.remove_prefix(sizeof(uint32_t));
  }
  bool Next(std::string_view* item) {
    if (rest_.size() < sizeof(uint32_t)) return false;
    const size_t size = codec::LoadBig<uint32_t>(rest_.data());
    rest_.remove_prefix(sizeof(uint32_t));
    if (size > rest_.size()) return false;
    *item = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

 private:
  std::string_view rest_;
};

uint64_t CountItems(const DataType& type, schema::IndexTarget target, std::string_view collection,
                    std::string_view indexed) {
  const bool is_map = type.kind() == TypeKind::kMap;
  Items items(collection);
  std::string_view item;
  std::string_view value;
  uint64_t count = 0;
  while (items.Next(&item)) {
    if (is_map && !items.Next(&value)) break;
    switch (target) {
      case schema::IndexTarget::kKeys:
        count += item == indexed;
        break;
      case schema::IndexTarget::kEntries:
        count += IndexedBytes(EntriesKey(item, value)) == indexed;
        break;
      default:
        count += (is_map ? value : item) == indexed;
    }
  }
  return count;
}

}  // namespace

std::string IndexTableName(std::string_view table, std::string_view index) {
  return std::string(table) + "." + std::string(index);
}

bool IsPartitionIndex(const schema::Table& base, const schema::Index& index) {
  const schema::Column* column = base.FindColumn(index.column);
  CASSETTE_ASSERT(column != nullptr);
  return column->kind == schema::ColumnKind::kPartitionKey || column->kind == schema::ColumnKind::kStatic;
}

bool HasPath(const schema::Table& base, const schema::Index& index) {
  const TypeKind kind = base.FindColumn(index.column)->type.kind();
  return index.target == schema::IndexTarget::kValues && (kind == TypeKind::kList || kind == TypeKind::kMap);
}

schema::Table MakeIndexTable(const schema::Table& base, const schema::Index& index) {
  schema::Table table;
  table.id = index.table;
  table.keyspace = base.keyspace;
  table.name = IndexTableName(base.name, index.name);
  table.role = schema::TableRole::kIndex;
  table.base = base.id;
  // An entry that is deleted is not missed by anyone: there is no other copy of it that could bring it back.
  table.options.gc_grace_seconds = 0;
  AddColumn("value", DataType(TypeKind::kBlob), schema::ColumnKind::kPartitionKey, 0, false, &table);
  uint32_t position = 0;
  AddColumn("token", DataType(TypeKind::kBigint), schema::ColumnKind::kClustering, position++, false, &table);
  AddColumn("partition", DataType(TypeKind::kBlob), schema::ColumnKind::kClustering, position++, false, &table);
  if (!IsPartitionIndex(base, index)) {
    for (size_t i = 0; i < base.clustering_count(); ++i) {
      const schema::Column& column = base.clustering(i);
      AddColumn("c" + std::to_string(i), column.type, schema::ColumnKind::kClustering, position++, column.descending,
                &table);
    }
  }
  if (HasPath(base, index)) {
    AddColumn("path", DataType(TypeKind::kBlob), schema::ColumnKind::kClustering, position, false, &table);
  }
  table.Finish();
  return table;
}

std::string EntriesKey(std::string_view value) { return std::string(1, kEntryTag).append(value); }

std::string EntriesKey(std::string_view map_key, std::string_view map_value) {
  std::string key(1, kEntryTag);
  codec::AppendBig(static_cast<uint32_t>(map_key.size()), &key);
  return key.append(map_key).append(map_value);
}

std::string EntriesKeyOf(const DataType& type, schema::IndexTarget target, const rows::ComplexCell& item) {
  switch (target) {
    case schema::IndexTarget::kKeys:
      return EntriesKey(item.path);
    case schema::IndexTarget::kEntries:
      return EntriesKey(item.path, item.cell.value);
    default:
      return EntriesKey(type.kind() == TypeKind::kSet ? item.path : item.cell.value);
  }
}

std::string_view IndexedBytes(std::string_view key) {
  CASSETTE_ASSERT(!key.empty());
  return key.substr(1);
}

void AppendEntryPartition(const schema::Table& index_table, const rows::PartitionPosition& base_partition,
                          std::string* out) {
  rows::AppendClusteringComponent(index_table, 0, BigEndian(base_partition.token), out);
  rows::AppendClusteringComponent(index_table, 1, base_partition.key, out);
}

uint64_t EntryCount(const schema::Column& column, schema::IndexTarget target, std::string_view value,
                    std::string_view indexed) {
  const bool is_whole = target == schema::IndexTarget::kColumn || target == schema::IndexTarget::kFull;
  return is_whole ? value == indexed : CountItems(column.type, target, value, indexed);
}

}  // namespace cassette::derived
