#include "storage/memtable/memtable.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <string>
#include <thread>
#include <vector>

#include "storage/memtable/block_writer.h"
#include "storage/memtable/partition.h"
#include "storage/memtable/test_tables.h"

namespace cassette::storage::memtable {
namespace {

using namespace testing;  // NOLINT: the test's own vocabulary.
using rows::ClusteringBound;
using rows::Liveness;

constexpr Liveness kWritten{1000, rows::kNoTtl, rows::kNeverExpires};

void Apply(const rows::MutationBuilder& builder, Memtable* memtable) {
  const base::Status status = memtable->Apply(builder.bytes());
  ASSERT_TRUE(status.ok()) << status.ToString();
}

void ApplyRows(const schema::Table& table, const std::string& key, int64_t first, int64_t last, Memtable* memtable) {
  rows::MutationBuilder builder;
  BeginMutation(table, key, &builder);
  for (int64_t at = first; at < last; ++at) {
    AddInsert(Clustering(table, "cpu", at), kWritten, static_cast<int32_t>(at), at, "note", &builder);
  }
  Apply(builder, memtable);
}

std::vector<PlainPartition> Scan(const Memtable& memtable) { return ReadAll(*memtable.table(), memtable.Scan().get()); }

rows::ReadRange OneKey(const std::string& key, std::vector<schema::ColumnId> columns) {
  rows::ReadRange range;
  range.key = &key;
  range.token = codec::Murmur3Token(key);
  range.columns = std::move(columns);
  return range;
}

TEST(Memtable, IsEmptyAtFirst) {
  const Memtable memtable(MakeTable(2));
  EXPECT_TRUE(memtable.empty());
  EXPECT_TRUE(Scan(memtable).empty());
  EXPECT_EQ(memtable.statistics().min_timestamp_micros, rows::kNoTimestamp);
  const std::string key = "absent";
  rows::RowBlock block;
  EXPECT_FALSE(*memtable.Read(OneKey(key, {kCount}))->Next(&block));
}

TEST(Memtable, OrdersAndFindsRowsWhoseClusteringsBeginAlike) {
  const schema::TablePtr table = MakeTable(2);
  Memtable memtable(table);
  std::vector<std::string> clusterings;
  for (const char* metric : {"b", "abcdefghi", "abcdefgh", "", "abcdefgha", "abcdefg", "a", "abcdefh"}) {
    for (const int64_t at : {int64_t{3}, int64_t{-1}}) clusterings.push_back(Clustering(*table, metric, at));
  }
  for (const std::string& clustering : clusterings) {
    rows::MutationBuilder builder;
    BeginMutation(*table, "key", &builder);
    AddInsert(clustering, kWritten, 1, 2, "note", &builder);
    Apply(builder, &memtable);
  }
  rows::RowHistory found;
  for (const std::string& clustering : clusterings) {
    memtable.ReadRow(codec::Murmur3Token("key"), "key", clustering, &found);
    EXPECT_FALSE(found.row.empty());
  }
  memtable.ReadRow(codec::Murmur3Token("key"), "key", Clustering(*table, "abcdefgh", 4), &found);
  EXPECT_TRUE(found.row.empty());
  std::sort(clusterings.begin(), clusterings.end());
  std::vector<std::string> scanned;
  const std::vector<PlainPartition> partitions = Scan(memtable);
  for (const auto& [clustering, row] : partitions.at(0).rows) scanned.push_back(clustering);
  EXPECT_EQ(scanned, clusterings);
}

TEST(Memtable, AMutationOfNothingLeavesNothing) {
  const schema::TablePtr table = MakeTable(2);
  Memtable memtable(table);
  rows::MutationBuilder builder;
  BeginMutation(*table, "k", &builder);
  Apply(builder, &memtable);
  EXPECT_TRUE(memtable.empty());
}

TEST(Memtable, BlocksOfASeriesAreWholeVectorsLikeItsLiveness) {
  const schema::TablePtr table = MakeTable(1, true);
  Memtable memtable(table);
  ApplyRows(*table, "k", 0, 2500, &memtable);
  EXPECT_EQ(memtable.row_count(), 2500u);
  for (const bool reversed : {false, true}) {
    const std::string key = "k";
    rows::ReadRange range = OneKey(key, {kCount, kValue});
    range.reversed = reversed;
    const auto source = memtable.Read(range);
    rows::RowBlock block;
    int64_t expected = reversed ? 0 : 2499;
    for (const uint32_t rows : {1024u, 1024u, 452u}) {
      ASSERT_TRUE(*source->Next(&block));
      ASSERT_EQ(block.row_count, rows);
      EXPECT_TRUE(block.all_live);
      EXPECT_TRUE(block.timestamps.is_constant());
      ASSERT_EQ(block.cells.size(), 2u);
      EXPECT_TRUE(block.cells[0].same_as_liveness);
      EXPECT_TRUE(block.cells[0].values.all_live());
      EXPECT_EQ(block.partitions[0].continues, rows != 1024u || expected != (reversed ? 0 : 2499));
      for (uint32_t row = 0; row < rows; ++row) {
        ASSERT_EQ(block.clustering[0].int64(row), expected);
        ASSERT_EQ(block.cells[0].values.int64(row), expected);
        expected += reversed ? 1 : -1;
      }
    }
    EXPECT_FALSE(*source->Next(&block));
  }
}

TEST(Memtable, OrderedRowsEndWhereASeriesBegins) {
  const schema::TablePtr table = MakeTable(1, false);
  Memtable memtable(table);
  for (int64_t at = 0; at < kRowsBeforeSeries + 3; ++at) {
    ApplyRows(*table, "k", at, at + 1, &memtable);
    ASSERT_EQ(Scan(memtable)[0].rows.size(), static_cast<size_t>(at + 1));
  }
  // A row of the series, one before it, one between: each found once.
  ApplyRows(*table, "k", kRowsBeforeSeries + 1, kRowsBeforeSeries + 2, &memtable);
  ApplyRows(*table, "k", -5, -4, &memtable);
  ApplyRows(*table, "k", kRowsBeforeSeries + 10, kRowsBeforeSeries + 11, &memtable);
  ApplyRows(*table, "k", kRowsBeforeSeries + 5, kRowsBeforeSeries + 6, &memtable);
  EXPECT_EQ(Scan(memtable)[0].rows.size(), kRowsBeforeSeries + 6u);
}

TEST(Memtable, KeepsTombstonesAndWhatTheyCover) {
  const schema::TablePtr table = MakeTable(1, false);
  Memtable memtable(table);
  ApplyRows(*table, "k", 1, 3, &memtable);
  rows::MutationBuilder builder;
  BeginMutation(*table, "k", &builder);
  builder.AddPartitionDeletion({2000, 5});
  builder.AddRangeTombstone(ClusteringBound::Start(), ClusteringBound::End(), {3000, 6});
  builder.BeginRow(Clustering(*table, "", 1));
  builder.AddCell(kNote, {rows::CellState::kTombstone, 4000, rows::kNoTtl, 7, {}});
  builder.BeginRow(Clustering(*table, "", 9));
  builder.SetRowDeletion({5000, 8});
  Apply(builder, &memtable);
  const auto read = Scan(memtable);
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].deletion, (rows::DeletionTime{2000, 5}));
  EXPECT_EQ(read[0].ranges.size(), 1u);
  ASSERT_EQ(read[0].rows.size(), 3u);
  const PlainRow& first = read[0].rows[0].second;
  EXPECT_EQ(first.cells.at(kNote.value()).state, rows::CellState::kTombstone);
  EXPECT_EQ(first.cells.at(kCount.value()).state, rows::CellState::kLive);
  EXPECT_EQ(read[0].rows[2].second.deletion, (rows::DeletionTime{5000, 8}));
}

