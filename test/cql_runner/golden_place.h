// A place to run golden files: a database in memory whose clock can be set forward, and what a mode does between
// statements.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "cql_runner/golden_file.h"
#include "io/mem_file_system.h"
#include "session/local_session.h"
#include "session/session.h"

namespace cassette::cql_runner {

enum class Mode : uint8_t {
  kPlain,
  kPages,    // Rows fetched in pages of kPageRows, or as many as said.
  kFlush,    // Memtables flushed after each change.
  kReopen,   // The database closed and opened after each change.
  kTiny,     // Row groups of kTinyRowGroupRows rows, flushed after each change.
  kCompact,  // Flushed and compacted after each change.
  // As kCompact, by one compaction strategy for all tables, as it would in the background.
  kSizeTiered,
  kTimeWindow,
  kLeveled,
  kUnified,
};
inline constexpr int32_t kPageRows = 2;
inline constexpr uint32_t kTinyRowGroupRows = 2;

std::optional<Mode> ModeOf(std::string_view name);

// The machine's time, set forward by what has been waited for.
// Thread safety: all methods may be called from many threads.
class ForwardClock final : public base::Clock {
 public:
  int64_t NowMicros() const override { return system_.NowMicros() + offset_micros_; }
  int64_t SteadyNanos() const override { return system_.SteadyNanos() + offset_micros_ * 1000; }
  void Forward(double seconds) { offset_micros_ += static_cast<int64_t>(seconds * 1e6); }

 private:
  base::SystemClock system_;
  std::atomic<int64_t> offset_micros_ = 0;
};

// Thread safety: not thread safe.
class GoldenPlace {
 public:
  // A new, empty database with `keyspace` in use. Rows are fetched in pages of `page_rows`; 0: all at once.
  static base::Result<std::unique_ptr<GoldenPlace>> Open(Mode mode, int32_t page_rows, const std::string& keyspace);
  ~GoldenPlace();

  // Runs one step and answers with its lines. Fails only when the place itself fails (flush, reopen).
  base::Result<Lines> Run(const Step& step);

 private:
  GoldenPlace(Mode mode, int32_t page_rows, std::string keyspace)
      : mode_(mode), page_rows_(page_rows), keyspace_(std::move(keyspace)) {}
  base::Status OpenDatabase();
  base::Status BetweenStatements();
  // A new session, in which the step's role logs in.
  base::Status Login(const Step& step);
  base::Result<session::ResultPage> Execute(const std::string& statement);

  const Mode mode_;
  const int32_t page_rows_;
  const std::string keyspace_;
  uint64_t openings_ = 0;
  io::MemFileSystem file_system_{false};
  ForwardClock clock_;
  base::NullLogger logger_;
  std::unique_ptr<session::LocalDatabase> database_;
  std::unique_ptr<session::Session> session_;
  Step login_;  // The last that logged in.
};

}  // namespace cassette::cql_runner
