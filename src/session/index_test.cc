// Secondary indexes through a session: what an index finds is what a scan with a filter finds, whatever was written
// and how, and after the power has gone at any point.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "columnar/vector.h"
#include "session/session_test_support.h"
#include "session/store_test_support.h"

namespace cassette::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kValues = 4;

// The index must name the rows that a scan of all of them finds.
void ExpectAgreement(Store& store) {
  const std::vector<std::string> all = store.Rows("SELECT k, c, v FROM ks.t");
  size_t found = 0;
  for (int v = 0; v < kValues; ++v) {
    const std::string value = std::to_string(v);
    // IN is no question for an index.
    const auto scanned = store.Rows("SELECT k, c FROM ks.t WHERE v IN (" + value + ", -1) ALLOW FILTERING");
    const auto indexed = store.Rows("SELECT k, c FROM ks.t WHERE v = " + value);
    EXPECT_EQ(indexed, scanned) << "v = " << v;
    found += indexed.size();
  }
  EXPECT_LE(found, all.size());
}

std::string RandomWrite(base::Random& random) {
  const std::string k = std::to_string(random.Below(3));
  const std::string c = std::to_string(random.Below(4));
  const std::string v = std::to_string(random.Below(kValues));
  const std::string at = random.Below(2) == 0 ? "" : " USING TIMESTAMP " + std::to_string(1 + random.Below(20));
  switch (random.Below(8)) {
    case 0:
      return "DELETE FROM ks.t" + at + " WHERE k = " + k + " AND c = " + c;
    case 1:
      return "DELETE v FROM ks.t" + at + " WHERE k = " + k + " AND c = " + c;
    case 2:
      return "DELETE FROM ks.t" + at + " WHERE k = " + k + " AND c > " + c;
    case 3:
      return random.Below(4) == 0 ? "DELETE FROM ks.t" + at + " WHERE k = " + k
                                  : "INSERT INTO ks.t (k, c) VALUES (" + k + ", " + c + ")" + at;
    case 4:
      return "UPDATE ks.t" + at + " SET v = " + v + " WHERE k = " + k + " AND c IN (" + c + ", 9)";
    case 5:
      return "INSERT INTO ks.t (k, c, v) VALUES (" + k + ", " + c + ", " + v + ") USING TTL " +
             std::to_string(1 + random.Below(5));
    case 6:
      return "BEGIN BATCH INSERT INTO ks.t (k, c, v) VALUES (" + k + ", " + c + ", " + v +
             "); INSERT INTO ks.t (k, c, v) VALUES (" + c + ", " + k + ", " + v + "); APPLY BATCH";
    default:
      return "INSERT INTO ks.t (k, c, v) VALUES (" + k + ", " + c + ", " + v + ")" + at;
  }
}

bool MakeTable(Store& store) {
  return store.Run("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}") &&
         store.Run("CREATE TABLE ks.t (k int, c int, v int, PRIMARY KEY (k, c))");
}

