#include "columnar/frame.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "base/assert.h"
#include "columnar/bit_packing.h"
#include "columnar/corruption.h"
#include "columnar/statistics.h"
#include "columnar/vector.h"

namespace cassette::columnar {
namespace {

// Bit 7 of the header byte: divisor and patches follow the base. The other seven are the width.
constexpr uint8_t kExtended = 0x80;
constexpr uint64_t kExtensionBits = 16;
constexpr uint32_t kDivisorSample = 32;
constexpr uint32_t kPatchPositionBits = 8;

struct Plan {
  uint64_t base = 0;  // Of the values before the division.
  uint64_t divisor = 1;
  uint32_t width = 0;
  uint32_t patches = 0;
};

uint32_t Width(uint64_t range) { return static_cast<uint32_t>(std::bit_width(range)); }

// Division without remainder by multiplication (Hacker's Delight, 10-16): by `divisor` = odd part * 2^shift.
struct ExactDivisor {
  explicit ExactDivisor(uint64_t divisor) : shift(std::countr_zero(divisor)) {
    const uint64_t odd = divisor >> shift;
    inverse = odd;  // Correct to three bits; each step doubles them.
    for (int step = 0; step < 5; ++step) inverse *= 2 - odd * inverse;
    limit = UINT64_MAX / odd;
  }
  uint64_t Quotient(uint64_t value) const { return (value >> shift) * inverse; }

