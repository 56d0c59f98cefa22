#include "rows/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <iterator>

#include "rows/live_reader.h"
#include "rows/merge_rows.h"

namespace cassette::rows {
namespace {

using columnar::Vector;
using types::PhysicalType;
using types::TypeKind;

// t(k, c, s static, v): all int.
schema::TablePtr MakeTable() {
  auto table = std::make_shared<schema::Table>();
  table->keyspace = "ks";
  table->name = "t";
  const auto add = [&](const char* name, schema::ColumnKind kind) {
    schema::Column column;
    column.id = schema::ColumnId(table->next_column_id++);
    column.name = name;
    column.type = types::DataType(TypeKind::kInt);
    column.kind = kind;
    table->columns.push_back(column);
  };
  add("k", schema::ColumnKind::kPartitionKey);
  add("c", schema::ColumnKind::kClustering);
  add("s", schema::ColumnKind::kStatic);
  add("v", schema::ColumnKind::kRegular);
  table->Finish();
  return table;
}

// Rows first, first + 1, ... of one partition, as INSERT makes them; v is c * 10.
RowBlock Block(const schema::Table& table, Token token, const std::string& key, int first, int count,
               int64_t timestamp) {
  RowBlock block;
  block.row_count = static_cast<uint32_t>(count);
  block.clustering.emplace_back(PhysicalType::kInt64);
  CellColumn column;
  column.id = table.FindColumn("v")->id;
  column.values.Reset(PhysicalType::kInt64);
  column.same_as_liveness = true;
  for (int c = first; c < first + count; ++c) {
    block.clustering[0].AppendInt64(c);
    column.values.AppendInt64(c * 10);
  }
  block.timestamps.SetConstant(timestamp);
  block.cells.push_back(std::move(column));
  block.partitions.push_back({0, token, key, nullptr, false});
  block.all_live = true;
  return block;
}

class BlockSource final : public RowSource {
 public:
  explicit BlockSource(std::vector<RowBlock> blocks)
      : blocks_(std::make_move_iterator(blocks.begin()), std::make_move_iterator(blocks.end())) {}
  base::Result<bool> Next(RowBlock* block) override {
    block->Clear();
    if (blocks_.empty()) return false;
    *block = std::move(blocks_.front());
    blocks_.pop_front();
    return true;
  }

 private:
  std::deque<RowBlock> blocks_;
};

std::unique_ptr<RowSource> Source(std::vector<RowBlock> blocks) {
  return std::make_unique<BlockSource>(std::move(blocks));
}
std::unique_ptr<RowSource> Source(RowBlock block) {
  std::vector<RowBlock> blocks;
  blocks.push_back(std::move(block));
  return Source(std::move(blocks));
}

// "key:c=v@timestamp" of each row.
std::vector<std::string> Lines(RowSource* source) {
  std::vector<std::string> lines;
  RowBlock block;
  while (true) {
    const auto more = source->Next(&block);
    EXPECT_TRUE(more.ok());
    if (!more.ok() || !*more) return lines;
    for (size_t run = 0; run < block.partitions.size(); ++run) {
      for (uint32_t row = block.partitions[run].first_row; row < RunEnd(block, run); ++row) {
        std::string line = block.partitions[run].key + ":" + std::to_string(block.clustering[0].int64(row));
        const CellColumn& cells = block.cells.at(0);
        if (!cells.values.is_null(row)) line += "=" + std::to_string(cells.values.int64(row));
        lines.push_back(line + "@" + std::to_string(CellMetaOf(block, cells, row).timestamp_micros));
      }
    }
  }
}

class MergeTest : public ::testing::Test {
 protected:
  MergeOptions Options() {
    MergeOptions options;
    options.table = table_;
    options.columns = RegularColumnIds(*table_);
    return options;
  }
  std::unique_ptr<RowSource> Merge(std::vector<std::unique_ptr<RowSource>> sources) {
    return MergeSources(std::move(sources), Options());
  }
  template <typename... Sources>
  std::unique_ptr<RowSource> MergeOf(Sources... given) {
    std::vector<std::unique_ptr<RowSource>> sources;
    (sources.push_back(std::move(given)), ...);
    return Merge(std::move(sources));
  }

