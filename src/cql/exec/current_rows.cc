#include "cql/exec/current_rows.h"

#include <utility>

#include "rows/keys.h"

namespace cassette::cql::exec {
namespace {

using columnar::CellState;
using types::DataType;
using types::TypeKind;
using types::ValueView;

columnar::Vector NotApplied(uint32_t row_count) {
  columnar::Vector vector(columnar::PhysicalType::kInt64);
  for (uint32_t row = 0; row < row_count; ++row) vector.AppendInt64(0);
  return vector;
}

columnar::Vector NullVector(const DataType& type, uint32_t row_count) {
  columnar::Vector vector(type.physical());
  for (uint32_t row = 0; row < row_count; ++row) vector.AppendState(CellState::kAbsent);
  return vector;
}

rows::ClusteringSlice SliceOf(std::string_view clustering) {
  return {{std::string(clustering), rows::ClusteringBound::Side::kBefore},
          {std::string(clustering), rows::ClusteringBound::Side::kAfter}};
}

}  // namespace

base::Status CurrentRows::Read(const std::string& key, std::span<const std::string_view> clusterings,
                               std::span<const schema::ColumnId> columns, int64_t now_seconds,
                               storage::engine::Engine& engine) {
  columns_.reserve(columns.size());
  bool reads_statics = false;
  bool reads_regulars = false;
  for (const schema::ColumnId column : columns) {
    columns_.push_back({column});
    const schema::ColumnKind kind = table_->FindColumn(column)->kind;
    reads_statics = reads_statics || kind == schema::ColumnKind::kStatic;
    reads_regulars = reads_regulars || kind == schema::ColumnKind::kRegular;
  }
  storage::engine::ReadCommand command;
  command.table = table_;
  command.keys.push_back(key);
  command.now_seconds = now_seconds;
  command.columns = columns_;
  command.static_rows = reads_statics;
  if (clusterings.empty()) {
    command.limit = 1;
    command.marked_rows_alone = !reads_regulars;
  } else {
    command.slices.clear();
    for (const std::string_view clustering : clusterings) command.slices.push_back(SliceOf(clustering));
  }
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<rows::BatchReader> reader, engine.Read(command, nullptr));
  while (true) {
    rows::RowBatch batch;
    CASSETTE_ASSIGN_OR_RETURN(const bool has_batch, reader->Next(&batch));
    if (!has_batch) return base::Status::Ok();
    if (!IsOfOtherStatics(batch)) CASSETTE_RETURN_IF_ERROR(Add(std::move(batch)));
  }
}

bool CurrentRows::IsOfOtherStatics(const rows::RowBatch& batch) const {
  if (batch.row_count != 1 || batch.is_static_only.empty() || !batch.is_static_only[0]) return false;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const bool is_static = table_->FindColumn(columns_[i].id)->kind == schema::ColumnKind::kStatic;
    if (is_static && !batch.columns[i].is_null(0)) return false;
  }
  return true;
}

base::Status CurrentRows::Add(rows::RowBatch batch) {
  for (uint32_t place = 0; place < batch.row_count; ++place) {
    Row row;
    row.batch = batches_.size();
    row.place = place;
    row.is_static_only = !batch.is_static_only.empty() && batch.is_static_only[place];
    if (!row.is_static_only) CASSETTE_RETURN_IF_ERROR(AppendClustering(batch, place, &row.clustering));
    rows_.push_back(std::move(row));
  }
  batches_.push_back(std::move(batch));
  return base::Status::Ok();
}

base::Status CurrentRows::AppendClustering(const rows::RowBatch& batch, uint32_t row, std::string* out) const {
  std::string value;
  for (size_t i = 0; i < table_->clustering_count(); ++i) {
    const int index = IndexOf(table_->clustering(i).id);
    CASSETTE_ASSERT(index >= 0);
    const columnar::Vector& vector = batch.columns[static_cast<size_t>(index)];
    value.clear();
    if (vector.state(row) != CellState::kEmpty) vector.AppendSerialized(table_->clustering(i).type, row, &value);
    rows::AppendClusteringComponent(*table_, i, value, out);
  }
  return base::Status::Ok();
}

int CurrentRows::IndexOf(schema::ColumnId column) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].id == column) return static_cast<int>(i);
  }
  return -1;
}

const CurrentRows::Row* CurrentRows::Find(std::string_view clustering) const {
  for (const Row& row : rows_) {
    if (!row.is_static_only && row.clustering == clustering) return &row;
  }
  return nullptr;
}

bool CurrentRows::has_static_row() const {
  if (rows_.empty()) return false;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (table_->FindColumn(columns_[i].id)->kind != schema::ColumnKind::kStatic) continue;
    if (!batches_.front().columns[i].is_null(rows_.front().place)) return true;
  }
  return false;
}

ValueView CurrentRows::ValueOf(const Row* row, schema::ColumnId column, std::string* buffer) const {
  const int index = IndexOf(column);
  if (row == nullptr || index < 0) return ValueView::Null();
  const columnar::Vector& vector = batches_[row->batch].columns[static_cast<size_t>(index)];
  if (vector.is_null(row->place)) return ValueView::Null();
  buffer->clear();
  if (vector.state(row->place) != CellState::kEmpty) {
    vector.AppendSerialized(table_->FindColumn(column)->type, row->place, buffer);
  }
  return ValueView::Of(*buffer);
}

void CurrentRows::Describe(const std::vector<schema::ColumnId>& columns, Answer* answer) {
  if (rows_.empty()) {
    answer->applied_of = table_.get();
    answer->batches.push_back({1, {}});
    answer->batches.back().columns.push_back(NotApplied(1));
    return;
  }
  answer->columns.push_back({table_->keyspace, table_->name, kAppliedColumn, DataType(TypeKind::kBoolean)});
  for (const schema::ColumnId id : columns) {
    const schema::Column* column = table_->FindColumn(id);
    answer->columns.push_back({table_->keyspace, table_->name, column->name, column->type});
  }
  for (rows::RowBatch& batch : batches_) {
    if (batch.row_count == 0) continue;
    OutputBatch output;
    output.row_count = batch.row_count;
    output.columns.push_back(NotApplied(batch.row_count));
    for (const schema::ColumnId id : columns) {
      const int index = IndexOf(id);
      output.columns.push_back(index < 0 ? NullVector(table_->FindColumn(id)->type, batch.row_count)
                                         : std::move(batch.columns[static_cast<size_t>(index)]));
    }
    answer->batches.push_back(std::move(output));
  }
}

}  // namespace cassette::cql::exec
