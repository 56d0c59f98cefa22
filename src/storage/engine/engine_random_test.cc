// Random schemas of flat columns and random operations against a shadow (engine_model_test.cc has complex ones):
// mutations of all kinds, bulk loads, flushes, compactions, snapshots, reopenings, reads of every shape. Each seed is a
// table of its own and a list of operations; a failure is reduced to the few operations that it needs.
//
// In the environment: CASSETTE_SEED, the first seed; CASSETTE_OPERATIONS, how many operations in all;
// CASSETTE_OPERATIONS_PER_SEED.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "storage/engine/database.h"
#include "storage/engine/on_all_cores.h"
#include "storage/engine/shadow_table.h"
#include "storage/engine/test_support.h"

namespace cassette::storage::engine {
namespace {

using random_model::RandomTable;
using random_model::ShadowCell;
using random_model::ShadowLine;
using random_model::ShadowPartition;
using random_model::ShadowQuery;
using random_model::ShadowRow;
using random_model::ShadowTable;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kOperations = 60'000;
#else
constexpr uint64_t kOperations = 1'000'000;
#endif
constexpr uint64_t kOperationsPerSeed = 5'000;
constexpr uint64_t kFirstSeed = 20'240'101;
constexpr int kShrinkRunsMax = 2'000;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// One run of operations, each made from a seed of its own, so that any may be left out.
class ModelRun {
 public:
  explicit ModelRun(uint64_t seed)
      : random_(seed), shape_(random_model::RandomTableMaker(random_).Make()), model_(shape_) {
    EngineOptions& options = engine_.options;
    options.row_group_rows = static_cast<uint32_t>(1 + random_.Below(12));
    options.commitlog_sync = CommitLogSync::kPeriodic;
    options.cache_bytes = random_.Below(8) == 0 ? 0 : 64 << (10 + random_.Below(7));  // From one that holds little.
    options.commitlog_segment_bytes = 128 << 10;
    options.bulk_load_buffer_bytes = 1 << (10 + random_.Below(10));
    options.compaction_size_scale = 512;  // 2 KiB are a MiB.
    options.memtable_heap_bytes = random_.Below(4) == 0 ? 32 << 10 : 8 << 20;
  }

  // Empty, or what went wrong and where. `log`, when not null, gets a line an operation.
  std::string Run(std::span<const uint64_t> operations, std::vector<std::string>* log) {
    log_ = log;
    if (!Check(engine_.Open(), "open") || !Check(testing::CreateTable(engine_.get(), *shape_.table), "create")) {
      return failure_;
    }
    table_ = engine_.table();
    for (const uint64_t operation : operations) {
      random_ = base::Random(operation);
      Step();
      if (!failure_.empty()) return failure_;
    }
    return failure_;
  }

 private:
  void Step() {
    const uint64_t dice = random_.Below(1000);
    if (dice < 560) return WriteSomething();
    if (dice < 880) return ReadPartitions();
    if (dice < 920) return ReadTokens();
    if (dice < 945) return BulkLoadSomething();
    if (dice < 965) return Do("flush", [&] { return engine_->Flush(nullptr); });
    if (dice < 975) return Do("compact", [&] { return engine_->Compact(nullptr); });
    if (dice < 987) return Do("compact as the strategy says", [&] { return CompactOnce(); });
    if (dice < 995) return AdvanceClock();
    if (dice < 998) return Reopen();
    if (random_.Below(10) == 0) Truncate();
  }

  // Notes the operation.
  template <typename... Args>
  void Say(fmt::format_string<Args...> format, Args&&... args) {
    if (log_ != nullptr) log_->push_back(fmt::format(format, std::forward<Args>(args)...));
  }
  bool Check(const base::Status& status, std::string_view what) {
    if (!status.ok()) failure_ = std::string(what) + ": " + status.ToString();
    return status.ok();
  }
  template <typename Work>
  void Do(std::string_view what, const Work& work) {
    Say("{}", what);
    Check(work(), what);
  }

