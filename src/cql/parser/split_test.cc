#include "cql/parser/split.h"

#include <gtest/gtest.h>

#include <string>

namespace cassette::cql::parser {
namespace {

std::vector<std::string> Texts(std::string_view script) {
  std::vector<std::string> texts;
  for (const StatementText& statement : SplitStatements(script)) {
    EXPECT_EQ(script.substr(statement.position.offset, statement.text.size()), statement.text);
    texts.push_back(std::string(statement.text) + (statement.complete ? "" : "..."));
  }
  return texts;
}

using Strings = std::vector<std::string>;

TEST(Split, CutsAtSemicolons) {
  EXPECT_EQ(Texts("SELECT 1; SELECT 2 ;\n  SELECT 3"), (Strings{"SELECT 1", "SELECT 2", "SELECT 3..."}));
}

TEST(Split, LeavesEmptyStatementsOut) {
  EXPECT_EQ(Texts(""), Strings{});
  EXPECT_EQ(Texts(" ;; -- nothing;\n /* ; */ ; // ;"), Strings{});
}

TEST(Split, KeepsQuotedSemicolons) {
  EXPECT_EQ(Texts("a 'x;''y;' \"p;\"\"q\" $$ ; ' $$ -- c;\n b /* ; */ c; d;"),
            (Strings{"a 'x;''y;' \"p;\"\"q\" $$ ; ' $$ -- c;\n b /* ; */ c", "d"}));
}

TEST(Split, KeepsABatchTogether) {
  EXPECT_EQ(Texts("begin batch INSERT a; UPDATE b; apply batch; SELECT 1;"),
            (Strings{"begin batch INSERT a; UPDATE b; apply batch", "SELECT 1"}));
  EXPECT_EQ(Texts("BEGIN UNLOGGED BATCH INSERT a; UPDATE b;"), Strings{"BEGIN UNLOGGED BATCH INSERT a; UPDATE b;..."});
}

TEST(Split, SaysWhatTheScriptCutsOff) {
  EXPECT_EQ(Texts("SELECT 'abc; SELECT 2;"), Strings{"SELECT 'abc; SELECT 2;..."});
  EXPECT_EQ(Texts("SELECT /* abc; "), Strings{"SELECT /* abc; ..."});
  EXPECT_EQ(Texts("SELECT $$ abc; "), Strings{"SELECT $$ abc; ..."});
  EXPECT_EQ(Texts("SELECT '"), Strings{"SELECT '..."});
}

TEST(Split, GoesOnAfterWhatIsNotCql) { EXPECT_EQ(Texts("a # b; c ! d;"), (Strings{"a # b", "c ! d"})); }

}  // namespace
}  // namespace cassette::cql::parser
