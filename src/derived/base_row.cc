#include "derived/base_row.h"

#include <algorithm>
#include <utility>

#include "rows/merge_rows.h"

namespace cassette::derived {
namespace {

auto PlaceOf(std::vector<BaseCell>& cells, schema::ColumnId column) {
  return std::lower_bound(cells.begin(), cells.end(), column,
                          [](const BaseCell& cell, schema::ColumnId id) { return cell.column < id; });
}

}  // namespace

bool BaseCell::IsLiveAt(int64_t now_seconds) const {
  return complex_type == nullptr ? view().IsLiveAt(now_seconds)
                                 : rows::HasLiveComplex(value, now_seconds, rows::kNoTimestamp);
}

void BaseCell::Visit(const std::function<void(const rows::CellView&)>& visit) const {
  if (complex_type == nullptr) return visit(view());
  rows::ComplexReader reader;
  rows::ComplexCell cell;
  if (!reader.Open(value)) return;
  while (!reader.at_end() && reader.Next(&cell)) visit(cell.cell);
}

bool BaseCell::Cut(int64_t deleted_at_micros) {
  rows::ComplexBuilder left;
  rows::CutComplex(value, deleted_at_micros, &left);
  if (left.empty()) return false;
  SetImage(left);
  return true;
}

void BaseCell::SetImage(const rows::ComplexBuilder& image) {
  const rows::CellView view = image.view();
  state = view.state;
  timestamp_micros = view.timestamp_micros;
  ttl_seconds = view.ttl_seconds;
  expires_at_seconds = view.expires_at_seconds;
  value = view.value;
}

const BaseCell* BaseRow::Find(schema::ColumnId column) const {
  const auto cell = std::lower_bound(cells.begin(), cells.end(), column,
                                     [](const BaseCell& c, schema::ColumnId id) { return c.column < id; });
  return cell != cells.end() && cell->column == column ? &*cell : nullptr;
}

bool BaseRow::IsLiveAt(int64_t now_seconds) const {
  if (!liveness.is_empty() && liveness.expires_at_seconds > now_seconds) return true;
  return std::any_of(cells.begin(), cells.end(), [&](const BaseCell& cell) { return cell.IsLiveAt(now_seconds); });
}

void BaseRow::MergeCell(BaseCell cell) {
  if (cell.complex_type != nullptr) return MergeComplexCell(std::move(cell));
  if (deletion.Deletes(cell.timestamp_micros)) return;
  if (cells.empty() || cells.back().column < cell.column) {
    cells.push_back(std::move(cell));
    return;
  }
  const auto place = PlaceOf(cells, cell.column);
  if (place == cells.end() || place->column != cell.column) {
    cells.insert(place, std::move(cell));
  } else if (!rows::Wins(place->view(), cell.view())) {
    *place = std::move(cell);
  }
}

void BaseRow::MergeCell(const schema::Table& table, const rows::RowCell& cell) {
  const rows::CellView& view = cell.cell;
  MergeCell({cell.column, view.state, view.timestamp_micros, view.ttl_seconds, view.expires_at_seconds,
             view.state == rows::CellState::kTombstone ? std::string() : std::string(view.value),
             rows::ComplexTypeOf(table, cell.column)});
}

base::Result<BaseRow> BaseRow::From(const schema::Table& table, const rows::RowHistory& history) {
  BaseRow row;
  if (!history.row.empty()) {
    rows::RowBytesReader reader;
    if (!reader.Begin(history.row)) return base::Corruption("a row's bytes are malformed");
    row.liveness = reader.liveness();
    row.deletion = reader.deletion();
    row.cells.reserve(reader.cell_count());
    rows::RowCell cell;
    while (reader.cells_left() > 0) {
      if (!reader.NextCell(&cell)) return base::Corruption("a row's bytes are malformed");
      if (table.FindColumn(cell.column) != nullptr) row.MergeCell(table, cell);
    }
  }
  row.MergeDeletion(history.covering);
  return row;
}

void BaseRow::MergeComplexCell(BaseCell cell) {
  const auto place = PlaceOf(cells, cell.column);
  if (place == cells.end() || place->column != cell.column) {
    if (deletion.is_live() || cell.Cut(deletion.marked_at_micros)) cells.insert(place, std::move(cell));
    return;
  }
  rows::ComplexBuilder merged;
  rows::MergeComplex(*cell.complex_type, place->value, cell.value, deletion.marked_at_micros, &merged);
  if (merged.empty()) {
    cells.erase(place);
  } else {
    place->SetImage(merged);
  }
}

void BaseRow::MergeDeletion(const rows::DeletionTime& other) {
  if (other.Supersedes(deletion)) deletion = other;
  if (deletion.Deletes(liveness.timestamp_micros)) liveness = rows::Liveness();
  if (deletion.is_live()) return;
  for (auto cell = cells.begin(); cell != cells.end();) {
    const bool stays = cell->complex_type == nullptr ? !deletion.Deletes(cell->timestamp_micros)
                                                     : cell->Cut(deletion.marked_at_micros);
    cell = stays ? cell + 1 : cells.erase(cell);
  }
}

void BaseRow::Merge(const BaseRow& other) {
  if (rows::Supersedes(other.liveness, liveness)) liveness = other.liveness;
  MergeDeletion(other.deletion);
  for (const BaseCell& cell : other.cells) MergeCell(cell);
}

base::Status PartitionUpdate::Add(const schema::Table& table, std::string_view mutation) {
  using Update = rows::MutationReader::Update;
  CASSETTE_ASSIGN_OR_RETURN(rows::MutationReader reader, rows::MutationReader::Open(mutation));
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
        BaseRow row;
        row.liveness = reader.liveness();
        row.MergeDeletion(reader.row_deletion());
        rows::RowCell cell;
        const uint32_t cell_count = reader.cell_count();
        row.cells.reserve(cell_count);
        for (uint32_t i = 0; i < cell_count; ++i) {
          CASSETTE_RETURN_IF_ERROR(reader.NextCell(&cell));
          row.MergeCell(table, cell);
        }
        const auto [place, is_new] = rows.try_emplace(std::string(reader.clustering()));
        if (is_new) {
          place->second = std::move(row);
        } else {
          place->second.Merge(row);
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
  for (const auto& [clustering, row] : rows) all.push_back({{clustering, Side::kBefore}, {clustering, Side::kAfter}});
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
  row->MergeDeletion(deletion_);
  if (const rows::DeletionTime* range = ranges_.Covering(clustering)) row->MergeDeletion(*range);
}

BaseRow BlockRows::Missing(std::string_view clustering) const {
  BaseRow row;
  Cover(clustering, &row);
  return row;
}

void BlockRows::Load(const rows::RowBlock& block, uint32_t row) {
  clustering_.clear();
  rows::AppendClusteringKey(table_, block, row, &clustering_);
  row_ = BaseRow();
  row_.liveness = rows::LivenessOf(block, row);
  row_.MergeDeletion(rows::RowDeletionOf(block, row));
  Cover(clustering_, &row_);
  for (const rows::CellColumn& column : block.cells) {
    const schema::Column* known = table_.FindColumn(column.id);
    if (known == nullptr) continue;
    const rows::CellView meta = rows::CellMetaOf(block, column, row);
    if (meta.state == rows::CellState::kAbsent) continue;
    BaseCell cell{column.id,
                  meta.state,
                  meta.timestamp_micros,
                  meta.ttl_seconds,
                  meta.expires_at_seconds,
                  {},
                  known->type.is_multi_cell() ? &known->type : nullptr};
    if (meta.state == rows::CellState::kLive) column.values.AppendSerialized(known->type, row, &cell.value);
    row_.MergeCell(std::move(cell));
  }
}

}  // namespace cassette::derived
