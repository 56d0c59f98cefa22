// A model's rows from files into tables, and what each kind of bad input gets.
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "io/fault_file_system.h"
#include "pipeline/record_reader.h"
#include "pipeline/run_test_support.h"

namespace cassette::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kModel[] = R"(
keyspace: m
source:
  files: '**/*.csv'
  columns:
    session: {type: int, required: true, minimum: 1}
    item: {type: int}
    title: {as: song_title, type: text}
    length: {type: double}
    user: {as: user_id, type: int}
  keep: song_title != ''
queries:
  by_session: {find: [song_title, length], by: {session: equals, item: equals}}
  by_song: {find: [length], by: {song_title: equals}, each: user_id}
)";

constexpr char kHeader[] = "session,item,title,length,user\n";

class MusicRunTest : public RunTest {
 protected:
  void SetUp() override {
    RunTest::SetUp();
    UseModel(kModel);
  }
  // Loads one file that holds the header and these lines, and says which rejects there were.
  std::vector<std::string> RejectsOf(const std::string& lines) {
    WriteFile("a.csv", kHeader + lines);
    EXPECT_EQ(Load(), "");
    return report_.first_rejects;
  }
};

TEST_F(MusicRunTest, LoadsCountsAndVerifies) {
  WriteFile("a.csv", std::string(kHeader) + "1,0,Xu,1.5,7\n1,1,,2.5,7\n1,2,Yi,2.5,8\n");
  ASSERT_TRUE(file_system_.CreateDirs("/events/deep").ok());
  WriteFile("deep/b.csv", std::string(kHeader) + "2,0,Xu,3.5,7\n2,1,Xu,4.5,9\n");
  ASSERT_EQ(Load(), "");
  EXPECT_EQ(report_.files, 2u);
  EXPECT_EQ(report_.read, 5u);
  EXPECT_EQ(report_.filtered, 1u);
  EXPECT_EQ(report_.rejected, 0u);
  ASSERT_EQ(report_.tables.size(), 2u);
  EXPECT_EQ(report_.tables[0].keys.rows, 4u);
  EXPECT_EQ(report_.tables[0].keys.distinct_rows, 4u);
  EXPECT_EQ(report_.tables[0].keys.partitions, 2u);
  EXPECT_EQ(report_.tables[1].keys.rows, 4u);
  EXPECT_EQ(report_.tables[1].keys.distinct_rows, 3u);
  EXPECT_EQ(report_.tables[1].keys.largest_partition_rows, 2u);
  EXPECT_TRUE(report_.tables[1].is_verified);
  EXPECT_EQ(report_.tables[1].rows_in_table, 3u);
  EXPECT_THAT(Rows("SELECT * FROM m.by_session WHERE session = 1"), ElementsAre("1|0|1.5|Xu", "1|2|2.5|Yi"));
  EXPECT_THAT(Rows("SELECT user_id, length FROM m.by_song WHERE song_title = 'Xu'"), ElementsAre("7|3.5", "9|4.5"));
  EXPECT_EQ(Rejects(), "none");
}

TEST_F(MusicRunTest, AnEmptyFieldIsUnsetAndNoTombstone) {
  WriteFile("a.csv", std::string(kHeader) + "1,0,Xu,1.5,7\n");
  ASSERT_EQ(Load(), "");
  WriteFile("b.csv", std::string(kHeader) + "1,0,Yi,,7\n");
  ASSERT_EQ(Load(), "");
  EXPECT_THAT(Rows("SELECT song_title, length FROM m.by_session"), ElementsAre("Yi|1.5"));
}

