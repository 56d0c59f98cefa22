// Tables that follow another: what a table remembers of its secondary indexes and materialised views, and a view of
// the table that it is of.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "schema/ids.h"

namespace cassette::schema {

// Whom a table is for. On disk: DO NOT CHANGE; zero is reserved.
enum class TableRole : uint8_t {
  kUser = 1,
  kIndex = 2,  // Holds the entries of an index of its base table; no statement names it.
  kView = 3,   // A materialised view of its base table; read by statements, written by the base table's writes.
};

// What of a column an index holds. On disk: DO NOT CHANGE; zero is reserved.
enum class IndexTarget : uint8_t { kColumn = 1, kKeys = 2, kValues = 3, kEntries = 4, kFull = 5 };

struct Index {
  std::string name;
  ColumnId column;
  IndexTarget target = IndexTarget::kColumn;
  TableId table;          // That holds the entries.
  bool is_built = false;  // All rows that were there before the index have their entries.
  bool operator==(const Index&) const = default;
};

// A restriction of a view's WHERE that is more than IS NOT NULL: the column's value is held against `values`.
struct ViewFilter {
  // On disk: DO NOT CHANGE; zero is reserved.
  enum class Comparison : uint8_t {
    kEqual = 1,
    kLess = 2,
    kLessOrEqual = 3,
    kGreater = 4,
    kGreaterOrEqual = 5,
    kIn = 6,
    kInTuples = 7,  // Each value is a tuple, of this column and the clustering columns that follow.
  };
  ColumnId column;  // Of the base table.
  Comparison comparison = Comparison::kEqual;
  // Serialized. One, or one more for each clustering column that follows (a tuple); of kIn and kInTuples any number.
  std::vector<std::string> values;
  bool operator==(const ViewFilter&) const = default;
};

// The columns of a view have the ids that they have in the base table.
struct View {
  std::string where_clause;  // As system_schema.views shows it.
  bool include_all_columns = false;
  bool is_built = false;
  // The one column of the view's key that is none of the base table's key; 0: there is none. With it a view's row lives
  // by its marker alone.
  ColumnId key_column;
  std::vector<ViewFilter> filters;  // All of which a row must pass.
  bool operator==(const View&) const = default;
};

}  // namespace cassette::schema
