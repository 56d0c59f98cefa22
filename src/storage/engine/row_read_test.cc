#include <gtest/gtest.h>

#include <optional>

#include "rows/row_bytes.h"
#include "storage/engine/test_support.h"

namespace cassette::storage::engine {
namespace {

using testing::Insert;
using testing::TestEngine;
using testing::Write;

class RowReadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(engine_.Open().ok());
    ASSERT_TRUE(testing::CreateTable(engine_.get(), testing::MakeTable()).ok());
  }
  void Put(const Write& write) { ASSERT_TRUE(testing::Apply(engine_.get(), write).ok()); }
  // Nothing when the engine cannot tell without a merge.
  std::optional<rows::RowHistory> Read(int32_t k, int32_t c) {
    const std::string key = testing::KeyOf(k);
    rows::RowHistory found;
    const auto is_read = engine_->ReadRow(engine_.table()->id, codec::Murmur3Token(key), key,
                                          testing::ClusteringOf(*engine_.table(), c), &found);
    EXPECT_TRUE(is_read.ok());
    return *is_read ? std::optional(found) : std::nullopt;
  }

  io::MemFileSystem files_;
  TestEngine engine_{&files_};
};

TEST_F(RowReadTest, GivesTheRowOfAMemtable) {
  Put(Insert(*engine_.table(), 1, 2, 3, "text", 10));
  const auto found = Read(1, 2);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->covering.is_live());
  rows::RowBytesReader reader;
  ASSERT_TRUE(reader.Begin(found->row));
  EXPECT_EQ(reader.liveness().timestamp_micros, 10);
  ASSERT_EQ(reader.cell_count(), 2u);
  rows::RowCell cell;
  ASSERT_TRUE(reader.NextCell(&cell));
  EXPECT_EQ(cell.cell.value, testing::IntBytes(3));
  ASSERT_TRUE(reader.NextCell(&cell));
  EXPECT_EQ(cell.cell.value, "text");
}

TEST_F(RowReadTest, SaysWhatCoversTheRow) {
  Put(Insert(*engine_.table(), 1, 2, 3, "text", 10));
  Put(Write(*engine_.table(), 1).DeletePartition(20).DeleteRange(2, 4, 30));
  EXPECT_EQ(Read(1, 2)->covering.marked_at_micros, 30);
  EXPECT_EQ(Read(1, 5)->covering.marked_at_micros, 20);
  EXPECT_TRUE(Read(1, 5)->row.empty());
  EXPECT_TRUE(Read(2, 2)->empty());
}

TEST_F(RowReadTest, LeavesPartitionsOfAnSstableToAMerge) {
  Put(Insert(*engine_.table(), 1, 2, 3, "text", 10));
  ASSERT_TRUE(engine_->Flush(nullptr).ok());
  Put(Insert(*engine_.table(), 1, 3, 3, "text", 10));
  EXPECT_FALSE(Read(1, 2).has_value());
  EXPECT_FALSE(Read(1, 3).has_value());
  // The key filter leaves hardly any other partition out of the answer.
  int read = 0;
  for (int32_t k = 2; k < 102; ++k) read += Read(k, 1).has_value() ? 1 : 0;
  EXPECT_GT(read, 80);
}

// Reads of one row through commands, beside reads of its partition, which go another way.
class OneRowCommandTest : public RowReadTest {
 protected:
  ReadCommand Partition(int32_t k, int64_t now) {
    ReadCommand command = testing::ReadAll(engine_.table(), now);
    std::erase_if(command.columns, [this](const rows::RequestedColumn& column) {
      return engine_.table()->FindColumn(column.id)->kind == schema::ColumnKind::kStatic;
    });
    command.static_rows = false;
    command.keys = {testing::KeyOf(k)};
    return command;
  }
  ReadCommand OneRow(int32_t k, int32_t c, int64_t now) {
    ReadCommand command = Partition(k, now);
    const std::string clustering = testing::ClusteringOf(*engine_.table(), c);
    command.slices = {
        {{clustering, rows::ClusteringBound::Side::kBefore}, {clustering, rows::ClusteringBound::Side::kAfter}}};
    return command;
  }
  std::vector<std::string> Rows(const ReadCommand& command) {
    const auto rows = testing::Rows(engine_.get(), command, &statistics_);
    EXPECT_TRUE(rows.ok()) << rows.status().ToString();
    return *rows;
  }
  // Rows 0 to 9 one by one, and all at once.
  void ExpectSame(int32_t k, int64_t now = testing::kStartSeconds) {
    std::vector<std::string> one_by_one;
    for (int32_t c = 0; c < 10; ++c) {
      const std::vector<std::string> rows = Rows(OneRow(k, c, now));
      ASSERT_LE(rows.size(), 1u);
      one_by_one.insert(one_by_one.end(), rows.begin(), rows.end());
    }
    EXPECT_EQ(one_by_one, Rows(Partition(k, now)));
  }

