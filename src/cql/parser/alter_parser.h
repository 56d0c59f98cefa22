// The parts of ALTER that stand in files of their own. `position` is that of ALTER, which was taken.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "cql/parser/ast_schema.h"
#include "cql/parser/token_reader.h"

namespace cassette::cql::parser {

AlterTableStatement ParseAlterTable(TokenReader& in, SourcePosition position);

// name TO name AND name TO name ....
std::vector<std::pair<Identifier, Identifier>> ParseRenames(TokenReader& in, std::string_view what);

}  // namespace cassette::cql::parser
