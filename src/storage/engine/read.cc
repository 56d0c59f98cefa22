// Reads: a version is pinned, its sources merged, live rows handed up.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "rows/live_reader.h"
#include "storage/engine/database.h"
#include "storage/engine/table_read.h"

namespace cassette::storage::engine {
namespace {

// Adds what was counted since the last call to the caller's statistics.
class StatisticsFeed {
 public:
  explicit StatisticsFeed(ReadStatistics* target) : target_(target) {}

  void Update(const TableReadState& state, const rows::LiveReaderStatistics& live) {
    if (target_ == nullptr) return;
    ReadStatistics now;
    now.partitions_read = live.partitions_read;
    now.memtables_read = state.memtables_read;
    now.sstables_read = state.sstables_read;
    now.sstables_skipped_by_filter = state.sstables_skipped_by_filter;
    now.row_groups_read = state.counters.groups_read;
    now.row_groups_skipped = state.counters.groups_skipped;
    now.rows_read = live.rows_read;
    now.tombstones_read = live.tombstones_read;
    for (uint64_t ReadStatistics::* field :
         {&ReadStatistics::partitions_read, &ReadStatistics::memtables_read, &ReadStatistics::sstables_read,
          &ReadStatistics::sstables_skipped_by_filter, &ReadStatistics::row_groups_read,
          &ReadStatistics::row_groups_skipped, &ReadStatistics::rows_read, &ReadStatistics::tombstones_read}) {
      target_->*field += now.*field - told_.*field;
    }
    told_ = now;
  }

 private:
  ReadStatistics* const target_;
  ReadStatistics told_;
};

class TableReader final : public rows::BatchReader {
 public:
  TableReader(Database& database, StorePtr store, const ReadCommand& command, ReadStatistics* statistics)
      : database_(database), store_(std::move(store)), feed_(statistics) {
    const uint64_t reads = store_->metrics.reads.fetch_add(1, std::memory_order_relaxed);
    is_timed_ = reads % LatencyHistogram::kSampleEvery == 0;
    state_.version = store_->version();
    state_.command = command;
    state_.columns = rows::RegularColumnIds(*command.table);
  }

  ~TableReader() override {
    if (live_ == nullptr) return;
    const rows::LiveReaderStatistics& live = live_->statistics();
    TableMetrics& metrics = store_->metrics;
    TableMetrics::Add(&metrics.sstables_read, state_.sstables_read);
    TableMetrics::Add(&metrics.sstables_skipped, state_.sstables_skipped_by_filter);
    TableMetrics::Add(&metrics.rows_read, live.rows_read);
    TableMetrics::Add(&metrics.tombstones_read, live.tombstones_read);
    if (is_timed_) metrics.read_latency.Observe(nanos_);
    database_.metrics().Read(state_.sstables_read, state_.sstables_skipped_by_filter, state_.counters.groups_read,
                             live.rows_read, live.tombstones_read);
  }

  base::Status Open() {
    const Lap lap(*this);
    CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<rows::RowSource> source, ReadTable(&state_));
    ReadCommand& command = state_.command;
    rows::LiveReaderOptions options;
    options.table = command.table;
    options.columns = std::move(command.columns);  // Not needed again.
    options.now_seconds = command.now_seconds;
    options.static_rows = command.static_rows;
    options.distinct_partitions = command.distinct_partitions;
    options.marked_rows_alone = command.marked_rows_alone;
    options.continues_partition = command.has_resume_clustering;
    options.continued_key = command.resume_key;
    options.limit = command.limit;
    options.per_partition_limit = command.per_partition_limit;
    live_ = std::make_unique<rows::LiveReader>(std::move(source), std::move(options));
    feed_.Update(state_, live_->statistics());
    return base::Status::Ok();
  }

  base::Result<bool> Next(rows::RowBatch* batch) override {
    const Lap lap(*this);
    auto more = live_->Next(batch);
    feed_.Update(state_, live_->statistics());
    return more;
  }

 private:
  // Adds the time of one call to a timed read; what the caller does in between does not count.
  class Lap {
   public:
    explicit Lap(TableReader& reader)
        : reader_(reader), begin_nanos_(reader.is_timed_ ? reader.database_.clock().SteadyNanos() : 0) {}
    ~Lap() {
      if (reader_.is_timed_) reader_.nanos_ += reader_.database_.clock().SteadyNanos() - begin_nanos_;
    }
    Lap(const Lap&) = delete;
    Lap& operator=(const Lap&) = delete;

   private:
    TableReader& reader_;
    const int64_t begin_nanos_;
  };

  Database& database_;
  const StorePtr store_;
  bool is_timed_ = false;
  int64_t nanos_ = 0;
  TableReadState state_;
  StatisticsFeed feed_;
  std::unique_ptr<rows::LiveReader> live_;
};

class HistorySource final : public rows::RowSource {
 public:
  HistorySource(VersionPtr version, const ReadCommand& command) {
    state_.version = std::move(version);
    state_.command = command;
    state_.columns = rows::RegularColumnIds(*command.table);
  }

  base::Status Open() {
    CASSETTE_ASSIGN_OR_RETURN(source_, ReadTable(&state_));
    return base::Status::Ok();
  }
  base::Result<bool> Next(rows::RowBlock* block) override { return source_->Next(block); }

 private:
  TableReadState state_;
  std::unique_ptr<rows::RowSource> source_;
};

}  // namespace

base::Result<std::unique_ptr<rows::BatchReader>> Database::Read(const ReadCommand& command,
                                                                ReadStatistics* statistics) {
  CASSETTE_ASSERT(command.table != nullptr);
  if (is_closing()) return base::Unavailable("the engine is closed");
  CASSETTE_ASSIGN_OR_RETURN(StorePtr store, FindStore(command.table->id));
  auto reader = std::make_unique<TableReader>(*this, std::move(store), command, statistics);
  CASSETTE_RETURN_IF_ERROR(reader->Open());
  return std::unique_ptr<rows::BatchReader>(std::move(reader));
}

base::Result<std::unique_ptr<rows::RowSource>> Database::ReadHistory(const ReadCommand& command) {
  CASSETTE_ASSERT(command.table != nullptr);
  if (is_closing()) return base::Unavailable("the engine is closed");
  CASSETTE_ASSIGN_OR_RETURN(const StorePtr store, FindStore(command.table->id));
  store->metrics.reads.fetch_add(1, std::memory_order_relaxed);
  auto source = std::make_unique<HistorySource>(store->version(), command);
  CASSETTE_RETURN_IF_ERROR(source->Open());
  return std::unique_ptr<rows::RowSource>(std::move(source));
}

}  // namespace cassette::storage::engine
