// What single tokens say: constants and quoted texts.
#pragma once

#include <string>
#include <string_view>

#include "cql/parser/ast_expression.h"
#include "cql/parser/token.h"

namespace cassette::cql::parser {

// Whether the token is a constant: all but NULL are one token.
bool IsConstant(const Token& token);
// REQUIRES: IsConstant(token), a token of `text`.
Literal ConstantOf(std::string_view text, const Token& token);
// What a string, quoted name or $$string$$ of `text` says: without its quotes, doubled quotes undone.
std::string Unquoted(std::string_view text, const Token& token);

}  // namespace cassette::cql::parser
