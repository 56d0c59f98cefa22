// IF through a session: bound values, batches of prepared statements, write times, many threads.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "session/session_test_support.h"

namespace cassette::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ConditionalTest : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp();
    Run("CREATE TABLE t (k int PRIMARY KEY, v int, l frozen<list<int>>, w int)");
  }
  static std::vector<std::string> NamesOf(const ResultPage& page) {
    std::vector<std::string> names;
    for (const ColumnSpec& column : page.columns) names.push_back(column.name);
    return names;
  }
};

TEST_F(ConditionalTest, AnswersWhatItFound) {
  EXPECT_THAT(Rows("INSERT INTO t (k, v) VALUES (1, 1) IF NOT EXISTS"), ElementsAre("true"));
  const ResultPage page = Run("INSERT INTO t (k, v) VALUES (1, 2) IF NOT EXISTS");
  EXPECT_THAT(NamesOf(page), ElementsAre("[applied]", "k", "l", "v", "w"));
  EXPECT_THAT(RowsOf(page), ElementsAre("false|1|null|1|null"));
  EXPECT_EQ(page.columns[0].table, "t");
}

TEST_F(ConditionalTest, TakesBoundValues) {
  const PreparedPtr update = *session_->Prepare("UPDATE t SET v = ? WHERE k = ? IF v = ? AND l[?] IN ?");
  std::vector<std::string> names;
  for (const ColumnSpec& marker : update->markers()) names.push_back(marker.name);
  EXPECT_THAT(names, ElementsAre("v", "k", "v", "idx(l)", "in(value(l))"));
  EXPECT_TRUE(update->result_columns().empty());
  Run("INSERT INTO t (k, v, l) VALUES (1, 1, [7, 8])");
  const std::string eight("\0\0\0\1\0\0\0\4\0\0\0\x08", 12);
  const auto run = [&](const Values& values) { return session_->Execute(*update, values, QueryOptions()); };
  const ResultPage found = *run(Values().Int(2).Int(1).Int(1).Int(0).Bytes(eight));
  EXPECT_THAT(NamesOf(found), ElementsAre("[applied]", "v", "l"));
  EXPECT_EQ(found.Text(0, 0), "false");
  EXPECT_EQ(found.Text(0, 1), "1");
  EXPECT_THAT(RowsOf(*run(Values().Int(2).Int(1).Int(1).Int(1).Bytes(eight))), ElementsAre("true"));
  EXPECT_THAT(run(Values().Int(2).Int(1).Unset().Int(1).Bytes(eight)).status().message(),
              HasSubstr("Invalid 'unset' value in condition"));
  EXPECT_THAT(run(Values().Int(2).Int(1).Int(2).Int(1).Null()).status().message(),
              HasSubstr("Invalid null list in IN condition"));
  EXPECT_THAT(run(Values().Int(2).Int(1).Int(2).Null().Bytes(eight)).status().message(),
              HasSubstr("Invalid null value for list element access"));
}

TEST_F(ConditionalTest, InOnTheKeyIsRefusedWhenBound) {
  const PreparedPtr update = *session_->Prepare("UPDATE t SET v = 1 WHERE k IN ? IF EXISTS");
  const std::string one("\0\0\0\1\0\0\0\4\0\0\0\1", 12);
  const auto page = session_->Execute(*update, Values().Bytes(one), QueryOptions());
  EXPECT_THAT(page.status().message(), HasSubstr("IN on the partition key is not supported with conditional updates"));
}

TEST_F(ConditionalTest, BatchesOfPreparedStatementsAnswerToo) {
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t (k, v) VALUES (?, ?) IF NOT EXISTS");
  const PreparedPtr update = *session_->Prepare("UPDATE t SET w = 7 WHERE k = ?");
  const Values row = Values().Int(5).Int(1);
  const Values same = Values().Int(5);
  const Values other = Values().Int(6);
  const std::vector<BatchEntry> batch = {{insert.get(), &row}, {update.get(), &same}};
  EXPECT_THAT(RowsOf(*session_->ExecuteBatch(BatchKind::kLogged, batch, QueryOptions())), ElementsAre("true"));
  EXPECT_THAT(RowsOf(*session_->ExecuteBatch(BatchKind::kLogged, batch, QueryOptions())),
              ElementsAre("false|5|null|1|7"));
  const std::vector<BatchEntry> apart = {{insert.get(), &row}, {update.get(), &other}};
  EXPECT_THAT(session_->ExecuteBatch(BatchKind::kLogged, apart, QueryOptions()).status().message(),
              HasSubstr("Batch with conditions cannot span multiple partitions"));
}

