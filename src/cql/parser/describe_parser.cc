// DESCRIBE.
#include <utility>

#include "cql/parser/names.h"
#include "cql/parser/schema_parser.h"

namespace cassette::cql::parser {
namespace {

using Kind = DescribeStatement::Kind;

// Words that are the whole description, unless they name something: DESCRIBE TABLES.
constexpr std::pair<Keyword, Kind> kLists[] = {
    {Keyword::kCluster, Kind::kCluster},      {Keyword::kSchema, Kind::kSchema},
    {Keyword::kKeyspaces, Kind::kKeyspaces},  {Keyword::kTables, Kind::kTables},
    {Keyword::kTypes, Kind::kTypes},          {Keyword::kFunctions, Kind::kFunctions},
    {Keyword::kAggregates, Kind::kAggregates}};

struct Named {
  Keyword keyword;
  Kind kind;
  std::string_view what;
  NameKind name_kind;
};
constexpr Named kNamed[] = {{Keyword::kTable, Kind::kTable, "a table name", NameKind::kIdentifier},
                            {Keyword::kIndex, Kind::kIndex, "an index name", NameKind::kIdentifier},
                            {Keyword::kType, Kind::kType, "a type name", NameKind::kUserType},
                            {Keyword::kFunction, Kind::kFunction, "a function name", NameKind::kFunction},
                            {Keyword::kAggregate, Kind::kAggregate, "an aggregate name", NameKind::kFunction}};

// What ends the name in DESCRIBE name.
bool EndsDescribe(const Token& token) {
  return token.kind == TokenKind::kEnd || token.kind == TokenKind::kSemicolon || token.keyword == Keyword::kWith;
}

bool AcceptList(TokenReader& in, DescribeStatement& describe) {
  for (const auto& [keyword, kind] : kLists) {
    if (!in.At(keyword) || in.Peek().kind == TokenKind::kDot) continue;
    in.Take();
    describe.kind = kind;
    return true;
  }
  return false;
}

bool AcceptNamed(TokenReader& in, DescribeStatement& describe) {
  for (const Named& named : kNamed) {
    if (!in.At(named.keyword)) continue;
    const Token next = in.Peek();
    if (CanBeName(in.current()) && (EndsDescribe(next) || next.kind == TokenKind::kDot)) continue;
    in.Take();
    describe.kind = named.kind;
    describe.name = ParseQualifiedName(in, named.what, named.name_kind);
    return true;
  }
  return false;
}

void ParseDescribeKeyspace(TokenReader& in, DescribeStatement& describe) {
  describe.kind = Kind::kKeyspace;
  describe.only = in.Accept(Keyword::kOnly);
  in.Expect(Keyword::kKeyspace);
  if (!EndsDescribe(in.current())) describe.name = QualifiedName{std::nullopt, ParseKeyspace(in)};
}

}  // namespace

DescribeStatement ParseDescribe(TokenReader& in) {
  DescribeStatement describe;
  describe.position = in.position();
  in.Take();
  const bool only = in.Is(Keyword::kOnly) && in.Peek().keyword == Keyword::kKeyspace;
  if (in.Accept(Keyword::kFull)) {
    describe.full = true;
    describe.kind = Kind::kSchema;
    in.Expect(Keyword::kSchema);
  } else if (only || in.At(Keyword::kKeyspace)) {
    ParseDescribeKeyspace(in, describe);
  } else if (in.Accept(Keyword::kMaterialized)) {
    in.Expect(Keyword::kView);
    describe.kind = Kind::kView;
    describe.name = ParseQualifiedName(in, "a view name");
  } else if (!AcceptList(in, describe) && !AcceptNamed(in, describe)) {
    describe.kind = Kind::kGeneric;
    describe.name = ParseQualifiedName(in, "a name");
  }
  if (in.Accept(Keyword::kWith)) {
    in.Expect(Keyword::kInternals);
    describe.with_internals = true;
  }
  return describe;
}

}  // namespace cassette::cql::parser
