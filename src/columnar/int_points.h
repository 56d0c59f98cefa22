// IntPoints: single values out of an encoded vector of integers, none of the others decoded. For reads of one row.
#pragma once

#include <cstdint>
#include <string_view>

#include "columnar/bit_packing.h"

namespace cassette::columnar {

// Thread safety: const methods may be called from many threads. Lifetime: what Open was given outlives it.
class IntPoints {
 public:
  // False when the values do not stand each for itself (deltas, runs, patches, places that are not live) or the bytes
  // are malformed: then DecodeVector has to be asked.
  bool Open(std::string_view encoded, uint32_t rows);
  // REQUIRES: Open returned true; row < rows.
  int64_t at(uint32_t row) const {
    return static_cast<int64_t>(base_ + divisor_ * UnpackOne(packed_, rows_, width_, row));
  }

 private:
  std::string_view packed_;
  uint32_t rows_ = 0;
  uint32_t width_ = 0;
  uint64_t base_ = 0;
  uint64_t divisor_ = 1;
};

}  // namespace cassette::columnar
