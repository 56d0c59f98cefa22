// Indexes on non-frozen collections: the rows they name are those that a twin of the table without indexes shows,
// whatever was written and how, and after the power has gone at any point.
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

constexpr int kItems = 3;

bool MakeTables(Store& store) {
  const std::string columns = " (k int, c int, m map<int, int>, l list<int>, s set<int>, q set<int> STATIC, ";
  return store.Run("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}") &&
         store.Run("CREATE TABLE ks.t" + columns + "PRIMARY KEY (k, c))") &&
         store.Run("CREATE TABLE ks.twin" + columns + "PRIMARY KEY (k, c))");
}

bool MakeIndexes(Store& store) {
  for (const char* target : {"m", "keys(m)", "entries(m)", "l", "s", "q"}) {
    if (!store.Run(std::string("CREATE INDEX ON ks.t (") + target + ")")) return false;
  }
  return true;
}

void ExpectAgreement(Store& store) {
  for (int i = 0; i < kItems; ++i) {
    const std::string item = std::to_string(i);
    for (const std::string& relation : {"m CONTAINS " + item, "m CONTAINS KEY " + item, "m[0] = " + item,
                                        "l CONTAINS " + item, "s CONTAINS " + item, "q CONTAINS " + item}) {
      EXPECT_EQ(store.Rows("SELECT k, c FROM ks.t WHERE " + relation),
                store.Rows("SELECT k, c FROM ks.twin WHERE " + relation + " ALLOW FILTERING"))
          << relation;
    }
  }
}

// A write of both tables in one: what is said of TABLE.
std::string RandomWrite(base::Random& random) {
  const auto item = [&random] { return std::to_string(random.Below(kItems)); };
  const std::string at = random.Below(2) == 0 ? "" : " USING TIMESTAMP " + std::to_string(1 + random.Below(20));
  const std::string ttl = random.Below(4) != 0 ? at : " USING TTL " + std::to_string(1 + random.Below(5));
  const std::string partition = " WHERE k = " + std::to_string(random.Below(3));
  const std::string row = partition + " AND c = " + std::to_string(random.Below(4));
  switch (random.Below(14)) {
    case 0:
      return "DELETE FROM TABLE" + at + row;
    case 1:
      return "DELETE FROM TABLE" + at + partition + " AND c > " + std::to_string(random.Below(4));
    case 2:
      return random.Below(3) == 0 ? "DELETE FROM TABLE" + at + partition : "DELETE m, l, s FROM TABLE" + at + row;
    case 3:
      return "DELETE m[" + item() + "] FROM TABLE" + at + row;
    case 4:
      return "UPDATE TABLE" + ttl + " SET m[" + item() + "] = " + item() + row;
    case 5:
      return "UPDATE TABLE" + ttl + " SET m = m + {" + item() + ": " + item() + "}, s = s + {" + item() + "}" + row;
    case 6:
      return "UPDATE TABLE" + at + " SET m = m - {" + item() + "}, s = s - {" + item() + "}" + row;
    case 7:
      return "UPDATE TABLE" + at + " SET l = l - [" + item() + "]" + row;
    case 8:
      return "UPDATE TABLE" + ttl + " SET l = l + [" + item() + ", " + item() + "]" + row;
    case 9:
      return "UPDATE TABLE" + ttl + " SET l = [" + item() + "] + l" + row;
    case 10:
      return "UPDATE TABLE" + ttl + " SET l = [" + item() + ", 7], m = {0: " + item() + ", 1: " + item() + "}" + row;
    case 11:
      return "UPDATE TABLE" + ttl + " SET s = {" + item() + ", " + item() + "}" + row;
    case 12:
      return "UPDATE TABLE" + ttl + " SET q = q + {" + item() + "}" + partition;
    default:
      return "UPDATE TABLE" + at + " SET q = q - {" + item() + "}" + partition;
  }
}

bool RunOnBoth(Store& store, const std::string& write) {
  std::string batch = "BEGIN BATCH";
  for (const char* table : {" ks.t", " ks.twin"}) {
    std::string one = write;
    one.replace(one.find(" TABLE"), 6, table);
    batch += " " + one + ";";
  }
  return store.Run(batch + " APPLY BATCH");
}

