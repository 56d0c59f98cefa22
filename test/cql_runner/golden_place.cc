#include "cql_runner/golden_place.h"

#include <fmt/format.h>

#include <utility>

#include "cql_runner/golden_text.h"
#include "storage/engine/engine.h"

namespace cassette::cql_runner {
namespace {

constexpr std::string_view kDirectory = "/golden";
// Any number will do; a fixed one makes a failure come again. Each opening takes the next, as no two processes would
// draw the same identifiers.
constexpr uint64_t kRandomSeed = 5;

// Small, since a file in memory is zeroed whole at each opening; room for any statement here.
constexpr uint32_t kSegmentBytes = 1 << 20;

// With a strategy of the mode's own each byte of an SSTable counts as so many: a few rows fill a table of a megabyte.
constexpr uint64_t kSizeScale = 2048;

// Options under which there is always something to merge. Empty: the tables' own.
std::map<std::string, std::string> CompactionOf(Mode mode) {
  switch (mode) {
    case Mode::kSizeTiered:
      return {{"class", "SizeTieredCompactionStrategy"}, {"min_threshold", "2"}, {"min_sstable_size", "0"}};
    case Mode::kTimeWindow:
      return {{"class", "TimeWindowCompactionStrategy"}, {"min_threshold", "2"}, {"compaction_window_unit", "MINUTES"}};
    case Mode::kLeveled:
      return {{"class", "LeveledCompactionStrategy"}, {"sstable_size_in_mb", "1"}, {"fanout_size", "2"}};
    case Mode::kUnified:
      return {{"class", "UnifiedCompactionStrategy"},
              {"scaling_parameters", "N"},
              {"min_sstable_size", "0B"},
              {"target_sstable_size", "1MiB"}};
    default:
      return {};
  }
}

}  // namespace

std::optional<Mode> ModeOf(std::string_view name) {
  static constexpr std::pair<std::string_view, Mode> kModes[] = {{"plain", Mode::kPlain},
                                                                 {"pages", Mode::kPages},
                                                                 {"flush", Mode::kFlush},
                                                                 {"reopen", Mode::kReopen},
                                                                 {"tiny", Mode::kTiny},
                                                                 {"compact", Mode::kCompact},
                                                                 {"size_tiered", Mode::kSizeTiered},
                                                                 {"time_window", Mode::kTimeWindow},
                                                                 {"leveled", Mode::kLeveled},
                                                                 {"unified", Mode::kUnified}};
  for (const auto& [mode_name, mode] : kModes) {
    if (mode_name == name) return mode;
  }
  return std::nullopt;
}

base::Result<std::unique_ptr<GoldenPlace>> GoldenPlace::Open(Mode mode, int32_t page_rows,
                                                             const std::string& keyspace) {
  std::unique_ptr<GoldenPlace> place(new GoldenPlace(mode, page_rows, keyspace));
  CASSETTE_RETURN_IF_ERROR(place->OpenDatabase());
  CASSETTE_RETURN_IF_ERROR(place->session_->Execute(fmt::format(
      "CREATE KEYSPACE {} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}", keyspace)));
  CASSETTE_RETURN_IF_ERROR(place->session_->Execute("USE " + keyspace));
  return place;
}

GoldenPlace::~GoldenPlace() {
  session_.reset();
  if (database_ != nullptr) (void)database_->Close();
}

base::Status GoldenPlace::OpenDatabase() {
  session::LocalOptions options;
  options.engine.background_threads = 0;
  options.engine.commitlog_segment_bytes = kSegmentBytes;
  options.engine.compaction_override = CompactionOf(mode_);
  if (!options.engine.compaction_override.empty()) options.engine.compaction_size_scale = kSizeScale;
  if (mode_ == Mode::kTiny) options.engine.row_group_rows = kTinyRowGroupRows;
  const session::LocalEnvironment environment{&file_system_, &clock_, &logger_, kRandomSeed + ++openings_};
  CASSETTE_ASSIGN_OR_RETURN(database_, session::LocalDatabase::Open(std::string(kDirectory), options, environment));
  session_ = database_->NewSession();
  return base::Status::Ok();
}

base::Result<Lines> GoldenPlace::Run(const Step& step) {
  clock_.Forward(step.wait_seconds);
  if (!step.login_role.empty()) {
    const base::Status login = Login(step);
    // In the code of the protocol. The statement is not tried.
    if (!login.ok()) return Lines{fmt::format("error 0x0100 {}", login.message())};
  }
  const auto answer = Execute(step.statement);
  const bool changed = answer.ok() && answer->kind != session::ResultPage::Kind::kRows;
  if (changed) CASSETTE_RETURN_IF_ERROR(BetweenStatements());
  return answer.ok() ? AnswerLines(*answer) : ErrorLines(answer.status());
}

// All pages of one statement as one.
base::Result<session::ResultPage> GoldenPlace::Execute(const std::string& statement) {
  session::QueryOptions options;
  options.page_rows = page_rows_;
  CASSETTE_ASSIGN_OR_RETURN(session::ResultPage all, session_->Execute(statement, session::Values(), options));
  while (all.has_more()) {
    options.paging_state = all.paging_state;
    CASSETTE_ASSIGN_OR_RETURN(session::ResultPage page, session_->Execute(statement, session::Values(), options));
    for (session::ResultBatch& batch : page.batches) all.batches.push_back(std::move(batch));
    all.paging_state = page.paging_state;
  }
  return all;
}

base::Status GoldenPlace::Login(const Step& step) {
  std::unique_ptr<session::Session> session = database_->NewSession();
  CASSETTE_RETURN_IF_ERROR(session->Login(step.login_role, step.login_password));
  session_ = std::move(session);
  login_ = step;
  (void)session_->Execute("USE " + keyspace_);  // It may have been dropped.
  return base::Status::Ok();
}

base::Status GoldenPlace::BetweenStatements() {
  switch (mode_) {
    case Mode::kPlain:
    case Mode::kPages:
      return base::Status::Ok();
    case Mode::kFlush:
    case Mode::kTiny:
      return database_->engine().Flush(nullptr);
    case Mode::kCompact: {
      CASSETTE_RETURN_IF_ERROR(database_->engine().Flush(nullptr));
      return database_->engine().Compact(nullptr);
    }
    case Mode::kSizeTiered:
    case Mode::kTimeWindow:
    case Mode::kLeveled:
    case Mode::kUnified: {
      CASSETTE_RETURN_IF_ERROR(database_->engine().Flush(nullptr));
      return database_->engine().CompactPending();
    }
    case Mode::kReopen:
      break;
  }
  const std::string keyspace = session_->keyspace();
  session_.reset();
  CASSETTE_RETURN_IF_ERROR(database_->Close());
  database_.reset();
  CASSETTE_RETURN_IF_ERROR(OpenDatabase());
  if (!login_.login_role.empty()) CASSETTE_RETURN_IF_ERROR(session_->Login(login_.login_role, login_.login_password));
  // The keyspace in use may have been dropped.
  if (!keyspace.empty()) (void)session_->Execute("USE \"" + keyspace + "\"");
  return base::Status::Ok();
}

}  // namespace cassette::cql_runner