  base::Status CompactOnce() {
    auto* database = static_cast<Database*>(engine_.get());
    auto store = database->FindStore(table_->id);
    if (!store.ok()) return store.status();
    bool did_something = false;
    return database->CompactOnce(*store, &did_something);
  }
  void AdvanceClock() {
    const auto seconds = static_cast<int64_t>(random_.Below(40));
    Say("{} seconds pass", seconds);
    engine_.clock.AdvanceSeconds(seconds);
  }
  void Reopen() {
    if (random_.Below(4) == 0) Do("snapshot", [&] { return engine_->Snapshot("s" + std::to_string(++snapshots_)); });
    reader_ = nullptr;
    engine_.Close();
    Do("reopen", [&] { return engine_.Open(); });
    if (!failure_.empty()) return;
    table_ = engine_.table();
    ReadTokens();
  }
  void Truncate() {
    Do("truncate", [&] { return engine_->Truncate({&table_->id, 1}); });
    model_.Clear();
  }

  int64_t now() const { return engine_.clock.NowSeconds(); }
  int64_t NextTimestamp() {
    ++last_timestamp_;
    return shape_.keeps_order ? 1'000'000 + last_timestamp_ : 1'000 + static_cast<int64_t>(random_.Below(50));
  }
  size_t RandomPartition() { return random_.Below(shape_.partitions.size()); }
  size_t RandomClustering() { return random_.Below(shape_.clusterings.size()); }

  // Writes.

  ShadowCell RandomCell(const schema::Column& column, int64_t timestamp) {
    ShadowCell cell;
    cell.timestamp = timestamp;
    if (random_.Below(10) == 0) {
      // Unlike any other time stamp: a tie of an expired cell with a live one depends on when it was compacted.
      if (!shape_.keeps_order) cell.timestamp = 2'000 + ++last_timestamp_;
      cell.ttl = 1 + static_cast<int32_t>(random_.Below(60));
      cell.expires_at = now() + cell.ttl;
    }
    cell.is_tombstone = cell.ttl == 0 && random_.Below(6) == 0;
    if (cell.is_tombstone) cell.expires_at = now();
    if (!cell.is_tombstone) cell.value = random_model::RandomValue(column.type.kind(), random_, 1000);
    return cell;
  }
  static rows::CellView ViewOf(const ShadowCell& cell) {
    return {cell.is_tombstone ? rows::CellState::kTombstone : rows::CellState::kLive, cell.timestamp, cell.ttl,
            cell.expires_at, cell.value};
  }

  void WriteSomething() {
    const size_t partition = RandomPartition();
    builder_.Begin(table_->id, shape_.partitions[partition].token, shape_.partitions[partition].key);
    const uint64_t updates = 1 + random_.Below(4);
    const size_t first = RandomClustering();
    std::string said = fmt::format("write to partition {}:", partition);
    for (uint64_t i = 0; i < updates; ++i) {
      WriteOne(partition, std::min(first + i, shape_.clusterings.size() - 1), &said);
    }
    Say("{}", said);
    if (builder_.empty()) return;
    const std::string_view bytes = builder_.bytes();
    Check(engine_->Apply(std::span(&bytes, 1)).status(), "apply");
  }

  void WriteOne(size_t partition, size_t clustering, std::string* said) {
    const int64_t timestamp = NextTimestamp();
    const uint64_t dice = random_.Below(100);
    ShadowPartition& target = model_[partition];
    if (dice < 3) {
      builder_.AddPartitionDeletion({timestamp, now()});
      model_.DeletePartition(partition, timestamp);
      *said += fmt::format(" delete all @{};", timestamp);
    } else if (dice < 10 && table_->clustering_count() > 0) {
      const rows::ClusteringSlice slice = RandomSlice();
      builder_.AddRangeTombstone(slice.start, slice.end, {timestamp, now()});
      model_.DeleteSlice(partition, slice, timestamp);
      *said += fmt::format(" delete a range @{};", timestamp);
    } else if (dice < 16 && table_->has_statics()) {
      builder_.BeginStaticRow();
      WriteCells(table_->partition_key_count() + table_->clustering_count(), &target.statics, timestamp, said);
    } else if (dice < 24) {
      builder_.BeginRow(shape_.clusterings[clustering]);
      builder_.SetRowDeletion({timestamp, now()});
      ShadowRow& row = target.rows[clustering];
      row.deleted_at = std::max(row.deleted_at, timestamp);
      *said += fmt::format(" delete row {} @{};", clustering, timestamp);
    } else {
      WriteRow(&target.rows[clustering], clustering, timestamp, said);
    }
  }

