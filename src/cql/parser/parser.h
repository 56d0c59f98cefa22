// The CQL parser: text in, syntax tree out. It follows the grammar of CQL 3.4.7 (Cassandra 5.0, src/antlr/Parser.g),
// knows no types and no schema, and adds EXPLAIN SELECT.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cql/parser/ast.h"

namespace cassette::cql::parser {

// Cassandra's default for native_transport_max_frame_size: no longer statement can arrive there.
inline constexpr size_t kStatementBytesMax = size_t{16} << 20;
// How deep terms, selectors, types and parentheses may nest. (Cassandra's own parser overflows its stack somewhere.)
inline constexpr uint32_t kNestingDepthMax = 250;
// Bind markers of one statement: their number is an unsigned short in the native protocol.
inline constexpr size_t kBindMarkersMax = 65535;

// The one statement in `text`, which may end with ';' (several, as in Cassandra). Fails with Code::kSyntaxError: the
// message names line and column, what was found and what was expected, and shows the place with a caret. The tree does
// not refer to `text`.
base::Result<Statement> ParseStatement(std::string_view text);

}  // namespace cassette::cql::parser
