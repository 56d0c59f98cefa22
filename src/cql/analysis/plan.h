// Plan: a statement checked against the schema, ready to run again and again with bound values.
//
// A plan names no text any more: columns are ids and indexes, values are Terms. Building one costs microseconds,
// running it should not notice that it came from text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "catalog/describe.h"
#include "catalog/role_statement.h"
#include "catalog/schema_change.h"
#include "cql/analysis/condition.h"
#include "cql/analysis/term.h"
#include "cql/functions/function.h"
#include "rows/row_batch.h"
#include "schema/schema.h"

namespace cassette::cql::analysis {

enum class Comparison : uint8_t {
  kEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIn,
  kContains,     // A collection's element or a map's value equals the value.
  kContainsKey,  // A map has the value for a key.
  kEntry,        // A map has the first value for a key, and the second one there.
};

// "=", "<" and so on, "IN", "CONTAINS"; kEntry is "[] =".
const char* ToString(Comparison comparison);

// column = value, or column IN (values); with `in_marker` the only value is a list.
struct KeyRestriction {
  std::string column;  // For messages.
  bool is_in = false;
  bool in_marker = false;
  std::vector<Term> values;
};

// One end of a range, of one column or (with a tuple for its term) of the first `columns` of several.
struct RangeEnd {
  Term term;
  size_t columns = 1;
  bool inclusive = false;
};

// A restriction of `columns` clustering columns from `first` on.
struct ClusteringRestriction {
  enum class Kind : uint8_t { kEqual, kIn, kSlice };
  Kind kind = Kind::kEqual;
  size_t first = 0;
  size_t columns = 1;
  bool is_tuple = false;   // Values are tuples: a relation of several columns.
  bool in_marker = false;  // kIn: the only value is a list.
  std::vector<Term> values;
  std::optional<RangeEnd> start;  // kSlice
  std::optional<RangeEnd> end;
};

// What is checked row by row after the read. A null never matches.
struct Filter {
  uint32_t column = 0;  // Index into SelectPlan::columns.
  std::string name;
  Comparison comparison = Comparison::kEqual;
  bool in_marker = false;
  std::vector<Term> values;
};

// An index that answers column = value; of a collection, that it holds the value, has the value for a key, or has the
// value at `key`.
struct IndexUse {
  std::string index;
  schema::ColumnId column;
  std::optional<Term> key;
  Term value;
};

// WHERE of a statement. Reads, in this order: the partitions of `partition_key` (one entry a column) when not empty,
// else the tokens between the ends; in each the rows that `clustering` says; of these the ones that pass all filters.
struct Where {
  std::vector<KeyRestriction> partition_key;
  std::optional<RangeEnd> token_start;
  std::optional<RangeEnd> token_end;
  std::vector<ClusteringRestriction> clustering;  // Consecutive from the first clustering column on.
  std::vector<Filter> filters;
  // Not empty: one of these names the rows to read, of all that the rest says.
  std::vector<IndexUse> indexes;

