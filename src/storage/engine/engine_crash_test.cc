// The power goes at every call of many workloads of writes, flushes, compactions, loads, snapshots, schema changes and
// reopenings, and now and then again while the directory is opened afterwards. What was acknowledged is there, all of a
// load or nothing, nothing that was never written, and the directory works on.
//
// In the environment: CASSETTE_CUTS, how many cuts in all; CASSETTE_SEED, the first workload's seed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/random.h"
#include "io/fault_file_system.h"
#include "storage/engine/on_all_cores.h"
#include "storage/engine/test_support.h"

namespace cassette::storage::engine {
namespace {

using testing::Apply;
using testing::Insert;
using testing::MakeTable;
using testing::ReadAll;
using testing::Rows;
using testing::TestEngine;
using testing::Write;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kCuts = 1'500;
#else
constexpr uint64_t kCuts = 10'000;
#endif
constexpr uint64_t kFirstSeed = 5'000;
constexpr int kOperationsPerWorkload = 24;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// What the directory shows.
struct State {
  bool has_table = false;
  bool has_second_table = false;
  int added_columns = 0;
  std::map<int32_t, int32_t> rows;  // c -> v, of partition 1 of table t

  bool operator==(const State&) const = default;
};

std::string TextOf(const State& state) {
  std::string text = fmt::format("table {}, second {}, added columns {}, rows", state.has_table, state.has_second_table,
                                 state.added_columns);
  for (const auto& [c, v] : state.rows) text += fmt::format(" {}:{}", c, v);
  return text;
}

// What may be there after the power went.
struct Expected {
  // The states that were acknowledged, oldest first, then one that was tried. With a sync a write only the last
  // acknowledged one and the tried one are left.
  std::deque<State> states = {State()};
  bool was_tried = false;
  bool keeps_history = false;              // Unsynced writes may be lost.
  std::map<std::string, State> snapshots;  // Acknowledged.
  std::optional<std::string> tried_snapshot;

  State Now() const { return states.back(); }
  void Try(State state) {
    states.push_back(std::move(state));
    was_tried = true;
  }
  void Acknowledge() {
    was_tried = false;
    if (!keeps_history) states.erase(states.begin(), states.end() - 1);
  }
  // Everything up to now is on disk.
  void Settle() { states.erase(states.begin(), states.end() - 1); }
};

void Configure(uint64_t seed, TestEngine* engine) {
  engine->options.commitlog_segment_bytes = 64 << 10;
  engine->options.row_group_rows = 16;
  engine->options.commitlog_sync = seed % 3 == 2 ? CommitLogSync::kPeriodic : CommitLogSync::kBatch;
}

class Workload {
 public:
  Workload(uint64_t seed, TestEngine* engine, Expected* expected)
      : random_(seed), engine_(*engine), expected_(*expected) {
    expected_.keeps_history = engine_.options.commitlog_sync == CommitLogSync::kPeriodic;
  }

  // False when the power went.
  bool Run() {
    if (!engine_.Open().ok()) return false;
    State state;
    state.has_table = true;
    expected_.Try(state);
    schema::Table table = MakeTable();
    table.options.compaction = {{"class", "SizeTieredCompactionStrategy"}, {"min_threshold", "2"}};
    if (!testing::CreateTable(engine_.get(), table).ok()) return false;
    expected_.Settle();
    expected_.Acknowledge();
    for (int i = 0; i < kOperationsPerWorkload; ++i) {
      if (!Step()) return false;
    }
    return engine_->Flush(nullptr).ok() && engine_->Compact(nullptr).ok();
  }

 private:
  bool Step() {
    const uint64_t dice = random_.Below(100);
    if (dice < 45) return Put();
    if (dice < 52) return Delete();
    if (dice < 66) return Settled(engine_->Flush(nullptr));
    if (dice < 76) return Load();
    if (dice < 82) return engine_->Compact(nullptr).ok();
    if (dice < 86) return Snapshot();
    if (dice < 90) return ToggleSecondTable();
    if (dice < 93) return AddColumn();
    if (dice < 95) return Truncate();
    return Reopen();
  }
  bool Settled(const base::Status& status) {
    if (status.ok()) expected_.Settle();
    return status.ok();
  }
  // The state is tried, and acknowledged when `status` says so.
  bool Done(const base::Status& status, bool on_disk) {
    if (!status.ok()) return false;
    if (on_disk) expected_.Settle();
    expected_.Acknowledge();
    return true;
  }