TEST(Memtable, CoveredPartitionsAndTtlAreNotAllLive) {
  const schema::TablePtr table = MakeTable(1, false);
  for (const bool covered : {true, false}) {
    Memtable memtable(table);
    rows::MutationBuilder builder;
    BeginMutation(*table, "k", &builder);
    const Liveness expiring{1000, 60, 5000};
    AddInsert(Clustering(*table, "", 1), covered ? kWritten : expiring, 1, 1, "", &builder);
    if (covered) builder.AddRangeTombstone(ClusteringBound::Start(), ClusteringBound::End(), {1, 1});
    Apply(builder, &memtable);
    rows::RowBlock block;
    ASSERT_TRUE(*memtable.Scan()->Next(&block));
    EXPECT_FALSE(block.all_live);
    EXPECT_EQ(block.ttls.at(0), covered ? rows::kNoTtl : 60);
  }
}

TEST(Memtable, PartitionsOfStaticsOrDeletionsAloneAreRunsWithoutRows) {
  const schema::TablePtr table = MakeTable(1);
  Memtable memtable(table);
  rows::MutationBuilder builder;
  BeginMutation(*table, "a", &builder);
  builder.BeginStaticRow();
  builder.AddCell(kOwner, {rows::CellState::kLive, 5, rows::kNoTtl, rows::kNeverExpires, "me"});
  Apply(builder, &memtable);
  BeginMutation(*table, "b", &builder);
  builder.AddPartitionDeletion({1, 1});
  Apply(builder, &memtable);
  const auto read = Scan(memtable);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_TRUE(read[0].rows.empty());
  EXPECT_EQ(memtable.partition_count(), 2u);
  EXPECT_EQ(memtable.row_count(), 0u);
}

