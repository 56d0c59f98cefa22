// Walking the rows of a vector. Private to this folder.
#pragma once

#include <cstdint>
#include <vector>

#include "columnar/vector.h"

namespace cassette::cql::functions {

// Calls visit(row) for each row of `selection` (all rows when null) that has a value of at least one byte.
template <typename Visit>
void ForEachValue(const columnar::Vector& values, const std::vector<uint32_t>* selection, const Visit& visit) {
  const auto visit_live = [&](uint32_t row) {
    if (values.state(row) == columnar::CellState::kLive) visit(row);
  };
  if (selection != nullptr) {
    for (uint32_t row : *selection) visit_live(row);
  } else if (values.all_live()) {
    for (uint32_t row = 0; row < values.size(); ++row) visit(row);
  } else {
    for (uint32_t row = 0; row < values.size(); ++row) visit_live(row);
  }
}

// How many of those rows have a value, an empty one included.
uint64_t CountValues(const columnar::Vector& values, const std::vector<uint32_t>* selection);
// Whether one of them is empty.
bool HasEmptyValue(const columnar::Vector& values, const std::vector<uint32_t>* selection);

}  // namespace cassette::cql::functions
