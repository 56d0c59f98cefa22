// Tables and keyspaces to and from bytes: docs/format/schema.md.
#include <bit>
#include <set>
#include <string>
#include <utility>

#include "codec/crc32c.h"
#include "codec/fixed.h"
#include "codec/varint.h"
#include "schema/schema.h"

namespace cassette::schema {
namespace {

// Bump with the page and the golden bytes; parse all earlier ones.
constexpr uint8_t kTableVersion = 2;
constexpr uint8_t kKeyspaceVersion = 2;
constexpr size_t kChecksumBytes = 4;
// More than Cassandra lets anyone use; a larger number is damage.
constexpr uint64_t kMaxColumns = 1 << 16;
constexpr uint64_t kMaxOptions = 1 << 12;
constexpr uint64_t kMaxUserTypes = 1 << 16;
constexpr uint64_t kMaxDerived = 1 << 12;  // Of a table: indexes, and views.
constexpr uint64_t kMaxFilterValues = 1 << 16;

enum TableFlag : uint8_t { kCdc = 1, kAutoSnapshot = 2, kIncrementalBackups = 4, kMemoryOnly = 8, kAllFlags = 15 };

using StringMap = std::map<std::string, std::string>;

void AppendDoubleBits(double value, std::string* out) { codec::AppendLittle(std::bit_cast<uint64_t>(value), out); }

void AppendMap(const StringMap& map, std::string* out) {
  codec::AppendVarint(map.size(), out);
  for (const auto& [key, value] : map) {
    codec::AppendLengthPrefixed(key, out);
    codec::AppendLengthPrefixed(value, out);
  }
}

void AppendColumn(const Column& column, std::string* out) {
  codec::AppendVarint(column.id.value(), out);
  out->push_back(static_cast<char>(column.kind));
  out->push_back(column.descending ? 1 : 0);
  codec::AppendLengthPrefixed(column.name, out);
  types::AppendType(column.type, out);
}

void AppendDropped(const DroppedColumn& column, std::string* out) {
  out->push_back(static_cast<char>(column.kind));
  codec::AppendSignedVarint(column.dropped_at_micros, out);
  codec::AppendLengthPrefixed(column.name, out);
  types::AppendType(column.type, out);
}

uint8_t FlagsOf(const Table& table) {
  return static_cast<uint8_t>((table.options.cdc ? kCdc : 0) | (table.options.allow_auto_snapshot ? kAutoSnapshot : 0) |
                              (table.options.incremental_backups ? kIncrementalBackups : 0) |
                              (table.is_memory_only ? kMemoryOnly : 0));
}

void AppendOptions(const TableOptions& options, std::string* out) {
  for (const int32_t number :
       {options.default_time_to_live_seconds, options.gc_grace_seconds, options.memtable_flush_period_ms,
        options.min_index_interval, options.max_index_interval}) {
    codec::AppendSignedVarint(number, out);
  }
  AppendDoubleBits(options.bloom_filter_fp_chance, out);
  AppendDoubleBits(options.crc_check_chance, out);
  for (const std::string* text : {&options.comment, &options.speculative_retry, &options.additional_write_policy,
                                  &options.read_repair, &options.memtable}) {
    codec::AppendLengthPrefixed(*text, out);
  }
  for (const StringMap* map : {&options.caching, &options.compaction, &options.compression, &options.extensions}) {
    AppendMap(*map, out);
  }
}

void AppendId(const TableId& id, std::string* out) {
  out->append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

void AppendIndexes(const std::vector<Index>& indexes, std::string* out) {
  codec::AppendVarint(indexes.size(), out);
  for (const Index& index : indexes) {
    codec::AppendLengthPrefixed(index.name, out);
    codec::AppendVarint(index.column.value(), out);
    out->push_back(static_cast<char>(index.target));
    AppendId(index.table, out);
    out->push_back(index.is_built ? 1 : 0);
  }
}

void AppendView(const View& view, std::string* out) {
  codec::AppendLengthPrefixed(view.where_clause, out);
  out->push_back(view.include_all_columns ? 1 : 0);
  out->push_back(view.is_built ? 1 : 0);
  codec::AppendVarint(view.key_column.value(), out);
  codec::AppendVarint(view.filters.size(), out);
  for (const ViewFilter& filter : view.filters) {
    codec::AppendVarint(filter.column.value(), out);
    out->push_back(static_cast<char>(filter.comparison));
    codec::AppendVarint(filter.values.size(), out);
    for (const std::string& value : filter.values) codec::AppendLengthPrefixed(value, out);
  }
}

void AppendDerived(const Table& table, std::string* out) {
  out->push_back(static_cast<char>(table.role));
  if (table.role != TableRole::kUser) AppendId(table.base, out);
  if (table.is_view()) AppendView(table.view, out);
  AppendIndexes(table.indexes, out);
  codec::AppendVarint(table.views.size(), out);
  for (const TableId& view : table.views) AppendId(view, out);
}

void AppendChecksum(std::string* out) { codec::AppendLittle(codec::Crc32c(*out), out); }

// Reads fields in order and remembers the first failure; later reads then give zeroes.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : reader_(bytes) {}

  uint64_t Varint(uint64_t maximum, const char* what) {
    uint64_t value = 0;
    if (!Check(reader_.ReadVarint(&value) && value <= maximum, what)) return 0;
    return value;
  }
  int64_t Signed(const char* what) {
    int64_t value = 0;
    return Check(reader_.ReadSignedVarint(&value), what) ? value : 0;
  }
  int32_t Int32(const char* what) {
    const int64_t value = Signed(what);
    return Check(value == static_cast<int32_t>(value), what) ? static_cast<int32_t>(value) : 0;
  }
  uint8_t Byte(uint8_t maximum, const char* what) {
    uint8_t value = 0;
    return Check(reader_.ReadLittle(&value) && value <= maximum, what) ? value : uint8_t{0};
  }
  double Double(const char* what) {
    uint64_t bits = 0;
    return Check(reader_.ReadLittle(&bits), what) ? std::bit_cast<double>(bits) : 0;
  }
  std::string String(const char* what) {
    std::string_view bytes;
    return Check(reader_.ReadLengthPrefixed(&bytes), what) ? std::string(bytes) : std::string();
  }
  std::string_view Bytes(size_t size_bytes, const char* what) {
    std::string_view bytes;
    return Check(reader_.ReadBytes(size_bytes, &bytes), what) ? bytes : std::string_view();
  }
  StringMap Map(const char* what) {
    StringMap map;
    for (uint64_t left = Varint(kMaxOptions, what); left > 0 && ok(); --left) {
      std::string key = String(what);
      std::string value = String(what);
      Check(map.emplace(std::move(key), std::move(value)).second, what);
    }
    return map;
  }
  types::DataType Type(const char* what) {
    std::string_view rest = reader_.rest();
    auto type = types::ParseType(&rest);
    if (!Check(type.ok(), what)) return types::DataType();
    reader_ = codec::ByteReader(rest);
    return std::move(type).value();
  }
  bool Bool(const char* what) { return Byte(1, what) != 0; }
  // An enumerator that is not zero.
  template <typename Enumeration>
  Enumeration Enumerator(Enumeration last, const char* what) {
    const uint8_t value = Byte(static_cast<uint8_t>(last), what);
    return Check(value != 0, what) ? static_cast<Enumeration>(value) : last;
  }
  ColumnId Column(const char* what) { return ColumnId(static_cast<uint32_t>(Varint(kMaxColumnId - 1, what))); }
  TableId Id(const char* what) {
    TableId id;
    const std::string_view read = Bytes(id.bytes.size(), what);
    std::copy(read.begin(), read.end(), id.bytes.begin());
    return id;
  }
  ColumnKind Kind(const char* what) {
    const uint8_t kind = Byte(static_cast<uint8_t>(ColumnKind::kRegular), what);
    return Check(kind != 0, what) ? static_cast<ColumnKind>(kind) : ColumnKind::kRegular;
  }

  bool Check(bool condition, const char* what) {
    if (!condition && wrong_ == nullptr) wrong_ = what;
    return condition;
  }
  bool ok() const { return wrong_ == nullptr; }
  // Success, when every field was right and nothing is left.
  base::Status Finish(const char* record) {
    Check(reader_.empty(), "bytes after the end");
    if (ok()) return {};
    return base::Corruption(std::string("malformed ") + record + " record: " + wrong_);
  }

 private:
  codec::ByteReader reader_;
  const char* wrong_ = nullptr;
};

// The record without its version and checksum, both checked: versions from 1 to `version`, which receives the one
// found.
base::Result<std::string_view> OpenRecord(std::string_view bytes, uint8_t* version, const char* record) {
  const std::string prefix = std::string("malformed ") + record + " record: ";
  if (bytes.size() < 1 + kChecksumBytes) return base::Corruption(prefix + "it ends early");
  const std::string_view body = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (codec::LoadLittle<uint32_t>(bytes.data() + body.size()) != codec::Crc32c(body)) {
    return base::Corruption(prefix + "its checksum does not match");
  }
  const uint8_t found = static_cast<uint8_t>(body[0]);
  if (found == 0 || found > *version) {
    return base::Corruption(std::string(record) + " record of version " + std::to_string(found) +
                            "; this program knows version " + std::to_string(*version));
  }
  *version = found;
  return body.substr(1);
}

void ReadOptions(FieldReader* reader, TableOptions* options) {
  options->default_time_to_live_seconds = reader->Int32("default_time_to_live");
  options->gc_grace_seconds = reader->Int32("gc_grace_seconds");
  options->memtable_flush_period_ms = reader->Int32("memtable_flush_period_in_ms");
  options->min_index_interval = reader->Int32("min_index_interval");
  options->max_index_interval = reader->Int32("max_index_interval");
  options->bloom_filter_fp_chance = reader->Double("bloom_filter_fp_chance");
  options->crc_check_chance = reader->Double("crc_check_chance");
  options->comment = reader->String("comment");
  options->speculative_retry = reader->String("speculative_retry");
  options->additional_write_policy = reader->String("additional_write_policy");
  options->read_repair = reader->String("read_repair");
  options->memtable = reader->String("memtable");
  options->caching = reader->Map("caching");
  options->compaction = reader->Map("compaction");
  options->compression = reader->Map("compression");
  options->extensions = reader->Map("extensions");
}

Column ReadColumn(FieldReader* reader, uint32_t position) {
  Column column;
  column.id = ColumnId(static_cast<uint32_t>(reader->Varint(kMaxColumnId - 1, "column id")));
  column.kind = reader->Kind("column kind");
  column.descending = reader->Byte(1, "clustering order") != 0;
  column.name = reader->String("column name");
  column.type = reader->Type("column type");
  column.position = position;  // Columns stand in order; Finish numbers them anew within their kind.
  return column;
}

void ReadColumns(FieldReader* reader, Table* table) {
  std::set<std::string> names;
  std::set<uint32_t> ids;
  const uint64_t count = reader->Varint(kMaxColumns, "column count");
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    Column column = ReadColumn(reader, i);
    reader->Check(names.insert(column.name).second, "two columns of one name");
    reader->Check(ids.insert(column.id.value()).second, "two columns of one id");
    reader->Check(column.id.value() < table->next_column_id, "column id past the next one");
    table->columns.push_back(std::move(column));
  }
}

void ReadDropped(FieldReader* reader, Table* table) {
  const uint64_t count = reader->Varint(kMaxColumns, "dropped column count");
  for (uint64_t i = 0; i < count && reader->ok(); ++i) {
    DroppedColumn column;
    column.kind = reader->Kind("dropped column kind");
    column.dropped_at_micros = reader->Signed("drop time");
    column.name = reader->String("dropped column name");
    column.type = reader->Type("dropped column type");
    table->dropped.push_back(std::move(column));
  }
}

void ReadUserTypes(FieldReader* reader, Keyspace* keyspace) {
  const uint64_t count = reader->Varint(kMaxUserTypes, "user type count");
  for (uint64_t i = 0; i < count && reader->ok(); ++i) {
    types::DataType type = reader->Type("user type");
    reader->Check(type.kind() == types::TypeKind::kUdt, "user type");
    reader->Check(type.udt_keyspace() == keyspace->name, "user type of another keyspace");
    std::string name(type.udt_name());
    reader->Check(keyspace->types.emplace(std::move(name), std::move(type)).second, "two user types of one name");
  }
}

void ReadIndexes(FieldReader* reader, Table* table) {
  const uint64_t count = reader->Varint(kMaxDerived, "index count");
  for (uint64_t i = 0; i < count && reader->ok(); ++i) {
    Index index;
    index.name = reader->String("index name");
    index.column = reader->Column("indexed column");
    index.target = reader->Enumerator(IndexTarget::kFull, "index target");
    index.table = reader->Id("index table");
    index.is_built = reader->Bool("index is built");
    table->indexes.push_back(std::move(index));
  }
}

void ReadView(FieldReader* reader, View* view) {
  view->where_clause = reader->String("where clause");
  view->include_all_columns = reader->Bool("include all columns");
  view->is_built = reader->Bool("view is built");
  view->key_column = reader->Column("key column of the view");
  const uint64_t count = reader->Varint(kMaxColumns, "view filter count");
  for (uint64_t i = 0; i < count && reader->ok(); ++i) {
    ViewFilter filter;
    filter.column = reader->Column("filtered column");
    filter.comparison = reader->Enumerator(ViewFilter::Comparison::kInTuples, "filter comparison");
    const uint64_t values = reader->Varint(kMaxFilterValues, "filter value count");
    for (uint64_t v = 0; v < values && reader->ok(); ++v) filter.values.push_back(reader->String("filter value"));
    view->filters.push_back(std::move(filter));
  }
}

void ReadDerived(FieldReader* reader, Table* table) {
  table->role = reader->Enumerator(TableRole::kView, "table role");
  if (table->role != TableRole::kUser) table->base = reader->Id("base table");
  if (table->is_view()) ReadView(reader, &table->view);
  ReadIndexes(reader, table);
  const uint64_t count = reader->Varint(kMaxDerived, "view count");
  for (uint64_t i = 0; i < count && reader->ok(); ++i) table->views.push_back(reader->Id("view"));
}

}  // namespace

