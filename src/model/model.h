// Model: one file that says where rows come from and what is asked of them. The tables follow (derive.h).
// docs/models.md describes the language; models/ holds the two that ship.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "types/data_type.h"

namespace cassette::model {

// Where something stands in the model file; 1-based.
struct Place {
  int line = 0;
  int column = 0;
};

// A column of the rows that a source gives.
struct SourceColumn {
  std::string header;  // As the file names it.
  std::string name;    // As the tables name it.
  types::DataType type;
  bool required = false;          // An empty field is a reject.
  std::optional<double> minimum;  // Numbers outside are rejects.
  std::optional<double> maximum;
  Place place;
};

// `keep`: one comparison with a constant. Rows for which any is false are left out (not rejected).
struct Condition {
  enum class Operator : uint8_t { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
  std::string column;
  Operator op = Operator::kEqual;
  std::string value;  // As text; compared by the column's type. An empty field equals ''.
};

// Wide files: every column that no `columns` or `set` names becomes a row of its own.
struct Unpivot {
  std::string names;                // Column that receives the header ("metric_name").
  std::string values;               // Column that receives the value.
  std::vector<std::string> except;  // Headers that are no measurement.
};

// A value put together for each row: "{file}" is the file's name without extensions, "{Header}" another field,
// "{A|B}" the first of them that the file has and that is not empty; the rest stands as it is.
struct SetColumn {
  std::string name;
  std::string pattern;
  Place place;
};

// One shape of input. Either files with columns, or a generator with settings.
struct Format {
  std::string name;                             // "source" for the model's own.
  std::string files;                            // Glob, relative to --source or the model; `**` crosses folders.
  std::string generate;                         // "network_metrics"; empty for files.
  std::map<std::string, std::string> settings;  // Of the generator.
  std::vector<SourceColumn> columns;
  std::vector<SetColumn> set;
  std::optional<Unpivot> unpivot;
  std::vector<Condition> keep;
  Place place;
};

enum class Comparison : uint8_t { kEquals, kRange };
enum class Bucket : uint8_t { kNone, kDay, kWeek, kMonth };

// One question.
struct Query {
  struct By {
    std::string column;
    Comparison comparison = Comparison::kEquals;
  };
  struct Order {
    std::string column;
    bool descending = false;
  };
  std::string name;
  std::string question;  // In words; may be empty.
  std::vector<std::string> find;
  std::vector<By> by;
  std::vector<Order> order;
  std::string each;  // One row for each of these; may be empty.
  Bucket bucket = Bucket::kNone;
  Place place;
};

struct Model {
  std::string path;
  std::string keyspace;
  std::map<std::string, std::string> replication;
  Format source;
  std::vector<Format> formats;                     // Other shapes that --source may have.
  std::vector<std::string> ignore;                 // Patterns of files that lie beside the data and hold none.
  std::map<std::string, types::DataType> columns;  // Every column a query may name.
  std::vector<Query> queries;

  // Null when there is none.
  const Query* FindQuery(std::string_view name) const;
};

// kSyntaxError or kInvalidArgument with path:line:column, the key and the allowed ones.
base::Result<Model> ParseModel(std::string_view yaml, const std::string& path);

}  // namespace cassette::model
