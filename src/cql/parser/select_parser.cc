// SELECT.
#include <utility>

#include "cql/parser/data_parser.h"
#include "cql/parser/expression_parser.h"
#include "cql/parser/names.h"

namespace cassette::cql::parser {
namespace {

// Whether `AS name` follows the current word, which makes that word a column.
bool AliasFollows(TokenReader& in) {
  if (in.Peek().keyword != Keyword::kAs) return false;
  const TokenReader::Mark mark = in.Save();
  in.Take();
  const bool result = CanBeName(in.Peek());
  in.Restore(mark);
  return result;
}

// DISTINCT and JSON are column names too: they are keywords when something selectable follows.
bool AcceptSelectWord(TokenReader& in, Keyword word) {
  if (!in.Is(word) || AliasFollows(in)) return false;
  const Token next = in.Peek();
  if (next.kind != TokenKind::kStar && !CanBeginSelector(next)) return false;
  in.Take();
  return true;
}

Ordering ParseOrdering(TokenReader& in) {
  Ordering ordering;
  ordering.column = ParseColumn(in);
  if (in.Accept(Keyword::kAnn)) {
    in.Expect(Keyword::kOf);
    ordering.ann_of = ParseTerm(in);
  }
  if (!in.Accept(Keyword::kAsc)) ordering.descending = in.Accept(Keyword::kDesc);
  return ordering;
}

void ParseGroupingAndOrder(TokenReader& in, SelectStatement& select) {
  if (in.Accept(Keyword::kGroup)) {
    in.Expect(Keyword::kBy);
    do {
      select.group_by.push_back(ParseSelector(in));
    } while (in.Accept(TokenKind::kComma));
  }
  if (in.Accept(Keyword::kOrder)) {
    in.Expect(Keyword::kBy);
    do {
      select.order_by.push_back(ParseOrdering(in));
    } while (in.Accept(TokenKind::kComma));
  }
}

void ParseLimits(TokenReader& in, SelectStatement& select) {
  if (in.Accept(Keyword::kPer)) {
    in.Expect(Keyword::kPartition);
    in.Expect(Keyword::kLimit);
    select.per_partition_limit = ParseIntegerOrMarker(in);
  }
  if (in.Accept(Keyword::kLimit)) select.limit = ParseIntegerOrMarker(in);
}

}  // namespace

std::vector<Selector> ParseSelectors(TokenReader& in) {
  std::vector<Selector> selectors;
  if (in.Accept(TokenKind::kStar)) return selectors;
  do {
    Selector selector;
    selector.expression = ParseSelector(in);
    if (in.Accept(Keyword::kAs)) selector.alias = ParseName(in, "a name for the column");
    selectors.push_back(std::move(selector));
  } while (in.Accept(TokenKind::kComma));
  return selectors;
}

SelectStatement ParseSelect(TokenReader& in) {
  SelectStatement select;
  select.position = in.position();
  in.Expect(Keyword::kSelect);
  select.json = AcceptSelectWord(in, Keyword::kJson);
  select.distinct = AcceptSelectWord(in, Keyword::kDistinct);
  select.selectors = ParseSelectors(in);
  in.Expect(Keyword::kFrom);
  select.table = ParseTable(in);
  if (in.Accept(Keyword::kWhere)) select.where = ParseWhere(in);
  ParseGroupingAndOrder(in, select);
  ParseLimits(in, select);
  if (in.Accept(Keyword::kAllow)) {
    in.Expect(Keyword::kFiltering);
    select.allow_filtering = true;
  }
  return select;
}

}  // namespace cassette::cql::parser
