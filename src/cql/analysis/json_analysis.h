// INSERT JSON and SELECT JSON.
#pragma once

#include <vector>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/analysis/term_binder.h"
#include "cql/parser/ast_data.h"
#include "schema/schema.h"

namespace cassette::cql::analysis {

// A column and what it is set to. Lifetime: the table's.
struct ColumnValue {
  const schema::Column* column = nullptr;
  Term value;
};

// What INSERT JSON says of each column of `table`; of those it does not name nothing, with DEFAULT UNSET, or null.
// kInvalidArgument for JSON that is not of the table. REQUIRES: statement.json.
base::Result<std::vector<ColumnValue>> BindInsertJson(const parser::InsertStatement& statement,
                                                      const schema::Table& table, TermBinder& binder);

// Makes the selection, which is complete, one column of JSON text.
void SelectAsJson(SelectPlan* select, std::vector<ColumnSpec>* result);

}  // namespace cassette::cql::analysis
