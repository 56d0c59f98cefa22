// What the commit log's tests share. Included by *_test.cc alone.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "io/file_system.h"
#include "io/mem_file_system.h"
#include "storage/commitlog/commitlog.h"
#include "storage/commitlog/segment_format.h"

namespace cassette::storage::commitlog {

inline constexpr char kDirectory[] = "/log";

inline CommitLogOptions SmallOptions(SyncMode mode = SyncMode::kPeriodic) {
  CommitLogOptions options;
  options.directory = kDirectory;
  options.sync_mode = mode;
  options.segment_bytes = CommitLogOptions::kSegmentBytesMin;
  options.group_window_ms = 1;
  return options;
}

using Records = std::vector<std::pair<CommitPosition, std::string>>;

// A log and what it replayed when it was opened. Stops it when destroyed.
struct OpenLog {
  std::unique_ptr<io::MemFileSystem> own_file_system;  // May be null.
  std::unique_ptr<CommitLog> log;
  base::Status status;
  Records replayed;

  OpenLog() = default;
  OpenLog(OpenLog&&) = default;
  ~OpenLog() {
    if (log != nullptr) (void)log->Stop();
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> texts;
    for (const auto& [position, record] : replayed) texts.push_back(record);
    return texts;
  }
};

inline OpenLog Open(io::FileSystem& file_system, const CommitLogOptions& options = SmallOptions()) {
  static base::ManualClock clock(1'700'000'000'000'000);
  static base::NullLogger logger;
  OpenLog open;
  auto log =
      CommitLog::Open(options, file_system, clock, logger, [&](CommitPosition position, std::string_view record) {
        open.replayed.emplace_back(position, record);
        return base::Status::Ok();
      });
  if (log.ok()) {
    open.log = std::move(*log);
  } else {
    open.status = log.status();
  }
  return open;
}

inline OpenLog Open(std::unique_ptr<io::MemFileSystem> file_system) {
  OpenLog open = Open(*file_system);
  open.own_file_system = std::move(file_system);
  return open;
}

inline CommitPosition MustAppend(CommitLog& log, std::string_view record) {
  auto position = log.Append(record);
  EXPECT_TRUE(position.ok()) << position.status().ToString();
  return position.ok() ? *position : CommitPosition();
}

// What the disk holds when the process is killed now: the same bytes, the same boot. Null when a file was renamed or
// removed meanwhile.
inline std::unique_ptr<io::MemFileSystem> TryCopyAsKilled(io::FileSystem& source) {
  auto target = std::make_unique<io::MemFileSystem>();
  EXPECT_TRUE(target->CreateDirs(kDirectory).ok());
  const std::vector<std::string> names = *source.ListDir(kDirectory);
  for (const std::string& name : names) {
    const std::string path = io::JoinPath(kDirectory, name);
    auto bytes = io::ReadFile(source, path, 1 << 30);
    if (!bytes.ok()) return nullptr;
    EXPECT_TRUE(io::WriteFileAtomically(*target, path, *bytes).ok());
  }
  return *source.ListDir(kDirectory) == names ? std::move(target) : nullptr;
}

inline std::unique_ptr<io::MemFileSystem> CopyAsKilled(io::FileSystem& source) {
  std::unique_ptr<io::MemFileSystem> copy = TryCopyAsKilled(source);
  while (copy == nullptr) copy = TryCopyAsKilled(source);
  return copy;
}

// The same after a loss of power that lost nothing of it.
inline std::unique_ptr<io::MemFileSystem> CopyAsPowerCut(io::FileSystem& source) {
  std::unique_ptr<io::MemFileSystem> target = CopyAsKilled(source);
  base::Random random(1);
  target->CutPower(io::PowerCut::kDropUnsynced, random);
  return target;
}

inline std::string Contents(io::FileSystem& file_system, const std::string& path) {
  auto bytes = io::ReadFile(file_system, path, 1 << 30);
  EXPECT_TRUE(bytes.ok()) << bytes.status().ToString();
  return bytes.ok() ? *bytes : std::string();
}

inline std::string SegmentPath(uint32_t id) { return io::JoinPath(kDirectory, SegmentFileName(id)); }

}  // namespace cassette::storage::commitlog
