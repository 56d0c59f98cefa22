#include "session/local_session.h"

#include "session/session_test_support.h"
#include "types/value.h"

namespace cassette::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::StartsWith;

class LocalSessionTest : public SessionTest {
 protected:
  void MakeSamples() {
    Run("CREATE TABLE t (k int, c int, v double, PRIMARY KEY (k, c)) WITH CLUSTERING ORDER BY (c DESC)");
    for (int k = 1; k <= 2; ++k) {
      for (int c = 0; c < 5; ++c) {
        Run("INSERT INTO t (k, c, v) VALUES (?, ?, ?)", Values().Int(k).Int(c).Double(c + 0.5));
      }
    }
  }
  // All pages of `page_rows` rows.
  std::vector<std::string> Paged(std::string_view cql, int32_t page_rows, size_t* pages = nullptr) {
    QueryOptions options;
    options.page_rows = page_rows;
    std::vector<std::string> rows;
    for (size_t count = 1;; ++count) {
      const ResultPage page = Run(cql, Values(), options);
      EXPECT_LE(page.row_count(), static_cast<uint64_t>(page_rows));
      for (std::string& row : RowsOf(page)) rows.push_back(std::move(row));
      if (pages != nullptr) *pages = count;
      if (!page.has_more() || count > 1000) return rows;
      options.paging_state = page.paging_state;
    }
  }
};

TEST_F(LocalSessionTest, WritesAndReadsARowByItsKey) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v text)");
  Run("INSERT INTO t (k, v) VALUES (1, 'one')");
  EXPECT_THAT(Rows("SELECT * FROM t WHERE k = 1"), ElementsAre("1|one"));
  EXPECT_THAT(Rows("SELECT * FROM t WHERE k = 2"), IsEmpty());
}

TEST_F(LocalSessionTest, SlicesAPartition) {
  MakeSamples();
  EXPECT_THAT(Rows("SELECT c, v FROM t WHERE k = 1"), ElementsAre("4|4.5", "3|3.5", "2|2.5", "1|1.5", "0|0.5"));
  EXPECT_THAT(Rows("SELECT c FROM t WHERE k = 1 AND c > 1 AND c <= 3"), ElementsAre("3", "2"));
  EXPECT_THAT(Rows("SELECT c FROM t WHERE k = 1 AND c > 1 AND c <= 3 ORDER BY c ASC"), ElementsAre("2", "3"));
  EXPECT_THAT(Rows("SELECT c FROM t WHERE k = 1 AND c IN (4, 0, 9)"), ElementsAre("4", "0"));
  EXPECT_THAT(Rows("SELECT c FROM t WHERE k = 1 LIMIT 2"), ElementsAre("4", "3"));
  EXPECT_THAT(Rows("SELECT c FROM t WHERE k = 1 AND c > 3 AND c < 3"), IsEmpty());
}

TEST_F(LocalSessionTest, SlicesSeveralColumnsWhateverTheirDirections) {
  Run("CREATE TABLE m (k int, a int, b int, PRIMARY KEY (k, a, b)) WITH CLUSTERING ORDER BY (a ASC, b DESC)");
  for (int a = 1; a <= 3; ++a) {
    for (int b = 1; b <= 3; ++b) Run("INSERT INTO m (k, a, b) VALUES (0, ?, ?)", Values().Int(a).Int(b));
  }
  EXPECT_THAT(Rows("SELECT a, b FROM m WHERE k = 0 AND (a, b) > (1, 2) AND (a, b) <= (2, 2)"),
              ElementsAre("1|3", "2|2", "2|1"));
  EXPECT_THAT(Rows("SELECT a, b FROM m WHERE k = 0 AND (a, b) >= (2, 2) AND a < 3"), ElementsAre("2|3", "2|2"));
  EXPECT_THAT(Rows("SELECT a, b FROM m WHERE k = 0 AND (a, b) IN ((3, 1), (1, 1))"), ElementsAre("1|1", "3|1"));
}

