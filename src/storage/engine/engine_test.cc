#include "storage/engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/engine/test_support.h"

namespace cassette::storage::engine {
namespace {

using testing::Apply;
using testing::CreateTable;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Insert;
using testing::IntBytes;
using ::testing::IsEmpty;
using testing::KeyOf;
using testing::MakeTable;
using testing::ReadAll;
using testing::Rows;
using ::testing::SizeIs;
using testing::TestEngine;
using testing::Write;

class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    ASSERT_TRUE(CreateTable(engine_.get(), MakeTable()).ok());
  }
  void Open() {
    const base::Status status = engine_.Open();
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  void Reopen() {
    engine_.Close();
    Open();
  }
  void Put(const Write& write) {
    const base::Status status = Apply(engine_.get(), write);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  void PutRow(int32_t k, int32_t c, int32_t v, std::string w, int64_t timestamp) {
    Put(Insert(*engine_.table(), k, c, v, std::move(w), timestamp));
  }
  std::vector<std::string> Select(const ReadCommand& command, ReadStatistics* statistics = nullptr) {
    auto rows = Rows(engine_.get(), command, statistics);
    EXPECT_TRUE(rows.ok()) << rows.status().ToString();
    return rows.ok() ? *rows : std::vector<std::string>();
  }
  std::vector<std::string> SelectAll() { return Select(ReadAll(engine_.table(), engine_.clock.NowSeconds())); }
  ReadCommand OfKey(int32_t k) {
    ReadCommand command = ReadAll(engine_.table(), engine_.clock.NowSeconds());
    command.keys = {KeyOf(k)};
    return command;
  }
  void Flush() {
    const base::Status status = engine_->Flush(nullptr);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  void Compact() {
    const base::Status status = engine_->Compact(nullptr);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  TableStatistics Table() { return engine_->Statistics().tables.at(0); }

  io::MemFileSystem files_;
  TestEngine engine_{&files_};
};

TEST_F(EngineTest, GivesBackWhatWasWritten) {
  PutRow(1, 2, 20, "b", 10);
  PutRow(1, 1, 10, "a", 10);
  EXPECT_THAT(Select(OfKey(1)), ElementsAre("1|1|null|10|a", "1|2|null|20|b"));
  EXPECT_THAT(Select(OfKey(2)), IsEmpty());
}

TEST_F(EngineTest, FindsRowsInMemtablesAndSstables) {
  PutRow(1, 1, 10, "a", 10);
  Flush();
  PutRow(1, 2, 20, "b", 20);
  Flush();
  PutRow(1, 1, 11, "aa", 30);
  ReadStatistics statistics;
  EXPECT_THAT(Select(OfKey(1), &statistics), ElementsAre("1|1|null|11|aa", "1|2|null|20|b"));
  EXPECT_EQ(statistics.sstables_read, 2u);
  EXPECT_EQ(statistics.memtables_read, 1u);
  EXPECT_EQ(statistics.partitions_read, 1u);
}

TEST_F(EngineTest, ReplaysTheLogOnOpen) {
  PutRow(1, 1, 10, "a", 10);
  Reopen();
  EXPECT_THAT(SelectAll(), ElementsAre("1|1|null|10|a"));
  EXPECT_EQ(engine_->Statistics().replayed_mutations, 1u);
}

TEST_F(EngineTest, DoesNotReplayWhatWasFlushed) {
  PutRow(1, 1, 10, "a", 10);
  Flush();
  PutRow(1, 2, 20, "b", 10);
  Reopen();
  EXPECT_EQ(engine_->Statistics().replayed_mutations, 1u);
  EXPECT_THAT(Select(OfKey(1)), ElementsAre("1|1|null|10|a", "1|2|null|20|b"));
}

TEST_F(EngineTest, AppliesDeletionsOfEveryKindAcrossTables) {
  for (int c = 1; c <= 6; ++c) PutRow(1, c, c * 10, "x", 10);
  PutRow(2, 1, 1, "y", 10);
  Flush();
  Put(Write(*engine_.table(), 1).DeleteRange(2, 3, 20));
  Put(Write(*engine_.table(), 1).Row(4).RowDeletion(20));
  Put(Write(*engine_.table(), 1).Row(5).Tombstone("v", 20));
  Put(Write(*engine_.table(), 2).DeletePartition(20));
  const std::vector<std::string> expected = {"1|1|null|10|x", "1|5|null|null|x", "1|6|null|60|x"};
  EXPECT_EQ(SelectAll(), expected);
  Flush();
  EXPECT_EQ(SelectAll(), expected);
  Compact();
  EXPECT_EQ(SelectAll(), expected);
  EXPECT_EQ(Table().sstable_count, 1u);
  PutRow(2, 1, 5, "z", 15);  // Older than the partition's deletion, which compaction must have kept.
  EXPECT_EQ(SelectAll(), expected);
}

TEST_F(EngineTest, DropsTombstonesAfterGraceWhenNothingOlderIsElsewhere) {
  PutRow(1, 1, 10, "x", 10);
  Put(Write(*engine_.table(), 1).DeletePartition(20));
  PutRow(2, 1, 10, "x", 10);
  Flush();
  engine_.clock.AdvanceSeconds(864001);
  Compact();
  EXPECT_EQ(Table().sstable_tombstones, 0u);
  EXPECT_THAT(SelectAll(), ElementsAre("2|1|null|10|x"));
}

TEST_F(EngineTest, HidesAndPurgesWhatExpired) {
  Put(Write(*engine_.table(), 1).Row(1).Marker(10, 100).Cell("v", IntBytes(1), 10, 100));
  PutRow(1, 2, 2, "b", 10);
  ReadCommand command = OfKey(1);
  command.columns[3].with_ttl = true;
  command.columns[3].with_write_time = true;
  EXPECT_THAT(Select(command), ElementsAre("1|1|null|1@10~100|null", "1|2|null|2@10~null|b"));
  engine_.clock.AdvanceSeconds(100);
  EXPECT_THAT(Select(OfKey(1)), ElementsAre("1|2|null|2|b"));
  Flush();
  Compact();
  EXPECT_THAT(Select(OfKey(1)), ElementsAre("1|2|null|2|b"));
}

TEST_F(EngineTest, KeepsStaticsAndShowsThemAlone) {
  Put(Write(*engine_.table(), 1).Static().Cell("s", IntBytes(7), 10));
  EXPECT_THAT(SelectAll(), ElementsAre("1|null|7|null|null"));
  PutRow(1, 1, 10, "a", 10);
  PutRow(1, 2, 20, "b", 10);
  Flush();
  EXPECT_THAT(SelectAll(), ElementsAre("1|1|7|10|a", "1|2|7|20|b"));
  ReadCommand distinct = ReadAll(engine_.table());
  distinct.columns = {distinct.columns[0], distinct.columns[2]};
  distinct.distinct_partitions = true;
  EXPECT_THAT(Select(distinct), ElementsAre("1|7"));
}

TEST_F(EngineTest, ReadsInReverseBySliceAndLimit) {
  for (int c = 1; c <= 9; ++c) PutRow(1, c, c, "x", 10);
  Flush();
  for (int c = 10; c <= 12; ++c) PutRow(1, c, c, "x", 10);
  ReadCommand command = OfKey(1);
  command.columns = {command.columns[1]};
  command.reversed = true;
  command.limit = 4;
  EXPECT_THAT(Select(command), ElementsAre("12", "11", "10", "9"));
  command.limit = 0;
  rows::ClusteringSlice slice;
  slice.start = {testing::ClusteringOf(*engine_.table(), 3), rows::ClusteringBound::Side::kAfter};
  slice.end = {testing::ClusteringOf(*engine_.table(), 10), rows::ClusteringBound::Side::kAfter};
  command.slices = {slice};
  command.per_partition_limit = 2;
  EXPECT_THAT(Select(command), ElementsAre("10", "9"));
  command.reversed = false;
  EXPECT_THAT(Select(command), ElementsAre("4", "5"));
}

TEST_F(EngineTest, ResumesPagesWhereTheyEnded) {
  for (int k = 1; k <= 5; ++k) {
    for (int c = 1; c <= 3; ++c) PutRow(k, c, k * 10 + c, "x", 10);
    if (k == 3) Flush();
  }
  const std::vector<std::string> all = SelectAll();
  ASSERT_THAT(all, SizeIs(15));
  for (const bool reversed : {false, true}) {
    ReadCommand whole = ReadAll(engine_.table());
    whole.reversed = reversed;
    const std::vector<std::string> expected = Select(whole);
    std::vector<std::string> paged;
    ReadCommand command = whole;
    command.limit = 2;
    while (true) {
      auto reader = engine_->Read(command, nullptr);
      ASSERT_TRUE(reader.ok());
      rows::RowBatch batch;
      auto more = (*reader)->Next(&batch);
      ASSERT_TRUE(more.ok());
      if (!*more) break;
      const auto lines = Select(command);
      paged.insert(paged.end(), lines.begin(), lines.end());
      const uint32_t last = batch.row_count - 1;
      command.has_resume = true;
      command.resume_key = batch.partitions.back().key;
      command.has_resume_clustering = true;
      command.resume_clustering =
          testing::ClusteringOf(*engine_.table(), static_cast<int32_t>(batch.columns[1].int64(last)));
    }
    EXPECT_EQ(paged, expected);
  }
}

TEST_F(EngineTest, ReadsSeveralKeysInTheirOrder) {
  for (int k = 1; k <= 3; ++k) PutRow(k, 1, k, "x", 10);
  ReadCommand command = OfKey(3);
  command.keys = {KeyOf(3), KeyOf(9), KeyOf(1)};
  EXPECT_THAT(Select(command), ElementsAre("3|1|null|3|x", "1|1|null|1|x"));
  command.has_resume = true;
  command.resume_key = KeyOf(3);
  EXPECT_THAT(Select(command), ElementsAre("1|1|null|1|x"));
}

TEST_F(EngineTest, AReaderReadsOneThingAfterTheOther) {
  for (int k = 1; k <= 3; ++k) PutRow(k, 1, k, std::string(20, 'x'), 10);
  Flush();
  PutRow(2, 2, 7, "y", 10);
  const std::unique_ptr<Reader> reader = engine_->NewReader();
  rows::RowBatch batch;
  for (int round = 0; round < 2; ++round) {
    for (const auto& [key, rows] : {std::pair{1, 1u}, std::pair{2, 2u}, std::pair{9, 0u}, std::pair{3, 1u}}) {
      const ReadCommand command = OfKey(key);
      ASSERT_TRUE(reader->Open(command, nullptr).ok());
      auto more = reader->Next(&batch);
      ASSERT_TRUE(more.ok());
      EXPECT_EQ(*more, rows > 0);
      EXPECT_EQ(batch.row_count, rows) << "key " << key;
    }
    const ReadCommand all = ReadAll(engine_.table());
    ReadStatistics statistics;
    ASSERT_TRUE(reader->Open(all, &statistics).ok());
    ASSERT_TRUE(*reader->Next(&batch));
    EXPECT_EQ(batch.row_count, 4u);
    EXPECT_EQ(statistics.rows_read, 4u);
    reader->Close();
  }
}

TEST_F(EngineTest, AClosedReaderHoldsNoFile) {
  PutRow(1, 1, 1, "x", 10);
  Flush();
  const std::unique_ptr<Reader> reader = engine_->NewReader();
  rows::RowBatch batch;
  const ReadCommand command = OfKey(1);
  ASSERT_TRUE(reader->Open(command, nullptr).ok());
  ASSERT_TRUE(*reader->Next(&batch));
  reader->Close();
  PutRow(1, 1, 2, "y", 20);
  Flush();
  Compact();
  EXPECT_THAT(*files_.ListDir("/data/sstables"), SizeIs(1));
}

TEST_F(EngineTest, TruncatesForGood) {
  PutRow(1, 1, 10, "a", 10);
  Flush();
  PutRow(1, 2, 20, "b", 10);
  ASSERT_TRUE(engine_->Truncate(std::vector{engine_.table()->id}).ok());
  EXPECT_THAT(SelectAll(), IsEmpty());
  PutRow(1, 3, 30, "c", 5);
  Reopen();
  EXPECT_THAT(SelectAll(), ElementsAre("1|3|null|30|c"));
}

TEST_F(EngineTest, ForgetsDroppedTablesAndTheirFiles) {
  PutRow(1, 1, 10, "a", 10);
  Flush();
  PutRow(1, 2, 20, "b", 10);
  const schema::TablePtr table = engine_.table();
  auto reader = engine_->Read(OfKey(1), nullptr);
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE(engine_
                  ->ChangeSchema(
                      [](const schema::Schema& s) -> base::Result<schema::Schema> { return s.WithoutTable("ks", "t"); })
                  .ok());
  EXPECT_EQ(Apply(engine_.get(), Insert(*table, 1, 1, 1, "a", 1)).code(), base::Code::kNotFound);
  rows::RowBatch batch;
  EXPECT_TRUE(*(*reader)->Next(&batch));  // It pinned what it reads.
  EXPECT_EQ(batch.row_count, 2u);
  reader->reset();
  EXPECT_THAT(*files_.ListDir("/data/sstables"), IsEmpty());
  Reopen();
  EXPECT_EQ(engine_->schema()->FindTable("ks", "t"), nullptr);
}

TEST_F(EngineTest, KeepsRowsThroughAnAddedColumn) {
  PutRow(1, 1, 10, "a", 10);
  Flush();
  PutRow(1, 2, 20, "b", 10);
  schema::Table table = *engine_.table();
  schema::Column added;
  added.id = schema::ColumnId(table.next_column_id++);
  added.name = "x";
  added.type = types::DataType(types::TypeKind::kInt);
  table.columns.push_back(added);
  table.Finish();
  ASSERT_TRUE(CreateTable(engine_.get(), table).ok());
  Put(Write(*engine_.table(), 1).Row(1).Cell("x", IntBytes(5), 20));
  const std::vector<std::string> expected = {"1|1|null|10|a|5", "1|2|null|20|b|null"};
  EXPECT_EQ(SelectAll(), expected);
  Reopen();
  EXPECT_EQ(SelectAll(), expected);
  Flush();
  Compact();
  EXPECT_EQ(SelectAll(), expected);
}

TEST_F(EngineTest, KeepsMemoryOnlyTablesOutOfTheDirectory) {
  schema::Table table = MakeTable("m", 9);
  table.is_memory_only = true;
  ASSERT_TRUE(CreateTable(engine_.get(), table).ok());
  Put(Insert(*engine_.table("m"), 1, 1, 1, "a", 1));
  EXPECT_THAT(Select(ReadAll(engine_.table("m"))), SizeIs(1));
  Flush();
  EXPECT_THAT(Select(ReadAll(engine_.table("m"))), SizeIs(1));
  Reopen();
  EXPECT_EQ(engine_.table("m"), nullptr);
}

TEST_F(EngineTest, RefusesAHeldDirectory) {
  TestEngine second(&files_);
  const base::Status status = second.Open();
  EXPECT_EQ(status.code(), base::Code::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("in use"));
}

TEST_F(EngineTest, RefusesAnotherVersionAndStrangers) {
  engine_.Close();
  ASSERT_TRUE(io::WriteFileAtomically(files_, "/data/VERSION", "cassette data directory, version 99\n").ok());
  EXPECT_EQ(engine_.Open().code(), base::Code::kFailedPrecondition);
  ASSERT_TRUE(io::WriteFileAtomically(files_, "/data/VERSION", "PostgreSQL 15\n").ok());
  EXPECT_THAT(engine_.Open().ToString(), HasSubstr("not the VERSION"));
  ASSERT_TRUE(files_.Remove("/data/VERSION").ok());
  EXPECT_THAT(engine_.Open().ToString(), HasSubstr("not a Cassette data directory"));
}

TEST_F(EngineTest, SnapshotsOpenAsDirectories) {
  PutRow(1, 1, 10, "a", 10);
  ASSERT_TRUE(engine_->Snapshot("first").ok());
  EXPECT_EQ(engine_->Snapshot("first").code(), base::Code::kAlreadyExists);
  EXPECT_EQ(engine_->Snapshot("../up").code(), base::Code::kInvalidArgument);
  PutRow(1, 2, 20, "b", 10);
  Flush();
  Compact();
  EngineEnvironment environment{&files_, &engine_.clock, &engine_.logger, 1};
  auto snapshot = Engine::Open("/data/snapshots/first", engine_.options, environment);
  ASSERT_TRUE(snapshot.ok()) << snapshot.status().ToString();
  auto rows = Rows(snapshot->get(), ReadAll((*snapshot)->schema()->FindTable("ks", "t")));
  ASSERT_TRUE(rows.ok());
  EXPECT_THAT(*rows, ElementsAre("1|1|null|10|a"));
  ASSERT_TRUE((*snapshot)->Close().ok());
}

TEST_F(EngineTest, VerifyFindsAFlippedBit) {
  for (int c = 0; c < 100; ++c) PutRow(1, c, c * 7919, "text", 10 + c);
  Flush();
  EXPECT_THAT(*engine_->Verify(), IsEmpty());
  const std::vector<std::string> names = *files_.ListDir("/data/sstables");
  ASSERT_THAT(names, SizeIs(1));
  const std::string path = "/data/sstables/" + names[0];
  std::string bytes = *io::ReadFile(files_, path, 1 << 20);
  bytes[bytes.size() / 2] ^= 1;
  engine_.Close();
  ASSERT_TRUE(io::WriteFileAtomically(files_, path, bytes).ok());
  const base::Status opened = engine_.Open();
  if (!opened.ok()) {
    EXPECT_EQ(opened.code(), base::Code::kCorruption);
    return;
  }
  const auto findings = engine_->Verify();
  ASSERT_TRUE(findings.ok());
  ASSERT_THAT(*findings, SizeIs(1));
  EXPECT_EQ((*findings)[0].file, path);
}

TEST_F(EngineTest, FlushesTheLargestMemtableAtTheBound) {
  engine_.options.memtable_heap_bytes = 1 << 20;
  Reopen();
  for (int i = 0; i < 20000; ++i) PutRow(i % 50, i, i, std::string(20, 'x'), 10);
  EXPECT_GE(Table().flushes, 1u);
  EXPECT_LE(engine_->Statistics().memtable_bytes, engine_.options.memtable_heap_bytes * 5 / 4);
  EXPECT_THAT(SelectAll(), SizeIs(20000));
}

TEST_F(EngineTest, ReplaysMoreThanTheMemtablesMayHold) {
  for (int i = 0; i < 10000; ++i) PutRow(i % 50, i, i, std::string(20, 'x'), 10);
  engine_.options.memtable_heap_bytes = 256 << 10;
  Reopen();
  EXPECT_GE(Table().flushes, 1u);
  EXPECT_THAT(SelectAll(), SizeIs(10000));
  Reopen();
  EXPECT_THAT(SelectAll(), SizeIs(10000));
}

TEST_F(EngineTest, RefusesTooLargeMutations) {
  const Write write = Insert(*engine_.table(), 1, 1, 1, std::string(Engine::kMaxMutationBytes, 'x'), 1);
  EXPECT_EQ(Apply(engine_.get(), write).code(), base::Code::kInvalidArgument);
}

}  // namespace
}  // namespace cassette::storage::engine
