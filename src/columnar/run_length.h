// Run lengths: how often each value stands side by side with itself.
//
// Thread safety: free functions.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "codec/varint.h"

namespace cassette::columnar {

// What an encoding stands in. No encoding stands in itself; in runs, whose values differ from their neighbours, stands
// no dictionary either.
enum class Nesting : uint8_t { kOuter, kInDictionary, kInRuns };

// Appends the number of runs and the frame of their lengths. REQUIRES: runs >= 1, every length >= 1.
void AppendRunLengths(const int64_t* lengths, uint32_t runs, std::string* out);
// Consumes them from the front of `reader`. On success the lengths sum up to `count`, each being at least 1.
// `lengths` has room for `count`.
base::Status ReadRunLengths(uint32_t count, codec::ByteReader* reader, uint32_t* runs, int64_t* lengths);

// Collapses `values` into one value a run and its length. Equality is of bytes, so that doubles keep their bits.
template <typename Value, typename Same>
uint32_t CollapseRuns(const Value* values, uint32_t count, Same same, Value* run_values, int64_t* lengths) {
  uint32_t runs = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (i == 0 || !same(values[i], values[i - 1])) {
      run_values[runs] = values[i];
      lengths[runs++] = 0;
    }
    ++lengths[runs - 1];
  }
  return runs;
}

// The reverse, in place: values[0, runs) become as many as the lengths sum up to.
template <typename Value>
void ExpandRuns(uint32_t count, uint32_t runs, const int64_t* lengths, Value* values) {
  for (uint32_t end = count; runs-- > 0;) {
    const Value value = values[runs];
    const uint32_t begin = end - static_cast<uint32_t>(lengths[runs]);
    for (uint32_t i = begin; i < end; ++i) values[i] = value;
    end = begin;
  }
}

}  // namespace cassette::columnar
