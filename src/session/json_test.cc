// JSON through a session: bound texts, in statements and in batches of prepared ones.
#include <gtest/gtest.h>

#include <vector>

#include "session/session_test_support.h"

namespace cassette::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class JsonTest : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp();
    Run("CREATE TABLE t (k int, c int, v text, PRIMARY KEY (k, c))");
  }
};

TEST_F(JsonTest, InsertsABoundText) {
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t JSON ?");
  ASSERT_EQ(insert->markers().size(), 1u);
  EXPECT_EQ(insert->markers()[0].name, "[json]");
  EXPECT_EQ(insert->markers()[0].type.ToString(), "text");
  const auto run = [&](const Values& values) { return session_->Execute(*insert, values, QueryOptions()); };
  EXPECT_TRUE(run(Values().Text(R"({"k": 1, "c": 2, "v": "x"})")).ok());
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre("1|2|x"));
  EXPECT_TRUE(run(Values().Text(R"({"k": 1, "c": 2})")).ok());
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre("1|2|null"));
  EXPECT_THAT(run(Values().Text(R"({"k": 1, "nosuch": 2})")).status().message(), HasSubstr("unrecognized column"));
  EXPECT_THAT(run(Values().Text("[")).status().message(), HasSubstr("Could not decode JSON"));
  EXPECT_THAT(run(Values().Null()).status().message(), HasSubstr("Got null for INSERT JSON values"));
}

TEST_F(JsonTest, DefaultUnsetLeavesWhatIsNotNamed) {
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t JSON :row DEFAULT UNSET");
  EXPECT_EQ(insert->markers()[0].name, "row");
  Run("INSERT INTO t (k, c, v) VALUES (1, 1, 'x')");
  EXPECT_TRUE(session_->Execute(*insert, Values().Text(R"({"k": 1, "c": 1})"), QueryOptions()).ok());
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre("1|1|x"));
  EXPECT_TRUE(session_->Execute(*insert, Values().Text(R"({"k": 1, "c": 1, "v": null})"), QueryOptions()).ok());
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre("1|1|null"));
}

TEST_F(JsonTest, EachTextOfABatchIsItsOwn) {
  Run("BEGIN BATCH INSERT INTO t JSON ?; INSERT INTO t JSON ?; APPLY BATCH",
      Values().Text(R"({"k": 1, "c": 1, "v": "a"})").Text(R"({"k": 1, "c": 2, "v": "b"})"));
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t JSON ?");
  const Values third = Values().Text(R"({"k": 1, "c": 3, "v": "c"})");
  const Values fourth = Values().Text(R"({"k": 1, "c": 4, "v": "d"})");
  const std::vector<BatchEntry> batch = {{insert.get(), &third}, {insert.get(), &fourth}};
  EXPECT_TRUE(session_->ExecuteBatch(BatchKind::kLogged, batch, QueryOptions()).ok());
  EXPECT_THAT(Rows("SELECT JSON c, v FROM t"), ElementsAre(R"({"c": 1, "v": "a"})", R"({"c": 2, "v": "b"})",
                                                           R"({"c": 3, "v": "c"})", R"({"c": 4, "v": "d"})"));
}

TEST_F(JsonTest, FromJsonTakesMarkers) {
  Run("INSERT INTO t (k, c, v) VALUES (from_json(?), from_json(?), from_json(?))",
      Values().Text("1").Text("2").Text("\"x\""));
  EXPECT_THAT(Rows("SELECT to_json(v) FROM t WHERE k = from_json(?)", Values().Text("1")), ElementsAre("\"x\""));
}

TEST_F(JsonTest, BothComeInPages) {
  for (int i = 0; i < 5; ++i) {
    Run("INSERT INTO t (k, c) VALUES (1, " + std::to_string(i) + ")");
  }
  QueryOptions options;
  options.page_rows = 2;
  const ResultPage page = Run("SELECT JSON c FROM t", {}, options);
  EXPECT_THAT(RowsOf(page), ElementsAre(R"({"c": 0})", R"({"c": 1})"));
  EXPECT_TRUE(page.has_more());
}

}  // namespace
}  // namespace cassette::session
