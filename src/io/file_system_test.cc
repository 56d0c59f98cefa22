// What every FileSystem must do, run against the machine's, the one in memory and the fault-injecting one.
#include "io/file_system.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "io/appender.h"
#include "io/fault_file_system.h"
#include "io/mem_file_system.h"
#include "io/posix_file_system.h"

namespace cassette::io {
namespace {

using base::Code;

class FileSystemTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "posix") {
      file_system_ = std::make_unique<PosixFileSystem>();
      root_ = fmt::format("{}/cassette_io_{}_{}", testing::TempDir(), ::getpid(),
                          testing::UnitTest::GetInstance()->random_seed());
      ASSERT_TRUE(file_system_->RemoveTree(root_).ok());
    } else if (GetParam() == "memory") {
      file_system_ = std::make_unique<MemFileSystem>();
      root_ = "/root";
    } else {
      inner_ = std::make_unique<MemFileSystem>();
      file_system_ = std::make_unique<FaultFileSystem>(*inner_);
      root_ = "root";
    }
    ASSERT_TRUE(file_system_->CreateDirs(root_).ok());
  }
  void TearDown() override { ASSERT_TRUE(file_system_->RemoveTree(root_).ok()); }

  std::string At(std::string_view name) { return JoinPath(root_, name); }
  void Write(std::string_view name, std::string_view bytes) {
    auto file = file_system_->CreateWritable(At(name));
    ASSERT_TRUE(file.ok()) << file.status().ToString();
    ASSERT_TRUE((*file)->Append(bytes).ok());
    ASSERT_TRUE((*file)->Sync().ok());
    ASSERT_TRUE((*file)->Close().ok());
  }
  std::string Read(std::string_view name) {
    auto bytes = ReadFile(*file_system_, At(name), 1 << 24);
    return bytes.ok() ? *bytes : bytes.status().ToString();
  }

  std::unique_ptr<MemFileSystem> inner_;
  std::unique_ptr<FileSystem> file_system_;
  std::string root_;
};

INSTANTIATE_TEST_SUITE_P(All, FileSystemTest, testing::Values("posix", "memory", "fault"),
                         [](const auto& parameter) { return parameter.param; });

TEST_P(FileSystemTest, ReadsBackWhatWasAppended) {
  Write("a", "hello, ");
  auto file = file_system_->OpenAppendable(At("a"));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->size(), 7u);
  ASSERT_TRUE((*file)->Append("world").ok());
  EXPECT_EQ((*file)->size(), 12u);
  EXPECT_EQ((*file)->path(), At("a"));
  EXPECT_EQ(Read("a"), "hello, world");
}

TEST_P(FileSystemTest, CreatingAgainEmptiesTheFile) {
  Write("a", "long contents");
  Write("a", "x");
  EXPECT_EQ(Read("a"), "x");
}

TEST_P(FileSystemTest, ReadsSequentiallyToTheEnd) {
  Write("a", "abcdefg");
  auto file = file_system_->OpenSequential(At("a"));
  ASSERT_TRUE(file.ok());
  std::string all;
  char buffer[3];
  while (true) {
    auto count = (*file)->Read(buffer);
    ASSERT_TRUE(count.ok());
    if (*count == 0) break;
    all.append(buffer, *count);
  }
  EXPECT_EQ(all, "abcdefg");
}

TEST_P(FileSystemTest, ReadsAnywhereAndShortOnlyAtTheEnd) {
  Write("a", "0123456789");
  auto file = file_system_->OpenRandomAccess(At("a"));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->size(), 10u);
  char buffer[4];
  EXPECT_EQ(*(*file)->ReadAt(3, buffer), 4u);
  EXPECT_EQ(std::string_view(buffer, 4), "3456");
  EXPECT_EQ(*(*file)->ReadAt(8, buffer), 2u);
  EXPECT_EQ(*(*file)->ReadAt(100, buffer), 0u);
  (*file)->Prefetch(0, 10);
  const base::Status status = (*file)->ReadExactly(8, buffer);
  EXPECT_EQ(status.code(), Code::kCorruption);
  EXPECT_NE(status.message().find(At("a") + ", offset 8"), std::string_view::npos);
}

