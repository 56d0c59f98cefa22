// A table written to memory and opened again, for the folder's tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "io/mem_file_system.h"
#include "storage/sstable/partition_source.h"
#include "storage/sstable/sstable_reader.h"
#include "storage/sstable/sstable_writer.h"
#include "storage/sstable/test_model.h"

namespace cassette::storage::sstable::testing {

inline constexpr char kPath[] = "/data/1.sst";

inline std::vector<schema::ColumnId> AllColumns(const schema::Table& table) {
  std::vector<schema::ColumnId> ids;
  for (size_t i = 0; i < table.regular_count(); ++i) ids.push_back(table.regular(i).id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

// Reads all of a source; the failure, when there is one.
inline base::Status ReadAll(rows::RowSource* source, const schema::Table& table, Model* result) {
  rows::RowBlock block;
  for (;;) {
    auto more = source->Next(&block);
    CASSETTE_RETURN_IF_ERROR(more);
    if (!*more) return base::Status::Ok();
    EXPECT_TRUE(Collect(table, block, result)) << "the grammar of sources is broken";
  }
}

struct TestTable {
  io::MemFileSystem file_system;
  BlockCache cache{1 << 20};
  schema::TablePtr table;
  Model model;
  SstableStatistics statistics;
  std::unique_ptr<SstableReader> reader;
  ReadCounters counters;
  PartitionSource partition;

  void WriteBlocks(schema::TablePtr with_table, const std::vector<rows::RowBlock>& blocks,
                   const WriterOptions& options = {}) {
    table = std::move(with_table);
    ASSERT_TRUE(file_system.CreateDirs("/data").ok());
    auto writer = SstableWriter::Create(file_system, kPath, table, options);
    ASSERT_TRUE(writer.ok()) << writer.status().message();
    for (const rows::RowBlock& block : blocks) {
      const base::Status status = (*writer)->Add(block);
      ASSERT_TRUE(status.ok()) << status.message();
    }
    auto finished = (*writer)->Finish();
    ASSERT_TRUE(finished.ok()) << finished.status().message();
    statistics = *finished;
    auto opened = SstableReader::Open(file_system, kPath, &table->id, &cache);
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    reader = std::move(*opened);
  }

  void Write(schema::TablePtr with_table, Model contents, uint32_t group_rows = columnar::kMaxVectorRows,
             uint32_t block_rows = columnar::kMaxVectorRows) {
    model = std::move(contents);
    WriterOptions options;
    options.row_group_rows = group_rows;
    const std::vector<rows::RowBlock> blocks = ToBlocks(*with_table, model, block_rows);
    WriteBlocks(std::move(with_table), blocks, options);
  }

  Model Read(const rows::ReadRange& range, const ReadOptions& options = {}) {
    Model result;
    auto source = reader->Read(range, options, counters);
    const base::Status status = ReadAll(source.get(), *table, &result);
    EXPECT_TRUE(status.ok()) << status.message();
    if (range.key != nullptr) {
      // The same with the memory of the read before, and what is in the cache by now.
      Model again;
      ReadCounters uncounted;
      reader->OpenPartition(range, options, uncounted, &partition);
      EXPECT_TRUE(ReadAll(&partition, *table, &again).ok());
      EXPECT_EQ(ToLines(again), ToLines(result));
      partition.Close();
    }
    return result;
  }

  void Check(const rows::ReadRange& range, const ReadOptions& options = {}) {
    ASSERT_EQ(ToLines(Read(range, options)), ToLines(Filter(model, range)));
  }

  std::string FileBytes() {
    auto bytes = io::ReadFile(file_system, kPath, 1 << 30);
    EXPECT_TRUE(bytes.ok());
    return *bytes;
  }
};

// A partition of MetricsTable().
inline ModelPartition MetricsPartition(const std::string& resource, int year, int week) {
  ModelPartition partition;
  const std::string year_bytes = Int64Bytes(types::TypeKind::kInt, year);
  const std::string week_bytes = Int64Bytes(types::TypeKind::kInt, week);
  const std::vector<std::string_view> components = {resource, year_bytes, week_bytes};
  CASSETTE_ASSERT(rows::AppendPartitionKey(components, &partition.key).ok());
  partition.token = codec::Murmur3Token(partition.key);
  return partition;
}

// A row as INSERT ... (value) writes it.
inline ModelRow MetricsRow(const schema::Table& table, const std::string& metric, int64_t at, double value,
                           int64_t timestamp = 1'700'000'000'000'000) {
  ModelRow row;
  row.clustering = {metric, Int64Bytes(types::TypeKind::kTimestamp, at)};
  row.position = PositionOf(table, row.clustering);
  row.liveness.timestamp_micros = timestamp;
  ModelCell cell;
  cell.state = rows::CellState::kLive;
  cell.timestamp = timestamp;
  cell.value = DoubleBytes(value);
  row.cells[schema::ColumnId(7)] = cell;
  return row;
}

// Rows of `samples` times of each of `metrics` metrics.
inline ModelPartition MetricsWeek(const schema::Table& table, const std::string& resource, int metrics, int samples) {
  ModelPartition partition = MetricsPartition(resource, 2025, 7);
  base::Random random(partition.token);
  for (int metric = 0; metric < metrics; ++metric) {
    double level = 50;
    int64_t at = 1'739'000'000'000;
    for (int sample = 0; sample < samples; ++sample) {
      level += random.Normal();
      at += 300'000 + static_cast<int64_t>(base::Random(sample).Below(1000));  // Jitter, the same for all metrics.
      partition.rows.push_back(
          MetricsRow(table, "metric-" + std::to_string(metric), at, std::round(level * 100) / 100));
    }
  }
  return partition;
}

}  // namespace cassette::storage::sstable::testing