TEST_F(LocalSessionTest, PagesGiveEveryRowOnce) {
  MakeSamples();
  for (const char* cql : {"SELECT k, c, v FROM t", "SELECT k, c FROM t WHERE k IN (1, 2)", "SELECT k, c FROM t LIMIT 7",
                          "SELECT k, c FROM t PER PARTITION LIMIT 2", "SELECT k, c FROM t WHERE v > 1 ALLOW FILTERING",
                          "SELECT DISTINCT k FROM t", "SELECT k, c, count(*) FROM t GROUP BY k, c",
                          "SELECT k, max(v) FROM t GROUP BY k", "SELECT c FROM t WHERE k = 2 ORDER BY c"}) {
    const std::vector<std::string> whole = Rows(cql);
    for (const int32_t page_rows : {1, 2, 3, 10}) {
      size_t pages = 0;
      EXPECT_EQ(Paged(cql, page_rows, &pages), whole) << cql << ", pages of " << page_rows;
      EXPECT_EQ(pages, (whole.size() + page_rows - 1) / page_rows) << cql << ", pages of " << page_rows;
    }
  }
}

TEST_F(LocalSessionTest, RefusesAForeignPagingState) {
  MakeSamples();
  QueryOptions options;
  options.page_rows = 2;
  options.paging_state = "not ours";
  const base::Result<ResultPage> page = session_->Execute("SELECT * FROM t", Values(), options);
  ASSERT_FALSE(page.ok());
  EXPECT_THAT(page.status().ToString(), HasSubstr("Invalid value for the paging state"));
}

TEST_F(LocalSessionTest, AggregatesAndGroups) {
  MakeSamples();
  EXPECT_THAT(Rows("SELECT count(*), min(c), max(v), sum(c), avg(v) FROM t"), ElementsAre("10|0|4.5|20|2.5"));
  EXPECT_THAT(Rows("SELECT k, count(v), sum(v + 1) FROM t WHERE k IN (1, 2) GROUP BY k"),
              ElementsAre("1|5|17.5", "2|5|17.5"));
  EXPECT_THAT(Rows("SELECT count(*), max(v) FROM t WHERE k = 9"), ElementsAre("0|null"));
  EXPECT_THAT(Rows("SELECT count(*) FROM t WHERE k IN ()"), ElementsAre("0"));
  EXPECT_THAT(Rows("SELECT max(v) - min(v) FROM t WHERE k = 1"), ElementsAre("4.0"));
}

TEST_F(LocalSessionTest, SortsOverSeveralPartitions) {
  MakeSamples();
  EXPECT_THAT(Rows("SELECT k, c FROM t WHERE k IN (1, 2) ORDER BY c LIMIT 3"), ElementsAre("1|0", "2|0", "1|1"));
  EXPECT_THAT(Rows("SELECT v FROM t WHERE k IN (2, 1) AND c > 3 ORDER BY c DESC"), ElementsAre("4.5", "4.5"));
}

TEST_F(LocalSessionTest, KeepsStaticsOnceAPartition) {
  Run("CREATE TABLE s (k int, c int, s text STATIC, v int, PRIMARY KEY (k, c))");
  Run("INSERT INTO s (k, s) VALUES (1, 'alone')");
  Run("INSERT INTO s (k, c, s, v) VALUES (2, 1, 'shared', 10)");
  Run("INSERT INTO s (k, c, v) VALUES (2, 2, 20)");
  EXPECT_THAT(Rows("SELECT k, c, s, v FROM s WHERE k = 1"), ElementsAre("1|null|alone|null"));
  EXPECT_THAT(Rows("SELECT c, s, v FROM s WHERE k = 2"), ElementsAre("1|shared|10", "2|shared|20"));
  EXPECT_THAT(Rows("SELECT DISTINCT k, s FROM s WHERE k IN (1, 2)"), ElementsAre("1|alone", "2|shared"));
  EXPECT_THAT(Rows("SELECT s, v FROM s WHERE k = 1 AND c = 1"), IsEmpty());
}

TEST_F(LocalSessionTest, InsertMakesRowsAndUpdateOnlyCells) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v int)");
  Run("INSERT INTO t (k) VALUES (1)");
  Run("UPDATE t SET v = 2 WHERE k = 2");
  Run("UPDATE t SET v = null WHERE k = 1");
  EXPECT_THAT(Rows("SELECT * FROM t WHERE k = 1"), ElementsAre("1|null"));
  EXPECT_THAT(Rows("SELECT * FROM t WHERE k = 2"), ElementsAre("2|2"));
  Run("DELETE v FROM t WHERE k = 2");
  EXPECT_THAT(Rows("SELECT * FROM t WHERE k = 2"), IsEmpty());
}