  bool Put() {
    State next = expected_.Now();
    const auto c = static_cast<int32_t>(random_.Below(50));
    const auto v = static_cast<int32_t>(random_.Below(1'000'000));
    next.rows[c] = v;
    expected_.Try(next);
    const std::string text(random_.Below(10) == 0 ? 20'000 : 10, 'w');
    return Done(Apply(engine_.get(), Insert(*engine_.table(), 1, c, v, text, ++timestamp_)), false);
  }
  bool Delete() {
    State next = expected_.Now();
    const auto first = static_cast<int32_t>(random_.Below(50));
    next.rows.erase(next.rows.lower_bound(first), next.rows.upper_bound(first + 5));
    expected_.Try(next);
    return Done(Apply(engine_.get(), Write(*engine_.table(), 1).DeleteRange(first, first + 5, ++timestamp_)), false);
  }
  // All rows of it, or none.
  bool Load() {
    const schema::TablePtr table = engine_.table();
    auto load = engine_->BeginBulkLoad(table->id);
    if (!load.ok()) return false;
    State next = expected_.Now();
    columnar::Vector k(types::PhysicalType::kInt64);
    columnar::Vector c(types::PhysicalType::kInt64);
    columnar::Vector v(types::PhysicalType::kInt64);
    const auto first = static_cast<int32_t>(random_.Below(100));
    for (int32_t i = 0; i < 20; ++i) {
      k.AppendInt64(1);
      c.AppendInt64(first + i);
      v.AppendInt64(i);
      next.rows[first + i] = i;
    }
    expected_.Try(next);
    const schema::ColumnId columns[] = {table->FindColumn("k")->id, table->FindColumn("c")->id,
                                        table->FindColumn("v")->id};
    const columnar::Vector* vectors[] = {&k, &c, &v};
    if (!(*load)->Append(columns, vectors, 20, ++timestamp_).ok()) return false;
    // The load is on disk, what was written to the log before perhaps not.
    return Done((*load)->Commit(), false);
  }
  bool Snapshot() {
    const std::string name = "s" + std::to_string(++snapshots_);
    expected_.tried_snapshot = name;
    if (!engine_->Snapshot(name).ok()) return false;
    expected_.Settle();
    expected_.snapshots[name] = expected_.Now();
    expected_.tried_snapshot.reset();
    return true;
  }
  bool ToggleSecondTable() {
    State next = expected_.Now();
    next.has_second_table = !next.has_second_table;
    expected_.Try(next);
    if (next.has_second_table) return Done(testing::CreateTable(engine_.get(), MakeTable("u", ++table_id_)), false);
    return Done(engine_->ChangeSchema([](const schema::Schema& schema) -> base::Result<schema::Schema> {
      return schema.WithoutTable("ks", "u");
    }),
                false);
  }
  bool AddColumn() {
    State next = expected_.Now();
    ++next.added_columns;
    expected_.Try(next);
    schema::Table table = *engine_.table();
    schema::Column column;
    column.id = schema::ColumnId(table.next_column_id++);
    column.name = "x" + std::to_string(next.added_columns);
    column.type = types::DataType(types::TypeKind::kInt);
    column.kind = schema::ColumnKind::kRegular;
    table.columns.push_back(column);
    table.Finish();
    return Done(testing::CreateTable(engine_.get(), table), false);
  }
  bool Truncate() {
    State next = expected_.Now();
    next.rows.clear();
    expected_.Try(next);
    return Done(engine_->Truncate({&engine_.table()->id, 1}), true);
  }
  bool Reopen() {
    if (!engine_.CloseStatus().ok()) return false;
    expected_.Settle();
    return engine_.Open().ok();
  }

  base::Random random_;
  TestEngine& engine_;
  Expected& expected_;
  int64_t timestamp_ = 0;
  uint8_t table_id_ = 1;
  int snapshots_ = 0;
};

State Shown(TestEngine* engine) {
  State state;
  state.has_second_table = engine->table("u") != nullptr;
  const schema::TablePtr table = engine->table();
  state.has_table = table != nullptr;
  if (!state.has_table) return state;
  state.added_columns = static_cast<int>(table->columns.size()) - 5;
  ReadCommand command = ReadAll(table);
  command.columns = {{table->FindColumn("c")->id, false, false}, {table->FindColumn("v")->id, false, false}};
  const auto rows = Rows(engine->get(), command);
  EXPECT_TRUE(rows.ok()) << rows.status().ToString();
  if (!rows.ok()) return state;
  for (const std::string& row : *rows) state.rows[std::stoi(row)] = std::stoi(row.substr(row.find('|') + 1));
  return state;
}

// The states that a directory may show: schema changes and loads of a run with unsynced writes may be there without the
// writes before them, so that rows and schema are looked at apart.
void CheckState(const State& shown, const Expected& expected) {
  const auto fits = [&](const State& state) {
    if (!expected.keeps_history) return state == shown;
    return state.has_table == shown.has_table && state.has_second_table == shown.has_second_table &&
           state.added_columns == shown.added_columns;
  };
  std::string allowed;
  for (const State& state : expected.states) allowed += "\n  " + TextOf(state);
  ASSERT_TRUE(std::any_of(expected.states.begin(), expected.states.end(), fits))
      << "shows " << TextOf(shown) << "\nexpected one of" << allowed;
  if (!expected.keeps_history) return;
  for (const auto& [c, v] : shown.rows) {
    const auto wrote = [&, c = c, v = v](const State& state) {
      const auto row = state.rows.find(c);
      return row != state.rows.end() && row->second == v;
    };
    ASSERT_TRUE(std::any_of(expected.states.begin(), expected.states.end(), wrote)) << c << ":" << v << allowed;
  }
  for (const auto& [c, v] : expected.states.front().rows) {
    const auto has = [c = c](const State& state) { return state.rows.contains(c); };
    const bool stays = std::all_of(expected.states.begin(), expected.states.end(), has);
    ASSERT_TRUE(!stays || shown.rows.contains(c)) << c << " is lost" << allowed;
  }
}

void CheckSnapshots(io::FileSystem* files, uint64_t seed, const Expected& expected) {
  for (const auto& [name, state] : expected.snapshots) {
    TestEngine snapshot(files);
    Configure(seed, &snapshot);
    const base::Status opened = snapshot.Open("/data/snapshots/" + name);
    ASSERT_TRUE(opened.ok()) << opened.ToString();
    ASSERT_EQ(TextOf(Shown(&snapshot)), TextOf(state));
  }
  if (!expected.tried_snapshot) return;
  TestEngine half(files);
  Configure(seed, &half);
  const std::string path = "/data/snapshots/" + *expected.tried_snapshot;
  // Without VERSION it is refused, or, when nothing of it is left, an empty place.
  if (!*files->Exists(path + "/VERSION") || !half.Open(path).ok()) return;
  ASSERT_EQ(TextOf(Shown(&half)), TextOf(expected.Now()));
}

void CheckAfterCrash(io::FileSystem* files, uint64_t seed, TestEngine* engine, const Expected& expected) {
  ASSERT_NO_FATAL_FAILURE(CheckSnapshots(files, seed, expected));
  const base::Status opened = engine->Open();
  ASSERT_TRUE(opened.ok()) << opened.ToString();
  ASSERT_NO_FATAL_FAILURE(CheckState(Shown(engine), expected));
  ASSERT_THAT(*(*engine)->Verify(), ::testing::IsEmpty());
  if (engine->table() == nullptr) return;
  // And it goes on working.
  ASSERT_TRUE(Apply(engine->get(), Insert(*engine->table(), 1, 5, 555, "w", 1'000'000)).ok());
  ASSERT_TRUE((*engine)->Flush(nullptr).ok());
  ASSERT_TRUE((*engine)->Compact(nullptr).ok());
  ASSERT_EQ(Shown(engine).rows.at(5), 555);
  if (expected.tried_snapshot) {
    // The name is free, unless the snapshot was made and not yet acknowledged.
    const base::Status again = (*engine)->Snapshot(*expected.tried_snapshot);
    ASSERT_TRUE(again.ok() || again.code() == base::Code::kAlreadyExists) << again.ToString();
  }
}

uint64_t CallsOfWorkload(uint64_t seed) {
  io::MemFileSystem files;
  io::FaultFileSystem faults(files, io::PowerCut::kDropUnsynced, 1);
  TestEngine engine(&faults);
  Configure(seed, &engine);
  Expected expected;
  EXPECT_TRUE(Workload(seed, &engine, &expected).Run());
  engine.Close();
  return faults.call_count();
}

void CutOnce(uint64_t seed, uint64_t call, io::PowerCut kind) {
  io::MemFileSystem files;
  io::FaultFileSystem faults(files, kind, call);
  TestEngine engine(&faults);
  Configure(seed, &engine);
  Expected expected;
  faults.FailCall(call, io::Fault::kPowerCut);
  Workload(seed, &engine, &expected).Run();
  engine.Close();
  if (faults.has_power()) faults.CutPowerNow();
  faults.Restart();
  if (call % 3 == 0) {
    // Again, while the directory is opened.
    faults.FailCall(1 + call / 3 % 12, io::Fault::kPowerCut);
    (void)engine.Open();
    engine.Close();
    if (faults.has_power()) faults.CutPowerNow();
    faults.Restart();
  }
  CheckAfterCrash(&faults, seed, &engine, expected);
}

struct Cut {
  uint64_t seed;
  uint64_t call;
  uint64_t calls;  // Of the whole workload.
};

// At every call of one workload after another.
std::vector<Cut> Cuts(uint64_t count) {
  std::vector<Cut> cuts;
  for (uint64_t seed = FromEnvironment("CASSETTE_SEED", kFirstSeed); cuts.size() < count; ++seed) {
    const uint64_t calls = CallsOfWorkload(seed);
    for (uint64_t call = 1; call <= calls && cuts.size() < count; ++call) cuts.push_back({seed, call, calls});
  }
  return cuts;
}

TEST(EngineCrash, LosesNothingAcknowledgedWhereverThePowerGoes) {
  constexpr io::PowerCut kKinds[] = {io::PowerCut::kDropUnsynced, io::PowerCut::kTear, io::PowerCut::kReorder};
  const std::vector<Cut> cuts = Cuts(FromEnvironment("CASSETTE_CUTS", kCuts));
  testing::OnAllCores(cuts.size(), [&](uint64_t index) {
    const Cut& cut = cuts[index];
    SCOPED_TRACE(fmt::format("CASSETTE_SEED={}, power cut at call {} of {}", cut.seed, cut.call, cut.calls));
    CutOnce(cut.seed, cut.call, kKinds[(cut.seed + cut.call) % 3]);
  });
}

}  // namespace
}  // namespace cassette::storage::engine
