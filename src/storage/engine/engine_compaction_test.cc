// Compaction in the engine: what becomes of SSTables under each strategy, when tombstones go, when rows expire.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "base/random.h"
#include "io/mem_file_system.h"
#include "storage/engine/database.h"
#include "storage/engine/test_support.h"

namespace cassette::storage::engine {
namespace {

using testing::Apply;
using ::testing::ElementsAre;
using testing::Insert;
using testing::IntBytes;
using ::testing::IsEmpty;
using testing::kStartSeconds;
using testing::ReadAll;
using testing::Rows;
using testing::Write;

constexpr int32_t kGcGraceSeconds = 100;

class CompactionTest : public ::testing::Test {
 protected:
  void Start(std::map<std::string, std::string> compaction, uint64_t size_scale = 1) {
    engine_.options.compaction_size_scale = size_scale;
    engine_.options.row_group_rows = 16;  // SSTables are measured by their finished row groups.
    ASSERT_TRUE(engine_.Open().ok());
    schema::Table table = testing::MakeTable();
    table.options.gc_grace_seconds = kGcGraceSeconds;
    table.options.compaction = std::move(compaction);
    ASSERT_TRUE(testing::CreateTable(engine_.get(), table).ok());
    table_ = engine_.table();
  }
  static void Ok(const base::Status& status) { ASSERT_TRUE(status.ok()) << status.ToString(); }

  void Put(const Write& write) { Ok(Apply(engine_.get(), write)); }
  void FlushWith(const Write& write) {
    Put(write);
    Ok(engine_->Flush(nullptr));
  }
  // An SSTable of `rows` rows of partitions from `first` on, of some 100 bytes that nothing compresses.
  void FlushRows(int32_t first, int32_t rows, int64_t timestamp) {
    for (int32_t k = first; k < first + rows; ++k) {
      std::string text;
      while (text.size() < 100) text += static_cast<char>('!' + random_.Below(90));
      Put(Insert(*table_, k, 1, k, std::move(text), timestamp));
    }
    Ok(engine_->Flush(nullptr));
  }
  TableStatistics Statistics() {
    const EngineStatistics all = engine_->Statistics();
    for (const TableStatistics& statistics : all.tables) {
      if (statistics.table->name == "t") return statistics;
    }
    return {};
  }
  std::vector<std::string> Read() {
    auto rows = Rows(engine_.get(), ReadAll(table_, engine_.clock.NowSeconds()));
    EXPECT_TRUE(rows.ok()) << rows.status().ToString();
    return *rows;
  }
  std::vector<manifest::SstableInfo> Infos() {
    auto& database = static_cast<Database&>(*engine_.get());
    std::vector<manifest::SstableInfo> infos;
    auto store = database.FindStore(table_->id);
    EXPECT_TRUE(store.ok());
    for (const SstablePtr& table : (*store)->version()->sstables) {
      infos.push_back(table->info());
      infos.back().level = table->level();
    }
    std::sort(infos.begin(), infos.end(), [](const auto& a, const auto& b) { return a.min_token < b.min_token; });
    return infos;
  }

  // Whoever reads it will notice.
  void MakeUnreadable(uint64_t file_number) {
    auto& database = static_cast<Database&>(*engine_.get());
    Ok(files_.Truncate(database.directory().SstablePath(file_number), 1));
  }