TEST_F(ConditionalTest, AnswersAsynchronouslyOnceItIsDurable) {
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t (k) VALUES (?) IF NOT EXISTS");
  std::vector<std::string> answers;
  for (int i = 0; i < 2; ++i) {
    session_->ExecuteAsync(insert, Values().Int(1), QueryOptions(), [&](base::Result<ResultPage> page) {
      ASSERT_TRUE(page.ok());
      for (const std::string& row : RowsOf(*page)) answers.push_back(row);
    });
  }
  EXPECT_THAT(answers, ElementsAre("true", "false|1|null|null|null"));
}

TEST_F(ConditionalTest, TheLaterWriteWinsThoughTheClockStandsStill) {
  const std::unique_ptr<Session> other = database_->NewSession();
  Run("INSERT INTO t (k, v) VALUES (1, 0)");
  for (int i = 0; i < 10; ++i) {
    Session& session = i % 2 == 0 ? *other : *session_;
    const std::string cql = "UPDATE ks.t SET v = " + std::to_string(i + 1) + " WHERE k = 1 IF v = " + std::to_string(i);
    EXPECT_THAT(RowsOf(*session.Execute(cql)), ElementsAre("true"));
  }
}

TEST_F(ConditionalTest, TheTimestampOfTheRequestDoesNotCount) {
  Run("INSERT INTO t (k, v) VALUES (1, 0)");
  QueryOptions options;
  options.timestamp_micros = 1;
  EXPECT_THAT(RowsOf(Run("UPDATE t SET v = 1 WHERE k = 1 IF v = 0", {}, options)), ElementsAre("true"));
  EXPECT_THAT(Rows("SELECT v FROM t"), ElementsAre("1"));
}

TEST_F(ConditionalTest, IsNotForBulkWriters) {
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t (k, v) VALUES (?, ?) IF NOT EXISTS");
  EXPECT_FALSE(session_->OpenBulkWriter(insert).ok());
}

TEST_F(ConditionalTest, NoIncrementOfManyThreadsIsLost) {
  constexpr int kThreads = 4;
  constexpr int kIncrementsEach = 50;
  Run("INSERT INTO t (k, v) VALUES (1, 0)");
  const PreparedPtr select = *session_->Prepare("SELECT v FROM t WHERE k = 1");
  const PreparedPtr update = *session_->Prepare("UPDATE t SET v = ? WHERE k = 1 IF v = ?");
  std::atomic<int> failures = 0;
  const auto work = [&] {
    const std::unique_ptr<Session> session = database_->NewSession();
    int value = std::stoi(session->Execute(*select, Values(), QueryOptions())->Text(0, 0));
    for (int done = 0; done < kIncrementsEach;) {
      const auto page = session->Execute(*update, Values().Int(value + 1).Int(value), QueryOptions());
      if (!page.ok()) {
        ++failures;
        return;
      }
      if (page->Text(0, 0) == "true") {
        ++done;
        ++value;
      } else {
        value = std::stoi(page->Text(0, 1));
      }
    }
  };
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_THAT(Rows("SELECT v FROM t"), ElementsAre(std::to_string(kThreads * kIncrementsEach)));
}

TEST_F(ConditionalTest, OfManyThreadsOneInserts) {
  constexpr int kThreads = 4;
  constexpr int kRows = 50;
  std::atomic<int> applied = 0;
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t (k, v) VALUES (?, ?) IF NOT EXISTS");
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int row = 0; row < kRows; ++row) {
        const auto page = session_->Execute(*insert, Values().Int(row).Int(thread), QueryOptions());
        if (page.ok() && page->Text(0, 0) == "true") ++applied;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(applied, kRows);
}

}  // namespace
}  // namespace cassette::session
