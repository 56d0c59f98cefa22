// Every call of a workload in turn fails: nothing acknowledged is lost, reads go on, the engine says what happened, and
// it goes on when it can. A disk that is full for a while; a sync that failed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

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

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kCallStep = 5;
#else
constexpr uint64_t kCallStep = 1;
#endif

// A workload that goes on after failures. Of each row it knows the values that it may have.
class StubbornWorkload {
 public:
  explicit StubbornWorkload(TestEngine* engine) : engine_(*engine) {
    engine->options.commitlog_segment_bytes = 64 << 10;
    engine->options.row_group_rows = 16;
  }

  void Run() {
    if (!Note(engine_.Open())) return;
    if (!Note(testing::CreateTable(engine_.get(), MakeTable()))) return;
    for (int32_t i = 0; i < 30; ++i) {
      Put(i % 20, i);
      if (i % 7 == 6) Note(engine_->Flush(nullptr));
      if (i % 11 == 10) Load(100 + i, i);
      if (i % 13 == 12) Note(engine_->Compact(nullptr));
      if (i == 15) Note(engine_->Snapshot("s"));
      if (i % 10 == 9) CheckRows();
    }
  }

  // What is shown is what may be there.
  void CheckRows() {
    if (engine_.get() == nullptr || engine_.table() == nullptr) return;
    ReadCommand command = ReadAll(engine_.table());
    command.columns = {command.columns[1], command.columns[3]};
    const auto rows = Rows(engine_.get(), command);
    ASSERT_TRUE(rows.ok()) << rows.status().ToString();
    std::map<int32_t, int32_t> shown;
    for (const std::string& row : *rows) shown[std::stoi(row)] = std::stoi(row.substr(row.find('|') + 1));
    for (const auto& [c, values] : possible_) {
      const auto row = shown.find(c);
      ASSERT_TRUE(values.contains(row == shown.end() ? kAbsent : row->second))
          << "row " << c << " is " << (row == shown.end() ? "absent" : std::to_string(row->second));
    }
    for (const auto& [c, v] : shown) ASSERT_TRUE(possible_.contains(c)) << c << " was never written";
  }

  bool Put(int32_t c, int32_t v) {
    Try(c, v);
    const bool ok = Note(Apply(engine_.get(), Insert(*engine_.table(), 1, c, v, std::string(3000, 'w'), ++timestamp_)));
    if (ok) possible_[c] = {v};
    return ok;
  }
  const base::Status& last_failure() const { return last_failure_; }

 private:
  static constexpr int32_t kAbsent = -1;

  void Try(int32_t c, int32_t v) {
    if (!possible_.contains(c)) possible_[c] = {kAbsent};
    possible_[c].insert(v);
  }
  void Load(int32_t first, int32_t v) {
    const schema::TablePtr table = engine_.table();
    auto load = engine_->BeginBulkLoad(table->id);
    if (!Note(load.status())) return;
    columnar::Vector k(types::PhysicalType::kInt64);
    columnar::Vector c(types::PhysicalType::kInt64);
    columnar::Vector values(types::PhysicalType::kInt64);
    for (int32_t i = first; i < first + 20; ++i) {
      k.AppendInt64(1);
      c.AppendInt64(i);
      values.AppendInt64(v);
      Try(i, v);
    }
    const schema::ColumnId columns[] = {table->FindColumn("k")->id, table->FindColumn("c")->id,
                                        table->FindColumn("v")->id};
    const columnar::Vector* vectors[] = {&k, &c, &values};
    if (!Note((*load)->Append(columns, vectors, 20, ++timestamp_)) || !Note((*load)->Commit())) return;
    for (int32_t i = first; i < first + 20; ++i) possible_[i] = {v};
  }
  // A failure says which file, or that the engine takes nothing more.
  bool Note(const base::Status& status) {
    if (status.ok()) return true;
    EXPECT_NE(status.message().find_first_of("/:"), std::string_view::npos) << status.ToString();
    EXPECT_TRUE(status.code() == base::Code::kIoError || status.code() == base::Code::kUnavailable)
        << status.ToString();
    last_failure_ = status;
    return false;
  }

  TestEngine& engine_;
  std::map<int32_t, std::set<int32_t>> possible_;
  base::Status last_failure_;
  int64_t timestamp_ = 0;
};

class EngineFaults : public ::testing::Test {
 protected:
  uint64_t CallsOfWorkload() {
    io::MemFileSystem files(false);
    io::FaultFileSystem faults(files);
    TestEngine engine(&faults);
    StubbornWorkload(&engine).Run();
    engine.Close();
    return faults.call_count();
  }

