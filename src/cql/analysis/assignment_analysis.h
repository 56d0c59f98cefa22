// What SET and DELETE do to one column: which operations its type has (org.apache.cassandra.cql3.Operation).
#pragma once

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/analysis/term_binder.h"
#include "cql/parser/ast.h"
#include "schema/schema.h"

namespace cassette::cql::analysis {

// One assignment of UPDATE; `is_conditional`: with IF it may add to what it finds. kInvalidArgument in Cassandra's
// words when the column's type has no such operation.
base::Result<Assignment> BindAssignment(const parser::Assignment& assignment, const schema::Column& column,
                                        bool is_conditional, TermBinder& binder);
// One target of DELETE.
base::Result<Assignment> BindDeletion(const parser::Deletion& target, const schema::Column& column, TermBinder& binder);
// INSERT of a value into a column; of a whole collection or user type when it is complex.
base::Result<Assignment> BindInsertion(const parser::Expression& value, const schema::Column& column,
                                       TermBinder& binder);

// The same of a value that is bound.
Assignment SetWhole(const schema::Column& column, Term value);

// Whether one UPDATE may have both for one column.
bool AreCompatible(const parser::Assignment& a, const parser::Assignment& b);

}  // namespace cassette::cql::analysis
