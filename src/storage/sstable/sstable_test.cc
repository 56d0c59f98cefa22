#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "io/fault_file_system.h"
#include "storage/sstable/random_model.h"
#include "storage/sstable/test_table.h"

namespace cassette::storage::sstable {
namespace {

using testing::kPath;
using testing::MetricsRow;
using testing::MetricsTable;
using testing::MetricsWeek;
using testing::Model;
using testing::TestTable;

rows::ReadRange Everything(const schema::Table& table) {
  rows::ReadRange range;
  range.columns = testing::AllColumns(table);
  return range;
}

rows::ReadRange OfPartition(const schema::Table& table, const testing::ModelPartition& partition) {
  rows::ReadRange range = Everything(table);
  range.key = &partition.key;
  range.token = partition.token;
  return range;
}

Model Sorted(Model model) {
  testing::Sort(&model);
  return model;
}

TEST(Sstable, AnEmptyTableIsLegal) {
  TestTable written;
  ASSERT_NO_FATAL_FAILURE(written.Write(MetricsTable(), {}));
  EXPECT_EQ(written.statistics.partition_count, 0u);
  ASSERT_NO_FATAL_FAILURE(written.Check(Everything(*written.table)));
  const testing::ModelPartition absent = testing::MetricsPartition("a", 1, 2);
  for (const bool reversed : {false, true}) {
    rows::ReadRange range = OfPartition(*written.table, absent);
    range.reversed = reversed;
    ASSERT_NO_FATAL_FAILURE(written.Check(range));
  }
  EXPECT_FALSE(*written.reader->MayContain(absent.token));
  EXPECT_TRUE(written.reader->Verify().ok());
}

TEST(Sstable, GroupsEndWhereTheMetricChanges) {
  TestTable written;
  const auto table = MetricsTable();
  ASSERT_NO_FATAL_FAILURE(written.Write(table, Sorted({MetricsWeek(*table, "router", 3, 700)})));
  const auto description = written.reader->Describe();
  ASSERT_TRUE(description.ok());
  EXPECT_EQ(description->statistics.group_count, 3u);
  EXPECT_EQ(description->rows_per_group_min, 700u);
  EXPECT_EQ(description->rows_per_group_max, 700u);
}

TEST(Sstable, AGroupLessThanHalfFullGoesOnAcrossAChange) {
  TestTable written;
  const auto table = MetricsTable();
  ASSERT_NO_FATAL_FAILURE(written.Write(table, Sorted({MetricsWeek(*table, "router", 10, 100)})));
  EXPECT_EQ(written.statistics.group_count, 1u);
}

TEST(Sstable, TimesThatMetricsShareAreStoredOnce) {
  TestTable written;
  const auto table = MetricsTable();
  ASSERT_NO_FATAL_FAILURE(written.Write(table, Sorted({MetricsWeek(*table, "router", 10, 1000)})));
  const auto description = written.reader->Describe();
  ASSERT_TRUE(description.ok());
  for (const ColumnDescription& column : description->columns) {
    if (column.name != "at") continue;
    EXPECT_EQ(column.streams, 10u);
    EXPECT_EQ(column.shared_streams, 9u);
    EXPECT_EQ(written.statistics.shared_bytes, 9 * column.stored_bytes);
  }
  ASSERT_NO_FATAL_FAILURE(written.Check(Everything(*table)));
  ASSERT_TRUE(written.reader->Verify().ok());
}

TEST(Sstable, ForgetsSharedVectorsBeyondItsBound) {
  TestTable written;
  const auto table = MetricsTable();
  Model model = Sorted({MetricsWeek(*table, "router", 6, 1000)});
  WriterOptions options;
  options.shared_vector_bytes_max = 0;
  const auto blocks = testing::ToBlocks(*table, model, 1024);
  ASSERT_NO_FATAL_FAILURE(written.WriteBlocks(table, blocks, options));
  EXPECT_EQ(written.statistics.shared_bytes, 0u);
  written.model = std::move(model);
  ASSERT_NO_FATAL_FAILURE(written.Check(Everything(*table)));
}

TEST(Sstable, AWeekOfAMetricTakesFewBytesARow) {
  TestTable written;
  const auto table = MetricsTable();
  Model model;
  for (int i = 0; i < 10; ++i) model.push_back(MetricsWeek(*table, "router-" + std::to_string(i), 5, 2016));
  ASSERT_NO_FATAL_FAILURE(written.Write(table, Sorted(std::move(model))));
  const double bytes_a_row =
      static_cast<double>(written.statistics.file_bytes) / static_cast<double>(written.statistics.row_count);
  RecordProperty("bytes_a_row", std::to_string(bytes_a_row));
  EXPECT_LT(bytes_a_row, 2.0);
}

TEST(Sstable, LargeValuesCloseAGroupByBytes) {
  TestTable written;
  const auto table = MetricsTable();
  testing::ModelPartition partition = testing::MetricsPartition("a", 1, 1);
  base::Random random(3);
  for (int i = 0; i < 20; ++i) {
    testing::ModelRow row = MetricsRow(*table, "m", i, 1);
    testing::ModelCell note = row.cells[schema::ColumnId(7)];
    note.value.resize(i == 7 ? 50'000 : 3000);
    for (char& c : note.value) c = static_cast<char>(random.Next());
    row.cells[schema::ColumnId(9)] = note;
    partition.rows.push_back(std::move(row));
  }
  WriterOptions options;
  options.row_group_bytes = 10'000;
  Model model = Sorted({partition});
  ASSERT_NO_FATAL_FAILURE(written.WriteBlocks(table, testing::ToBlocks(*table, model, 1024), options));
  EXPECT_GE(written.statistics.group_count, 7u);
  written.model = std::move(model);
  ASSERT_NO_FATAL_FAILURE(written.Check(Everything(*table)));
}

TEST(Sstable, ASliceReadsOnlyTheGroupsThatItTouches) {
  TestTable written;
  const auto table = MetricsTable();
  ASSERT_NO_FATAL_FAILURE(written.Write(table, Sorted({MetricsWeek(*table, "router", 8, 1024)})));
  ASSERT_EQ(written.statistics.group_count, 8u);
  rows::ReadRange range = OfPartition(*table, written.model[0]);
  std::string prefix;
  rows::AppendClusteringComponent(*table, 0, "metric-3", &prefix);
  range.slices = {{{prefix, rows::ClusteringBound::Side::kBefore}, {prefix, rows::ClusteringBound::Side::kAfter}}};
  for (const bool reversed : {false, true}) {
    range.reversed = reversed;
    written.counters = {};
    ASSERT_NO_FATAL_FAILURE(written.Check(range));
    EXPECT_EQ(written.counters.groups_read, 1u);
    EXPECT_EQ(written.counters.rows_read, 1024u);
  }
}

TEST(Sstable, DistantSlicesSkipTheGroupsBetween) {
  TestTable written;
  const auto table = MetricsTable();
  ASSERT_NO_FATAL_FAILURE(written.Write(table, Sorted({MetricsWeek(*table, "router", 9, 1024)})));
  rows::ReadRange range = OfPartition(*table, written.model[0]);
  range.slices.clear();
  for (const char* metric : {"metric-1", "metric-7"}) {
    std::string prefix;
    rows::AppendClusteringComponent(*table, 0, metric, &prefix);
    range.slices.push_back(
        {{prefix, rows::ClusteringBound::Side::kBefore}, {prefix, rows::ClusteringBound::Side::kAfter}});
  }
  for (const bool reversed : {false, true}) {
    range.reversed = reversed;
    written.counters = {};
    ASSERT_NO_FATAL_FAILURE(written.Check(range));
    EXPECT_EQ(written.counters.groups_read, 2u);
    EXPECT_EQ(written.counters.groups_skipped, 6u);  // Five between, one at the end.
  }
}

TEST(Sstable, ZoneMapsSkipGroupsWhoseTimesAreNotAskedFor) {
  TestTable written;
  const auto table = MetricsTable();
  Model model = Sorted({MetricsWeek(*table, "router", 4, 2048)});
  ASSERT_NO_FATAL_FAILURE(written.Write(table, model));
  ASSERT_EQ(written.statistics.group_count, 8u);
  ReadOptions options;
  options.component_ranges = {{1, 0, 1'739'000'000'000 + 100 * 300'000}};  // The first hundred samples or so.
  written.counters = {};
  const Model read = written.Read(OfPartition(*table, model[0]), options);
  EXPECT_EQ(written.counters.groups_read, 4u);
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].rows.size(), 4u * 1024);
}

TEST(Sstable, AFullGroupOfLiveRowsComesUpAsItIs) {
  TestTable written;
  const auto table = MetricsTable();
  ASSERT_NO_FATAL_FAILURE(written.Write(table, Sorted({MetricsWeek(*table, "router", 1, 1024)})));
  auto source = written.reader->Read(Everything(*table), {}, written.counters);
  rows::RowBlock block;
  ASSERT_TRUE(*source->Next(&block));
  EXPECT_EQ(block.row_count, 1024u);
  EXPECT_TRUE(block.all_live);
  EXPECT_TRUE(block.clustering[0].is_constant());
  EXPECT_TRUE(block.timestamps.is_constant());
  ASSERT_EQ(block.cells.size(), 1u);  // The two columns without cells are missing.
  EXPECT_TRUE(block.cells[0].same_as_liveness);
  EXPECT_FALSE(*source->Next(&block));
}

TEST(Sstable, OnlyColumnsAskedForAreDecoded) {
  TestTable written;
  const auto table = MetricsTable();
  testing::RandomShape shape;
  testing::RandomModel random(table, 1, shape);
  ASSERT_NO_FATAL_FAILURE(written.Write(table, random.Make()));
  rows::ReadRange range;
  ASSERT_NO_FATAL_FAILURE(written.Check(range));
  range.columns = {schema::ColumnId(8), schema::ColumnId(77)};  // 77: newer than the file.
  ASSERT_NO_FATAL_FAILURE(written.Check(range));
}

TEST(Sstable, StatisticsAreExact) {
  TestTable written;
  const auto table = MetricsTable();
  Model model = {MetricsWeek(*table, "a", 1, 10), MetricsWeek(*table, "b", 2, 10)};
  model[0].rows[3].deletion = {1'600'000'000'000'000, 1'600'000'000};
  model[1].rows[0].liveness.ttl_seconds = 60;
  model[1].rows[0].liveness.expires_at_seconds = 1'700'000'060;
  testing::ModelPartition head_only = testing::MetricsPartition("c", 1, 1);
  head_only.head.deletion = {1'500'000'000'000'000, 1'500'000'000};
  model.push_back(head_only);
  const std::string largest = model[1].key;
  ASSERT_NO_FATAL_FAILURE(written.Write(table, Sorted(std::move(model))));
  const SstableStatistics& statistics = written.reader->statistics();
  EXPECT_EQ(statistics, written.statistics);
  EXPECT_EQ(statistics.row_count, 30u);
  EXPECT_EQ(statistics.partition_count, 3u);
  EXPECT_EQ(statistics.head_count, 1u);
  EXPECT_EQ(statistics.max_partition_rows, 20u);
  EXPECT_EQ(statistics.max_partition_key, largest);
  EXPECT_EQ(statistics.min_token, written.model.front().token);
  EXPECT_EQ(statistics.max_token, written.model.back().token);
  EXPECT_EQ(statistics.min_timestamp_micros, 1'500'000'000'000'000);
  EXPECT_EQ(statistics.max_timestamp_micros, 1'700'000'000'000'000);
  EXPECT_EQ(statistics.min_local_deletion_seconds, 1'500'000'000);
  EXPECT_EQ(statistics.max_local_deletion_seconds, rows::kNeverExpires);
  EXPECT_EQ(statistics.tombstone_count, 2u);
  EXPECT_EQ(statistics.expiring_count, 1u);
  EXPECT_EQ(statistics.file_bytes, written.FileBytes().size());
}

TEST(Sstable, TheFilterKnowsEveryPartition) {
  TestTable written;
  testing::RandomShape shape;
  shape.partitions = 3000;
  testing::RandomModel random(testing::UsersTable(), 9, shape);
  ASSERT_NO_FATAL_FAILURE(written.Write(testing::UsersTable(), random.Make(), 100));
  for (const testing::ModelPartition& partition : written.model) {
    ASSERT_TRUE(*written.reader->MayContain(partition.token));
  }
  int wrong = 0;
  for (int i = 0; i < 10'000; ++i) wrong += *written.reader->MayContain(static_cast<int64_t>(random.random().Next()));
  EXPECT_LT(wrong, 200);
}

TEST(Sstable, ManyPartitionHeadsAreFoundAndMergedInOrder) {
  TestTable written;
  testing::RandomShape shape;
  shape.partitions = 12'000;  // More than one index block of heads.
  shape.head_chance = 0.9;
  shape.rows_max = 1;
  testing::RandomModel random(MetricsTable(), 4, shape);
  ASSERT_NO_FATAL_FAILURE(written.Write(MetricsTable(), random.Make()));
  ASSERT_NO_FATAL_FAILURE(written.Check(Everything(*written.table)));
  for (size_t i = 0; i < written.model.size(); i += 97) {
    ASSERT_NO_FATAL_FAILURE(written.Check(OfPartition(*written.table, written.model[i])));
    const auto head = written.reader->ReadHead(written.model[i].token, written.model[i].key);
    ASSERT_TRUE(head.ok());
    ASSERT_EQ(*head != nullptr, !written.model[i].head.empty());
  }
  ASSERT_TRUE(written.reader->Verify().ok());
}

TEST(Sstable, OpeningReadsOnlyTheEndsOfTheFile) {
  TestTable written;
  const auto table = MetricsTable();
  Model model;
  for (int i = 0; i < 40; ++i) model.push_back(MetricsWeek(*table, "router-" + std::to_string(i), 2, 300));
  ASSERT_NO_FATAL_FAILURE(written.Write(table, Sorted(std::move(model)), 16));
  ASSERT_GT(written.statistics.group_count, 1000u);
  io::FaultFileSystem counting(written.file_system);
  const uint64_t before = counting.read_count();
  auto opened = SstableReader::Open(counting, kPath, nullptr, nullptr);
  ASSERT_TRUE(opened.ok());
  EXPECT_LE(counting.read_count() - before, 4u);
}

TEST(Sstable, ALongScanPastTheCacheLeavesNoVectorsInIt) {
  TestTable written;
  const auto table = MetricsTable();
  ASSERT_NO_FATAL_FAILURE(written.Write(table, Sorted({MetricsWeek(*table, "a", 3, 1000)}), 300));
  ReadOptions options;
  options.bypass_cache = true;
  rows::ReadRange range = Everything(*table);
  range.reversed = true;
  ASSERT_NO_FATAL_FAILURE(written.Check(range, options));
  EXPECT_LE(written.cache.Statistics().entries, 1u);  // The index block.
  ASSERT_NO_FATAL_FAILURE(written.Check(range));
  EXPECT_GT(written.cache.Statistics().entries, 5u);
  written.reader.reset();
  EXPECT_EQ(written.cache.Statistics().entries, 0u);
}

TEST(Sstable, AWriterThatDoesNotFinishLeavesNoFile) {
  io::MemFileSystem file_system;
  ASSERT_TRUE(file_system.CreateDirs("/data").ok());
  const auto table = MetricsTable();
  {
    auto writer = SstableWriter::Create(file_system, kPath, table, {});
    ASSERT_TRUE(writer.ok());
    for (const rows::RowBlock& block : testing::ToBlocks(*table, {MetricsWeek(*table, "a", 1, 100)}, 10)) {
      ASSERT_TRUE((*writer)->Add(block).ok());
    }
  }
  EXPECT_FALSE(*file_system.Exists(kPath));
}

TEST(Sstable, EveryFailingCallOfAWriteIsTold) {
  const auto table = MetricsTable();
  const Model model = {MetricsWeek(*table, "a", 2, 300)};
  const auto write = [&](io::FileSystem& file_system) -> base::Status {
    CASSETTE_ASSIGN_OR_RETURN(auto writer, SstableWriter::Create(file_system, kPath, table, {}));
    for (const rows::RowBlock& block : testing::ToBlocks(*table, model, 100)) {
      CASSETTE_RETURN_IF_ERROR(writer->Add(block));
    }
    return writer->Finish().status();
  };
  for (uint64_t nth = 1;; ++nth) {
    io::MemFileSystem memory;
    ASSERT_TRUE(memory.CreateDirs("/data").ok());
    io::FaultFileSystem faulty(memory);
    faulty.FailCall(nth, io::Fault::kNoSpace);
    const base::Status status = write(faulty);
    if (status.ok()) {
      EXPECT_GT(nth, 3u);
      break;
    }
    EXPECT_EQ(status.code(), base::Code::kIoError) << nth;
    EXPECT_FALSE(*memory.Exists(kPath)) << nth;
    ASSERT_LT(nth, 100u);
  }
}

TEST(Sstable, AFinishedFileSurvivesALossOfPower) {
  TestTable written;
  const auto table = MetricsTable();
  ASSERT_NO_FATAL_FAILURE(written.Write(table, Sorted({MetricsWeek(*table, "a", 2, 300)})));
  base::Random random(1);
  written.reader.reset();
  written.file_system.CutPower(io::PowerCut::kDropUnsynced, random);
  auto opened = SstableReader::Open(written.file_system, kPath, nullptr, nullptr);
  ASSERT_TRUE(opened.ok()) << opened.status().message();
  EXPECT_TRUE((*opened)->Verify().ok());
}

TEST(Sstable, PartitionsOutOfOrderAreRefused) {
  TestTable written;
  const auto table = MetricsTable();
  Model model = Sorted({MetricsWeek(*table, "a", 1, 3), MetricsWeek(*table, "b", 1, 3)});
  std::swap(model[0], model[1]);
  ASSERT_TRUE(written.file_system.CreateDirs("/data").ok());
  auto writer = SstableWriter::Create(written.file_system, kPath, table, {});
  const base::Status status = (*writer)->Add(testing::ToBlocks(*table, model, 100)[0]);
  EXPECT_EQ(status.code(), base::Code::kInvalidArgument);
  EXPECT_EQ((*writer)->Finish().status().code(), base::Code::kInvalidArgument);
}

TEST(Sstable, RowsOutOfOrderAreRefused) {
  TestTable written;
  const auto table = MetricsTable();
  Model model = Sorted({MetricsWeek(*table, "a", 1, 30)});
  std::reverse(model[0].rows.begin(), model[0].rows.end());
  ASSERT_TRUE(written.file_system.CreateDirs("/data").ok());
  auto writer = SstableWriter::Create(written.file_system, kPath, table, {});
  ASSERT_TRUE((*writer)->Add(testing::ToBlocks(*table, model, 100)[0]).ok());
  EXPECT_EQ((*writer)->Finish().status().code(), base::Code::kInvalidArgument);
}

}  // namespace
}  // namespace cassette::storage::sstable
