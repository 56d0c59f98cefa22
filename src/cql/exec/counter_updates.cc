#include "cql/exec/counter_updates.h"

#include <algorithm>
#include <tuple>

#include "codec/murmur3.h"
#include "types/value.h"

namespace cassette::cql::exec {
namespace {

int64_t Sum(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }

}  // namespace

bool CounterRow::operator<(const CounterRow& other) const {
  return std::tie(table->id, key, is_static, clustering) <
         std::tie(other.table->id, other.key, other.is_static, other.clustering);
}

void CounterUpdates::Add(const RowPlace& place, schema::ColumnId column, int64_t delta) {
  CounterRow row{*place.table, std::string(place.key), std::string(place.clustering), place.is_static};
  int64_t& sum = rows_[std::move(row)][column];
  sum = Sum(sum, delta);
}

std::vector<PartitionId> CounterUpdates::partitions() const {
  std::vector<PartitionId> partitions;
  for (const auto& [row, deltas] : rows_) partitions.push_back({row.table->id, codec::Murmur3Token(row.key)});
  return partitions;
}

base::Result<std::vector<CounterCell>> ReadAndAdd(storage::engine::Engine& engine, const CounterRow& row,
                                                  const CounterUpdates::Deltas& deltas, int64_t timestamp_micros,
                                                  int64_t now_seconds) {
  storage::engine::ReadCommand command = ReadOneRow(row.table, row.key, row.clustering, row.is_static, now_seconds);
  for (const auto& [column, delta] : deltas) {
    command.columns.push_back({column});
    command.columns.back().with_write_time = true;
  }
  CASSETTE_ASSIGN_OR_RETURN(const auto reader, engine.Read(command, nullptr));
  rows::RowBatch batch;
  CASSETTE_ASSIGN_OR_RETURN(const bool found, reader->Next(&batch));
  std::vector<CounterCell> cells;
  for (const auto& [column, delta] : deltas) {
    const size_t i = cells.size();
    CounterCell& cell = cells.emplace_back(CounterCell{column, timestamp_micros, {}});
    int64_t value = delta;
    if (found && !batch.columns[i].is_null(0)) {
      value = Sum(value, batch.columns[i].int64(0));
      cell.timestamp_micros = std::max(timestamp_micros, batch.write_times[i].int64(0) + 1);
    }
    types::AppendFromInt64(types::TypeKind::kCounter, value, &cell.value);
  }
  return cells;
}

}  // namespace cassette::cql::exec