  size_t FirstRegular() const {
    size_t count = table_->partition_key_count() + table_->clustering_count();
    while (count < table_->columns.size() && table_->columns[count].kind == schema::ColumnKind::kStatic) ++count;
    return count;
  }

  void WriteRow(ShadowRow* row, size_t clustering, int64_t timestamp, std::string* said) {
    builder_.BeginRow(shape_.clusterings[clustering]);
    *said += fmt::format(" row {}", clustering);
    const bool is_insert = random_.Below(3) > 0 || row->cells.empty();
    if (is_insert) {
      ShadowCell marker;
      marker.timestamp = timestamp;
      if (random_.Below(12) == 0) {
        if (!shape_.keeps_order) marker.timestamp = 2'000 + ++last_timestamp_;
        marker.ttl = 1 + static_cast<int32_t>(random_.Below(60));
        marker.expires_at = now() + marker.ttl;
      }
      builder_.SetLiveness({marker.timestamp, marker.ttl, marker.ttl == 0 ? rows::kNeverExpires : marker.expires_at});
      Put(marker, &row->marker);
      *said += fmt::format(" marker @{} ttl {}", marker.timestamp, marker.ttl);
      if (marker.ttl == 0 && random_.Below(2) == 0) return InsertCells(marker, row, said);
    }
    WriteCells(FirstRegular(), &row->cells, timestamp, said);
  }

  // All of the marker's kind.
  void InsertCells(const ShadowCell& marker, ShadowRow* row, std::string* said) {
    for (size_t i = 0; i < row->cells.size(); ++i) {
      if (random_.Below(4) == 0) continue;
      const schema::Column& column = table_->columns[FirstRegular() + i];
      ShadowCell cell = marker;
      cell.value = random_model::RandomValue(column.type.kind(), random_, 1000);
      builder_.AddCell(column.id, ViewOf(cell));
      Put(cell, &row->cells[i]);
      *said += " " + column.name;
    }
    *said += ";";
  }

  void WriteCells(size_t first_column, std::vector<ShadowCell>* cells, int64_t timestamp, std::string* said) {
    for (size_t i = 0; i < cells->size(); ++i) {
      if (random_.Below(2) == 0) continue;
      const schema::Column& column = table_->columns[first_column + i];
      const ShadowCell cell = RandomCell(column, timestamp);
      builder_.AddCell(column.id, ViewOf(cell));
      Put(cell, &(*cells)[i]);
      *said +=
          fmt::format(" {}{} @{} ttl {}", column.name, cell.is_tombstone ? " deleted" : "", cell.timestamp, cell.ttl);
    }
    *said += ";";
  }

  // A stretch of clusterings up or down in one partition, or rows scattered over all.
  void BulkLoadSomething() {
    auto load = engine_->BeginBulkLoad(table_->id);
    if (!Check(load.status(), "begin a load")) return;
    const uint64_t calls = 1 + random_.Below(3);
    for (uint64_t call = 0; call < calls && failure_.empty(); ++call) LoadOnce(load->get());
    if (failure_.empty()) Do("commit the load", [&] { return (*load)->Commit(); });
  }
  void LoadOnce(BulkLoad* load) {
    const int64_t timestamp = NextTimestamp();
    const auto row_count = static_cast<uint32_t>(1 + random_.Below(30));
    const bool is_series = random_.Below(2) == 0;
    const bool up = random_.Below(2) == 0;
    const size_t series = RandomPartition();
    size_t place = RandomClustering();
    std::vector<schema::ColumnId> ids;
    std::vector<columnar::Vector> vectors;
    for (const schema::Column& column : table_->columns) {
      if (column.kind == schema::ColumnKind::kStatic) continue;
      ids.push_back(column.id);
      vectors.emplace_back(column.type.physical());
    }
    for (uint32_t i = 0; i < row_count; ++i) {
      const size_t partition = is_series ? series : RandomPartition();
      if (!is_series) place = RandomClustering();
      AppendLoadRow(partition, place, timestamp, &vectors);
      place = (place + (up ? 1 : shape_.clusterings.size() - 1)) % shape_.clusterings.size();
    }
    std::vector<const columnar::Vector*> pointers;
    for (const columnar::Vector& vector : vectors) pointers.push_back(&vector);
    Say("load {} rows, {} @{}", row_count, is_series ? "of one partition" : "scattered", timestamp);
    Check(load->Append(ids, pointers, row_count, timestamp), "append to a load");
  }

