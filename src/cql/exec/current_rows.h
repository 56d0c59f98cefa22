// CurrentRows: what a partition holds where a conditional write looks.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cql/exec/executor.h"
#include "rows/row_batch.h"
#include "schema/schema.h"
#include "storage/engine/engine.h"
#include "types/value.h"

namespace cassette::cql::exec {

// Thread safety: not thread safe.
class CurrentRows {
 public:
  struct Row {
    std::string clustering;
    size_t batch = 0;
    uint32_t place = 0;
    bool is_static_only = false;
  };

  // Holds none. Lifetime: `table` outlives it.
  explicit CurrentRows(const schema::TablePtr& table) : table_(table) {}

  // Reads `columns` of the rows `clusterings` of one partition; of its first row when there are none, since a partition
  // without a value in its static row is not the same as none (as in Cassandra, cells that are not read make no row).
  // `columns` holds all of the key.
  base::Status Read(const std::string& key, std::span<const std::string_view> clusterings,
                    std::span<const schema::ColumnId> columns, int64_t now_seconds, storage::engine::Engine& engine);

  // Null when there is none. Lifetime: this one's.
  const Row* Find(std::string_view clustering) const;
  // A row that has the static values; null when there is none.
  const Row* static_row() const { return rows_.empty() ? nullptr : &rows_.front(); }
  // Whether a static column that was read has a value.
  bool has_static_row() const;
  // Null for a row that is null. Lifetime: this one's, and `buffer`'s.
  types::ValueView ValueOf(const Row* row, schema::ColumnId column, std::string* buffer) const;

  // Fills `answer` with [applied], which is false, and `columns` of all rows, null where they were not read. Moves the
  // values out.
  void Describe(const std::vector<schema::ColumnId>& columns, Answer* answer);

 private:
  // Whether the batch is there only for a static column that was not asked for.
  bool IsOfOtherStatics(const rows::RowBatch& batch) const;
  base::Status Add(rows::RowBatch batch);
  base::Status AppendClustering(const rows::RowBatch& batch, uint32_t row, std::string* out) const;
  // Where the column is in a batch; -1 when it was not read.
  int IndexOf(schema::ColumnId column) const;

  const schema::TablePtr& table_;
  std::vector<rows::RequestedColumn> columns_;
  std::vector<rows::RowBatch> batches_;
  std::vector<Row> rows_;
};

}  // namespace cassette::cql::exec
