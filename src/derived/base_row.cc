#include "derived/base_row.h"

#include <algorithm>
#include <utility>

#include "rows/merge_rows.h"

namespace cassette::derived {
namespace {

template <typename Cells>
auto PlaceOf(Cells& cells, schema::ColumnId column) {
  return std::lower_bound(cells.begin(), cells.end(), column,
                          [](const BaseCell& cell, schema::ColumnId id) { return cell.column < id; });
}

auto PlaceOf(std::span<const KeyedRow> rows, std::string_view clustering) {
  return std::lower_bound(rows.begin(), rows.end(), clustering,
                          [](const KeyedRow& row, std::string_view wanted) { return row.clustering < wanted; });
}

rows::CellView CopyImage(const rows::ComplexBuilder& image, base::Arena* arena) {
  rows::CellView cell = image.view();
  cell.value = arena->Copy(cell.value);
  return cell;
}

// Takes what a deletion covers from complex cells. False when nothing is left.
bool Cut(int64_t deleted_at_micros, BaseCell* cell, base::Arena* arena) {
  rows::ComplexBuilder left;
  rows::CutComplex(cell->cell.value, deleted_at_micros, &left);
  if (left.empty()) return false;
  cell->cell = CopyImage(left, arena);
  return true;
}

const types::DataType* ComplexTypeOf(const schema::Column& column) {
  return column.type.is_multi_cell() ? &column.type : nullptr;
}

}  // namespace

bool BaseCell::IsLiveAt(int64_t now_seconds) const {
  return complex_type == nullptr ? cell.IsLiveAt(now_seconds)
                                 : rows::HasLiveComplex(cell.value, now_seconds, rows::kNoTimestamp);
}

void BaseCell::Visit(const std::function<void(const rows::CellView&)>& visit) const {
  if (complex_type == nullptr) return visit(cell);
  rows::ComplexReader reader;
  rows::ComplexCell part;
  if (!reader.Open(cell.value)) return;
  while (!reader.at_end() && reader.Next(&part)) visit(part.cell);
}

const BaseCell* BaseRow::Find(schema::ColumnId column) const {
  const auto place = PlaceOf(cells, column);
  return place != cells.end() && place->column == column ? &*place : nullptr;
}

bool BaseRow::IsLiveAt(int64_t now_seconds) const {
  if (!liveness.is_empty() && liveness.expires_at_seconds > now_seconds) return true;
  return std::any_of(cells.begin(), cells.end(), [&](const BaseCell& cell) { return cell.IsLiveAt(now_seconds); });
}

void BaseRow::MergeCell(const BaseCell& cell, base::Arena* arena) {
  if (cell.complex_type != nullptr) return MergeComplexCell(cell, arena);
  if (deletion.Deletes(cell.cell.timestamp_micros)) return;
  if (cells.empty() || cells.back().column < cell.column) {
    cells.push_back(cell);
    return;
  }
  const auto place = PlaceOf(cells, cell.column);
  if (place == cells.end() || place->column != cell.column) {
    cells.insert(place, cell);
  } else if (!rows::Wins(place->cell, cell.cell)) {
    *place = cell;
  }
}

void BaseRow::MergeComplexCell(BaseCell cell, base::Arena* arena) {
  const auto place = PlaceOf(cells, cell.column);
  if (place == cells.end() || place->column != cell.column) {
    if (deletion.is_live() || Cut(deletion.marked_at_micros, &cell, arena)) cells.insert(place, cell);
    return;
  }
  rows::ComplexBuilder merged;
  rows::MergeComplex(*cell.complex_type, place->cell.value, cell.cell.value, deletion.marked_at_micros, &merged);
  if (merged.empty()) {
    cells.erase(place);
  } else {
    place->cell = CopyImage(merged, arena);
  }
}

void BaseRow::MergeDeletion(const rows::DeletionTime& other, base::Arena* arena) {
  if (other.Supersedes(deletion)) deletion = other;
  if (deletion.is_live()) return;
  if (deletion.Deletes(liveness.timestamp_micros)) liveness = rows::Liveness();
  for (auto cell = cells.begin(); cell != cells.end();) {
    const bool stays = cell->complex_type == nullptr ? !deletion.Deletes(cell->cell.timestamp_micros)
                                                     : Cut(deletion.marked_at_micros, &*cell, arena);
    cell = stays ? cell + 1 : cells.erase(cell);
  }
}

void BaseRow::Merge(const BaseRow& other, base::Arena* arena) {
  if (rows::Supersedes(other.liveness, liveness)) liveness = other.liveness;
  MergeDeletion(other.deletion, arena);
  for (const BaseCell& cell : other.cells) MergeCell(cell, arena);
}

base::Status ReadBaseRow(const schema::Table& table, const rows::RowHistory& history, base::Arena* arena,
                         BaseRow* row) {
  if (!history.row.empty()) {
    rows::RowBytesReader reader;
    if (!reader.Begin(history.row)) return base::Corruption("a row's bytes are malformed");
    row->liveness = reader.liveness();
    row->deletion = reader.deletion();
    rows::RowCell cell;
    while (reader.cells_left() > 0) {
      if (!reader.NextCell(&cell)) return base::Corruption("a row's bytes are malformed");
      const schema::Column* column = table.FindColumn(cell.column);
      if (column != nullptr) row->MergeCell({cell.column, cell.cell, ComplexTypeOf(*column)}, arena);
    }
  }
  row->MergeDeletion(history.covering, arena);
  return base::Status::Ok();
}

const KeyedRow* FindRow(std::span<const KeyedRow> rows, std::string_view clustering) {
  const auto place = PlaceOf(rows, clustering);
  return place != rows.end() && place->clustering == clustering ? &*place : nullptr;
}

void PartitionUpdate::Clear() {
  rows.clear();
  deletion = rows::DeletionTime();
  range_tombstones.clear();
}

void PartitionUpdate::Finish(base::Arena* arena) {
  const auto is_not_after = [](const KeyedRow& a, const KeyedRow& b) { return b.clustering <= a.clustering; };
  if (std::adjacent_find(rows.begin(), rows.end(), is_not_after) == rows.end()) return;
  std::stable_sort(rows.begin(), rows.end(),
                   [](const KeyedRow& a, const KeyedRow& b) { return a.clustering < b.clustering; });
  size_t last = 0;
  for (size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].clustering == rows[last].clustering) {
      rows[last].row.Merge(rows[i].row, arena);
    } else if (++last != i) {
      rows[last] = std::move(rows[i]);
    }
  }
  rows.resize(last + 1);
}