TEST_P(FileSystemTest, AReaderKeepsItsFileAfterRemoval) {
  Write("a", "bytes");
  auto file = file_system_->OpenRandomAccess(At("a"));
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file_system_->Remove(At("a")).ok());
  char buffer[5];
  EXPECT_TRUE((*file)->ReadExactly(0, buffer).ok());
  EXPECT_EQ(std::string_view(buffer, 5), "bytes");
}

TEST_P(FileSystemTest, ErrorsNameTheFileAndTheReason) {
  for (const base::Status& status :
       {file_system_->OpenSequential(At("none")).status(), file_system_->OpenRandomAccess(At("none")).status(),
        file_system_->Remove(At("none")), file_system_->Rename(At("none"), At("x")),
        file_system_->Link(At("none"), At("x")), file_system_->Truncate(At("none"), 1),
        file_system_->ListDir(At("none")).status(), file_system_->Stat(At("none")).status(),
        file_system_->SyncDir(At("none")), file_system_->RemoveDir(At("none"))}) {
    EXPECT_EQ(status.code(), Code::kNotFound) << status.ToString();
    EXPECT_NE(status.message().find(At("none")), std::string_view::npos) << status.ToString();
    EXPECT_NE(status.message().find("No such file or directory"), std::string_view::npos) << status.ToString();
  }
}

TEST_P(FileSystemTest, ADirectoryIsNotAFile) {
  ASSERT_TRUE(file_system_->CreateDir(At("d")).ok());
  for (const base::Status& status :
       {file_system_->OpenSequential(At("d")).status(), file_system_->OpenRandomAccess(At("d")).status(),
        file_system_->CreateWritable(At("d")).status(), file_system_->OpenAppendable(At("d")).status()}) {
    EXPECT_EQ(status.code(), Code::kIoError) << status.ToString();
    EXPECT_NE(status.message().find("Is a directory"), std::string_view::npos) << status.ToString();
  }
  EXPECT_FALSE(file_system_->Remove(At("d")).ok());
  Write("f", "");
  EXPECT_FALSE(file_system_->CreateDirs(At("f")).ok());
  EXPECT_FALSE(file_system_->ListDir(At("f")).ok());
  EXPECT_FALSE(file_system_->RemoveDir(At("f")).ok());
}

TEST_P(FileSystemTest, MakesListsAndRemovesDirectories) {
  ASSERT_TRUE(file_system_->CreateDirs(At("x/y/z")).ok());
  ASSERT_TRUE(file_system_->CreateDirs(At("x/y/z/")).ok());
  EXPECT_EQ(file_system_->CreateDir(At("x")).code(), Code::kAlreadyExists);
  EXPECT_EQ(file_system_->CreateDir(At("no/such")).code(), Code::kNotFound);
  Write("x/b", "1");
  Write("x/a", "2");
  EXPECT_EQ(*file_system_->ListDir(At("x")), (std::vector<std::string>{"a", "b", "y"}));
  EXPECT_FALSE(file_system_->RemoveDir(At("x")).ok());
  ASSERT_TRUE(file_system_->RemoveDir(At("x/y/z")).ok());
  ASSERT_TRUE(file_system_->RemoveTree(At("x")).ok());
  ASSERT_TRUE(file_system_->RemoveTree(At("x")).ok());
  EXPECT_FALSE(*file_system_->Exists(At("x")));
}

TEST_P(FileSystemTest, TellsKindAndSize) {
  Write("a", "12345");
  EXPECT_EQ(file_system_->Stat(At("a"))->kind, FileKind::kFile);
  EXPECT_EQ(*file_system_->FileSize(At("a")), 5u);
  EXPECT_EQ(file_system_->Stat(root_)->kind, FileKind::kDirectory);
  EXPECT_TRUE(*file_system_->Exists(At("a")));
  EXPECT_FALSE(*file_system_->Exists(At("b")));
  EXPECT_FALSE(*file_system_->Exists(At("a/b")));
}

TEST_P(FileSystemTest, RenameReplaces) {
  Write("a", "new");
  Write("b", "old");
  ASSERT_TRUE(file_system_->Rename(At("a"), At("b")).ok());
  EXPECT_EQ(Read("b"), "new");
  EXPECT_FALSE(*file_system_->Exists(At("a")));
}

TEST_P(FileSystemTest, RenamesADirectoryWithWhatItHolds) {
  ASSERT_TRUE(file_system_->CreateDirs(At("d/e")).ok());
  Write("d/e/f", "deep");
  ASSERT_TRUE(file_system_->Rename(At("d"), At("moved")).ok());
  EXPECT_EQ(Read("moved/e/f"), "deep");
  EXPECT_FALSE(*file_system_->Exists(At("d")));
  EXPECT_FALSE(*file_system_->Exists(At("d/e/f")));
}

