// Store: a database that may lose its power, for tests of what is there afterwards.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/fault_file_system.h"
#include "io/mem_file_system.h"
#include "session/local_session.h"
#include "session/session_test_support.h"

namespace cassette::session {

// Statements say whether they were acknowledged. Lifetime: file system and clock outlive it.
class Store {
 public:
  Store(io::FileSystem& file_system, base::ManualClock& clock) : file_system_(file_system), clock_(clock) {}
  ~Store() { Close(); }

  bool Open() {
    LocalOptions options;
    options.engine.background_threads = 0;
    options.engine.commitlog_segment_bytes = 256 << 10;
    options.engine.commitlog_sync = storage::engine::CommitLogSync::kBatch;
    base::Result<std::unique_ptr<LocalDatabase>> database =
        LocalDatabase::Open("/data", options, {&file_system_, &clock_, &logger_, 1});
    if (!database.ok()) return false;
    database_ = *std::move(database);
    session_ = database_->NewSession();
    return true;
  }
  void Close() {
    session_.reset();
    if (database_ != nullptr) (void)database_->Close();
    database_.reset();
  }
  bool Run(const std::string& cql) { return session_->Execute(cql, {}, {}).ok(); }
  // Rows as "a|b|c".
  std::vector<std::string> Rows(const std::string& cql) {
    const base::Result<ResultPage> page = session_->Execute(cql, {}, {});
    EXPECT_TRUE(page.ok()) << cql << "\n" << page.status().ToString();
    std::vector<std::string> rows;
    if (!page.ok()) return rows;
    for (uint64_t row = 0; row < page->row_count(); ++row) {
      std::string text;
      for (size_t column = 0; column < page->columns.size(); ++column) {
        text += (column == 0 ? "" : "|") + page->Text(row, column);
      }
      rows.push_back(std::move(text));
    }
    return rows;
  }
  storage::engine::Engine& engine() { return database_->engine(); }

 private:
  io::FileSystem& file_system_;
  base::ManualClock& clock_;
  base::NullLogger logger_;
  std::unique_ptr<LocalDatabase> database_;
  std::unique_ptr<Session> session_;
};

// The power goes at one call of `workload` after another, about `cuts` times in all, and `check` sees what the store
// has once it is open again. `workload` says whether it came to its end.
inline void CutPowerEverywhere(uint64_t cuts, const std::function<bool(Store&)>& workload,
                               const std::function<void(Store&)>& check) {
  constexpr int64_t kStartMicros = 1'700'000'000'000'000;
  uint64_t calls = 0;
  {
    io::MemFileSystem memory;
    io::FaultFileSystem files(memory, io::PowerCut::kDropUnsynced, 1);
    base::ManualClock clock{kStartMicros};
    Store store(files, clock);
    ASSERT_TRUE(workload(store));
    calls = files.call_count();
  }
  const uint64_t step = std::max<uint64_t>(1, calls / cuts);
  for (uint64_t at = 1; at <= calls; at += step) {
    SCOPED_TRACE("power cut at call " + std::to_string(at));
    io::MemFileSystem memory;
    io::FaultFileSystem files(memory, io::PowerCut::kDropUnsynced, at);
    base::ManualClock clock{kStartMicros};
    files.FailCall(at, io::Fault::kPowerCut);
    Store store(files, clock);
    workload(store);
    store.Close();
    files.Restart();
    ASSERT_TRUE(store.Open());
    check(store);
    ASSERT_FALSE(::testing::Test::HasFailure());
  }
}

}  // namespace cassette::session