  base::Random random_{1};
  io::MemFileSystem files_{false};
  testing::TestEngine engine_{&files_};
  schema::TablePtr table_;
};

TEST_F(CompactionTest, LeveledTablesOfALevelDoNotOverlapAndKeepTheirSize) {
  constexpr uint64_t kScale = 256;  // 4 KiB are a MiB.
  Start({{"class", "LeveledCompactionStrategy"}, {"sstable_size_in_mb", "1"}, {"fanout_size", "3"}}, kScale);
  for (int32_t i = 0; i < 30; ++i) {
    FlushRows(i * 40, 60, 1000 + i);
    Ok(engine_->CompactPending());
  }
  std::map<uint32_t, int64_t> last_of_level;
  std::map<uint32_t, uint64_t> bytes_of_level;
  for (const manifest::SstableInfo& info : Infos()) {
    bytes_of_level[info.level] += info.size_bytes;
    if (info.level == 0) continue;
    if (last_of_level.contains(info.level)) {
      EXPECT_GT(info.min_token, last_of_level[info.level]);
    }
    last_of_level[info.level] = info.max_token;
    EXPECT_LE(info.size_bytes, 16u << 10);  // A row group more than asked for, and the file's ends.
  }
  EXPECT_GE(last_of_level.size(), 2u);
  EXPECT_LE(bytes_of_level[1], 3 * (4u << 10) * 1.01);
  EXPECT_EQ(Read().size(), 1220u);
  EXPECT_EQ(Statistics().pending_compactions, 0u);
}

TEST_F(CompactionTest, LevelsAreThereAfterReopening) {
  Start({{"class", "LeveledCompactionStrategy"}, {"sstable_size_in_mb", "1"}}, 256);
  for (int32_t i = 0; i < 6; ++i) FlushRows(i * 40, 60, 1000 + i);
  Ok(engine_->CompactPending());
  const std::vector<manifest::SstableInfo> before = Infos();
  ASSERT_TRUE(std::any_of(before.begin(), before.end(), [](const auto& info) { return info.level > 0; }));
  engine_.Close();
  ASSERT_TRUE(engine_.Open().ok());
  table_ = engine_.table();
  EXPECT_EQ(Infos(), before);
}

TEST_F(CompactionTest, ATableThatOverlapsNothingMovesUpAsItIs) {
  Start({{"class", "LeveledCompactionStrategy"}, {"sstable_size_in_mb", "1"}, {"fanout_size", "2"}}, 256);
  for (int32_t i = 0; i < 8; ++i) FlushRows(i * 40, 60, 1000 + i);
  Ok(engine_->CompactPending());
  const std::vector<manifest::SstableInfo> infos = Infos();
  // Level 1 was filled past its share by one merge; from there tables went to the empty level 2 one by one.
  EXPECT_GE(infos.size(), 3u);
  EXPECT_TRUE(std::any_of(infos.begin(), infos.end(), [](const auto& info) { return info.level == 2; }));
  engine_.Close();
  ASSERT_TRUE(engine_.Open().ok());
  table_ = engine_.table();
  EXPECT_EQ(Infos(), infos);
  EXPECT_EQ(Read().size(), 340u);
}

TEST_F(CompactionTest, UnifiedTablesEndWithTheirShards) {
  Start({{"class", "UnifiedCompactionStrategy"},
         {"scaling_parameters", "N"},
         {"base_shard_count", "4"},
         {"min_sstable_size", "0B"}});
  FlushRows(0, 200, 1000);
  FlushRows(100, 200, 1001);
  Ok(engine_->CompactPending());
  const std::vector<manifest::SstableInfo> infos = Infos();
  ASSERT_EQ(infos.size(), 4u);
  for (size_t i = 0; i < infos.size(); ++i) {
    // Quarters of the ring.
    EXPECT_EQ((infos[i].min_token >> 62) + 2, static_cast<int64_t>(i));
    EXPECT_EQ((infos[i].max_token >> 62) + 2, static_cast<int64_t>(i));
  }
  EXPECT_EQ(Read().size(), 300u);
}

TEST_F(CompactionTest, ATombstoneGoesOnlyAfterGcGraceSeconds) {
  Start({{"class", "SizeTieredCompactionStrategy"}});
  FlushWith(Insert(*table_, 1, 1, 10, "a", 1000));
  FlushWith(Write(*table_, 1).Row(1).RowDeletion(2000, kStartSeconds));
  engine_.clock.AdvanceSeconds(kGcGraceSeconds);  // Made at kStartSeconds: not before now - gc_grace_seconds.
  Ok(engine_->Compact(nullptr));
  EXPECT_EQ(Statistics().sstable_tombstones, 1u);
  engine_.clock.AdvanceSeconds(1);
  Ok(engine_->Compact(nullptr));
  EXPECT_EQ(Statistics().sstable_count, 0u);
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_F(CompactionTest, ATombstoneStaysWhileATableElsewhereMayHoldWhatItCovers) {
  Start({{"class", "TimeWindowCompactionStrategy"}, {"compaction_window_unit", "MINUTES"}});
  FlushWith(Insert(*table_, 1, 1, 10, "a", 1'000'000));                        // The first minute,
  FlushWith(Write(*table_, 1).Row(1).RowDeletion(90'000'000, kStartSeconds));  // the second.
  engine_.clock.AdvanceSeconds(kGcGraceSeconds + 1);
  Ok(engine_->CompactPending());
  EXPECT_EQ(Statistics().sstable_tombstones, 1u);
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_F(CompactionTest, ATombstoneStaysWhileAMemtableHoldsAnOlderWrite) {
  Start({{"class", "SizeTieredCompactionStrategy"}});
  FlushWith(Write(*table_, 1).Row(1).RowDeletion(2000, kStartSeconds));
  FlushWith(Write(*table_, 1).Row(2).RowDeletion(2000, kStartSeconds));
  engine_.clock.AdvanceSeconds(kGcGraceSeconds + 1);
  Put(Insert(*table_, 1, 1, 10, "a", 1000));
  Ok(engine_->Compact(nullptr));
  EXPECT_EQ(Statistics().sstable_tombstones, 2u);
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_F(CompactionTest, ATombstoneOfAnotherPartitionGoes) {
  Start({{"class", "TimeWindowCompactionStrategy"}, {"compaction_window_unit", "MINUTES"}});
  FlushWith(Insert(*table_, 2, 1, 10, "a", 1'000'000));
  FlushWith(Write(*table_, 1).Row(1).RowDeletion(90'000'000, kStartSeconds));
  FlushWith(Insert(*table_, 1, 2, 10, "a", 100'000'000));
  engine_.clock.AdvanceSeconds(kGcGraceSeconds + 1);
  Ok(engine_->Compact(nullptr));
  EXPECT_EQ(Statistics().sstable_tombstones, 0u);
  EXPECT_THAT(Read(), ElementsAre("1|2|null|10|a", "2|1|null|10|a"));
}

TEST_F(CompactionTest, UnrepairedTombstonesStayWhenOnlyRepairedOnesMayGo) {
  Start({{"class", "SizeTieredCompactionStrategy"}, {"only_purge_repaired_tombstones", "true"}});
  FlushWith(Insert(*table_, 1, 1, 10, "a", 1000));
  FlushWith(Write(*table_, 1).Row(1).RowDeletion(2000, kStartSeconds));
  engine_.clock.AdvanceSeconds(kGcGraceSeconds * 10);
  Ok(engine_->Compact(nullptr));
  EXPECT_EQ(Statistics().sstable_tombstones, 1u);
}

TEST_F(CompactionTest, ATableOfTombstonesIsRewrittenAloneOnceTheyMayGo) {
  Start({{"class", "SizeTieredCompactionStrategy"}, {"tombstone_compaction_interval", "200"}});
  FlushWith(Write(*table_, 1).Row(1).RowDeletion(2000, kStartSeconds));
  engine_.clock.AdvanceSeconds(199);
  Ok(engine_->CompactPending());
  EXPECT_EQ(Statistics().sstable_count, 1u);
  engine_.clock.AdvanceSeconds(1);
  Ok(engine_->CompactPending());
  EXPECT_EQ(Statistics().sstable_count, 0u);
}

TEST_F(CompactionTest, ARowExpiresInItsSecond) {
  for (const bool is_flushed : {false, true}) {
    SCOPED_TRACE(is_flushed);
    if (!is_flushed) Start({{"class", "SizeTieredCompactionStrategy"}});
    const int64_t now = engine_.clock.NowSeconds();
    Put(Write(*table_, 1).Row(1).Marker(1000 + now, 10, now).Cell("v", IntBytes(1), 1000 + now, 10, now));
    if (is_flushed) Ok(engine_->Flush(nullptr));
    engine_.clock.AdvanceSeconds(9);
    EXPECT_THAT(Read(), ElementsAre("1|1|null|1|null"));
    Ok(engine_->Compact(nullptr));
    EXPECT_THAT(Read(), ElementsAre("1|1|null|1|null"));
    engine_.clock.AdvanceSeconds(1);
    EXPECT_THAT(Read(), IsEmpty());
    Ok(engine_->Compact(nullptr));
    EXPECT_THAT(Read(), IsEmpty());
  }
}

TEST_F(CompactionTest, ACellExpiresAloneAndItsRowStays) {
  Start({{"class", "SizeTieredCompactionStrategy"}});
  FlushWith(Write(*table_, 1)
                .Row(1)
                .Marker(1000)
                .Cell("v", IntBytes(1), 1000, 5, kStartSeconds)
                .Cell("w", "w", 1000, 6, kStartSeconds));
  engine_.clock.AdvanceSeconds(5);
  EXPECT_THAT(Read(), ElementsAre("1|1|null|null|w"));
  engine_.clock.AdvanceSeconds(1);
  EXPECT_THAT(Read(), ElementsAre("1|1|null|null|null"));
}

TEST_F(CompactionTest, AWindowWhoseRowsHaveAllExpiredGoesUnread) {
  Start({{"class", "TimeWindowCompactionStrategy"}, {"compaction_window_unit", "MINUTES"}});
  FlushWith(Write(*table_, 1).Row(1).Marker(1000, 10).Cell("v", IntBytes(1), 1000, 10));
  MakeUnreadable(Infos()[0].file_number);
  FlushWith(Insert(*table_, 3, 1, 3, "w", 90'000'000));
  engine_.clock.AdvanceSeconds(10 + kGcGraceSeconds);  // Its expiry is not before now - gc_grace_seconds.
  Ok(engine_->CompactPending());
  EXPECT_EQ(Statistics().sstable_count, 2u);
  engine_.clock.AdvanceSeconds(1);
  Ok(engine_->CompactPending());
  EXPECT_EQ(Statistics().sstable_count, 1u);
  EXPECT_THAT(Read(), ElementsAre("3|1|null|3|w"));
}

TEST_F(CompactionTest, ExpiredTablesOfAMergeAreNotRead) {
  Start({{"class", "SizeTieredCompactionStrategy"}});
  FlushWith(Write(*table_, 1).Row(1).Marker(1000, 10).Cell("v", IntBytes(1), 1000, 10));
  MakeUnreadable(Infos()[0].file_number);
  FlushWith(Insert(*table_, 2, 1, 2, "w", 5000));
  FlushWith(Insert(*table_, 3, 1, 3, "w", 6000));
  engine_.clock.AdvanceSeconds(11 + kGcGraceSeconds);
  Ok(engine_->Compact(nullptr));
  EXPECT_EQ(Statistics().sstable_count, 1u);
  EXPECT_EQ(Read().size(), 2u);
}

TEST_F(CompactionTest, NothingIsLeftOfTablesThatHaveAllExpired) {
  Start({{"class", "LeveledCompactionStrategy"}});
  FlushWith(Write(*table_, 1).Row(1).Marker(1000, 10).Cell("v", IntBytes(1), 1000, 10));
  FlushWith(Write(*table_, 2).Row(1).Marker(1001, 10).Cell("v", IntBytes(1), 1001, 10));
  engine_.clock.AdvanceSeconds(11 + kGcGraceSeconds);
  Ok(engine_->Compact(nullptr));
  EXPECT_EQ(Statistics().sstable_count, 0u);
}

}  // namespace
}  // namespace cassette::storage::engine
