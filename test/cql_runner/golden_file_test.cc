#include "cql_runner/golden_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cassette::cql_runner {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kHeader = "-- name: N\n-- description: D\n-- tags: a cassette-only\n\n";

GoldenFile Parsed(const std::string& body) {
  auto file = GoldenFile::Parse("f.cql", std::string(kHeader) + body);
  EXPECT_TRUE(file.ok()) << file.status().ToString();
  return std::move(file).value();
}

std::string ErrorOf(const std::string& text) {
  const auto file = GoldenFile::Parse("f.cql", text);
  EXPECT_FALSE(file.ok());
  return file.ok() ? "" : std::string(file.status().message());
}

TEST(GoldenFile, HasStepsWithTheirExpectations) {
  const GoldenFile file =
      Parsed("A;\n-- a comment\nSELECT\n  x;\n--> x\n-->  1 \n-->\n-- wait: 1.5\nB;\n--> error 0x2200 no\n");
  EXPECT_EQ(file.name(), "N");
  EXPECT_TRUE(file.HasTag("cassette-only"));
  EXPECT_FALSE(file.HasTag("cassette"));
  ASSERT_EQ(file.steps().size(), 3u);
  EXPECT_EQ(file.steps()[0].statement, "A;");
  EXPECT_EQ(file.steps()[0].line, 5u);
  EXPECT_TRUE(file.steps()[0].expected.empty());
  EXPECT_EQ(file.steps()[1].statement, "SELECT\n  x;");
  EXPECT_EQ(file.steps()[1].expected, (Lines{"x", "1", ""}));
  EXPECT_EQ(file.steps()[1].wait_seconds, 0);
  EXPECT_EQ(file.steps()[2].wait_seconds, 1.5);
}

TEST(GoldenFile, ABatchEndsWithApplyBatch) {
  const GoldenFile file = Parsed("BEGIN BATCH\n  A;\n  B;\nAPPLY BATCH;\nbegin unlogged batch A; Apply  Batch ;\nC;\n");
  ASSERT_EQ(file.steps().size(), 3u);
  EXPECT_EQ(file.steps()[0].statement, "BEGIN BATCH\n  A;\n  B;\nAPPLY BATCH;");
  EXPECT_EQ(file.steps()[2].statement, "C;");
}

TEST(GoldenFile, IsRewrittenWithoutOtherChanges) {
  const std::string body = "-- one\nA;\n--> old\n\nB;\n--> x\n--> 1\n-- end\n";
  const GoldenFile file = Parsed(body);
  EXPECT_EQ(file.WithExpectations({{"old"}, {"x", "1"}}), std::string(kHeader) + body);
  EXPECT_EQ(file.WithExpectations({{}, {"y", ""}}), std::string(kHeader) + "-- one\nA;\n\nB;\n--> y\n-->\n-- end\n");
}

TEST(GoldenFile, RefusesFilesThatAreNone) {
  EXPECT_THAT(ErrorOf("A;\n"), HasSubstr("'-- name:' is missing"));
  EXPECT_THAT(ErrorOf("-- name: N\n-- description: D\nA;\n"), HasSubstr("'-- tags:' is missing"));
  EXPECT_THAT(ErrorOf(std::string(kHeader) + "--> x\n"), HasSubstr("f.cql:5: expected output before"));
  EXPECT_THAT(ErrorOf(std::string(kHeader) + "A;\nB\n\n"), HasSubstr("f.cql:6: this statement has no ';'"));
  EXPECT_THAT(ErrorOf(std::string(kHeader) + "-- wait: long\n"), HasSubstr("takes seconds"));
}

TEST(Matches, ComparesErrorsByCode) {
  EXPECT_TRUE(Matches({"error 0x2200 this"}, {"error 0x2200 that"}));
  EXPECT_TRUE(Matches({"error 0x2200"}, {"error 0x2200 that"}));
  EXPECT_FALSE(Matches({"error 0x2200 this"}, {"error 0x2000 this"}));
  EXPECT_FALSE(Matches({"error 0x2200 this"}, {}));
  EXPECT_FALSE(Matches({}, {"error 0x2200 this"}));
}

TEST(Matches, ComparesRowsWordForWord) {
  EXPECT_TRUE(Matches({}, {}));
  EXPECT_TRUE(Matches({"a | b", "1 |"}, {"a | b", "1 | "}));
  EXPECT_FALSE(Matches({"a", "1"}, {"a", "2"}));
  EXPECT_FALSE(Matches({"a", "1"}, {"a"}));
  EXPECT_FALSE(Matches({"a"}, {"a", "1"}));
}

TEST(KeyspaceOf, IsThePathInLowerCaseLettersAndUnderscores) {
  EXPECT_EQ(KeyspaceOf("types/int.cql"), "types_int");
  EXPECT_EQ(KeyspaceOf("A-b.cql"), "a_b");
}

}  // namespace
}  // namespace cassette::cql_runner
