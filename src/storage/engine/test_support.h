// What the engine's tests share: a table, writes as one line each, and reads as text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "codec/murmur3.h"
#include "io/mem_file_system.h"
#include "rows/complex_cells.h"
#include "rows/mutation.h"
#include "storage/engine/engine.h"
#include "types/value.h"

namespace cassette::storage::engine::testing {

inline constexpr int64_t kStartSeconds = 1'700'000'000;

inline std::string IntBytes(int32_t value) {
  std::string bytes;
  types::AppendFromInt64(types::TypeKind::kInt, value, &bytes);
  return bytes;
}

// t(k int, c int, s int static, v int, w text, PRIMARY KEY (k, c)), c descending when asked.
inline schema::Table MakeTable(std::string name = "t", uint8_t id = 1, bool descending = false) {
  schema::Table table;
  table.id.bytes[0] = id;
  table.id.bytes[15] = id;
  table.keyspace = "ks";
  table.name = std::move(name);
  const auto add = [&](std::string column, types::TypeKind type, schema::ColumnKind kind) {
    schema::Column added;
    added.id = schema::ColumnId(table.next_column_id++);
    added.name = std::move(column);
    added.type = types::DataType(type);
    added.kind = kind;
    added.descending = descending && kind == schema::ColumnKind::kClustering;
    table.columns.push_back(std::move(added));
  };
  add("k", types::TypeKind::kInt, schema::ColumnKind::kPartitionKey);
  add("c", types::TypeKind::kInt, schema::ColumnKind::kClustering);
  add("s", types::TypeKind::kInt, schema::ColumnKind::kStatic);
  add("v", types::TypeKind::kInt, schema::ColumnKind::kRegular);
  add("w", types::TypeKind::kText, schema::ColumnKind::kRegular);
  table.Finish();
  return table;
}

inline base::Status CreateTable(Engine* engine, const schema::Table& table) {
  return engine->ChangeSchema([&](const schema::Schema& current) -> base::Result<schema::Schema> {
    if (current.FindKeyspace("ks") != nullptr) return current.WithTable(table);
    schema::Keyspace keyspace;
    keyspace.name = "ks";
    keyspace.replication = {{"class", "SimpleStrategy"}, {"replication_factor", "1"}};
    return current.WithKeyspace(keyspace).WithTable(table);
  });
}

inline std::string KeyOf(int32_t k) {
  std::string key;
  const std::string bytes = IntBytes(k);
  const std::string_view component = bytes;
  CASSETTE_ASSERT(rows::AppendPartitionKey(std::span(&component, 1), &key).ok());
  return key;
}

inline std::string ClusteringOf(const schema::Table& table, int32_t c) {
  std::string clustering;
  rows::AppendClusteringComponent(table, 0, IntBytes(c), &clustering);
  return clustering;
}

// Mutations of one partition of the table above.
class Write {
 public:
  Write(const schema::Table& table, int32_t k) : table_(table) {
    const std::string key = KeyOf(k);
    builder_.Begin(table.id, codec::Murmur3Token(key), key);
  }
  Write& Row(int32_t c) {
    builder_.BeginRow(ClusteringOf(table_, c));
    return *this;
  }
  Write& Static() {
    builder_.BeginStaticRow();
    return *this;
  }
  Write& Marker(int64_t timestamp, int32_t ttl = 0, int64_t now = kStartSeconds) {
    builder_.SetLiveness({timestamp, ttl, ttl == 0 ? rows::kNeverExpires : now + ttl});
    return *this;
  }
  Write& RowDeletion(int64_t timestamp, int64_t now = kStartSeconds) {
    builder_.SetRowDeletion({timestamp, now});
    return *this;
  }
  Write& Cell(std::string_view column, std::string value, int64_t timestamp, int32_t ttl = 0,
              int64_t now = kStartSeconds) {
    rows::CellView cell{rows::CellState::kLive, timestamp, ttl, ttl == 0 ? rows::kNeverExpires : now + ttl, value};
    builder_.AddCell(table_.FindColumn(column)->id, cell);
    return *this;
  }
  Write& Tombstone(std::string_view column, int64_t timestamp, int64_t now = kStartSeconds) {
    builder_.AddCell(table_.FindColumn(column)->id, {rows::CellState::kTombstone, timestamp, 0, now, {}});
    return *this;
  }
  // An image of complex cells.
  Write& Complex(std::string_view column, const rows::ComplexBuilder& image) {
    builder_.AddCell(table_.FindColumn(column)->id, image.view());
    return *this;
  }
  Write& DeletePartition(int64_t timestamp, int64_t now = kStartSeconds) {
    builder_.AddPartitionDeletion({timestamp, now});
    return *this;
  }
  // Rows from `first` to `last`, both included, in the order of the values.
  Write& DeleteRange(int32_t first, int32_t last, int64_t timestamp, int64_t now = kStartSeconds) {
    if (table_.clustering(0).descending) std::swap(first, last);
    builder_.AddRangeTombstone({ClusteringOf(table_, first), rows::ClusteringBound::Side::kBefore},
                               {ClusteringOf(table_, last), rows::ClusteringBound::Side::kAfter}, {timestamp, now});
    return *this;
  }
  std::string_view bytes() const { return builder_.bytes(); }