  int shift;
  uint64_t inverse;
  uint64_t limit;  // A quotient above it had a remainder.
};

// A common divisor of what the values are above `min`, or 1. A sample proposes, all of them decide.
uint64_t CommonDivisor(const int64_t* values, uint32_t count, uint64_t min, uint64_t range) {
  uint64_t divisor = range;
  const uint32_t stride = count / kDivisorSample + 1;
  for (uint32_t i = 0; i < count && divisor > 1; i += stride) {
    divisor = std::gcd(static_cast<uint64_t>(values[i]) - min, divisor);
  }
  if (divisor <= 1) return 1;
  const ExactDivisor exact(divisor);
  uint64_t low_bits = 0;
  bool divides = true;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t offset = static_cast<uint64_t>(values[i]) - min;
    low_bits |= offset;
    divides &= exact.Quotient(offset) <= exact.limit;
  }
  if (!divides) return 1;
  return (low_bits & ((uint64_t{1} << exact.shift) - 1)) == 0 ? divisor : 1;
}

// The common divisor, or 1 where it would not save what it takes to write it down.
uint64_t DivisorWorthTaking(const int64_t* values, uint32_t count, uint64_t min, uint64_t range) {
  if (uint64_t{count} * Width(range) <= kExtensionBits) return 1;
  const uint64_t divisor = CommonDivisor(values, count, min, range);
  const uint64_t saved_bits = uint64_t{count} * (Width(range) - Width(range / divisor));
  return saved_bits > kExtensionBits + Width(divisor) ? divisor : 1;
}

uint32_t VarintBits(int64_t value) { return (Width(codec::ZigZag(value)) + 6) / 7 * 8 + (value == 0 ? 8 : 0); }

// How many values need exactly so many bits above the base.
using WidthCounts = std::array<uint32_t, kMaxBitWidth + 1>;

WidthCounts CountWidths(const int64_t* values, uint32_t count, uint64_t base) {
  // Neighbours mostly need as many bits, so they are counted apart: one counter would wait for itself.
  constexpr uint32_t kApart = 4;
  std::array<WidthCounts, kApart> apart{};
  for (uint32_t i = 0; i < count; ++i) ++apart[i % kApart][Width(static_cast<uint64_t>(values[i]) - base)];
  WidthCounts counts;
  for (uint32_t width = 0; width <= kMaxBitWidth; ++width) {
    counts[width] = apart[0][width] + apart[1][width] + apart[2][width] + apart[3][width];
  }
  return counts;
}

// Finds base and width such that packing most values and patching the rest is smallest.
Plan PlanPatches(const int64_t* values, uint32_t count, TrimmedRange typical, Plan unpatched) {
  const uint64_t spread = static_cast<uint64_t>(typical.high) - static_cast<uint64_t>(typical.low);
  const uint64_t room = static_cast<uint64_t>(typical.low) - (uint64_t{1} << 63);  // Down to INT64_MIN.
  const int64_t floor = static_cast<int64_t>(static_cast<uint64_t>(typical.low) - std::min(room, 2 * spread + 2));
  const int64_t base = std::min(typical.low, SmallestAtLeast(values, count, floor));
  const WidthCounts counts = CountWidths(values, count, static_cast<uint64_t>(base));
  Plan best = unpatched;
  uint64_t best_bits = uint64_t{count} * unpatched.width;
  uint64_t patch_bits = 0;
  uint32_t patches = 0;
  for (uint32_t width = kMaxBitWidth; width-- > 0;) {
    const uint32_t needed = width + 1;
    patches += counts[needed];
    // Offsets of more than 63 bits are, as a rule, values below the base.
    const uint32_t value_bits = needed == kMaxBitWidth ? VarintBits(INT32_MIN) : (needed + 7) / 7 * 8;
    patch_bits += uint64_t{counts[needed]} * (kPatchPositionBits + value_bits);
    const uint64_t bits = uint64_t{count} * width + patch_bits + kExtensionBits;
    if (bits >= best_bits) continue;
    best_bits = bits;
    best = {static_cast<uint64_t>(base), 1, width, patches};
  }
  return best;
}

TrimmedRange TypicalRange(const int64_t* values, uint32_t count) {
  if (count <= kTrimSample) return Trim(values, count);
  int64_t sample[kTrimSample];
  for (uint32_t i = 0; i < kTrimSample; ++i) sample[i] = values[uint64_t{i} * count / kTrimSample];
  return Trim(sample, kTrimSample);
}

// The third smallest of `lows` and the third largest of `highs`.
TrimmedRange TrimEach(const int64_t* lows, const int64_t* highs, uint32_t count) {
  static_assert(kTrim == 2, "the three smallest and largest are kept in variables");
  int64_t low[3] = {INT64_MAX, INT64_MAX, INT64_MAX};
  int64_t high[3] = {INT64_MIN, INT64_MIN, INT64_MIN};
  for (uint32_t i = 0; i < count; ++i) {
    int64_t up = lows[i];
    int64_t down = highs[i];
    for (int place = 0; place < 3; ++place) {
      const int64_t smaller = std::min(low[place], up);
      up = std::max(low[place], up);
      low[place] = smaller;
      const int64_t larger = std::max(high[place], down);
      down = std::min(high[place], down);
      high[place] = larger;
    }
  }
  return {low[2], high[2]};
}

Plan PlanFrame(const int64_t* values, uint32_t count, int64_t min, int64_t max) {
  Plan plan;
  plan.base = static_cast<uint64_t>(min);
  plan.width = Width(static_cast<uint64_t>(max) - static_cast<uint64_t>(min));
  if (plan.width <= 1 || count <= 2 * kTrim) return plan;
  const TrimmedRange typical = TypicalRange(values, count);
  const uint32_t typical_width = Width(static_cast<uint64_t>(typical.high) - static_cast<uint64_t>(typical.low));
  // Of noise without outliers the whole range is up to two bits wider than that of a trimmed sample.
  if (plan.width <= typical_width + 2) return plan;
  return PlanPatches(values, count, typical, plan);
}

void AppendPatched(const int64_t* values, uint32_t count, const Plan& plan, std::string* out) {
  int64_t kept[kMaxVectorRows];
  uint32_t positions[kMaxVectorRows];
  uint32_t patches = 0;
  const uint64_t limit = (uint64_t{1} << plan.width) - 1;  // Whoever has patches has fewer than 64 bits.
  for (uint32_t i = 0; i < count; ++i) {
    const bool patched = static_cast<uint64_t>(values[i]) - plan.base > limit;
    kept[i] = patched ? static_cast<int64_t>(plan.base) : values[i];
    positions[patches] = i;
    patches += patched ? 1 : 0;
  }
  CASSETTE_ASSERT(patches == plan.patches);
  PackBits(kept, count, plan.base, plan.width, out);
  uint32_t next = 0;
  for (uint32_t i = 0; i < patches; ++i) {
    codec::AppendVarint(positions[i] - next, out);
    codec::AppendSignedVarint(static_cast<int64_t>(static_cast<uint64_t>(values[positions[i]]) - plan.base), out);
    next = positions[i] + 1;
  }
}

// `scaled` is what is packed; the base is written in the values' own scale.
void AppendPlanned(const int64_t* scaled, uint32_t count, const Plan& plan, uint64_t base, uint64_t divisor,
                   std::string* out) {
  const bool extended = divisor != 1 || plan.patches != 0;
  out->push_back(static_cast<char>(plan.width | (extended ? kExtended : 0)));
  codec::AppendSignedVarint(static_cast<int64_t>(base), out);
  if (extended) {
    codec::AppendVarint(divisor, out);
    codec::AppendVarint(plan.patches, out);
  }
  if (plan.patches == 0) {
    PackBits(scaled, count, plan.base, plan.width, out);
  } else {
    AppendPatched(scaled, count, plan, out);
  }
}

base::Status ReadPatches(uint32_t count, uint64_t patches, uint64_t base, uint64_t divisor, codec::ByteReader* reader,
                         int64_t* values) {
  uint64_t next = 0;
  for (uint64_t i = 0; i < patches; ++i) {
    uint64_t gap = 0;
    int64_t offset = 0;
    if (!reader->ReadVarint(&gap) || !reader->ReadSignedVarint(&offset)) return Malformed("a patch ends early");
    if (gap >= count - next) return Malformed("a patch lies outside its frame");
    next += gap;
    values[next++] = static_cast<int64_t>(base + divisor * static_cast<uint64_t>(offset));
  }
  return base::Status::Ok();
}

}  // namespace

