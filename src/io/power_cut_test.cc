// What MemFileSystem forgets and FaultFileSystem breaks.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/appender.h"
#include "io/fault_file_system.h"
#include "io/mem_file_system.h"

namespace cassette::io {
namespace {

using base::Code;

std::string Contents(FileSystem& file_system, const std::string& path) {
  auto bytes = ReadFile(file_system, path, 1 << 24);
  return bytes.ok() ? *bytes : bytes.status().ToString();
}

std::unique_ptr<WritableFile> Create(FileSystem& file_system, const std::string& path) {
  auto file = file_system.CreateWritable(path);
  EXPECT_TRUE(file.ok()) << file.status().ToString();
  return std::move(*file);
}

TEST(MemFileSystemTest, SyncedBytesInASyncedDirectorySurvive) {
  MemFileSystem file_system;
  base::Random random(1);
  ASSERT_TRUE(file_system.CreateDirs("/d").ok());
  auto file = Create(file_system, "/d/f");
  ASSERT_TRUE(file->Append("synced").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file_system.SyncDir("/d/").ok());
  ASSERT_TRUE(file->Append(" not").ok());
  const uint64_t boot_id = file_system.BootId();
  file_system.CutPower(PowerCut::kDropUnsynced, random);
  EXPECT_EQ(Contents(file_system, "/d/f"), "synced");
  EXPECT_NE(file_system.BootId(), boot_id);
  ASSERT_TRUE(file->Append("into the void").ok());
  EXPECT_EQ(Contents(file_system, "/d/f"), "synced");
}

TEST(MemFileSystemTest, AFileWhoseDirectoryWasNotSyncedIsGone) {
  MemFileSystem file_system;
  base::Random random(1);
  auto file = Create(file_system, "f");
  ASSERT_TRUE(file->Append("bytes").ok());
  ASSERT_TRUE(file->Sync().ok());
  file_system.CutPower(PowerCut::kDropUnsynced, random);
  EXPECT_FALSE(*file_system.Exists("f"));
}

TEST(MemFileSystemTest, ARenameNotSyncedIsUndone) {
  MemFileSystem file_system;
  base::Random random(1);
  ASSERT_TRUE(WriteFileAtomically(file_system, "CURRENT", "old").ok());
  auto file = Create(file_system, "temporary");
  ASSERT_TRUE(file->Append("new").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file_system.Rename("temporary", "CURRENT").ok());
  file_system.CutPower(PowerCut::kDropUnsynced, random);
  EXPECT_EQ(Contents(file_system, "CURRENT"), "old");
}

TEST(MemFileSystemTest, ARemovalNotSyncedIsUndone) {
  MemFileSystem file_system;
  base::Random random(1);
  ASSERT_TRUE(WriteFileAtomically(file_system, "f", "here").ok());
  ASSERT_TRUE(file_system.Remove("f").ok());
  file_system.CutPower(PowerCut::kDropUnsynced, random);
  EXPECT_EQ(Contents(file_system, "f"), "here");
}

TEST(MemFileSystemTest, LinksShareTheirBytesAfterAPowerCut) {
  MemFileSystem file_system;
  base::Random random(1);
  ASSERT_TRUE(WriteFileAtomically(file_system, "a", "1").ok());
  ASSERT_TRUE(file_system.Link("a", "b").ok());
  ASSERT_TRUE(file_system.SyncDir(".").ok());
  file_system.CutPower(PowerCut::kReorder, random);
  auto file = file_system.OpenAppendable("a");
  ASSERT_TRUE((*file)->Append("2").ok());
  EXPECT_EQ(Contents(file_system, "b"), "12");
}

TEST(MemFileSystemTest, TornBytesAreAPrefix) {
  std::set<size_t> sizes;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    MemFileSystem file_system;
    base::Random random(seed);
    ASSERT_TRUE(WriteFileAtomically(file_system, "f", "0123").ok());
    auto file = file_system.OpenAppendable("f");
    ASSERT_TRUE((*file)->Append("456789").ok());
    file_system.CutPower(PowerCut::kTear, random);
    std::string left = Contents(file_system, "f");
    sizes.insert(left.size());
    // What the size covers and the bytes do not is zero, as on a journaling file system.
    const size_t zeros = left.find('\0');
    EXPECT_TRUE(left.find_first_not_of('\0', std::min(zeros, left.size())) == std::string::npos);
    EXPECT_TRUE(std::string("0123456789").starts_with(left.substr(0, zeros))) << left;
  }
  EXPECT_GT(sizes.size(), 3u);
}

TEST(MemFileSystemTest, BlocksOfAMapSurviveByLot) {
  bool saw_a_hole = false;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    MemFileSystem file_system;
    base::Random random(seed);
    auto map = file_system.MapWritable("m", 8 * kBlockBytes);
    ASSERT_TRUE((*map)->Sync(0, 8 * kBlockBytes).ok());
    ASSERT_TRUE(file_system.SyncDir(".").ok());
    std::fill((*map)->bytes().begin(), (*map)->bytes().end(), 'n');
    ASSERT_TRUE((*map)->Sync(0, kBlockBytes).ok());
    file_system.CutPower(PowerCut::kReorder, random);
    const std::string left = Contents(file_system, "m");
    ASSERT_EQ(left.size(), 8 * kBlockBytes);
    EXPECT_EQ(left.substr(0, kBlockBytes), std::string(kBlockBytes, 'n'));
    const size_t hole = left.find('\0');
    saw_a_hole |= hole != std::string::npos && left.find('n', hole) != std::string::npos;
  }
  EXPECT_TRUE(saw_a_hole);
}

