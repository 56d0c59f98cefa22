// What the lexer cuts a statement into.
#pragma once

#include <cstdint>
#include <string_view>

#include "cql/parser/keyword.h"

namespace cassette::cql::parser {

enum class TokenKind : uint8_t {
  kEnd,      // The end of the text.
  kInvalid,  // Not CQL: Token::problem says why.
  kFailed,   // What a TokenReader shows once it has failed; matches nothing.
  kIdentifier,
  kKeyword,
  kQuotedName,
  kEmptyQuotedName,  // "" - the name of a column of very old tables.
  kString,           // 'text'.
  kDollarString,     // $$text$$.
  kInteger,
  kFloat,
  kBoolean,
  kDuration,
  kUuid,
  kBlob,
  kNegativeNan,
  kNegativeInfinity,
  kQuestionMark,
  kRange,  // ..
  kLeftParenthesis,
  kRightParenthesis,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
  kComma,
  kSemicolon,
  kColon,
  kDot,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kPlusEqual,
  kMinusEqual,
};

// A piece of the text, [offset, end).
struct Token {
  TokenKind kind = TokenKind::kEnd;
  Keyword keyword = Keyword::kNone;  // Set for kKeyword only.
  bool escaped = false;              // A string or quoted name with doubled quotes in it.
  uint32_t offset = 0;
  uint32_t end = 0;
  const char* problem = nullptr;  // A sentence; set for kInvalid only.
};

// How messages call a token of `kind`: "')'", "a string", "a name".
std::string_view DescribeTokenKind(TokenKind kind);

}  // namespace cassette::cql::parser
