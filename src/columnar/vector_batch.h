// VectorBatch: columns of the same length side by side: what a SELECT answers with.
#pragma once

#include <cstdint>
#include <vector>

#include "columnar/vector.h"

namespace cassette::columnar {

// Each of `columns` has `row_count` places, up to kMaxVectorRows.
struct VectorBatch {
  uint32_t row_count = 0;
  std::vector<Vector> columns;
};

}  // namespace cassette::columnar
