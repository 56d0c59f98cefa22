#include "cql_runner/golden_text.h"

#include <gtest/gtest.h>

namespace cassette::cql_runner {
namespace {

using types::DataType;
using types::TypeKind;

TEST(GoldenText, EscapesWhatWouldBreakALine) {
  EXPECT_EQ(Escaped("a|b\\c\nd\re\tf\x01g\x7F"), "a\\|b\\\\c\\nd\\re\\tf\\x01g\\x7f");
  EXPECT_EQ(Escaped("Zürich 'x'"), "Zürich 'x'");
}

TEST(GoldenText, ErrorsShowCodeAndFirstLine) {
  EXPECT_EQ(ErrorLines(base::InvalidArgument("no")), Lines{"error 0x2200 no"});
  EXPECT_EQ(ErrorLines(base::SyntaxError("line 1:1: found x\n  x\n  ^")), Lines{"error 0x2000 line 1:1: found x"});
  EXPECT_LE(ErrorLines(base::SyntaxError(std::string(1000, 'x')))[0].size(), 200u);
}

TEST(GoldenText, CollectionsAreLiterals) {
  using namespace std::string_view_literals;
  const DataType text(TypeKind::kText);
  const DataType number(TypeKind::kInt);
  EXPECT_EQ(ValueText(DataType::List(number, true), "\0\0\0\x02\0\0\0\x04\0\0\0\x01\0\0\0\x04\0\0\0\x02"sv), "[1, 2]");
  EXPECT_EQ(ValueText(DataType::Set(text, true), "\0\0\0\x01\0\0\0\x04it's"sv), "{'it''s'}");
  EXPECT_EQ(ValueText(DataType::Map(text, number, true), "\0\0\0\x01\0\0\0\x01k\xFF\xFF\xFF\xFF"sv), "{'k': null}");
  EXPECT_EQ(ValueText(DataType::Map(text, text, true), "\0\0\0\0"sv), "{}");
}

}  // namespace
}  // namespace cassette::cql_runner
