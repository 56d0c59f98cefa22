#include "storage/engine/database.h"

#include <algorithm>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "base/assert.h"
#include "rows/mutation.h"
#include "storage/engine/log_record.h"
#include "storage/engine/stopwatch.h"

namespace cassette::storage::engine {
namespace {

// Written bytes after which the memtables' memory is looked at, as a part of its bound; and their bound.
constexpr size_t kMemtableChecksPerBound = 64;
constexpr size_t kMemtableCheckBytesMax = 1 << 20;
// The largest memtable is flushed when those that take writes fill this part of the bound, so that writes go on while
// it is flushed.
constexpr size_t kFlushNumerator = 1;
constexpr size_t kFlushDenominator = 2;

CommitPosition ToPublic(commitlog::CommitPosition position) { return {position.segment_id, position.offset}; }
commitlog::CommitPosition ToLog(CommitPosition position) {
  return {static_cast<uint32_t>(position.segment), static_cast<uint32_t>(position.offset)};
}
bool WasLogged(CommitPosition position) { return position.segment != 0; }

// Most writes are to one table, or to one and its views.
using StoreList = absl::InlinedVector<TableStore*, 4>;
using TargetedList = absl::InlinedVector<TargetedMutation, 4>;

// The gates of all stores, entered. REQUIRES: the stores are distinct.
class EnteredGates {
 public:
  explicit EnteredGates(std::span<TableStore* const> stores) : stores_(stores) {
    for (TableStore* store : stores_) store->gate().Enter();
  }
  ~EnteredGates() {
    for (TableStore* store : stores_) store->gate().Leave();
  }
  EnteredGates(const EnteredGates&) = delete;
  EnteredGates& operator=(const EnteredGates&) = delete;