TEST_P(FileSystemTest, ALinkIsTheSameFile) {
  Write("a", "shared");
  ASSERT_TRUE(file_system_->Link(At("a"), At("b")).ok());
  EXPECT_EQ(file_system_->Link(At("a"), At("b")).code(), Code::kAlreadyExists);
  ASSERT_TRUE(file_system_->Remove(At("a")).ok());
  EXPECT_EQ(Read("b"), "shared");
}

TEST_P(FileSystemTest, TruncateCutsAndExtendsWithZeros) {
  Write("a", "12345");
  ASSERT_TRUE(file_system_->Truncate(At("a"), 2).ok());
  EXPECT_EQ(Read("a"), "12");
  ASSERT_TRUE(file_system_->Truncate(At("a"), 4).ok());
  EXPECT_EQ(Read("a"), std::string("12\0\0", 4));
}

TEST_P(FileSystemTest, TruncateCutsAndExtendsLargeFilesToo) {
  constexpr size_t kLarge = 3 << 20;
  for (const size_t kept : {size_t{0}, size_t{1}, size_t{100'001}, size_t{1} << 20, kLarge - 1}) {
    const std::string name = "a" + std::to_string(kept);
    Write(name, std::string(kLarge, 'x'));
    ASSERT_TRUE(file_system_->Truncate(At(name), kept).ok());
    ASSERT_TRUE(file_system_->Truncate(At(name), kLarge).ok());
    EXPECT_TRUE(Read(name) == std::string(kept, 'x') + std::string(kLarge - kept, '\0')) << kept;
  }
}

TEST_P(FileSystemTest, ASecondLockIsRefusedAndNamesTheHolder) {
  auto lock = file_system_->Lock(At("LOCK"));
  ASSERT_TRUE(lock.ok());
  auto second = file_system_->Lock(At("LOCK"));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), Code::kFailedPrecondition);
  EXPECT_NE(second.status().message().find("in use by"), std::string_view::npos) << second.status().ToString();
  if (GetParam() == "posix") {
    EXPECT_NE(second.status().message().find(std::to_string(::getpid())), std::string_view::npos);
  }
  *lock = nullptr;
  EXPECT_TRUE(file_system_->Lock(At("LOCK")).ok());
}

TEST_P(FileSystemTest, StoresIntoAMapAreWrites) {
  Write("m", "already");
  auto map = file_system_->MapWritable(At("m"), 2 * kBlockBytes);
  ASSERT_TRUE(map.ok()) << map.status().ToString();
  ASSERT_EQ((*map)->bytes().size(), 2 * kBlockBytes);
  EXPECT_EQ(std::string_view((*map)->bytes().data(), 7), "already");
  (*map)->bytes()[5000] = 'x';
  ASSERT_TRUE((*map)->Sync(5000, 1).ok());
  ASSERT_TRUE((*map)->Sync(0, 2 * kBlockBytes).ok());
  const std::string bytes = Read("m");
  ASSERT_EQ(bytes.size(), 2 * kBlockBytes);
  EXPECT_EQ(bytes[5000], 'x');
  EXPECT_EQ(bytes[5001], '\0');
}

TEST_P(FileSystemTest, WritesAFileAtomically) {
  ASSERT_TRUE(WriteFileAtomically(*file_system_, At("f"), "one").ok());
  ASSERT_TRUE(WriteFileAtomically(*file_system_, At("f"), "two").ok());
  EXPECT_EQ(Read("f"), "two");
  EXPECT_EQ(*file_system_->ListDir(root_), std::vector<std::string>{"f"});
}

TEST_P(FileSystemTest, ReadFileRefusesMoreThanItsBound) {
  Write("a", "12345");
  EXPECT_TRUE(ReadFile(*file_system_, At("a"), 5).ok());
  EXPECT_EQ(ReadFile(*file_system_, At("a"), 4).status().code(), Code::kResourceExhausted);
}

TEST_P(FileSystemTest, FreeSpaceAndBootIdAnswer) {
  EXPECT_GT(*file_system_->FreeSpace(root_), 0u);
  EXPECT_EQ(file_system_->BootId(), file_system_->BootId());
}

