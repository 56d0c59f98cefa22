// Frame of reference: integers as offsets from a base, divided by their common divisor, bit-packed; the few that lie
// far off are patched in (PFOR, Zukowski et al., ICDE 2006). The building block of all integer encodings: itself one
// (kFrameOfReference), and how deltas, run lengths, dictionary codes and string lengths are stored. A frame knows its
// end when the count is known, so frames can stand side by side.
//
// Thread safety: free functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "codec/varint.h"

namespace cassette::columnar {

// Appends the frame of `count` values. REQUIRES: 1 <= count <= kMaxVectorRows.
void AppendFrame(const int64_t* values, uint32_t count, std::string* out);
// The same when the caller knows the smallest and the largest value.
void AppendFrame(const int64_t* values, uint32_t count, int64_t min, int64_t max, std::string* out);

// Consumes a frame of `count` values from the front of `reader`. REQUIRES: count <= kMaxVectorRows.
base::Status ReadFrame(uint32_t count, codec::ByteReader* reader, int64_t* values);

// What stands before the patches of a frame: value i is base + divisor * (packed integer i).
struct FrameHeader {
  uint64_t base = 0;
  uint64_t divisor = 1;
  uint64_t patches = 0;
  uint32_t width = 0;
  std::string_view packed;
};
// As ReadFrame, up to the patches.
base::Status ReadFrameHeader(uint32_t count, codec::ByteReader* reader, FrameHeader* header);

// The range of most values, outliers aside: by it an encoder weighs one frame against another.
struct TrimmedRange {
  int64_t low;
  int64_t high;
};
// Without about kTrim of the smallest and kTrim of the largest. Fastest for kTrimSample values.
// REQUIRES: count > 2 * kTrim.
inline constexpr uint32_t kTrim = 2;
inline constexpr uint32_t kTrimSample = 32;
TrimmedRange Trim(const int64_t* values, uint32_t count);

}  // namespace cassette::columnar
