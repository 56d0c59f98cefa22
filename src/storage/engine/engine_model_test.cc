// Random operations against a shadow map. CASSETTE_SEED and CASSETTE_OPERATIONS choose another run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

#include "base/random.h"
#include "storage/engine/shadow_model.h"

namespace cassette::storage::engine {
namespace {

using testing::Apply;
using testing::IntBytes;
using testing::KeyOf;
using testing::kStartSeconds;
using testing::ReadAll;
using testing::Rows;
using testing::ShadowCell;
using testing::ShadowModel;
using testing::ShadowQuery;
using testing::Write;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Shape {
  bool descending = false;
  // Time stamps from a small range, so that they tie and come out of order; else each later than the last, which lets
  // tombstones be purged without bringing anything back.
  bool ties = true;
  int32_t gc_grace_seconds = 864000;
  uint32_t row_group_rows = 7;
  bool has_complex = false;  // Maps with cells of their own: y (static), x.
  // Of every table, in place of SizeTieredCompactionStrategy, with SSTables that count as megabytes.
  std::map<std::string, std::string> compaction = {};
};

class ModelRun {
 public:
  ModelRun(const Shape& shape, uint64_t seed) : shape_(shape), random_(seed) {
    engine_.options.row_group_rows = shape.row_group_rows;
    engine_.options.commitlog_sync = CommitLogSync::kPeriodic;
    engine_.options.cache_bytes = 64 << 10;
    engine_.options.commitlog_segment_bytes = 1 << 20;
    engine_.options.compaction_override = shape.compaction;
    if (!shape.compaction.empty()) engine_.options.compaction_size_scale = kSizeScale;
  }

  void Start() {
    ASSERT_TRUE(engine_.Open().ok());
    schema::Table table = testing::MakeTable("t", 1, shape_.descending);
    table.options.gc_grace_seconds = shape_.gc_grace_seconds;
    if (shape_.has_complex) AddComplexColumns(&table);
    ASSERT_TRUE(testing::CreateTable(engine_.get(), table).ok());
    table_ = engine_.table();
  }

  void Step() {
    const uint64_t dice = random_.Below(1000);
    if (dice < 550) return WriteSomething();
    if (dice < 900) return CheckPartition();
    if (dice < 930) return CheckScan();
    if (dice < 955) return shape_.has_complex ? WriteSomething() : BulkLoadSomething();
    if (dice < 975) {
      Ok(engine_->Flush(nullptr));
      return Ok(engine_->CompactPending());
    }
    if (dice < 985) return Ok(engine_->Compact(nullptr));
    if (dice < 995) return engine_.clock.AdvanceSeconds(static_cast<int64_t>(random_.Below(40)));
    if (dice < 999) return Reopen();
    if (random_.Below(10) == 0) {
      Ok(engine_->Truncate(std::vector{table_->id}));
      model_.Clear();
    }
  }
  void CheckScan() {
    ShadowQuery query;
    query.reversed = random_.Below(2) == 0;
    if (random_.Below(2) == 0) {
      query.min_token = static_cast<int64_t>(random_.Next());
      query.max_token = std::max(query.min_token, static_cast<int64_t>(random_.Next()));
    }
    AddLimits(&query);
    Check(query);
  }

 private:
  static constexpr uint64_t kSizeScale = 512;  // 2 KiB are a MiB.
  static constexpr int kPartitions = 12;
  static constexpr int kRows = 40;

  void AddComplexColumns(schema::Table* table) {
    using schema::ColumnKind;
    const schema::ColumnId first(table->next_column_id++);
    table->columns.push_back({first, "y", testing::ComplexType(), ColumnKind::kStatic, 0, false});
    const schema::ColumnId second(table->next_column_id++);
    table->columns.push_back({second, "x", testing::ComplexType(), ColumnKind::kRegular, 0, false});
    table->Finish();
    model_.ShowComplex();
  }
  // A whole map (a deletion just before it), single elements, or a deletion alone.
  void AddComplex(const std::string& column, int64_t timestamp, testing::ShadowComplex* shadow, Write* write) {
    rows::ComplexBuilder image;
    image.Clear();
    const uint64_t dice = random_.Below(4);
    if (dice < 2) {
      const int64_t deleted_at = dice == 0 ? timestamp : timestamp - 1;
      image.SetDeletion({deleted_at, now()});
      shadow->deleted_at = std::max(shadow->deleted_at, deleted_at);
    }
    int32_t path = static_cast<int32_t>(random_.Below(4)) - 3;
    for (uint64_t i = dice == 0 ? 0 : 1 + random_.Below(3); i > 0;
         --i, path += 1 + static_cast<int>(random_.Below(3))) {
      const ShadowCell cell = RandomCell(timestamp, false);
      const auto state = cell.is_tombstone ? rows::CellState::kTombstone : rows::CellState::kLive;
      int64_t expires_at = cell.ttl == 0 ? rows::kNeverExpires : cell.expires_at;
      if (cell.is_tombstone) expires_at = now();
      image.Add(IntBytes(path), {state, cell.timestamp, cell.ttl, expires_at, cell.value});
      ShadowCell& place = shadow->cells[path];
      testing::Put(cell, &place);
    }
    write->Complex(column, image);
  }