  bool is_scan() const { return partition_key.empty(); }
  bool has_key_in() const;
  bool has_clustering_slice() const;
  // Clustering columns that `clustering` restricts.
  size_t clustering_columns() const;
};

// One aggregate of a selection. A plain column as only argument is aggregated vector-wise.
struct Aggregate {
  std::shared_ptr<const functions::Function> function;  // as_aggregate() is not null.
  std::vector<Term> arguments;
};

// How rows are put together to groups: those of one partition (when the partition key is grouped by), and of equal
// first `clustering_columns` clustering columns, the last of them through `last` when that is set.
struct Grouping {
  bool by_partition = false;
  size_t clustering_columns = 0;
  std::optional<Term> last;
};

struct SelectPlan {
  schema::TablePtr table;
  Where where;
  std::vector<rows::RequestedColumn> columns;  // Clustering columns are always among them, but for DISTINCT.
  std::vector<uint32_t> clustering_indexes;    // Where they are in `columns`, in key order. Empty for DISTINCT.
  std::vector<Term> selection;                 // One a result column.
  bool is_plain = false;                       // Every selection is kColumn, kWriteTime or kTimeToLive.
  std::vector<Aggregate> aggregates;
  bool is_aggregate = false;  // Rows of groups are answered: aggregates, GROUP BY or both.
  Grouping grouping;
  bool distinct = false;
  bool reversed = false;
  bool allow_filtering = false;
  bool static_rows = false;  // Partitions of statics alone are answered.
  // ORDER BY with several partitions: sorted after the read by these, indexes into `columns`.
  struct Order {
    uint32_t column = 0;
    bool descending = false;
  };
  std::vector<Order> order;
  std::optional<Term> limit;
  std::optional<Term> per_partition_limit;
};

// What a statement does to one column. Of a column without complex cells (rows/complex_cells.h) this is kSet, or
// kDelete, whose value is a null constant; of a counter kAdd and kDiscard, or kDelete.
struct Assignment {
  enum class Operation : uint8_t {
    kSet,            // column = value
    kDelete,         // DELETE column
    kAdd,            // column = column + value; of a column that is no counter and has one cell `value` is the sum,
                     // in which kColumn is what the column holds
    kPrepend,        // column = value + column
    kDiscard,        // column = column - value; of a map the value is a set of keys
    kSetElement,     // column[key] = value; of a user type the key is the path of a field
    kDeleteElement,  // DELETE column[key]
  };
  schema::ColumnId column;
  Term value;
  Operation operation = Operation::kSet;
  bool is_complex = false;  // The column has complex cells.
  std::optional<Term> key;
};

struct ModificationPlan {
  enum class Kind : uint8_t { kInsert, kUpdate, kDelete };
  Kind kind = Kind::kInsert;
  schema::TablePtr table;
  Where where;  // Without tokens and filters.
  std::vector<Assignment> regular;
  std::vector<Assignment> statics;
  bool touches_rows = false;   // Clustering rows too, not the static row alone.
  bool deletes_whole = false;  // DELETE without columns: rows, ranges, partitions.
  // One partition, and one row or the static row alone: the path that must be fast.
  bool is_single_row = false;
  bool is_counter = false;  // Of a table of counters.
  std::optional<Term> timestamp;
  std::optional<Term> time_to_live;
  std::shared_ptr<const Conditions> conditions;  // IF; null when there is none.
};

enum class BatchKind : uint8_t { kLogged, kUnlogged, kCounter };

struct BatchPlan {
  BatchKind kind = BatchKind::kLogged;
  std::vector<ModificationPlan> statements;
  std::optional<Term> timestamp;
  bool is_conditional = false;  // A statement has conditions: all apply, or none.
};

// Whether `part` may stand in a batch of this kind that begins with `first`: counters keep to themselves.
base::Status CheckBatchPart(BatchKind kind, const ModificationPlan& first, const ModificationPlan& part);

struct TruncatePlan {
  schema::TablePtr table;
};

struct UsePlan {
  std::string keyspace;
};

struct SchemaPlan {
  catalog::SchemaChange change;
};

// A statement on roles or permissions.
struct RolePlan {
  catalog::RoleStatement statement;
};

struct DescribePlan {
  catalog::DescribeRequest request;
};

struct ExplainPlan {
  SelectPlan select;
};

// Thread safety: immutable once built; share freely. Lifetime: holds the tables it was planned for.
struct Plan {
  std::variant<SelectPlan, ModificationPlan, BatchPlan, TruncatePlan, UsePlan, SchemaPlan, RolePlan, ExplainPlan,
               DescribePlan>
      node;
  std::vector<ColumnSpec> markers;  // In the order of the text.
  std::vector<ColumnSpec> result;   // Of SELECT, EXPLAIN and DESCRIBE; that of conditions depends on what is found.
  std::vector<std::string> warnings;

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&node);
  }
};

}  // namespace cassette::cql::analysis