TEST_F(LocalSessionTest, DeletesCellsRowsRangesAndPartitions) {
  MakeSamples();
  Run("DELETE v FROM t WHERE k = 1 AND c = 0");
  EXPECT_THAT(Rows("SELECT v FROM t WHERE k = 1 AND c = 0"), ElementsAre("null"));
  Run("DELETE FROM t WHERE k = 1 AND c = 1");
  Run("DELETE FROM t WHERE k = 1 AND c > 2 AND c < 4");
  EXPECT_THAT(Rows("SELECT c FROM t WHERE k = 1"), ElementsAre("4", "2", "0"));
  Run("DELETE FROM t WHERE k = 1");
  EXPECT_THAT(Rows("SELECT c FROM t WHERE k = 1"), IsEmpty());
  EXPECT_THAT(Rows("SELECT count(*) FROM t WHERE k = 2"), ElementsAre("5"));
}

TEST_F(LocalSessionTest, ExpiresWhatHasATimeToLive) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v int) WITH default_time_to_live = 100");
  Run("INSERT INTO t (k, v) VALUES (1, 1)");
  Run("INSERT INTO t (k, v) VALUES (2, 2) USING TTL ?", Values().Int(10));
  Run("INSERT INTO t (k, v) VALUES (3, 3) USING TTL 0");
  EXPECT_THAT(Rows("SELECT ttl(v) FROM t WHERE k = 2"), ElementsAre("10"));
  clock_.AdvanceSeconds(20);
  EXPECT_THAT(Rows("SELECT ttl(v) FROM t WHERE k = 1"), ElementsAre("80"));
  EXPECT_THAT(Rows("SELECT * FROM t WHERE k = 2"), IsEmpty());
  clock_.AdvanceSeconds(100);
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre("3|3"));
  EXPECT_THAT(Failure("INSERT INTO t (k) VALUES (1) USING TTL -1"), HasSubstr("A TTL must be greater or equal to 0"));
  EXPECT_THAT(Failure("INSERT INTO t (k) VALUES (1) USING TTL 630720001"), HasSubstr("ttl is too large"));
}

TEST_F(LocalSessionTest, TheLaterTimestampWins) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v int)");
  Run("INSERT INTO t (k, v) VALUES (1, 1) USING TIMESTAMP 2000");
  Run("INSERT INTO t (k, v) VALUES (1, 2) USING TIMESTAMP 1000");
  EXPECT_THAT(Rows("SELECT v, writetime(v) FROM t WHERE k = 1"), ElementsAre("1|2000"));
  QueryOptions options;
  options.timestamp_micros = 3000;
  Run("INSERT INTO t (k, v) VALUES (1, 3)", Values(), options);
  EXPECT_THAT(Rows("SELECT v, writetime(v) FROM t WHERE k = 1"), ElementsAre("3|3000"));
}

TEST_F(LocalSessionTest, WritesOfOneSessionNeverTie) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v int)");
  for (int v = 9; v >= 0; --v) Run("INSERT INTO t (k, v) VALUES (1, ?)", Values().Int(v));
  EXPECT_THAT(Rows("SELECT v FROM t"), ElementsAre("0"));
}

TEST_F(LocalSessionTest, NullDeletesAndUnsetLeavesAlone) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v int, w int)");
  Run("INSERT INTO t (k, v, w) VALUES (1, 1, 1)");
  Run("INSERT INTO t (k, v, w) VALUES (1, ?, ?)", Values().Null().Unset());
  EXPECT_THAT(Rows("SELECT v, w FROM t"), ElementsAre("null|1"));
  EXPECT_THAT(Failure("INSERT INTO t (k, v) VALUES (?, 1)", Values().Null()),
              HasSubstr("Invalid null value in condition for column k"));
  EXPECT_THAT(Failure("INSERT INTO t (k, v) VALUES (?, 1)", Values().Unset()),
              HasSubstr("Invalid unset value for column k"));
  EXPECT_THAT(Failure("INSERT INTO t (k, v) VALUES (1, ?)", Values().Bytes("abc")), HasSubstr("int"));
  EXPECT_THAT(Failure("INSERT INTO t (k, v) VALUES (1, ?)"), HasSubstr("Invalid amount of bind variables"));
}