  void AppendLoadRow(size_t partition, size_t clustering, int64_t timestamp, std::vector<columnar::Vector>* vectors) {
    ShadowRow& row = model_[partition].rows[clustering];
    ShadowCell cell;
    cell.timestamp = timestamp;
    Put(cell, &row.marker);
    std::vector<std::string_view> keys;
    Check(rows::SplitPartitionKey(table_->partition_key_count(), shape_.partitions[partition].key, &keys),
          "split a key");
    size_t next = 0;
    for (size_t i = 0; i < keys.size(); ++i) (*vectors)[next++].AppendValue(table_->partition_key(i).type, keys[i]);
    Check(rows::DecodeClustering(*table_, shape_.clusterings[clustering],
                                 std::span(*vectors).subspan(next, table_->clustering_count())),
          "decode a clustering");
    next += table_->clustering_count();
    for (size_t i = 0; i < row.cells.size(); ++i) {
      if (random_.Below(4) == 0) {
        (*vectors)[next++].AppendState(columnar::CellState::kAbsent);
        continue;
      }
      const schema::Column& column = table_->columns[FirstRegular() + i];
      cell.value = random_model::RandomValue(column.type.kind(), random_, 1000);
      (*vectors)[next++].AppendValue(column.type, cell.value);
      Put(cell, &row.cells[i]);
    }
  }

  // Reads.

  rows::ClusteringBound RandomBound() {
    rows::ClusteringBound bound;
    const size_t clustering = RandomClustering();
    const uint64_t components = random_.Below(table_->clustering_count() + 1);
    if (components > 0) {
      const size_t end = shape_.component_ends[clustering][components - 1];
      bound.prefix = shape_.clusterings[clustering].substr(0, end);
    }
    bound.side = random_.Below(2) == 0 ? rows::ClusteringBound::Side::kBefore : rows::ClusteringBound::Side::kAfter;
    return bound;
  }
  // Not empty.
  rows::ClusteringSlice RandomSlice() {
    rows::ClusteringSlice slice{RandomBound(), RandomBound()};
    if (slice.start.Compare(slice.end) > 0) std::swap(slice.start, slice.end);
    return slice.start.Compare(slice.end) < 0 ? slice : rows::ClusteringSlice::All();
  }
  std::vector<rows::ClusteringSlice> RandomSlices() {
    std::vector<rows::ClusteringBound> bounds;
    for (uint64_t i = 2 * (1 + random_.Below(3)); i > 0; --i) bounds.push_back(RandomBound());
    const auto before = [](const rows::ClusteringBound& a, const rows::ClusteringBound& b) { return a.Compare(b) < 0; };
    std::sort(bounds.begin(), bounds.end(), before);
    std::vector<rows::ClusteringSlice> slices;
    for (size_t i = 0; i + 1 < bounds.size(); i += 2) {
      if (bounds[i].Compare(bounds[i + 1]) == 0) continue;
      if (!slices.empty() && slices.back().end.Compare(bounds[i]) == 0) continue;
      slices.push_back({bounds[i], bounds[i + 1]});
    }
    return slices.empty() ? std::vector{rows::ClusteringSlice::All()} : slices;
  }

  void ReadPartitions() {
    ShadowQuery query;
    const uint64_t count = random_.Below(6) == 0 ? 1 + random_.Below(shape_.partitions.size()) : 1;
    for (uint64_t i = 0; i < count; ++i) {
      const size_t partition = RandomPartition();
      const auto end = query.partitions.end();
      if (std::find(query.partitions.begin(), end, partition) == end) query.partitions.push_back(partition);
    }
    if (random_.Below(2) == 0 && table_->clustering_count() > 0) query.slices = RandomSlices();
    Read(&query);
  }
  void ReadTokens() {
    ShadowQuery query;
    query.has_tokens = random_.Below(2) == 0;
    if (query.has_tokens) {
      query.min_token = shape_.partitions[RandomPartition()].token;
      query.max_token = shape_.partitions[RandomPartition()].token;
      if (query.min_token > query.max_token) std::swap(query.min_token, query.max_token);
    }
    if (random_.Below(4) == 0 && table_->clustering_count() > 0) query.slices = RandomSlices();
    Read(&query);
  }