TEST_F(MusicRunTest, TheLaterRowOfARepeatedKeyWins) {
  // Within a batch, over batches (of 1,024 rows), over files and over runs at the same moment.
  std::string lines = kHeader;
  for (int row = 0; row < 3000; ++row) lines += fmt::format("1,{},Xu,{},7\n", row % 1000 < 10 ? 0 : row, row);
  WriteFile("a.csv", lines);
  WriteFile("b.csv", std::string(kHeader) + "9,0,Xu,1,1\n9,0,Xu,3,1\n9,0,Xu,2,1\n");
  ASSERT_EQ(Load(), "");
  EXPECT_THAT(Rows("SELECT length FROM m.by_session WHERE session = 1 AND item = 0"), ElementsAre("2009.0"));
  EXPECT_THAT(Rows("SELECT length FROM m.by_song WHERE song_title = 'Xu' AND user_id = 7"), ElementsAre("2999.0"));
  EXPECT_THAT(Rows("SELECT length FROM m.by_session WHERE session = 9"), ElementsAre("2.0"));
  WriteFile("c.csv", std::string(kHeader) + "9,0,Xu,1,1\n");
  ASSERT_EQ(Load(), "");
  EXPECT_THAT(Rows("SELECT length FROM m.by_session WHERE session = 9"), ElementsAre("1.0"));
}

TEST_F(MusicRunTest, LaterRowsWinOnSeveralThreadsToo) {
  options_.threads = 3;
  for (int file = 0; file < 12; ++file) {
    std::string lines = kHeader;
    for (int row = 0; row < 50; ++row) lines += fmt::format("{},{},Xu,{},7\n", 1 + row % 5, row % 7, file * 100 + row);
    WriteFile(fmt::format("{:02}.csv", file), lines);
  }
  ASSERT_EQ(Load(), "");
  EXPECT_THAT(Rows("SELECT length FROM m.by_session WHERE session = 1 AND item = 0"), ElementsAre("1135.0"));
  EXPECT_THAT(Rows("SELECT length FROM m.by_song WHERE song_title = 'Xu'"), ElementsAre("1149.0"));
}

TEST_F(MusicRunTest, RejectsARecordOfAnotherColumnCount) {
  EXPECT_THAT(
      RejectsOf("1,0,Xu,1.5,7\n1,1,Yi,2.5\n1,2,Yi,2.5,8,9\n"),
      ElementsAre("/events/a.csv:3:1: expected 5 columns, found 4", "/events/a.csv:4:1: expected 5 columns, found 6"));
  EXPECT_EQ(Rejects(),
            "file,line,column,reason,record\n"
            "\"/events/a.csv\",3,1,\"expected 5 columns, found 4\",\"1,1,Yi,2.5\"\n"
            "\"/events/a.csv\",4,1,\"expected 5 columns, found 6\",\"1,2,Yi,2.5,8,9\"\n");
  EXPECT_EQ(report_.read, 3u);
  EXPECT_EQ(report_.rejected, 2u);
  EXPECT_THAT(Rows("SELECT item FROM m.by_session"), ElementsAre("0"));
}

TEST_F(MusicRunTest, RejectsBadNumbersAndNamesTheColumn) {
  EXPECT_THAT(RejectsOf("1,x,Xu,1.5,7\n1,0,Xu,1.5.2,7\n1,0,Xu,1.5,99999999999\n0,0,Xu,1.5,7\n,0,Xu,1,7\n1,0,Xu,1,\n"),
              ElementsAre("/events/a.csv:2:3: item: expected int, found 'x'",
                          "/events/a.csv:3:8: length: expected double, found '1.5.2'",
                          "/events/a.csv:4:12: user: expected int, found '99999999999'",
                          "/events/a.csv:5:1: session: '0' is below the minimum 1",
                          "/events/a.csv:6:1: session is empty, and it is required",
                          "/events/a.csv:7:10: user is empty, and it is required"));
}

