// RowHistory: one row with all that reconciliation needs, by itself and as bytes.
#pragma once

#include <string>

#include "rows/cell.h"

namespace cassette::rows {

struct RowHistory {
  std::string row;        // Its bytes (row_bytes.h), without kRowSameLiveness; empty: there is none.
  DeletionTime covering;  // The strongest of its partition and of ranges: what it covers of the row is gone.

  bool empty() const { return row.empty() && covering.is_live(); }
};

}  // namespace cassette::rows