TEST(MemFileSystemTest, APowerCutReleasesLocks) {
  MemFileSystem file_system;
  base::Random random(1);
  auto lock = file_system.Lock("LOCK");
  ASSERT_TRUE(lock.ok());
  file_system.CutPower(PowerCut::kDropUnsynced, random);
  auto next = file_system.Lock("LOCK");
  ASSERT_TRUE(next.ok());
  *lock = nullptr;  // Of before the cut: releases nothing.
  EXPECT_FALSE(file_system.Lock("LOCK").ok());
}

TEST(MemFileSystemTest, OrphansOfALostDirectoryAreGone) {
  MemFileSystem file_system;
  base::Random random(1);
  ASSERT_TRUE(file_system.CreateDir("d").ok());
  auto file = Create(file_system, "d/f");
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file_system.SyncDir("d").ok());  // But not the directory that holds "d".
  file_system.CutPower(PowerCut::kDropUnsynced, random);
  EXPECT_TRUE(file_system.ListDir(".")->empty());
  EXPECT_FALSE(*file_system.Exists("d/f"));
}

TEST(MemFileSystemTest, PathsHaveANormalForm) {
  MemFileSystem file_system;
  ASSERT_TRUE(file_system.CreateDirs("/a/b").ok());
  ASSERT_TRUE(WriteFileAtomically(file_system, "/a//b/../b/./f", "x").ok());
  EXPECT_EQ(Contents(file_system, "/a/b/f"), "x");
  ASSERT_TRUE(WriteFileAtomically(file_system, "./g", "y").ok());
  EXPECT_EQ(Contents(file_system, "g"), "y");
}

TEST(FaultFileSystemTest, TheNthCallFailsAndTheNextWorks) {
  MemFileSystem memory;
  FaultFileSystem file_system(memory);
  auto file = Create(file_system, "f");
  file_system.FailCall(2, Fault::kIoError);
  ASSERT_TRUE(file->Append("a").ok());
  const base::Status status = file->Append("b");
  EXPECT_EQ(status.code(), Code::kIoError);
  EXPECT_EQ(status.message(), "f: Input/output error (injected)");
  ASSERT_TRUE(file->Append("c").ok());
  EXPECT_EQ(Contents(file_system, "f"), "ac");
  EXPECT_EQ(file_system.call_count(), 4u);
}

TEST(FaultFileSystemTest, AShortWriteStoresHalf) {
  MemFileSystem memory;
  FaultFileSystem file_system(memory);
  auto file = Create(file_system, "f");
  file_system.FailCall(1, Fault::kShortWrite);
  EXPECT_FALSE(file->Append("abcd").ok());
  EXPECT_EQ(Contents(file_system, "f"), "ab");
}