  ReadStatistics statistics_;
};

TEST_F(OneRowCommandTest, GiveWhatThePartitionGives) {
  const schema::Table& table = *engine_.table();
  const int64_t now = testing::kStartSeconds;
  Put(Insert(table, 1, 0, 7, "all", 10));
  Put(Write(table, 1).Row(1).Marker(10));
  Put(Write(table, 1).Row(2).Cell("v", testing::IntBytes(2), 10));
  Put(Write(table, 1).Row(3).Marker(10, 5, now).Cell("v", testing::IntBytes(3), 10, 50, now).Tombstone("w", 11));
  Put(Write(table, 1).Row(4).Marker(10).Cell("w", "", 10));
  Put(Write(table, 1).Row(5).RowDeletion(10).Cell("v", testing::IntBytes(5), 10));
  Put(Write(table, 1).Row(6).RowDeletion(10).Cell("v", testing::IntBytes(6), 11));
  Put(Write(table, 1).Row(7).Tombstone("v", 10));
  EXPECT_EQ(Rows(OneRow(1, 0, now)), std::vector<std::string>{"1|0|7|all"});
  EXPECT_EQ(Rows(OneRow(1, 1, now)), std::vector<std::string>{"1|1|null|null"});
  for (const int64_t later : {0, 5, 49, 50}) ExpectSame(1, now + later);
  ExpectSame(2);
}

TEST_F(OneRowCommandTest, GiveWhatDeletionsLeave) {
  const schema::Table& table = *engine_.table();
  for (int32_t c = 0; c < 8; ++c) Put(Insert(table, 1, c, c, "text", 10 + c));
  Put(Write(table, 1).DeleteRange(2, 3, 30));
  ExpectSame(1);
  Put(Write(table, 1).DeletePartition(15));
  ExpectSame(1);
}

TEST_F(OneRowCommandTest, GiveWhatMemtablesAndSstablesHaveTogether) {
  const schema::Table& table = *engine_.table();
  for (int32_t c = 0; c < 4; ++c) Put(Insert(table, 1, c, c, "old", 10));
  ASSERT_TRUE(engine_->Flush(nullptr).ok());
  Put(Write(table, 1).Row(1).Cell("w", "new", 20));
  Put(Insert(table, 1, 7, 7, "new", 20));
  Put(Insert(table, 2, 7, 7, "new", 20));
  ExpectSame(1);
  ExpectSame(2);
}

TEST_F(OneRowCommandTest, CountWhatTheyRead) {
  Put(Insert(*engine_.table(), 1, 2, 3, "text", 10));
  statistics_ = {};
  EXPECT_EQ(Rows(OneRow(1, 2, testing::kStartSeconds)).size(), 1u);
  EXPECT_EQ(statistics_.partitions_read, 1u);
  EXPECT_EQ(statistics_.memtables_read, 1u);
  EXPECT_EQ(statistics_.rows_read, 1u);
  EXPECT_EQ(statistics_.tombstones_read, 0u);
}

TEST_F(OneRowCommandTest, DoNotTakeThePrefixOfAClusteringForOne) {
  schema::Table table = testing::MakeTable("two", 2);
  schema::Column second = *table.FindColumn("c");
  second.id = schema::ColumnId(table.next_column_id++);
  second.name = "d";
  second.position = 1;
  table.columns.push_back(second);
  table.Finish();
  ASSERT_TRUE(testing::CreateTable(engine_.get(), table).ok());
  rows::MutationBuilder builder;
  builder.Begin(table.id, codec::Murmur3Token(testing::KeyOf(1)), testing::KeyOf(1));
  const std::string prefix = testing::ClusteringOf(table, 5);
  for (int32_t d = 0; d < 3; ++d) {
    std::string clustering = prefix;
    rows::AppendClusteringComponent(table, 1, testing::IntBytes(d), &clustering);
    builder.BeginRow(clustering);
    builder.SetLiveness({10, 0, rows::kNeverExpires});
  }
  const std::string_view bytes = builder.bytes();
  ASSERT_TRUE(engine_->Apply(std::span(&bytes, 1)).ok());
  ReadCommand command = testing::ReadAll(engine_.table("two"));
  std::erase_if(command.columns, [&](const rows::RequestedColumn& column) {
    return table.FindColumn(column.id)->kind == schema::ColumnKind::kStatic;
  });
  command.static_rows = false;
  command.keys = {testing::KeyOf(1)};
  command.slices = {{{prefix, rows::ClusteringBound::Side::kBefore}, {prefix, rows::ClusteringBound::Side::kAfter}}};
  EXPECT_EQ(Rows(command).size(), 3u);
}

}  // namespace
}  // namespace cassette::storage::engine
