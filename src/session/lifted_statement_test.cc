#include "session/lifted_statement.h"

#include "session/session_test_support.h"

namespace cassette::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LiftedStatementTest : public SessionTest {
 protected:
  base::Result<PreparedPtr> PrepareOnce(std::string_view cql) {
    PrepareOptions once;
    once.keep = false;
    return session_->Prepare(cql, once);
  }
  // The plan that the statement runs with now.
  const PlannedStatement* PlanOf(const PreparedStatement& statement) {
    const auto planned = AsLocal(statement)->PlanFor(database_->engine());
    return planned.ok() ? planned->get() : nullptr;
  }
};

TEST_F(LiftedStatementTest, SharesThePlanOfAllThatDifferInTheirConstants) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v text)");
  const PreparedPtr one = *PrepareOnce("INSERT INTO t (k, v) VALUES (1, 'one')");
  const PreparedPtr two = *PrepareOnce("INSERT INTO t (k, v) VALUES (2, 'two')");
  const PreparedPtr other = *PrepareOnce("INSERT INTO t (v, k) VALUES ('two', 2)");
  EXPECT_EQ(PlanOf(*one), PlanOf(*two));
  EXPECT_NE(PlanOf(*one), PlanOf(*other));
  EXPECT_EQ(two->text(), "INSERT INTO t (k, v) VALUES (2, 'two')");
  EXPECT_THAT(two->markers(), IsEmpty());
  EXPECT_THAT(two->partition_key_markers(), IsEmpty());
  for (const PreparedPtr& statement : {two, one}) EXPECT_TRUE(session_->Execute(*statement, {}, {}).ok());
  EXPECT_THAT(Rows("SELECT k, v FROM t"), ElementsAre("1|one", "2|two"));
}

TEST_F(LiftedStatementTest, KeepsKeyspacesApart) {
  Run("CREATE KEYSPACE other WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
  Run("CREATE TABLE ks.t (k int PRIMARY KEY)");
  Run("CREATE TABLE other.t (k text PRIMARY KEY)");
  Run("INSERT INTO t (k) VALUES (1)");
  Run("USE other");
  Run("INSERT INTO t (k) VALUES ('1')");
  EXPECT_THAT(Failure("INSERT INTO t (k) VALUES (1)"),
              HasSubstr("Invalid INTEGER constant (1) for \"k\" of type text"));
}

TEST_F(LiftedStatementTest, FailsInTheWordsOfAStatementThatWasPlannedByItself) {
  Run("CREATE TABLE t (k int, c int, v text, l list<int>, PRIMARY KEY (k, c))");
  for (const char* cql : {
           "INSERT INTO t (k, c) VALUES (1, 'x')",
           "INSERT INTO t (k, c) VALUES (1, 3000000000)",
           "INSERT INTO t (k, c, v) VALUES (1, 2, 0xAB)",
           "INSERT INTO t (k, c, l) VALUES (1, 2, 'x')",
           "INSERT INTO t (k) VALUES (1)",
           "INSERT INTO t (k, c) VALUES (1, 2, 3)",
           "SELECT v FROM t WHERE k = 1 AND k = 2",
           "SELECT v FROM t WHERE v = 'x'",
           "SELECT v FROM t WHERE k = 1 LIMIT 'x'",
           "SELECT v FROM t WHERE k = 1 LIMIT 1.0",
           "SELECT v FROM t WHERE k = 1 LIMIT 1e400",
           "SELECT v FROM t WHERE k = 1e400",
           "SELECT nosuch FROM t WHERE k = 1",
           "SELECT v FRM t WHERE k = 1",
       }) {
    const base::Result<PreparedPtr> by_itself = session_->Prepare(cql, PrepareOptions());
    const base::Result<PreparedPtr> lifted = PrepareOnce(cql);
    ASSERT_FALSE(by_itself.ok()) << cql;
    ASSERT_FALSE(lifted.ok()) << cql;
    EXPECT_EQ(lifted.status().ToString(), by_itself.status().ToString()) << cql;
  }
}

TEST_F(LiftedStatementTest, TakesNoValues) {
  Run("CREATE TABLE t (k int PRIMARY KEY)");
  EXPECT_THAT(Failure("INSERT INTO t (k) VALUES (1)", Values().Int(1)),
              HasSubstr("Invalid amount of bind variables: the statement has 0, 1 were given"));
}

TEST_F(LiftedStatementTest, OutlivesChangesOfTheSchema) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v text)");
  const PreparedPtr insert = *PrepareOnce("INSERT INTO t (k, v) VALUES (1, '2024-01-01')");
  Run("ALTER TABLE t ADD w int");
  EXPECT_TRUE(session_->Execute(*insert, {}, {}).ok());
  EXPECT_THAT(Rows("SELECT k, v, w FROM t"), ElementsAre("1|2024-01-01|null"));
  // The constant is read anew, as what the column takes now.
  Run("DROP TABLE t");
  Run("CREATE TABLE t (k int PRIMARY KEY, v date)");
  EXPECT_TRUE(session_->Execute(*insert, {}, {}).ok());
  EXPECT_THAT(Rows("SELECT k, v FROM t"), ElementsAre("1|2024-01-01"));
  Run("DROP TABLE t");
  Run("CREATE TABLE t (k int PRIMARY KEY, v int)");
  EXPECT_FALSE(session_->Execute(*insert, {}, {}).ok());
}

TEST_F(LiftedStatementTest, StandsInBatchesBesideOthers) {
  Run("CREATE TABLE t (k int, c int, v text, PRIMARY KEY (k, c))");
  const PreparedPtr first = *PrepareOnce("INSERT INTO t (k, c, v) VALUES (1, 1, 'one')");
  const PreparedPtr marked = *session_->Prepare("INSERT INTO t (k, c, v) VALUES (1, ?, ?)");
  const PreparedPtr last = *PrepareOnce("INSERT INTO t (k, c, v) VALUES (1, 3, 'three')");
  const PreparedPtr deletion = *PrepareOnce("DELETE FROM t WHERE k = 1 AND c = 7");
  const Values values = Values().Int(2).Text("two");
  const BatchEntry entries[] = {
      {first.get(), nullptr}, {marked.get(), &values}, {last.get(), nullptr}, {deletion.get(), nullptr}};
  ASSERT_TRUE(session_->ExecuteBatch(BatchKind::kUnlogged, entries, {}).ok());
  EXPECT_THAT(Rows("SELECT c, v FROM t"), ElementsAre("1|one", "2|two", "3|three"));
  const BatchEntry too_many[] = {{first.get(), &values}};
  EXPECT_FALSE(session_->ExecuteBatch(BatchKind::kUnlogged, too_many, {}).ok());
}

TEST_F(LiftedStatementTest, CannotBeLoadedThrough) {
  Run("CREATE TABLE t (k int PRIMARY KEY)");
  const auto writer = session_->OpenBulkWriter(*PrepareOnce("INSERT INTO t (k) VALUES (1)"));
  ASSERT_FALSE(writer.ok());
  EXPECT_THAT(writer.status().message(), HasSubstr("has a value that is no marker"));
}

}  // namespace
}  // namespace cassette::session
