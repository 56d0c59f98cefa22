// Materialised views through a session: a view shows what its table's rows say, whatever was written and how, and after
// the power has gone at any point.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"
#include "session/session_test_support.h"
#include "session/store_test_support.h"

namespace cassette::session {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// In any order.
std::vector<std::string> Sorted(std::vector<std::string> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

// `by_v` has the rows with a v, `by_c` all of them.
void ExpectAgreement(Store& store) {
  const auto with_v = Sorted(store.Rows("SELECT v, k, c, w, m, l FROM ks.t WHERE v >= 0 ALLOW FILTERING"));
  EXPECT_EQ(Sorted(store.Rows("SELECT v, k, c, w, m, l FROM ks.by_v")), with_v);
  EXPECT_EQ(Sorted(store.Rows("SELECT c, k, v, w, x, m, y FROM ks.by_c")),
            Sorted(store.Rows("SELECT c, k, v, w, x, m, y FROM ks.t")));
  EXPECT_EQ(Sorted(store.Rows("SELECT c, k, w FROM ks.some_by_c")), Sorted(store.Rows("SELECT c, k, w FROM ks.t")));
}

bool MakeTable(Store& store) {
  return store.Run("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}") &&
         store.Run(
             "CREATE TABLE ks.t (k int, c int, v int, w int, x int, m map<int, int>, l list<int>, y set<int>, PRIMARY "
             "KEY (k, c))");
}

bool MakeViews(Store& store) {
  return store.Run(
             "CREATE MATERIALIZED VIEW ks.by_v AS SELECT v, k, c, w, m, l FROM ks.t WHERE v IS NOT NULL AND k IS NOT "
             "NULL "
             "AND c IS NOT NULL PRIMARY KEY (v, k, c)") &&
         store.Run(
             "CREATE MATERIALIZED VIEW ks.by_c AS SELECT * FROM ks.t WHERE k IS NOT NULL AND c IS NOT NULL PRIMARY KEY "
             "(c, k)") &&
         store.Run(
             "CREATE MATERIALIZED VIEW ks.some_by_c AS SELECT k, c, w FROM ks.t WHERE k IS NOT NULL AND c IS NOT NULL "
             "PRIMARY KEY (c, k)");
}

std::string RandomWrite(base::Random& random) {
  const auto number = [&random](uint64_t below) { return std::to_string(random.Below(below)); };
  const std::string row = "k = " + number(3) + " AND c = " + number(4);
  const std::string key = number(3) + ", " + number(4);
  switch (random.Below(15)) {
    case 10:
      return "UPDATE ks.t SET m[" + number(3) + "] = " + number(9) + ", y = y + {" + number(3) + "} WHERE " + row;
    case 11:
      return "UPDATE ks.t SET m = m - {" + number(3) + "}, y = y - {" + number(3) + "}, l = l - [1] WHERE " + row;
    case 12:
      return "UPDATE ks.t USING TTL 2 SET m = m + {" + number(3) + ": 1}, l = l + [" + number(3) + "] WHERE " + row;
    case 13:
      return "UPDATE ks.t SET m = {" + number(3) + ": 1}, l = [" + number(3) + "], v = " + number(4) + " WHERE " + row;
    case 14:
      return "DELETE m, y FROM ks.t WHERE " + row;
    case 0:
      return "DELETE FROM ks.t WHERE " + row;
    case 1:
      return "DELETE v FROM ks.t WHERE " + row;
    case 2:
      return "DELETE FROM ks.t WHERE k = " + number(3) + " AND c > " + number(4);
    case 3:
      return "DELETE w, x FROM ks.t WHERE " + row;
    case 4:
      return "UPDATE ks.t SET x = " + number(9) + " WHERE " + row;
    case 5:
      return "UPDATE ks.t SET v = " + number(4) + ", w = " + number(9) + " WHERE k = " + number(3) + " AND c IN (1, 2)";
    case 6:
      return "INSERT INTO ks.t (k, c, v, w) VALUES (" + key + ", " + number(4) + ", 1) USING TTL " +
             std::to_string(1 + random.Below(5));
    case 7:
      return "BEGIN BATCH INSERT INTO ks.t (k, c, v) VALUES (1, 1, " + number(4) +
             "); INSERT INTO ks.t (k, c, v) VALUES (2, 1, " + number(4) + "); UPDATE ks.t SET w = " + number(9) +
             " WHERE k = 1 AND c = 1; APPLY BATCH";
    case 8:
      return random.Below(5) == 0 ? "DELETE FROM ks.t WHERE k = " + number(3)
                                  : "INSERT INTO ks.t (k, c) VALUES (" + key + ")";
    default:
      return "INSERT INTO ks.t (k, c, v, w, x) VALUES (" + key + ", " + number(4) + ", " + number(9) + ", 5)";
  }
}

TEST(ViewModel, AViewShowsWhatItsTableSays) {
  const uint64_t seed = 20261122;
  SCOPED_TRACE(seed);
  base::Random random(seed);
  io::MemFileSystem files;
  base::ManualClock clock{1'700'000'000'000'000};
  Store store(files, clock);
  ASSERT_TRUE(store.Open());
  ASSERT_TRUE(MakeTable(store));
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(store.Run(RandomWrite(random)));
  ASSERT_TRUE(MakeViews(store));
  ExpectAgreement(store);
  for (int i = 0; i < 600 && !::testing::Test::HasFailure(); ++i) {
    const std::string write = RandomWrite(random);
    SCOPED_TRACE(std::to_string(i) + ": " + write);
    ASSERT_TRUE(store.Run(write));
    if (random.Below(4) == 0) clock.AdvanceSeconds(1);
    ExpectAgreement(store);
    if (random.Below(20) == 0) {
      ASSERT_TRUE(store.engine().Flush(nullptr).ok());
    }
    if (random.Below(50) == 0) {
      ASSERT_TRUE(store.engine().Compact(nullptr).ok());
    }
    if (random.Below(60) == 0) {
      store.Close();
      ASSERT_TRUE(store.Open());
    }
  }
}

bool RunWorkload(Store& store) {
  base::Random random(7);
  if (!store.Open() || !MakeTable(store)) return false;
  for (int i = 0; i < 30; ++i) {
    if (!store.Run(RandomWrite(random))) return false;
    if (i == 6 && !MakeViews(store)) return false;
    if (i % 9 == 8 && !store.engine().Flush(nullptr).ok()) return false;
    if (i == 20 && !store.Run("TRUNCATE ks.t")) return false;
    if (i == 25 && !store.engine().Compact(nullptr).ok()) return false;
  }
  return true;
}

TEST(ViewCrash, TheViewAgreesWithItsTableWhereverThePowerGoes) {
  CutPowerEverywhere(120, RunWorkload, [](Store& store) {
    if (!store.Run("SELECT * FROM ks.some_by_c")) return;  // The last of the views.
    ExpectAgreement(store);
  });
}

class ViewTest : public SessionTest {
 protected:
  void MakeView() {
    Run("CREATE TABLE t (k int PRIMARY KEY, v int, w int)");
    Run("CREATE MATERIALIZED VIEW m AS SELECT * FROM t WHERE v IS NOT NULL AND k IS NOT NULL PRIMARY KEY (v, k)");
  }
};

TEST_F(ViewTest, AStatementPlannedBeforeTheViewWritesItsRow) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v int, w int)");
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t (k, v) VALUES (?, ?)");
  Run("CREATE MATERIALIZED VIEW m AS SELECT * FROM t WHERE v IS NOT NULL AND k IS NOT NULL PRIMARY KEY (v, k)");
  ASSERT_TRUE(session_->Execute(*insert, Values().Int(1).Int(5), {}).ok());
  EXPECT_THAT(Rows("SELECT v, k FROM m"), ElementsAre("5|1"));
}

TEST_F(ViewTest, NewColumnsOfTheTableAreThoseOfAViewOfAll) {
  MakeView();
  Run("ALTER TABLE t ADD x text");
  Run("INSERT INTO t (k, v, x) VALUES (1, 2, 'three')");
  EXPECT_THAT(Rows("SELECT v, k, x FROM m"), ElementsAre("2|1|three"));
  Run("ALTER TABLE t RENAME k TO kk");
  EXPECT_THAT(Rows("SELECT v, kk, x FROM m"), ElementsAre("2|1|three"));
}

TEST_F(ViewTest, TheRowOfTheOldValueComesBackWhenTheNewOneIsOlder) {
  MakeView();
  Run("INSERT INTO t (k, v, w) VALUES (1, 1, 1) USING TIMESTAMP 10");
  Run("UPDATE t USING TIMESTAMP 20 SET v = 2 WHERE k = 1");
  Run("UPDATE t USING TIMESTAMP 30 SET v = 1 WHERE k = 1");
  Run("UPDATE t USING TIMESTAMP 25 SET v = 3 WHERE k = 1");
  EXPECT_THAT(Rows("SELECT v, k, w FROM m"), ElementsAre("1|1|1"));
}

TEST_F(ViewTest, BulkWritersKeepViews) {
  MakeView();
  Run("INSERT INTO t (k, v, w) VALUES (1, 5, 5) USING TIMESTAMP 1");
  const auto writer = session_->OpenBulkWriter(*session_->Prepare("INSERT INTO t (k, v) VALUES (?, ?)"));
  ASSERT_TRUE(writer.ok()) << writer.status().ToString();
  columnar::Vector keys(columnar::PhysicalType::kInt64);
  columnar::Vector values(columnar::PhysicalType::kInt64);
  constexpr uint32_t kRows = 1000;
  for (uint32_t row = 0; row < kRows; ++row) {
    keys.AppendInt64(row);
    values.AppendInt64(row % 10);
  }
  const std::vector<const columnar::Vector*> vectors = {&keys, &values};
  const base::Status appended = (*writer)->Append(vectors, kRows, 2);
  ASSERT_TRUE(appended.ok()) << appended.ToString();
  BulkWriter* const one = writer->get();
  ASSERT_TRUE(session_->CommitTogether({&one, 1}).ok());
  EXPECT_THAT(Rows("SELECT v, k, w FROM m WHERE v = 1 AND k < 15"), ElementsAre("1|1|5", "1|11|null"));
  EXPECT_THAT(Rows("SELECT count(*) FROM m WHERE v = 5"), ElementsAre("100"));
}

TEST_F(ViewTest, BulkWritersTakeNothingOfACallWithABadRow) {
  MakeView();
  const auto writer = session_->OpenBulkWriter(*session_->Prepare("INSERT INTO t (k, v) VALUES (?, ?)"));
  ASSERT_TRUE(writer.ok()) << writer.status().ToString();
  columnar::Vector keys(columnar::PhysicalType::kInt64);
  columnar::Vector values(columnar::PhysicalType::kInt64);
  keys.AppendInt64(1);
  keys.AppendState(columnar::CellState::kAbsent);
  values.AppendInt64(1);
  values.AppendInt64(2);
  const std::vector<const columnar::Vector*> vectors = {&keys, &values};
  EXPECT_EQ((*writer)->Append(vectors, 2, 2).code(), base::Code::kInvalidArgument);
  EXPECT_EQ((*writer)->rows(), 0u);
  EXPECT_THAT(Rows("SELECT * FROM t"), IsEmpty());
  EXPECT_THAT(Rows("SELECT * FROM m"), IsEmpty());
}

TEST_F(ViewTest, EmptyKeysOfTheViewAreNotInIt) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v text)");
  Run("CREATE MATERIALIZED VIEW m AS SELECT * FROM t WHERE v IS NOT NULL AND k IS NOT NULL PRIMARY KEY (v, k)");
  Run("INSERT INTO t (k, v) VALUES (1, '')");
  EXPECT_THAT(Rows("SELECT * FROM m"), IsEmpty());
  Run("UPDATE t SET v = 'x' WHERE k = 1");
  EXPECT_THAT(Rows("SELECT * FROM m"), ElementsAre("x|1"));
}

