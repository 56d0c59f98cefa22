// A database in memory, files beside it, and runs of a model from the one into the other.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "io/mem_file_system.h"
#include "model/derive.h"
#include "model/model.h"
#include "pipeline/run.h"
#include "session/local_session.h"

namespace cassette::pipeline {

class RunTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(file_system_.CreateDirs("/events").ok());
    session::LocalOptions options;
    options.engine.background_threads = 0;
    session::LocalEnvironment environment;
    environment.file_system = &file_system_;
    environment.clock = &clock_;
    environment.logger = &logger_;
    environment.random_seed = 1;
    base::Result<std::unique_ptr<session::LocalDatabase>> database =
        session::LocalDatabase::Open("/data", options, environment);
    ASSERT_TRUE(database.ok()) << database.status().ToString();
    database_ = *std::move(database);
    session_ = database_->NewSession();
    options_.source = "/events";
    options_.rejects_path = "/rejects.csv";
    options_.threads = 1;
  }
  void TearDown() override {
    session_.reset();
    if (database_ != nullptr) {
      EXPECT_TRUE(database_->Close().ok());
    }
  }

  void UseModel(const std::string& yaml) {
    base::Result<model::Model> model = model::ParseModel(yaml, "m.yaml");
    ASSERT_TRUE(model.ok()) << model.status().ToString();
    model_ = *std::move(model);
    base::Result<std::vector<model::DerivedTable>> tables = model::DeriveTables(model_);
    ASSERT_TRUE(tables.ok()) << tables.status().ToString();
    tables_ = *std::move(tables);
  }

  void WriteFile(const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(io::WriteFileAtomically(file_system_, io::JoinPath("/events", name), bytes).ok());
  }

  // What the run said: empty for success.
  std::string Load() { return LoadFrom(file_system_); }
  std::string LoadFrom(io::FileSystem& files) {
    report_ = RunReport();
    const RunEnvironment environment{&files, &clock_, session_.get()};
    const base::Status status = pipeline::Run(model_, tables_, options_, environment, progress_, &report_);
    return std::string(status.message());
  }

  // The rows of a statement as "a|b|c"; the failure's message when it fails.
  std::vector<std::string> Rows(const std::string& cql) {
    std::vector<std::string> rows;
    session::QueryOptions query;
    do {
      const base::Result<session::ResultPage> page = session_->Execute(cql, session::Values(), query);
      if (!page.ok()) return {std::string(page.status().message())};
      for (uint64_t row = 0; row < page->row_count(); ++row) {
        rows.emplace_back();
        for (size_t column = 0; column < page->columns.size(); ++column) {
          rows.back() += (column == 0 ? "" : "|") + page->Text(row, column);
        }
      }
      query.paging_state = page->paging_state;
    } while (!query.paging_state.empty());
    return rows;
  }

  std::string Rejects() {
    const base::Result<std::string> text = io::ReadFile(file_system_, "/rejects.csv", 1 << 20);
    return text.ok() ? *text : "none";
  }

  io::MemFileSystem file_system_{/*can_lose_power=*/false};
  base::ManualClock clock_{1'700'000'000'000'000};
  base::NullLogger logger_;
  std::unique_ptr<session::LocalDatabase> database_;
  std::unique_ptr<session::Session> session_;
  model::Model model_;
  std::vector<model::DerivedTable> tables_;
  RunOptions options_;
  ProgressSink progress_;
  RunReport report_;
};

}  // namespace cassette::pipeline
