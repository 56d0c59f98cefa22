// Statements that were not prepared, planned once for all that differ in their constants alone.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "session/local_session_impl.h"
#include "session/local_statement.h"

namespace cassette::session {

// Plans of texts without their constants that a database keeps; the least recently used goes.
inline constexpr size_t kLiftedPlansMax = 1000;

// `cql` with the plan of its text without its constants (cql/parser/lift.h). Null when it must be planned by itself:
// nothing can be lifted, its constants do not fit, or it is wrong and a plan of its own says where.
std::shared_ptr<const LocalStatement> PrepareLifted(std::string_view cql, const std::string& keyspace,
                                                    const LocalServices& services);

}  // namespace cassette::session
