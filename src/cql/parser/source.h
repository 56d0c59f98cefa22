// Places in a statement's text, made readable: line, column and a caret line for messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cql/parser/ast_base.h"

namespace cassette::cql::parser {

// Both count from 1; columns count bytes of UTF-8 sequences once.
struct LineColumn {
  uint32_t line = 1;
  uint32_t column = 1;
};

LineColumn LineColumnOf(std::string_view text, SourcePosition position);

// "line 2:17".
std::string DescribePlace(std::string_view text, SourcePosition position);

// The line of `position` and below it a caret, each line indented by two blanks, with a newline before each. Long lines
// are cut to kCaretLineColumnsMax around the place.
std::string CaretLines(std::string_view text, SourcePosition position);
inline constexpr uint32_t kCaretLineColumnsMax = 100;

// "line 2:17: " + message + CaretLines: what every message about a statement's text looks like.
std::string MessageAt(std::string_view text, SourcePosition position, std::string_view message);

}  // namespace cassette::cql::parser
