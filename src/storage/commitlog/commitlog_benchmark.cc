// How fast records get into the commit log, per mode and number of threads, on the file system of the temporary
// directory.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "io/posix_file_system.h"
#include "storage/commitlog/commitlog.h"

namespace cassette::storage::commitlog {
namespace {

constexpr size_t kRecordBytes = 150;
constexpr int kReleaseEvery = 4096;

struct Bench {
  explicit Bench(SyncMode mode) {
    const char* temporary = std::getenv("TMPDIR");
    directory = fmt::format("{}/cassette_bench_{}", temporary == nullptr ? "/tmp" : temporary, ::getpid());
    CommitLogOptions options;
    options.directory = directory;
    options.sync_mode = mode;
    auto opened = CommitLog::Open(options, file_system, clock, logger,
                                  [](CommitPosition, std::string_view) { return base::Status::Ok(); });
    CASSETTE_ASSERT(opened.ok());
    log = std::move(*opened);
  }
  ~Bench() {
    CASSETTE_ASSERT(log->Stop().ok());
    log = nullptr;
    CASSETTE_ASSERT(file_system.RemoveTree(directory).ok());
  }

  io::PosixFileSystem file_system;
  base::SystemClock clock;
  base::NullLogger logger;
  std::string directory;
  std::unique_ptr<CommitLog> log;
};

std::unique_ptr<Bench> bench;

// As an engine does: appends, waits as the mode asks, and lets go of old segments now and then.
void Append(benchmark::State& state, SyncMode mode) {
  if (state.thread_index() == 0) bench = std::make_unique<Bench>(mode);
  const std::string record(kRecordBytes, 'r');
  int count = 0;
  for (auto _ : state) {
    const auto position = bench->log->Append(record);
    CASSETTE_ASSERT(position.ok());
    CASSETTE_ASSERT(bench->log->WaitDurable(*position).ok());
    if (++count % kReleaseEvery == 0) bench->log->ReleaseSegmentsBefore(*position);
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) bench = nullptr;
}

void Periodic(benchmark::State& state) { Append(state, SyncMode::kPeriodic); }
void Batch(benchmark::State& state) { Append(state, SyncMode::kBatch); }
void Group(benchmark::State& state) { Append(state, SyncMode::kGroup); }

BENCHMARK(Periodic)->Threads(1)->Threads(2)->Threads(4)->UseRealTime();
BENCHMARK(Batch)->Threads(1)->Threads(8)->Threads(64)->UseRealTime();
BENCHMARK(Group)->Threads(64)->UseRealTime();

}  // namespace
}  // namespace cassette::storage::commitlog
