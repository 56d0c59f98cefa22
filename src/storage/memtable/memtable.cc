#include "storage/memtable/memtable.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/assert.h"
#include "rows/merge.h"
#include "rows/mutation.h"
#include "storage/memtable/shard.h"
#include "storage/memtable/source.h"

namespace cassette::storage::memtable {

Memtable::Memtable(schema::TablePtr table, const MemtableOptions& options) {
  CASSETTE_ASSERT(std::has_single_bit(options.shards));
  CASSETTE_ASSERT(options.shards <= MemtableOptions::kMaxShards);
  table_id_ = table->id;
  shard_bits_ = static_cast<uint32_t>(std::countr_zero(options.shards));
  auto layout = std::make_shared<const Layout>(std::move(table));
  for (uint32_t i = 0; i < options.shards; ++i) shards_.push_back(std::make_unique<Shard>(layout, shard_bits_));
}

Memtable::~Memtable() = default;

size_t Memtable::shard_index(rows::Token token) const {
  // Signed order as unsigned, then its top bits.
  const uint64_t ordered = static_cast<uint64_t>(token) ^ (uint64_t{1} << 63);
  return shard_bits_ == 0 ? 0 : static_cast<size_t>(ordered >> (64 - shard_bits_));
}

base::Status Memtable::Apply(std::string_view mutation) {
  CASSETTE_ASSIGN_OR_RETURN(const rows::MutationHeader header, rows::ReadMutationHeader(mutation));
  return Apply(header);
}

base::Status Memtable::Apply(const rows::MutationHeader& mutation) {
  CASSETTE_ASSERT(mutation.table == table_id_);
  rows::MutationReader reader(mutation);
  return shards_[shard_index(mutation.token)]->Apply(&reader);
}

void Memtable::SetTable(schema::TablePtr table) {
  CASSETTE_ASSERT(table->id == table_id_);
  const auto layout = std::make_shared<const Layout>(std::move(table));
  for (const auto& shard : shards_) shard->SetLayout(layout);
}

schema::TablePtr Memtable::table() const {
  const Shard& shard = *shards_.back();
  base::MutexLock lock(shard.mutex);
  return shard.layout()->table_ptr();
}

std::unique_ptr<rows::RowSource> Memtable::Read(const rows::ReadRange& range) const {
  auto source = std::make_unique<Source>();
  source->Open(*this, range);
  return source;
}

std::unique_ptr<rows::RowSource> Memtable::Scan() const {
  rows::ReadRange range;
  range.columns = rows::RegularColumnIds(*table());
  return Read(range);
}

size_t Memtable::memory_bytes() const {
  size_t bytes = 0;
  for (const auto& shard : shards_) bytes += shard->memory_bytes.load(std::memory_order_relaxed);
  return bytes;
}

uint64_t Memtable::row_count() const {
  uint64_t rows = 0;
  for (const auto& shard : shards_) rows += shard->row_count.load(std::memory_order_relaxed);
  return rows;
}

uint64_t Memtable::partition_count() const {
  uint64_t partitions = 0;
  for (const auto& shard : shards_) partitions += shard->partition_count.load(std::memory_order_relaxed);
  return partitions;
}

bool Memtable::empty() const {
  return std::all_of(shards_.begin(), shards_.end(),
                     [](const auto& shard) { return shard->partition_count.load(std::memory_order_relaxed) == 0; });
}

MemtableStatistics Memtable::statistics() const {
  MemtableStatistics statistics{row_count(), partition_count(), memory_bytes(), rows::kNoTimestamp, rows::kNoTimestamp};
  int64_t min_timestamp = std::numeric_limits<int64_t>::max();
  for (const auto& shard : shards_) {
    min_timestamp = std::min(min_timestamp, shard->min_timestamp_micros.load(std::memory_order_relaxed));
    statistics.max_timestamp_micros =
        std::max(statistics.max_timestamp_micros, shard->max_timestamp_micros.load(std::memory_order_relaxed));
  }
  if (statistics.max_timestamp_micros != rows::kNoTimestamp) statistics.min_timestamp_micros = min_timestamp;
  return statistics;
}

}  // namespace cassette::storage::memtable
