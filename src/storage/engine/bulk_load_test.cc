#include "storage/engine/bulk_load.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/engine/data_directory.h"
#include "storage/engine/log_record.h"
#include "storage/engine/test_support.h"

namespace cassette::storage::engine {
namespace {

using columnar::Vector;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ReadAll;
using testing::Rows;
using ::testing::SizeIs;
using testing::TestEngine;
using types::PhysicalType;

class BulkLoadTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(engine_.Open().ok());
    ASSERT_TRUE(testing::CreateTable(engine_.get(), testing::MakeTable("t", 1, GetParam())).ok());
    Begin();
  }
  void Begin() {
    auto load = engine_->BeginBulkLoad(engine_.table()->id);
    ASSERT_TRUE(load.ok());
    load_ = std::move(load).value();
  }
  // Rows (k, c, v); a negative v is null.
  base::Status Append(const std::vector<std::array<int, 3>>& rows, int64_t timestamp = 10) {
    Vector k(PhysicalType::kInt64);
    Vector c(PhysicalType::kInt64);
    Vector v(PhysicalType::kInt64);
    for (const auto& row : rows) {
      k.AppendInt64(row[0]);
      c.AppendInt64(row[1]);
      row[2] < 0 ? v.AppendState(columnar::CellState::kAbsent) : v.AppendInt64(row[2]);
    }
    return AppendVectors({"k", "c", "v"}, {&k, &c, &v}, static_cast<uint32_t>(rows.size()), timestamp);
  }
  base::Status AppendVectors(const std::vector<std::string>& names, const std::vector<const Vector*>& vectors,
                             uint32_t rows, int64_t timestamp = 10) {
    std::vector<schema::ColumnId> columns;
    for (const std::string& name : names) columns.push_back(engine_.table()->FindColumn(name)->id);
    return load_->Append(columns, vectors, rows, timestamp);
  }
  std::vector<std::string> All(std::vector<std::string> names = {"k", "c", "v"}) {
    ReadCommand command = ReadAll(engine_.table());
    command.columns.clear();
    for (const std::string& name : names) command.columns.push_back({engine_.table()->FindColumn(name)->id});
    auto rows = Rows(engine_.get(), command);
    EXPECT_TRUE(rows.ok()) << rows.status().ToString();
    return *rows;
  }
  std::vector<std::string> InOrder(std::vector<std::string> rows) {
    if (GetParam()) std::reverse(rows.begin(), rows.end());
    return rows;
  }

  io::MemFileSystem files_;
  TestEngine engine_{&files_};
  std::unique_ptr<BulkLoad> load_;
};

TEST_P(BulkLoadTest, ShowsRowsOnlyAfterCommit) {
  ASSERT_TRUE(Append({{1, 2, 20}, {1, 1, 10}}).ok());
  EXPECT_THAT(All(), IsEmpty());
  EXPECT_EQ(load_->rows(), 2u);
  ASSERT_TRUE(load_->Commit().ok());
  EXPECT_EQ(All(), InOrder({"1|1|10", "1|2|20"}));
  EXPECT_FALSE(load_->Commit().ok());
  EXPECT_FALSE(Append({{1, 3, 3}}).ok());
}

TEST_P(BulkLoadTest, LeavesNothingBehindWhenAbandoned) {
  ASSERT_TRUE(Append({{1, 2, 20}}).ok());
  load_.reset();
  EXPECT_THAT(All(), IsEmpty());
  EXPECT_THAT(*files_.ListDir("/data/sstables"), IsEmpty());
}

TEST_P(BulkLoadTest, ReconcilesDuplicatesByTimeStampThenValue) {
  ASSERT_TRUE(Append({{1, 1, 5}, {1, 1, 9}, {1, 1, 7}}, 10).ok());
  ASSERT_TRUE(Append({{1, 2, 5}, {1, 2, -1}}, 10).ok());
  ASSERT_TRUE(Append({{1, 2, 3}}, 11).ok());
  ASSERT_TRUE(load_->Commit().ok());
  EXPECT_EQ(All(), InOrder({"1|1|9", "1|2|3"}));
}