TEST(FaultFileSystemTest, SyncsAndReadsHaveCountsOfTheirOwn) {
  MemFileSystem memory;
  FaultFileSystem file_system(memory);
  auto file = Create(file_system, "f");
  file_system.FailSync(2, Fault::kNoSpace);
  file_system.FailRead(2, Fault::kIoError);
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Append("x").ok());
  EXPECT_NE(file->Sync().message().find("No space left on device"), std::string_view::npos);
  EXPECT_TRUE(file_system.Stat("f").ok());
  EXPECT_FALSE(file_system.Stat("f").ok());
  EXPECT_TRUE(file_system.Stat("f").ok());
  EXPECT_EQ(file_system.sync_count(), 2u);
  EXPECT_EQ(file_system.read_count(), 3u);
}

TEST(FaultFileSystemTest, AFullDiskStillSyncs) {
  MemFileSystem memory;
  FaultFileSystem file_system(memory);
  auto file = Create(file_system, "f");
  file_system.SetDiskFull(true);
  EXPECT_NE(file->Append("x").message().find("No space left on device"), std::string_view::npos);
  EXPECT_TRUE(file->Sync().ok());
  file_system.SetDiskFull(false);
  EXPECT_TRUE(file->Append("y").ok());
}

TEST(FaultFileSystemTest, AfterAPowerCutNothingWorksUntilRestart) {
  MemFileSystem memory;
  FaultFileSystem file_system(memory, PowerCut::kDropUnsynced, 7);
  ASSERT_TRUE(WriteFileAtomically(file_system, "f", "safe").ok());
  auto file = file_system.OpenAppendable("f");
  ASSERT_TRUE((*file)->Append(" unsafe").ok());
  file_system.FailCall(1, Fault::kPowerCut);
  EXPECT_FALSE((*file)->Sync().ok());
  EXPECT_FALSE(file_system.has_power());
  EXPECT_FALSE(file_system.ListDir(".").ok());
  EXPECT_FALSE((*file)->Append("x").ok());
  file_system.Restart();
  EXPECT_EQ(Contents(file_system, "f"), "safe");
  EXPECT_FALSE((*file)->Append("x").ok());  // Opened before the cut.
}

TEST(AppenderTest, AFailedWriteIsRemembered) {
  MemFileSystem memory;
  FaultFileSystem file_system(memory);
  AppenderOptions options;
  options.buffer_bytes = AppenderOptions::kBufferBytesMin;
  auto appender = Appender::Create(file_system, "t", options);
  ASSERT_TRUE(appender.ok());
  file_system.FailCall(1, Fault::kNoSpace);
  EXPECT_FALSE((*appender)->Append(std::string(AppenderOptions::kBufferBytesMin, 'x')).ok());
  EXPECT_FALSE((*appender)->Append("y").ok());
  EXPECT_FALSE((*appender)->Finish().ok());
}

TEST(AppenderTest, EveryFailingCallOfFinishIsTold) {
  for (uint64_t nth = 1; nth <= 4; ++nth) {  // Write, truncate, sync, close.
    MemFileSystem memory;
    FaultFileSystem file_system(memory);
    auto appender = Appender::Create(file_system, "t");
    ASSERT_TRUE((*appender)->Append("x").ok());
    file_system.FailCall(nth, Fault::kIoError);
    EXPECT_FALSE((*appender)->Finish().ok()) << nth;
  }
}

TEST(AppenderTest, AFinishedFileSurvivesAPowerCut) {
  MemFileSystem memory;
  base::Random random(3);
  auto appender = Appender::Create(memory, "t");
  ASSERT_TRUE((*appender)->Append(std::string(10'000, 'x')).ok());
  ASSERT_TRUE((*appender)->Finish().ok());
  ASSERT_TRUE(memory.SyncDir(".").ok());
  memory.CutPower(PowerCut::kReorder, random);
  EXPECT_EQ(Contents(memory, "t"), std::string(10'000, 'x'));
}

}  // namespace
}  // namespace cassette::io