 private:
  const std::span<TableStore* const> stores_;
};

}  // namespace

StorePtr Catalogue::Find(const schema::TableId& id) const {
  const auto store = stores.find(id);
  return store == stores.end() ? nullptr : store->second;
}

base::Result<TableStore*> Catalogue::Require(const schema::TableId& id) const {
  const auto store = stores.find(id);
  if (store == stores.end()) return base::NotFound("table " + id.ToString() + " does not exist");
  return store->second.get();
}

Database::Database(const EngineOptions& options, const EngineEnvironment& environment)
    : options_(options),
      environment_(environment),
      cache_(options.cache_bytes),
      open_files_(*environment.file_system, options.open_files_max),
      metrics_(environment.metrics),
      scheduler_(options.background_threads) {
  CASSETTE_ASSERT(environment.file_system != nullptr);
  CASSETTE_ASSERT(environment.clock != nullptr);
  CASSETTE_ASSERT(environment.logger != nullptr);
}

Database::~Database() {
  CASSETTE_ASSERT(is_closed_ || !is_started_);
  if (!is_closed_) (void)Close();
}

base::Status Database::Close() {
  if (is_closed_) return base::Status::Ok();
  is_closing_ = true;
  {
    base::MutexLock lock(room_mutex_);
    room_changed_.NotifyAll();
  }
  scheduler_.Stop();
  is_closed_ = true;
  if (log_ == nullptr) return base::Status::Ok();
  CASSETTE_RETURN_IF_ERROR(log_->Stop());
  // Without it the next start only cannot tell a cut file from a crash.
  const base::Status remembered = RememberLogExtent();
  if (!remembered.ok()) logger().Warning("closing: {}", remembered.message());
  return base::Status::Ok();
}

CataloguePtr Database::catalogue() const {
  base::MutexLock lock(catalogue_mutex_);
  return catalogue_;
}

void Database::Publish(CataloguePtr catalogue) {
  base::MutexLock lock(catalogue_mutex_);
  catalogue_ = std::move(catalogue);
  current_schema_ = catalogue_->schema.get();
}

schema::SchemaPtr Database::schema() const {
  base::MutexLock lock(catalogue_mutex_);
  return catalogue_->schema;
}

base::Result<StorePtr> Database::FindStore(const schema::TableId& id) const {
  base::MutexLock lock(catalogue_mutex_);
  const auto store = catalogue_->stores.find(id);
  if (store == catalogue_->stores.end()) return base::NotFound("table " + id.ToString() + " does not exist");
  return store->second;
}

std::vector<StorePtr> Database::Stores(bool durable_only) const {
  std::vector<StorePtr> stores;
  const CataloguePtr pinned = catalogue();
  for (const auto& [id, store] : pinned->stores) {
    if (!durable_only || !store->is_memory_only()) stores.push_back(store);
  }
  return stores;
}

base::Result<CommitPosition> Database::Apply(std::span<const std::string_view> mutations, uint64_t derived_version) {
  if (is_closing()) return base::Unavailable("the engine is closed");
  size_t bytes = 0;
  const CataloguePtr pinned = catalogue();  // Keeps the stores.
  TargetedList targeted;
  targeted.reserve(mutations.size());
  for (const std::string_view mutation : mutations) {
    bytes += mutation.size();
    CASSETTE_ASSIGN_OR_RETURN(const rows::MutationHeader header, rows::ReadMutationHeader(mutation));
    CASSETTE_ASSIGN_OR_RETURN(TableStore* const store, pinned->Require(header.table));
    targeted.push_back({store, header});
  }
  if (mutations.empty()) return CommitPosition{};
  if (bytes > kMaxMutationBytes) {
    return base::InvalidArgument(
        fmt::format("Mutation of {} bytes is too large for the maximum size of {}", bytes, kMaxMutationBytes));
  }
  CASSETTE_RETURN_IF_ERROR(MakeRoom());
  TableMetrics& metrics = targeted[0].store->metrics;
  const bool is_timed = metrics.writes.load(std::memory_order_relaxed) % LatencyHistogram::kSampleEvery == 0;
  const int64_t begin_nanos = is_timed ? clock().SteadyNanos() : 0;
  auto position = ApplyToStores(mutations, targeted, derived_version);
  if (is_timed) metrics.write_latency.Observe(clock().SteadyNanos() - begin_nanos);
  NoteWritten(bytes);
  return position;
}

base::Result<CommitPosition> Database::ApplyToStores(std::span<const std::string_view> mutations,
                                                     std::span<const TargetedMutation> targeted,
                                                     uint64_t derived_version) {
  StoreList distinct;
  for (const TargetedMutation& one : targeted) distinct.push_back(one.store);
  if (distinct.size() > 1) {
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  }
  const EnteredGates gates(distinct);
  bool is_durable = false;
  for (const TableStore* store : distinct) {
    if (store->is_dropped()) return base::NotFound("table " + store->table_id().ToString() + " does not exist");
    CASSETTE_RETURN_IF_ERROR(store->CheckDerived(derived_version));
    is_durable |= !store->is_memory_only();
  }
  commitlog::CommitPosition position;
  if (is_durable) {
    CASSETTE_ASSIGN_OR_RETURN(position, Log(mutations));
  }
  for (const TargetedMutation& one : targeted) {
    CASSETTE_RETURN_IF_ERROR(one.store->active().memtable.Apply(one.mutation));
    one.store->metrics.writes.fetch_add(1, std::memory_order_relaxed);
  }
  return ToPublic(position);
}

base::Result<commitlog::CommitPosition> Database::Log(std::span<const std::string_view> mutations) {
  const LogRecordHeader header = MakeLogRecordHeader(mutations);
  absl::InlinedVector<std::string_view, 4> pieces = {std::string_view(header.data(), header.size())};
  pieces.insert(pieces.end(), mutations.begin(), mutations.end());
  return log_->Append(pieces);
}

bool Database::IsDurable(CommitPosition position) const {
  return !WasLogged(position) || log_->AcknowledgesAtOnce(ToLog(position));
}

base::Status Database::WaitDurable(CommitPosition position) {
  return WasLogged(position) ? log_->WaitDurable(ToLog(position)) : base::Status::Ok();
}

void Database::OnDurable(CommitPosition position, std::function<void(const base::Status&)> done) {
  if (WasLogged(position)) return log_->OnDurable(ToLog(position), std::move(done));
  done(base::Status::Ok());
}

size_t Database::MemtableBytes() const {
  size_t bytes = 0;
  const CataloguePtr pinned = catalogue();
  for (const auto& [id, store] : pinned->stores) {
    if (!store->is_memory_only()) bytes += store->memtable_bytes();
  }
  return bytes;
}

// Looks at the memory now and then, and has the largest memtable flushed at the bound.
void Database::NoteWritten(size_t bytes) {
  const size_t step = std::min(options_.memtable_heap_bytes / kMemtableChecksPerBound, kMemtableCheckBytesMax);
  if (written_since_check_.fetch_add(bytes, std::memory_order_relaxed) + bytes < step) return;
  written_since_check_.store(0, std::memory_order_relaxed);
  size_t active = 0;
  for (const StorePtr& store : Stores(true)) active += store->active_bytes();
  if (active >= options_.memtable_heap_bytes / kFlushDenominator * kFlushNumerator) FlushLargest();
  is_over_bound_.store(MemtableBytes() > options_.memtable_heap_bytes, std::memory_order_relaxed);
}

// Back-pressure: while memtables are past their bound, writers wait for a flush. One that failed is told to them.
base::Status Database::MakeRoom() {
  if (!is_over_bound_.load(std::memory_order_relaxed)) return base::Status::Ok();
  const Stopwatch stopwatch(clock(), metrics_.write_stall_seconds);
  if (!scheduler_.has_threads()) {
    RetryFailedFlushes();
    FlushLargest();
  }
  base::MutexLock lock(room_mutex_);
  while (MemtableBytes() > options_.memtable_heap_bytes) {
    if (is_closing()) return base::Unavailable("the engine is closing");
    if (!flush_failure_.ok()) {
      if (scheduler_.has_threads()) RetryFailedFlushes();  // For those who write later.
      return base::Unavailable(fmt::format("memtables are full and cannot be flushed: {}", flush_failure_.message()));
    }
    if (!scheduler_.has_threads()) break;
    room_changed_.WaitFor(room_mutex_, std::chrono::milliseconds(100));
  }
  is_over_bound_.store(false, std::memory_order_relaxed);
  return base::Status::Ok();
}

sstable::WriterOptions Database::WriterOptionsFor(std::string created_by) const {
  sstable::WriterOptions options;
  options.row_group_rows = options_.row_group_rows;
  options.created_at_micros = clock().NowMicros();
  options.created_by = std::move(created_by);
  return options;
}

base::Result<std::unique_ptr<Engine>> Engine::Open(const std::string& directory, const EngineOptions& options,
                                                   const EngineEnvironment& environment) {
  if (options.row_group_rows == 0 || options.row_group_rows > columnar::kMaxVectorRows) {
    return base::InvalidArgument(fmt::format("row_group_rows must be between 1 and {}", columnar::kMaxVectorRows));
  }
  if (options.open_files_max == 0 || options.sstables_per_table_max == 0) {
    return base::InvalidArgument("open_files_max and sstables_per_table_max must be at least 1");
  }
  auto database = std::make_unique<Database>(options, environment);
  CASSETTE_RETURN_IF_ERROR(database->Start(directory));
  return std::unique_ptr<Engine>(std::move(database));
}

}  // namespace cassette::storage::engine
