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
  TableReader(VersionPtr version, const ReadCommand& command, ReadStatistics* statistics) : feed_(statistics) {
    state_.version = std::move(version);
    state_.command = command;
    state_.columns = rows::RegularColumnIds(*command.table);
  }

  base::Status Open() {
    CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<rows::RowSource> source, ReadTable(&state_));
    ReadCommand& command = state_.command;
    rows::LiveReaderOptions options;
    options.table = command.table;
    options.columns = std::move(command.columns);  // Not needed again.
    options.now_seconds = command.now_seconds;
    options.static_rows = command.static_rows;
    options.distinct_partitions = command.distinct_partitions;
    options.continues_partition = command.has_resume_clustering;
    options.continued_key = command.resume_key;
    options.limit = command.limit;
    options.per_partition_limit = command.per_partition_limit;
    live_ = std::make_unique<rows::LiveReader>(std::move(source), std::move(options));
    feed_.Update(state_, live_->statistics());
    return base::Status::Ok();
  }

  base::Result<bool> Next(rows::RowBatch* batch) override {
    auto more = live_->Next(batch);
    feed_.Update(state_, live_->statistics());
    return more;
  }

 private:
  TableReadState state_;
  StatisticsFeed feed_;
  std::unique_ptr<rows::LiveReader> live_;
};

}  // namespace

base::Result<std::unique_ptr<rows::BatchReader>> Database::Read(const ReadCommand& command,
                                                                ReadStatistics* statistics) {
  CASSETTE_ASSERT(command.table != nullptr);
  if (is_closing()) return base::Unavailable("the engine is closed");
  CASSETTE_ASSIGN_OR_RETURN(const StorePtr store, FindStore(command.table->id));
  store->reads.fetch_add(1, std::memory_order_relaxed);
  auto reader = std::make_unique<TableReader>(store->version(), command, statistics);
  CASSETTE_RETURN_IF_ERROR(reader->Open());
  return std::unique_ptr<rows::BatchReader>(std::move(reader));
}

}  // namespace cassette::storage::engine
