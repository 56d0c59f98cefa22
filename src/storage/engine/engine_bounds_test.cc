// Bounds with a name, each at its limit: the largest mutation, open files, SSTables of a table, memory of memtables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/engine/test_support.h"

namespace cassette::storage::engine {
namespace {

using testing::Apply;
using testing::Insert;
using testing::MakeTable;
using testing::ReadAll;
using testing::Rows;
using testing::TestEngine;

class EngineBounds : public ::testing::Test {
 protected:
  void Start(const std::map<std::string, std::string>& compaction = {{"class", "SizeTieredCompactionStrategy"}}) {
    ASSERT_TRUE(engine_.Open().ok());
    schema::Table table = MakeTable();
    table.options.compaction = compaction;
    ASSERT_TRUE(testing::CreateTable(engine_.get(), table).ok());
  }
  std::vector<std::string> Show() {
    const auto rows = Rows(engine_.get(), ReadAll(engine_.table()));
    EXPECT_TRUE(rows.ok()) << rows.status().ToString();
    return rows.ok() ? *rows : std::vector<std::string>();
  }

  io::MemFileSystem files_{false};
  TestEngine engine_{&files_};
};

TEST_F(EngineBounds, TheLargestMutationIsTakenAndOneByteMoreIsNot) {
  engine_.options.commitlog_segment_bytes = 32 << 20;
  Start();
  const auto write_of = [&](size_t value_bytes, int32_t c) {
    return Insert(*engine_.table(), 1, c, c, std::string(value_bytes, static_cast<char>('a' + c)), 1);
  };
  // What the mutation has beside the value, with a length of as many bytes.
  const size_t overhead = write_of(Engine::kMaxMutationBytes / 2, 0).bytes().size() - Engine::kMaxMutationBytes / 2;
  const size_t largest = Engine::kMaxMutationBytes - overhead;
  ASSERT_EQ(write_of(largest, 1).bytes().size(), Engine::kMaxMutationBytes);
  for (int32_t c = 0; c < 3; ++c) {
    const base::Status applied = Apply(engine_.get(), write_of(largest, c));
    ASSERT_TRUE(applied.ok()) << applied.ToString();
    ASSERT_TRUE(engine_->Flush(nullptr).ok());
  }
  const base::Status refused = Apply(engine_.get(), write_of(largest + 1, 5));
  EXPECT_EQ(refused.code(), base::Code::kInvalidArgument);
  EXPECT_NE(refused.message().find("too large for the maximum size"), std::string_view::npos);
  ASSERT_TRUE(engine_->Compact(nullptr).ok());
  engine_.Close();
  ASSERT_TRUE(engine_.Open().ok());
  const std::vector<std::string> rows = Show();
  ASSERT_EQ(rows.size(), 3u);
  for (int32_t c = 0; c < 3; ++c) {
    const std::string value = rows[static_cast<size_t>(c)].substr(rows[static_cast<size_t>(c)].rfind('|') + 1);
    EXPECT_EQ(value, std::string(largest, static_cast<char>('a' + c)));
  }
}

TEST_F(EngineBounds, ReadsMoreSstablesThanItHoldsOpen) {
  engine_.options.open_files_max = 2;
  engine_.options.auto_compaction = false;
  engine_.options.cache_bytes = 0;
  Start();
  for (int32_t c = 0; c < 12; ++c) {
    ASSERT_TRUE(Apply(engine_.get(), Insert(*engine_.table(), c, c, c, "text", 1)).ok());
    ASSERT_TRUE(engine_->Flush(nullptr).ok());
  }
  EXPECT_EQ(Show().size(), 12u);
  engine_.Close();
  ASSERT_TRUE(engine_.Open().ok());
  EXPECT_EQ(Show().size(), 12u);
  ASSERT_TRUE(engine_->Compact(nullptr).ok());
  EXPECT_EQ(Show().size(), 12u);
}

TEST_F(EngineBounds, WritersWaitForCompactionsThatFallBehind) {
  engine_.options.background_threads = 1;
  engine_.options.memtable_heap_bytes = 256 << 10;
  engine_.options.commitlog_sync = CommitLogSync::kPeriodic;
  engine_.options.sstables_per_table_max = 6;
  Start({{"class", "SizeTieredCompactionStrategy"}, {"min_threshold", "2"}, {"max_threshold", "2"}});
  const std::string text(200, 'x');
  uint64_t most = 0;
  for (int32_t i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(Apply(engine_.get(), Insert(*engine_.table(), i % 50, i, i, text, 1)).ok());
    if (i % 100 == 0) most = std::max(most, engine_->Statistics().tables[0].sstable_count);
  }
  EXPECT_LE(most, engine_.options.sstables_per_table_max + 1u);
  EXPECT_EQ(Show().size(), 20'000u);
}

TEST_F(EngineBounds, MemtablesStayWithinTheirSettingByATenth) {
  engine_.options.background_threads = 1;
  engine_.options.memtable_heap_bytes = 8 << 20;
  engine_.options.commitlog_sync = CommitLogSync::kPeriodic;
  engine_.options.commitlog_segment_bytes = 4 << 20;
  Start();
  uint64_t most = 0;
  for (int32_t i = 0; i < 60'000; ++i) {
    // Short rows in order, and long ones all over.
    const std::string text(i % 10 == 0 ? 5'000 : 20, 'x');
    ASSERT_TRUE(Apply(engine_.get(), Insert(*engine_.table(), i % 10 == 0 ? i : 1, i, i, text, 1)).ok());
    if (i % 50 == 0) most = std::max(most, engine_->Statistics().memtable_bytes);
  }
  EXPECT_LE(most, engine_.options.memtable_heap_bytes * 11 / 10);
}

TEST_F(EngineBounds, TheCacheStaysWithinItsSettingByATenth) {
  engine_.options.cache_bytes = 256 << 10;
  engine_.options.row_group_rows = 64;
  Start();
  for (int32_t i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(Apply(engine_.get(), Insert(*engine_.table(), i % 100, i, i, "text " + std::to_string(i * 7), 1)).ok());
  }
  ASSERT_TRUE(engine_->Flush(nullptr).ok());
  for (int32_t k = 0; k < 100; ++k) {
    ReadCommand command = ReadAll(engine_.table());
    command.keys = {testing::KeyOf(k)};
    ASSERT_EQ(Rows(engine_.get(), command)->size(), 200u);
    ASSERT_LE(engine_->Statistics().cache_bytes, engine_.options.cache_bytes * 11 / 10);
  }
}

}  // namespace
}  // namespace cassette::storage::engine