TEST(IndexModel, AnIndexFindsWhatAScanFinds) {
  const uint64_t seed = 20261121;
  SCOPED_TRACE(seed);
  base::Random random(seed);
  io::MemFileSystem files;
  base::ManualClock clock{1'700'000'000'000'000};
  Store store(files, clock);
  ASSERT_TRUE(store.Open());
  ASSERT_TRUE(MakeTable(store));
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(store.Run(RandomWrite(random)));
  ASSERT_TRUE(store.Run("CREATE INDEX ON ks.t (v)"));
  for (int i = 0; i < 600; ++i) {
    const std::string write = RandomWrite(random);
    ASSERT_TRUE(store.Run(write)) << write;
    if (random.Below(5) == 0) clock.AdvanceSeconds(1);
    if (random.Below(10) == 0) ExpectAgreement(store);
    if (random.Below(20) == 0) {
      ASSERT_TRUE(store.engine().Flush(nullptr).ok());
    }
    if (random.Below(40) == 0) {
      ASSERT_TRUE(store.engine().Compact(nullptr).ok());
    }
    if (random.Below(60) == 0) {
      store.Close();
      ASSERT_TRUE(store.Open());
    }
    if (HasFailure()) FAIL() << "after " << i << ": " << write;
  }
  ExpectAgreement(store);
}

// The workload of the crash test; false when the power went.
bool RunWorkload(Store& store) {
  base::Random random(7);
  if (!store.Open() || !MakeTable(store)) return false;
  for (int i = 0; i < 30; ++i) {
    if (!store.Run(RandomWrite(random))) return false;
    if (i == 6 && !store.Run("CREATE INDEX ON ks.t (v)")) return false;
    if (i % 9 == 8 && !store.engine().Flush(nullptr).ok()) return false;
    if (i == 20 && !store.Run("TRUNCATE ks.t")) return false;
    if (i == 25 && !store.engine().Compact(nullptr).ok()) return false;
  }
  return true;
}

TEST(IndexCrash, TheIndexAgreesWithItsTableWhereverThePowerGoes) {
  CutPowerEverywhere(120, RunWorkload, [](Store& store) {
    if (!store.Run("SELECT * FROM ks.t")) return;
    const std::string has_index = "SELECT table_name, index_name FROM system_schema.indexes WHERE keyspace_name = 'ks'";
    if (store.Rows(has_index).empty()) return;
    ExpectAgreement(store);
  });
}

class IndexTest : public SessionTest {};

TEST_F(IndexTest, EntriesOfBulkLoadsComeWithTheirRows) {
  Run("CREATE TABLE t (k int, c int, v text, PRIMARY KEY (k, c))");
  Run("CREATE INDEX ON t (v)");
  Run("CREATE INDEX ON t (c)");
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t (v, c, k) VALUES (?, ?, ?)");
  base::Result<std::unique_ptr<BulkWriter>> writer = session_->OpenBulkWriter(insert);
  ASSERT_TRUE(writer.ok()) << writer.status().ToString();
  columnar::Vector v(columnar::PhysicalType::kBytes);
  columnar::Vector c(columnar::PhysicalType::kInt64);
  columnar::Vector k(columnar::PhysicalType::kInt64);
  for (int i = 0; i < 9; ++i) {
    if (i == 4) {
      v.AppendState(columnar::CellState::kAbsent);
    } else {
      v.AppendBytes(i % 3 == 0 ? "x" : "y");
    }
    c.AppendInt64(i);
    k.AppendInt64(i / 3);
  }
  const columnar::Vector* vectors[] = {&v, &c, &k};
  ASSERT_TRUE((*writer)->Append(vectors, 9, 1000).ok());
  EXPECT_THAT(Rows("SELECT k, c FROM t WHERE v = 'x'"), IsEmpty());
  const base::Status committed = (*writer)->Commit();
  ASSERT_TRUE(committed.ok()) << committed.ToString();
  EXPECT_THAT(Rows("SELECT k, c FROM t WHERE v = 'x'"), ElementsAre("1|3", "0|0", "2|6"));
  EXPECT_THAT(Rows("SELECT k, c FROM t WHERE c = 4"), ElementsAre("1|4"));
  EXPECT_THAT(Rows("SELECT k, c FROM t WHERE k = 2 AND v = 'y'"), ElementsAre("2|7", "2|8"));
}

TEST_F(IndexTest, ALoadThatBeganBeforeTheIndexIsRefused) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v text)");
  base::Result<std::unique_ptr<BulkWriter>> writer =
      session_->OpenBulkWriter(*session_->Prepare("INSERT INTO t (k, v) VALUES (?, ?)"));
  ASSERT_TRUE(writer.ok());
  columnar::Vector k(columnar::PhysicalType::kInt64);
  columnar::Vector v(columnar::PhysicalType::kBytes);
  k.AppendInt64(1);
  v.AppendBytes("x");
  const columnar::Vector* vectors[] = {&k, &v};
  ASSERT_TRUE((*writer)->Append(vectors, 1, 1).ok());
  Run("CREATE INDEX ON t (v)");
  const base::Status committed = (*writer)->Commit();
  EXPECT_EQ(committed.code(), base::Code::kFailedPrecondition) << committed.ToString();
  EXPECT_THAT(Rows("SELECT * FROM t"), IsEmpty());
}