  void Read(ShadowQuery* query) {
    query->reversed = random_.Below(2) == 0;
    query->static_rows = random_.Below(2) == 0;
    for (const schema::Column& column : table_->columns) {
      const bool is_cell = column.kind == schema::ColumnKind::kRegular || column.kind == schema::ColumnKind::kStatic;
      if (is_cell && random_.Below(4) == 0) continue;
      query->columns.push_back({column.id, is_cell && random_.Below(3) == 0, is_cell && random_.Below(4) == 0});
    }
    if (random_.Below(3) == 0) query->limit = 1 + random_.Below(20);
    if (random_.Below(4) == 0) query->per_partition_limit = 1 + random_.Below(5);
    ReadCommand command;
    command.table = table_;
    for (const size_t partition : query->partitions) command.keys.push_back(shape_.partitions[partition].key);
    command.has_start_token = command.has_end_token = query->has_tokens;
    command.start_token = query->min_token;
    command.end_token = query->max_token;
    command.slices = query->slices;
    command.reversed = query->reversed;
    command.columns = query->columns;
    command.static_rows = query->static_rows;
    command.limit = query->limit;
    command.per_partition_limit = query->per_partition_limit;
    command.now_seconds = now();
    const std::vector<ShadowLine> expected = model_.Select(*query, now());
    Say("read {} partitions, {} slices{}, limit {}, per partition {}: {} rows", query->partitions.size(),
        query->slices.size(), query->reversed ? ", reversed" : "", query->limit, query->per_partition_limit,
        expected.size());
    CheckLines(command, expected, 0, expected.size());
    const bool in_pages = random_.Below(4) == 0 && query->limit == 0 && query->per_partition_limit == 0;
    if (in_pages && failure_.empty()) CheckPages(command, expected);
  }

  // The answer must be lines [begin, end).
  void CheckLines(const ReadCommand& command, const std::vector<ShadowLine>& lines, size_t begin, size_t end) {
    found_.clear();
    if (!Check(ReadLines(command), "read")) return;
    for (size_t i = 0; i < std::max(found_.size(), end - begin); ++i) {
      const std::string found = i < found_.size() ? found_[i] : "nothing";
      const std::string expected = begin + i < end ? lines[begin + i].text : "nothing";
      if (found == expected) continue;
      failure_ = fmt::format("row {} of {} is '{}', expected '{}' of {}", i, found_.size(), Printable(found),
                             Printable(expected), end - begin);
      return;
    }
  }
  static std::string Printable(const std::string& bytes) {
    std::string text;
    for (const char c : bytes) text += c >= ' ' && c <= '~' ? std::string(1, c) : fmt::format("\\x{:02x}", uint8_t(c));
    return text;
  }

  base::Status ReadLines(const ReadCommand& command) {
    if (reader_ == nullptr) reader_ = engine_->NewReader();
    CASSETTE_RETURN_IF_ERROR(reader_->Open(command, nullptr));
    while (true) {
      CASSETTE_ASSIGN_OR_RETURN(const bool more, reader_->Next(&batch_));
      if (!more) {
        reader_->Close();
        return base::Status::Ok();
      }
      for (uint32_t row = 0; row < batch_.row_count; ++row) found_.push_back(LineOf(command, row));
    }
  }
  std::string LineOf(const ReadCommand& command, uint32_t row) {
    std::string line;
    for (size_t i = 0; i < command.columns.size(); ++i) {
      const auto place = static_cast<size_t>(table_->IndexOf(command.columns[i].id));
      const schema::Column& column = table_->columns[place];
      const columnar::Vector& values = batch_.columns[i];
      line += "|";
      if (values.is_null(row)) {
        line += "-";
      } else if (column.kind == schema::ColumnKind::kClustering) {
        std::string value;
        values.AppendSerialized(column.type, row, &value);
        rows::AppendClusteringComponent(*table_, place - table_->partition_key_count(), value, &line);
      } else {
        values.AppendSerialized(column.type, row, &line);
      }
      if (command.columns[i].with_write_time) line += "@" + NumberOf(batch_.write_times[i], row);
      if (command.columns[i].with_ttl) line += "~" + NumberOf(batch_.ttls[i], row);
    }
    return line;
  }
  static std::string NumberOf(const columnar::Vector& numbers, uint32_t row) {
    return numbers.is_null(row) ? "-" : std::to_string(numbers.int64(row));
  }

