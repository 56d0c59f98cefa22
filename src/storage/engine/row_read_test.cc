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

}  // namespace
}  // namespace cassette::storage::engine