TEST_F(IndexTest, AStatementPlannedBeforeTheIndexMakesItsEntry) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v int)");
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t (k, v) VALUES (?, ?)");
  Run("CREATE INDEX ON t (v)");
  ASSERT_TRUE(session_->Execute(*insert, Values().Int(1).Int(5), {}).ok());
  EXPECT_THAT(Rows("SELECT k FROM t WHERE v = 5"), ElementsAre("1"));
}

TEST_F(IndexTest, EntriesThatStandForNothingGo) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v int)");
  Run("CREATE INDEX ON t (v)");
  for (int k = 0; k < 50; ++k) Run("INSERT INTO t (k, v) VALUES (" + std::to_string(k) + ", 1)");
  for (int k = 0; k < 49; ++k) Run("UPDATE t SET v = 2 WHERE k = " + std::to_string(k));
  EXPECT_THAT(Rows("SELECT k FROM t WHERE v = 1"), ElementsAre("49"));
  ASSERT_TRUE(database_->engine().Flush(nullptr).ok());
  clock_.AdvanceSeconds(1);  // Tombstones of this second may not go yet.
  ASSERT_TRUE(database_->engine().Compact(nullptr).ok());
  uint64_t entries = 0;
  for (const auto& table : database_->engine().Statistics().tables) {
    if (table.table->role == schema::TableRole::kIndex) entries = table.sstable_rows;
  }
  EXPECT_EQ(entries, 50u);  // 49 of 2, one of 1.
}

// Readers remove entries of values that went while the same values come again.
TEST_F(IndexTest, EntriesThatComeAgainStayWhileReadersClean) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v int)");
  Run("CREATE INDEX ON t (v)");
  const PreparedPtr update = *session_->Prepare("UPDATE t SET v = ? WHERE k = 1");
  const PreparedPtr select = *session_->Prepare("SELECT k FROM t WHERE v = ?");
  const auto count = [&](int value) {
    const base::Result<ResultPage> page = session_->Execute(*select, Values().Int(value), QueryOptions());
    return page.ok() ? page->row_count() : 0;
  };
  std::atomic<bool> stop = false;
  std::vector<std::thread> readers;
  for (const int value : {1, 2}) {
    readers.emplace_back([&, value] {
      while (!stop) (void)count(value);
    });
  }
  int missing = 0;
  for (int i = 0; i < 5'000; ++i) {
    const int value = 1 + i % 2;
    EXPECT_TRUE(session_->Execute(*update, Values().Int(value), QueryOptions()).ok());
    if (count(value) != 1) ++missing;
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(missing, 0);
}

TEST_F(IndexTest, ASnapshotBesideWritesHasRowsWithTheirEntries) {
  Run("CREATE TABLE t (k int PRIMARY KEY, a int, b int, c int, d int)");
  const std::vector<std::string> columns = {"a", "b", "c", "d"};  // Some are flushed before the table, some after it.
  for (const std::string& column : columns) Run("CREATE INDEX ON t (" + column + ")");
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t (k, a, b, c, d) VALUES (?, 1, 1, 1, 1)");
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int k = 0; !stop; ++k) EXPECT_TRUE(session_->Execute(*insert, Values().Int(k), QueryOptions()).ok());
  });
  constexpr int kSnapshots = 20;
  for (int i = 0; i < kSnapshots; ++i) {
    const base::Status made = database_->engine().Snapshot("s" + std::to_string(i));
    EXPECT_TRUE(made.ok()) << made.ToString();
  }
  stop = true;
  writer.join();
  for (int i = 0; i < kSnapshots; ++i) {
    base::Result<std::unique_ptr<LocalDatabase>> snapshot = LocalDatabase::Open(
        "/data/snapshots/s" + std::to_string(i), LocalOptions(), {&file_system_, &clock_, &logger_, 1});
    ASSERT_TRUE(snapshot.ok()) << snapshot.status().ToString();
    const std::unique_ptr<Session> session = (*snapshot)->NewSession();
    const auto rows = session->Execute("SELECT count(*) FROM ks.t");
    ASSERT_TRUE(rows.ok());
    for (const std::string& column : columns) {
      const auto entries = session->Execute("SELECT count(*) FROM ks.t WHERE " + column + " = 1");
      ASSERT_TRUE(entries.ok());
      EXPECT_EQ(entries->Text(0, 0), rows->Text(0, 0)) << "snapshot " << i << ", " << column;
    }
    EXPECT_TRUE((*snapshot)->Close().ok());
  }
}

