// CREATE, ALTER and DROP MATERIALIZED VIEW on a schema (CreateViewStatement and its kin), and what a change of a table
// means for its views.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "catalog/table_options.h"
#include "schema/schema.h"

namespace cassette::catalog {

struct CreateView {
  struct Filter {
    std::string column;
    schema::ViewFilter::Comparison comparison = schema::ViewFilter::Comparison::kEqual;
    std::vector<std::string> values;  // Serialized.
  };
  std::string keyspace;
  std::string view;
  bool if_not_exists = false;
  std::string table;
  std::vector<std::string> columns;  // None: all.
  std::vector<std::string> not_null;
  std::vector<Filter> filters;
  std::string where_clause;
  std::vector<std::string> partition_key;
  std::vector<std::string> clustering;
  std::vector<std::pair<std::string, bool>> clustering_order;  // Column, and whether descending.
  std::vector<Property> properties;
};

struct AlterView {
  std::string keyspace;
  std::string view;
  bool if_exists = false;
  std::vector<Property> properties;
};

struct DropView {
  std::string keyspace;
  std::string view;
  bool if_exists = false;
};

// The schema after a change, and whether there is one.
struct ViewChangeResult {
  schema::Schema schema;
  bool changed = false;
};

// kInvalidArgument, kAlreadyExists, kConfigError, kSyntaxError as Cassandra. `new_table_id` is for a view that names
// none itself.
base::Result<ViewChangeResult> ApplyCreateView(const schema::Schema& current, const CreateView& change,
                                               const schema::TableId& new_table_id);
base::Result<ViewChangeResult> ApplyAlterView(const schema::Schema& current, const AlterView& change);
base::Result<ViewChangeResult> ApplyDropView(const schema::Schema& current, const DropView& change);

// `schema` where `after` replaces the table `before`: columns that are new or renamed are so in its views.
// kInvalidArgument for what views forbid.
base::Result<schema::Schema> WithTableAndViews(const schema::Schema& current, const schema::Table& before,
                                               schema::Table after);

// "a, b": the views of a table; empty when there is none.
std::string ViewsOf(const schema::Schema& schema, const schema::Table& table);

}  // namespace cassette::catalog