TEST(Memtable, LargeValuesEndABlockEarly) {
  const schema::TablePtr table = MakeTable(1, false);
  Memtable memtable(table);
  const std::string note(BlockWriter::kMaxBlockBytes / 4, 'n');
  rows::MutationBuilder builder;
  for (int64_t at = 0; at < 40; ++at) {
    BeginMutation(*table, "k", &builder);
    AddInsert(Clustering(*table, "", at), kWritten, 1, 1, note, &builder);
    Apply(builder, &memtable);
  }
  for (const bool reversed : {false, true}) {
    const std::string key = "k";
    rows::ReadRange range = OneKey(key, {kNote});
    range.reversed = reversed;
    const auto source = memtable.Read(range);
    rows::RowBlock block;
    uint32_t rows = 0;
    while (*source->Next(&block)) {
      EXPECT_LE(block.row_count, 8u);
      rows += block.row_count;
    }
    EXPECT_EQ(rows, 40u);
  }
}

TEST(Memtable, ReadsTellOfWritesBetweenBlocks) {
  const schema::TablePtr table = MakeTable(1, false);
  Memtable memtable(table);
  ApplyRows(*table, "k", 0, 2000, &memtable);
  const auto source = memtable.Scan();
  rows::RowBlock block;
  ASSERT_TRUE(*source->Next(&block));
  ApplyRows(*table, "k", 2000, 2100, &memtable);
  ApplyRows(*table, "k", -100, 0, &memtable);
  ASSERT_TRUE(*source->Next(&block));
  EXPECT_EQ(block.clustering[0].int64(0), 1024);
  ASSERT_TRUE(*source->Next(&block));
  EXPECT_EQ(block.row_count, 2100u - 2048u);
  EXPECT_FALSE(*source->Next(&block));
}

TEST(Memtable, KnowsTheColumnsOfItsTableOnly) {
  const schema::TablePtr table = MakeTable(1);
  Memtable memtable(table);
  schema::Table altered = *table;
  altered.columns.push_back(
      {schema::ColumnId(9), "extra", types::DataType(types::TypeKind::kInt), schema::ColumnKind::kRegular, 0, false});
  std::erase_if(altered.columns, [](const schema::Column& column) { return column.id == kNote; });
  altered.next_column_id = 10;
  altered.Finish();
  rows::MutationBuilder builder;
  BeginMutation(*table, "k", &builder);
  AddInsert(Clustering(*table, "", 1), kWritten, 1, 2, "note", &builder);
  builder.AddCell(schema::ColumnId(9), LiveCell(kWritten, Big32(3)));
  EXPECT_EQ(memtable.Apply(builder.bytes()).code(), base::Code::kFailedPrecondition);
  memtable.SetTable(std::make_shared<const schema::Table>(altered));
  Apply(builder, &memtable);
  const auto read = Scan(memtable);
  ASSERT_EQ(read.size(), 1u);
  const auto& cells = read[0].rows[0].second.cells;
  EXPECT_EQ(cells.count(kNote.value()), 0u);
  EXPECT_EQ(cells.at(9).value, Big32(3));
}

