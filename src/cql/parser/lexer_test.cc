#include "cql/parser/lexer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cql/parser/keyword.h"

namespace cassette::cql::parser {
namespace {

std::vector<TokenKind> Kinds(std::string_view text) {
  const Lexer lexer(text);
  std::vector<TokenKind> kinds;
  uint32_t offset = 0;
  while (true) {
    const Token token = lexer.Next(offset);
    if (token.kind == TokenKind::kEnd) return kinds;
    kinds.push_back(token.kind);
    offset = token.end;
  }
}

TEST(Lexer, KnowsTheKindOfEachToken) {
  const struct {
    std::string_view text;
    TokenKind kind;
  } cases[] = {
      {"abc", TokenKind::kIdentifier},
      {"a_1", TokenKind::kIdentifier},
      {"selecT", TokenKind::kKeyword},
      {"\"A b\"", TokenKind::kQuotedName},
      {"\"a\"\"b\"", TokenKind::kQuotedName},
      {"\"\"", TokenKind::kEmptyQuotedName},
      {"''", TokenKind::kString},
      {"'it''s'", TokenKind::kString},
      {"$$it's$$", TokenKind::kDollarString},
      {"$$$$", TokenKind::kDollarString},
      {"0", TokenKind::kInteger},
      {"-123456789012345678901234567890", TokenKind::kInteger},
      {"1.", TokenKind::kFloat},
      {"1.5", TokenKind::kFloat},
      {"-1.5E-10", TokenKind::kFloat},
      {"1e5", TokenKind::kFloat},
      {"true", TokenKind::kBoolean},
      {"False", TokenKind::kBoolean},
      {"1h30m", TokenKind::kDuration},
      {"-1Y2mo3w4d5h6m7s8ms9us10ns", TokenKind::kDuration},
      {"5\xC2\xB5s", TokenKind::kDuration},
      {"P1Y2M3DT4H5M6S", TokenKind::kDuration},
      {"-P3W", TokenKind::kDuration},
      {"PT5M", TokenKind::kDuration},
      {"P0001-02-03T04:05:06", TokenKind::kDuration},
      {"550E8400-e29b-41d4-a716-446655440000", TokenKind::kUuid},
      {"abcdef01-e29b-41d4-a716-446655440000", TokenKind::kUuid},
      {"0x", TokenKind::kBlob},
      {"0XaB1", TokenKind::kBlob},
      {"-NaN", TokenKind::kNegativeNan},
      {"-infinity", TokenKind::kNegativeInfinity},
      {"?", TokenKind::kQuestionMark},
      {"..", TokenKind::kRange},
      {"+=", TokenKind::kPlusEqual},
      {"-=", TokenKind::kMinusEqual},
      {"!=", TokenKind::kNotEqual},
      {"<=", TokenKind::kLessOrEqual},
      {">=", TokenKind::kGreaterOrEqual},
      {"P", TokenKind::kIdentifier},
      {"PT", TokenKind::kIdentifier},
      {"P1Yx", TokenKind::kIdentifier},
  };
  for (const auto& [text, kind] : cases) EXPECT_EQ(Kinds(text), std::vector{kind}) << text;
}

TEST(Lexer, CutsWhereCassandraCuts) {
  using enum TokenKind;
  EXPECT_EQ(Kinds("a -3"), (std::vector{kIdentifier, kInteger}));
  EXPECT_EQ(Kinds("a - 3"), (std::vector{kIdentifier, kMinus, kInteger}));
  EXPECT_EQ(Kinds("1..2"), (std::vector{kInteger, kRange, kInteger}));
  EXPECT_EQ(Kinds("1...2"), (std::vector{kFloat, kRange, kInteger}));
  EXPECT_EQ(Kinds(".5"), (std::vector{kDot, kInteger}));
  EXPECT_EQ(Kinds("1e"), (std::vector{kInteger, kIdentifier}));
  EXPECT_EQ(Kinds("1day"), (std::vector{kDuration, kIdentifier}));
  EXPECT_EQ(Kinds("k=1AND"), (std::vector{kIdentifier, kEqual, kInteger, kKeyword}));
  EXPECT_EQ(Kinds("a<-1"), (std::vector{kIdentifier, kLess, kInteger}));
}

TEST(Lexer, SkipsBlanksAndComments) {
  EXPECT_TRUE(Kinds(" \t\r\n-- a\n// b\r/* c\n* / */ -- at the end").empty());
  EXPECT_EQ(Kinds("/**/a/* -- */b").size(), 2u);
}

TEST(Lexer, SaysWhatIsNotCql) {
  for (std::string_view text : {"'abc", "\"abc", "$$abc", "$", "/* abc", "!", "_a", "#", "\xC3\xA4", "'"}) {
    const Token token = Lexer(text).Next(0);
    EXPECT_EQ(token.kind, TokenKind::kInvalid) << text;
    ASSERT_NE(token.problem, nullptr) << text;
  }
  EXPECT_EQ(Lexer(std::string_view("\0", 1)).Next(0).kind, TokenKind::kInvalid);
}

TEST(Keyword, IsFoundInAnyCase) {
  EXPECT_EQ(FindKeyword("SELECT"), Keyword::kSelect);
  EXPECT_EQ(FindKeyword("sElEcT"), Keyword::kSelect);
  EXPECT_EQ(FindKeyword("table"), Keyword::kTable);
  EXPECT_EQ(FindKeyword("ColumnFamily"), Keyword::kTable);
  EXPECT_EQ(FindKeyword("selec"), Keyword::kNone);
  EXPECT_EQ(FindKeyword("selects"), Keyword::kNone);
  EXPECT_EQ(FindKeyword(""), Keyword::kNone);
}

TEST(Keyword, HasSpellingAndClass) {
#define CASSETTE_CHECK_KEYWORD(enumerator, spelling, keyword_class)    \
  EXPECT_EQ(FindKeyword(spelling), Keyword::enumerator) << (spelling); \
  EXPECT_EQ(ClassOf(Keyword::enumerator), KeywordClass::keyword_class) << (spelling);
  CASSETTE_CQL_KEYWORDS(CASSETTE_CHECK_KEYWORD)
#undef CASSETTE_CHECK_KEYWORD
  EXPECT_EQ(SpellingOf(Keyword::kTable), "TABLE");
  EXPECT_EQ(SpellingOf(Keyword::kSelectMasked), "SELECT_MASKED");
}

}  // namespace
}  // namespace cassette::cql::parser
