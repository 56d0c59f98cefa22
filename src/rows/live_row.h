// The live part of one row by itself: what LiveReader makes of a block with nothing but that row, for less.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "rows/live_reader.h"
#include "rows/row_batch.h"
#include "rows/row_history.h"

namespace cassette::rows {

struct KeyedRow {
  Token token;
  const std::string& key;
  std::span<const columnar::Vector> clustering;  // A value each.
  const RowHistory& history;
};

// Whether rows of `table` with these columns can be read by ReadLiveRow: of partition keys, clusterings and regular
// columns of one cell, their values alone.
bool HasPlainColumns(const schema::Table& table, const std::vector<RequestedColumn>& columns);

// Fills `batch` (cleared first, memory kept) with the row as `options` say, or answers false: no such row lives.
// kCorruption when its bytes are malformed. REQUIRES: HasPlainColumns(*options.table, options.columns).
base::Result<bool> ReadLiveRow(const LiveReaderOptions& options, const KeyedRow& row, RowBatch* batch,
                               LiveReaderStatistics* statistics);

}  // namespace cassette::rows
