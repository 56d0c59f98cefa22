// Term: an expression whose names and types are known. What a plan holds wherever the statement's text had a value, a
// marker, a function call or a selector.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cql/functions/function.h"
#include "types/data_type.h"
#include "types/json.h"

namespace cassette::cql::analysis {

// The columns that INSERT JSON of a marker fills.
struct JsonRow {
  std::vector<types::JsonReceiver> receivers;
  bool default_unset = false;  // What the text does not name is unset, not null.
};

// Thread safety: immutable once planned; share freely.
struct Term {
  enum class Kind : uint8_t {
    kConstant,     // `bytes`, or null when `is_null`
    kMarker,       // the bound value `index`
    kCall,         // `function` of `arguments`
    kToken,        // the token of the partition key whose columns are `arguments`
    kComposite,    // a list, set, map (key, value, key, value...), tuple, user type or vector of `arguments`, as `type`
                   // says; fields at the end of a tuple may be missing
    kColumn,       // column `index` of the rows read
    kWriteTime,    // its write time
    kTimeToLive,   // and its remaining TTL
    kAggregate,    // the result of aggregate `index`
    kField,        // field `index` of the user type argument 0
    kElement,      // the value of key argument 1 in the map argument 0; of a set the element itself, when it is there
    kSlice,        // what the map or set argument 0 holds from argument 1 to argument 2, both included
    kTimesOfPart,  // of argument 0, the list of write times or TTLs of a column of cells or of a slice of one, what
                   // belongs to argument 1, a part (kField, kElement, kSlice) of that column or slice
    kIfPresent,    // argument 0 when argument 1 is not null: the write time of a frozen value, asked of a part of it
    kJsonField,    // what the JSON text that is the only argument says of receiver `index` of `json`
  };

  Kind kind = Kind::kConstant;
  types::DataType type;
  bool is_null = false;
  std::string bytes;
  uint32_t index = 0;
  // Of kComposite in a selection: nulls of columns may stand in it. Of kSlice: an argument that is absent is a constant
  // null with this set.
  bool allows_null = false;
  std::string name;  // Of kElement and kSlice: what argument 0 is called, for messages.
  std::shared_ptr<const functions::ScalarFunction> function;
  std::shared_ptr<const JsonRow> json;
  std::vector<Term> arguments;

  static Term Constant(types::DataType type, std::string bytes) {
    Term term;
    term.type = std::move(type);
    term.bytes = std::move(bytes);
    return term;
  }
  static Term Null(types::DataType type) {
    Term term;
    term.type = std::move(type);
    term.is_null = true;
    return term;
  }
  static Term Of(Kind kind, types::DataType type, uint32_t index) {
    Term term;
    term.kind = kind;
    term.type = std::move(type);
    term.index = index;
    return term;
  }

  bool is_constant() const { return kind == Kind::kConstant; }
  bool is_marker() const { return kind == Kind::kMarker; }
};

// Column of a result, or a bind marker: what drivers are told of it.
struct ColumnSpec {
  std::string keyspace;
  std::string table;
  std::string name;
  types::DataType type;
};

// What a value is for: its name in messages and for drivers, and its type.
struct Receiver {
  std::string name;
  types::DataType type;
};

}  // namespace cassette::cql::analysis