 private:
  const schema::Table& table_;
  rows::MutationBuilder builder_;
};

inline base::Status Apply(Engine* engine, const Write& write) {
  const std::string_view bytes = write.bytes();
  auto position = engine->Apply(std::span(&bytes, 1));
  if (!position.ok()) return position.status();
  return engine->WaitDurable(*position);
}

// A row an INSERT of all columns makes.
inline Write Insert(const schema::Table& table, int32_t k, int32_t c, int32_t v, std::string w, int64_t timestamp) {
  Write write(table, k);
  write.Row(c).Marker(timestamp).Cell("v", IntBytes(v), timestamp).Cell("w", std::move(w), timestamp);
  return write;
}

inline std::string ValueText(const schema::Column& column, const columnar::Vector& values, uint32_t row) {
  if (values.is_null(row)) return "null";
  std::string bytes;
  values.AppendSerialized(column.type, row, &bytes);
  return types::ToText(column.type, bytes);
}

// All columns of the table, "k|c|s|v|w".
inline ReadCommand ReadAll(const schema::TablePtr& table, int64_t now = kStartSeconds) {
  ReadCommand command;
  command.table = table;
  for (const schema::Column& column : table->columns) command.columns.push_back({column.id, false, false});
  command.static_rows = true;
  command.now_seconds = now;
  return command;
}

inline base::Result<std::vector<std::string>> Rows(Engine* engine, const ReadCommand& command,
                                                   ReadStatistics* statistics = nullptr) {
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<rows::BatchReader> reader, engine->Read(command, statistics));
  std::vector<std::string> lines;
  rows::RowBatch batch;
  while (true) {
    CASSETTE_ASSIGN_OR_RETURN(const bool more, reader->Next(&batch));
    if (!more) return lines;
    for (uint32_t row = 0; row < batch.row_count; ++row) {
      std::string line;
      for (size_t i = 0; i < command.columns.size(); ++i) {
        CASSETTE_ASSERT(batch.columns[i].size() == batch.row_count);
        const schema::Column& column = *command.table->FindColumn(command.columns[i].id);
        if (i > 0) line += "|";
        line += ValueText(column, batch.columns[i], row);
        if (command.columns[i].with_write_time) {
          line += batch.write_times[i].is_null(row) ? "@null" : "@" + std::to_string(batch.write_times[i].int64(row));
        }
        if (command.columns[i].with_ttl) {
          line += batch.ttls[i].is_null(row) ? "~null" : "~" + std::to_string(batch.ttls[i].int64(row));
        }
      }
      lines.push_back(std::move(line));
    }
  }
}

// An engine that may be closed and opened again, without threads of its own unless asked for.
class TestEngine {
 public:
  explicit TestEngine(io::FileSystem* file_system) : file_system_(file_system) {
    options.background_threads = 0;
    options.commitlog_sync = CommitLogSync::kBatch;
    options.commitlog_segment_bytes = 1 << 20;  // Opens sooner.
  }
  ~TestEngine() { Close(); }

  base::Status Open(const std::string& directory = "/data") {
    EngineEnvironment environment{file_system_, &clock, &logger, 1};
    auto opened = Engine::Open(directory, options, environment);
    if (!opened.ok()) return opened.status();
    engine_ = std::move(opened).value();
    return base::Status::Ok();
  }
  void Close() { (void)CloseStatus(); }
  base::Status CloseStatus() {
    const base::Status closed = engine_ == nullptr ? base::Status::Ok() : engine_->Close();
    engine_ = nullptr;
    return closed;
  }
  Engine* operator->() { return engine_.get(); }
  Engine* get() { return engine_.get(); }
  schema::TablePtr table(std::string_view name = "t") { return engine_->schema()->FindTable("ks", name); }

  EngineOptions options;
  base::ManualClock clock{kStartSeconds * 1'000'000};
  base::NullLogger logger;

 private:
  io::FileSystem* const file_system_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace cassette::storage::engine::testing
