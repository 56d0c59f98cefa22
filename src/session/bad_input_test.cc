// Statements and values of sizes and kinds that nobody means: each is answered, none takes the program down.
#include <gtest/gtest.h>

#include <string>

#include "session/session_test_support.h"

namespace cassette::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr size_t kLongestKeyBytes = 65535;
constexpr size_t kLargeStatementBytes = 10'000'000;

class BadInputTest : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp();
    Run("CREATE TABLE t (k text, c text, v text, l frozen<list<int>>, PRIMARY KEY (k, c))");
  }
};

TEST_F(BadInputTest, TakesAStatementOfTenMegabytes) {
  const std::string value(kLargeStatementBytes, 'x');
  Run("INSERT INTO t (k, c, v) VALUES ('a', 'b', '" + value + "')");
  EXPECT_EQ(*Run("SELECT v FROM t").Value(0, 0), value);
}

TEST_F(BadInputTest, RefusesTermsWithinTermsByTheThousands) {
  const std::string open(10'000, '(');
  const std::string close(10'000, ')');
  EXPECT_THAT(Failure("INSERT INTO t (k, c, v) VALUES ('a', 'b', " + open + "'x'" + close + ")"),
              HasSubstr("syntax error"));
  EXPECT_THAT(Failure("SELECT " + open + "k" + close + " FROM t"), HasSubstr("syntax error"));
  const std::string lists(10'000, '[');
  EXPECT_THAT(Failure("INSERT INTO t (k, c, l) VALUES ('a', 'b', " + lists + ")"), HasSubstr("syntax error"));
  std::string type = "int";
  for (int i = 0; i < 10'000; ++i) type = "frozen<list<" + type + ">>";
  Failure("CREATE TABLE deep (k int PRIMARY KEY, v " + type + ")");
  EXPECT_THAT(Failure("INSERT INTO t JSON '" + lists + "'"), HasSubstr("within one another"));
}

TEST_F(BadInputTest, TakesTwoThousandColumns) {
  std::string create = "CREATE TABLE wide (k int PRIMARY KEY";
  std::string names = "k";
  std::string values = "1";
  for (int i = 0; i < 2000; ++i) {
    create += ", c" + std::to_string(i) + " int";
    names += ", c" + std::to_string(i);
    values += ", " + std::to_string(i);
  }
  Run(create + ")");
  Run("INSERT INTO wide (" + names + ") VALUES (" + values + ")");
  EXPECT_EQ(Run("SELECT * FROM wide").columns.size(), 2001u);
  EXPECT_THAT(Rows("SELECT c0, c1999 FROM wide"), ElementsAre("0|1999"));
  EXPECT_THAT(Rows("UPDATE wide SET c5 = 1 WHERE k = 1 IF c1999 = 1999"), ElementsAre("true"));
}

TEST_F(BadInputTest, KeysEndAtSixtyFourKilobytes) {
  const std::string longest(kLongestKeyBytes, 'k');
  const std::string too_long(kLongestKeyBytes + 1, 'k');
  const std::string insert = "INSERT INTO t (k, c) VALUES (?, ?)";
  Run(insert, Values().Text(longest).Text("c"));
  Run(insert, Values().Text("k").Text(longest));
  EXPECT_THAT(Failure(insert, Values().Text(too_long).Text("c")), HasSubstr("Key length of 65536"));
  EXPECT_THAT(Failure(insert, Values().Text("k").Text(too_long)), HasSubstr("Key length of 65536"));
  EXPECT_THAT(Failure(insert + " IF NOT EXISTS", Values().Text(too_long).Text("c")), HasSubstr("Key length of 65536"));
  EXPECT_THAT(Failure("SELECT * FROM t WHERE k = ?", Values().Text(too_long)), HasSubstr("Key length of 65536"));
  EXPECT_THAT(Rows("SELECT count(*) FROM t"), ElementsAre("2"));
}

TEST_F(BadInputTest, TakesACollectionOfAHundredThousand) {
  std::string list = "[0";
  for (int i = 1; i < 100'000; ++i) list += ", " + std::to_string(i);
  list += "]";
  Run("INSERT INTO t (k, c, l) VALUES ('a', 'b', " + list + ")");
  EXPECT_TRUE(Run("SELECT to_json(l) FROM t").Text(0, 0) == list);
}

TEST_F(BadInputTest, ElementsWithCellsOfTheirOwnEndAtSixtyFourKilobytes) {
  Run("CREATE TABLE cells (k int PRIMARY KEY, s set<text>, m map<text, text>, l list<text>, f frozen<set<text>>)");
  const std::string longest(kLongestKeyBytes, 'x');
  const std::string too_long(kLongestKeyBytes + 1, 'x');
  Run("UPDATE cells SET s = {'" + longest + "'}, m['" + longest + "'] = '" + too_long + "' WHERE k = 1");
  Run("UPDATE cells SET l = ['" + too_long + "'], f = {'" + too_long + "'} WHERE k = 1");
  for (const std::string& set :
       {"s = {'" + too_long + "'}", "s = s + {'" + too_long + "'}", "s = s - {'" + too_long + "'}",
        "m = {'" + too_long + "': ''}", "m['" + too_long + "'] = 'a'", "m['" + too_long + "'] = null"}) {
    EXPECT_THAT(Failure("UPDATE cells SET " + set + " WHERE k = 1"), HasSubstr("Key length of 65536"));
  }
  EXPECT_THAT(Failure("DELETE m['" + too_long + "'] FROM cells WHERE k = 1"), HasSubstr("Key length of 65536"));
  EXPECT_EQ(*Run("SELECT m['" + longest + "'] FROM cells").Value(0, 0), too_long);
  EXPECT_TRUE(Rows("SELECT k FROM cells WHERE s CONTAINS '" + too_long + "' ALLOW FILTERING").empty());
}

TEST_F(BadInputTest, RefusesTextThatIsNoUtf8) {
  const std::string bad = "\xff\xfe";
  EXPECT_THAT(Failure("INSERT INTO t (k, c) VALUES (?, 'c')", Values().Text(bad)), HasSubstr("String didn't validate"));
  Failure("INSERT INTO t (k, c) VALUES ('" + bad + "', 'c')");
  Failure("SELECT " + bad + " FROM t");
}

TEST_F(BadInputTest, RefusesValuesOfAnotherSize) {
  Run("CREATE TABLE n (k int PRIMARY KEY, b bigint)");
  EXPECT_THAT(Failure("INSERT INTO n (k) VALUES (?)", Values().Bytes("abc")), HasSubstr("4 or 0 byte int"));
  EXPECT_THAT(Failure("INSERT INTO n (k, b) VALUES (1, ?)", Values().Bytes("abc")), HasSubstr("8 or 0 byte long"));
  EXPECT_THAT(Failure("INSERT INTO t (k, c, l) VALUES ('a', 'b', ?)", Values().Bytes("abc")), HasSubstr("list"));
}

TEST_F(BadInputTest, AnEmptyWriteTimeOfABatchIsRefused) {
  Run("CREATE TABLE keys (k int PRIMARY KEY)");
  const std::string batch = "BEGIN BATCH USING TIMESTAMP ? INSERT INTO keys (k) VALUES (1); APPLY BATCH";
  EXPECT_THAT(Failure(batch, Values().Bytes("")), HasSubstr("Invalid null value of timestamp"));
}

TEST_F(BadInputTest, WhatCouldNotBeReadAgainIsNotStored) {
  std::string elements = "int";
  for (int i = 1; i < 4097; ++i) elements += ", int";
  EXPECT_THAT(Failure("CREATE TABLE wide (k int PRIMARY KEY, v tuple<" + elements + ">)"),
              HasSubstr("A tuple has at most 4096 elements"));
  std::string centers;
  for (int i = 0; i < 4096; ++i) centers += ", 'd" + std::to_string(i) + "': 1";
  EXPECT_THAT(Failure("CREATE KEYSPACE many WITH replication = {'class': 'NetworkTopologyStrategy'" + centers + "}"),
              HasSubstr("past a bound"));
  Close();
  Open();
  EXPECT_THAT(RowsOf(Run("SELECT * FROM ks.t")), IsEmpty());
}

TEST_F(BadInputTest, LargeStaticsMakeSmallBatches) {
  Run("CREATE TABLE large (p int, c int, s blob static, l list<blob> static, PRIMARY KEY (p, c))");
  const std::string large(1 << 20, 'x');
  for (const int p : {1, 2, 3}) {
    Run("UPDATE large SET s = ?, l = ? WHERE p = " + std::to_string(p),
        Values().Bytes(large).Bytes(std::string("\0\0\0\1\0\0\0\1x", 9)));
    for (int c = 0; c < 100; ++c) Run("INSERT INTO large (p, c) VALUES (?, ?)", Values().Int(p).Int(c));
  }
  const ResultPage page = Run("SELECT p, c, s, l FROM large");
  EXPECT_EQ(page.row_count(), 300u);
  uint64_t rows = 0;
  for (const auto& batch : page.batches) {
    EXPECT_LE(batch.row_count, 64u);
    rows += batch.row_count;
  }
  EXPECT_EQ(rows, 300u);
  EXPECT_EQ(Run("SELECT p, c FROM large").row_count(), 300u);
}

}  // namespace
}  // namespace cassette::session
