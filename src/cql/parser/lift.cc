#include "cql/parser/lift.h"

#include "cql/parser/constant.h"
#include "cql/parser/lexer.h"

namespace cassette::cql::parser {
namespace {

bool HasLiftableStart(Keyword keyword) {
  return keyword == Keyword::kSelect || keyword == Keyword::kInsert || keyword == Keyword::kUpdate ||
         keyword == Keyword::kDelete;
}

bool IsLiftable(TokenKind kind) {
  switch (kind) {
    case TokenKind::kString:
    case TokenKind::kDollarString:
    case TokenKind::kInteger:
    case TokenKind::kFloat:
    case TokenKind::kDuration:
    case TokenKind::kUuid:
    case TokenKind::kBlob:
      return true;
    default:
      return false;
  }
}

bool IsComparison(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEqual:
    case TokenKind::kNotEqual:
    case TokenKind::kLess:
    case TokenKind::kLessOrEqual:
    case TokenKind::kGreater:
    case TokenKind::kGreaterOrEqual:
      return true;
    default:
      return false;
  }
}

bool TakesValue(Keyword keyword) {
  switch (keyword) {
    case Keyword::kLimit:
    case Keyword::kTtl:
    case Keyword::kTimestamp:
    case Keyword::kContains:
    case Keyword::kKey:  // CONTAINS KEY
      return true;
    default:
      return false;
  }
}

// Whether a value is over before this token.
bool EndsValue(const Token& token) {
  return token.kind == TokenKind::kComma || token.kind == TokenKind::kRightParenthesis ||
         token.kind == TokenKind::kSemicolon || token.kind == TokenKind::kKeyword;
}

// Follows a statement's tokens, and knows where a constant is all of a value.
class ValuePlaces {
 public:
  // Whether the constant that comes next would be one.
  bool AreNext() const {
    if (depth_ == 0) return IsComparison(previous_.kind) || TakesValue(previous_.keyword);
    return depth_ == list_depth_ &&
           (previous_.kind == TokenKind::kLeftParenthesis || previous_.kind == TokenKind::kComma);
  }
  // False: no statement with this token here is lifted.
  bool Take(const Token& token) {
    if (IsLiftable(previous_.kind) && !EndsValue(token)) return false;
    switch (token.kind) {
      case TokenKind::kInvalid:
      case TokenKind::kQuestionMark:
      case TokenKind::kColon:
        return false;
      case TokenKind::kLeftParenthesis:
        ++depth_;
        if (list_depth_ == 0 && (previous_.keyword == Keyword::kValues || previous_.keyword == Keyword::kIn)) {
          list_depth_ = depth_;
        }
        break;
      case TokenKind::kRightParenthesis:
        if (depth_ == 0) return false;
        if (depth_ == list_depth_) list_depth_ = 0;
        --depth_;
        break;
      // What stands in these is part of a value.
      case TokenKind::kLeftBracket:
      case TokenKind::kLeftBrace:
        ++depth_;
        break;
      case TokenKind::kRightBracket:
      case TokenKind::kRightBrace:
        if (depth_ == 0) return false;
        --depth_;
        break;
      default:
        break;
    }
    previous_ = token;
    return true;
  }

 private:
  Token previous_;
  size_t depth_ = 0;       // Of parentheses, brackets and braces.
  size_t list_depth_ = 0;  // Within the parentheses of VALUES or IN; 0 elsewhere.
};

}  // namespace

std::optional<LiftedStatement> LiftLiterals(std::string_view text) {
  if (text.size() > kLiftedBytesMax) return std::nullopt;
  const Lexer lexer(text);
  Token token = lexer.Next(0);
  if (!HasLiftableStart(token.keyword)) return std::nullopt;
  LiftedStatement lifted;
  lifted.text.reserve(text.size());
  ValuePlaces places;
  uint32_t copied = 0;
  for (; token.kind != TokenKind::kEnd; token = lexer.Next(token.end)) {
    const bool is_literal = IsLiftable(token.kind);
    if (is_literal && (!places.AreNext() || lifted.literals.size() == kLiftedLiteralsMax)) return std::nullopt;
    if (!places.Take(token)) return std::nullopt;
    if (!is_literal) continue;
    lifted.text.append(text.substr(copied, token.offset - copied)).push_back('?');
    copied = token.end;
    lifted.literals.push_back(ConstantOf(text, token));
  }
  if (lifted.literals.empty()) return std::nullopt;
  lifted.text.append(text.substr(copied));
  return lifted;
}

}  // namespace cassette::cql::parser