TEST_P(FileSystemTest, AppenderWritesWhatItWasGiven) {
  for (const size_t size : {size_t{0}, size_t{1}, kBlockBytes, size_t{65536}, size_t{300'001}}) {
    std::string expected;
    AppenderOptions options;
    options.buffer_bytes = 1;  // Held up to the bound.
    options.preallocate_bytes = 1 << 20;
    auto appender = Appender::Create(*file_system_, At("t"), options);
    ASSERT_TRUE(appender.ok()) << appender.status().ToString();
    for (size_t step = 1; expected.size() < size; step = step * 3 + 1) {
      const std::string piece(std::min(step, size - expected.size()), static_cast<char>('a' + step % 26));
      ASSERT_TRUE((*appender)->Append(piece).ok());
      expected += piece;
      ASSERT_EQ((*appender)->size(), expected.size());
    }
    ASSERT_TRUE((*appender)->Finish().ok());
    EXPECT_EQ((*appender)->size(), size);
    EXPECT_EQ(Read("t"), expected);
  }
}

TEST_P(FileSystemTest, AppenderPadsToAnAlignment) {
  auto appender = Appender::Create(*file_system_, At("t"));
  ASSERT_TRUE(appender.ok());
  ASSERT_TRUE((*appender)->PadTo(4096).ok());
  EXPECT_EQ((*appender)->size(), 0u);
  ASSERT_TRUE((*appender)->Append("x").ok());
  ASSERT_TRUE((*appender)->PadTo(4096).ok());
  EXPECT_EQ((*appender)->size(), 4096u);
  ASSERT_TRUE((*appender)->Append("y").ok());
  ASSERT_TRUE((*appender)->Finish().ok());
  EXPECT_EQ(Read("t"), "x" + std::string(4095, '\0') + "y");
}

TEST_P(FileSystemTest, ManyThreadsUseItAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string name = At(fmt::format("{}_{}", t, i));
        ASSERT_TRUE(WriteFileAtomically(*file_system_, name, name).ok());
        EXPECT_EQ(*ReadFile(*file_system_, name, 1000), name);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(file_system_->ListDir(root_)->size(), 80u);
}

TEST(PathTest, JoinsAndSplits) {
  EXPECT_EQ(JoinPath("a/b", "c"), "a/b/c");
  EXPECT_EQ(JoinPath("a/", "c"), "a/c");
  EXPECT_EQ(JoinPath("", "c"), "c");
  EXPECT_EQ(JoinPath("a", "/c"), "/c");
  EXPECT_EQ(DirName("a/b/c"), "a/b");
  EXPECT_EQ(DirName("a/b/"), "a");
  EXPECT_EQ(DirName("c"), ".");
  EXPECT_EQ(DirName("/c"), "/");
  EXPECT_EQ(DirName("/"), "/");
  EXPECT_EQ(BaseName("a/b/c"), "c");
  EXPECT_EQ(BaseName("c/"), "c");
  EXPECT_EQ(BaseName("/"), "/");
}

TEST(PosixFileSystemTest, AFullDiskIsToldByName) {
  PosixFileSystem file_system;
  auto file = file_system.OpenAppendable("/dev/full");
  if (!file.ok()) GTEST_SKIP() << "no /dev/full here";
  const base::Status status = (*file)->Append("x");
  EXPECT_EQ(status.code(), Code::kIoError);
  EXPECT_EQ(status.message(), "/dev/full: cannot write: No space left on device");
  EXPECT_EQ((*file)->Sync().message(), status.message());  // Nothing may follow a failed write.
}

TEST(PosixFileSystemTest, KnowsTheBootOfThisMachine) { EXPECT_NE(PosixFileSystem().BootId(), 0u); }

TEST(PosixFileSystemTest, ALockHeldByAnotherProcessIsRefused) {
  PosixFileSystem file_system;
  const std::string path = fmt::format("{}/cassette_lock_{}", testing::TempDir(), ::getpid());
  auto lock = file_system.Lock(path);
  ASSERT_TRUE(lock.ok());
  const std::string command = fmt::format("flock --nonblock '{}' true", path);
  EXPECT_NE(std::system(command.c_str()), 0);
  *lock = nullptr;
  EXPECT_EQ(std::system(command.c_str()), 0);
  EXPECT_TRUE(file_system.Remove(path).ok());
}

}  // namespace
}  // namespace cassette::io
