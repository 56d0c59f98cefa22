#include "derived/index_build.h"

#include <algorithm>
#include <vector>

#include "base/assert.h"
#include "rows/merge_rows.h"

namespace cassette::derived {
namespace {

// Entries written with one record of the commit log.
constexpr size_t kMaxEntriesAtOnce = 1000;

schema::Table WithIndexAlone(const schema::Table& base, const schema::Index& index) {
  schema::Table alone = base;
  alone.indexes = {index};
  return alone;
}

}  // namespace

IndexBuild::IndexBuild(storage::engine::Engine& engine, const schema::Schema& schema, const schema::Table& base,
                       const schema::Index& index)
    : engine_(engine),
      base_(WithIndexAlone(base, index)),
      column_(*base_.FindColumn(index.column)),
      writer_(schema, base_) {}

bool IndexBuild::is_key() const {
  return column_.kind == schema::ColumnKind::kPartitionKey || column_.kind == schema::ColumnKind::kClustering;
}

base::Status IndexBuild::Add(const rows::RowBlock& block) {
  for (size_t run = 0; run < block.partitions.size(); ++run) {
    CASSETTE_RETURN_IF_ERROR(AddRun(block, run));
    if (entries_.size() >= kMaxEntriesAtOnce) CASSETTE_RETURN_IF_ERROR(Finish());
  }
  return base::Status::Ok();
}

base::Status IndexBuild::Finish() {
  if (entries_.size() == 0) return base::Status::Ok();
  std::vector<std::string_view> mutations;
  for (size_t i = 0; i < entries_.size(); ++i) mutations.push_back(entries_.at(i));
  CASSETTE_RETURN_IF_ERROR(engine_.Apply(mutations).status());
  entries_ = MutationList();
  return base::Status::Ok();
}

// As if the rows had just been written.
base::Status IndexBuild::AddRun(const rows::RowBlock& block, size_t run) {
  const rows::PartitionRun& partition = block.partitions[run];
  const rows::CellColumn* cells = block.FindCells(column_.id);
  builder_.Begin(base_.id, partition.token, partition.key);
  if (partition.head != nullptr) AddStatics(*partition.head);
  for (uint32_t row = partition.first_row; row < rows::RunEnd(block, run); ++row) AddRow(block, cells, row);
  if (builder_.empty()) return base::Status::Ok();
  CASSETTE_ASSIGN_OR_RETURN(const rows::MutationHeader mutation, rows::ReadMutationHeader(builder_.bytes()));
  return writer_.Add(mutation, &entries_);
}

void IndexBuild::AddStatics(const rows::PartitionHead& head) {
  bool is_begun = false;
  for (const rows::PartitionHead::StaticCell& cell : head.static_cells) {
    if (!is_key() && cell.column != column_.id) continue;
    if (!is_begun) builder_.BeginStaticRow();
    is_begun = true;
    builder_.AddCell(cell.column, cell.view());
  }
}

void IndexBuild::AddRow(const rows::RowBlock& block, const rows::CellColumn* cells, uint32_t row) {
  if (is_key()) return AddKey(block, row);
  if (cells == nullptr) return;
  rows::CellView cell = rows::CellMetaOf(block, *cells, row);
  if (cell.state == rows::CellState::kAbsent) return;
  value_.clear();
  if (cell.state == rows::CellState::kLive) cells->values.AppendSerialized(column_.type, row, &value_);
  cell.value = value_;
  clustering_.clear();
  rows::AppendClusteringKey(base_, block, row, &clustering_);
  builder_.BeginRow(clustering_);
  builder_.AddCell(column_.id, cell);
}

// Whatever keeps the row alive: only the newest write time counts.
void IndexBuild::AddKey(const rows::RowBlock& block, uint32_t row) {
  rows::Liveness newest = rows::LivenessOf(block, row);
  for (const rows::CellColumn& column : block.cells) {
    rows::CellView cell = rows::CellMetaOf(block, column, row);
    if (rows::ComplexTypeOf(base_, column.id) != nullptr) {
      if (cell.state == rows::CellState::kLive) cell.value = column.values.bytes(row);
    }
    newest.timestamp_micros = std::max(newest.timestamp_micros, NewestValueIn(base_, column.id, cell));
  }
  if (newest.is_empty()) return;
  clustering_.clear();
  rows::AppendClusteringKey(base_, block, row, &clustering_);
  builder_.BeginRow(clustering_);
  builder_.SetLiveness(newest);
}

}  // namespace cassette::derived