TEST_P(BulkLoadTest, TakesSeriesInEitherDirection) {
  for (const bool up : {true, false}) {
    std::vector<std::array<int, 3>> rows;
    for (int i = 0; i < 3000; ++i) rows.push_back({up ? 1 : 2, up ? i : 3000 - i, i});
    for (size_t i = 0; i < rows.size(); i += 100) {
      ASSERT_TRUE(
          Append({rows.begin() + static_cast<ptrdiff_t>(i), rows.begin() + static_cast<ptrdiff_t>(i) + 100}).ok());
    }
  }
  ASSERT_TRUE(Append({{1, 1500, 77}}, 20).ok());  // Among a series.
  ASSERT_TRUE(load_->Commit().ok());
  const auto all = All();
  ASSERT_THAT(all, SizeIs(6000));
  EXPECT_THAT(all, ::testing::Contains("1|1500|77"));
  EXPECT_THAT(all, ::testing::Contains("2|2990|10"));
  EXPECT_THAT(*engine_->Verify(), IsEmpty());
}

TEST_P(BulkLoadTest, MergesSeriesThatOverlap) {
  std::vector<std::array<int, 3>> rows;
  for (int i = 0; i < 100; ++i) rows.push_back({1, i, 1});
  ASSERT_TRUE(Append(rows, 10).ok());
  for (auto& row : rows) row = {1, row[1] + 50, 2};
  ASSERT_TRUE(Append(rows, 20).ok());
  ASSERT_TRUE(load_->Commit().ok());
  const auto all = All();
  ASSERT_THAT(all, SizeIs(150));
  EXPECT_THAT(all, ::testing::Contains("1|49|1"));
  EXPECT_THAT(all, ::testing::Contains("1|50|2"));
}

TEST_P(BulkLoadTest, TakesConstantVectors) {
  Vector k(PhysicalType::kInt64);
  k.AppendInt64(7);
  k.MakeConstant(50);
  Vector w(PhysicalType::kBytes);
  w.AppendBytes("same");
  w.MakeConstant(50);
  Vector c(PhysicalType::kInt64);
  for (int i = 0; i < 50; ++i) c.AppendInt64(i);
  ASSERT_TRUE(AppendVectors({"k", "c", "w"}, {&k, &c, &w}, 50).ok());
  ASSERT_TRUE(AppendVectors({"k", "c", "w"}, {&k, &c, &w}, 50, 5).ok());  // Older, the same rows.
  ASSERT_TRUE(load_->Commit().ok());
  const auto all = All({"k", "c", "w"});
  ASSERT_THAT(all, SizeIs(50));
  EXPECT_EQ(all[0], GetParam() ? "7|49|same" : "7|0|same");
}

TEST_P(BulkLoadTest, WritesStatics) {
  Vector k(PhysicalType::kInt64);
  Vector c(PhysicalType::kInt64);
  Vector s(PhysicalType::kInt64);
  for (int i = 0; i < 3; ++i) {
    k.AppendInt64(1);
    c.AppendInt64(i);
    s.AppendInt64(i);
  }
  ASSERT_TRUE(AppendVectors({"k", "c", "s"}, {&k, &c, &s}, 3).ok());
  ASSERT_TRUE(load_->Commit().ok());
  EXPECT_EQ(All({"k", "c", "s"}), InOrder({"1|0|2", "1|1|2", "1|2|2"}));
}