TEST_F(IndexTest, ExplainNamesTheIndexWithTheFewestEntries) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v int, w int)");
  Run("CREATE INDEX ON t (v)");
  Run("CREATE INDEX ON t (w)");
  for (int k = 0; k < 20; ++k) {
    Run("INSERT INTO t (k, v, w) VALUES (" + std::to_string(k) + ", 1, " + std::to_string(k % 5) + ")");
  }
  const std::vector<std::string> report = Rows("EXPLAIN SELECT * FROM t WHERE v = 1 AND w = 3 ALLOW FILTERING");
  EXPECT_THAT(report, ::testing::Contains("index|t_w_idx"));
  EXPECT_THAT(report, ::testing::Contains("rows read|4"));
  EXPECT_THAT(report, ::testing::Contains("index entries read|4"));
  EXPECT_THAT(Rows("EXPLAIN SELECT * FROM t WHERE v = 1"), ::testing::Contains("index|t_v_idx"));
}

TEST_F(IndexTest, ValuesTooLongToIndexAreRefused) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v text)");
  Run("CREATE INDEX ON t (v)");
  Run("INSERT INTO t (k, v) VALUES (1, '" + std::string(65534, 'x') + "')");
  EXPECT_THAT(Failure("INSERT INTO t (k, v) VALUES (2, '" + std::string(65535, 'x') + "')"),
              HasSubstr("Cannot index value of size 65535"));
  EXPECT_THAT(Rows("SELECT k FROM t"), ElementsAre("1"));
  EXPECT_THAT(Rows("SELECT k FROM t WHERE v = '" + std::string(65534, 'x') + "'"), ElementsAre("1"));
}

TEST_F(IndexTest, PagesGoOnWhereTheyEnded) {
  Run("CREATE TABLE t (k int, c int, s int STATIC, v int, PRIMARY KEY (k, c))");
  Run("CREATE INDEX ON t (v)");
  Run("CREATE INDEX ON t (s)");
  for (int i = 0; i < 40; ++i) {
    const std::string key = std::to_string(i / 7) + ", " + std::to_string(i);
    Run("INSERT INTO t (k, c, s, v) VALUES (" + key + ", 1, " + std::to_string(i % 2) + ")");
  }
  for (const char* cql : {"SELECT k, c FROM t WHERE v = 1", "SELECT k, c FROM t WHERE s = 1",
                          "SELECT k, c FROM t WHERE v = 1 LIMIT 13", "SELECT k, c FROM t WHERE k = 2 AND v = 1"}) {
    const std::vector<std::string> whole = Rows(cql);
    std::vector<std::string> pages;
    QueryOptions options;
    options.page_rows = 3;
    do {
      const ResultPage page = Run(cql, {}, options);
      for (const std::string& row : RowsOf(page)) pages.push_back(row);
      options.paging_state = page.paging_state;
    } while (!options.paging_state.empty() && pages.size() <= whole.size());
    EXPECT_EQ(pages, whole) << cql;
  }
}

}  // namespace
}  // namespace cassette::session