TEST(Memtable, SeriesLoseADroppedColumn) {
  const schema::TablePtr table = MakeTable(1, false);
  Memtable memtable(table);
  ApplyRows(*table, "k", 0, 100, &memtable);
  ApplyRows(*table, "k", 50, 60, &memtable);  // Among the ordered rows as well.
  schema::Table altered = *table;
  std::erase_if(altered.columns, [](const schema::Column& column) { return column.id == kNote; });
  altered.Finish();
  memtable.SetTable(std::make_shared<const schema::Table>(altered));
  ApplyRows(*table, "k", 100, 110, &memtable);
  const auto read = Scan(memtable);
  ASSERT_EQ(read[0].rows.size(), 110u);
  for (const auto& [clustering, row] : read[0].rows) EXPECT_EQ(row.cells.size(), 2u);
}

TEST(Memtable, RefusesWhatDoesNotFitTheTable) {
  const schema::TablePtr table = MakeTable(1);
  Memtable memtable(table);
  rows::MutationBuilder builder;
  const auto refused = [&](schema::ColumnId column, std::string_view value, const std::string& clustering) {
    BeginMutation(*table, "k", &builder);
    builder.BeginRow(clustering);
    builder.SetLiveness(kWritten);
    builder.AddCell(column, LiveCell(kWritten, value));
    const base::Code code = memtable.Apply(builder.bytes()).code();
    EXPECT_EQ(memtable.row_count(), 0u);
    return code;
  };
  EXPECT_EQ(refused(kCount, "123", Clustering(*table, "", 1)), base::Code::kCorruption);
  EXPECT_EQ(refused(kOwner, "me", Clustering(*table, "", 1)), base::Code::kCorruption);
  EXPECT_EQ(refused(kCount, Big32(1), "short"), base::Code::kCorruption);
  EXPECT_EQ(refused(kCount, Big32(1), Clustering(*table, "", 1) + "x"), base::Code::kCorruption);
  EXPECT_EQ(memtable.Apply("garbage").code(), base::Code::kCorruption);
  EXPECT_TRUE(Scan(memtable).empty());
}

TEST(Memtable, RefusesAComplexCellWithoutASoundImage) {
  schema::Table table = *MakeTable(1);
  const types::DataType list = types::DataType::List(types::DataType(types::TypeKind::kInt), false);
  table.columns.push_back({schema::ColumnId(9), "tags", list, schema::ColumnKind::kRegular, 0, false});
  table.next_column_id = 10;
  table.Finish();
  Memtable memtable(std::make_shared<const schema::Table>(table));
  rows::MutationBuilder builder;
  BeginMutation(table, "k", &builder);
  builder.BeginRow(Clustering(table, "", 1));
  builder.AddCell(schema::ColumnId(9), LiveCell(kWritten, "x"));
  const base::Status status = memtable.Apply(builder.bytes());
  EXPECT_EQ(status.code(), base::Code::kCorruption);
  EXPECT_NE(status.message().find("tags"), std::string::npos);
}

