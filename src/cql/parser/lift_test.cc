#include "cql/parser/lift.h"

#include <gtest/gtest.h>

#include <fstream>

#include "cql/parser/parser.h"

namespace cassette::cql::parser {
namespace {

// The text and what was lifted from it, as "text | a | b"; "" when nothing was.
std::string Lifted(std::string_view text) {
  const std::optional<LiftedStatement> lifted = LiftLiterals(text);
  if (!lifted) return "";
  std::string result = lifted->text;
  for (const Literal& literal : lifted->literals) result += " | " + literal.text;
  return result;
}

TEST(LiftTest, LiftsTheValuesOfAnInsert) {
  EXPECT_EQ(Lifted("INSERT INTO ks.t (a, b, c) VALUES ('x', -5, 1.5e3) USING TTL 60 AND TIMESTAMP 7;"),
            "INSERT INTO ks.t (a, b, c) VALUES (?, ?, ?) USING TTL ? AND TIMESTAMP ?; | x | -5 | 1.5e3 | 60 | 7");
}

TEST(LiftTest, LiftsWhatColumnsAreComparedWith) {
  EXPECT_EQ(
      Lifted("SELECT v FROM t WHERE k=1 AND c>='it''s' AND c < $$z$$ AND d != 0xAB AND l CONTAINS KEY 3 LIMIT 4"),
      "SELECT v FROM t WHERE k=? AND c>=? AND c < ? AND d != ? AND l CONTAINS KEY ? LIMIT ? | 1 | it's | z | 0xAB "
      "| 3 | 4");
  EXPECT_EQ(Lifted("select v from t where k in (1,2) per partition limit 3"),
            "select v from t where k in (?,?) per partition limit ? | 1 | 2 | 3");
  EXPECT_EQ(Lifted("SELECT v FROM t WHERE token(k) > 5"), "SELECT v FROM t WHERE token(k) > ? | 5");
}

TEST(LiftTest, LiftsWhatIsSetAndWhatIsDeleted) {
  EXPECT_EQ(Lifted("UPDATE t SET a = 1h, b=550e8400-e29b-41d4-a716-446655440000 WHERE k = 1 IF a = 2"),
            "UPDATE t SET a = ?, b=? WHERE k = ? IF a = ? | 1h | 550e8400-e29b-41d4-a716-446655440000 | 1 | 2");
  EXPECT_EQ(Lifted("DELETE FROM t USING TIMESTAMP 5 WHERE k = 1"),
            "DELETE FROM t USING TIMESTAMP ? WHERE k = ? | 5 | 1");
}

TEST(LiftTest, LeavesWordsAndComments) {
  EXPECT_EQ(Lifted("INSERT INTO t (a, b, c, d) VALUES (null, true, NaN, now()) -- 5\nUSING TTL 1"),
            "INSERT INTO t (a, b, c, d) VALUES (null, true, NaN, now()) -- 5\nUSING TTL ? | 1");
}

TEST(LiftTest, LeavesStatementsWhoseConstantsAreNotAllOfAValue) {
  for (const char* text : {
           "INSERT INTO t (a) VALUES (f(1))",
           "INSERT INTO t (a, b) VALUES (1, (int)2)",
           "INSERT INTO t (a) VALUES (1 + 2)",
           "INSERT INTO t (a) VALUES (-(1))",
           "INSERT INTO t (a) VALUES ([1, 2])",
           "INSERT INTO t (a) VALUES ({'x': 1})",
           "INSERT INTO t (a) VALUES ({x: 1})",
           "INSERT INTO t (a) VALUES ((1, 2))",
           "INSERT INTO t JSON '{}'",
           "UPDATE t SET c = c + 1 WHERE k = 1",
           "UPDATE t SET c = c -1 WHERE k = 1",
           "UPDATE t SET c = 1 + c WHERE k = 1",
           "UPDATE t SET c += 1 WHERE k = 1",
           "UPDATE t SET m['x'] = 1 WHERE k = 1",
           "SELECT f(1) FROM t WHERE k = 1",
           "SELECT (int)1 FROM t",
           "SELECT a, 1 FROM t",
           "SELECT m[1] FROM t",
           "SELECT v FROM t WHERE (a, b) > (1, 2)",
           "SELECT v FROM t WHERE (a, b) IN ((1, 2))",
           "SELECT v FROM t WHERE a = 1 2",
           "SELECT v FROM t WHERE a = 1)",
           "SELECT v FROM t WHERE a = 'open",
           "SELECT v FROM t WHERE v LIKE 'x%'",
       }) {
    EXPECT_EQ(Lifted(text), "") << text;
  }
}

TEST(LiftTest, LeavesStatementsWithMarkersWithoutConstantsAndOfOtherKinds) {
  EXPECT_EQ(Lifted("SELECT v FROM t WHERE k = ? LIMIT 1"), "");
  EXPECT_EQ(Lifted("SELECT v FROM t WHERE k = :k LIMIT 1"), "");
  EXPECT_EQ(Lifted("SELECT v FROM t"), "");
  EXPECT_EQ(Lifted("EXPLAIN SELECT v FROM t WHERE k = 1"), "");
  EXPECT_EQ(Lifted("CREATE TABLE t (k int PRIMARY KEY) WITH gc_grace_seconds = 1"), "");
  EXPECT_EQ(Lifted(""), "");
}

TEST(LiftTest, LiftsUpToItsBoundsAndNothingPastThem) {
  const auto list = [](size_t count) {
    std::string text = "SELECT v FROM t WHERE k IN (1";
    for (size_t i = 1; i < count; ++i) text += ",1";
    return text + ")";
  };
  EXPECT_EQ(LiftLiterals(list(kLiftedLiteralsMax))->literals.size(), kLiftedLiteralsMax);
  EXPECT_FALSE(LiftLiterals(list(kLiftedLiteralsMax + 1)).has_value());
  std::string text = "SELECT v FROM t WHERE k = 1";
  text.append(kLiftedBytesMax - text.size(), ' ');
  EXPECT_TRUE(LiftLiterals(text).has_value());
  EXPECT_FALSE(LiftLiterals(text + " ").has_value());
}

TEST(LiftTest, LeavesWhatCassandraAcceptsAStatementWithAMarkerForEachConstant) {
  std::ifstream file("testdata/accepted.cql");
  ASSERT_TRUE(file.is_open());
  size_t lifted_count = 0;
  for (std::string line; std::getline(file, line);) {
    const std::optional<LiftedStatement> lifted = LiftLiterals(line);
    if (!lifted) continue;
    ++lifted_count;
    const base::Result<Statement> statement = ParseStatement(lifted->text);
    ASSERT_TRUE(statement.ok()) << line << "\n" << statement.status().message();
    EXPECT_EQ(statement->markers.size(), lifted->literals.size()) << line;
  }
  EXPECT_GT(lifted_count, 100u);
}

TEST(LiftTest, LeavesWhatCassandraRefusesWrong) {
  std::ifstream file("testdata/refused.cql");
  ASSERT_TRUE(file.is_open());
  for (std::string line; std::getline(file, line);) {
    const std::optional<LiftedStatement> lifted = LiftLiterals(line);
    // Right without its constant, which no int can be assigned.
    if (!lifted || line == "SELECT * FROM t LIMIT 1.0") continue;
    EXPECT_FALSE(ParseStatement(lifted->text).ok()) << line << "\n" << lifted->text;
  }
}

}  // namespace
}  // namespace cassette::cql::parser
