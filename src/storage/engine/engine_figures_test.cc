// What the engine says of itself: statistics of tables, metrics in the registry, a log line for each flush and
// compaction.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/mutex.h"
#include "metrics/metrics.h"
#include "storage/engine/table_metrics.h"
#include "storage/engine/test_support.h"

namespace cassette::storage::engine {
namespace {

using testing::Apply;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using testing::Insert;
using testing::KeyOf;
using testing::MakeTable;
using testing::ReadAll;
using testing::Rows;
using testing::Write;

class CapturingLogger final : public base::Logger {
 public:
  bool Enabled(base::LogLevel level) const override { return level >= base::LogLevel::kInfo; }
  void Write(base::LogLevel, std::string_view message) override {
    base::MutexLock lock(mutex_);
    text_ += std::string(message) + "\n";
  }
  std::string text() const {
    base::MutexLock lock(mutex_);
    return text_;
  }

 private:
  mutable base::Mutex mutex_;
  std::string text_ CASSETTE_GUARDED_BY(mutex_);
};

class EngineFigures : public ::testing::Test {
 protected:
  void SetUp() override {
    EngineOptions options;
    options.background_threads = 0;
    options.commitlog_segment_bytes = 1 << 20;
    auto opened = Engine::Open("/data", options, {&files_, &clock_, &logger_, 1, &registry_});
    ASSERT_TRUE(opened.ok());
    engine_ = std::move(*opened);
    ASSERT_TRUE(testing::CreateTable(engine_.get(), MakeTable()).ok());
    // Two SSTables of 20 partitions each, a tombstone in the second, and a row in the memtable.
    for (int flush = 0; flush < 2; ++flush) {
      for (int32_t k = 0; k < 20; ++k) Put(flush * 100 + k);
      if (flush == 1) {
        ASSERT_TRUE(Apply(engine_.get(), Write(table(), 100).Row(1).RowDeletion(100)).ok());
      }
      ASSERT_TRUE(engine_->Flush(nullptr).ok());
    }
    Put(500);
  }
  void TearDown() override { ASSERT_TRUE(engine_->Close().ok()); }

  const schema::Table& table() { return *engine_->schema()->FindTable("ks", "t"); }
  void Put(int32_t k) { ASSERT_TRUE(Apply(engine_.get(), Insert(table(), k, k, k, "text", 10)).ok()); }
  TableStatistics Statistics() { return engine_->Statistics().tables.at(0); }
  void Read(int32_t k) {
    ReadCommand command = ReadAll(engine_->schema()->FindTable("ks", "t"));
    command.keys = {KeyOf(k)};
    ASSERT_TRUE(Rows(engine_.get(), command).ok());
  }

  io::MemFileSystem files_{false};
  base::ManualClock clock_{testing::kStartSeconds * 1'000'000};
  CapturingLogger logger_;
  metrics::Registry registry_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(EngineFigures, TablesCountWhatTheyHold) {
  const TableStatistics statistics = Statistics();
  EXPECT_EQ(statistics.sstable_count, 2u);
  EXPECT_EQ(statistics.sstable_rows, 41u);
  EXPECT_GE(statistics.sstable_tombstones, 1u);
  EXPECT_EQ(statistics.memtable_rows, 1u);
  EXPECT_GT(statistics.memtable_bytes, 0u);
  EXPECT_EQ(statistics.partitions_estimate, 41u);
  EXPECT_GT(statistics.mean_partition_bytes, 0u);
  EXPECT_EQ(statistics.max_partition_rows, 2u);
  EXPECT_EQ(statistics.pending_flushes, 0u);
  EXPECT_EQ(statistics.flushes, 2u);
  EXPECT_EQ(statistics.flushed_bytes, statistics.sstable_bytes);
  EXPECT_EQ(statistics.writes, 42u);
  EXPECT_EQ(statistics.write_latency.samples, 3u);
}

TEST_F(EngineFigures, TablesCountWhatReadsLookInto) {
  for (int32_t k = 0; k < 20; ++k) Read(k);
  TableStatistics statistics = Statistics();
  EXPECT_EQ(statistics.reads, 20u);
  EXPECT_GE(statistics.sstables_read, 20u);
  EXPECT_GE(statistics.sstables_skipped, 10u);
  EXPECT_EQ(statistics.rows_read, 20u);
  EXPECT_EQ(statistics.tombstones_read, 0u);
  EXPECT_EQ(statistics.read_latency.samples, 2u);
  Read(100);
  EXPECT_GE(Statistics().tombstones_read, 1u);
}

TEST_F(EngineFigures, FlushesAndCompactionsAreLinesInTheLog) {
  ASSERT_TRUE(engine_->Compact(nullptr).ok());
  EXPECT_THAT(logger_.text(), ContainsRegex("flushed ks.t: 20 rows, [0-9]+ bytes of memory to [0-9]+ bytes in "
                                            "0000000001.sst .ratio [0-9.]+. in [0-9]+ ms"));
  EXPECT_THAT(logger_.text(), ContainsRegex("compacted ks.t: 2 SSTables to 1, 41 rows to 4[01], [0-9]+ bytes to [0-9]+ "
                                            ".ratio [0-9.]+. in [0-9]+ ms: "));
  EXPECT_EQ(Statistics().compactions, 1u);
  EXPECT_GT(Statistics().compacted_bytes, 0u);
  EXPECT_TRUE(engine_->Statistics().compactions.empty());
}

TEST_F(EngineFigures, TheRegistryHasAllOfIt) {
  Read(1);
  ASSERT_TRUE(engine_->Compact(nullptr).ok());
  (void)engine_->Statistics();
  const std::string text = registry_.ToText();
  for (const char* line :
       {"cassette_flushed_rows_total 41\n", "cassette_compacted_sstables_total 2\n", "cassette_reads_total 1\n",
        "cassette_rows_read_total 1\n", "cassette_sstables 1\n", "cassette_commitlog_records 42\n",
        "cassette_pending_compactions 0\n", "cassette_flush_seconds_count 2\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(LatencyFigures, KnowMeanAndNinetyNinthPercentile) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.Statistics().samples, 0u);
  for (int i = 0; i < 98; ++i) histogram.Observe(1'000);
  for (int i = 0; i < 2; ++i) histogram.Observe(1'000'000);
  const LatencyStatistics statistics = histogram.Statistics();
  EXPECT_EQ(statistics.samples, 100u);
  EXPECT_NEAR(statistics.mean_seconds, 20.98e-6, 1e-9);
  EXPECT_NEAR(statistics.p99_seconds, 1'048'576e-9, 1e-9);
}

}  // namespace
}  // namespace cassette::storage::engine
