// Any text: what parses is analysed against a schema that has a column of every type, which answers.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "cql/analysis/analyzer.h"
#include "cql/parser/parser.h"
#include "schema/schema.h"
#include "types/data_type.h"

namespace {

using cassette::schema::ColumnKind;
using cassette::schema::Table;
using cassette::types::DataType;
using cassette::types::TypeKind;

constexpr TypeKind kScalars[] = {TypeKind::kAscii,   TypeKind::kBigint,  TypeKind::kBlob,      TypeKind::kBoolean,
                                 TypeKind::kDate,    TypeKind::kDecimal, TypeKind::kDouble,    TypeKind::kDuration,
                                 TypeKind::kFloat,   TypeKind::kInet,    TypeKind::kInt,       TypeKind::kSmallint,
                                 TypeKind::kText,    TypeKind::kTime,    TypeKind::kTimestamp, TypeKind::kTimeuuid,
                                 TypeKind::kTinyint, TypeKind::kUuid,    TypeKind::kVarint};

void Add(Table* table, std::string name, DataType type, ColumnKind kind, uint32_t position = 0) {
  cassette::schema::Column column;
  column.id = cassette::schema::ColumnId(table->next_column_id++);
  column.name = std::move(name);
  column.type = std::move(type);
  column.kind = kind;
  column.position = position;
  column.descending = kind == ColumnKind::kClustering && position == 1;
  table->columns.push_back(std::move(column));
}

Table Keyed(const char* name) {
  Table table;
  table.keyspace = "ks";
  table.name = name;
  Add(&table, "k", DataType(TypeKind::kInt), ColumnKind::kPartitionKey);
  Add(&table, "p", DataType(TypeKind::kText), ColumnKind::kPartitionKey, 1);
  Add(&table, "c", DataType(TypeKind::kInt), ColumnKind::kClustering);
  Add(&table, "d", DataType(TypeKind::kTimestamp), ColumnKind::kClustering, 1);
  return table;
}

// t: the scalars a5, a6...; l, s and m with cells of their own and, as fl, fs and fm, frozen; u, v and w of composites.
Table OfAllTypes(const DataType& user_type) {
  Table table = Keyed("t");
  Add(&table, "st", DataType(TypeKind::kInt), ColumnKind::kStatic);
  for (const TypeKind kind : kScalars) {
    Add(&table, "a" + std::to_string(table.columns.size()), DataType(kind), ColumnKind::kRegular);
  }
  const DataType text(TypeKind::kText);
  const DataType number(TypeKind::kInt);
  for (const bool frozen : {false, true}) {
    const std::string prefix = frozen ? "f" : "";
    Add(&table, prefix + "l", DataType::List(number, frozen), ColumnKind::kRegular);
    Add(&table, prefix + "s", DataType::Set(text, frozen), ColumnKind::kRegular);
    Add(&table, prefix + "m", DataType::Map(text, DataType::List(number, true), frozen), ColumnKind::kRegular);
  }
  Add(&table, "u", user_type, ColumnKind::kRegular);
  Add(&table, "v", DataType::Vector(DataType(TypeKind::kFloat), 3), ColumnKind::kRegular);
  Add(&table, "w", DataType::Tuple({text, number}), ColumnKind::kRegular);
  table.Finish();
  return table;
}

Table OfCounters() {
  Table table = Keyed("n");
  Add(&table, "a", DataType(TypeKind::kCounter), ColumnKind::kRegular);
  table.Finish();
  return table;
}

cassette::schema::Schema MakeSchema() {
  const DataType user_type = DataType::Udt(
      "ks", "y", {"a", "b"}, {DataType(TypeKind::kInt), DataType::Set(DataType(TypeKind::kText), true)}, false);
  cassette::schema::Keyspace keyspace;
  keyspace.name = "ks";
  keyspace.types.emplace("y", user_type);
  const cassette::schema::Schema schema;
  return schema.WithKeyspace(keyspace).WithTable(OfAllTypes(user_type)).WithTable(OfCounters());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace cql = cassette::cql;
  static const cassette::schema::Schema schema = MakeSchema();
  static const cql::functions::FunctionRegistry functions;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto statement = cql::parser::ParseStatement(text);
  if (statement.ok()) (void)cql::analysis::Analyze(*statement, {schema, functions, "ks", text});
  return 0;
}
