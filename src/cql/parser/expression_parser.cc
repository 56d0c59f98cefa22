#include "cql/parser/expression_parser.h"

#include <memory>
#include <utility>

#include "cql/parser/constant.h"
#include "cql/parser/names.h"

namespace cassette::cql::parser {
namespace {

// Parser.g has two grammars of expressions that differ in a few places only.
enum class Grammar : uint8_t { kTerm, kSelector };

Expression ParseSum(TokenReader& in, Grammar grammar, bool before_column = false);
Expression ParsePrimary(TokenReader& in, Grammar grammar);

std::unique_ptr<Expression> Box(Expression expression) { return std::make_unique<Expression>(std::move(expression)); }

Expression MakeOperation(ArithmeticOperator op, SourcePosition position, Expression left, Expression right) {
  return {position, Operation{op, Box(std::move(left)), Box(std::move(right))}};
}

std::vector<Expression> ParseList(TokenReader& in, Grammar grammar, TokenKind closing) {
  std::vector<Expression> elements;
  if (in.Accept(closing)) return elements;
  do {
    elements.push_back(ParseSum(in, grammar));
  } while (in.Accept(TokenKind::kComma));
  in.Expect(closing);
  return elements;
}

// `{`...`}`: a set, a map, or in a term a user type. REQUIRES: '{' is current.
Expression ParseBraces(TokenReader& in, Grammar grammar) {
  const SourcePosition position = in.position();
  in.Take();
  if (in.Accept(TokenKind::kRightBrace)) return {position, SetLiteral{}};
  if (grammar == Grammar::kTerm && CanBeName(in.current()) && in.Peek().kind == TokenKind::kColon) {
    UserTypeLiteral literal;
    do {
      literal.fields.push_back(ParseName(in, "a field name"));
      in.Expect(TokenKind::kColon);
      literal.values.push_back(ParseSum(in, grammar));
    } while (in.Accept(TokenKind::kComma));
    in.Expect(TokenKind::kRightBrace);
    return {position, std::move(literal)};
  }
  Expression first = ParseSum(in, grammar);
  if (!in.Accept(TokenKind::kColon)) {
    SetLiteral literal;
    literal.elements.push_back(std::move(first));
    while (in.Accept(TokenKind::kComma)) literal.elements.push_back(ParseSum(in, grammar));
    in.Expect(TokenKind::kRightBrace);
    return {position, std::move(literal)};
  }
  MapLiteral literal;
  literal.keys.push_back(std::move(first));
  literal.values.push_back(ParseSum(in, grammar));
  while (in.Accept(TokenKind::kComma)) {
    literal.keys.push_back(ParseSum(in, grammar));
    in.Expect(TokenKind::kColon);
    literal.values.push_back(ParseSum(in, grammar));
  }
  in.Expect(TokenKind::kRightBrace);
  return {position, std::move(literal)};
}

// Everything that a term or selector may begin with but '-'.
bool CanBeginPrimary(const Token& token) {
  switch (token.kind) {
    case TokenKind::kQuestionMark:
    case TokenKind::kColon:
    case TokenKind::kLeftParenthesis:
    case TokenKind::kLeftBracket:
    case TokenKind::kLeftBrace:
      return true;
    case TokenKind::kKeyword:
      return token.keyword == Keyword::kNull || token.keyword == Keyword::kToken || IsConstant(token) ||
             CanBeName(token);
    default:
      return IsConstant(token) || CanBeName(token);
  }
}

// A name where a term is expected is a function without its parentheses, or text without its quotes.
bool IsTermStart(TokenReader& in) {
  if (!CanBeName(in.current())) return CanBeginPrimary(in.current());
  const TokenKind next = in.Peek().kind;
  return next == TokenKind::kLeftParenthesis || next == TokenKind::kDot;
}

bool IsPrimaryStart(TokenReader& in, Grammar grammar) {
  return grammar == Grammar::kSelector ? CanBeginPrimary(in.current()) : IsTermStart(in);
}

// `:name` that cannot be the rest of a map's entry whose key stands in parentheses, as in {('key'): function()}.
// REQUIRES: ':' is current.
bool IsNamedMarker(TokenReader& in) {
  const TokenReader::Mark mark = in.Save();
  in.Take();
  const TokenKind next = in.Peek().kind;
  const bool result = CanBeName(in.current()) && next != TokenKind::kLeftParenthesis && next != TokenKind::kDot;
  in.Restore(mark);
  return result;
}

// `(type) operand`, if that is what stands here; else the reader is where it was. REQUIRES: '(' is current.
std::optional<Expression> AcceptTypeHint(TokenReader& in, Grammar grammar) {
  const Token next = in.Peek();
  const bool can_be_type = CanBeName(next) || next.keyword == Keyword::kSet || next.kind == TokenKind::kString ||
                           next.kind == TokenKind::kDollarString;
  if (!can_be_type) return std::nullopt;
  const TokenReader::Mark mark = in.Save();
  TypeHint hint;
  in.Take();
  hint.type = ParseType(in);
  const bool has_operand = in.Accept(TokenKind::kRightParenthesis) && IsPrimaryStart(in, grammar) &&
                           (!in.Is(TokenKind::kColon) || IsNamedMarker(in));
  if (has_operand) {
    hint.operand = Box(ParsePrimary(in, grammar));
    return Expression{{mark.token.offset}, std::move(hint)};
  }
  in.Restore(mark);
  return std::nullopt;
}

Expression ParseParentheses(TokenReader& in, Grammar grammar) {
  auto hint = AcceptTypeHint(in, grammar);
  if (hint.has_value()) return std::move(*hint);
  const SourcePosition position = in.position();
  in.Take();
  TupleLiteral tuple;
  do {
    tuple.elements.push_back(ParseSum(in, grammar));
  } while (in.Accept(TokenKind::kComma));
  in.Expect(TokenKind::kRightParenthesis);
  return {position, std::move(tuple)};
}

// CAST(operand AS type). REQUIRES: CAST is current and '(' follows.
Expression ParseCast(TokenReader& in, Grammar grammar) {
  const SourcePosition position = in.position();
  in.Take();
  in.Take();
  Cast cast;
  cast.operand = Box(grammar == Grammar::kTerm ? ParsePrimary(in, grammar) : ParseSum(in, grammar));
  in.Expect(Keyword::kAs);
  cast.type = ParseNativeType(in);
  in.Expect(TokenKind::kRightParenthesis);
  return {position, std::move(cast)};
}

Expression ParseFunctionCall(TokenReader& in, Grammar grammar) {
  const SourcePosition position = in.position();
  FunctionCall call;
  call.function = ParseFunctionName(in);
  in.Expect(TokenKind::kLeftParenthesis);
  if (in.failed()) return {position, std::move(call)};
  call.arguments = ParseList(in, grammar, TokenKind::kRightParenthesis);
  return {position, std::move(call)};
}

Expression ParseColumnReference(TokenReader& in) {
  const SourcePosition position = in.position();
  return {position, ColumnReference{ParseName(in, "a column name")}};
}

Expression ParseModifiers(TokenReader& in, Expression operand);

// WRITETIME(column...), TTL(column...). REQUIRES: the keyword is current and '(' follows.
Expression ParseCellMetadata(TokenReader& in, CellMetadata::Kind kind) {
  const SourcePosition position = in.position();
  in.Take();
  in.Take();
  CellMetadata metadata;
  metadata.kind = kind;
  metadata.operand = Box(ParseModifiers(in, ParseColumnReference(in)));
  in.Expect(TokenKind::kRightParenthesis);
  return {position, std::move(metadata)};
}

// COUNT(*). REQUIRES: COUNT is current. Nothing when it is another call of count.
std::optional<Expression> AcceptCountRows(TokenReader& in) {
  const TokenReader::Mark mark = in.Save();
  in.Take();
  if (in.Accept(TokenKind::kLeftParenthesis) && in.Accept(TokenKind::kStar)) {
    in.Expect(TokenKind::kRightParenthesis);
    return Expression{{mark.token.offset}, CountRows{}};
  }
  in.Restore(mark);
  return std::nullopt;
}

// ks.function( rather than column.field.
bool IsQualifiedCall(TokenReader& in) {
  if (in.Peek().kind != TokenKind::kDot) return false;
  const TokenReader::Mark mark = in.Save();
  in.Take();
  in.Take();
  const bool result = CanBeName(in.current(), NameKind::kFunction) && in.Peek().kind == TokenKind::kLeftParenthesis;
  in.Restore(mark);
  return result;
}

// Functions and, in selectors, columns. REQUIRES: a name or TOKEN is current.
Expression ParseNamed(TokenReader& in, Grammar grammar) {
  const bool call = in.Peek().kind == TokenKind::kLeftParenthesis;
  if (call && in.Is(Keyword::kCast)) return ParseCast(in, grammar);
  if (grammar == Grammar::kTerm) return ParseFunctionCall(in, grammar);
  if (call) {
    switch (in.current().keyword) {
      case Keyword::kWriteTime:
        return ParseCellMetadata(in, CellMetadata::Kind::kWriteTime);
      case Keyword::kMaxWriteTime:
        return ParseCellMetadata(in, CellMetadata::Kind::kMaxWriteTime);
      case Keyword::kTtl:
        return ParseCellMetadata(in, CellMetadata::Kind::kTtl);
      case Keyword::kCount: {
        auto count = AcceptCountRows(in);
        if (count.has_value()) return std::move(*count);
        break;
      }
      default:
        break;
    }
    return ParseFunctionCall(in, grammar);
  }
  if (in.Is(Keyword::kToken) || IsQualifiedCall(in)) return ParseFunctionCall(in, grammar);
  return ParseColumnReference(in);
}

// A term or selector without operators around it (simpleTerm, selectionGroupWithoutField).
Expression ParsePrimary(TokenReader& in, Grammar grammar) {
  TokenReader::Nesting nesting(in);
  if (!nesting.ok()) return {};
  const SourcePosition position = in.position();
  auto constant = AcceptConstant(in);
  if (constant.has_value()) return {position, std::move(*constant)};
  auto marker = AcceptMarker(in);
  if (marker.has_value()) return std::move(*marker);
  if (!IsPrimaryStart(in, grammar)) {
    in.Expected(grammar == Grammar::kSelector ? "a column name, a function or a term" : "a term");
    in.Fail();
    return {};
  }
  switch (in.current().kind) {
    case TokenKind::kLeftParenthesis:
      return ParseParentheses(in, grammar);
    case TokenKind::kLeftBrace:
      return ParseBraces(in, grammar);
    case TokenKind::kLeftBracket:
      in.Take();
      return {position, ListLiteral{ParseList(in, grammar, TokenKind::kRightBracket)}};
    default:
      break;
  }
  if (in.Is(Keyword::kNull)) {
    in.Take();
    return {position, Literal{}};
  }
  return ParseNamed(in, grammar);
}

// `[element]` or `[from..to]` after `operand`. REQUIRES: '[' was taken.
Expression ParseSubscript(TokenReader& in, SourcePosition position, Expression operand) {
  std::unique_ptr<Expression> from;
  if (!in.Is(TokenKind::kRange)) from = Box(ParseTerm(in));
  if (!in.Accept(TokenKind::kRange)) {
    in.Expect(TokenKind::kRightBracket);
    return {position, ElementSelection{Box(std::move(operand)), std::move(from)}};
  }
  SliceSelection slice{Box(std::move(operand)), std::move(from), nullptr};
  if (slice.from == nullptr || !in.Is(TokenKind::kRightBracket)) slice.to = Box(ParseTerm(in));
  in.Expect(TokenKind::kRightBracket);
  return {position, std::move(slice)};
}

// The fields, elements and slices after `operand`.
Expression ParseModifiers(TokenReader& in, Expression operand) {
  TokenReader::Growth growth(in);
  while (!in.failed()) {
    const SourcePosition position = in.position();
    if (in.Accept(TokenKind::kDot)) {
      operand = {position, FieldSelection{Box(std::move(operand)), ParseName(in, "a field name")}};
    } else if (in.Accept(TokenKind::kLeftBracket)) {
      operand = ParseSubscript(in, position, std::move(operand));
    } else {
      break;
    }
    growth.Grow();
  }
  return operand;
}

Expression ParseFactor(TokenReader& in, Grammar grammar) {
  const SourcePosition position = in.position();
  if (grammar == Grammar::kTerm) {
    if (!in.Accept(TokenKind::kMinus)) return ParsePrimary(in, grammar);
    return {position, Negation{Box(ParsePrimary(in, grammar))}};
  }
  if (!in.Accept(TokenKind::kMinus)) return ParseModifiers(in, ParsePrimary(in, grammar));
  TokenReader::Nesting nesting(in);
  if (!nesting.ok()) return {};
  return {position, Negation{Box(ParseFactor(in, grammar))}};
}

std::optional<ArithmeticOperator> ProductOperator(TokenKind kind) {
  switch (kind) {
    case TokenKind::kStar:
      return ArithmeticOperator::kMultiply;
    case TokenKind::kSlash:
      return ArithmeticOperator::kDivide;
    case TokenKind::kPercent:
      return ArithmeticOperator::kModulo;
    default:
      return std::nullopt;
  }
}

std::optional<ArithmeticOperator> SumOperator(TokenKind kind) {
  switch (kind) {
    case TokenKind::kPlus:
      return ArithmeticOperator::kAdd;
    case TokenKind::kMinus:
      return ArithmeticOperator::kSubtract;
    default:
      return std::nullopt;
  }
}

Expression ParseProduct(TokenReader& in, Grammar grammar) {
  TokenReader::Growth growth(in);
  Expression left = ParseFactor(in, grammar);
  while (const auto op = ProductOperator(in.current().kind)) {
    const SourcePosition position = in.position();
    growth.Grow();
    in.Take();
    left = MakeOperation(*op, position, std::move(left), ParseFactor(in, grammar));
  }
  return left;
}

// Whether what follows the '+' here is a name that is no function call.
bool PlusColumnFollows(TokenReader& in) {
  const TokenReader::Mark mark = in.Save();
  in.Take();
  const bool result = (CanBeName(in.current()) && !IsTermStart(in)) || in.Is(TokenKind::kEmptyQuotedName);
  in.Restore(mark);
  return result;
}

Expression ParseSum(TokenReader& in, Grammar grammar, bool before_column) {
  TokenReader::Growth growth(in);
  Expression left = ParseProduct(in, grammar);
  while (const auto op = SumOperator(in.current().kind)) {
    if (before_column && *op == ArithmeticOperator::kAdd && PlusColumnFollows(in)) break;
    const SourcePosition position = in.position();
    growth.Grow();
    in.Take();
    left = MakeOperation(*op, position, std::move(left), ParseProduct(in, grammar));
  }
  if (in.explain()) in.Expected("an operator");
  return left;
}

}  // namespace

std::optional<Literal> AcceptConstant(TokenReader& in) {
  if (!IsConstant(in.current())) return std::nullopt;
  return ConstantOf(in.text(), in.Take());
}

std::optional<Expression> AcceptMarker(TokenReader& in) {
  const SourcePosition position = in.position();
  if (in.Is(TokenKind::kQuestionMark)) {
    in.Take();
    return Expression{position, in.NewMarker(std::nullopt)};
  }
  if (!in.Is(TokenKind::kColon)) return std::nullopt;
  in.Take();
  Identifier name = ParseName(in, "the name of a bind marker");
  if (in.failed()) return Expression{position, BindMarker{}};
  return Expression{position, in.NewMarker(std::move(name))};
}

bool CanBeginSelector(const Token& token) { return token.kind == TokenKind::kMinus || CanBeginPrimary(token); }

Expression ParseTerm(TokenReader& in) { return ParseSum(in, Grammar::kTerm); }

Expression ParseTermBeforeColumn(TokenReader& in) { return ParseSum(in, Grammar::kTerm, true); }

Expression ParseSelector(TokenReader& in) { return ParseSum(in, Grammar::kSelector); }

Expression ParseIntegerOrMarker(TokenReader& in) {
  auto marker = AcceptMarker(in);
  if (marker.has_value()) return std::move(*marker);
  const SourcePosition position = in.position();
  if (!in.At(TokenKind::kInteger)) {
    in.Expected("'?'");
    in.Fail();
    return {};
  }
  return {position, Literal{Literal::Kind::kInteger, std::string(in.Raw(in.Take()))}};
}

Expression ParseTupleOrMarker(TokenReader& in) {
  auto marker = AcceptMarker(in);
  if (marker.has_value()) return std::move(*marker);
  const SourcePosition position = in.position();
  TupleLiteral tuple;
  if (!in.Expect(TokenKind::kLeftParenthesis)) return {};
  do {
    tuple.elements.push_back(ParseTerm(in));
  } while (in.Accept(TokenKind::kComma));
  in.Expect(TokenKind::kRightParenthesis);
  return {position, std::move(tuple)};
}

}  // namespace cassette::cql::parser