TEST_F(LocalSessionTest, BindsByName) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v int, w int)");
  Values values;
  values.Int(7).Int(1);
  values.names = {"value", "key"};
  Run("INSERT INTO t (k, v, w) VALUES (:key, :value, :value)", values);
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre("1|7|7"));
  values.names = {"value", "other"};
  EXPECT_THAT(Failure("INSERT INTO t (k, v) VALUES (:key, :value)", values), HasSubstr(":key has no value"));
}

TEST_F(LocalSessionTest, ABatchIsAllOrNothingAndMayMixTables) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v int)");
  Run("CREATE TABLE u (k int, c int, PRIMARY KEY (k, c))");
  Run("BEGIN BATCH INSERT INTO t (k, v) VALUES (1, 1); INSERT INTO u (k, c) VALUES (1, 1); UPDATE t SET v = 2 WHERE k "
      "= 1; "
      "DELETE FROM u WHERE k = 2; APPLY BATCH");
  EXPECT_THAT(Rows("SELECT * FROM u"), ElementsAre("1|1"));
  EXPECT_THAT(Rows("SELECT v FROM t"), ElementsAre("2"));
  EXPECT_THAT(Failure("BEGIN BATCH INSERT INTO t (k, v) VALUES (5, 5); INSERT INTO t (k, v) VALUES (?, 1); APPLY BATCH",
                      Values().Null()),
              HasSubstr("Invalid null value"));
  EXPECT_THAT(Rows("SELECT * FROM t WHERE k = 5"), IsEmpty());
}

TEST_F(LocalSessionTest, PreparedBatchesMergeRowsOfAPartition) {
  Run("CREATE TABLE t (k int, c int, v text, PRIMARY KEY (k, c))");
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t (k, c, v) VALUES (?, ?, ?)");
  std::vector<Values> values(10);
  std::vector<BatchEntry> entries;
  for (int i = 0; i < 10; ++i) {
    values[i].Int(i % 3).Int(i).Text("v");
    entries.push_back({insert.get(), &values[i]});
  }
  ASSERT_TRUE(session_->ExecuteBatch(BatchKind::kUnlogged, entries, QueryOptions()).ok());
  EXPECT_THAT(Rows("SELECT count(*) FROM t"), ElementsAre("10"));
  EXPECT_THAT(Rows("SELECT c FROM t WHERE k = 1"), ElementsAre("1", "4", "7"));
}

TEST_F(LocalSessionTest, RefusesABatchThatNoCommitLogRecordHolds) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v blob)");
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t (k, v) VALUES (?, ?)");
  const std::string megabyte(1 << 20, 'x');
  std::vector<Values> values(17);
  std::vector<BatchEntry> entries;
  for (int i = 0; i < 17; ++i) {
    values[i].Int(i).Bytes(megabyte);
    entries.push_back({insert.get(), &values[i]});
  }
  const base::Result<ResultPage> refused = session_->ExecuteBatch(BatchKind::kLogged, entries, QueryOptions());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(base::CqlErrorCode(refused.status().code()), 0x2200);
  EXPECT_THAT(Rows("SELECT count(*) FROM t"), ElementsAre("0"));
  entries.resize(10);
  EXPECT_TRUE(session_->ExecuteBatch(BatchKind::kLogged, entries, QueryOptions()).ok());
}

TEST_F(LocalSessionTest, PreparedStatementsFollowTheSchema) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v int)");
  Run("INSERT INTO t (k, v) VALUES (1, 1)");
  const PreparedPtr select = *session_->Prepare("SELECT * FROM t WHERE k = ?");
  Run("ALTER TABLE t ADD w text");
  base::Result<ResultPage> page = session_->Execute(*select, Values().Int(1), QueryOptions());
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(RowsOf(*page), ElementsAre("1|1|null"));
  Run("DROP TABLE t");
  page = session_->Execute(*select, Values().Int(1), QueryOptions());
  ASSERT_FALSE(page.ok());
  EXPECT_THAT(page.status().ToString(), HasSubstr("table t does not exist"));
}

