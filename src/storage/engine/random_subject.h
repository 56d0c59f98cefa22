// What a random run works on: an engine with one table, its shadow, the dice, and a journal of what happened. For
// tests.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "io/mem_file_system.h"
#include "storage/engine/shadow_table.h"
#include "storage/engine/test_support.h"

namespace cassette::storage::engine::random_model {

// What was done, a line an operation, when anybody wants to know; and the first failure.
class Journal {
 public:
  explicit Journal(std::vector<std::string>* lines) : lines_(lines) {}

  template <typename... Args>
  void Say(fmt::format_string<Args...> format, Args&&... args) {
    if (lines_ != nullptr) lines_->push_back(fmt::format(format, std::forward<Args>(args)...));
  }
  // Goes on with the last line.
  template <typename... Args>
  void Add(fmt::format_string<Args...> format, Args&&... args) {
    if (lines_ != nullptr) lines_->back() += fmt::format(format, std::forward<Args>(args)...);
  }
  bool Check(const base::Status& status, std::string_view what) {
    if (!status.ok()) Fail(std::string(what) + ": " + status.ToString());
    return status.ok();
  }
  void Fail(const std::string& failure) {
    if (failure_.empty()) failure_ = failure;
  }
  bool has_failed() const { return !failure_.empty(); }
  const std::string& failure() const { return failure_; }

 private:
  std::vector<std::string>* lines_;
  std::string failure_;
};

struct Subject {
  Subject(uint64_t seed, std::vector<std::string>* lines)
      : journal(lines), random(seed), shape(RandomTableMaker(random).Make()), shadow(shape) {
    EngineOptions& options = engine.options;
    options.row_group_rows = RandomGroupRows();
    options.commitlog_sync = CommitLogSync::kPeriodic;
    options.cache_bytes = random.Below(8) == 0 ? 0 : 64 << (10 + random.Below(7));  // From one that holds little.
    options.commitlog_segment_bytes = 128 << 10;
    options.bulk_load_buffer_bytes = 1 << (10 + random.Below(10));
    options.compaction_size_scale = 512;  // 2 KiB are a MiB.
    options.memtable_heap_bytes = random.Below(4) == 0 ? 32 << 10 : 8 << 20;
  }

  void Open() {
    journal.Check(engine.Open(), "open");
    if (!journal.has_failed()) table = engine.table();
  }
  void Create() {
    Open();
    if (!journal.has_failed()) journal.Check(testing::CreateTable(engine.get(), *shape.table), "create");
    if (!journal.has_failed()) table = engine.table();
  }
  template <typename Work>
  void Do(std::string_view what, const Work& work) {
    journal.Say("{}", what);
    journal.Check(work(), what);
  }

  int64_t now() const { return engine.clock.NowSeconds(); }
  int64_t NextTimestamp() {
    ++last_timestamp;
    return shape.keeps_order ? 1'000'000 + last_timestamp : 1'000 + static_cast<int64_t>(random.Below(50));
  }
  size_t RandomPartition() { return random.Below(shape.partitions.size()); }
  size_t RandomClustering() { return random.Below(shape.clusterings.size()); }

  rows::ClusteringBound RandomBound() {
    rows::ClusteringBound bound;
    const random_model::RandomClustering& clustering = shape.clusterings[RandomClustering()];
    const uint64_t components = random.Below(clustering.values.size() + 1);
    if (components > 0) bound.prefix = clustering.bytes.substr(0, clustering.ends[components - 1]);
    bound.side = random.Below(2) == 0 ? rows::ClusteringBound::Side::kBefore : rows::ClusteringBound::Side::kAfter;
    return bound;
  }
  // Not empty.
  rows::ClusteringSlice RandomSlice() {
    rows::ClusteringSlice slice{RandomBound(), RandomBound()};
    if (slice.start.Compare(slice.end) > 0) std::swap(slice.start, slice.end);
    return slice.start.Compare(slice.end) < 0 ? slice : rows::ClusteringSlice::All();
  }

  Journal journal;
  base::Random random;
  const RandomTable shape;
  ShadowTable shadow;
  io::MemFileSystem files{false};
  testing::TestEngine engine{&files};
  schema::TablePtr table;
  int64_t last_timestamp = 0;

 private:
  // Groups smaller than a partition, about as large, and larger.
  uint32_t RandomGroupRows() {
    switch (random.Below(3)) {
      case 0:
        return static_cast<uint32_t>(1 + random.Below(12));
      case 1:
        return static_cast<uint32_t>(13 + random.Below(100));
      default:
        return columnar::kMaxVectorRows;
    }
  }
};

}  // namespace cassette::storage::engine::random_model
