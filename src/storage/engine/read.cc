// Reads: a version is pinned, its sources merged, live rows handed up.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "rows/live_reader.h"
#include "storage/engine/database.h"
#include "storage/engine/row_read.h"
#include "storage/engine/table_read.h"

namespace cassette::storage::engine {
namespace {

// Adds what was counted since the last call to the caller's statistics.
class StatisticsFeed {
 public:
  StatisticsFeed() = default;
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
  ReadStatistics* target_ = nullptr;
  ReadStatistics told_;
};

// Of what a reader keeps for its next read, at most.
constexpr size_t kKeptBytesMax = 64 * 1024;

class TableReader final : public Reader {
 public:
  explicit TableReader(Database& database) : database_(database) {}
  ~TableReader() override { Close(); }

  base::Status Open(const ReadCommand& command, ReadStatistics* statistics) override {
    CASSETTE_ASSERT(command.table != nullptr);
    Close();
    if (database_.is_closing()) return base::Unavailable("the engine is closed");
    CASSETTE_ASSIGN_OR_RETURN(store_, database_.FindStore(command.table->id));
    const uint64_t reads = store_->metrics.reads.fetch_add(1, std::memory_order_relaxed);
    is_timed_ = reads % LatencyHistogram::kSampleEvery == 0;
    nanos_ = 0;
    state_ = {};
    state_.version = store_->version();
    state_.command = &command;
    feed_ = StatisticsFeed(statistics);
    const Lap lap(*this);
    SetOptions(command);
    CASSETTE_ASSIGN_OR_RETURN(is_row_, row_.Open(&state_));
    if (!is_row_) {
      CASSETTE_RETURN_IF_ERROR(source_.Open(&state_));
      live_.Open(source_, options_);
    }
    is_open_ = true;
    feed_.Update(state_, seen());
    return base::Status::Ok();
  }

  base::Result<bool> Next(rows::RowBatch* batch) override {
    CASSETTE_ASSERT(is_open_);
    const Lap lap(*this);
    auto more = is_row_ ? row_.Next(options_, batch) : live_.Next(batch);
    feed_.Update(state_, seen());
    return more;
  }

  void Close() override {
    if (store_ == nullptr) return;
    if (is_open_) Count();
    is_open_ = false;
    state_.version = nullptr;
    store_ = nullptr;
    if (is_row_) return;  // The sources were not opened.
    source_.Close();
    if (live_.memory_bytes() + source_.memory_bytes() <= kKeptBytesMax) return;
    source_ = TableSource();
    live_ = rows::LiveReader();
  }

 private:
  void SetOptions(const ReadCommand& command) {
    if (options_.table != command.table) options_.table = command.table;
    options_.columns = command.columns;
    options_.now_seconds = command.now_seconds;
    options_.static_rows = command.static_rows;
    options_.distinct_partitions = command.distinct_partitions;
    options_.marked_rows_alone = command.marked_rows_alone;
    options_.continues_partition = command.has_resume_clustering;
    options_.continued_key = command.resume_key;
    options_.limit = command.limit;
    options_.per_partition_limit = command.per_partition_limit;
  }
  const rows::LiveReaderStatistics& seen() const { return is_row_ ? row_.statistics() : live_.statistics(); }
  void Count() {
    const rows::LiveReaderStatistics& live = seen();
    TableMetrics& metrics = store_->metrics;
    TableMetrics::Add(&metrics.sstables_read, state_.sstables_read);
    TableMetrics::Add(&metrics.sstables_skipped, state_.sstables_skipped_by_filter);
    TableMetrics::Add(&metrics.rows_read, live.rows_read);
    TableMetrics::Add(&metrics.tombstones_read, live.tombstones_read);
    if (is_timed_) metrics.read_latency.Observe(nanos_);
    database_.metrics().Read(state_.sstables_read, state_.sstables_skipped_by_filter, state_.counters.groups_read,
                             live.rows_read, live.tombstones_read);
  }

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
  bool is_open_ = false;
  StorePtr store_;
  bool is_timed_ = false;
  int64_t nanos_ = 0;
  TableReadState state_;
  StatisticsFeed feed_;
  rows::LiveReaderOptions options_;
  bool is_row_ = false;  // Read by row_; else by live_ from source_.
  RowRead row_;
  TableSource source_;
  rows::LiveReader live_;
};

// A read of its own.
class OneRead final : public rows::BatchReader {
 public:
  OneRead(Database& database, const ReadCommand& command) : command_(command), reader_(database) {}

  base::Status Open(ReadStatistics* statistics) { return reader_.Open(command_, statistics); }
  base::Result<bool> Next(rows::RowBatch* batch) override { return reader_.Next(batch); }

 private:
  const ReadCommand command_;
  TableReader reader_;
};

class HistorySource final : public rows::RowSource {
 public:
  HistorySource(VersionPtr version, const ReadCommand& command) : command_(command) {
    state_.version = std::move(version);
    state_.command = &command_;
  }

  base::Status Open() { return source_.Open(&state_); }
  base::Result<bool> Next(rows::RowBlock* block) override { return source_.Next(block); }

 private:
  const ReadCommand command_;
  TableReadState state_;
  TableSource source_;
};

}  // namespace

std::unique_ptr<Reader> Database::NewReader() { return std::make_unique<TableReader>(*this); }

base::Result<std::unique_ptr<rows::BatchReader>> Database::Read(const ReadCommand& command,
                                                                ReadStatistics* statistics) {
  auto read = std::make_unique<OneRead>(*this, command);
  CASSETTE_RETURN_IF_ERROR(read->Open(statistics));
  return std::unique_ptr<rows::BatchReader>(std::move(read));
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
