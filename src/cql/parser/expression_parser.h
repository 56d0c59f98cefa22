// Terms and selectors.
#pragma once

#include <optional>
#include <vector>

#include "cql/parser/ast_expression.h"
#include "cql/parser/token_reader.h"

namespace cassette::cql::parser {

// A value of INSERT, UPDATE or WHERE: no columns in it.
Expression ParseTerm(TokenReader& in);

// A term that `+ column` may follow, as in `SET list = [1] + list`: stops before that '+'.
Expression ParseTermBeforeColumn(TokenReader& in);

// What SELECT may return: columns, terms, functions, arithmetic.
Expression ParseSelector(TokenReader& in);

// Whether a selector can begin with `token`.
bool CanBeginSelector(const Token& token);

// An integer literal or a bind marker, for LIMIT, TIMESTAMP and TTL.
Expression ParseIntegerOrMarker(TokenReader& in);

// `?` or `:name`, or nothing where neither stands.
std::optional<Expression> AcceptMarker(TokenReader& in);

// A tuple literal, `(a, b)`, or a marker for one.
Expression ParseTupleOrMarker(TokenReader& in);

// The constant that stands here (not null), or nothing.
std::optional<Literal> AcceptConstant(TokenReader& in);

}  // namespace cassette::cql::parser
