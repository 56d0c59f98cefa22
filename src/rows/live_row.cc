#include "rows/live_row.h"

#include <algorithm>
#include <vector>

#include "rows/row_bytes.h"

namespace cassette::rows {
namespace {

using columnar::Vector;
using schema::ColumnKind;

void Start(const LiveReaderOptions& options, RowBatch* batch) {
  batch->Clear();
  batch->columns.resize(options.columns.size());
  batch->write_times.clear();
  batch->ttls.clear();
  for (size_t i = 0; i < options.columns.size(); ++i) {
    batch->columns[i].Reset(options.table->FindColumn(options.columns[i].id)->type.physical());
  }
}

// Puts the live cells where they were asked for. Whether there was any, asked for or not.
base::Result<bool> TakeCells(const LiveReaderOptions& options, int64_t deleted_at, RowBytesReader* row, RowBatch* batch,
                             LiveReaderStatistics* statistics) {
  bool has_live_cell = false;
  RowCell cell;
  while (row->cells_left() > 0) {
    if (!row->NextCell(&cell)) return base::Corruption("a row in memory is malformed");
    const schema::Column* column = options.table->FindColumn(cell.column);
    if (column == nullptr) continue;
    const bool is_live = cell.cell.timestamp_micros > deleted_at && cell.cell.IsLiveAt(options.now_seconds);
    if (!is_live) {
      ++statistics->tombstones_read;
      continue;
    }
    has_live_cell = true;
    for (size_t i = 0; i < options.columns.size(); ++i) {
      if (options.columns[i].id == cell.column) batch->columns[i].AppendValue(column->type, cell.cell.value);
    }
  }
  return has_live_cell;
}

// Key columns, and nulls for the cells that were not there.
base::Status FillTheRest(const LiveReaderOptions& options, const KeyedRow& row, RowBatch* batch) {
  const schema::Table& table = *options.table;
  for (size_t i = 0; i < options.columns.size(); ++i) {
    Vector& values = batch->columns[i];
    const schema::Column& column = *table.FindColumn(options.columns[i].id);
    if (column.kind == ColumnKind::kPartitionKey) {
      std::vector<std::string_view> components;
      CASSETTE_RETURN_IF_ERROR(SplitPartitionKey(table.partition_key_count(), row.key, &components));
      values.AppendValue(column.type, components[column.position]);
    } else if (column.kind == ColumnKind::kClustering) {
      values.AppendFrom(row.clustering[column.position], 0);
    } else if (values.size() == 0) {
      values.AppendState(CellState::kAbsent);
    }
  }
  return base::Status::Ok();
}

}  // namespace

bool HasPlainColumns(const schema::Table& table, const std::vector<RequestedColumn>& columns) {
  return !table.has_complex() && std::all_of(columns.begin(), columns.end(), [&table](const RequestedColumn& column) {
    return !column.with_write_time && !column.with_ttl && table.FindColumn(column.id)->kind != ColumnKind::kStatic;
  });
}

base::Result<bool> ReadLiveRow(const LiveReaderOptions& options, const KeyedRow& row, RowBatch* batch,
                               LiveReaderStatistics* statistics) {
  Start(options, batch);
  if (row.history.row.empty()) return false;
  ++statistics->partitions_read;
  ++statistics->rows_read;
  RowBytesReader bytes;
  if (!bytes.Begin(row.history.row)) return base::Corruption("a row in memory is malformed");
  if (!bytes.deletion().is_live()) ++statistics->tombstones_read;
  const int64_t deleted_at = std::max(row.history.covering.marked_at_micros, bytes.deletion().marked_at_micros);
  const Liveness& liveness = bytes.liveness();
  const bool has_marker = liveness.timestamp_micros > deleted_at && liveness.expires_at_seconds > options.now_seconds;
  CASSETTE_ASSIGN_OR_RETURN(const bool has_cell, TakeCells(options, deleted_at, &bytes, batch, statistics));
  const bool needs_marker = options.marked_rows_alone || options.table->has_strict_liveness();
  if (!has_marker && (!has_cell || needs_marker)) {
    batch->Clear();
    return false;
  }
  CASSETTE_RETURN_IF_ERROR(FillTheRest(options, row, batch));
  batch->row_count = 1;
  batch->partitions.push_back({0, row.token, row.key});
  return true;
}

}  // namespace cassette::rows
