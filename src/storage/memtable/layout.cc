#include "storage/memtable/layout.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/assert.h"
#include "rows/complex_cells.h"
#include "types/value.h"

namespace cassette::storage::memtable {

Layout::Layout(schema::TablePtr table) : table_(std::move(table)) {
  CASSETTE_ASSERT(table_ != nullptr);
  for (const schema::Column& column : table_->columns) {
    const uint32_t id = column.id.value();
    if (id >= places_.size()) places_.resize(id + 1);
    places_[id] = {column.kind, column.type.is_multi_cell(),
                   static_cast<uint8_t>(types::FixedSizeBytes(column.type.kind())), &column.type};
  }
}

bool Layout::IsComplexCell(const rows::RowCell& cell) {
  if (cell.cell.state != rows::CellState::kLive || !rows::IsValidComplex(cell.cell.value)) return false;
  const rows::CellView view = rows::ViewOf(cell.cell.value);
  return view.timestamp_micros == cell.cell.timestamp_micros && view.ttl_seconds == cell.cell.ttl_seconds &&
         view.expires_at_seconds == cell.cell.expires_at_seconds;
}

base::Status Layout::Refusal(const rows::RowCell& cell) const {
  const schema::Column* column = table_->FindColumn(cell.column);
  if (column == nullptr) {
    return base::FailedPrecondition("a cell of column " + std::to_string(cell.column.value()) + ", which table " +
                                    table_->keyspace + "." + table_->name + " does not have yet");
  }
  return base::Corruption("malformed mutation: a cell of column " + column->name + " of " +
                          std::to_string(cell.cell.value.size()) + " bytes in a row where it cannot stand");
}

base::Status Layout::CheckClustering(std::string_view clustering, size_t* prefix_bytes) const {
  size_t end = 0;
  *prefix_bytes = 0;
  for (size_t i = 0; i < clustering_count(); ++i) {
    const schema::Column& column = table_->clustering(i);
    const std::string_view rest = clustering.substr(end);
    const size_t length = types::OrderedLength(column.type, column.descending, rest);
    if (length > rest.size()) return base::Corruption("malformed mutation: a clustering ends early");
    *prefix_bytes = end;
    end += length;
  }
  return end == clustering.size() ? base::Status() : base::Corruption("malformed mutation: a clustering is too long");
}

}  // namespace cassette::storage::memtable
