// System tables as data: a row a table, a row a column.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace cassette::catalog {

struct ColumnRow {
  std::string_view name;
  std::string_view type;  // A scalar's name, or one of the words of TypeOf (system_tables.cc).
};

struct TableRow {
  std::string_view keyspace;
  std::string_view name;
  std::string_view comment;
  size_t partition_key_columns;
  size_t clustering_columns;
  std::vector<ColumnRow> columns;  // Key first.
};

// What a server says of itself: traces, settings, clients, sizes.
std::vector<TableRow> ServerTables();

}  // namespace cassette::catalog