  static void Ok(const base::Status& status) { ASSERT_TRUE(status.ok()) << status.ToString(); }

  int64_t now() const { return engine_.clock.NowSeconds(); }
  int64_t NextTimestamp() {
    return shape_.ties ? 1000 + static_cast<int64_t>(random_.Below(50)) : 1'000'000 + ++last_timestamp_;
  }
  int32_t RandomKey() { return static_cast<int32_t>(random_.Below(kPartitions)); }
  int32_t RandomClustering() { return static_cast<int32_t>(random_.Below(kRows)) - kRows / 2; }

  ShadowCell RandomCell(int64_t timestamp, bool is_text) {
    ShadowCell cell;
    cell.timestamp = timestamp;
    if (random_.Below(10) == 0) {
      // Unlike any other time stamp: a tie of an expired cell with a live one depends on when it was compacted.
      cell.timestamp = shape_.ties ? 2000 + ++last_timestamp_ : timestamp;
      cell.ttl = 1 + static_cast<int32_t>(random_.Below(60));
      cell.expires_at = now() + cell.ttl;
    }
    cell.is_tombstone = cell.ttl == 0 && random_.Below(6) == 0;
    const auto number = static_cast<int32_t>(random_.Below(1000));
    if (!cell.is_tombstone) cell.value = is_text ? "w" + std::to_string(number) : IntBytes(number);
    return cell;
  }

  void AddCell(const std::string& column, const ShadowCell& cell, Write* write) {
    if (cell.is_tombstone) {
      write->Tombstone(column, cell.timestamp, now());
    } else {
      write->Cell(column, cell.value, cell.timestamp, cell.ttl, now());
    }
  }

  void WriteSomething() {
    const int32_t k = RandomKey();
    Write write(*table_, k);
    const uint64_t updates = 1 + random_.Below(4);
    const int32_t first = RandomClustering();
    for (uint64_t i = 0; i < updates; ++i) WriteOne(k, first + static_cast<int32_t>(i), &write);
    Ok(Apply(engine_.get(), write));
  }

  void WriteOne(int32_t k, int32_t c, Write* write) {
    testing::ShadowPartition& partition = model_[k];
    const int64_t timestamp = NextTimestamp();
    const uint64_t dice = random_.Below(100);
    if (dice < 3) {
      write->DeletePartition(timestamp, now());
      partition.deleted_at = std::max(partition.deleted_at, timestamp);
    } else if (dice < 10) {
      const int32_t last = c + static_cast<int32_t>(random_.Below(10));
      write->DeleteRange(c, last, timestamp, now());
      partition.ranges.push_back({c, last, timestamp});
    } else if (dice < 16) {
      const ShadowCell cell = RandomCell(timestamp, false);
      write->Static();
      AddCell("s", cell, write);
      testing::Put(cell, &partition.statics["s"]);
      if (shape_.has_complex && random_.Below(2) == 0) AddComplex("y", timestamp, &partition.static_complex, write);
    } else if (dice < 24) {
      write->Row(c).RowDeletion(timestamp, now());
      partition.rows[c].deleted_at = std::max(partition.rows[c].deleted_at, timestamp);
    } else {
      WriteRow(&partition.rows[c], c, timestamp, write);
    }
  }

  void WriteRow(testing::ShadowRow* row, int32_t c, int64_t timestamp, Write* write) {
    write->Row(c);
    if (shape_.has_complex && random_.Below(2) == 0) return AddComplex("x", timestamp, &row->complex, write);
    if (random_.Below(3) > 0) {  // An INSERT: all of one kind.
      ShadowCell marker;
      marker.timestamp = timestamp;
      write->Marker(timestamp);
      testing::Put(marker, &row->marker);
      for (const std::string column : {"v", "w"}) {
        if (random_.Below(4) == 0) continue;
        ShadowCell cell;
        cell.timestamp = timestamp;
        const auto number = static_cast<int32_t>(random_.Below(1000));
        cell.value = column == "w" ? "w" + std::to_string(number) : IntBytes(number);
        AddCell(column, cell, write);
        testing::Put(cell, &row->cells[column]);
      }
      return;
    }
    for (const std::string column : {"v", "w"}) {
      if (random_.Below(2) == 0) continue;
      const ShadowCell cell = RandomCell(timestamp, column == "w");
      AddCell(column, cell, write);
      testing::Put(cell, &row->cells[column]);
    }
  }

