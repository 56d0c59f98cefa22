// What MAXWRITETIME makes of the write times of a column with a cell for each element.
#pragma once

#include <memory>

#include "cql/functions/function.h"

namespace cassette::cql::functions {

// list<bigint> -> bigint: the largest element, null of none. Not to be had by a name.
std::shared_ptr<const ScalarFunction> MaxOfWriteTimes();

}  // namespace cassette::cql::functions