TEST_P(BulkLoadTest, TakesNoRowOfACallWithANullKey) {
  Vector k(PhysicalType::kInt64);
  Vector c(PhysicalType::kInt64);
  k.AppendInt64(1);
  k.AppendInt64(2);
  c.AppendInt64(1);
  c.AppendState(columnar::CellState::kAbsent);
  const base::Status status = AppendVectors({"k", "c"}, {&k, &c}, 2);
  EXPECT_EQ(status.code(), base::Code::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("column c (row 1)"));
  EXPECT_THAT(std::string(AppendVectors({"k"}, {&k}, 2).message()), HasSubstr("missing: c"));
  EXPECT_FALSE(AppendVectors({"k", "c"}, {&k, &c}, 3).ok());
  EXPECT_EQ(load_->rows(), 0u);
  ASSERT_TRUE(load_->Commit().ok());
  EXPECT_THAT(All(), IsEmpty());
}

TEST_P(BulkLoadTest, SpillsAtItsBoundAndCommitsSeveralLoadsAtOnce) {
  engine_.Close();
  load_.reset();
  engine_.options.bulk_load_buffer_bytes = 16 << 10;
  ASSERT_TRUE(engine_.Open().ok());
  Begin();
  for (int i = 0; i < 50; ++i) {
    std::vector<std::array<int, 3>> rows;
    for (int j = 0; j < 100; ++j) rows.push_back({(i * 37 + j * 11) % 97, i * 100 + j, j});
    ASSERT_TRUE(Append(rows).ok());
  }
  std::unique_ptr<BulkLoad> first = std::move(load_);
  Begin();
  ASSERT_TRUE(Append({{500, 1, 1}}).ok());
  EXPECT_THAT(All(), IsEmpty());
  BulkLoad* loads[] = {first.get(), load_.get()};
  ASSERT_TRUE(engine_->CommitBulkLoads(loads).ok());
  EXPECT_THAT(All(), SizeIs(5001));
  EXPECT_GT(engine_->Statistics().tables.at(0).sstable_count, 3u);
  ASSERT_TRUE(engine_->Compact(nullptr).ok());
  EXPECT_EQ(engine_->Statistics().tables.at(0).sstable_count, 1u);
  EXPECT_THAT(All(), SizeIs(5001));
}

TEST_P(BulkLoadTest, GivesRowsTheTablesTimeToLive) {
  load_.reset();
  schema::Table table = *engine_.table();
  table.options.default_time_to_live_seconds = 100;
  ASSERT_TRUE(testing::CreateTable(engine_.get(), table).ok());
  Begin();
  ASSERT_TRUE(Append({{1, 1, 1}}).ok());
  ASSERT_TRUE(load_->Commit().ok());
  ReadCommand command = ReadAll(engine_.table(), testing::kStartSeconds + 40);
  command.columns = {{engine_.table()->FindColumn("v")->id, false, true}};
  EXPECT_THAT(*Rows(engine_.get(), command), ElementsAre("1~60"));
  command.now_seconds += 60;
  EXPECT_THAT(*Rows(engine_.get(), command), IsEmpty());
}

TEST_P(BulkLoadTest, CannotBeCommittedToADroppedTable) {
  ASSERT_TRUE(Append({{1, 1, 1}}).ok());
  ASSERT_TRUE(engine_
                  ->ChangeSchema(
                      [](const schema::Schema& s) -> base::Result<schema::Schema> { return s.WithoutTable("ks", "t"); })
                  .ok());
  EXPECT_EQ(load_->Commit().code(), base::Code::kNotFound);
  load_.reset();
  EXPECT_THAT(*files_.ListDir("/data/sstables"), IsEmpty());
}

TEST_P(BulkLoadTest, PutsLateRowsOfAStretchInTheirPlace) {
  std::vector<std::array<int, 3>> rows;
  std::vector<std::string> expected;
  for (int c = 0; c < 300; ++c) {
    if (c % 50 != 7) rows.push_back({1, c, c});
    expected.push_back(fmt::format("1|{}|{}", c, c == 3 ? 1003 : c));
  }
  for (int c = 7; c < 300; c += 50) rows.push_back({1, c, c});
  ASSERT_TRUE(Append(rows).ok());
  ASSERT_TRUE(Append({{1, 3, 1003}}, 11).ok());
  ASSERT_TRUE(load_->Commit().ok());
  EXPECT_EQ(All(), InOrder(expected));
}

