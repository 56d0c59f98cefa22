#include "session/session.h"

namespace cassette::session {

uint64_t ResultPage::row_count() const {
  uint64_t count = 0;
  for (const ResultBatch& batch : batches) count += batch.row_count;
  return count;
}

std::optional<std::string> ResultPage::Value(uint64_t row, size_t column) const {
  CASSETTE_ASSERT(column < columns.size());
  for (const ResultBatch& batch : batches) {
    if (row >= batch.row_count) {
      row -= batch.row_count;
      continue;
    }
    const columnar::Vector& vector = batch.columns[column];
    const uint32_t place = static_cast<uint32_t>(row);
    if (vector.is_null(place)) return std::nullopt;
    std::string bytes;
    if (vector.state(place) != columnar::CellState::kEmpty) {
      vector.AppendSerialized(columns[column].type, place, &bytes);
    }
    return bytes;
  }
  CASSETTE_ASSERT(false);
  return std::nullopt;
}

std::string ResultPage::Text(uint64_t row, size_t column) const {
  const std::optional<std::string> value = Value(row, column);
  return value ? types::ToText(columns[column].type, *value) : "null";
}

}  // namespace cassette::session
