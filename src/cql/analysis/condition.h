// Conditions of IF, as plans: what has to be true of a row, or of the static row, for the write to happen.
#pragma once

#include <cstdint>
#include <vector>

#include "cql/analysis/term.h"
#include "schema/schema.h"
#include "types/data_type.h"

namespace cassette::cql::analysis {

enum class ConditionOperator : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIn,
  kContains,
  kContainsKey,
};

// "=", "!=" and so on, for messages.
const char* ToString(ConditionOperator op);

// column = value, column[element] IN (values), column.field > value and their kin.
struct Condition {
  enum class Part : uint8_t { kWhole, kElement, kField };

  schema::ColumnId column;
  types::DataType column_type;
  Part part = Part::kWhole;
  Term element;        // kElement: the index of a list, the key of a map.
  uint32_t field = 0;  // kField
  ConditionOperator op = ConditionOperator::kEqual;
  types::DataType value_type;  // Of the part; of an element for CONTAINS.
  bool in_marker = false;      // kIn: the only value is a list.
  std::vector<Term> values;
};

// Thread safety: immutable once planned; share freely.
struct Conditions {
  enum class Kind : uint8_t { kExists, kNotExists, kColumns };

  Kind kind = Kind::kColumns;
  std::vector<Condition> rows;     // On regular columns, in the order of the text.
  std::vector<Condition> statics;  // On static columns.

  bool on_statics_alone() const { return rows.empty() && !statics.empty(); }
};

}  // namespace cassette::cql::analysis
