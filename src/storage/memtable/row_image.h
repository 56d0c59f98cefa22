// RowImage: one row with its parts side by side, for reconciliation; and the bytes it is kept as.
#pragma once

#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rows/cell.h"
#include "rows/row_bytes.h"
#include "storage/memtable/layout.h"

namespace cassette::storage::memtable {

// Lifetime: the cells' values point to where the row came from, or to images that it holds.
struct RowImage {
  rows::Liveness liveness;
  rows::DeletionTime deletion;
  std::vector<rows::RowCell> cells;       // Ascending column ids, each at most once (after Normalize).
  std::forward_list<std::string> images;  // Of complex cells that came together here.
  // Of a row that came as it is kept, plain and with ascending columns: its cells' bytes.
  std::optional<std::string_view> plain_cells;

  void Clear() {
    liveness = {};
    deletion = {};
    cells.clear();
    images.clear();
    plain_cells.reset();
  }
  // As INSERT makes it (kRowIsPlain).
  bool IsPlain() const { return plain_cells.has_value() || LooksPlain(); }
  // Sorts the cells, reconciles duplicates, drops what the row's own deletion covers.
  void Normalize(const Layout& layout);

 private:
  bool LooksPlain() const;
};

// `a` and `b` of one place as one row: the stronger deletion, the superseding liveness, each cell's winner; what the
// deletion covers goes (org.apache.cassandra.db.rows.Rows.merge). REQUIRES: both normalized; `out` is neither.
void MergeRows(const Layout& layout, const RowImage& a, const RowImage& b, RowImage* out);

// `a` and `b` of one column as one: the winner, or their complex cells together, whose image goes to `images`.
rows::RowCell MergeCells(const Layout& layout, const rows::RowCell& a, const rows::RowCell& b,
                         std::forward_list<std::string>* images);

// The row's bytes (rows/row_bytes.h) before its cells, up to their count. Room: rows::kMaxRowOverhead. Returns the end.
char* PutRowHead(const RowImage& row, char* out);
// The row's bytes, replacing `out`.
void EncodeRow(const RowImage& row, std::string* out);
// REQUIRES: `bytes` come from EncodeRow. Lifetime: the cells point into `bytes`.
void DecodeRow(std::string_view bytes, RowImage* row);

}  // namespace cassette::storage::memtable