  const schema::TablePtr table_ = MakeTable();
};

TEST_F(MergeTest, GivesASingleSourceBack) {
  auto source = Source(Block(*table_, 1, "a", 0, 3, 10));
  const RowSource* given = source.get();
  EXPECT_EQ(MergeOf(std::move(source)).get(), given);
}

TEST_F(MergeTest, MergesNothing) { EXPECT_THAT(Lines(Merge({}).get()), ::testing::IsEmpty()); }

TEST_F(MergeTest, LetsBlocksOfSeparatePartitionsPassWhole) {
  auto merged = MergeOf(Source(Block(*table_, 1, "a", 0, 500, 10)), Source(Block(*table_, 2, "b", 0, 400, 20)));
  RowBlock block;
  ASSERT_TRUE(*merged->Next(&block));
  EXPECT_EQ(block.row_count, 500u);
  EXPECT_TRUE(block.all_live);
  EXPECT_TRUE(block.timestamps.is_constant());
  ASSERT_TRUE(*merged->Next(&block));
  EXPECT_EQ(block.row_count, 400u);
  EXPECT_FALSE(*merged->Next(&block));
}

TEST_F(MergeTest, JoinsRangesThatDoNotOverlap) {
  auto merged = MergeOf(Source(Block(*table_, 1, "a", 100, 50, 10)), Source(Block(*table_, 1, "a", 0, 100, 20)),
                        Source(Block(*table_, 1, "a", 150, 10, 30)));
  const auto lines = Lines(merged.get());
  ASSERT_EQ(lines.size(), 160u);
  EXPECT_EQ(lines[0], "a:0=0@20");
  EXPECT_EQ(lines[100], "a:100=1000@10");
  EXPECT_EQ(lines[159], "a:159=1590@30");
}

TEST_F(MergeTest, PrefersTheNewerCell) {
  auto merged = MergeOf(Source(Block(*table_, 1, "a", 0, 4, 10)), Source(Block(*table_, 1, "a", 2, 4, 20)),
                        Source(Block(*table_, 1, "a", 3, 1, 15)));
  EXPECT_THAT(Lines(merged.get()),
              ::testing::ElementsAre("a:0=0@10", "a:1=10@10", "a:2=20@20", "a:3=30@20", "a:4=40@20", "a:5=50@20"));
}

TEST_F(MergeTest, ContinuesPartitionsOverBlocksOfAnySource) {
  std::vector<RowBlock> blocks;
  blocks.push_back(Block(*table_, 1, "a", 0, 1000, 10));
  blocks.push_back(Block(*table_, 1, "a", 1000, 1000, 10));
  blocks[1].partitions[0].continues = true;
  auto merged = MergeOf(Source(std::move(blocks)), Source(Block(*table_, 1, "a", 500, 1000, 20)),
                        Source(Block(*table_, 2, "b", 0, 1, 5)));
  RowBlock block;
  uint32_t rows = 0;
  bool in_first = false;
  while (*merged->Next(&block)) {
    EXPECT_LE(block.row_count, columnar::kMaxVectorRows);
    if (block.partitions[0].key == "a") {
      EXPECT_EQ(block.partitions[0].continues, in_first);
    }
    in_first = true;
    rows += block.row_count;
  }
  EXPECT_EQ(rows, 2001u);
}

TEST_F(MergeTest, LargeValuesMakeSmallBlocks) {
  constexpr size_t kValueBytes = 1 << 20;
  schema::Table with_text = *table_;
  with_text.columns.back().type = types::DataType(TypeKind::kText);
  with_text.Finish();
  MergeOptions options = Options();
  options.table = std::make_shared<const schema::Table>(with_text);
  std::vector<std::unique_ptr<RowSource>> sources;
  for (const int first : {0, 1}) {
    std::vector<RowBlock> blocks;  // Every other row.
    for (int c = first; c < 100; c += 2) {
      RowBlock block = Block(*table_, 1, "a", c, 1, 10);
      block.cells[0].values.Reset(PhysicalType::kBytes);
      block.cells[0].values.AppendBytes(std::string(kValueBytes, static_cast<char>('0' + c % 10)));
      block.partitions[0].continues = c > 1;
      blocks.push_back(std::move(block));
    }
    sources.push_back(Source(std::move(blocks)));
  }
  const std::unique_ptr<RowSource> merged = MergeSources(std::move(sources), options);
  RowBlock block;
  uint32_t rows = 0;
  while (*merged->Next(&block)) {
    const Vector& values = block.cells.at(0).values;
    EXPECT_LE(values.heap().size(), 17 * kValueBytes);
    EXPECT_EQ(block.partitions.at(0).continues, rows > 0);
    for (uint32_t row = 0; row < block.row_count; ++row, ++rows) {
      ASSERT_EQ(block.clustering[0].int64(row), rows);
      ASSERT_EQ(values.bytes(row)[0], static_cast<char>('0' + rows % 10));
    }
  }
  EXPECT_EQ(rows, 100u);
}

TEST_F(MergeTest, UnitesHeads) {
  auto head = std::make_shared<PartitionHead>();
  head->deletion = {15, 1};
  RowBlock deleted = Block(*table_, 1, "a", 0, 0, 0);
  deleted.partitions[0].head = head;
  auto statics = std::make_shared<PartitionHead>();
  statics->static_cells.push_back(
      {table_->FindColumn("s")->id, CellState::kLive, 20, kNoTtl, kNeverExpires, std::string("\0\0\0\7", 4)});
  RowBlock alive = Block(*table_, 1, "a", 0, 2, 20);
  alive.partitions[0].head = statics;
  auto merged = MergeOf(Source(std::move(deleted)), Source(Block(*table_, 1, "a", 5, 2, 10)), Source(std::move(alive)));
  LiveReaderOptions options;
  options.table = table_;
  for (const schema::Column& column : table_->columns) options.columns.push_back({column.id});
  options.columns.erase(options.columns.begin());  // The key "a" is no int.
  LiveReader reader;
  reader.Open(*merged, options);
  RowBatch batch;
  ASSERT_TRUE(*reader.Next(&batch));
  EXPECT_EQ(batch.row_count, 2u);  // Those at 10 are deleted.
  EXPECT_EQ(batch.columns[1].int64(1), 7);
}

TEST_F(MergeTest, PurgesWhatIsOldEnoughAndOnlyThat) {
  auto head = std::make_shared<PartitionHead>();
  head->deletion = {15, 100};
  for (const int64_t max_purgeable : {15, 16}) {
    for (const int64_t gc_before : {100, 101}) {
      PurgeOptions purge;
      purge.now_seconds = 1000;
      purge.gc_before_seconds = gc_before;
      purge.max_purgeable_micros = [&](const PartitionPosition&) { return max_purgeable; };
      MergeOptions options = Options();
      options.purge = &purge;
      RowBlock block = Block(*table_, 1, "a", 0, 2, 10);
      block.partitions[0].head = head;
      std::vector<std::unique_ptr<RowSource>> sources;
      sources.push_back(Source(std::move(block)));
      auto merged = MergeSources(std::move(sources), options);
      RowBlock out;
      const bool keeps = max_purgeable == 15 || gc_before == 100;
      ASSERT_EQ(*merged->Next(&out), keeps);
      if (keeps) {
        EXPECT_EQ(out.row_count, 0u);
        EXPECT_EQ(out.partitions.at(0).head->deletion.marked_at_micros, 15);
      }
    }
  }
}

TEST_F(MergeTest, TurnsExpiredCellsIntoTombstonesOfTheirWriting) {
  PurgeOptions purge;
  purge.now_seconds = 1000;
  purge.gc_before_seconds = 0;
  MergeOptions options = Options();
  options.purge = &purge;
  RowBlock block = Block(*table_, 1, "a", 0, 1, 10);
  block.all_live = false;
  block.ttls.SetConstant(60);
  block.expiries.SetConstant(900);
  std::vector<std::unique_ptr<RowSource>> sources;
  sources.push_back(Source(std::move(block)));
  auto merged = MergeSources(std::move(sources), options);
  RowBlock out;
  ASSERT_TRUE(*merged->Next(&out));
  EXPECT_EQ(out.cells.at(0).values.state(0), CellState::kTombstone);
  EXPECT_EQ(out.cells[0].expiries.at(0), 840);
}

TEST_F(MergeTest, MovesVectorsUpWhenNothingIsDead) {
  RowBlock block = Block(*table_, 1, "a", 0, 1000, 10);
  const int64_t* values = block.cells[0].values.ints().data();
  LiveReaderOptions options;
  options.table = table_;
  options.columns = {{table_->FindColumn("v")->id, true, false}};
  const auto source = Source(std::move(block));
  LiveReader reader;
  reader.Open(*source, options);
  RowBatch batch;
  ASSERT_TRUE(*reader.Next(&batch));
  EXPECT_EQ(batch.columns[0].ints().data(), values);
  EXPECT_EQ(batch.write_times[0].int64(999), 10);
}

TEST_F(MergeTest, GivesAColumnAskedForTwiceTwice) {
  LiveReaderOptions options;
  options.table = table_;
  options.columns = {{table_->FindColumn("v")->id}, {table_->FindColumn("c")->id}, {table_->FindColumn("v")->id}};
  const auto source = Source(Block(*table_, 1, "a", 0, 1000, 10));
  LiveReader reader;
  reader.Open(*source, options);
  RowBatch batch;
  ASSERT_TRUE(*reader.Next(&batch));
  EXPECT_EQ(batch.columns[0].size(), 1000u);
  EXPECT_EQ(batch.columns[2].int64(999), 9990);
}

TEST_F(MergeTest, StopsAtItsLimits) {
  std::vector<RowBlock> blocks;
  for (int p = 0; p < 3; ++p) blocks.push_back(Block(*table_, p, std::string(1, static_cast<char>('a' + p)), 0, 10, 1));
  LiveReaderOptions options;
  options.table = table_;
  options.columns = {{table_->FindColumn("c")->id}};
  options.per_partition_limit = 4;
  options.limit = 6;
  const auto source = Source(std::move(blocks));
  LiveReader reader;
  reader.Open(*source, options);
  RowBatch batch;
  ASSERT_TRUE(*reader.Next(&batch));
  EXPECT_EQ(batch.row_count, 6u);
  ASSERT_EQ(batch.partitions.size(), 2u);
  EXPECT_EQ(batch.partitions[1].first_row, 4u);
  EXPECT_FALSE(*reader.Next(&batch));
}

}  // namespace
}  // namespace cassette::rows
