// Cutting scripts into statements, for shells and script files.
#pragma once

#include <string_view>
#include <vector>

#include "cql/parser/ast_base.h"

namespace cassette::cql::parser {

struct StatementText {
  std::string_view text;    // From its first word up to, not including, its ';'. Refers to the script.
  SourcePosition position;  // Where `text` begins in the script.
  bool complete = true;     // False: the script ends within it (no ';', or an open string, comment, name or batch).
};

// The statements of `script` in order, empty ones left out. A ';' in strings, quoted names, comments (`--`, `//`,
// `/* */`) and `$$ ... $$` does not end a statement; BEGIN BATCH ... APPLY BATCH is one statement. Only the last one
// may be incomplete.
// REQUIRES: script.size() <= UINT32_MAX.
std::vector<StatementText> SplitStatements(std::string_view script);

}  // namespace cassette::cql::parser
