// Logins, and what a session may do after one. (test/cql/auth holds the rules themselves.)
#include "session/local_session.h"
#include "session/session_test_support.h"

namespace cassette::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class LoginTest : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp();
    Run("CREATE TABLE t (k int PRIMARY KEY, v int)");
    // The hash of "secret", with few rounds.
    Run("CREATE ROLE app WITH HASHED PASSWORD = '$2a$04$tlrpQstvUn/gT6OEtpaD/uVec1oqDR44w0iT6tfbL2K4m3ykWvFEW' AND "
        "LOGIN = true");
  }
  std::unique_ptr<Session> LoggedIn() {
    std::unique_ptr<Session> session = database_->NewSession();
    const base::Status login = session->Login("app", "secret");
    EXPECT_TRUE(login.ok()) << login.ToString();
    return session;
  }
};

TEST_F(LoginTest, ASessionIsNobodysUntilALogin) {
  EXPECT_EQ(session_->role(), "");
  EXPECT_EQ(LoggedIn()->role(), "app");
}

TEST_F(LoginTest, AWrongPasswordLeavesTheSessionAsItWas) {
  EXPECT_EQ(session_->Login("app", "Secret").code(), base::Code::kUnauthorized);
  EXPECT_EQ(session_->Login("nosuch", "secret").code(), base::Code::kUnauthorized);
  EXPECT_EQ(session_->role(), "");
  Run("ALTER ROLE app WITH LOGIN = false");
  EXPECT_THAT(session_->Login("app", "secret").ToString(), HasSubstr("not permitted to log in"));
  Run("INSERT INTO t (k, v) VALUES (1, 1)");
}

TEST_F(LoginTest, TheDefaultSuperuserIsThereUntilItIsDropped) {
  ASSERT_TRUE(session_->Login("cassandra", "cassandra").ok());
  EXPECT_THAT(Rows("LIST USERS"), ElementsAre("app|false|ALL", "cassandra|true|ALL"));
  session_ = database_->NewSession();
  Run("DROP ROLE cassandra");
  Close();
  Open();
  EXPECT_EQ(session_->Login("cassandra", "cassandra").code(), base::Code::kUnauthorized);
}

TEST_F(LoginTest, PreparedStatementsAndBatchesAreChecked) {
  const std::unique_ptr<Session> app = LoggedIn();
  const auto insert = app->Prepare("INSERT INTO ks.t (k, v) VALUES (?, ?)");
  ASSERT_TRUE(insert.ok()) << insert.status().ToString();
  const Values values = Values().Int(1).Int(2);
  EXPECT_EQ(app->Execute(**insert, values, {}).status().code(), base::Code::kUnauthorized);
  const BatchEntry entry{insert->get(), &values};
  EXPECT_EQ(app->ExecuteBatch(BatchKind::kLogged, std::span(&entry, 1), {}).status().code(), base::Code::kUnauthorized);
  EXPECT_EQ(app->OpenBulkWriter(*insert).status().code(), base::Code::kUnauthorized);
  base::Status asynchronous;
  app->ExecuteAsync(*insert, values, {}, [&](base::Result<ResultPage> page) { asynchronous = page.status(); });
  EXPECT_EQ(asynchronous.code(), base::Code::kUnauthorized);
  EXPECT_THAT(Rows("SELECT * FROM t"), IsEmpty());

  Run("GRANT MODIFY ON t TO app");
  EXPECT_TRUE(app->Execute(**insert, values, {}).ok());
  EXPECT_TRUE(app->ExecuteBatch(BatchKind::kLogged, std::span(&entry, 1), {}).ok());
  EXPECT_TRUE(app->OpenBulkWriter(*insert).ok());
  EXPECT_EQ(app->Execute("SELECT * FROM ks.t").status().code(), base::Code::kUnauthorized);
  Run("REVOKE MODIFY ON t FROM app");
  EXPECT_EQ(app->Execute(**insert, values, {}).status().code(), base::Code::kUnauthorized);
}

TEST_F(LoginTest, ADroppedRoleMayDoNothingMore) {
  Run("GRANT SELECT ON t TO app");
  const std::unique_ptr<Session> app = LoggedIn();
  EXPECT_TRUE(app->Execute("SELECT * FROM ks.t").ok());
  Run("DROP ROLE app");
  EXPECT_EQ(app->Execute("SELECT * FROM ks.t").status().code(), base::Code::kUnauthorized);
}

TEST_F(LoginTest, WhatIsWrittenToSystemAuthCountsAfterTwoSeconds) {
  const std::unique_ptr<Session> app = LoggedIn();
  EXPECT_FALSE(app->Execute("SELECT * FROM ks.t").ok());
  clock_.AdvanceSeconds(1);
  Run("UPDATE system_auth.roles SET is_superuser = true WHERE role = 'app'");
  clock_.AdvanceSeconds(2);
  EXPECT_TRUE(app->Execute("SELECT * FROM ks.t").ok());
}

TEST_F(LoginTest, RolesAndPermissionsAreThereAfterReopening) {
  Run("GRANT SELECT ON t TO app");
  Run("CREATE ROLE grp");
  Run("GRANT grp TO app");
  for (const bool is_flushed : {false, true}) {
    if (is_flushed) {
      ASSERT_TRUE(database_->engine().Flush(nullptr).ok());
    }
    Close();
    Open();
    EXPECT_THAT(Rows("LIST ALL PERMISSIONS OF app"), ElementsAre("app|app|<table ks.t>|SELECT"));
    EXPECT_EQ(Rows("LIST ROLES OF app").size(), 2u);
    EXPECT_TRUE(LoggedIn()->Execute("SELECT * FROM ks.t").ok());
  }
}

TEST_F(LoginTest, GrantsThatChangeNothingWarn) {
  Run("GRANT SELECT, MODIFY ON t TO app");
  EXPECT_THAT(Run("GRANT MODIFY, ALTER ON t TO app").warnings,
              ElementsAre("Role 'app' was already granted MODIFY on <table ks.t>"));
  EXPECT_THAT(Run("REVOKE DROP, ALTER ON t FROM app").warnings,
              ElementsAre("Role 'app' was not granted DROP on <table ks.t>"));
  EXPECT_THAT(Run("GRANT ALL ON t TO app").warnings, IsEmpty());
}

TEST_F(LoginTest, NobodyLoggedInMayDoAll) {
  Run("CREATE ROLE boss WITH SUPERUSER = true");
  Run("ALTER ROLE boss WITH SUPERUSER = false");
  Run("DROP ROLE boss");
  EXPECT_THAT(Failure("DROP ROLE boss"), StartsWith("invalid argument: boss doesn't exist"));
}

}  // namespace
}  // namespace cassette::session
