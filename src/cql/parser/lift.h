// Statements that differ in their constants alone are one statement to plan: the text with a bind marker for each
// constant ("forced parameterization" elsewhere), and the constants as its values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cql/parser/ast_expression.h"

namespace cassette::cql::parser {

// A statement's text with '?' for each of its constants, and what stood there, in the order of the text.
struct LiftedStatement {
  std::string text;
  std::vector<Literal> literals;
};

// With more constants than this a text hardly comes again with others.
inline constexpr size_t kLiftedLiteralsMax = 256;
// Nor does a longer one.
inline constexpr size_t kLiftedBytesMax = 8192;

// Lifts the constants of a SELECT, INSERT, UPDATE or DELETE that has some, and no bind marker. Each of them must be all
// of a value: in VALUES or an IN list, right of a comparison, or after LIMIT, TTL or TIMESTAMP. Nullopt when one stands
// elsewhere (an argument, an operand, in a collection, in brackets), for there its own type may decide what is meant.
// NULL, true, false, NaN and the infinities stay in the text.
//
// The text means what the statement does with those values when each fits its marker's type. Where it does not, or the
// text has no plan, the statement itself must be asked, which may then say why not.
std::optional<LiftedStatement> LiftLiterals(std::string_view text);

}  // namespace cassette::cql::parser