TEST_P(BulkLoadTest, MergesOnlyTheStretchesThatOverlap) {
  std::vector<std::string> expected;
  for (int c = 0; c < 400; ++c) expected.push_back(fmt::format("1|{}|{}", c, c));
  const auto stretch = [](int begin, int end, int step) {
    std::vector<std::array<int, 3>> rows;
    for (int c = begin; c < end; c += step) rows.push_back({1, c, c});
    return rows;
  };
  ASSERT_TRUE(Append(stretch(300, 400, 1)).ok());
  for (int first = 0; first < 2; ++first) ASSERT_TRUE(Append(stretch(first, 100, 2)).ok());
  for (int first = 100; first < 110; ++first) ASSERT_TRUE(Append(stretch(first, 300, 10)).ok());
  ASSERT_TRUE(load_->Commit().ok());
  EXPECT_EQ(All(), InOrder(expected));
}

TEST_P(BulkLoadTest, SortsManyPartitionsOfOneRow) {
  constexpr int kKeys = 5000;
  for (const int64_t timestamp : {10, 11}) {
    for (int begin = 0; begin < kKeys; begin += 1000) {
      std::vector<std::array<int, 3>> rows;
      for (int i = begin; i < begin + 1000; ++i) rows.push_back({i * 7919 % kKeys, 1, timestamp == 10 ? 1 : 2});
      if (timestamp == 11) rows.resize(100);
      ASSERT_TRUE(Append(rows, timestamp).ok());
    }
  }
  ASSERT_TRUE(load_->Commit().ok());
  const std::vector<std::string> rows = All({"v"});
  EXPECT_THAT(rows, SizeIs(kKeys));
  EXPECT_EQ(std::count(rows.begin(), rows.end(), "2"), 500);
}

INSTANTIATE_TEST_SUITE_P(Directions, BulkLoadTest, ::testing::Bool(),
                         [](const auto& direction) { return direction.param ? "Descending" : "Ascending"; });

TEST(LogRecord, HoldsTheBytesThatThePageShows) {
  const std::string_view mutations[] = {"ab", "", "xyz"};
  const LogRecordHeader header = MakeLogRecordHeader(mutations);
  std::string record(header.begin(), header.end());
  EXPECT_EQ(record, std::string("\x01\x03\x02\x00\x03", 5));
  for (const std::string_view mutation : mutations) record += mutation;
  std::vector<std::string_view> split;
  ASSERT_TRUE(SplitLogRecord(record, &split).ok());
  EXPECT_THAT(split, ElementsAre("ab", "", "xyz"));
}

TEST(LogRecord, RefusesWhatIsMalformed) {
  std::vector<std::string_view> split;
  for (const std::string& record : {std::string(), std::string("\x02\x01\x01x", 4), std::string("\x01\x01\x02x", 4),
                                    std::string("\x01\x01\x01xy", 5), std::string("\x01\xff\xff\xff\xff\x0f", 6)}) {
    EXPECT_EQ(SplitLogRecord(record, &split).code(), base::Code::kCorruption);
  }
}

TEST(DataDirectory, HasTheFilesThatThePageNames) {
  io::MemFileSystem files;
  {
    ASSERT_TRUE(DataDirectory::Open(files, "/d").ok());
  }
  EXPECT_THAT(*files.ListDir("/d"), ElementsAre("LOCK", "VERSION", "commitlog", "manifest", "snapshots", "sstables"));
  EXPECT_EQ(*io::ReadFile(files, "/d/VERSION", 100), "cassette data directory, version 1\n");
  EXPECT_EQ(SstableFileName(12), "0000000012.sst");
  EXPECT_EQ(ParseSstableFileName("0000000012.sst"), 12u);
  EXPECT_FALSE(ParseSstableFileName("12.txt"));
  EXPECT_FALSE(ParseSstableFileName("x.sst"));
}

}  // namespace
}  // namespace cassette::storage::engine
