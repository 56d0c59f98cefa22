// Writers, readers, flushes, compactions, loads and schema changes at once; for the thread sanitizer above all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/random.h"
#include "storage/engine/test_support.h"

namespace cassette::storage::engine {
namespace {

using testing::Apply;
using testing::Insert;
using testing::MakeTable;
using testing::ReadAll;
using testing::Rows;
using testing::TestEngine;

constexpr int kWriters = 3;
constexpr int kRowsOfWriter = 2000;

class EngineConcurrency : public ::testing::Test {
 protected:
  void SetUp() override {
    engine_.options.background_threads = 2;
    engine_.options.memtable_heap_bytes = 256 << 10;
    engine_.options.commitlog_sync = CommitLogSync::kGroup;
    engine_.options.commitlog_sync_group_window_ms = 1;
    ASSERT_TRUE(engine_.Open().ok());
    schema::Table table = MakeTable();
    table.options.compaction = {{"class", "SizeTieredCompactionStrategy"}, {"min_threshold", "2"}};
    ASSERT_TRUE(testing::CreateTable(engine_.get(), table).ok());
  }

  // Each writer has a partition of its own, and writes its rows in order.
  void WriteRows(int writer) {
    const schema::TablePtr table = engine_.table();
    for (int32_t c = 0; c < kRowsOfWriter; ++c) {
      const auto write = Insert(*table, writer, c, c, "text", 1000 + c);
      const std::string_view bytes = write.bytes();
      const auto position = engine_->Apply(std::span(&bytes, 1));
      ASSERT_TRUE(position.ok()) << position.status().ToString();
      written_[writer] = c + 1;
    }
  }

  // What is read holds at least what was written before, without a hole.
  void ReadRows(uint64_t seed) {
    base::Random random(seed);
    while (!stop_) {
      const int writer = static_cast<int>(random.Below(kWriters));
      const int at_least = written_[writer];
      ReadCommand command = ReadAll(engine_.table());
      command.keys = {testing::KeyOf(writer)};
      command.columns = {command.columns[1]};
      const auto rows = Rows(engine_.get(), command);
      ASSERT_TRUE(rows.ok()) << rows.status().ToString();
      ASSERT_GE(static_cast<int>(rows->size()), at_least);
      for (size_t i = 0; i < rows->size(); ++i) ASSERT_EQ((*rows)[i], std::to_string(i));
    }
  }

  void ChangeThings() {
    for (int i = 0; !stop_; ++i) {
      if (i % 3 == 0) {
        ASSERT_TRUE(engine_->Flush(nullptr).ok());
      }
      if (i % 5 == 0) {
        ASSERT_TRUE(engine_->Compact(nullptr).ok());
      }
      if (i % 7 == 0) {
        ASSERT_TRUE(engine_->Snapshot("s" + std::to_string(i)).ok());
      }
      ASSERT_TRUE(testing::CreateTable(engine_.get(), MakeTable("other", 2)).ok());
      ASSERT_TRUE(engine_->Truncate(std::vector{engine_.table("other")->id}).ok());
      ASSERT_TRUE(engine_
                      ->ChangeSchema([](const schema::Schema& s) -> base::Result<schema::Schema> {
                        return s.WithoutTable("ks", "other");
                      })
                      .ok());
      (void)engine_->Statistics();
    }
  }

  io::MemFileSystem files_{false};
  TestEngine engine_{&files_};
  std::atomic<int> written_[kWriters] = {};
  std::atomic<bool> stop_ = false;
};

TEST_F(EngineConcurrency, ReadersSeeWholePrefixesWhileEverythingChanges) {
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) writers.emplace_back([this, i] { WriteRows(i); });
  std::vector<std::thread> others;
  others.emplace_back([this] { ReadRows(1); });
  others.emplace_back([this] { ReadRows(2); });
  others.emplace_back([this] { ChangeThings(); });
  for (std::thread& thread : writers) thread.join();
  stop_ = true;
  for (std::thread& thread : others) thread.join();
  engine_.Close();
  ASSERT_TRUE(engine_.Open().ok());
  const auto rows = Rows(engine_.get(), ReadAll(engine_.table()));
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->size(), static_cast<size_t>(kWriters * kRowsOfWriter));
}

TEST_F(EngineConcurrency, LoadsBesideWrites) {
  std::thread writer([this] { WriteRows(0); });
  std::thread loader([this] {
    for (int load = 0; load < 20; ++load) {
      auto begun = engine_->BeginBulkLoad(engine_.table()->id);
      ASSERT_TRUE(begun.ok());
      columnar::Vector k(types::PhysicalType::kInt64);
      columnar::Vector c(types::PhysicalType::kInt64);
      for (int i = 0; i < 100; ++i) {
        k.AppendInt64(100);
        c.AppendInt64(load * 100 + i);
      }
      const schema::TablePtr table = engine_.table();
      const schema::ColumnId columns[] = {table->FindColumn("k")->id, table->FindColumn("c")->id};
      const columnar::Vector* vectors[] = {&k, &c};
      ASSERT_TRUE((*begun)->Append(columns, vectors, 100, 1).ok());
      ASSERT_TRUE((*begun)->Commit().ok());
    }
  });
  writer.join();
  loader.join();
  ReadCommand command = ReadAll(engine_.table());
  command.keys = {testing::KeyOf(100)};
  const auto rows = Rows(engine_.get(), command);
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->size(), 2000u);
}

}  // namespace
}  // namespace cassette::storage::engine
