#include "storage/memtable/row_image.h"

#include <algorithm>

#include "base/assert.h"
#include "rows/complex_cells.h"

namespace cassette::storage::memtable {
namespace {

bool HasTimesOf(const rows::CellView& cell, const rows::Liveness& liveness) {
  return cell.timestamp_micros == liveness.timestamp_micros && cell.ttl_seconds == liveness.ttl_seconds &&
         cell.expires_at_seconds == liveness.expires_at_seconds;
}

bool ByColumn(const rows::RowCell& a, const rows::RowCell& b) { return a.column < b.column; }

rows::RowCell HoldImage(schema::ColumnId column, std::string_view image, std::forward_list<std::string>* images) {
  images->emplace_front(image);
  return {column, rows::ViewOf(images->front())};
}

void AddUnlessDeleted(const Layout& layout, const rows::RowCell& cell, RowImage* out) {
  if (out->deletion.Deletes(cell.cell.timestamp_micros)) return;
  if (out->deletion.is_live() || !layout.is_complex(cell.column)) {
    out->cells.push_back(cell);
    return;
  }
  rows::ComplexBuilder left;
  rows::CutComplex(cell.cell.value, out->deletion.marked_at_micros, &left);
  if (!left.empty()) out->cells.push_back(HoldImage(cell.column, left.image(), &out->images));
}

}  // namespace

bool RowImage::LooksPlain() const {
  if (liveness.is_empty() || !deletion.is_live()) return false;
  return std::all_of(cells.begin(), cells.end(), [this](const rows::RowCell& cell) {
    return cell.cell.state != rows::CellState::kTombstone && HasTimesOf(cell.cell, liveness);
  });
}

rows::RowCell MergeCells(const Layout& layout, const rows::RowCell& a, const rows::RowCell& b,
                         std::forward_list<std::string>* images) {
  if (!layout.is_complex(a.column)) return rows::Wins(a.cell, b.cell) ? a : b;
  rows::ComplexBuilder merged;
  rows::MergeComplex(layout.type(a.column), a.cell.value, b.cell.value, rows::kNoTimestamp, &merged);
  return HoldImage(a.column, merged.image(), images);
}

void RowImage::Normalize(const Layout& layout) {
  if (!std::is_sorted(cells.begin(), cells.end(), ByColumn)) std::stable_sort(cells.begin(), cells.end(), ByColumn);
  size_t kept = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (deletion.Deletes(cells[i].cell.timestamp_micros)) continue;
    if (kept > 0 && cells[kept - 1].column == cells[i].column) {
      cells[kept - 1] = MergeCells(layout, cells[kept - 1], cells[i], &images);
    } else {
      cells[kept++] = cells[i];
    }
  }
  cells.resize(kept);
  if (deletion.Deletes(liveness.timestamp_micros)) liveness = {};
}

void MergeRows(const Layout& layout, const RowImage& a, const RowImage& b, RowImage* out) {
  out->Clear();
  out->deletion = a.deletion.Supersedes(b.deletion) ? a.deletion : b.deletion;
  out->liveness = rows::Supersedes(a.liveness, b.liveness) ? a.liveness : b.liveness;
  if (out->deletion.Deletes(out->liveness.timestamp_micros)) out->liveness = {};
  size_t i = 0;
  size_t j = 0;
  while (i < a.cells.size() && j < b.cells.size()) {
    if (a.cells[i].column < b.cells[j].column) {
      AddUnlessDeleted(layout, a.cells[i++], out);
    } else if (b.cells[j].column < a.cells[i].column) {
      AddUnlessDeleted(layout, b.cells[j++], out);
    } else {
      AddUnlessDeleted(layout, MergeCells(layout, a.cells[i], b.cells[j], &out->images), out);
      ++i;
      ++j;
    }
  }
  for (; i < a.cells.size(); ++i) AddUnlessDeleted(layout, a.cells[i], out);
  for (; j < b.cells.size(); ++j) AddUnlessDeleted(layout, b.cells[j], out);
}

char* PutRowHead(const RowImage& row, char* out) {
  CASSETTE_ASSERT(row.cells.size() <= rows::kMaxRowCells);
  const bool has_liveness = !row.liveness.is_empty();
  const bool has_deletion = !row.deletion.is_live();
  *out++ = static_cast<char>(rows::kUpdateRow | (has_liveness ? rows::kRowHasLiveness : 0) |
                             (row.liveness.ttl_seconds != rows::kNoTtl ? rows::kRowHasTtl : 0) |
                             (has_deletion ? rows::kRowHasDeletion : 0) | (row.IsPlain() ? rows::kRowIsPlain : 0));
  if (has_liveness) out = rows::PutLiveness(row.liveness, out);
  if (has_deletion) out = rows::PutDeletion(row.deletion, out);
  return rows::PutLittle(static_cast<uint16_t>(row.cells.size()), out);
}

void EncodeRow(const RowImage& row, std::string* out) {
  size_t room = rows::kMaxRowOverhead;
  for (const rows::RowCell& cell : row.cells) room += rows::kMaxCellOverhead + cell.cell.value.size();
  if (out->size() < room) out->resize(room);
  char* const begin = out->data();
  char* next = PutRowHead(row, begin);
  rows::Liveness reference = row.liveness;
  for (const rows::RowCell& cell : row.cells) next = rows::PutCell(cell.column, cell.cell, &reference, next);
  out->resize(static_cast<size_t>(next - begin));
}

void DecodeRow(std::string_view bytes, RowImage* row) {
  row->Clear();
  rows::RowBytesReader reader;
  CASSETTE_ASSERT(reader.Begin(bytes));
  row->liveness = reader.liveness();
  row->deletion = reader.deletion();
  row->cells.resize(reader.cell_count());
  for (rows::RowCell& cell : row->cells) CASSETTE_ASSERT(reader.NextCell(&cell));
}

}  // namespace cassette::storage::memtable
