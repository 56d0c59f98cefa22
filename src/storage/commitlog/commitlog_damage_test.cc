// Torn tails, flipped bits, missing files, failing calls, power cuts.
#include <gtest/gtest.h>

#include "codec/fixed.h"
#include "io/fault_file_system.h"
#include "storage/commitlog/commitlog_test_support.h"

namespace cassette::storage::commitlog {
namespace {

using base::Code;
using io::Fault;
using io::FaultFileSystem;
using io::MemFileSystem;
using io::PowerCut;

void Replace(io::FileSystem& file_system, const std::string& path, const std::string& bytes) {
  ASSERT_TRUE(io::WriteFileAtomically(file_system, path, bytes).ok());
}

// Three records in segment 1: "first", "second", "third".
struct ThreeRecords {
  ThreeRecords() {
    OpenLog open = Open(source);
    for (const char* record : {"first", "second", "third"}) positions.push_back(MustAppend(*open.log, record));
    end = open.log->NextPosition().offset;
    killed = CopyAsKilled(source);
    bytes = Contents(*killed, SegmentPath(1));
    EXPECT_TRUE(open.log->Stop().ok());
    stopped_bytes = Contents(source, SegmentPath(1));
  }
  MemFileSystem source;
  std::unique_ptr<MemFileSystem> killed;
  std::vector<CommitPosition> positions;
  uint32_t end = 0;
  std::string bytes;          // Of a killed process.
  std::string stopped_bytes;  // Of one that stopped.
};

const std::vector<std::string> kAll = {"first", "second", "third"};
const std::vector<std::string> kFirstTwo = {"first", "second"};

TEST(CommitLogDamageTest, ATailTornAtAnyByteOfTheLastRecordIsCutOff) {
  ThreeRecords three;
  for (uint32_t cut = three.positions[2].offset; cut <= three.end; ++cut) {
    const std::vector<std::string>& expected = cut == three.end ? kAll : kFirstTwo;
    for (const char* how : {"short file", "zeros", "garbage"}) {
      std::string torn = three.bytes.substr(0, cut);
      if (how != std::string_view("short file")) {
        torn.resize(three.bytes.size(), how == std::string_view("zeros") ? '\0' : '\xa5');
      }
      auto file_system = CopyAsKilled(*three.killed);
      Replace(*file_system, SegmentPath(1), torn);
      OpenLog open = Open(*file_system);
      ASSERT_EQ(open.texts(), expected) << how << " at " << cut << ": " << open.status.ToString();
      // What was cut off stays off, and new records come behind what is left.
      MustAppend(*open.log, "fourth");
      std::vector<std::string> more = expected;
      more.push_back("fourth");
      OpenLog again = Open(CopyAsPowerCut(*file_system));
      ASSERT_EQ(again.texts(), more) << how << " at " << cut << ": " << again.status.ToString();
    }
  }
}

TEST(CommitLogDamageTest, AnyFlippedBitOfAKilledLogIsNoticed) {
  ThreeRecords three;
  for (uint32_t bit = 0; bit < three.end * 8; ++bit) {
    std::string bad = three.bytes;
    bad[bit / 8] ^= static_cast<char>(1 << bit % 8);
    auto file_system = CopyAsKilled(*three.killed);
    Replace(*file_system, SegmentPath(1), bad);
    OpenLog open = Open(*file_system);
    if (bit / 8 >= three.positions[2].offset) {
      EXPECT_EQ(open.texts(), kFirstTwo) << bit;  // As a torn tail.
      continue;
    }
    ASSERT_EQ(open.log, nullptr) << bit;
    EXPECT_NE(open.status.message().find(SegmentPath(1)), std::string_view::npos) << open.status.ToString();
    if (bit / 8 < kSegmentHeaderBytes) continue;
    EXPECT_EQ(open.status.code(), Code::kCorruption);
    const uint32_t record = bit / 8 < three.positions[1].offset ? 0 : 1;
    const std::string place = fmt::format("offset {}:", three.positions[record].offset);
    EXPECT_NE(open.status.message().find(place), std::string_view::npos) << open.status.ToString();
  }
}

TEST(CommitLogDamageTest, AnyFlippedBitOfAStoppedLogIsRefused) {
  ThreeRecords three;
  for (uint32_t bit = 0; bit < three.end * 8; ++bit) {
    std::string bad = three.stopped_bytes;
    bad[bit / 8] ^= static_cast<char>(1 << bit % 8);
    for (const auto& copy : {CopyAsKilled(three.source), CopyAsPowerCut(three.source)}) {
      Replace(*copy, SegmentPath(1), bad);
      ASSERT_EQ(Open(*copy).log, nullptr) << bit;
    }
  }
}

TEST(CommitLogDamageTest, DamageThatAPowerCutCanMakeIsCutOff) {
  ThreeRecords three;
  auto file_system = CopyAsPowerCut(*three.killed);
  std::string bad = three.bytes;
  bad[three.positions[1].offset + kRecordHeaderBytes] ^= 1;
  Replace(*file_system, SegmentPath(1), bad);
  OpenLog open = Open(*file_system);
  EXPECT_EQ(open.texts(), std::vector<std::string>{"first"}) << open.status.ToString();
  EXPECT_EQ(open.log->replayed().dropped_records, 1u);
}

TEST(CommitLogDamageTest, DamageBelowASyncIsRefusedEvenAfterAPowerCut) {
  MemFileSystem source;
  OpenLog open = Open(source);
  const CommitPosition first = MustAppend(*open.log, "first");
  ASSERT_TRUE(open.log->Sync().ok());
  MustAppend(*open.log, "second");
  auto file_system = CopyAsPowerCut(source);
  std::string bad = Contents(*file_system, SegmentPath(1));
  bad[first.offset + kRecordHeaderBytes] ^= 1;
  Replace(*file_system, SegmentPath(1), bad);
  OpenLog again = Open(*file_system);
  EXPECT_EQ(again.status.ToString(),
            "corruption: /log/commitlog-0000000001.log, offset 48: a commit log record is damaged; intact records "
            "follow it (the next at offset 69 of /log/commitlog-0000000001.log)");
}

// Fills `count` segments with records of 20,000 bytes, synced at the end.
std::vector<CommitPosition> FillSegments(io::FileSystem& file_system, uint32_t count) {
  OpenLog open = Open(file_system);
  std::vector<CommitPosition> positions;
  while (positions.empty() || positions.back().segment_id < count) {
    positions.push_back(MustAppend(*open.log, std::string(20'000, 'x')));
  }
  EXPECT_TRUE(open.log->Sync().ok());
  positions.push_back(MustAppend(*open.log, "after the sync"));
  return positions;
}

TEST(CommitLogDamageTest, DamageInAnOlderSegmentIsRefused) {
  MemFileSystem source;
  const std::vector<CommitPosition> positions = FillSegments(source, 3);
  for (const auto& copy : {CopyAsKilled(source), CopyAsPowerCut(source)}) {
    std::string bad = Contents(*copy, SegmentPath(2));
    bad[10'000] ^= 1;
    Replace(*copy, SegmentPath(2), bad);
    OpenLog open = Open(*copy);
    ASSERT_EQ(open.log, nullptr);
    EXPECT_EQ(open.status.code(), Code::kCorruption);
    EXPECT_TRUE(open.status.message().starts_with("/log/commitlog-0000000002.log, offset 48:"))
        << open.status.ToString();
  }
}

TEST(CommitLogDamageTest, AMissingSegmentIsRefused) {
  MemFileSystem source;
  FillSegments(source, 3);
  auto file_system = CopyAsPowerCut(source);
  ASSERT_TRUE(file_system->Remove(SegmentPath(2)).ok());
  OpenLog open = Open(*file_system);
  EXPECT_EQ(open.status.ToString(),
            "corruption: /log/commitlog-0000000003.log, offset 0: the segment before it, commitlog-0000000002.log, is "
            "missing");
}

TEST(CommitLogDamageTest, AMissingOldestSegmentWasReleased) {
  MemFileSystem source;
  const size_t all = FillSegments(source, 3).size();
  auto file_system = CopyAsPowerCut(source);
  ASSERT_TRUE(file_system->Remove(SegmentPath(1)).ok());
  OpenLog open = Open(*file_system);
  EXPECT_EQ(open.replayed.size(), all - 3) << open.status.ToString();
}

TEST(CommitLogDamageTest, ARenamedSegmentIsRefused) {
  ThreeRecords three;
  auto file_system = CopyAsKilled(*three.killed);
  ASSERT_TRUE(file_system->Rename(SegmentPath(1), SegmentPath(9)).ok());
  EXPECT_EQ(Open(*file_system).status.message(),
            "/log/commitlog-0000000009.log, offset 0: holds segment 1, its name says 9");
}

TEST(CommitLogDamageTest, FilesThatAreNotOursAreRefusedByName) {
  MemFileSystem file_system;
  ASSERT_TRUE(file_system.CreateDirs(kDirectory).ok());
  Replace(file_system, SegmentPath(1), std::string(100, 'x'));
  OpenLog open = Open(file_system);
  EXPECT_EQ(open.status.code(), Code::kFailedPrecondition);
  EXPECT_EQ(open.status.message(), "/log/commitlog-0000000001.log: is not a commit log segment of Cassette");
  Replace(file_system, SegmentPath(1), "");
  EXPECT_EQ(Open(file_system).status.code(), Code::kCorruption);
}

// What a client sees: which records were acknowledged (as the mode asks), which were at least appended.
struct Observed {
  std::vector<std::string> appended;
  size_t acknowledged = 0;  // A prefix of `appended`, since one client writes them in turn.
};

// Appends until something fails or `count` are done, releasing nothing.
Observed Drive(io::FileSystem& file_system, SyncMode mode, int count) {
  Observed observed;
  OpenLog open = Open(file_system, SmallOptions(mode));
  if (open.log == nullptr) return observed;
  for (int i = 0; i < count; ++i) {
    const std::string record = fmt::format("{} {}", i, std::string(i * 7919 % 9000, 'r'));
    const auto position = open.log->Append(record);
    if (!position.ok()) break;
    observed.appended.push_back(record);
    if (i % 3 == 2) continue;  // Some do not wait.
    if (!open.log->WaitDurable(*position).ok()) break;
    observed.acknowledged = observed.appended.size();
  }
  if (open.log->Stop().ok()) observed.acknowledged = observed.appended.size();
  return observed;
}

constexpr int kDrivenRecords = 40;

// The log opens, holds what was acknowledged, and nothing but what was appended, in order.
void ExpectNothingAcknowledgedIsLost(io::FileSystem& file_system, const Observed& observed, size_t acknowledged) {
  for (int round = 0; round < 2; ++round) {  // Recovery must leave something that recovers.
    OpenLog open = Open(file_system);
    ASSERT_NE(open.log, nullptr) << open.status.ToString();
    const std::vector<std::string> left = open.texts();
    ASSERT_GE(left.size(), acknowledged);
    ASSERT_LE(left.size(), observed.appended.size());
    EXPECT_TRUE(std::equal(left.begin(), left.end(), observed.appended.begin()));
  }
}

uint64_t CallsOfADrive(SyncMode mode) {
  MemFileSystem memory;
  FaultFileSystem file_system(memory);
  Drive(file_system, mode, kDrivenRecords);
  return file_system.call_count();
}

TEST(CommitLogPowerCutTest, AtAnyCallNothingAcknowledgedIsLost) {
  for (const SyncMode mode : {SyncMode::kBatch, SyncMode::kPeriodic}) {
    const uint64_t calls = CallsOfADrive(mode) + 2;
    for (uint64_t nth = 1; nth <= calls; ++nth) {
      for (const PowerCut kind : {PowerCut::kDropUnsynced, PowerCut::kTear, PowerCut::kReorder}) {
        const uint64_t seed = nth * 3 + static_cast<uint64_t>(kind);
        SCOPED_TRACE(fmt::format("mode {}, call {}, kind {}, seed {}", static_cast<int>(mode), nth,
                                 static_cast<int>(kind), seed));
        MemFileSystem memory;
        FaultFileSystem file_system(memory, kind, seed);
        file_system.FailCall(nth, Fault::kPowerCut);
        const Observed observed = Drive(file_system, mode, kDrivenRecords);
        file_system.CutPowerNow();
        file_system.Restart();
        const bool promised = mode == SyncMode::kBatch;
        ExpectNothingAcknowledgedIsLost(file_system, observed, promised ? observed.acknowledged : 0);
      }
    }
  }
}

TEST(CommitLogPowerCutTest, DuringRecoveryTooNothingAcknowledgedIsLost) {
  for (uint64_t nth = 1; nth <= 14; ++nth) {
    for (uint64_t seed = 1; seed <= 6; ++seed) {
      SCOPED_TRACE(fmt::format("call {}, seed {}", nth, seed));
      MemFileSystem memory;
      FaultFileSystem file_system(memory, PowerCut::kReorder, seed);
      file_system.FailCall(8 + seed * 7, Fault::kPowerCut);
      const Observed observed = Drive(file_system, SyncMode::kBatch, kDrivenRecords);
      file_system.CutPowerNow();
      file_system.Restart();
      file_system.FailCall(nth, Fault::kPowerCut);
      {
        OpenLog interrupted = Open(file_system);
      }
      file_system.CutPowerNow();
      file_system.Restart();
      ExpectNothingAcknowledgedIsLost(file_system, observed, observed.acknowledged);
    }
  }
}

TEST(CommitLogFaultTest, AnyCallMayFailAndNothingAppendedIsLostByAKill) {
  for (const Fault fault : {Fault::kIoError, Fault::kNoSpace, Fault::kShortWrite}) {
    const uint64_t calls = CallsOfADrive(SyncMode::kBatch) + 2;
    for (uint64_t nth = 1; nth <= calls; ++nth) {
      SCOPED_TRACE(fmt::format("call {}, fault {}", nth, static_cast<int>(fault)));
      MemFileSystem memory;
      FaultFileSystem file_system(memory);
      file_system.FailCall(nth, fault);
      const Observed observed = Drive(file_system, SyncMode::kBatch, kDrivenRecords);
      ExpectNothingAcknowledgedIsLost(memory, observed, observed.appended.size());
    }
  }
}

TEST(CommitLogFaultTest, AnyReadThatFailsDuringReplayIsTold) {
  ThreeRecords three;
  for (uint64_t nth = 1; nth <= 6; ++nth) {
    auto memory = CopyAsKilled(*three.killed);
    FaultFileSystem file_system(*memory);
    file_system.FailRead(nth, Fault::kIoError);
    const OpenLog open = Open(file_system);
    EXPECT_TRUE(open.log == nullptr || open.texts() == kAll) << nth;
    EXPECT_TRUE(open.log != nullptr || open.status.code() == Code::kIoError) << nth;
  }
}

}  // namespace
}  // namespace cassette::storage::commitlog