TEST(CollectionIndexModel, AnIndexFindsWhatAScanOfTheTwinFinds) {
  const uint64_t seed = 20261122;
  SCOPED_TRACE(seed);
  base::Random random(seed);
  io::MemFileSystem files;
  base::ManualClock clock{1'700'000'000'000'000};
  Store store(files, clock);
  ASSERT_TRUE(store.Open());
  ASSERT_TRUE(MakeTables(store));
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(RunOnBoth(store, RandomWrite(random)));
  ASSERT_TRUE(MakeIndexes(store));
  ExpectAgreement(store);
  for (int i = 0; i < 600; ++i) {
    const std::string write = RandomWrite(random);
    ASSERT_TRUE(RunOnBoth(store, write)) << write;
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
    if (testing::Test::HasFailure()) FAIL() << "after " << i << ": " << write;
  }
  ExpectAgreement(store);
}

// The workload of the crash test; false when the power went.
bool RunWorkload(Store& store) {
  base::Random random(11);
  if (!store.Open() || !MakeTables(store)) return false;
  for (int i = 0; i < 30; ++i) {
    if (!RunOnBoth(store, RandomWrite(random))) return false;
    if (i == 9 && !MakeIndexes(store)) return false;
    if (i % 9 == 8 && !store.engine().Flush(nullptr).ok()) return false;
    if (i == 25 && !store.engine().Compact(nullptr).ok()) return false;
  }
  return true;
}

TEST(CollectionIndexCrash, TheIndexAgreesWithItsTableWhereverThePowerGoes) {
  CutPowerEverywhere(100, RunWorkload, [](Store& store) {
    if (!store.Run("SELECT * FROM ks.twin")) return;
    const std::string indexes = "SELECT index_name FROM system_schema.indexes WHERE keyspace_name = 'ks'";
    if (store.Rows(indexes).size() < 6) return;
    ExpectAgreement(store);
  });
}

class CollectionIndexTest : public SessionTest {
 protected:
  // Entries of all indexes, in SSTables.
  uint64_t EntriesOnDisk() {
    EXPECT_TRUE(database_->engine().Flush(nullptr).ok());
    clock_.AdvanceSeconds(1);  // Tombstones of this second may not go yet.
    EXPECT_TRUE(database_->engine().Compact(nullptr).ok());
    uint64_t entries = 0;
    for (const auto& table : database_->engine().Statistics().tables) {
      if (table.table->role == schema::TableRole::kIndex) entries += table.sstable_rows;
    }
    return entries;
  }
};

TEST_F(CollectionIndexTest, EntriesOfItemsThatHaveGoneGoThoughTheRowHasAnotherEqualOne) {
  Run("CREATE TABLE t (k int PRIMARY KEY, l list<int>)");
  Run("CREATE INDEX ON t (l)");
  for (int i = 0; i < 20; ++i) Run("UPDATE t SET l = [1, 1] WHERE k = 1");
  for (int i = 0; i < 4; ++i) EXPECT_THAT(Rows("SELECT k FROM t WHERE l CONTAINS 1"), ElementsAre("1"));
  EXPECT_EQ(EntriesOnDisk(), 2u);
  Run("UPDATE t SET l = [2] WHERE k = 1");
  EXPECT_THAT(Rows("SELECT k FROM t WHERE l CONTAINS 1"), IsEmpty());
  EXPECT_EQ(EntriesOnDisk(), 1u);
}

TEST_F(CollectionIndexTest, EntriesOfMapsAndStaticsGo) {
  Run("CREATE TABLE t (k int, c int, m map<text, int> STATIC, v int, PRIMARY KEY (k, c))");
  Run("CREATE INDEX ON t (m)");
  for (int c = 0; c < 5; ++c) Run("INSERT INTO t (k, c, v) VALUES (1, " + std::to_string(c) + ", 1)");
  Run("UPDATE t SET m = {'a': 1, 'b': 1, 'c': 2} WHERE k = 1");
  Run("UPDATE t SET m['a'] = 3 WHERE k = 1");
  EXPECT_THAT(Rows("SELECT c FROM t WHERE m CONTAINS 1"), ElementsAre("0", "1", "2", "3", "4"));
  EXPECT_EQ(EntriesOnDisk(), 3u);
  Run("DELETE m FROM t WHERE k = 1");
  for (int value = 1; value <= 3; ++value) {
    EXPECT_THAT(Rows("SELECT c FROM t WHERE m CONTAINS " + std::to_string(value)), IsEmpty());
  }
  EXPECT_EQ(EntriesOnDisk(), 0u);
}

// More equal items than one chunk of entries: the row comes once.
TEST_F(CollectionIndexTest, ARowWithManyEqualItemsComesOnce) {
  Run("CREATE TABLE t (k int, c int, l list<int>, PRIMARY KEY (k, c))");
  Run("CREATE INDEX ON t (l)");
  std::string items = "1";
  for (int i = 1; i < 100; ++i) items += ", 1";
  for (int c = 0; c < 3; ++c) Run("INSERT INTO t (k, c, l) VALUES (1, " + std::to_string(c) + ", [" + items + "])");
  EXPECT_THAT(Rows("SELECT c FROM t WHERE l CONTAINS 1"), ElementsAre("0", "1", "2"));
  EXPECT_EQ(EntriesOnDisk(), 300u);
}

TEST_F(CollectionIndexTest, ItemsTooLongToIndexAreRefused) {
  Run("CREATE TABLE t (k int PRIMARY KEY, m map<text, text>)");
  Run("CREATE INDEX ON t (entries(m))");
  const std::string half(32760, 'x');
  Run("UPDATE t SET m['" + half + "'] = '" + half + "' WHERE k = 1");
  EXPECT_THAT(Failure("UPDATE t SET m['" + half + "'] = '" + half + half + "' WHERE k = 2"),
              ::testing::HasSubstr("Cannot index value of size"));
  EXPECT_THAT(Rows("SELECT k FROM t WHERE m['" + half + "'] = '" + half + "'"), ElementsAre("1"));
}

}  // namespace
}  // namespace cassette::session
