// A database in memory and a session on it, for the tests of this folder.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "io/mem_file_system.h"
#include "session/local_session.h"

namespace cassette::session {

class SessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    Run("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    Run("USE ks");
  }
  void TearDown() override { Close(); }

  void Open() {
    LocalOptions options;
    options.engine.background_threads = 0;
    LocalEnvironment environment;
    environment.file_system = &file_system_;
    environment.clock = &clock_;
    environment.logger = &logger_;
    environment.random_seed = 1;
    base::Result<std::unique_ptr<LocalDatabase>> database = LocalDatabase::Open("/data", options, environment);
    ASSERT_TRUE(database.ok()) << database.status().ToString();
    database_ = *std::move(database);
    session_ = database_->NewSession();
  }
  void Close() {
    session_.reset();
    if (database_ != nullptr) {
      const base::Status closed = database_->Close();
      EXPECT_TRUE(closed.ok()) << closed.ToString();
    }
    database_.reset();
  }

  // Runs a statement that must succeed.
  ResultPage Run(std::string_view cql, const Values& values = {}, const QueryOptions& options = {}) {
    base::Result<ResultPage> page = session_->Execute(cql, values, options);
    EXPECT_TRUE(page.ok()) << cql << "\n" << page.status().ToString();
    return page.ok() ? *std::move(page) : ResultPage();
  }
  // Rows as "a|b|c".
  static std::vector<std::string> RowsOf(const ResultPage& page) {
    std::vector<std::string> rows;
    for (uint64_t row = 0; row < page.row_count(); ++row) {
      std::string text;
      for (size_t column = 0; column < page.columns.size(); ++column) {
        text += (column == 0 ? "" : "|") + page.Text(row, column);
      }
      rows.push_back(std::move(text));
    }
    return rows;
  }
  std::vector<std::string> Rows(std::string_view cql, const Values& values = {}) { return RowsOf(Run(cql, values)); }
  // Runs a statement that must fail; "code: message".
  std::string Failure(std::string_view cql, const Values& values = {}) {
    const base::Result<ResultPage> page = session_->Execute(cql, values, QueryOptions());
    EXPECT_FALSE(page.ok()) << cql;
    return page.ok() ? "ok" : page.status().ToString();
  }

  io::MemFileSystem file_system_;
  base::ManualClock clock_{1'700'000'000'000'000};
  base::NullLogger logger_;
  std::unique_ptr<LocalDatabase> database_;
  std::unique_ptr<Session> session_;
};

}  // namespace cassette::session
