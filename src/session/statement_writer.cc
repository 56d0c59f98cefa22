#include "session/statement_writer.h"

#include <fmt/format.h>

#include <utility>

#include "session/bulk_writer.h"

namespace cassette::session {

StatementWriter::StatementWriter(Session& session, PreparedPtr insert, PlannedPtr planned)
    : session_(session), insert_(std::move(insert)), planned_(std::move(planned)) {}

base::Status StatementWriter::Append(std::span<const columnar::Vector* const> vectors, uint32_t row_count,
                                     int64_t timestamp_micros) {
  CASSETTE_RETURN_IF_ERROR(CheckBulkVectors(planned_->plan.markers, vectors, row_count));
  if (values_.size() < row_count) values_.resize(row_count);
  uint32_t begin = 0;
  size_t bytes = 0;
  for (uint32_t row = 0; row < row_count; ++row) {
    const size_t more = Fill(vectors, row, &values_[row]);
    if (row > begin && bytes + more > kMaxStatementWriterBytes) {
      CASSETTE_RETURN_IF_ERROR(Write(begin, row - begin, timestamp_micros));
      begin = row;
      bytes = 0;
    }
    bytes += more;
  }
  return row_count == begin ? base::Status::Ok() : Write(begin, row_count - begin, timestamp_micros);
}

size_t StatementWriter::Fill(std::span<const columnar::Vector* const> vectors, uint32_t row, Values* values) {
  values->Clear();
  size_t bytes = 0;
  for (size_t i = 0; i < vectors.size(); ++i) {
    if (vectors[i]->is_null(row)) {
      values->Unset();
      continue;
    }
    bytes_.clear();
    if (vectors[i]->state(row) != columnar::CellState::kEmpty) {
      vectors[i]->AppendSerialized(planned_->plan.markers[i].type, row, &bytes_);
    }
    values->Bytes(bytes_);
    bytes += bytes_.size();
  }
  return bytes;
}

base::Status StatementWriter::Write(uint32_t first_row, uint32_t row_count, int64_t timestamp_micros) {
  entries_.clear();
  for (uint32_t row = first_row; row < first_row + row_count; ++row) entries_.push_back({insert_.get(), &values_[row]});
  QueryOptions options;
  options.timestamp_micros = timestamp_micros;
  const base::Status status = session_.ExecuteBatch(BatchKind::kUnlogged, entries_, options).status();
  if (!status.ok()) return status.WithContext(fmt::format("rows {} to {}: ", first_row, first_row + row_count - 1));
  rows_ += row_count;
  return base::Status::Ok();
}

}  // namespace cassette::session