TEST_F(MusicRunTest, RejectsValuesTooLongForAKey) {
  const std::string longest(65'535, 'x');
  EXPECT_THAT(RejectsOf("1,0," + longest + ",1.5,7\n1,1," + longest + "y,1.5,7\n1,2,Xu,1.5,7\n"),
              ElementsAre("/events/a.csv:3:5: title: 65536 bytes are too long for a key (at most 65535)"));
  EXPECT_THAT(Rows("SELECT item FROM m.by_session"), ElementsAre("0", "2"));
  UseModel(R"(
keyspace: n
source:
  files: '*.csv'
  columns: {id: {type: int}}
  set: {place: '{a} {b}'}
queries: {by_place: {find: [id], by: {place: equals}}}
)");
  WriteFile("a.csv", "id,a,b\n1," + longest + ",\n2," + longest + ",y\n");
  EXPECT_EQ(Load(), "");
  EXPECT_THAT(report_.first_rejects,
              ElementsAre("/events/a.csv:3:1: place: 65537 bytes are too long for a key (at most 65535)"));
  EXPECT_THAT(Rows("SELECT id FROM n.by_place"), ElementsAre("1"));
}

TEST_F(MusicRunTest, RejectsBadUtf8AndNulBytes) {
  EXPECT_THAT(RejectsOf("1,0,\xff\xfe,1.5,7\n1,1," + std::string("a\0b", 3) + ",1.5,7\n1,2,Xu,1.5,7\n"),
              ElementsAre("/events/a.csv:2:5: bytes that are no UTF-8", "/events/a.csv:3:5: a NUL byte"));
  EXPECT_THAT(Rows("SELECT item FROM m.by_session"), ElementsAre("2"));
}

TEST_F(MusicRunTest, AnUnclosedQuoteCostsOneLine) {
  EXPECT_THAT(RejectsOf("1,0,\"Xu,1.5,7\n1,1,Yi,2.5,7\n"),
              ElementsAre("/events/a.csv:2:5: a quote is opened and never closed"));
  EXPECT_THAT(Rejects(), HasSubstr("\"1,0,\"\"Xu,1.5,7\""));
  EXPECT_THAT(Rows("SELECT item FROM m.by_session"), ElementsAre("1"));
}

TEST_F(MusicRunTest, ATooLongLineIsRejectedAndItsRecordCutShort) {
  const std::string line = "1,0," + std::string(kMaxRecordBytes, 'x') + ",1.5,7\n";
  EXPECT_THAT(RejectsOf(line + "1,1,Yi,2.5,7\n"), ElementsAre("/events/a.csv:2:1: record of more than 4194304 bytes"));
  EXPECT_THAT(Rows("SELECT item FROM m.by_session"), ElementsAre("1"));
  EXPECT_LT(Rejects().size(), size_t{70'000});
}

TEST_F(MusicRunTest, TakesEveryLineEndAndTheByteOrderMark) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    options_.drop = true;
    WriteFile("a.csv", "\xef\xbb\xbfsession,item,title,length,user" + end + "1,0,Xu,1.5,7" + end + "1,1,Yi,2.5,8");
    ASSERT_EQ(Load(), "");
    EXPECT_EQ(report_.rejected, 0u);
    EXPECT_THAT(Rows("SELECT item, song_title FROM m.by_session"), ElementsAre("0|Xu", "1|Yi"));
  }
}

TEST_F(MusicRunTest, EmptyFilesAndHeadersAloneAreNamed) {
  WriteFile("a.csv", "");
  WriteFile("b.csv", kHeader);
  WriteFile("c.csv", std::string(kHeader) + "1,0,Xu,1.5,7\n");
  ASSERT_EQ(Load(), "");
  EXPECT_THAT(report_.empty_files, ElementsAre("/events/a.csv", "/events/b.csv"));
  EXPECT_EQ(report_.read, 1u);
}

TEST_F(MusicRunTest, RefusesHeadersThatDoNotFit) {
  const std::pair<const char*, const char*> cases[] = {
      {"session,item,title,user\n",
       "/events/a.csv:1:1: column 'length' is missing; found: 'session', 'item', 'title', 'user'"},
      {"session,item,title,length,user,mood\n",
       "/events/a.csv:1:1: unknown column 'mood' (number 6); expected: 'session', 'item', 'title', 'length', 'user'"},
      {"session,item,title,length,user,item\n", "/events/a.csv:1:32: the header names column 'item' twice"},
      {"session,\"item\n", "/events/a.csv:1:9: the header is no CSV record: a quote is opened and never closed"},
  };
  for (const auto& [header, message] : cases) {
    WriteFile("a.csv", header + std::string("1,0,Xu,1.5,7\n"));
    EXPECT_EQ(Load(), message);
    EXPECT_THAT(Rows("SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = 'm'"), IsEmpty());
  }
}

// What made the file replaced it after its header was looked at.
TEST_F(MusicRunTest, RefusesAFileWhoseHeaderChangedSinceItWasPlanned) {
  WriteFile("a.csv", std::string(kHeader) + "1,0,Xu,1.5,7\n");
  WriteFile("b.csv", std::string(kHeader) + "2,0,Xu,1.5,7\n");
  progress_ = [this](const Progress&) { WriteFile("b.csv", "session,item\n2,0\n"); };
  EXPECT_EQ(Load(), "/events/b.csv:1:1: column 'title' is missing; found: 'session', 'item'");
  EXPECT_THAT(Rows("SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = 'm'"), IsEmpty());
}

TEST_F(MusicRunTest, RefusesADirectoryWhereAFileShouldBe) {
  ASSERT_TRUE(file_system_.CreateDirs("/events/d.csv").ok());
  EXPECT_EQ(Load(), "/events/d.csv: expected a file, found a directory");
}

TEST_F(MusicRunTest, AnUnreadableFileIsNamedAndLeavesNothingBehind) {
  WriteFile("a.csv", std::string(kHeader) + "1,0,Xu,1.5,7\n");
  WriteFile("b.csv", std::string(kHeader) + "2,0,Xu,1.5,7\n");
  io::FaultFileSystem counting(file_system_);
  ASSERT_EQ(LoadFrom(counting), "");
  const uint64_t reads = counting.read_count();
  ASSERT_GT(reads, 4u);
  ASSERT_THAT(Rows("DROP KEYSPACE m"), IsEmpty());
  for (uint64_t nth = 1; nth <= reads; ++nth) {
    io::FaultFileSystem failing(file_system_);
    failing.FailRead(nth, io::Fault::kIoError);
    EXPECT_THAT(LoadFrom(failing), HasSubstr("/events")) << nth;
    EXPECT_THAT(Rows("SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = 'm'"), IsEmpty()) << nth;
  }
  EXPECT_EQ(Load(), "");
}

TEST_F(MusicRunTest, ARejectsFileThatCannotBeWrittenStopsTheRun) {
  options_.rejects_path = "/no/such/folder/rejects.csv";
  WriteFile("a.csv", std::string(kHeader) + "1,0,Xu,1.5,7\nx\n");
  EXPECT_THAT(Load(), HasSubstr("/no/such/folder/rejects.csv"));
  EXPECT_THAT(Rows("SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = 'm'"), IsEmpty());
}

TEST_F(MusicRunTest, TheRejectsFileIsNoSource) {
  options_.rejects_path = "/events/../events/rejects.csv";
  WriteFile("a.csv", std::string(kHeader) + "1,0,Xu,1.5,7\nx\n");
  ASSERT_EQ(Load(), "");
  WriteFile("b.csv", std::string(kHeader) + "2,0,Xu,1.5,7\n");
  ASSERT_EQ(Load(), "");
  EXPECT_EQ(report_.files, 2u);
  options_.source = "/events/rejects.csv";
  EXPECT_EQ(Load(),
            "/events/rejects.csv: is where the rejects of this run go, and cannot be its source; --rejects names "
            "another file");
  options_.source = "/events";
  ASSERT_TRUE(file_system_.Remove("/events/a.csv").ok());
  ASSERT_TRUE(file_system_.Remove("/events/b.csv").ok());
  EXPECT_EQ(Load(), "/events: no file but the rejects of an earlier run");
}

TEST_F(MusicRunTest, RefusesAnEmptyOrMissingSource) {
  EXPECT_EQ(Load(), "/events: no file matches '**/*.csv'");
  options_.source = "/nowhere";
  EXPECT_THAT(Load(), HasSubstr("/nowhere"));
}

std::string Gzip(const std::string& text) {
  z_stream state = {};
  deflateInit2(&state, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&state, text.size()), '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  state.avail_in = static_cast<uInt>(text.size());
  state.next_out = reinterpret_cast<Bytef*>(packed.data());
  state.avail_out = static_cast<uInt>(packed.size());
  deflate(&state, Z_FINISH);
  packed.resize(packed.size() - state.avail_out);
  deflateEnd(&state);
  return packed;
}

TEST_F(MusicRunTest, AGzipThatEndsEarlyLeavesNothingBehind) {
  std::string lines = kHeader;
  for (int row = 0; row < 20'000; ++row) lines += fmt::format("1,{},Xu {},{},7\n", row, row * 7919, row);
  const std::string packed = Gzip(lines);
  WriteFile("a.csv", packed.substr(0, packed.size() - 100));  // Told by its first bytes, not by its name.
  EXPECT_EQ(Load(), fmt::format("/events/a.csv: gzip data ends early at byte {} of the file", packed.size() - 100));
  EXPECT_THAT(Rows("SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = 'm'"), IsEmpty());
  WriteFile("a.csv", packed);
  ASSERT_EQ(Load(), "");
  EXPECT_THAT(Rows("SELECT COUNT(*) FROM m.by_session"), ElementsAre("20000"));
}

TEST_F(MusicRunTest, PastTheRejectsTheRunStopsAndNoTableStays) {
  options_.rejects_max = 2;
  WriteFile("a.csv", std::string(kHeader) + "1,0,Xu,1.5,7\nx\nx\n1,1,Xu,1.5,7\n");
  ASSERT_EQ(Load(), "");
  WriteFile("b.csv", std::string(kHeader) + "2,0,Xu,1.5,7\nx\nx\nx\n");
  EXPECT_EQ(Load(),
            "/events/b.csv:5:1: expected 5 columns, found 1 (more than 2 rejects: see /rejects.csv; --max-rejects "
            "allows more)");
  // What was there before stays as it was.
  EXPECT_THAT(Rows("SELECT session, item FROM m.by_session"), ElementsAre("1|0", "1|1"));
  options_.drop = true;
  EXPECT_THAT(Load(), HasSubstr("more than 2 rejects"));
  EXPECT_THAT(Rows("SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'm'"), IsEmpty());
}

TEST_F(MusicRunTest, WithResumeEachFileIsAStep) {
  options_.resume = true;
  options_.rejects_max = 0;
  WriteFile("a.csv", std::string(kHeader) + "1,0,Xu,1.5,7\n");
  WriteFile("b.csv", std::string(kHeader) + "2,0,Xu,1.5,7\nx\n");
  WriteFile("c.csv", std::string(kHeader) + "3,0,Xu,1.5,7\n");
  EXPECT_THAT(Load(), HasSubstr("/events/b.csv:3:1: expected 5 columns, found 1"));
  EXPECT_THAT(Rows("SELECT session FROM m.by_session"), ElementsAre("1"));
  WriteFile("b.csv", std::string(kHeader) + "2,0,Xu,1.5,7\n");
  ASSERT_EQ(Load(), "");
  EXPECT_EQ(report_.files_skipped, 1u);
  EXPECT_EQ(report_.read, 2u);
  EXPECT_THAT(Rows("SELECT COUNT(*) FROM m.by_session"), ElementsAre("3"));
}

TEST_F(MusicRunTest, WithResumeTheRejectsOfTheRunBeforeStay) {
  const std::string header = "file,line,column,reason,record\n";
  const std::string of_a = "\"/events/a.csv\",2,1,\"expected 5 columns, found 1\",\"x\"\n";
  const std::string of_b = "\"/events/b.csv\",2,1,\"expected 5 columns, found 1\",\"y\"\n";
  options_.resume = true;
  WriteFile("a.csv", std::string(kHeader) + "x\n");
  ASSERT_EQ(Load(), "");
  EXPECT_EQ(Rejects(), header + of_a);
  WriteFile("b.csv", std::string(kHeader) + "y\n");
  ASSERT_EQ(Load(), "");
  EXPECT_EQ(report_.files_skipped, 1u);
  EXPECT_EQ(Rejects(), header + of_a + of_b);
  options_.resume = false;  // A run that is all or nothing has rejects of its own.
  WriteFile("b.csv", std::string(kHeader) + "y\n2,0,Xu,1.5,7\n");
  ASSERT_EQ(Load(), "");
  EXPECT_EQ(Rejects(), header + of_b);
}

TEST_F(MusicRunTest, ASecondRunLoadsOnlyWhatIsNew) {
  WriteFile("a.csv", std::string(kHeader) + "1,0,Xu,1.5,7\n");
  ASSERT_EQ(Load(), "");
  WriteFile("b.csv", std::string(kHeader) + "2,0,Xu,1.5,7\n");
  ASSERT_EQ(Load(), "");
  EXPECT_EQ(report_.files, 2u);
  EXPECT_EQ(report_.files_skipped, 1u);
  EXPECT_EQ(report_.read, 1u);
  WriteFile("a.csv", std::string(kHeader) + "1,0,Xu,1.5,7\n1,1,Yi,1,7\n");  // Another size: new.
  ASSERT_EQ(Load(), "");
  EXPECT_EQ(report_.files_skipped, 1u);
  EXPECT_EQ(report_.read, 2u);
  ASSERT_EQ(Load(), "");
  EXPECT_EQ(report_.files_skipped, 2u);
  EXPECT_THAT(Rows("SELECT file, loaded_rows FROM cassette.loaded_files WHERE keyspace_name = 'm'"),
              ElementsAre("/events/a.csv|2", "/events/b.csv|1"));
  ASSERT_EQ(Rows("DROP TABLE m.by_song").size(), 0u);  // Then nothing is loaded any more.
  ASSERT_EQ(Load(), "");
  EXPECT_EQ(report_.files_skipped, 0u);
}

TEST_F(MusicRunTest, ADryRunWritesNothing) {
  options_.dry_run = true;
  WriteFile("a.csv", std::string(kHeader) + "1,0,Xu,1.5,7\n1,0,Yi,1.5,7\n");
  ASSERT_EQ(Load(), "");
  EXPECT_EQ(report_.tables[0].keys.rows, 2u);
  EXPECT_EQ(report_.tables[0].keys.distinct_rows, 1u);
  EXPECT_THAT(Rows("SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name IN ('m', 'cassette')"),
              IsEmpty());
}

TEST_F(MusicRunTest, RefusesATableOfAnotherShape) {
  ASSERT_THAT(Rows("CREATE KEYSPACE m WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"),
              IsEmpty());
  ASSERT_THAT(Rows("CREATE TABLE m.by_session (session int, item int, song_title text, length double, "
                   "PRIMARY KEY ((session, item)))"),
              IsEmpty());
  WriteFile("a.csv", std::string(kHeader) + "1,0,Xu,1.5,7\n");
  EXPECT_EQ(Load(),
            "table m.by_session is there and is another one: column item should be clustering 0 int asc, and is "
            "partition_key 1 int; --drop makes the table anew");
  EXPECT_THAT(Rows("SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'm'"), ElementsAre("by_session"));
  options_.drop = true;
  ASSERT_EQ(Load(), "");
  EXPECT_THAT(Rows("SELECT * FROM m.by_session"), ElementsAre("1|0|1.5|Xu"));
}

TEST_F(MusicRunTest, DropsAllTablesOrNone) {
  WriteFile("a.csv", std::string(kHeader) + "1,0,Xu,1.5,7\n");
  ASSERT_EQ(Load(), "");
  ASSERT_THAT(Rows("CREATE MATERIALIZED VIEW m.by_user AS SELECT * FROM m.by_song WHERE user_id IS NOT NULL AND "
                   "song_title IS NOT NULL PRIMARY KEY (user_id, song_title)"),
              IsEmpty());
  options_.drop = true;
  EXPECT_EQ(Load(),
            "--drop: table m.by_song has the materialized view m.by_user, and nothing was dropped; DROP MATERIALIZED "
            "VIEW m.by_user first");
  EXPECT_THAT(Rows("SELECT session, item FROM m.by_session"), ElementsAre("1|0"));
  EXPECT_THAT(Rows("SELECT user_id FROM m.by_user"), ElementsAre("7"));
  ASSERT_THAT(Rows("DROP MATERIALIZED VIEW m.by_user"), IsEmpty());
  EXPECT_EQ(Load(), "");
}

// Rows of such a table are written one by one, and are in the view as soon as in the table.
TEST_F(MusicRunTest, LoadsATableWithAViewAndCollections) {
  ASSERT_THAT(Rows("CREATE KEYSPACE m WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"),
              IsEmpty());
  ASSERT_THAT(Rows("CREATE TABLE m.by_session (session int, item int, song_title text, length double, tags set<text>, "
                   "PRIMARY KEY (session, item))"),
              IsEmpty());
  ASSERT_THAT(Rows("INSERT INTO m.by_session (session, item, tags) VALUES (1, 0, {'kept'})"), IsEmpty());
  ASSERT_THAT(Rows("CREATE MATERIALIZED VIEW m.by_title AS SELECT * FROM m.by_session WHERE song_title IS NOT NULL AND "
                   "session IS NOT NULL AND item IS NOT NULL PRIMARY KEY (song_title, session, item)"),
              IsEmpty());
  WriteFile("a.csv", std::string(kHeader) + "1,0,Xu,1.5,7\n1,1,Yi,2.5,7\n1,0,Zo,3.5,7\n");
  ASSERT_EQ(Load(), "");
  EXPECT_THAT(Rows("SELECT item, song_title, length, tags FROM m.by_session"),
              ElementsAre("0|Zo|3.5|{'kept'}", "1|Yi|2.5|null"));
  EXPECT_THAT(Rows("SELECT item, length FROM m.by_title WHERE song_title = 'Zo'"), ElementsAre("0|3.5"));
  EXPECT_THAT(Rows("SELECT item FROM m.by_title WHERE song_title = 'Xu'"), IsEmpty());
}

TEST_F(MusicRunTest, ReadsJsonLinesAndRejectsWhatIsNone) {
  UseModel(R"(
keyspace: m
source:
  files: '*.jsonl'
  columns: {session: {type: int}, title: {as: song_title, type: text}}
  set: {place: '{city} {country}'}
queries: {by_session: {find: [song_title, place], by: {session: equals}, each: song_title}}
)");
  WriteFile("a.jsonl",
            "{\"session\": 1, \"title\": \"Xu\", \"city\": \"Bern\"}\n{\"session\": \"one\"}\nnope\n{\"mood\": 1}\n");
  ASSERT_EQ(Load(), "");
  EXPECT_THAT(Rows("SELECT * FROM m.by_session"), ElementsAre("1|Xu|Bern"));
  EXPECT_THAT(report_.first_rejects,
              ElementsAre("/events/a.jsonl:2:1: session: expected int, found 'one'",
                          "/events/a.jsonl:3:1: expected a JSON object, found text that is no JSON",
                          "/events/a.jsonl:4:1: unknown member 'mood'"));
}

// A condition reads a timestamp in every form in which the field itself is read.
TEST_F(MusicRunTest, KeepComparesTimestampsInEveryForm) {
  UseModel(R"(
keyspace: m
source:
  files: '*.csv'
  columns: {id: {type: int}, at: {type: timestamp}}
  keep: at >= 2018-11-01
queries: {by_id: {find: [at], by: {id: equals}}}
)");
  // Of each form a time before and one after.
  WriteFile("a.csv",
            "id,at\n1,1.54100E+12\n2,1.54112E+12\n3,1530000000.5\n4,1558249382.64679\n5,2018-10-31\n6,2018-11-01\n"
            "7,1541000000000\n8,1541120000000\n");
  ASSERT_EQ(Load(), "");
  EXPECT_EQ(report_.filtered, 4u);
  std::vector<std::string> ids = Rows("SELECT id FROM m.by_id");
  std::sort(ids.begin(), ids.end());
  EXPECT_THAT(ids, ElementsAre("2", "4", "6", "8"));
}

TEST_F(MusicRunTest, LimitsHoldForNumbersOfEveryType) {
  UseModel(R"(
keyspace: m
source:
  files: '*.csv'
  columns:
    id: {type: int}
    f: {type: float, minimum: 0, maximum: 0.1}
    d: {type: decimal, minimum: -0.5, maximum: 1e15}
    v: {type: varint, minimum: 0.5, maximum: 1e20}
    day: {type: date, minimum: 2147483648}
    at: {type: time, maximum: 3600000000000}
    n: {type: int}
queries: {by_id: {find: [f, d, v, day, at], by: {id: equals}, each: n}}
)");
  WriteFile("a.csv",
            "id,f,d,v,day,at,n\n"
            "1,0.1,1000000000000000,100000000000000000000,1970-01-01,01:00:00,1\n"
            "2,-0.0,-0.50,1,2024-01-01,00:00:00,1\n"
            "3,0.11,,,,,1\n4,-1e-9,,,,,1\n"
            "5,,1000000000000000.0000000001,,,,1\n6,,-0.50000000000000000001,,,,1\n"
            "7,,,100000000000000000001,,,1\n8,,,0,,,1\n"
            "9,,,,1969-12-31,,1\n10,,,,,01:00:00.000000001,1\n");
  ASSERT_EQ(Load(), "");
  EXPECT_THAT(report_.first_rejects,
              ElementsAre("/events/a.csv:4:3: f: '0.11' is above the maximum 0.1",
                          "/events/a.csv:5:3: f: '-1e-9' is below the minimum 0",
                          "/events/a.csv:6:4: d: '1000000000000000.0000000001' is above the maximum 1000000000000000",
                          "/events/a.csv:7:4: d: '-0.50000000000000000001' is below the minimum -0.5",
                          "/events/a.csv:8:5: v: '100000000000000000001' is above the maximum 1e+20",
                          "/events/a.csv:9:5: v: '0' is below the minimum 0.5",
                          "/events/a.csv:10:6: day: '1969-12-31' is below the minimum 2147483648",
                          "/events/a.csv:11:8: at: '01:00:00.000000001' is above the maximum 3600000000000"));
  EXPECT_EQ(report_.rows, 2u);
}

TEST_F(MusicRunTest, RefusesAFormatThatDoesNotGiveAKey) {
  UseModel(R"(
keyspace: m
source: {generate: network_metrics}
formats:
  plain:
    files: '*.csv'
    columns: {collected_at: {type: timestamp}, value: {type: double}}
queries: {metrics: {find: [value], by: {resource: equals}, order: collected_at}}
)");
  WriteFile("a.csv", "collected_at,value\n2024-01-01,1\n");
  EXPECT_EQ(Load(), "m.yaml:6:5: plain gives no column resource, which is in the key of metrics");
}

TEST_F(MusicRunTest, BucketsByIsoYearAndWeek) {
  UseModel(R"(
keyspace: m
source:
  files: '*.csv'
  columns: {resource: {type: text}, at: {as: collected_at, type: timestamp}, value: {type: double}}
queries: {metrics: {find: [value], by: {resource: equals, collected_at: range}, order: collected_at desc, bucket: week}}
)");
  WriteFile("a.csv", "resource,at,value\nr,2024-12-29 23:59:59,1\nr,2024-12-30,2\nr,2025-12-28,3\nr,2025-12-29,4\n");
  ASSERT_EQ(Load(), "");
  EXPECT_THAT(Rows("SELECT value FROM m.metrics WHERE resource = 'r' AND year = 2024 AND week_of_year = 52"),
              ElementsAre("1.0"));
  EXPECT_THAT(Rows("SELECT value FROM m.metrics WHERE resource = 'r' AND year = 2025 AND week_of_year = 1"),
              ElementsAre("2.0"));
  EXPECT_THAT(Rows("SELECT value FROM m.metrics WHERE resource = 'r' AND year = 2026 AND week_of_year = 1"),
              ElementsAre("4.0"));
}

TEST_F(MusicRunTest, LoadsGeneratedSamplesOnce) {
  UseModel(R"(
keyspace: m
source: {generate: network_metrics, resources: 3, metrics: 2, every: 1h, from: 2024-12-30, days: 9, seed: 4}
queries:
  metrics_by_resource_week:
    {find: [value], by: {resource: equals, collected_at: range}, each: metric_name,
     order: 'metric_name, collected_at desc', bucket: week}
  metrics_by_resource_list: {find: [metric_name], by: {resource: equals}}
)");
  options_.source.clear();
  ASSERT_EQ(Load(), "");
  EXPECT_TRUE(report_.generated);
  EXPECT_GT(report_.read, 1200u);
  EXPECT_LE(report_.read, 3u * 2 * 24 * 9);
  EXPECT_EQ(report_.tables[0].rows_in_table, report_.read);
  EXPECT_EQ(report_.tables[0].keys.partitions, 6u);
  EXPECT_EQ(report_.tables[1].keys.rows, report_.read);
  EXPECT_EQ(report_.tables[1].keys.distinct_rows, 6u);
  ASSERT_EQ(Load(), "");
  EXPECT_EQ(report_.files_skipped, 1u);
}

}  // namespace
}  // namespace cassette::pipeline
