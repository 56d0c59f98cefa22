#include "storage/manifest/manifest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "io/fault_file_system.h"
#include "io/mem_file_system.h"
#include "storage/manifest/manifest_format.h"

namespace cassette::storage::manifest {
namespace {

using base::Code;
using io::Fault;
using io::FaultFileSystem;
using io::MemFileSystem;
using io::PowerCut;

constexpr char kDirectory[] = "/data";
constexpr TableId kTable = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr TableId kOther = {16};

base::Result<std::unique_ptr<Manifest>> Open(io::FileSystem& file_system, uint64_t log_bytes_max = 1 << 20) {
  static base::NullLogger logger;
  ManifestOptions options;
  options.log_bytes_max = log_bytes_max;
  return Manifest::Open(file_system, kDirectory, logger, options);
}

std::unique_ptr<Manifest> MustOpen(io::FileSystem& file_system, uint64_t log_bytes_max = 1 << 20) {
  auto manifest = Open(file_system, log_bytes_max);
  EXPECT_TRUE(manifest.ok()) << manifest.status().ToString();
  return manifest.ok() ? std::move(*manifest) : nullptr;
}

SstableInfo Sstable(uint64_t file_number) {
  SstableInfo info;
  info.file_number = file_number;
  info.table_id = kTable;
  info.level = 2;
  info.size_bytes = 1'000'000;
  info.row_count = 50'000;
  info.tombstone_count = 3;
  info.min_token = -5'000'000'000;
  info.max_token = 5'000'000'000;
  info.min_write_time = 1'700'000'000'000'000;
  info.max_write_time = 1'700'000'000'000'999;
  return info;
}

ManifestEdit Add(uint64_t file_number) {
  ManifestEdit edit;
  edit.add_sstables = {Sstable(file_number)};
  return edit;
}

ManifestEdit Everything() {
  ManifestEdit edit = Add(7);
  edit.put_payloads = {{"schema/music", "bytes\0of a schema"}, {"empty", ""}};
  edit.log_positions = {{kTable, 0x100000030}};
  edit.next_file_number = 9;
  return edit;
}

std::string PathOf(const std::string& name) { return io::JoinPath(kDirectory, name); }
std::string Contents(io::FileSystem& file_system, const std::string& path) {
  auto bytes = io::ReadFile(file_system, path, 1 << 24);
  EXPECT_TRUE(bytes.ok()) << bytes.status().ToString();
  return bytes.ok() ? *bytes : "";
}

TEST(ManifestTest, BeginsEmpty) {
  MemFileSystem file_system;
  auto manifest = MustOpen(file_system);
  EXPECT_EQ(manifest->state(), ManifestState());
  EXPECT_EQ(manifest->log_position(kTable), 0u);
  EXPECT_EQ(manifest->log_position_max(), 0u);
  EXPECT_EQ(manifest->payload("x").status().code(), Code::kNotFound);
  EXPECT_EQ(*file_system.ListDir(kDirectory), (std::vector<std::string>{"CURRENT", "manifest-0000000001.log"}));
  EXPECT_EQ(manifest->log_name(), "manifest-0000000001.log");
}

TEST(ManifestTest, FindsEverythingAgain) {
  MemFileSystem file_system;
  ManifestState expected;
  {
    auto manifest = MustOpen(file_system);
    ASSERT_TRUE(manifest->Apply(Everything()).ok());
    expected = manifest->state();
  }
  auto manifest = MustOpen(file_system);
  EXPECT_EQ(manifest->state(), expected);
  EXPECT_EQ(manifest->sstables(), std::vector<SstableInfo>{Sstable(7)});
  EXPECT_EQ(*manifest->payload("empty"), "");
  EXPECT_EQ(manifest->log_position(kTable), 0x100000030u);
  EXPECT_EQ(manifest->log_position_max(), 0x100000030u);
  EXPECT_EQ(manifest->NewFileNumber(), 9u);
  EXPECT_EQ(manifest->NewFileNumber(), 10u);
}

TEST(ManifestTest, OneEditReplacesSstables) {
  MemFileSystem file_system;
  auto manifest = MustOpen(file_system);
  ASSERT_TRUE(manifest->Apply(Add(1)).ok());
  ASSERT_TRUE(manifest->Apply(Add(2)).ok());
  ManifestEdit compaction = Add(3);
  compaction.remove_sstables = {1, 2};
  ASSERT_TRUE(manifest->Apply(compaction).ok());
  EXPECT_EQ(manifest->sstables(), std::vector<SstableInfo>{Sstable(3)});
  ManifestEdit relevel = Add(3);
  relevel.add_sstables[0].level = 5;
  relevel.remove_sstables = {3};
  ASSERT_TRUE(manifest->Apply(relevel).ok());
  EXPECT_EQ(MustOpen(file_system)->sstables()[0].level, 5u);
}

TEST(ManifestTest, AnEditThatContradictsTheStateChangesNothing) {
  MemFileSystem file_system;
  auto manifest = MustOpen(file_system);
  ASSERT_TRUE(manifest->Apply(Everything()).ok());
  const ManifestState before = manifest->state();
  const uint64_t bytes_before = manifest->log_bytes();
  std::vector<ManifestEdit> wrong(7);
  wrong[0] = Add(7);
  wrong[1].remove_sstables = {8};
  wrong[2].remove_sstables = {7, 7};
  wrong[3].remove_payloads = {"none"};
  wrong[4].remove_payloads = {"empty", "empty"};
  wrong[5].add_sstables = {Sstable(8), Sstable(8)};
  wrong[6].put_payloads = {{"empty", "x"}};
  wrong[6].remove_payloads = {"empty"};
  for (ManifestEdit& edit : wrong) {
    edit.put_payloads.emplace_back("more", "x");
    EXPECT_EQ(manifest->Apply(edit).code(), Code::kInvalidArgument);
  }
  EXPECT_EQ(manifest->state(), before);
  EXPECT_EQ(manifest->log_bytes(), bytes_before);
  EXPECT_TRUE(manifest->Apply(ManifestEdit()).ok());
  EXPECT_EQ(manifest->log_bytes(), bytes_before);
}

TEST(ManifestTest, PositionsAndNumbersNeverFall) {
  MemFileSystem file_system;
  auto manifest = MustOpen(file_system);
  ManifestEdit edit;
  edit.log_positions = {{kTable, 100}, {kOther, 200}};
  edit.next_file_number = 50;
  ASSERT_TRUE(manifest->Apply(edit).ok());
  edit.log_positions = {{kTable, 99}};
  edit.next_file_number = 49;
  ASSERT_TRUE(manifest->Apply(edit).ok());
  EXPECT_EQ(manifest->log_position(kTable), 100u);
  EXPECT_EQ(manifest->NewFileNumber(), 50u);
  ManifestEdit forget;
  forget.forget_log_positions = {kOther};
  ASSERT_TRUE(manifest->Apply(forget).ok());
  auto again = MustOpen(file_system);
  EXPECT_EQ(again->log_position(kOther), 0u);
  EXPECT_EQ(again->log_position_max(), 100u);
  EXPECT_EQ(again->NewFileNumber(), 51u);  // 50 was handed out before the last edit.
}

TEST(ManifestTest, IsRewrittenPastItsBound) {
  MemFileSystem file_system;
  auto manifest = MustOpen(file_system, 1000);
  for (uint64_t i = 1; i <= 200; ++i) {
    ManifestEdit edit = Add(i);
    if (i > 3) edit.remove_sstables = {i - 3};
    ASSERT_TRUE(manifest->Apply(edit).ok());
    EXPECT_LE(manifest->log_bytes(), 1200u);
    if (i % 50 == 0) {
      EXPECT_EQ(MustOpen(file_system, 1000)->state(), manifest->state());
    }
    if (i % 50 == 0) manifest = MustOpen(file_system, 1000);
  }
  EXPECT_EQ(manifest->sstables().size(), 3u);
  EXPECT_NE(manifest->log_name(), "manifest-0000000001.log");
  EXPECT_EQ(*file_system.ListDir(kDirectory), (std::vector<std::string>{"CURRENT", manifest->log_name()}));
}

TEST(ManifestTest, ManyThreadsApply) {
  MemFileSystem file_system;
  auto manifest = MustOpen(file_system, 2000);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) EXPECT_TRUE(manifest->Apply(Add(manifest->NewFileNumber())).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(manifest->sstables().size(), 200u);
  EXPECT_EQ(MustOpen(file_system)->state(), manifest->state());
}

// A manifest with three edits: SSTables 1, 2, 3. Where each edit ends, confirmations not counted.
struct ThreeEdits {
  ThreeEdits() {
    auto manifest = MustOpen(file_system);
    for (uint64_t i = 1; i <= 3; ++i) {
      starts.push_back(manifest->log_bytes());
      EXPECT_TRUE(manifest->Apply(Add(i)).ok());
    }
    path = PathOf(manifest->log_name());
    bytes = Contents(file_system, path);
  }
  base::Result<std::unique_ptr<Manifest>> OpenWith(const std::string& changed) {
    EXPECT_TRUE(io::WriteFileAtomically(file_system, path, changed).ok());
    return Open(file_system);
  }
  MemFileSystem file_system;
  std::vector<uint64_t> starts;
  std::string path;
  std::string bytes;
};

TEST(ManifestDamageTest, ALastEditTornAtAnyByteIsCutOff) {
  ThreeEdits three;
  const uint64_t edit_end = three.bytes.size() - kEditHeaderBytes;
  for (uint64_t cut = three.starts[2]; cut <= three.bytes.size(); ++cut) {
    for (const char* how : {"short file", "zeros", "garbage"}) {
      std::string torn = three.bytes.substr(0, cut);
      if (how != std::string_view("short file")) {
        torn.resize(edit_end + 5, how == std::string_view("zeros") ? '\0' : '\xa5');
      }
      const size_t expected = cut < edit_end ? 2 : 3;
      auto manifest = three.OpenWith(torn);
      ASSERT_TRUE(manifest.ok()) << how << " at " << cut << ": " << manifest.status().ToString();
      ASSERT_EQ((*manifest)->sstables().size(), expected) << how << " at " << cut;
      ASSERT_TRUE((*manifest)->Apply(Add(10)).ok());
      ASSERT_EQ(MustOpen(three.file_system)->sstables().size(), expected + 1);
    }
  }
}

TEST(ManifestDamageTest, AnyFlippedBitIsRefusedByFileAndOffset) {
  ThreeEdits three;
  const uint64_t edit_end = three.bytes.size() - kEditHeaderBytes;
  for (uint64_t bit = 0; bit < edit_end * 8; ++bit) {
    std::string bad = three.bytes;
    bad[bit / 8] ^= static_cast<char>(1 << bit % 8);
    const auto manifest = three.OpenWith(bad);
    ASSERT_FALSE(manifest.ok()) << bit;
    EXPECT_NE(manifest.status().message().find(three.path), std::string_view::npos);
    if (bit / 8 < kManifestHeaderBytes) continue;
    EXPECT_EQ(manifest.status().code(), Code::kCorruption);
    EXPECT_NE(manifest.status().message().find(", offset "), std::string_view::npos);
  }
}

TEST(ManifestDamageTest, NamesWhatIsNotOurs) {
  ThreeEdits three;
  EXPECT_EQ(three.OpenWith(std::string(100, 'x')).status().message(),
            "/data/manifest-0000000001.log: is not a manifest of Cassette");
  std::string other = three.bytes;
  other[8] = 9;
  EXPECT_EQ(
      three.OpenWith(other).status().ToString(),
      base::FailedPrecondition("/data/manifest-0000000001.log: manifest of version 9, this program reads version 1")
          .ToString());
  EXPECT_EQ(three.OpenWith("").status().code(), Code::kCorruption);
}

TEST(ManifestDamageTest, AWrongCurrentIsRefused) {
  ThreeEdits three;
  for (const char* text : {"", "\n", "x", "manifest-0000000001.log", "manifest-00000000x1.log\n"}) {
    ASSERT_TRUE(io::WriteFileAtomically(three.file_system, PathOf(kCurrentName), text).ok());
    EXPECT_EQ(Open(three.file_system).status().message(), "/data/CURRENT, offset 0: does not name a manifest log")
        << text;
  }
  ASSERT_TRUE(io::WriteFileAtomically(three.file_system, PathOf(kCurrentName), "manifest-0000000002.log\n").ok());
  EXPECT_EQ(Open(three.file_system).status().message(),
            "/data/manifest-0000000002.log, offset 0: is missing, though /data/CURRENT names it");
  ASSERT_TRUE(three.file_system.Remove(PathOf(kCurrentName)).ok());
  EXPECT_EQ(Open(three.file_system).status().message(),
            "/data/CURRENT, offset 0: is missing, though manifest-0000000001.log is there");
}

// Applies edits 1 to `count`, one SSTable each, until one fails. Returns how many were acknowledged.
uint64_t Drive(io::FileSystem& file_system, uint64_t count) {
  auto manifest = Open(file_system, 400);
  if (!manifest.ok()) return 0;
  for (uint64_t i = 1; i <= count; ++i) {
    ManifestEdit edit = Add(i);
    edit.put_payloads = {{"last", std::to_string(i)}};
    if (!(*manifest)->Apply(edit).ok()) return i - 1;
  }
  return count;
}

// The manifest opens and has edits 1 to n for an n that is at least `acknowledged`, whole.
void ExpectAcknowledgedEdits(io::FileSystem& file_system, uint64_t acknowledged) {
  for (int round = 0; round < 2; ++round) {
    auto manifest = Open(file_system, 400);
    ASSERT_TRUE(manifest.ok()) << manifest.status().ToString();
    const uint64_t count = (*manifest)->sstables().size();
    ASSERT_GE(count, acknowledged);
    ASSERT_LE(count, acknowledged + 1);
    EXPECT_EQ((*manifest)->state().next_file_number, count + 1);
    if (count > 0) {
      EXPECT_EQ(*(*manifest)->payload("last"), std::to_string(count));
    }
  }
}

constexpr uint64_t kDrivenEdits = 12;

uint64_t CallsOfADrive() {
  MemFileSystem memory;
  FaultFileSystem file_system(memory);
  EXPECT_EQ(Drive(file_system, kDrivenEdits), kDrivenEdits);
  return file_system.call_count();
}

TEST(ManifestFaultTest, APowerCutAtAnyCallLosesNoAcknowledgedEdit) {
  const uint64_t calls = CallsOfADrive();
  for (uint64_t nth = 1; nth <= calls + 1; ++nth) {
    for (const PowerCut kind : {PowerCut::kDropUnsynced, PowerCut::kTear, PowerCut::kReorder}) {
      for (uint64_t seed = 1; seed <= 4; ++seed) {
        SCOPED_TRACE(fmt::format("call {}, kind {}, seed {}", nth, static_cast<int>(kind), seed));
        MemFileSystem memory;
        FaultFileSystem file_system(memory, kind, seed);
        file_system.FailCall(nth, Fault::kPowerCut);
        const uint64_t acknowledged = Drive(file_system, kDrivenEdits);
        file_system.CutPowerNow();
        file_system.Restart();
        ExpectAcknowledgedEdits(file_system, acknowledged);
      }
    }
  }
}

TEST(ManifestFaultTest, AnyCallMayFailAndNoAcknowledgedEditIsLost) {
  const uint64_t calls = CallsOfADrive();
  for (const Fault fault : {Fault::kIoError, Fault::kNoSpace, Fault::kShortWrite}) {
    for (uint64_t nth = 1; nth <= calls; ++nth) {
      SCOPED_TRACE(fmt::format("call {}, fault {}", nth, static_cast<int>(fault)));
      MemFileSystem memory;
      FaultFileSystem file_system(memory);
      file_system.FailCall(nth, fault);
      ExpectAcknowledgedEdits(memory, Drive(file_system, kDrivenEdits));
    }
  }
}

TEST(ManifestFaultTest, AfterAFailedSyncNothingIsTaken) {
  MemFileSystem memory;
  FaultFileSystem file_system(memory);
  auto manifest = MustOpen(file_system);
  file_system.FailSync(1, Fault::kIoError);
  EXPECT_EQ(manifest->Apply(Add(1)).code(), Code::kUnavailable);
  EXPECT_EQ(manifest->Apply(Add(2)).code(), Code::kUnavailable);
  EXPECT_TRUE(manifest->sstables().empty());
  manifest = MustOpen(file_system);
  EXPECT_TRUE(manifest->Apply(Add(2)).ok());
}

TEST(ManifestFaultTest, GoesOnOnceAFullDiskHasRoomAgain) {
  MemFileSystem memory;
  FaultFileSystem file_system(memory);
  auto manifest = MustOpen(file_system);
  ASSERT_TRUE(manifest->Apply(Add(1)).ok());
  for (const Fault fault : {Fault::kNoSpace, Fault::kShortWrite}) {
    file_system.FailCall(1, fault);
    EXPECT_EQ(manifest->Apply(Add(2)).code(), Code::kIoError);
  }
  file_system.SetDiskFull(true);
  EXPECT_EQ(manifest->Apply(Add(2)).code(), Code::kIoError);
  file_system.SetDiskFull(false);
  ASSERT_TRUE(manifest->Apply(Add(3)).ok());
  EXPECT_EQ(manifest->sstables().size(), 2u);
  EXPECT_EQ(MustOpen(memory)->state(), manifest->state());
}

TEST(ManifestFaultTest, ALogCutAfterItWasClosedIsRefused) {
  MemFileSystem memory;
  std::string path;
  {
    auto manifest = MustOpen(memory);
    for (uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(manifest->Apply(Add(i)).ok());
    path = PathOf(manifest->log_name());
    ASSERT_TRUE(manifest->Close().ok());
  }
  const uint64_t size = *memory.FileSize(path);
  for (uint64_t cut = 1; cut < size; ++cut) {
    ASSERT_TRUE(memory.Truncate(path, size - cut).ok());
    base::NullLogger logger;
    const auto opened = Manifest::Open(memory, kDirectory, logger);
    ASSERT_FALSE(opened.ok()) << cut;
    EXPECT_NE(opened.status().message().find(path), std::string::npos) << opened.status().ToString();
  }
}

TEST(ManifestFaultTest, AFullDiskDuringARewriteLeavesTheOldLogInUse) {
  MemFileSystem memory;
  FaultFileSystem file_system(memory);
  auto manifest = MustOpen(file_system, 300);
  for (uint64_t i = 1; i <= 2; ++i) ASSERT_TRUE(manifest->Apply(Add(i)).ok());
  // Append, sync and confirmation of the edit, then the new log's creation.
  file_system.FailCall(4, Fault::kNoSpace);
  const std::string name = manifest->log_name();
  ASSERT_TRUE(manifest->Apply(Add(100)).ok());
  EXPECT_EQ(manifest->log_name(), name);
  ASSERT_TRUE(manifest->Apply(Add(101)).ok());
  EXPECT_NE(manifest->log_name(), name);
  EXPECT_EQ(MustOpen(memory)->state(), manifest->state());
}

}  // namespace
}  // namespace cassette::storage::manifest
