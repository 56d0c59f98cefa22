// Layout: the columns of a table by id, as the memtable needs them for each cell.
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "rows/row_bytes.h"
#include "schema/schema.h"

namespace cassette::storage::memtable {

// Thread safety: immutable.
class Layout {
 public:
  explicit Layout(schema::TablePtr table);

  const schema::Table& table() const { return *table_; }
  const schema::TablePtr& table_ptr() const { return table_; }
  size_t clustering_count() const { return table_->clustering_count(); }

  enum class Verdict : uint8_t { kTake, kSkip, kRefuse };
  // Whether a cell belongs to a column of `kind` and its value fits; kSkip for a dropped column. Refusal() says why
  // not.
  Verdict Judge(const rows::RowCell& cell, schema::ColumnKind kind) const {
    const uint32_t id = cell.column.value();
    if (id >= places_.size()) return Missing(id);
    const Place& place = places_[id];
    if (place.kind != kind) return place.kind == kNoKind ? Missing(id) : Verdict::kRefuse;
    const bool fits = place.fixed_size_bytes == 0 || cell.cell.state != rows::CellState::kLive ||
                      cell.cell.value.size() == place.fixed_size_bytes;
    if (place.is_complex) return IsComplexCell(cell) ? Verdict::kTake : Verdict::kRefuse;
    return fits ? Verdict::kTake : Verdict::kRefuse;
  }
  base::Status Refusal(const rows::RowCell& cell) const;

  // Null for a column that this version of the table does not have.
  const types::DataType* FindType(schema::ColumnId id) const {
    return id.value() < places_.size() ? places_[id.value()].type : nullptr;
  }
  // REQUIRES: Judge took a cell of it.
  const types::DataType& type(schema::ColumnId id) const { return *places_[id.value()].type; }
  // Whether cells of the column carry images of complex cells (rows/complex_cells.h). False for one that this version
  // of the table does not have: rows may still hold cells of a dropped column.
  bool is_complex(schema::ColumnId id) const { return id.value() < places_.size() && places_[id.value()].is_complex; }

  // kCorruption unless `clustering` is as many components as the table has; else the bytes of all but the last.
  base::Status CheckClustering(std::string_view clustering, size_t* prefix_bytes) const;

 private:
  static constexpr schema::ColumnKind kNoKind = static_cast<schema::ColumnKind>(0);
  struct Place {
    schema::ColumnKind kind = kNoKind;
    bool is_complex = false;
    uint8_t fixed_size_bytes = 0;
    const types::DataType* type = nullptr;  // Of table_.
  };

  static bool IsComplexCell(const rows::RowCell& cell);
  Verdict Missing(uint32_t id) const { return id < table_->next_column_id ? Verdict::kSkip : Verdict::kRefuse; }

  schema::TablePtr table_;
  std::vector<Place> places_;  // By column id.
};

}  // namespace cassette::storage::memtable
