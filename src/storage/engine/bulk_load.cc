// Bulk load: rows straight into sorted SSTables, which one manifest edit makes visible.
#include "storage/engine/bulk_load.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "codec/murmur3.h"
#include "rows/keys.h"
#include "storage/engine/stopwatch.h"
#include "types/value.h"

namespace cassette::storage::engine {
namespace {

using columnar::Vector;

bool SameComponent(const Vector& vector, uint32_t a, uint32_t b) {
  if (vector.is_constant()) return true;
  if (vector.state(a) != vector.state(b)) return false;
  if (vector.state(a) != columnar::CellState::kLive) return true;
  switch (vector.physical()) {
    case types::PhysicalType::kInt64:
      return vector.int64(a) == vector.int64(b);
    case types::PhysicalType::kDouble: {
      // Bits, not values: -0 and 0 are two keys.
      return std::memcmp(&vector.doubles()[a], &vector.doubles()[b], sizeof(double)) == 0;
    }
    case types::PhysicalType::kBytes:
      return vector.bytes(a) == vector.bytes(b);
  }
  return false;
}

base::Status NullKey(const schema::Column& column, uint32_t row) {
  return base::InvalidArgument(fmt::format("Invalid null value in condition for column {} (row {})", column.name, row));
}

base::Status CheckKeyColumn(const schema::Column& column, const Vector* vector, uint32_t row_count) {
  if (vector == nullptr) {
    return base::InvalidArgument(fmt::format("Some clustering or partition keys are missing: {}", column.name));
  }
  const auto& states = vector->states();
  for (uint32_t i = 0; i < states.size(); ++i) {
    if (states[i] == columnar::CellState::kAbsent || states[i] == columnar::CellState::kTombstone) {
      return NullKey(column, i);
    }
  }
  if (vector->physical() != types::PhysicalType::kBytes || vector->heap().size() <= rows::kMaxKeyBytes) {
    return base::Status::Ok();
  }
  for (uint32_t row = 0; row < row_count; ++row) {
    if (vector->state(row) == columnar::CellState::kLive && vector->bytes(row).size() > rows::kMaxKeyBytes) {
      return base::InvalidArgument(fmt::format("Key length of {} is longer than maximum of {} (column {}, row {})",
                                               vector->bytes(row).size(), rows::kMaxKeyBytes, column.name, row));
    }
  }
  return base::Status::Ok();
}

}  // namespace

TableLoad::TableLoad(Database& database, StorePtr store)
    : database_(database),
      store_(std::move(store)),
      table_(store_->table()),
      buffer_(std::make_unique<LoadBuffer>(table_)) {}

// Files of a load that was not committed go; the next start would remove them too.
TableLoad::~TableLoad() {
  for (const SstablePtr& table : finished_) table->MarkObsolete();
}

base::Status TableLoad::Append(std::span<const schema::ColumnId> columns, std::span<const Vector* const> vectors,
                               uint32_t row_count, int64_t timestamp_micros) {
  if (is_ended_) return base::FailedPrecondition("the load has ended");
  if (row_count == 0) return base::Status::Ok();
  LoadInput input;
  CASSETTE_RETURN_IF_ERROR(ReadInput(columns, vectors, row_count, &input));
  input.liveness.timestamp_micros = timestamp_micros;
  const int32_t ttl = table_->options.default_time_to_live_seconds;
  if (ttl > 0) {
    input.liveness.ttl_seconds = ttl;
    input.liveness.expires_at_seconds = database_.clock().NowSeconds() + ttl;
  }
  CASSETTE_RETURN_IF_ERROR(FindRuns(input));
  buffer_->Add(input, std::span(runs_).first(run_count_));
  rows_ += row_count;
  if (buffer_->bytes() < database_.options().bulk_load_buffer_bytes) return base::Status::Ok();
  const base::Status spilled = Spill();
  if (!spilled.ok()) is_ended_ = true;  // The buffer is not whole any more.
  return spilled;
}

base::Status TableLoad::ReadInput(std::span<const schema::ColumnId> columns, std::span<const Vector* const> vectors,
                                  uint32_t row_count, LoadInput* input) const {
  CASSETTE_ASSERT(columns.size() == vectors.size());
  input->row_count = row_count;
  input->by_column.resize(table_->columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    const int index = table_->IndexOf(columns[i]);
    if (index < 0) return base::InvalidArgument(fmt::format("column {} does not exist", columns[i].value()));
    const schema::Column& column = table_->columns[static_cast<size_t>(index)];
    if (vectors[i]->size() != row_count || vectors[i]->physical() != column.type.physical()) {
      return base::InvalidArgument(fmt::format("column {} has {} values of another type or count, expected {}",
                                               column.name, vectors[i]->size(), row_count));
    }
    input->by_column[static_cast<size_t>(index)] = vectors[i];
  }
  for (size_t i = 0; i < table_->partition_key_count() + table_->clustering_count(); ++i) {
    CASSETTE_RETURN_IF_ERROR(CheckKeyColumn(table_->columns[i], input->by_column[i], row_count));
  }
  return base::Status::Ok();
}

// Cuts the rows where the partition changes.
base::Status TableLoad::FindRuns(const LoadInput& input) {
  run_count_ = 0;
  const size_t keys = table_->partition_key_count();
  bool is_constant = true;
  for (size_t i = 0; i < keys; ++i) is_constant &= input.by_column[i]->is_constant();
  uint32_t begin = 0;
  while (begin < input.row_count) {
    uint32_t end = is_constant ? input.row_count : begin + 1;
    while (end < input.row_count) {
      bool same = true;
      for (size_t i = 0; i < keys && same; ++i) same = SameComponent(*input.by_column[i], begin, end);
      if (!same) break;
      ++end;
    }
    if (run_count_ == runs_.size()) runs_.emplace_back();
    LoadRun& run = runs_[run_count_++];
    run.begin = begin;
    run.end = end;
    CASSETTE_RETURN_IF_ERROR(EncodeKey(input, begin, &run));
    begin = end;
  }
  return base::Status::Ok();
}

base::Status TableLoad::EncodeKey(const LoadInput& input, uint32_t row, LoadRun* run) {
  components_.clear();
  component_ends_.clear();
  for (size_t i = 0; i < table_->partition_key_count(); ++i) {
    input.by_column[i]->AppendSerialized(table_->partition_key(i).type, row, &components_);
    component_ends_.push_back(components_.size());
  }
  component_views_.clear();
  size_t begin = 0;
  for (const size_t end : component_ends_) {
    component_views_.push_back(std::string_view(components_).substr(begin, end - begin));
    begin = end;
  }
  run->key.clear();
  CASSETTE_RETURN_IF_ERROR(rows::AppendPartitionKey(component_views_, &run->key));
  run->token = codec::Murmur3Token(run->key);
  return base::Status::Ok();
}

// Writes the buffer as one SSTable of the load.
base::Status TableLoad::Spill() {
  if (buffer_->empty()) return base::Status::Ok();
  const Stopwatch stopwatch(database_.clock(), database_.bulk_load_spill_seconds());
  const uint64_t file_number = database_.NewFileNumber();
  CASSETTE_ASSIGN_OR_RETURN(
      const std::unique_ptr<sstable::SstableWriter> writer,
      sstable::SstableWriter::Create(database_.file_system(), database_.directory().SstablePath(file_number), table_,
                                     database_.WriterOptionsFor("bulk load")));
  {
    const std::unique_ptr<rows::RowSource> rows = buffer_->Sorted();
    rows::RowBlock block;
    while (true) {
      CASSETTE_ASSIGN_OR_RETURN(const bool more, rows->Next(&block));
      if (!more) break;
      CASSETTE_RETURN_IF_ERROR(writer->Add(block));
    }
  }
  CASSETTE_ASSIGN_OR_RETURN(const sstable::SstableStatistics statistics, writer->Finish());
  CASSETTE_ASSIGN_OR_RETURN(SstablePtr table, database_.OpenSstable(MakeSstableInfo(file_number, statistics)));
  finished_.push_back(std::move(table));
  buffer_ = std::make_unique<LoadBuffer>(table_);
  return base::Status::Ok();
}

base::Status TableLoad::Finish() {
  if (is_ended_) return base::FailedPrecondition("the load has ended");
  const base::Status spilled = Spill();
  is_ended_ = true;
  return spilled;
}

base::Status TableLoad::Commit() {
  BulkLoad* self = this;
  return database_.CommitBulkLoads(std::span(&self, 1));
}

base::Result<std::unique_ptr<BulkLoad>> Database::BeginBulkLoad(const schema::TableId& table) {
  if (is_closing()) return base::Unavailable("the engine is closed");
  CASSETTE_ASSIGN_OR_RETURN(StorePtr store, FindStore(table));
  if (store->is_memory_only()) return base::Unsupported("a table that lives in memory only takes no bulk load");
  if (store->table()->has_complex()) {
    return base::Unsupported("a table with non-frozen collections or user types takes no bulk load");
  }
  return std::unique_ptr<BulkLoad>(std::make_unique<TableLoad>(*this, std::move(store)));
}

base::Status Database::CommitBulkLoads(std::span<BulkLoad* const> loads, uint64_t derived_version) {
  if (is_closing()) return base::Unavailable("the engine is closed");
  std::vector<Change> changes;
  for (BulkLoad* load : loads) {
    TableLoad* table_load = static_cast<TableLoad*>(load);
    CASSETTE_RETURN_IF_ERROR(table_load->Finish());
    Change change;
    change.store = table_load->store();
    change.added = table_load->finished();
    changes.push_back(std::move(change));
  }
  const base::Status committed = this->Commit(changes, derived_version);
  // After a failure of the manifest itself the next start may find the edit: the files stay for it.
  const bool was_refused =
      committed.code() == base::Code::kNotFound || committed.code() == base::Code::kFailedPrecondition;
  if (!committed.ok() && !was_refused) {
    for (BulkLoad* load : loads) static_cast<TableLoad*>(load)->Release();
  }
  CASSETTE_RETURN_IF_ERROR(committed);
  for (BulkLoad* load : loads) {
    TableLoad* table_load = static_cast<TableLoad*>(load);
    table_load->Release();
    ScheduleCompaction(table_load->store());
  }
  return base::Status::Ok();
}

}  // namespace cassette::storage::engine