  // The same, a page at a time, of odd sizes.
  void CheckPages(ReadCommand command, const std::vector<ShadowLine>& lines) {
    size_t begin = 0;
    do {
      command.limit = 1 + random_.Below(9);
      const size_t end = std::min(lines.size(), begin + command.limit);
      CheckLines(command, lines, begin, end);
      if (!failure_.empty()) {
        failure_ = fmt::format("in a page of {} from row {}: ", command.limit, begin) + failure_;
        return;
      }
      if (end == lines.size()) return;
      command.has_resume = true;
      command.resume_key = shape_.partitions[lines[end - 1].partition].key;
      command.has_resume_clustering = lines[end - 1].clustering >= 0;
      if (command.has_resume_clustering) {
        command.resume_clustering = shape_.clusterings[static_cast<size_t>(lines[end - 1].clustering)];
      }
      begin = end;
    } while (begin < lines.size());
  }

  base::Random random_;
  const RandomTable shape_;
  ShadowTable model_;
  io::MemFileSystem files_{false};
  testing::TestEngine engine_{&files_};
  schema::TablePtr table_;
  rows::MutationBuilder builder_;
  rows::RowBatch batch_;
  std::unique_ptr<Reader> reader_;  // One for all reads: its memory is used again.
  std::vector<std::string> found_;
  std::vector<std::string>* log_ = nullptr;
  std::string failure_;
  int64_t last_timestamp_ = 0;
  int snapshots_ = 0;
};

std::vector<uint64_t> OperationsOf(uint64_t seed, uint64_t count) {
  base::Random random(seed);
  std::vector<uint64_t> operations(count);
  for (uint64_t& operation : operations) operation = random.Next();
  return operations;
}

std::string RunOnce(uint64_t seed, std::span<const uint64_t> operations, std::vector<std::string>* log) {
  return std::make_unique<ModelRun>(seed)->Run(operations, log);
}

// Leaves out ever smaller stretches, as long as the rest still fails.
std::vector<uint64_t> Shrink(uint64_t seed, std::vector<uint64_t> operations) {
  int runs = 0;
  for (size_t stretch = operations.size() / 2; stretch > 0; stretch /= 2) {
    for (size_t begin = 0; begin < operations.size() && runs < kShrinkRunsMax;) {
      std::vector<uint64_t> fewer = operations;
      const size_t end = std::min(begin + stretch, fewer.size());
      fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(begin), fewer.begin() + static_cast<ptrdiff_t>(end));
      ++runs;
      if (RunOnce(seed, fewer, nullptr).empty()) {
        begin = end;
      } else {
        operations = std::move(fewer);
      }
    }
  }
  return operations;
}

// Says which operations are needed.
std::string Explain(uint64_t seed, const std::vector<uint64_t>& operations) {
  const std::vector<uint64_t> needed = Shrink(seed, operations);
  std::vector<std::string> log;
  const std::string failure = RunOnce(seed, needed, &log);
  std::string text = fmt::format("CASSETTE_SEED={}, {} of {} operations:\n", seed, needed.size(), operations.size());
  for (const std::string& line : log) text += "  " + line + "\n";
  return text + failure;
}

TEST(EngineRandom, AgreesWithTheShadow) {
  const uint64_t total = FromEnvironment("CASSETTE_OPERATIONS", kOperations);
  const uint64_t per_seed = FromEnvironment("CASSETTE_OPERATIONS_PER_SEED", kOperationsPerSeed);
  const uint64_t first_seed = FromEnvironment("CASSETTE_SEED", kFirstSeed);
  testing::OnAllCores((total + per_seed - 1) / per_seed, [&](uint64_t index) {
    const uint64_t seed = first_seed + index;
    const std::vector<uint64_t> operations = OperationsOf(seed, std::min(per_seed, total - index * per_seed));
    const std::string failure = RunOnce(seed, operations, nullptr);
    ASSERT_EQ(failure, "") << Explain(seed, operations);
  });
}

}  // namespace
}  // namespace cassette::storage::engine