TEST(Memtable, OverwritingInPlaceDoesNotGrow) {
  const schema::TablePtr table = MakeTable(1);
  Memtable memtable(table);
  rows::MutationBuilder builder;
  size_t bytes = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    BeginMutation(*table, "k", &builder);
    AddInsert(Clustering(*table, "", 1), {1000 + i, rows::kNoTtl, rows::kNeverExpires}, 1, i, "note", &builder);
    Apply(builder, &memtable);
    if (i == 0) bytes = memtable.memory_bytes();
  }
  EXPECT_EQ(memtable.memory_bytes(), bytes);
  EXPECT_EQ(memtable.row_count(), 1u);
  EXPECT_EQ(memtable.statistics().max_timestamp_micros, 1999);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
size_t AllocatedBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST(Memtable, CountsItsMemoryWithinFivePercent) {
  const schema::TablePtr table = MakeTable(2);
  for (const int64_t rows_a_partition : {1, 3, 40, 5000}) {
    const size_t before = AllocatedBytes();
    Memtable memtable(table);
    {
      rows::MutationBuilder builder;
      for (int64_t row = 0; row < 100000; ++row) {
        BeginMutation(*table, "key-" + std::to_string(row / rows_a_partition), &builder);
        AddInsert(Clustering(*table, row % 2 == 0 ? "cpu" : "memory", row), kWritten, 1, row, "note", &builder);
        Apply(builder, &memtable);
      }
    }
    const double truth = static_cast<double>(AllocatedBytes() - before);
    EXPECT_NEAR(static_cast<double>(memtable.memory_bytes()) / truth, 1.0, 0.05) << rows_a_partition;
  }
}
#endif

// Every write sets both columns of a row to one number; whoever reads them sees the same one twice.
TEST(MemtableThreads, ReadersSeeWholeRowsWhileWritersWrite) {
  const schema::TablePtr table = MakeTable(2);
  Memtable memtable(table, {2});
  constexpr int kWriters = 2;
  constexpr int64_t kMutations = 1500;
  std::atomic<int> writing = kWriters;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] {
      base::Random random(static_cast<uint64_t>(writer));
      rows::MutationBuilder builder;
      for (int64_t i = 0; i < kMutations; ++i) {
        BeginMutation(*table, "key" + std::to_string(random.Below(4)), &builder);
        if (i % 50 == 0) builder.AddRangeTombstone(ClusteringBound::Start(), ClusteringBound::End(), {1, i});
        for (int row = 0; row < 3; ++row) {
          const int64_t at = random.Below(2) == 0 ? i * 4 + row : static_cast<int64_t>(random.Below(300));
          const int32_t number = static_cast<int32_t>(random.Below(100));
          AddInsert(Clustering(*table, "cpu", at), {1000 + i, rows::kNoTtl, rows::kNeverExpires}, number, number,
                    std::string(1 + random.Below(30), 'n'), &builder);
        }
        ASSERT_TRUE(memtable.Apply(builder.bytes()).ok());
      }
      --writing;
    });
  }
  threads.emplace_back([&] {
    base::Random random(99);
    rows::RowBlock block;
    while (writing > 0) {
      const std::string key = "key" + std::to_string(random.Below(4));
      rows::ReadRange range = OneKey(key, {kCount, kValue});
      if (random.Below(4) == 0) range.key = nullptr;
      range.reversed = random.Below(2) == 0;
      const auto source = memtable.Read(range);
      while (*source->Next(&block)) {
        if (block.row_count == 0) continue;
        ASSERT_EQ(block.cells.size(), 2u);
        for (uint32_t row = 0; row < block.row_count; ++row) {
          ASSERT_EQ(Big64(block.cells[0].values.int64(row)),
                    Big64(static_cast<int64_t>(std::bit_cast<uint64_t>(block.cells[1].values.number(row)))));
        }
      }
      EXPECT_LE(memtable.memory_bytes(), 1u << 30);
    }
  });
  threads.emplace_back([&] {
    while (writing > 0) memtable.SetTable(table);
  });
  for (std::thread& thread : threads) thread.join();
  uint64_t rows = 0;
  for (const PlainPartition& partition : Scan(memtable)) rows += partition.rows.size();
  EXPECT_LE(rows, memtable.row_count());
  EXPECT_GT(rows, 1000u);
}

}  // namespace
}  // namespace cassette::storage::memtable
