#include "session/local_session.h"

#include "session/session_test_support.h"

namespace cassette::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class LocalSessionTest : public SessionTest {};

TEST_F(LocalSessionTest, WritesAndReadsARowByItsKey) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v text)");
  Run("INSERT INTO t (k, v) VALUES (1, 'one')");
  EXPECT_THAT(Rows("SELECT * FROM t WHERE k = 1"), ElementsAre("1|one"));
  EXPECT_THAT(Rows("SELECT * FROM t WHERE k = 2"), IsEmpty());
}

TEST_F(LocalSessionTest, SlicesAPartition) {
  Run("CREATE TABLE t (k int, c int, v double, PRIMARY KEY (k, c)) WITH CLUSTERING ORDER BY (c DESC)");
  for (int c = 0; c < 5; ++c) Run("INSERT INTO t (k, c, v) VALUES (1, ?, ?)", Values().Int(c).Double(c + 0.5));
  EXPECT_THAT(Rows("SELECT c, v FROM t WHERE k = 1"), ElementsAre("4|4.5", "3|3.5", "2|2.5", "1|1.5", "0|0.5"));
  EXPECT_THAT(Rows("SELECT c FROM t WHERE k = 1 AND c > 1 AND c <= 3"), ElementsAre("3", "2"));
  EXPECT_THAT(Rows("SELECT c FROM t WHERE k = 1 AND c > 1 AND c <= 3 ORDER BY c ASC"), ElementsAre("2", "3"));
  EXPECT_THAT(Rows("SELECT c FROM t WHERE k = 1 AND c IN (4, 0, 9)"), ElementsAre("4", "0"));
  EXPECT_THAT(Rows("SELECT c FROM t WHERE k = 1 LIMIT 2"), ElementsAre("4", "3"));
  EXPECT_THAT(Rows("SELECT count(*), max(v), min(c) FROM t WHERE k = 1"), ElementsAre("5|4.5|0"));
}

}  // namespace
}  // namespace cassette::session