  // A stretch of a series, or scattered rows.
  void BulkLoadSomething() {
    auto load = engine_->BeginBulkLoad(table_->id);
    ASSERT_TRUE(load.ok());
    const uint64_t calls = 1 + random_.Below(3);
    for (uint64_t call = 0; call < calls; ++call) LoadOnce(load->get());
    Ok((*load)->Commit());
  }
  void LoadOnce(BulkLoad* load) {
    const int64_t timestamp = NextTimestamp();
    const bool is_series = random_.Below(2) == 0;
    const auto rows = static_cast<uint32_t>(1 + random_.Below(30));
    std::vector<columnar::Vector> vectors = {
        columnar::Vector(types::PhysicalType::kInt64), columnar::Vector(types::PhysicalType::kInt64),
        columnar::Vector(types::PhysicalType::kInt64), columnar::Vector(types::PhysicalType::kBytes)};
    const int32_t series_key = RandomKey();
    const bool up = random_.Below(2) == 0;
    int32_t c = RandomClustering();
    for (uint32_t i = 0; i < rows; ++i) {
      const int32_t k = is_series ? series_key : RandomKey();
      c = is_series ? c + (up ? 1 : -1) : RandomClustering();
      testing::ShadowRow& row = model_[k].rows[c];
      ShadowCell marker;
      marker.timestamp = timestamp;
      testing::Put(marker, &row.marker);
      vectors[0].AppendInt64(k);
      vectors[1].AppendInt64(c);
      ShadowCell cell = marker;
      const auto number = static_cast<int32_t>(random_.Below(1000));
      if (number % 5 == 0) {
        vectors[2].AppendState(columnar::CellState::kAbsent);
      } else {
        vectors[2].AppendInt64(number);
        cell.value = IntBytes(number);
        testing::Put(cell, &row.cells["v"]);
      }
      cell.value = "w" + std::to_string(number);
      vectors[3].AppendBytes(cell.value);
      testing::Put(cell, &row.cells["w"]);
    }
    std::vector<schema::ColumnId> columns;
    for (const char* name : {"k", "c", "v", "w"}) columns.push_back(table_->FindColumn(name)->id);
    std::vector<const columnar::Vector*> pointers;
    for (const columnar::Vector& vector : vectors) pointers.push_back(&vector);
    Ok(load->Append(columns, pointers, rows, timestamp));
  }

  void AddLimits(ShadowQuery* query) {
    if (random_.Below(3) == 0) query->limit = 1 + random_.Below(20);
    if (random_.Below(4) == 0) query->per_partition_limit = 1 + random_.Below(5);
  }
  void CheckPartition() {
    ShadowQuery query;
    query.key = RandomKey();
    query.reversed = random_.Below(2) == 0;
    if (random_.Below(2) == 0) {
      query.first = RandomClustering();
      query.last = query.first + static_cast<int32_t>(random_.Below(kRows / 2));
      query.static_rows = false;
    }
    AddLimits(&query);
    Check(query);
  }

  void Check(const ShadowQuery& query) {
    ReadCommand command = ReadAll(table_, now());
    command.columns[shape_.has_complex ? 4 : 3].with_write_time = true;
    if (query.key) command.keys = {KeyOf(*query.key)};
    command.reversed = query.reversed;
    command.limit = query.limit;
    command.per_partition_limit = query.per_partition_limit;
    command.static_rows = query.static_rows;
    command.has_start_token = query.min_token != std::numeric_limits<int64_t>::min();
    command.start_token = query.min_token;
    command.has_end_token = command.has_start_token;
    command.end_token = query.max_token;
    if (!query.static_rows) {
      int32_t first = query.first;
      int32_t last = query.last;
      if (shape_.descending) std::swap(first, last);
      rows::ClusteringSlice slice;
      slice.start = {testing::ClusteringOf(*table_, first), rows::ClusteringBound::Side::kBefore};
      slice.end = {testing::ClusteringOf(*table_, last), rows::ClusteringBound::Side::kAfter};
      command.slices = {slice};
    }
    const std::vector<std::string> expected = model_.Select(query, shape_.descending, now());
    const auto found = Rows(engine_.get(), command);
    ASSERT_TRUE(found.ok()) << found.status().ToString();
    ASSERT_EQ(*found, expected);
    if (random_.Below(4) == 0) CheckPages(command, expected);
  }

