// The power goes at many points of a workload of writes, flushes, compactions, loads and schema changes: the directory
// opens again, and what was acknowledged is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/random.h"
#include "io/fault_file_system.h"
#include "storage/engine/test_support.h"

namespace cassette::storage::engine {
namespace {

using testing::Apply;
using testing::Insert;
using testing::MakeTable;
using testing::ReadAll;
using testing::Rows;
using testing::TestEngine;

// What was acknowledged, and what was tried last: that may or may not be there.
struct Expected {
  std::map<int32_t, int32_t> rows;  // c -> v, of partition 1 of table t
  std::map<int32_t, int32_t> tried;
  bool truncated_tried = false;
  bool has_table = false;
  bool has_second_table = false;
  bool second_table_tried = false;
};

class Workload {
 public:
  Workload(TestEngine* engine, Expected* expected) : engine_(*engine), expected_(*expected) {}

  // False when the power went.
  bool Run() {
    if (!engine_.Open().ok()) return false;
    if (!testing::CreateTable(engine_.get(), MakeTable()).ok()) return false;
    expected_.has_table = true;
    for (int32_t i = 0; i < 40; ++i) {
      if (!Put(i, i)) return false;
      if (i % 7 == 6 && !engine_->Flush(nullptr).ok()) return false;
      if (i % 13 == 12 && !Load(1000 + i)) return false;
      if (i % 17 == 16 && !engine_->Compact(nullptr).ok()) return false;
      if (i == 20 && !AddSecondTable()) return false;
      if (i == 25 && !engine_->Snapshot("s").ok()) return false;
    }
    engine_.Close();
    if (!engine_.Open().ok()) return false;
    for (int32_t i = 0; i < 10; ++i) {
      if (!Put(i, 100 + i)) return false;
    }
    return engine_->Flush(nullptr).ok() && engine_->Compact(nullptr).ok();
  }

 private:
  bool Put(int32_t c, int32_t v) {
    expected_.tried = {{c, v}};
    if (!Apply(engine_.get(), Insert(*engine_.table(), 1, c, v, "w", ++timestamp_)).ok()) return false;
    Acknowledge();
    return true;
  }
  void Acknowledge() {
    for (const auto& [c, v] : expected_.tried) expected_.rows[c] = v;
    expected_.tried.clear();
  }
  // All rows of it, or none.
  bool Load(int32_t first) {
    auto load = engine_->BeginBulkLoad(engine_.table()->id);
    if (!load.ok()) return false;
    columnar::Vector k(types::PhysicalType::kInt64);
    columnar::Vector c(types::PhysicalType::kInt64);
    columnar::Vector v(types::PhysicalType::kInt64);
    expected_.tried.clear();
    for (int32_t i = 0; i < 20; ++i) {
      k.AppendInt64(1);
      c.AppendInt64(first + i * 100);
      v.AppendInt64(i);
      expected_.tried[first + i * 100] = i;
    }
    const schema::TablePtr table = engine_.table();
    const schema::ColumnId columns[] = {table->FindColumn("k")->id, table->FindColumn("c")->id,
                                        table->FindColumn("v")->id};
    const columnar::Vector* vectors[] = {&k, &c, &v};
    if (!(*load)->Append(columns, vectors, 20, ++timestamp_).ok()) return false;
    if (!(*load)->Commit().ok()) return false;
    Acknowledge();
    return true;
  }
  bool AddSecondTable() {
    expected_.second_table_tried = true;
    if (!testing::CreateTable(engine_.get(), MakeTable("u", 2)).ok()) return false;
    expected_.has_second_table = true;
    return true;
  }

