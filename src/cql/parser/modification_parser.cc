// INSERT, UPDATE, DELETE, BATCH, TRUNCATE.
#include <utility>

#include <fmt/format.h>

#include "cql/parser/data_parser.h"
#include "cql/parser/expression_parser.h"
#include "cql/parser/names.h"

namespace cassette::cql::parser {
namespace {

// Most statements have fewer columns; more cost another allocation.
constexpr size_t kUsualColumnCount = 8;

UsingClause ParseUsing(TokenReader& in) {
  UsingClause clause;
  if (!in.Accept(Keyword::kUsing)) return clause;
  do {
    if (in.Accept(Keyword::kTimestamp)) {
      clause.timestamp = ParseIntegerOrMarker(in);
    } else if (in.Expect(Keyword::kTtl)) {
      clause.time_to_live = ParseIntegerOrMarker(in);
    }
  } while (in.Accept(Keyword::kAnd));
  return clause;
}

void ParseInsertJson(TokenReader& in, InsertStatement& insert) {
  const SourcePosition position = in.position();
  insert.json = AcceptMarker(in);
  if (!insert.json.has_value()) {
    insert.json = Expression{position, Literal{Literal::Kind::kString, ParseString(in)}};
  }
  if (!in.Accept(Keyword::kDefault)) return;
  insert.json_default_unset = in.Accept(Keyword::kUnset);
  if (!insert.json_default_unset) in.Expect(Keyword::kNull);
}

void ParseInsertValues(TokenReader& in, InsertStatement& insert) {
  insert.columns.reserve(kUsualColumnCount);
  in.Expect(TokenKind::kLeftParenthesis);
  do {
    insert.columns.push_back(ParseColumn(in));
  } while (in.Accept(TokenKind::kComma));
  in.Expect(TokenKind::kRightParenthesis);
  in.Expect(Keyword::kValues);
  in.Expect(TokenKind::kLeftParenthesis);
  insert.values.reserve(insert.columns.size());
  do {
    insert.values.push_back(ParseTerm(in));
  } while (in.Accept(TokenKind::kComma));
  in.Expect(TokenKind::kRightParenthesis);
}

// `column + t`, `column - t` and `column -3` after `column =`: the second column must be the first.
void ParseSelfOperation(TokenReader& in, Assignment& assignment) {
  const Identifier source = ParseColumn(in);
  if (in.Is(TokenKind::kInteger)) {
    const SourcePosition position = in.position();
    assignment.kind = Assignment::Kind::kAdd;
    assignment.value = {position, Literal{Literal::Kind::kInteger, std::string(in.Raw(in.Take()))}};
  } else if (in.Accept(TokenKind::kPlus)) {
    assignment.kind = Assignment::Kind::kAdd;
    assignment.value = ParseTerm(in);
  } else if (in.Expect(TokenKind::kMinus)) {
    assignment.kind = Assignment::Kind::kSubtract;
    assignment.value = ParseTerm(in);
  }
  if (!(source == assignment.column)) {
    in.FailWith(source.position,
                fmt::format("only {0} = {0} + value and {0} = {0} - value are possible here", assignment.column.name));
  }
}

bool AtColumn(TokenReader& in) {
  if (in.Is(TokenKind::kEmptyQuotedName)) return true;
  if (!CanBeName(in.current())) return false;
  const TokenKind next = in.Peek().kind;
  return next == TokenKind::kPlus || next == TokenKind::kMinus || next == TokenKind::kInteger;
}

// The column after `value +`, in a prepend. The '+' belongs to no term, for a term cannot be followed by a name.
void ParseAssignedValue(TokenReader& in, Assignment& assignment) {
  if (AtColumn(in)) return ParseSelfOperation(in, assignment);
  assignment.value = ParseTermBeforeColumn(in);
  if (!in.Accept(TokenKind::kPlus)) return;
  assignment.kind = Assignment::Kind::kPrepend;
  const Identifier source = ParseColumn(in);
  if (!(source == assignment.column)) {
    in.FailWith(source.position, fmt::format("only {0} = value + {0} is possible here", assignment.column.name));
  }
}

Assignment ParseAssignment(TokenReader& in) {
  Assignment assignment;
  assignment.column = ParseColumn(in);
  if (in.Accept(TokenKind::kEqual)) {
    ParseAssignedValue(in, assignment);
  } else if (in.Accept(TokenKind::kPlusEqual)) {
    assignment.kind = Assignment::Kind::kAdd;
    assignment.value = ParseTerm(in);
  } else if (in.Accept(TokenKind::kMinusEqual)) {
    assignment.kind = Assignment::Kind::kSubtract;
    assignment.value = ParseTerm(in);
  } else if (in.Accept(TokenKind::kLeftBracket)) {
    assignment.kind = Assignment::Kind::kSetElement;
    assignment.key = ParseTerm(in);
    in.Expect(TokenKind::kRightBracket);
    in.Expect(TokenKind::kEqual);
    assignment.value = ParseTerm(in);
  } else if (in.Expect(TokenKind::kDot)) {
    assignment.kind = Assignment::Kind::kSetField;
    assignment.field = ParseName(in, "a field name");
    in.Expect(TokenKind::kEqual);
    assignment.value = ParseTerm(in);
  }
  return assignment;
}

// A whole column may be set once only; its elements and fields as often as one likes.
void CheckAssignments(TokenReader& in, const std::vector<Assignment>& assignments) {
  const Assignment& last = assignments.back();
  for (size_t i = 0; i + 1 < assignments.size(); ++i) {
    const Assignment& earlier = assignments[i];
    const bool whole = earlier.kind == Assignment::Kind::kSet || last.kind == Assignment::Kind::kSet;
    if (whole && earlier.column == last.column) {
      return in.FailWith(last.column.position, fmt::format("column {} is set twice", last.column.name));
    }
  }
}

// IF EXISTS or IF conditions.
void ParseIf(TokenReader& in, bool& if_exists, std::vector<Condition>& conditions) {
  if (!in.Accept(Keyword::kIf)) return;
  // EXISTS is a column name too; as one it has an operator behind it.
  if (in.Is(Keyword::kExists)) {
    const TokenKind next = in.Peek().kind;
    const bool ends = next == TokenKind::kEnd || next == TokenKind::kSemicolon || next == TokenKind::kKeyword;
    if (ends && in.Peek().keyword != Keyword::kIn && in.Peek().keyword != Keyword::kContains) {
      in.Take();
      if_exists = true;
      return;
    }
  }
  in.Expected("EXISTS");
  conditions = ParseConditions(in);
}

Deletion ParseDeletion(TokenReader& in) {
  Deletion deletion;
  deletion.column = ParseColumn(in);
  if (in.Accept(TokenKind::kLeftBracket)) {
    deletion.key = ParseTerm(in);
    in.Expect(TokenKind::kRightBracket);
  } else if (in.Accept(TokenKind::kDot)) {
    deletion.field = ParseName(in, "a field name");
  }
  return deletion;
}

}  // namespace

InsertStatement ParseInsert(TokenReader& in) {
  InsertStatement insert;
  insert.position = in.position();
  in.Expect(Keyword::kInsert);
  in.Expect(Keyword::kInto);
  insert.table = ParseTable(in);
  if (in.Accept(Keyword::kJson)) {
    ParseInsertJson(in, insert);
  } else {
    ParseInsertValues(in, insert);
  }
  insert.if_not_exists = ParseIfNotExists(in);
  insert.using_clause = ParseUsing(in);
  return insert;
}

UpdateStatement ParseUpdate(TokenReader& in) {
  UpdateStatement update;
  update.position = in.position();
  in.Expect(Keyword::kUpdate);
  update.table = ParseTable(in);
  update.using_clause = ParseUsing(in);
  in.Expect(Keyword::kSet);
  do {
    update.assignments.push_back(ParseAssignment(in));
    CheckAssignments(in, update.assignments);
  } while (in.Accept(TokenKind::kComma));
  in.Expect(Keyword::kWhere);
  update.where = ParseWhere(in);
  ParseIf(in, update.if_exists, update.conditions);
  return update;
}

DeleteStatement ParseDelete(TokenReader& in) {
  DeleteStatement statement;
  statement.position = in.position();
  in.Expect(Keyword::kDelete);
  if (!in.At(Keyword::kFrom)) {
    do {
      statement.deletions.push_back(ParseDeletion(in));
    } while (in.Accept(TokenKind::kComma));
  }
  in.Expect(Keyword::kFrom);
  statement.table = ParseTable(in);
  if (in.Accept(Keyword::kUsing)) {
    in.Expect(Keyword::kTimestamp);
    statement.using_clause.timestamp = ParseIntegerOrMarker(in);
  }
  in.Expect(Keyword::kWhere);
  statement.where = ParseWhere(in);
  ParseIf(in, statement.if_exists, statement.conditions);
  return statement;
}

BatchStatement ParseBatch(TokenReader& in) {
  BatchStatement batch;
  batch.position = in.position();
  in.Expect(Keyword::kBegin);
  if (in.Accept(Keyword::kUnlogged)) {
    batch.kind = BatchStatement::Kind::kUnlogged;
  } else if (in.Accept(Keyword::kCounter)) {
    batch.kind = BatchStatement::Kind::kCounter;
  }
  in.Expect(Keyword::kBatch);
  batch.using_clause = ParseUsing(in);
  while (!in.failed() && !in.Accept(Keyword::kApply)) {
    if (in.At(Keyword::kInsert)) {
      batch.statements.emplace_back(ParseInsert(in));
    } else if (in.At(Keyword::kUpdate)) {
      batch.statements.emplace_back(ParseUpdate(in));
    } else if (in.At(Keyword::kDelete)) {
      batch.statements.emplace_back(ParseDelete(in));
    } else {
      in.Fail();
    }
    in.Accept(TokenKind::kSemicolon);
  }
  in.Expect(Keyword::kBatch);
  return batch;
}

TruncateStatement ParseTruncate(TokenReader& in) {
  TruncateStatement truncate;
  truncate.position = in.position();
  in.Expect(Keyword::kTruncate);
  in.Accept(Keyword::kTable);
  truncate.table = ParseTable(in);
  return truncate;
}

}  // namespace cassette::cql::parser
