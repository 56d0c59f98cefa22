// Statements on the schema, USE and DESCRIBE.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cql/parser/ast.h"
#include "cql/parser/token_reader.h"

namespace cassette::cql::parser {

// Each begins at its first keyword and returns whichever statement follows. REQUIRES: that keyword is current.
StatementNode ParseCreate(TokenReader& in);
StatementNode ParseAlter(TokenReader& in);
StatementNode ParseDrop(TokenReader& in);
UseStatement ParseUse(TokenReader& in);
DescribeStatement ParseDescribe(TokenReader& in);

// The parts of ParseCreate that stand in a file of their own. `position` is that of CREATE, which was taken.
CreateTableStatement ParseCreateTable(TokenReader& in, SourcePosition position);
CreateViewStatement ParseCreateView(TokenReader& in, SourcePosition position);
StatementNode ParseCreateFunctionOrAggregate(TokenReader& in, SourcePosition position);

// name = value AND name = value ....
std::vector<Property> ParseProperties(TokenReader& in);
// One property, added to `properties`; fails when its name is there.
void ParseProperty(TokenReader& in, std::vector<Property>& properties);
// {'key': 'value', ...} of constants; fails on a key given twice.
std::vector<std::pair<std::string, std::string>> ParseConstantMap(TokenReader& in);
// name type [STATIC] [MASKED WITH ...].
ColumnDefinition ParseColumnDefinition(TokenReader& in);
// MASKED WITH ..., if it stands here.
std::optional<ColumnMask> ParseColumnMask(TokenReader& in);

}  // namespace cassette::cql::parser