  void FailEachCall(io::Fault fault) {
    const uint64_t calls = CallsOfWorkload();
    for (uint64_t call = 1; call <= calls; call += kCallStep) {
      SCOPED_TRACE("call " + std::to_string(call) + " of " + std::to_string(calls));
      io::MemFileSystem files(false);
      io::FaultFileSystem faults(files);
      TestEngine engine(&faults);
      StubbornWorkload workload(&engine);
      faults.FailCall(call, fault);
      workload.Run();
      engine.Close();
      faults.Restart();  // The log's thread may have made fewer calls than the time before.
      const base::Status opened = engine.Open();
      ASSERT_TRUE(opened.ok()) << opened.ToString();
      ASSERT_NO_FATAL_FAILURE(workload.CheckRows());
      if (engine.table() == nullptr) {
        ASSERT_TRUE(testing::CreateTable(engine.get(), MakeTable()).ok());
      }
      ASSERT_TRUE(workload.Put(1, 777));
      ASSERT_TRUE(engine->Flush(nullptr).ok());
      ASSERT_TRUE(engine->Compact(nullptr).ok());
      ASSERT_NO_FATAL_FAILURE(workload.CheckRows());
      ASSERT_THAT(*engine->Verify(), ::testing::IsEmpty());
    }
  }

  io::MemFileSystem files_{false};
  io::FaultFileSystem faults_{files_};
  TestEngine engine_{&faults_};
  StubbornWorkload workload_{&engine_};
};

TEST_F(EngineFaults, AnyCallMayGiveAnIoError) { FailEachCall(io::Fault::kIoError); }
TEST_F(EngineFaults, AnyCallMayFindTheDiskFull) { FailEachCall(io::Fault::kNoSpace); }
TEST_F(EngineFaults, AnyWriteMayBeShort) { FailEachCall(io::Fault::kShortWrite); }

TEST_F(EngineFaults, GoesOnOnceAFullDiskHasRoomAgain) {
  workload_.Run();
  faults_.SetDiskFull(true);
  int32_t refused = 0;
  for (int32_t i = 0; i < 60; ++i) refused += !workload_.Put(i, 1000 + i);
  EXPECT_GT(refused, 0);
  EXPECT_NE(workload_.last_failure().message().find("No space left on device"), std::string_view::npos)
      << workload_.last_failure().ToString();
  EXPECT_FALSE(engine_->Flush(nullptr).ok());
  EXPECT_FALSE(testing::CreateTable(engine_.get(), MakeTable("u", 2)).ok());
  ASSERT_NO_FATAL_FAILURE(workload_.CheckRows());
  faults_.SetDiskFull(false);
  for (int32_t i = 0; i < 60; ++i) ASSERT_TRUE(workload_.Put(i, 2000 + i)) << workload_.last_failure().ToString();
  ASSERT_TRUE(engine_->Flush(nullptr).ok());
  ASSERT_TRUE(testing::CreateTable(engine_.get(), MakeTable("u", 2)).ok());
  engine_.Close();
  ASSERT_TRUE(engine_.Open().ok());
  ASSERT_NO_FATAL_FAILURE(workload_.CheckRows());
  ASSERT_NE(engine_.table("u"), nullptr);
}

TEST_F(EngineFaults, ReadsFailByNameAndWorkAgain) {
  workload_.Run();
  ASSERT_TRUE(engine_->Flush(nullptr).ok());
  engine_.options.cache_bytes = 0;
  engine_.Close();
  ASSERT_TRUE(engine_.Open().ok());
  for (uint64_t read = 1; read <= 4; ++read) {
    faults_.FailRead(read, io::Fault::kIoError);
    const auto rows = Rows(engine_.get(), ReadAll(engine_.table()));
    if (rows.ok()) continue;
    EXPECT_EQ(rows.status().code(), base::Code::kIoError);
    EXPECT_NE(rows.status().message().find("/data/sstables/"), std::string_view::npos) << rows.status().ToString();
    ASSERT_NO_FATAL_FAILURE(workload_.CheckRows());
  }
}

TEST_F(EngineFaults, FlushesAgainAfterAFailure) {
  ASSERT_TRUE(engine_.Open().ok());
  ASSERT_TRUE(testing::CreateTable(engine_.get(), MakeTable()).ok());
  ASSERT_TRUE(workload_.Put(1, 1));
  faults_.FailCall(1, io::Fault::kNoSpace);
  EXPECT_FALSE(engine_->Flush(nullptr).ok());
  ASSERT_TRUE(workload_.Put(2, 2));
  EXPECT_TRUE(engine_->Flush(nullptr).ok());
  ASSERT_NO_FATAL_FAILURE(workload_.CheckRows());
  EXPECT_EQ(engine_->Statistics().tables[0].memtable_rows, 0u);
}

TEST_F(EngineFaults, AfterAFailedSyncWritesAreRefusedUntilItIsOpenedAgainAndReadsGoOn) {
  ASSERT_TRUE(engine_.Open().ok());
  ASSERT_TRUE(testing::CreateTable(engine_.get(), MakeTable()).ok());
  ASSERT_TRUE(workload_.Put(1, 1));
  faults_.FailSync(1, io::Fault::kIoError);
  EXPECT_FALSE(workload_.Put(2, 2));
  EXPECT_FALSE(workload_.Put(3, 3));
  EXPECT_EQ(workload_.last_failure().code(), base::Code::kUnavailable);
  EXPECT_NE(workload_.last_failure().message().find("until it is opened again"), std::string_view::npos);
  ASSERT_NO_FATAL_FAILURE(workload_.CheckRows());
  engine_.Close();
  ASSERT_TRUE(engine_.Open().ok());
  ASSERT_NO_FATAL_FAILURE(workload_.CheckRows());
  EXPECT_TRUE(workload_.Put(3, 4));
}

}  // namespace
}  // namespace cassette::storage::engine
