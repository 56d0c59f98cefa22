// WHERE with its values: which partitions, which slices of each.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/exec/evaluate.h"
#include "rows/keys.h"
#include "schema/schema.h"

namespace cassette::cql::exec {

// Replaces `keys` by the serialized partition keys of `where`, ordered by the types of their columns, each once.
// kInvalidArgument for nulls, keys too long, and more than kMaxInProduct keys. REQUIRES: !where.is_scan().
// With `no_rows`, where no row is asked for, values are checked and no keys made: an empty one is no mistake then.
base::Status BindPartitionKeys(const schema::Table& table, const analysis::Where& where, Evaluator& evaluator,
                               bool no_rows, std::vector<std::string>* keys);

// What the clustering restrictions come to.
struct BoundClustering {
  // Order-preserving bytes of the columns restricted by = and IN, ascending, each once. One empty string when none is.
  std::vector<std::string> prefixes;
  size_t prefix_columns = 0;
  // The same with the slice that follows them, if any: ascending and apart.
  std::vector<rows::ClusteringSlice> slices;
};
base::Result<BoundClustering> BindClustering(const schema::Table& table, const analysis::Where& where,
                                             Evaluator& evaluator);

// Where a statement with conditions writes: one partition, and one row of it.
struct BoundPlace {
  std::string key;
  rows::Token token = rows::kMinToken;  // The key's.
  std::string clustering;          // Of the row; of the static row and of whole partitions empty; unless `is_range`.
  bool is_range = false;           // More than one row: a deletion of a slice.
  bool has_key_in = false;         // An IN of more than one partition, or one whose values are bound.
  bool has_clustering_in = false;  // The same of rows.
};
// Fills `place`, which is as new; with an IN it says no more than that.
base::Status BindPlace(const schema::Table& table, const analysis::Where& where, Evaluator& evaluator,
                       BoundPlace* place);

// Tokens from start to end, both included; empty when `is_empty`.
struct BoundTokens {
  bool is_empty = false;
  bool has_start = false;
  rows::Token start = rows::kMinToken;
  bool has_end = false;
  rows::Token end = 0;
  bool Contains(rows::Token token) const {
    return !is_empty && (!has_start || token >= start) && (!has_end || token <= end);
  }
};
base::Result<BoundTokens> BindTokens(const analysis::Where& where, Evaluator& evaluator);

// A value that must be there: kInvalidArgument, naming the column, for null and unset.
base::Result<std::string_view> RequireValue(const types::ValueView& value, const std::string& column);

}  // namespace cassette::cql::exec