base::Status PartitionUpdate::Add(const schema::Table& table, const rows::MutationHeader& mutation,
                                  base::Arena* arena) {
  using Update = rows::MutationReader::Update;
  rows::MutationReader reader(mutation);
  while (true) {
    CASSETTE_ASSIGN_OR_RETURN(const Update update, reader.Next());
    switch (update) {
      case Update::kEnd:
        return base::Status::Ok();
      case Update::kPartitionDeletion:
        if (reader.deletion().Supersedes(deletion)) deletion = reader.deletion();
        break;
      case Update::kRangeTombstone:
        range_tombstones.push_back({reader.range_start(), reader.range_end(), reader.deletion()});
        break;
      case Update::kStaticRow:
        break;  // No view has statics.
      case Update::kRow: {
        BaseRow& row = rows.emplace_back(reader.clustering()).row;
        row.liveness = reader.liveness();
        row.MergeDeletion(reader.row_deletion(), arena);
        rows::RowCell cell;
        const uint32_t cell_count = reader.cell_count();
        for (uint32_t i = 0; i < cell_count; ++i) {
          CASSETTE_RETURN_IF_ERROR(reader.NextCell(&cell));
          const schema::Column* column = table.FindColumn(cell.column);
          if (column != nullptr) row.MergeCell({cell.column, cell.cell, ComplexTypeOf(*column)}, arena);
        }
        break;
      }
    }
  }
}

std::vector<rows::ClusteringSlice> PartitionUpdate::Slices() const {
  using Side = rows::ClusteringBound::Side;
  if (!deletion.is_live()) return {rows::ClusteringSlice::All()};
  std::vector<rows::ClusteringSlice> all;
  for (const KeyedRow& row : rows) {
    all.push_back({{std::string(row.clustering), Side::kBefore}, {std::string(row.clustering), Side::kAfter}});
  }
  for (const rows::RangeTombstone& range : range_tombstones) all.push_back({range.start, range.end});
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.start.Compare(b.start) < 0; });
  std::vector<rows::ClusteringSlice> joined;
  for (rows::ClusteringSlice& slice : all) {
    if (joined.empty() || joined.back().end.Compare(slice.start) < 0) {
      joined.push_back(std::move(slice));
    } else if (joined.back().end.Compare(slice.end) < 0) {
      joined.back().end = std::move(slice.end);
    }
  }
  return joined;
}

// A partition's head stands on its first run; a run that continues has the same one.
void BlockRows::Enter(const rows::PartitionRun& run) {
  if (run.continues) return;
  deletion_ = run.head == nullptr ? rows::DeletionTime() : run.head->deletion;
  ranges_.Clear();
  if (run.head != nullptr) ranges_.Assign(run.head->range_tombstones, deletion_);
}

uint32_t BlockRows::End(const rows::RowBlock& block, size_t run) { return rows::RunEnd(block, run); }

void BlockRows::Cover(std::string_view clustering, BaseRow* row) const {
  row->MergeDeletion(deletion_, arena_);
  if (const rows::DeletionTime* range = ranges_.Covering(clustering)) row->MergeDeletion(*range, arena_);
}

BaseRow BlockRows::Missing(std::string_view clustering) const {
  BaseRow row;
  Cover(clustering, &row);
  return row;
}

void BlockRows::Load(const rows::RowBlock& block, uint32_t row) {
  clustering_.clear();
  rows::AppendClusteringKey(table_, block, row, &clustering_);
  row_.Clear();
  row_.liveness = rows::LivenessOf(block, row);
  row_.MergeDeletion(rows::RowDeletionOf(block, row), arena_);
  Cover(clustering_, &row_);
  for (const rows::CellColumn& column : block.cells) {
    const schema::Column* known = table_.FindColumn(column.id);
    if (known == nullptr) continue;
    BaseCell cell{column.id, rows::CellMetaOf(block, column, row), ComplexTypeOf(*known)};
    if (cell.cell.state == rows::CellState::kAbsent) continue;
    if (cell.cell.state == rows::CellState::kLive) {
      value_.clear();
      column.values.AppendSerialized(known->type, row, &value_);
      cell.cell.value = arena_->Copy(value_);
    }
    row_.MergeCell(cell, arena_);
  }
}

}  // namespace cassette::derived
