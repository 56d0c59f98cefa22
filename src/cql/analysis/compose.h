// A collection, tuple, user type or vector out of the values of its elements.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "cql/analysis/term.h"
#include "types/value.h"

namespace cassette::cql::analysis {

// Appends to `out` the value of the kComposite `term` whose arguments have these `values`, which are put into the order
// that a set or a map has. kInvalidArgument for unset, for a null where none may stand, and for an empty element of a
// vector of numbers.
base::Status Compose(const Term& term, std::vector<types::ValueView>* values, std::string* out);

}  // namespace cassette::cql::analysis