TEST_F(LocalSessionTest, AnswersAsynchronously) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v int)");
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t (k, v) VALUES (?, ?)");
  int done = 0;
  session_->ExecuteAsync(insert, Values().Int(1).Int(2), QueryOptions(), [&done](base::Result<ResultPage> page) {
    EXPECT_TRUE(page.ok());
    ++done;
  });
  session_->ExecuteAsync(insert, Values().Int(1), QueryOptions(), [&done](base::Result<ResultPage> page) {
    EXPECT_FALSE(page.ok());
    ++done;
  });
  EXPECT_EQ(done, 2);
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre("1|2"));
}

TEST_F(LocalSessionTest, PagesMayBeTakenOrLeft) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v text)");
  for (int k = 1; k <= 3; ++k)
    Run("INSERT INTO t (k, v) VALUES (" + std::to_string(k) + ", 'a longer text than most')");
  const PreparedPtr select = *session_->Prepare("SELECT k, v FROM t WHERE k = ?");
  std::vector<ResultPage> taken;
  for (int k = 1; k <= 4; ++k) {
    session_->ExecuteAsync(select, Values().Int(k), QueryOptions(), [&](base::Result<ResultPage>&& page) {
      ASSERT_TRUE(page.ok());
      ASSERT_EQ(page->row_count(), k < 4 ? 1u : 0u);
      if (k % 2 == 1) taken.push_back(std::move(*page));
    });
  }
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].Text(0, 0), "1");
  EXPECT_EQ(taken[1].Text(0, 0), "3");
  EXPECT_EQ(taken[1].Text(0, 1), "a longer text than most");
}

TEST_F(LocalSessionTest, BulkWritersShowTheirRowsAtCommit) {
  Run("CREATE TABLE t (k int, c int, v text, PRIMARY KEY (k, c))");
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t (v, c, k) VALUES (?, ?, ?)");
  base::Result<std::unique_ptr<BulkWriter>> writer = session_->OpenBulkWriter(insert);
  ASSERT_TRUE(writer.ok()) << writer.status().ToString();
  columnar::Vector v(columnar::PhysicalType::kBytes);
  columnar::Vector c(columnar::PhysicalType::kInt64);
  columnar::Vector k(columnar::PhysicalType::kInt64);
  for (int i = 0; i < 3; ++i) {
    v.AppendBytes("v" + std::to_string(i));
    c.AppendInt64(i);
    k.AppendInt64(1);
  }
  const columnar::Vector* vectors[] = {&v, &c, &k};
  const base::Status appended = (*writer)->Append(vectors, 3, 1000);
  ASSERT_TRUE(appended.ok()) << appended.ToString();
  EXPECT_THAT(Rows("SELECT * FROM t"), IsEmpty());
  ASSERT_TRUE((*writer)->Commit().ok());
  EXPECT_EQ((*writer)->rows(), 3u);
  EXPECT_THAT(Rows("SELECT c, v, writetime(v) FROM t"), ElementsAre("0|v0|1000", "1|v1|1000", "2|v2|1000"));
}

TEST_F(LocalSessionTest, BulkWritersRefuseWhatTheyCannotLoad) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v text)");
  for (const char* cql : {"INSERT INTO t (k, v) VALUES (?, 'x')", "INSERT INTO t (k, v) VALUES (?, ?) USING TTL ?",
                          "SELECT * FROM t WHERE k = ?"}) {
    EXPECT_FALSE(session_->OpenBulkWriter(*session_->Prepare(cql)).ok()) << cql;
  }
  base::Result<std::unique_ptr<BulkWriter>> writer =
      session_->OpenBulkWriter(*session_->Prepare("INSERT INTO t (k, v) VALUES (?, ?)"));
  ASSERT_TRUE(writer.ok());
  columnar::Vector k(columnar::PhysicalType::kInt64);
  columnar::Vector v(columnar::PhysicalType::kBytes);
  k.AppendInt64(1);
  v.AppendBytes("\xff\xfe");
  const columnar::Vector* vectors[] = {&k, &v};
  const base::Status status = (*writer)->Append(vectors, 1, 1);
  EXPECT_THAT(status.ToString(), HasSubstr("marker v, row 0"));
}