  TestEngine& engine_;
  Expected& expected_;
  int64_t timestamp_ = 0;
};

void UseSmallSegments(TestEngine* engine) { engine->options.commitlog_segment_bytes = 256 << 10; }

// c -> v of what the table shows.
std::map<int32_t, int32_t> Shown(TestEngine* engine) {
  std::map<int32_t, int32_t> shown;
  ReadCommand command = ReadAll(engine->table());
  command.columns = {command.columns[1], command.columns[3]};
  const auto rows = Rows(engine->get(), command);
  EXPECT_TRUE(rows.ok()) << rows.status().ToString();
  if (!rows.ok()) return shown;
  for (const std::string& row : *rows) shown[std::stoi(row)] = std::stoi(row.substr(row.find('|') + 1));
  return shown;
}

void CheckAfterCrash(TestEngine* engine, const Expected& expected) {
  const base::Status opened = engine->Open();
  ASSERT_TRUE(opened.ok()) << opened.ToString();
  if (expected.has_second_table) {
    ASSERT_NE(engine->table("u"), nullptr);
  }
  if (!expected.second_table_tried) {
    ASSERT_EQ(engine->table("u"), nullptr);
  }
  if (!expected.has_table) return;
  ASSERT_NE(engine->table(), nullptr);
  std::map<int32_t, int32_t> with_tried = expected.rows;
  for (const auto& [c, v] : expected.tried) with_tried[c] = v;
  const std::map<int32_t, int32_t> shown = Shown(engine);
  ASSERT_TRUE(shown == expected.rows || shown == with_tried)
      << shown.size() << " rows, expected " << expected.rows.size() << " or " << with_tried.size();
  ASSERT_THAT(*(*engine)->Verify(), ::testing::IsEmpty());
  // And it goes on working.
  ASSERT_TRUE(Apply(engine->get(), Insert(*engine->table(), 1, 5, 555, "w", 1'000'000)).ok());
  ASSERT_TRUE((*engine)->Flush(nullptr).ok());
  ASSERT_TRUE((*engine)->Compact(nullptr).ok());
  ASSERT_EQ(Shown(engine).at(5), 555);
}

uint64_t CallsOfWorkload() {
  io::MemFileSystem files;
  io::FaultFileSystem faults(files, io::PowerCut::kDropUnsynced, 1);
  TestEngine engine(&faults);
  UseSmallSegments(&engine);
  Expected expected;
  EXPECT_TRUE(Workload(&engine, &expected).Run());
  engine.Close();
  return faults.call_count();
}

void CutEverywhere(io::PowerCut kind, uint64_t step) {
  const uint64_t calls = CallsOfWorkload();
  for (uint64_t call = 1; call <= calls; call += step) {
    SCOPED_TRACE("power cut at call " + std::to_string(call) + " of " + std::to_string(calls));
    io::MemFileSystem files;
    io::FaultFileSystem faults(files, kind, call);
    TestEngine engine(&faults);
    UseSmallSegments(&engine);
    Expected expected;
    faults.FailCall(call, io::Fault::kPowerCut);
    Workload(&engine, &expected).Run();
    engine.Close();
    if (faults.has_power()) faults.CutPowerNow();
    faults.Restart();
    CheckAfterCrash(&engine, expected);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(EngineCrash, LosesNothingAcknowledgedWhenUnsyncedBytesVanish) { CutEverywhere(io::PowerCut::kDropUnsynced, 1); }
TEST(EngineCrash, LosesNothingAcknowledgedWhenWritesAreTorn) { CutEverywhere(io::PowerCut::kTear, 2); }
TEST(EngineCrash, LosesNothingAcknowledgedWhenWritesAreReordered) { CutEverywhere(io::PowerCut::kReorder, 2); }

TEST(EngineFaults, SaysSoWhenAFlushFailsAndLosesNothing) {
  const uint64_t calls = CallsOfWorkload();
  for (uint64_t call = 5; call <= calls; call += 3) {
    SCOPED_TRACE("failing call " + std::to_string(call));
    io::MemFileSystem files;
    io::FaultFileSystem faults(files, io::PowerCut::kDropUnsynced, call);
    TestEngine engine(&faults);
    UseSmallSegments(&engine);
    Expected expected;
    faults.FailCall(call, call % 2 == 0 ? io::Fault::kIoError : io::Fault::kNoSpace);
    Workload(&engine, &expected).Run();
    engine.Close();
    // The failed write may have reached the log.
    CheckAfterCrash(&engine, expected);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(EngineFaults, FlushesAgainAfterAFailure) {
  io::MemFileSystem files;
  io::FaultFileSystem faults(files, io::PowerCut::kDropUnsynced, 1);
  TestEngine engine(&faults);
  ASSERT_TRUE(engine.Open().ok());
  ASSERT_TRUE(testing::CreateTable(engine.get(), MakeTable()).ok());
  ASSERT_TRUE(Apply(engine.get(), Insert(*engine.table(), 1, 1, 1, "a", 1)).ok());
  faults.FailCall(1, io::Fault::kNoSpace);
  EXPECT_FALSE(engine->Flush(nullptr).ok());
  EXPECT_EQ(Shown(&engine).size(), 1u);
  ASSERT_TRUE(Apply(engine.get(), Insert(*engine.table(), 1, 2, 2, "b", 2)).ok());
  EXPECT_EQ(Shown(&engine).size(), 2u);
  EXPECT_TRUE(engine->Flush(nullptr).ok());
  EXPECT_EQ(Shown(&engine).size(), 2u);
  EXPECT_EQ(engine->Statistics().tables[0].memtable_rows, 0u);
}

TEST(EngineFaults, RefusesWritesAfterAFailedSync) {
  io::MemFileSystem files;
  io::FaultFileSystem faults(files, io::PowerCut::kDropUnsynced, 1);
  TestEngine engine(&faults);
  ASSERT_TRUE(engine.Open().ok());
  ASSERT_TRUE(testing::CreateTable(engine.get(), MakeTable()).ok());
  ASSERT_TRUE(Apply(engine.get(), Insert(*engine.table(), 1, 1, 1, "a", 1)).ok());
  faults.FailSync(1, io::Fault::kIoError);
  EXPECT_FALSE(Apply(engine.get(), Insert(*engine.table(), 1, 2, 2, "b", 2)).ok());
  EXPECT_EQ(Apply(engine.get(), Insert(*engine.table(), 1, 3, 3, "c", 3)).code(), base::Code::kUnavailable);
}

}  // namespace
}  // namespace cassette::storage::engine
