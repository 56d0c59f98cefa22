// Many threads on one session: writes, reads and schema changes at once.
#include <atomic>
#include <thread>
#include <vector>

#include "session/session_test_support.h"

namespace cassette::session {
namespace {

using ::testing::ElementsAre;

class ConcurrencyTest : public SessionTest {};

TEST_F(ConcurrencyTest, PreparedStatementsOutliveSchemaChangesOfOtherThreads) {
  constexpr int kThreads = 4;
  constexpr int kRowsEach = 500;
  Run("CREATE TABLE t (k int, c int, v int, PRIMARY KEY (k, c))");
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t (k, c, v) VALUES (?, ?, ?)");
  const PreparedPtr select = *session_->Prepare("SELECT * FROM t WHERE k = ? AND c = ?");
  std::atomic<int> failures = 0;
  const auto work = [&](int thread) {
    for (int row = 0; row < kRowsEach; ++row) {
      const Values key = Values().Int(thread).Int(row);
      const auto written = session_->Execute(*insert, Values().Int(thread).Int(row).Int(row), QueryOptions());
      const auto read = session_->Execute(*select, key, QueryOptions());
      if (!written.ok() || !read.ok() || read->row_count() != 1) ++failures;
    }
  };
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) threads.emplace_back(work, thread);
  for (int change = 0; change < 20; ++change) Run("ALTER TABLE t ADD x" + std::to_string(change) + " int");
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_THAT(Rows("SELECT count(*) FROM t"), ElementsAre(std::to_string(kThreads * kRowsEach)));
}

}  // namespace
}  // namespace cassette::session