std::string SerializeTable(const Table& table) {
  std::string out(1, static_cast<char>(kTableVersion));
  AppendId(table.id, &out);
  codec::AppendLengthPrefixed(table.keyspace, &out);
  codec::AppendLengthPrefixed(table.name, &out);
  out.push_back(static_cast<char>(FlagsOf(table)));
  codec::AppendVarint(table.next_column_id, &out);
  codec::AppendVarint(table.columns.size(), &out);
  for (const Column& column : table.columns) AppendColumn(column, &out);
  codec::AppendVarint(table.dropped.size(), &out);
  for (const DroppedColumn& column : table.dropped) AppendDropped(column, &out);
  AppendOptions(table.options, &out);
  AppendDerived(table, &out);
  AppendChecksum(&out);
  return out;
}

base::Result<Table> ParseTable(std::string_view bytes) {
  uint8_t version = kTableVersion;
  CASSETTE_ASSIGN_OR_RETURN(const std::string_view body, OpenRecord(bytes, &version, "table"));
  FieldReader reader(body);
  Table table;
  table.id = reader.Id("table id");
  table.keyspace = reader.String("keyspace name");
  table.name = reader.String("table name");
  const uint8_t flags = reader.Byte(kAllFlags, "flags");
  table.options.cdc = (flags & kCdc) != 0;
  table.options.allow_auto_snapshot = (flags & kAutoSnapshot) != 0;
  table.options.incremental_backups = (flags & kIncrementalBackups) != 0;
  table.is_memory_only = (flags & kMemoryOnly) != 0;
  table.next_column_id = static_cast<uint32_t>(reader.Varint(kMaxColumnId, "next column id"));
  ReadColumns(&reader, &table);
  ReadDropped(&reader, &table);
  ReadOptions(&reader, &table.options);
  if (version >= 2) ReadDerived(&reader, &table);
  CASSETTE_RETURN_IF_ERROR(reader.Finish("table"));
  table.Finish();
  return table;
}

std::string SerializeKeyspace(const Keyspace& keyspace) {
  std::string out(1, static_cast<char>(kKeyspaceVersion));
  codec::AppendLengthPrefixed(keyspace.name, &out);
  out.push_back(keyspace.durable_writes ? 1 : 0);
  AppendMap(keyspace.replication, &out);
  codec::AppendVarint(keyspace.types.size(), &out);
  for (const auto& [name, type] : keyspace.types) types::AppendType(type, &out);
  AppendChecksum(&out);
  return out;
}

base::Result<Keyspace> ParseKeyspace(std::string_view bytes) {
  uint8_t version = kKeyspaceVersion;
  CASSETTE_ASSIGN_OR_RETURN(const std::string_view body, OpenRecord(bytes, &version, "keyspace"));
  FieldReader reader(body);
  Keyspace keyspace;
  keyspace.name = reader.String("keyspace name");
  keyspace.durable_writes = reader.Byte(1, "durable_writes") != 0;
  keyspace.replication = reader.Map("replication");
  if (version >= 2) ReadUserTypes(&reader, &keyspace);
  CASSETTE_RETURN_IF_ERROR(reader.Finish("keyspace"));
  return keyspace;
}

}  // namespace cassette::schema
