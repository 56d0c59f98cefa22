// One row found by its whole key in the only place that may have it: a memtable. What most reads of fresh rows come to,
// without opening sources and merging them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "rows/live_reader.h"
#include "rows/row_batch.h"
#include "rows/row_history.h"
#include "storage/engine/table_read.h"

namespace cassette::storage::engine {

// False when the row may lie in several places, which would have to be merged, or in an SSTable. `found` is replaced.
// `skipped`, the SSTables whose filters or tokens rule the row out, grows. kCorruption, kIoError of key filters.
base::Result<bool> FindRow(const TableVersion& version, rows::Token token, std::string_view key,
                           std::string_view clustering, rows::RowHistory* found, uint64_t* skipped);

// The row that a ReadCommand names, then that of another one. Thread safety: not thread safe.
class RowRead {
 public:
  // False when the command asks for more than one row's plain columns, or FindRow does not know the row: it must be
  // read otherwise, and `state` is as it was. Lifetime: what `state->command` names stays until the row was given.
  base::Result<bool> Open(TableReadState* state);
  // The row once, if it lives; then nothing. kCorruption.
  base::Result<bool> Next(const rows::LiveReaderOptions& options, rows::RowBatch* batch);
  const rows::LiveReaderStatistics& statistics() const { return statistics_; }

 private:
  bool DecodeClustering(const schema::Table& table, std::string_view clustering);

  const ReadCommand* command_ = nullptr;
  rows::Token token_ = rows::kMinToken;
  std::vector<columnar::Vector> clustering_;
  rows::RowHistory found_;
  rows::LiveReaderStatistics statistics_;
  bool is_given_ = false;
};

}  // namespace cassette::storage::engine