  // The same, a page at a time.
  void CheckPages(ReadCommand command, const std::vector<std::string>& expected) {
    if (command.per_partition_limit != 0 || command.limit != 0) return;
    command.limit = 1 + random_.Below(9);
    std::vector<std::string> found;
    while (found.size() <= expected.size()) {
      const auto lines = Rows(engine_.get(), command);
      ASSERT_TRUE(lines.ok()) << lines.status().ToString();
      if (lines->empty()) break;
      found.insert(found.end(), lines->begin(), lines->end());
      const std::string& last = lines->back();
      const size_t bar = last.find('|');
      const std::string c = last.substr(bar + 1, last.find('|', bar + 1) - bar - 1);
      command.has_resume = true;
      command.resume_key = KeyOf(std::stoi(last));
      command.has_resume_clustering = c != "null";
      if (c != "null") command.resume_clustering = testing::ClusteringOf(*table_, std::stoi(c));
    }
    ASSERT_EQ(found, expected);
  }

  void Reopen() {
    if (random_.Below(4) == 0) Ok(engine_->Snapshot("s" + std::to_string(++snapshots_)));
    engine_.Close();
    ASSERT_TRUE(engine_.Open().ok());
    table_ = engine_.table();
    CheckScan();
  }

  const Shape shape_;
  base::Random random_;
  io::MemFileSystem files_{false};
  testing::TestEngine engine_{&files_};
  schema::TablePtr table_;
  ShadowModel model_;
  int64_t last_timestamp_ = 0;
  int snapshots_ = 0;
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kOneOf = 5;
#else
constexpr uint64_t kOneOf = 1;
#endif

void RunModel(const Shape& shape, uint64_t operations) {
  operations /= kOneOf;
  const uint64_t seed = FromEnvironment("CASSETTE_SEED", 20240101);
  SCOPED_TRACE("CASSETTE_SEED=" + std::to_string(seed));
  ModelRun run(shape, seed);
  run.Start();
  for (uint64_t i = 0; i < FromEnvironment("CASSETTE_OPERATIONS", operations); ++i) {
    SCOPED_TRACE("operation " + std::to_string(i));
    run.Step();
    if (::testing::Test::HasFatalFailure()) return;
  }
  run.CheckScan();
}

TEST(EngineModel, AgreesWithTheShadowWhenTimeStampsTie) { RunModel({}, 8000); }
TEST(EngineModel, AgreesWithTheShadowOnComplexCells) { RunModel({.has_complex = true}, 30000); }
TEST(EngineModel, AgreesWithTheShadowOnComplexCellsWhenTombstonesAreBurnedSoon) {
  RunModel({.ties = false, .gc_grace_seconds = 0, .row_group_rows = 1024, .has_complex = true}, 30000);
}
TEST(EngineModel, AgreesWithTheShadowInDescendingOrder) { RunModel({.descending = true, .row_group_rows = 3}, 8000); }
TEST(EngineModel, AgreesWithTheShadowWhenTombstonesAreBurnedSoon) {
  RunModel({.ties = false, .gc_grace_seconds = 0, .row_group_rows = 1024}, 8000);
}

TEST(EngineModel, AgreesWithTheShadowUnderEachCompactionStrategy) {
  const std::map<std::string, std::string> strategies[] = {
      {{"class", "SizeTieredCompactionStrategy"}, {"min_threshold", "2"}, {"tombstone_compaction_interval", "1"}},
      {{"class", "TimeWindowCompactionStrategy"}, {"min_threshold", "2"}, {"compaction_window_unit", "MINUTES"}},
      {{"class", "LeveledCompactionStrategy"}, {"sstable_size_in_mb", "1"}, {"fanout_size", "2"}},
      {{"class", "LeveledCompactionStrategy"}, {"sstable_size_in_mb", "2"}, {"single_sstable_uplevel", "false"}},
      {{"class", "UnifiedCompactionStrategy"},
       {"scaling_parameters", "N"},
       {"min_sstable_size", "0B"},
       {"target_sstable_size", "1MiB"}},
      {{"class", "UnifiedCompactionStrategy"},
       {"scaling_parameters", "T3, L4"},
       {"base_shard_count", "3"},
       {"min_sstable_size", "1MiB"},
       {"target_sstable_size", "2MiB"},
       {"overlap_inclusion_method", "NONE"}},
  };
  for (const auto& compaction : strategies) {
    SCOPED_TRACE(compaction.at("class"));
    RunModel({.compaction = compaction}, 5000);
    RunModel({.ties = false, .gc_grace_seconds = 0, .row_group_rows = 3, .compaction = compaction}, 5000);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace cassette::storage::engine
