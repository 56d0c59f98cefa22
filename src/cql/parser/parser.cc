#include "cql/parser/parser.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "cql/parser/auth_parser.h"
#include "cql/parser/data_parser.h"
#include "cql/parser/schema_parser.h"
#include "cql/parser/token_reader.h"

namespace cassette::cql::parser {
namespace {

// EXPLAIN is no keyword of Cassandra's: it begins a statement only before SELECT.
bool AtExplain(TokenReader& in) {
  constexpr std::string_view kExplain = "explain";
  if (!in.Is(TokenKind::kIdentifier) || in.Peek().keyword != Keyword::kSelect) return false;
  const std::string_view word = in.Raw(in.current());
  return std::equal(word.begin(), word.end(), kExplain.begin(), kExplain.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

ExplainStatement ParseExplain(TokenReader& in) {
  ExplainStatement explain;
  explain.position = in.position();
  in.Take();
  explain.select = ParseSelect(in);
  return explain;
}

StatementNode ParseNode(TokenReader& in) {
  switch (in.current().keyword) {
    case Keyword::kSelect:
      return ParseSelect(in);
    case Keyword::kInsert:
      return ParseInsert(in);
    case Keyword::kUpdate:
      return ParseUpdate(in);
    case Keyword::kDelete:
      return ParseDelete(in);
    case Keyword::kBegin:
      return ParseBatch(in);
    case Keyword::kTruncate:
      return ParseTruncate(in);
    case Keyword::kUse:
      return ParseUse(in);
    case Keyword::kCreate:
      return ParseCreate(in);
    case Keyword::kAlter:
      return ParseAlter(in);
    case Keyword::kDrop:
      return ParseDrop(in);
    case Keyword::kGrant:
      return ParseGrant(in);
    case Keyword::kRevoke:
      return ParseRevoke(in);
    case Keyword::kList:
      return ParseListStatement(in);
    case Keyword::kAdd:
      return ParseAddIdentity(in);
    case Keyword::kDescribe:
    case Keyword::kDesc:
      return ParseDescribe(in);
    default:
      break;
  }
  if (AtExplain(in)) return ParseExplain(in);
  in.Expected(
      "a statement (SELECT, INSERT, UPDATE, DELETE, BEGIN BATCH, TRUNCATE, USE, CREATE, ALTER, DROP, GRANT, "
      "REVOKE, LIST, DESCRIBE or EXPLAIN SELECT)");
  in.Fail();
  return UseStatement{};
}

StatementNode ParseWhole(TokenReader& in) {
  StatementNode node = ParseNode(in);
  while (in.Accept(TokenKind::kSemicolon)) {
  }
  if (!in.At(TokenKind::kEnd)) in.Fail();
  return node;
}

// Why the text is wrong: the run that notes what was expected where.
base::Status Explain(std::string_view text) {
  TokenReader in(text, true);
  ParseWhole(in);
  return in.Error();
}

}  // namespace

base::Result<Statement> ParseStatement(std::string_view text) {
  if (text.size() > kStatementBytesMax) {
    return base::SyntaxError(
        fmt::format("the statement has {} bytes; at most {} are possible", text.size(), kStatementBytesMax));
  }
  TokenReader in(text, false);
  Statement statement{ParseWhole(in), {}};
  if (in.failed()) return Explain(text);
  statement.markers = in.TakeMarkers();
  return statement;
}

}  // namespace cassette::cql::parser
