// A real process, killed with SIGKILL while it writes to real files.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/posix_file_system.h"
#include "storage/commitlog/commitlog_test_support.h"

namespace cassette::storage::commitlog {
namespace {

CommitLogOptions OptionsAt(const std::string& directory, SyncMode mode) {
  CommitLogOptions options = SmallOptions(mode);
  options.directory = directory;
  options.segment_bytes = 1024 * 1024;
  return options;
}

// Appends numbered records for ever and tells each acknowledgement through `pipe`.
[[noreturn]] void WriteUntilKilled(const CommitLogOptions& options, int pipe) {
  io::PosixFileSystem file_system;
  OpenLog open = Open(file_system, options);
  if (open.log == nullptr) ::_exit(1);
  for (uint64_t i = 0;; ++i) {
    const std::string record = fmt::format("{} {}", i, std::string(i * 31 % 500, 'k'));
    auto position = open.log->Append(record);
    if (!position.ok() || !open.log->WaitDurable(*position).ok()) ::_exit(2);
    if (::write(pipe, &i, sizeof(i)) != sizeof(i)) ::_exit(3);
  }
}

// The number of acknowledgements seen from a writer that is killed after `count_min` of them.
uint64_t RunAndKill(const CommitLogOptions& options, uint64_t count_min) {
  int pipes[2];
  EXPECT_EQ(::pipe(pipes), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipes[0]);
    WriteUntilKilled(options, pipes[1]);
  }
  ::close(pipes[1]);
  uint64_t acknowledged = 0;
  uint64_t number = 0;
  while (::read(pipes[0], &number, sizeof(number)) == sizeof(number)) {
    EXPECT_EQ(number, acknowledged);
    if (++acknowledged == count_min) ::kill(child, SIGKILL);
  }
  ::close(pipes[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  return acknowledged;
}

class CommitLogKillTest : public testing::TestWithParam<SyncMode> {};
INSTANTIATE_TEST_SUITE_P(Modes, CommitLogKillTest,
                         testing::Values(SyncMode::kPeriodic, SyncMode::kGroup, SyncMode::kBatch));

TEST_P(CommitLogKillTest, EveryAcknowledgedRecordIsThere) {
  io::PosixFileSystem file_system;
  const std::string directory = fmt::format("{}/cassette_commitlog_{}", testing::TempDir(), ::getpid());
  ASSERT_TRUE(file_system.RemoveTree(directory).ok());
  const CommitLogOptions options = OptionsAt(directory, GetParam());
  const uint64_t count_min = GetParam() == SyncMode::kPeriodic ? 20'000 : 200;
  const uint64_t acknowledged = RunAndKill(options, count_min);
  EXPECT_GE(acknowledged, count_min);
  {
    OpenLog open = Open(file_system, options);
    ASSERT_NE(open.log, nullptr) << open.status.ToString();
    EXPECT_GE(open.replayed.size(), acknowledged);
    EXPECT_LE(open.replayed.size(), acknowledged + 1);
    for (size_t i = 0; i < open.replayed.size(); ++i) {
      ASSERT_EQ(open.replayed[i].second, fmt::format("{} {}", i, std::string(i * 31 % 500, 'k')));
    }
  }
  EXPECT_TRUE(file_system.RemoveTree(directory).ok());
}

}  // namespace
}  // namespace cassette::storage::commitlog
