// Pages: their states are good on another connection, after a restart of the server, and refused where they are not
// the statement's.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "server/response_test_support.h"

namespace cassette::server {
namespace {

using protocol::ErrorCode;
using protocol::Opcode;
using testing::HasSubstr;

constexpr uint8_t kVersions[] = {4, 5};
constexpr int32_t kPageRows = 3;

class PagingTest : public ServerTest {
 protected:
  void SetUp() override {
    Start();
    const std::unique_ptr<session::Session> session = database_->NewSession();
    Must(*session, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    for (const char* table : {"t", "other"}) {
      Must(*session, fmt::format("CREATE TABLE ks.{} (k int, c int, v int, s int STATIC, PRIMARY KEY (k, c))", table));
    }
    Must(*session, "CREATE INDEX by_v ON ks.t (v)");
    Must(*session,
         "CREATE MATERIALIZED VIEW ks.by_c AS SELECT k, c, v FROM ks.t WHERE k IS NOT NULL AND c IS NOT NULL "
         "PRIMARY KEY (c, k)");
    for (int k = 0; k < 4; ++k) {
      Must(*session, fmt::format("INSERT INTO ks.t (k, s) VALUES ({}, {})", k, k));
      for (int c = 0; c < 5; ++c) {
        Must(*session, fmt::format("INSERT INTO ks.t (k, c, v) VALUES ({}, {}, {})", k, c, c % 2));
      }
    }
  }
  static void Must(session::Session& session, const std::string& cql) {
    const base::Status status = session.Execute(cql).status();
    ASSERT_TRUE(status.ok()) << cql << ": " << status.ToString();
  }
  void Restart() {
    Stop();
    Start();
  }
  Response Page(uint8_t version, std::string_view cql, const std::string& state, int32_t page_rows = kPageRows) {
    TestClient client = Connect(version);
    client.Startup();
    protocol::QueryRequest query;
    query.query = cql;
    query.parameters.options.page_rows = page_rows;
    query.parameters.options.paging_state = state;
    std::string body;
    protocol::AppendQuery(query, version, &body);
    return client.Ask(Opcode::kQuery, body);
  }
  std::string StateAfterOnePage(std::string_view cql) { return ParseResult(Page(4, cql, "")).paging_state; }
  void ExpectRefused(std::string_view cql, const std::string& state, ErrorCode code, const std::string& message) {
    for (const uint8_t version : kVersions) {
      const Response response = Page(version, cql, state);
      EXPECT_EQ(response.error(), code) << cql;
      EXPECT_THAT(response.error_message(), HasSubstr(message));
    }
  }
};

TEST_F(PagingTest, StatesSurviveARestartOfTheServer) {
  const char* statements[] = {
      "SELECT k, c, v FROM ks.t",
      "SELECT c FROM ks.t WHERE k = 2",
      "SELECT c FROM ks.t WHERE k = 2 ORDER BY c DESC",
      "SELECT k, c FROM ks.t WHERE k IN (1, 3)",
      "SELECT k, c FROM ks.t WHERE token(k) > -9223372036854775808",
      "SELECT k, c FROM ks.t LIMIT 11",
      "SELECT k, c FROM ks.t PER PARTITION LIMIT 2",
      "SELECT DISTINCT k, s FROM ks.t",
      "SELECT k, c FROM ks.t WHERE c > 1 ALLOW FILTERING",
      "SELECT k, c FROM ks.t WHERE v = 1",
      "SELECT k, c FROM ks.t WHERE v = 1 AND c > 1 ALLOW FILTERING",
      "SELECT k, max(v) FROM ks.t GROUP BY k",
      "SELECT k, c, count(*) FROM ks.t GROUP BY k, c",
      "SELECT k, count(v) FROM ks.t WHERE v = 1 GROUP BY k",
      "SELECT c, k FROM ks.by_c",
  };
  // By version, then by statement.
  std::vector<std::vector<std::string>> whole[std::size(kVersions)][std::size(statements)];
  std::vector<std::vector<std::string>> paged[std::size(kVersions)][std::size(statements)];
  std::string states[std::size(kVersions)][std::size(statements)];
  for (size_t version = 0; version < std::size(kVersions); ++version) {
    for (size_t i = 0; i < std::size(statements); ++i) {
      whole[version][i] = ParseResult(Page(kVersions[version], statements[i], "", 1000)).rows;
    }
  }
  for (bool is_first = true, has_more = true; has_more; is_first = false) {
    has_more = false;
    for (size_t version = 0; version < std::size(kVersions); ++version) {
      for (size_t i = 0; i < std::size(statements); ++i) {
        if (!is_first && states[version][i].empty()) continue;
        SCOPED_TRACE(statements[i]);
        const ParsedResult page = ParseResult(Page(kVersions[version], statements[i], states[version][i]));
        EXPECT_LE(page.rows.size(), static_cast<size_t>(kPageRows));
        for (const std::vector<std::string>& row : page.rows) paged[version][i].push_back(row);
        states[version][i] = page.paging_state;
        has_more |= !page.paging_state.empty();
      }
    }
    Restart();
  }
  for (size_t version = 0; version < std::size(kVersions); ++version) {
    for (size_t i = 0; i < std::size(statements); ++i) {
      EXPECT_GT(whole[version][i].size(), static_cast<size_t>(kPageRows)) << statements[i];
      EXPECT_EQ(paged[version][i], whole[version][i]) << statements[i];
    }
  }
}

TEST_F(PagingTest, WhatIsNoStateIsAProtocolError) {
  constexpr char kMessage[] = "Invalid value for the paging state";
  const std::string state = StateAfterOnePage("SELECT * FROM ks.t");
  ASSERT_NE(state, "");
  std::string damaged = state;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  for (const std::string& wrong :
       {std::string("garbage"), std::string(1000, '\xff'), damaged, state.substr(0, state.size() - 1), state + "x"}) {
    ExpectRefused("SELECT * FROM ks.t", wrong, ErrorCode::kProtocolError, kMessage);
    ExpectRefused("SELECT k, count(*) FROM ks.t GROUP BY k", wrong, ErrorCode::kProtocolError, kMessage);
    ExpectRefused("SELECT k FROM ks.t WHERE v = 1", wrong, ErrorCode::kProtocolError, kMessage);
  }
}

TEST_F(PagingTest, TheStateOfAnotherStatementIsInvalidOrAPlaceInItsRows) {
  const std::string state = StateAfterOnePage("SELECT * FROM ks.t WHERE k = 2");
  ExpectRefused("SELECT * FROM ks.other", state, ErrorCode::kInvalid, "The paging state is of another table");
  ExpectRefused("SELECT * FROM ks.t WHERE k = 1", state, ErrorCode::kInvalid, "is of another query");
  // Of the same table it is the place behind a row, whoever asks.
  EXPECT_EQ(ParseResult(Page(4, "SELECT c FROM ks.t WHERE k = 2", state)).rows.size(), 2u);
  EXPECT_EQ(ParseResult(Page(4, "SELECT c FROM ks.t WHERE k IN (2)", state)).rows.size(), 2u);
}

}  // namespace
}  // namespace cassette::server
