// One pass over integers that tells an encoder all it needs to choose: ranges of the values, of their deltas and of the
// deltas' deltas, and how many runs there are; and the deltas themselves, to and fro. The instruction set is found at
// run time (Highway).
//
// Thread safety: free functions.
#pragma once

#include <cstdint>

namespace cassette::columnar {

struct IntRange {
  int64_t min = INT64_MAX;
  int64_t max = INT64_MIN;
};

// Deltas wrap modulo 2^64 and are seen as signed.
struct IntStatistics {
  IntRange values;
  IntRange deltas;        // values[i] - values[i - 1]
  IntRange delta_deltas;  // deltas[i] - deltas[i - 1]
  uint32_t runs = 1;      // Of equal values side by side.
};

// REQUIRES: count >= 1. Ranges of nothing are {INT64_MAX, INT64_MIN}.
IntStatistics Survey(const int64_t* values, uint32_t count);

// The smallest of the values that are not below `floor`; INT64_MAX when all are.
int64_t SmallestAtLeast(const int64_t* values, uint32_t count, int64_t floor);

// Runs of doubles with the same bits.
uint32_t CountRuns(const double* values, uint32_t count);

// deltas[i] = values[i] - values[i - 1] for i >= 1; deltas[0] is left alone. Modulo 2^64.
void Subtract(const int64_t* values, uint32_t count, int64_t* deltas);
// The reverse, in place: each value becomes `start` plus the sum of those up to it.
void PrefixSum(uint64_t start, uint32_t count, int64_t* values);

}  // namespace cassette::columnar