TEST_F(LocalSessionTest, FiltersOnlyWhenAskedTo) {
  MakeSamples();
  EXPECT_THAT(Failure("SELECT * FROM t WHERE v > 2"), HasSubstr("ALLOW FILTERING"));
  EXPECT_THAT(Rows("SELECT k, c FROM t WHERE v > 3 AND k = 1 ALLOW FILTERING"), ElementsAre("1|4", "1|3"));
  EXPECT_THAT(Rows("SELECT count(*) FROM t WHERE c IN (1, 2) ALLOW FILTERING"), ElementsAre("4"));
}

TEST_F(LocalSessionTest, ReadsRangesOfTokens) {
  MakeSamples();
  std::vector<std::string> rows = Rows("SELECT DISTINCT token(k), k FROM t");
  ASSERT_EQ(rows.size(), 2u);
  const std::string first = rows[0].substr(0, rows[0].find('|'));
  EXPECT_THAT(Rows("SELECT count(*) FROM t WHERE token(k) = " + first), ElementsAre("5"));
  EXPECT_THAT(Rows("SELECT count(*) FROM t WHERE token(k) > " + first), ElementsAre("5"));
  EXPECT_THAT(Rows("SELECT count(*) FROM t WHERE token(k) >= token(1) AND token(k) <= token(1)"), ElementsAre("5"));
  EXPECT_THAT(Rows("SELECT count(*) FROM t WHERE token(k) > 10 AND token(k) < 5"), ElementsAre("0"));
}

TEST_F(LocalSessionTest, ExplainsWhatAReadTouches) {
  MakeSamples();
  ASSERT_TRUE(database_->engine().Flush(nullptr).ok());
  const std::vector<std::string> one = Rows("EXPLAIN SELECT v FROM t WHERE k = 1 AND c > 2");
  EXPECT_THAT(one, ::testing::Contains("table|ks.t"));
  EXPECT_THAT(one, ::testing::Contains("partitions|1"));
  EXPECT_THAT(one, ::testing::Contains(StartsWith("partition|k = 1 (token ")));
  EXPECT_THAT(one, ::testing::Contains("rows answered|2"));
  EXPECT_THAT(one, ::testing::Contains("sstables read|1"));
  EXPECT_THAT(one, ::testing::Contains("advice|none: reads only what it answers"));
  const std::vector<std::string> scan = Rows("EXPLAIN SELECT v FROM t WHERE v > 2 ALLOW FILTERING");
  EXPECT_THAT(scan, ::testing::Contains("partitions|all"));
  EXPECT_THAT(scan, ::testing::Contains(StartsWith("filter|v > 2")));
  EXPECT_THAT(scan, ::testing::Contains(StartsWith("advice|reads every partition")));
}

// Row groups end where a name does: four of them.
TEST_F(LocalSessionTest, AFilterOnAClusteringColumnSkipsRowGroupsByTheirZoneMaps) {
  Run("CREATE TABLE named (k int, name text, number int, s int STATIC, v int, PRIMARY KEY (k, name, number))");
  Run("INSERT INTO named (k, s) VALUES (1, 7)");
  Run("INSERT INTO named (k, s) VALUES (2, 8)");
  const PreparedPtr insert = *session_->Prepare("INSERT INTO named (k, name, number, v) VALUES (1, ?, ?, ?)");
  for (int i = 0; i < 3072; ++i) {
    Values values;
    values.Text(std::string(1, static_cast<char>('a' + i / 1000))).Int(i).Int(i % 7);
    ASSERT_TRUE(session_->Execute(*insert, values, QueryOptions()).ok());
  }
  ASSERT_TRUE(database_->engine().Flush(nullptr).ok());
  for (const std::string where : {"k = 1 AND number >= 2000 AND number < 2002", "k = 1 AND number IN (2000, 2001)"}) {
    const std::string select = "SELECT number, s FROM named WHERE " + where + " ALLOW FILTERING";
    EXPECT_THAT(Rows(select), ElementsAre("2000|7", "2001|7"));
    EXPECT_THAT(Rows("EXPLAIN " + select),
                IsSupersetOf({"row groups read|1", "row groups skipped|3", "rows answered|2"}));
  }
  const std::string scan = "SELECT k, number FROM named WHERE number = 1023 ALLOW FILTERING";
  EXPECT_THAT(Rows(scan), ElementsAre("1|1023"));
  EXPECT_THAT(Rows("EXPLAIN " + scan), IsSupersetOf({"row groups read|1", "row groups skipped|3"}));
  EXPECT_THAT(Rows("SELECT number FROM named WHERE number > 5000 ALLOW FILTERING"), ElementsAre());
  Run("DELETE FROM named WHERE k = 1 AND name = 'c' AND number = 2000");
  EXPECT_THAT(Rows("SELECT number FROM named WHERE number IN (2000, 2001) ALLOW FILTERING"), ElementsAre("2001"));
}

