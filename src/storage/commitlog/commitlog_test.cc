#include "storage/commitlog/commitlog.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "io/fault_file_system.h"
#include "storage/commitlog/commitlog_test_support.h"

namespace cassette::storage::commitlog {
namespace {

using base::Code;
using io::Fault;
using io::FaultFileSystem;
using io::MemFileSystem;

constexpr uint32_t kRecordMax = CommitLogOptions::kSegmentBytesMin / 2;

TEST(CommitLogTest, ReplaysWhatWasAppendedInOrder) {
  MemFileSystem file_system;
  Records expected;
  {
    OpenLog open = Open(file_system);
    ASSERT_NE(open.log, nullptr) << open.status.ToString();
    EXPECT_TRUE(open.replayed.empty());
    for (int i = 0; i < 1000; ++i) {
      const std::string record = fmt::format("record {}", i);
      expected.emplace_back(MustAppend(*open.log, record), record);
    }
    EXPECT_EQ(open.log->statistics().records, 1000u);
    EXPECT_TRUE(open.log->Stop().ok());
    EXPECT_TRUE(open.log->Stop().ok());
    EXPECT_EQ(open.log->Append("late").status().code(), Code::kUnavailable);
  }
  OpenLog open = Open(file_system);
  ASSERT_NE(open.log, nullptr) << open.status.ToString();
  EXPECT_EQ(open.replayed, expected);
  EXPECT_EQ(open.log->replayed().records, 1000u);
  EXPECT_EQ(open.log->replayed().segments, 1u);
  EXPECT_EQ(open.log->replayed().dropped_records, 0u);
}

TEST(CommitLogTest, JoinsThePiecesOfARecord) {
  MemFileSystem file_system;
  OpenLog open = Open(file_system);
  const std::string_view pieces[] = {"one", "", "two", "three"};
  ASSERT_TRUE(open.log->Append(pieces).ok());
  EXPECT_EQ(Open(CopyAsKilled(file_system)).texts(), std::vector<std::string>{"onetwothree"});
}

TEST(CommitLogTest, SpreadsOverSegmentsAndNoRecordSpansTwo) {
  MemFileSystem file_system;
  Records expected;
  OpenLog open = Open(file_system);
  for (int i = 0; i < 200; ++i) {
    const std::string record(1000 + i * 37 % 5000, static_cast<char>('a' + i % 26));
    expected.emplace_back(MustAppend(*open.log, record), record);
  }
  EXPECT_GT(expected.back().first.segment_id, 5u);
  EXPECT_EQ(open.log->statistics().segments, expected.back().first.segment_id);
  OpenLog again = Open(CopyAsKilled(file_system));
  EXPECT_EQ(again.replayed, expected) << again.status.ToString();
}

TEST(CommitLogTest, TakesRecordsUpToHalfASegment) {
  MemFileSystem file_system;
  OpenLog open = Open(file_system);
  EXPECT_EQ(open.log->record_bytes_max(), kRecordMax);
  for (int i = 0; i < 3; ++i) MustAppend(*open.log, std::string(kRecordMax, 'x'));
  const base::Status status = open.log->Append(std::string(kRecordMax + 1, 'x')).status();
  EXPECT_EQ(status.ToString(),
            "invalid argument: Mutation of 32769 bytes is too large for the maximum size of 32768 (half a commit log "
            "segment)");
  EXPECT_EQ(open.log->Append("").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(Open(CopyAsKilled(file_system)).replayed.size(), 3u);
}

TEST(CommitLogTest, RefusesOptionsOutOfTheirBounds) {
  MemFileSystem file_system;
  CommitLogOptions options = SmallOptions();
  options.segment_bytes = CommitLogOptions::kSegmentBytesMin - io::kBlockBytes;
  EXPECT_EQ(Open(file_system, options).status.code(), Code::kInvalidArgument);
  options.segment_bytes = CommitLogOptions::kSegmentBytesMin + 1;
  EXPECT_EQ(Open(file_system, options).status.code(), Code::kInvalidArgument);
  options.segment_bytes = CommitLogOptions::kSegmentBytesMax + io::kBlockBytes;
  EXPECT_EQ(Open(file_system, options).status.code(), Code::kInvalidArgument);
  options = SmallOptions();
  options.unsynced_segments_max = 0;
  EXPECT_EQ(Open(file_system, options).status.code(), Code::kInvalidArgument);
  options = SmallOptions();
  options.sync_period_ms = 0;
  EXPECT_EQ(Open(file_system, options).status.code(), Code::kInvalidArgument);
}

TEST(CommitLogTest, AFailingReplayCallbackEndsOpen) {
  MemFileSystem file_system;
  {
    MustAppend(*Open(file_system).log, "x");
  }
  base::ManualClock clock(0);
  base::NullLogger logger;
  auto log = CommitLog::Open(SmallOptions(), file_system, clock, logger,
                             [](CommitPosition, std::string_view) { return base::Corruption("no mutation"); });
  EXPECT_EQ(log.status().message(), "no mutation");
}

TEST(CommitLogTest, PositionsGrowOverReopening) {
  MemFileSystem file_system;
  CommitPosition last;
  for (int run = 0; run < 5; ++run) {
    OpenLog open = Open(file_system);
    ASSERT_NE(open.log, nullptr) << open.status.ToString();
    EXPECT_EQ(open.replayed.size(), static_cast<size_t>(run));
    const CommitPosition next = open.log->NextPosition();
    const CommitPosition position = MustAppend(*open.log, "x");
    EXPECT_EQ(position, next);
    EXPECT_GT(position, last);
    EXPECT_GT(open.log->NextPosition(), position);
    last = position;
  }
}

TEST(CommitLogTest, PositionsAreAboveTheFloor) {
  MemFileSystem file_system;
  CommitLogOptions options = SmallOptions();
  options.floor = {41, 1000};
  OpenLog open = Open(file_system, options);
  EXPECT_EQ(MustAppend(*open.log, "x"), (CommitPosition{42, 48}));
}

TEST(CommitLogTest, OpeningWithoutWritingLeavesOneFileBehind) {
  MemFileSystem file_system;
  uint32_t last_id = 0;
  for (int run = 0; run < 5; ++run) {
    uint32_t id = 0;
    {
      OpenLog open = Open(file_system);
      id = open.log->NextPosition().segment_id;
    }
    EXPECT_GT(id, last_id);
    last_id = id;
    EXPECT_EQ(file_system.ListDir(kDirectory)->size(), 1u);
    EXPECT_EQ(*file_system.FileSize(SegmentPath(id)), kSegmentHeaderBytes + kRecordHeaderBytes);
  }
}

TEST(CommitLogTest, ReleasedSegmentsGoAndAreWrittenAgain) {
  MemFileSystem file_system;
  OpenLog open = Open(file_system);
  Records kept;
  for (int i = 0; i < 100; ++i) {
    const std::string record = fmt::format("{:020000}", i);
    kept.emplace_back(MustAppend(*open.log, record), record);
    if (kept.size() < 4) continue;
    const CommitPosition before = kept[kept.size() - 2].first;
    open.log->ReleaseSegmentsBefore(before);
    std::erase_if(kept, [&](const auto& entry) { return entry.first.segment_id < before.segment_id; });
  }
  // What was released is gone soon; a kill may find some of it still there, never with a hole.
  OpenLog again = Open(CopyAsKilled(file_system));
  ASSERT_NE(again.log, nullptr) << again.status.ToString();
  ASSERT_GE(again.replayed.size(), kept.size());
  EXPECT_TRUE(std::equal(kept.rbegin(), kept.rend(), again.replayed.rbegin()));
  EXPECT_TRUE(open.log->Stop().ok());
  EXPECT_LE(open.log->size_bytes(), 3u * CommitLogOptions::kSegmentBytesMin);
  EXPECT_LE(file_system.ListDir(kDirectory)->size(), 8u);
}

TEST(CommitLogTest, SegmentsGoOnceTheyAreSynced) {
  MemFileSystem file_system;
  OpenLog open = Open(file_system, SmallOptions(SyncMode::kBatch));
  std::promise<void> is_called;
  std::promise<void> go_on;
  open.log->OnDurable(MustAppend(*open.log, "first"), [&](const base::Status&) {
    is_called.set_value();
    go_on.get_future().wait();  // Nothing is synced meanwhile.
  });
  is_called.get_future().wait();
  while (open.log->statistics().segments < 3) MustAppend(*open.log, std::string(kRecordMax / 2, 'x'));
  open.log->ReleaseSegmentsBefore({UINT32_MAX, 0});
  EXPECT_EQ(open.log->statistics().segments, 3u);
  go_on.set_value();
  EXPECT_TRUE(open.log->Sync().ok());
  EXPECT_EQ(open.log->statistics().segments, 1u);
}

TEST(CommitLogTest, ReleasingEverythingKeepsTheCurrentSegment) {
  MemFileSystem file_system;
  OpenLog open = Open(file_system);
  const CommitPosition position = MustAppend(*open.log, "kept");
  open.log->ReleaseSegmentsBefore({UINT32_MAX, 0});
  EXPECT_EQ(open.log->statistics().segments, 1u);
  EXPECT_EQ(Open(CopyAsKilled(file_system)).replayed, (Records{{position, "kept"}}));
}

TEST(CommitLogTest, SparesOfAnEarlierRunAreUsedOrRemoved) {
  MemFileSystem file_system;
  ASSERT_TRUE(file_system.CreateDirs(kDirectory).ok());
  for (int i = 0; i < 4; ++i) {
    const std::string bytes(i == 0 ? 100 : CommitLogOptions::kSegmentBytesMin, 'g');
    ASSERT_TRUE(io::WriteFileAtomically(file_system, io::JoinPath(kDirectory, SpareFileName(i)), bytes).ok());
  }
  OpenLog open = Open(file_system);
  MustAppend(*open.log, "over old bytes");
  EXPECT_EQ(file_system.ListDir(kDirectory)->size(), 2u);  // One spare became the segment, one is left.
  EXPECT_EQ(Open(CopyAsKilled(file_system)).texts(), std::vector<std::string>{"over old bytes"});
}

class CommitLogModeTest : public testing::TestWithParam<SyncMode> {};
INSTANTIATE_TEST_SUITE_P(Modes, CommitLogModeTest,
                         testing::Values(SyncMode::kPeriodic, SyncMode::kGroup, SyncMode::kBatch));

TEST_P(CommitLogModeTest, ManyAppendersLoseNothingWhenKilled) {
  MemFileSystem file_system;
  constexpr int kThreads = 4;
  constexpr int kRecords = 300;
  OpenLog open = Open(file_system, SmallOptions(GetParam()));
  std::vector<std::vector<std::pair<CommitPosition, std::string>>> appended(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRecords; ++i) {
        const std::string record = fmt::format("{} {} {}", t, i, std::string(i % 700, 'p'));
        appended[t].emplace_back(MustAppend(*open.log, record), record);
        if (i % 10 != 0) continue;
        EXPECT_TRUE(open.log->WaitDurable(appended[t].back().first).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Records expected;
  for (const auto& records : appended) expected.insert(expected.end(), records.begin(), records.end());
  std::sort(expected.begin(), expected.end());
  OpenLog again = Open(CopyAsKilled(file_system));
  EXPECT_EQ(again.replayed, expected) << again.status.ToString();
}

TEST_P(CommitLogModeTest, CallbacksComeExactlyOnce) {
  MemFileSystem file_system;
  OpenLog open = Open(file_system, SmallOptions(GetParam()));
  std::atomic<int> calls = 0;
  for (int i = 0; i < 500; ++i) {
    open.log->OnDurable(MustAppend(*open.log, std::string(500, 'x')), [&](const base::Status& status) {
      EXPECT_TRUE(status.ok());
      ++calls;
    });
  }
  EXPECT_TRUE(open.log->Stop().ok());
  EXPECT_EQ(calls, 500);
}

TEST_P(CommitLogModeTest, WhatSyncCoveredSurvivesAPowerCut) {
  MemFileSystem memory;
  FaultFileSystem file_system(memory, io::PowerCut::kDropUnsynced, 1);
  {
    OpenLog open = Open(file_system, SmallOptions(GetParam()));
    for (int i = 0; i < 300; ++i) MustAppend(*open.log, std::string(1000, 'a'));
    ASSERT_TRUE(open.log->Sync().ok());
    MustAppend(*open.log, "not covered");
    file_system.CutPowerNow();
    EXPECT_FALSE(open.log->Stop().ok());
  }
  file_system.Restart();
  OpenLog again = Open(file_system);
  EXPECT_EQ(again.texts(), std::vector<std::string>(300, std::string(1000, 'a'))) << again.status.ToString();
}

TEST_P(CommitLogModeTest, AfterAFailedSyncEverythingIsRefused) {
  MemFileSystem memory;
  FaultFileSystem file_system(memory);
  OpenLog open = Open(file_system, SmallOptions(GetParam()));
  const CommitPosition position = MustAppend(*open.log, "x");
  file_system.FailSync(1, Fault::kIoError);
  EXPECT_EQ(open.log->Sync().code(), Code::kUnavailable);
  EXPECT_EQ(open.log->Append("y").status().code(), Code::kUnavailable);
  EXPECT_EQ(open.log->WaitDurable(position).code(), Code::kUnavailable);
  EXPECT_EQ(open.log->Sync().code(), Code::kUnavailable);
  base::Status told;
  open.log->OnDurable(position, [&](const base::Status& status) { told = status; });
  EXPECT_EQ(told.code(), Code::kUnavailable);
  EXPECT_NE(told.message().find("commitlog-0000000001.log, mapped as "), std::string_view::npos) << told.message();
  EXPECT_EQ(open.log->Stop().code(), Code::kUnavailable);
  OpenLog again = Open(memory);
  EXPECT_EQ(again.texts(), std::vector<std::string>{"x"});
  EXPECT_TRUE(again.log->Sync().ok());
}

TEST(CommitLogTest, WaitersAreToldOfAFailedSync) {
  MemFileSystem memory;
  FaultFileSystem file_system(memory);
  OpenLog open = Open(file_system, SmallOptions(SyncMode::kBatch));
  const CommitPosition position = MustAppend(*open.log, "x");
  file_system.FailSync(1, Fault::kIoError);
  EXPECT_EQ(open.log->WaitDurable(position).code(), Code::kUnavailable);
}

TEST(CommitLogTest, AFullDiskRefusesAndLaterWorksAgain) {
  MemFileSystem memory;
  FaultFileSystem file_system(memory);
  CommitLogOptions options = SmallOptions();
  options.sync_period_ms = 1'000'000;
  OpenLog open = Open(file_system, options);
  file_system.SetDiskFull(true);
  MustAppend(*open.log, std::string(kRecordMax, 'a'));  // The segment at hand has its room.
  const base::Status status = open.log->Append(std::string(kRecordMax, 'b')).status();
  EXPECT_EQ(status.code(), Code::kIoError);
  EXPECT_NE(status.message().find("No space left on device"), std::string_view::npos);
  MustAppend(*open.log, "small ones still fit");
  file_system.SetDiskFull(false);
  MustAppend(*open.log, std::string(kRecordMax, 'c'));
  EXPECT_EQ(Open(CopyAsKilled(memory)).replayed.size(), 3u);
}

TEST(CommitLogTest, AppendWaitsAtTheBoundOfUnsyncedSegments) {
  MemFileSystem file_system;
  CommitLogOptions options = SmallOptions();
  options.unsynced_segments_max = 1;
  options.sync_period_ms = 1'000'000;
  OpenLog open = Open(file_system, options);
  for (int i = 0; i < 100; ++i) MustAppend(*open.log, std::string(20'000, 'x'));
  EXPECT_GE(open.log->statistics().syncs, 20u);  // Nearly one a segment, long before the period.
}

TEST(CommitLogTest, OneSyncServesManyWaiters) {
  MemFileSystem file_system;
  CommitLogOptions options = SmallOptions(SyncMode::kGroup);
  options.group_window_ms = 20;
  OpenLog open = Open(file_system, options);
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&] { EXPECT_TRUE(open.log->WaitDurable(MustAppend(*open.log, "x")).ok()); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(open.log->statistics().syncs, 8u);
}

}  // namespace
}  // namespace cassette::storage::commitlog
