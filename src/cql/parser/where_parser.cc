// Relations of WHERE and conditions of IF.
#include <utility>

#include "cql/parser/data_parser.h"
#include "cql/parser/expression_parser.h"
#include "cql/parser/names.h"

namespace cassette::cql::parser {
namespace {

// =, <, <=, >, >=, !=.
bool AcceptComparison(TokenReader& in, Operator& op) {
  static constexpr std::pair<TokenKind, Operator> kComparisons[] = {
      {TokenKind::kEqual, Operator::kEqual},
      {TokenKind::kLess, Operator::kLess},
      {TokenKind::kLessOrEqual, Operator::kLessOrEqual},
      {TokenKind::kGreater, Operator::kGreater},
      {TokenKind::kGreaterOrEqual, Operator::kGreaterOrEqual},
      {TokenKind::kNotEqual, Operator::kNotEqual}};
  for (const auto& [kind, value] : kComparisons) {
    if (!in.Accept(kind)) continue;
    op = value;
    return true;
  }
  return false;
}

// A comparison and its one term.
void ParseComparison(TokenReader& in, Operator& op, std::vector<Expression>& values) {
  if (!AcceptComparison(in, op)) return in.Fail();
  values.push_back(ParseTerm(in));
}

// What follows IN: a marker, or terms in parentheses (`in_list`).
void ParseInValues(TokenReader& in, bool& in_list, std::vector<Expression>& values) {
  auto marker = AcceptMarker(in);
  if (marker.has_value()) {
    values.push_back(std::move(*marker));
    return;
  }
  in_list = true;
  in.Expect(TokenKind::kLeftParenthesis);
  if (in.Accept(TokenKind::kRightParenthesis)) return;
  do {
    values.push_back(ParseTerm(in));
  } while (in.Accept(TokenKind::kComma));
  in.Expect(TokenKind::kRightParenthesis);
}

// CONTAINS or CONTAINS KEY and the term, after CONTAINS.
void ParseContains(TokenReader& in, Operator& op, std::vector<Expression>& values) {
  // KEY may be the name of a function's keyspace no more than of a function, so it is the keyword here.
  op = in.Accept(Keyword::kKey) ? Operator::kContainsKey : Operator::kContains;
  values.push_back(ParseTerm(in));
}

void ParseColumnRelation(TokenReader& in, Relation& relation) {
  relation.columns.push_back(ParseColumn(in));
  if (in.Accept(TokenKind::kLeftBracket)) {
    relation.target = Relation::Target::kElement;
    relation.key = ParseTerm(in);
    in.Expect(TokenKind::kRightBracket);
    return ParseComparison(in, relation.op, relation.values);
  }
  if (in.Accept(Keyword::kIn)) {
    relation.op = Operator::kIn;
    return ParseInValues(in, relation.in_list, relation.values);
  }
  if (in.Accept(Keyword::kContains)) return ParseContains(in, relation.op, relation.values);
  if (in.Accept(Keyword::kLike)) {
    relation.op = Operator::kLike;
    relation.values.push_back(ParseTerm(in));
    return;
  }
  if (in.Accept(Keyword::kIs)) {
    relation.op = Operator::kIsNotNull;
    in.Expect(Keyword::kNot);
    in.Expect(Keyword::kNull);
    return;
  }
  ParseComparison(in, relation.op, relation.values);
}

void ParseColumnTuple(TokenReader& in, std::vector<Identifier>& columns) {
  in.Expect(TokenKind::kLeftParenthesis);
  do {
    columns.push_back(ParseColumn(in));
  } while (in.Accept(TokenKind::kComma));
  in.Expect(TokenKind::kRightParenthesis);
}

// (a, b) IN ..., (a, b) > ....
void ParseTupleRelation(TokenReader& in, Relation& relation) {
  relation.target = Relation::Target::kTuple;
  ParseColumnTuple(in, relation.columns);
  if (!in.Accept(Keyword::kIn)) {
    if (!AcceptComparison(in, relation.op)) return in.Fail();
    relation.values.push_back(ParseTupleOrMarker(in));
    return;
  }
  relation.op = Operator::kIn;
  auto marker = AcceptMarker(in);
  if (marker.has_value()) {
    relation.values.push_back(std::move(*marker));
    return;
  }
  relation.in_list = true;
  in.Expect(TokenKind::kLeftParenthesis);
  if (in.Accept(TokenKind::kRightParenthesis)) return;
  do {
    relation.values.push_back(ParseTupleOrMarker(in));
    const Expression& value = relation.values.back();
    if (value.Is<BindMarker>() != relation.values.front().Is<BindMarker>()) {
      in.FailWith(value.position, "IN takes tuple literals or bind markers, not both");
    }
  } while (in.Accept(TokenKind::kComma));
  in.Expect(TokenKind::kRightParenthesis);
}

// `(relation)` rather than `(a, b) > ...`: what follows the first name tells them apart.
bool IsParenthesizedRelation(TokenReader& in) {
  const TokenReader::Mark mark = in.Save();
  in.Take();
  bool result = in.Is(TokenKind::kLeftParenthesis) || in.Is(Keyword::kToken);
  if (CanBeName(in.current()) || in.Is(TokenKind::kEmptyQuotedName)) {
    const TokenKind next = in.Peek().kind;
    result = next != TokenKind::kComma && next != TokenKind::kRightParenthesis;
  }
  in.Restore(mark);
  return result;
}

// expr(index, term): Cassandra takes "expr(" for one word.
bool IsIndexExpression(TokenReader& in) {
  const Token& token = in.current();
  return token.kind == TokenKind::kIdentifier && in.Raw(token) == "expr" &&
         in.text().substr(token.end).starts_with('(');
}

void ParseIndexExpression(TokenReader& in, Relation& relation) {
  relation.target = Relation::Target::kIndexExpression;
  in.Take();
  in.Expect(TokenKind::kLeftParenthesis);
  relation.index = ParseName(in, "an index name");
  in.Expect(TokenKind::kComma);
  relation.values.push_back(ParseTerm(in));
  in.Expect(TokenKind::kRightParenthesis);
}

Relation ParseRelation(TokenReader& in) {
  Relation relation;
  TokenReader::Nesting nesting(in);
  if (!nesting.ok()) return relation;
  if (in.Is(TokenKind::kLeftParenthesis) && IsParenthesizedRelation(in)) {
    in.Take();
    relation = ParseRelation(in);
    in.Expect(TokenKind::kRightParenthesis);
    return relation;
  }
  relation.position = in.position();
  if (in.Accept(Keyword::kToken)) {
    relation.target = Relation::Target::kToken;
    ParseColumnTuple(in, relation.columns);
    ParseComparison(in, relation.op, relation.values);
  } else if (in.Is(TokenKind::kLeftParenthesis)) {
    ParseTupleRelation(in, relation);
  } else {
    ParseColumnRelation(in, relation);
  }
  return relation;
}

Condition ParseCondition(TokenReader& in) {
  Condition condition;
  condition.column = ParseColumn(in);
  if (in.Accept(TokenKind::kLeftBracket)) {
    condition.key = ParseTerm(in);
    in.Expect(TokenKind::kRightBracket);
  } else if (in.Accept(TokenKind::kDot)) {
    condition.field = ParseName(in, "a field name");
  } else if (in.Accept(Keyword::kContains)) {
    ParseContains(in, condition.op, condition.values);
    return condition;
  }
  if (in.Accept(Keyword::kIn)) {
    condition.op = Operator::kIn;
    ParseInValues(in, condition.in_list, condition.values);
  } else {
    ParseComparison(in, condition.op, condition.values);
  }
  return condition;
}

}  // namespace

std::vector<Relation> ParseWhere(TokenReader& in) {
  std::vector<Relation> relations;
  do {
    if (IsIndexExpression(in)) {
      Relation relation;
      relation.position = in.position();
      ParseIndexExpression(in, relation);
      relations.push_back(std::move(relation));
    } else {
      relations.push_back(ParseRelation(in));
    }
  } while (in.Accept(Keyword::kAnd));
  return relations;
}

std::vector<Condition> ParseConditions(TokenReader& in) {
  std::vector<Condition> conditions;
  do {
    conditions.push_back(ParseCondition(in));
  } while (in.Accept(Keyword::kAnd));
  return conditions;
}

}  // namespace cassette::cql::parser