TEST_F(ViewTest, OneWriteFeedsViewsAndIndexes) {
  MakeView();
  Run("CREATE INDEX ON t (w)");
  Run("BEGIN BATCH INSERT INTO t (k, v, w) VALUES (1, 1, 7); INSERT INTO t (k, v, w) VALUES (2, 1, 7); APPLY BATCH");
  EXPECT_THAT(Rows("SELECT k FROM m WHERE v = 1"), ElementsAre("1", "2"));
  EXPECT_THAT(Rows("SELECT k FROM t WHERE w = 7"), UnorderedElementsAre("1", "2"));
}

TEST_F(ViewTest, ConditionalWritesSeeWhatHasExpired) {
  Run("CREATE TABLE expiring (k int PRIMARY KEY, v int, w int)");
  Run("CREATE MATERIALIZED VIEW of_expiring AS SELECT * FROM expiring WHERE k IS NOT NULL AND v IS NOT NULL PRIMARY "
      "KEY (v, k)");
  Run("INSERT INTO expiring (k, v, w) VALUES (0, 1, 7) USING TTL 5");
  clock_.AdvanceSeconds(10);
  Run("UPDATE expiring SET w = 8 WHERE k = 0");
  Close();
  Open();  // Nothing has been written since.
  Run("USE ks");
  Run("UPDATE expiring SET v = 1 WHERE k = 0 IF w = 8");
  EXPECT_THAT(Rows("SELECT v, k, w FROM of_expiring WHERE v = 1"), ElementsAre("1|0|8"));
}

}  // namespace
}  // namespace cassette::session
