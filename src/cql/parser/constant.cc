#include "cql/parser/constant.h"

namespace cassette::cql::parser {
namespace {

Literal::Kind KindOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kInteger:
      return Literal::Kind::kInteger;
    case TokenKind::kBoolean:
      return Literal::Kind::kBoolean;
    case TokenKind::kDuration:
      return Literal::Kind::kDuration;
    case TokenKind::kUuid:
      return Literal::Kind::kUuid;
    case TokenKind::kBlob:
      return Literal::Kind::kBlob;
    case TokenKind::kString:
    case TokenKind::kDollarString:
      return Literal::Kind::kString;
    default:
      return Literal::Kind::kFloat;
  }
}

}  // namespace

bool IsConstant(const Token& token) {
  switch (token.kind) {
    case TokenKind::kString:
    case TokenKind::kDollarString:
    case TokenKind::kInteger:
    case TokenKind::kFloat:
    case TokenKind::kBoolean:
    case TokenKind::kDuration:
    case TokenKind::kUuid:
    case TokenKind::kBlob:
    case TokenKind::kNegativeNan:
    case TokenKind::kNegativeInfinity:
      return true;
    case TokenKind::kKeyword:
      return token.keyword == Keyword::kNan || token.keyword == Keyword::kInfinity;
    default:
      return false;
  }
}

Literal ConstantOf(std::string_view text, const Token& token) {
  const Literal::Kind kind = KindOf(token.kind);
  const std::string_view raw = text.substr(token.offset, token.end - token.offset);
  switch (token.kind) {
    case TokenKind::kString:
    case TokenKind::kDollarString:
      return Literal{kind, Unquoted(text, token)};
    case TokenKind::kNegativeNan:
      return Literal{kind, "NaN"};
    case TokenKind::kNegativeInfinity:
      return Literal{kind, "-Infinity"};
    case TokenKind::kKeyword:
      return Literal{kind, token.keyword == Keyword::kNan ? "NaN" : "Infinity"};
    case TokenKind::kBoolean:
      return Literal{kind, raw.size() == 4 ? "true" : "false"};
    default:
      return Literal{kind, std::string(raw)};
  }
}

std::string Unquoted(std::string_view text, const Token& token) {
  const uint32_t quote = token.kind == TokenKind::kDollarString ? 2 : 1;
  const std::string_view inner = text.substr(token.offset + quote, token.end - token.offset - 2 * quote);
  if (!token.escaped) return std::string(inner);
  std::string result;
  result.reserve(inner.size());
  const char mark = text[token.offset];
  for (size_t i = 0; i < inner.size(); ++i) {
    result += inner[i];
    if (inner[i] == mark) ++i;  // The lexer made sure that it stands twice.
  }
  return result;
}

}  // namespace cassette::cql::parser
