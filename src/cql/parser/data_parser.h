// Statements on rows.
#pragma once

#include <vector>

#include "cql/parser/ast_data.h"
#include "cql/parser/token_reader.h"

namespace cassette::cql::parser {

// Each begins at its first keyword. REQUIRES: that keyword is current.
SelectStatement ParseSelect(TokenReader& in);
InsertStatement ParseInsert(TokenReader& in);
UpdateStatement ParseUpdate(TokenReader& in);
DeleteStatement ParseDelete(TokenReader& in);
BatchStatement ParseBatch(TokenReader& in);
TruncateStatement ParseTruncate(TokenReader& in);

// The selectors between SELECT and FROM; none for `*`.
std::vector<Selector> ParseSelectors(TokenReader& in);

// What follows WHERE: relations with AND between them.
std::vector<Relation> ParseWhere(TokenReader& in);

// What follows IF of UPDATE and DELETE, but EXISTS.
std::vector<Condition> ParseConditions(TokenReader& in);

}  // namespace cassette::cql::parser