TrimmedRange Trim(const int64_t* values, uint32_t count) {
  CASSETTE_ASSERT(count > 2 * kTrim);
  if (count != kTrimSample) return TrimEach(values, values, count);
  // Eight columns: the extremes of each, then the trimmed of those. An outlier hides its column only.
  constexpr uint32_t kColumns = 8;
  int64_t low[kColumns];
  int64_t high[kColumns];
  for (uint32_t column = 0; column < kColumns; ++column) {
    low[column] = high[column] = values[column];
    for (uint32_t i = column + kColumns; i < kTrimSample; i += kColumns) {
      low[column] = std::min(low[column], values[i]);
      high[column] = std::max(high[column], values[i]);
    }
  }
  return TrimEach(low, high, kColumns);
}

void AppendFrame(const int64_t* values, uint32_t count, std::string* out) {
  CASSETTE_ASSERT(count > 0);
  const auto [min, max] = std::minmax_element(values, values + count);
  AppendFrame(values, count, *min, *max, out);
}

void AppendFrame(const int64_t* values, uint32_t count, int64_t min, int64_t max, std::string* out) {
  CASSETTE_ASSERT(count > 0);
  CASSETTE_ASSERT(count <= kMaxVectorRows);
  const uint64_t base = static_cast<uint64_t>(min);
  const uint64_t range = static_cast<uint64_t>(max) - base;
  const uint64_t divisor = DivisorWorthTaking(values, count, base, range);
  if (divisor == 1) {
    const Plan plan = PlanFrame(values, count, min, max);
    return AppendPlanned(values, count, plan, plan.base, 1, out);
  }
  // Quotients may pass 2^63 only when the divisor is 1, so they are ordered as signed numbers too.
  int64_t scaled[kMaxVectorRows];
  const ExactDivisor exact(divisor);
  for (uint32_t i = 0; i < count; ++i) {
    scaled[i] = static_cast<int64_t>(exact.Quotient(static_cast<uint64_t>(values[i]) - base));
  }
  const Plan plan = PlanFrame(scaled, count, 0, static_cast<int64_t>(range / divisor));
  AppendPlanned(scaled, count, plan, base + plan.base * divisor, divisor, out);
}

base::Status ReadFrameHeader(uint32_t count, codec::ByteReader* reader, FrameHeader* header) {
  CASSETTE_ASSERT(count <= kMaxVectorRows);
  uint8_t first = 0;
  int64_t base = 0;
  if (!reader->ReadLittle(&first) || !reader->ReadSignedVarint(&base)) return Malformed("a frame ends early");
  header->base = static_cast<uint64_t>(base);
  header->width = first & ~kExtended;
  if (header->width > kMaxBitWidth) return Malformed("a frame has an impossible width");
  header->divisor = 1;
  header->patches = 0;
  if ((first & kExtended) != 0) {
    if (!reader->ReadVarint(&header->divisor) || !reader->ReadVarint(&header->patches)) {
      return Malformed("a frame ends early");
    }
    if (header->divisor == 0) return Malformed("a frame has the divisor zero");
    if (header->patches > count) return Malformed("a frame has more patches than values");
  }
  if (!reader->ReadBytes(PackedBytes(count, header->width), &header->packed)) {
    return Malformed("packed values end early");
  }
  return base::Status::Ok();
}

base::Status ReadFrame(uint32_t count, codec::ByteReader* reader, int64_t* values) {
  FrameHeader header;
  CASSETTE_RETURN_IF_ERROR(ReadFrameHeader(count, reader, &header));
  if (header.divisor == 1) {
    UnpackBits(header.packed, count, header.base, header.width, values);
  } else {
    UnpackBits(header.packed, count, 0, header.width, values);
    for (uint32_t i = 0; i < count; ++i) {
      values[i] = static_cast<int64_t>(header.base + header.divisor * static_cast<uint64_t>(values[i]));
    }
  }
  if (header.patches == 0) return base::Status::Ok();
  return ReadPatches(count, header.patches, header.base, header.divisor, reader, values);
}

}  // namespace cassette::columnar