TEST_F(LocalSessionTest, TruncatesATable) {
  MakeSamples();
  Run("TRUNCATE t");
  EXPECT_THAT(Rows("SELECT * FROM t"), IsEmpty());
  EXPECT_THAT(Failure("TRUNCATE system.local"), StartsWith("unauthorized"));
}

TEST_F(LocalSessionTest, TellsWhatASchemaChangeDid) {
  const ResultPage created = Run("CREATE TABLE t (k int PRIMARY KEY)");
  EXPECT_EQ(created.kind, ResultPage::Kind::kSchemaChange);
  EXPECT_EQ(created.schema_change + " " + created.schema_target + " " + created.keyspace + "." + created.schema_name,
            "CREATED TABLE ks.t");
  EXPECT_EQ(Run("CREATE TABLE IF NOT EXISTS t (k int PRIMARY KEY)").kind, ResultPage::Kind::kVoid);
  EXPECT_THAT(Failure("CREATE TABLE t (k int PRIMARY KEY)"), StartsWith("already exists: "));
  EXPECT_EQ(Run("USE ks").kind, ResultPage::Kind::kSetKeyspace);
  EXPECT_EQ(session_->keyspace(), "ks");
  EXPECT_THAT(Failure("USE nowhere"), HasSubstr("Keyspace 'nowhere' does not exist"));
}

TEST_F(LocalSessionTest, DataAndSchemaSurviveReopening) {
  Run("CREATE TABLE t (k int PRIMARY KEY, v text) WITH comment = 'kept'");
  Run("INSERT INTO t (k, v) VALUES (1, 'one')");
  Close();
  Open();
  Run("USE ks");
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre("1|one"));
  EXPECT_THAT(Rows("SELECT comment FROM system_schema.tables WHERE keyspace_name = 'ks' AND table_name = 't'"),
              ElementsAre("kept"));
  Run("CREATE TABLE u (k int PRIMARY KEY)");
}

TEST_F(LocalSessionTest, SystemTablesFollowTheSchema) {
  Run("CREATE TABLE t (k int, c text, s int STATIC, v double, PRIMARY KEY (k, c)) WITH CLUSTERING ORDER BY (c DESC)");
  EXPECT_THAT(Rows("SELECT column_name, kind, position, clustering_order, type FROM system_schema.columns "
                   "WHERE keyspace_name = 'ks' AND table_name = 't'"),
              ElementsAre("c|clustering|0|desc|text", "k|partition_key|0|none|int", "s|static|-1|none|int",
                          "v|regular|-1|none|double"));
  Run("ALTER TABLE t DROP v");
  EXPECT_THAT(Rows("SELECT column_name, type FROM system_schema.dropped_columns WHERE keyspace_name = 'ks'"),
              ElementsAre("v|double"));
  Run("DROP TABLE t");
  EXPECT_THAT(Rows("SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'ks'"), IsEmpty());
  EXPECT_THAT(Rows("SELECT key, cluster_name, partitioner FROM system.local"),
              ElementsAre("local|Cassette|org.apache.cassandra.dht.Murmur3Partitioner"));
}

TEST_F(LocalSessionTest, SystemTablesAreNotForWriting) {
  EXPECT_THAT(Failure("INSERT INTO system.local (key) VALUES ('x')"), StartsWith("unauthorized"));
  EXPECT_THAT(Failure("DROP KEYSPACE system"), StartsWith("unauthorized"));
}

}  // namespace
}  // namespace cassette::session
