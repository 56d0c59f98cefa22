#include "columnar/bit_packing.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "columnar/vector.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "columnar/bit_packing.cc"
#include "hwy/foreach_target.h"  // Compiles the kernels below once for each instruction set.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace cassette::columnar {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<uint64_t, 8>;  // At most half of the lanes: the kernels hold two registers of them.
using WordBytes = hn::Repartition<uint8_t, Words>;

HWY_INLINE hn::Vec<Words> LoadWords(const char* bytes) {
  return hn::BitCast(Words(), hn::LoadU(WordBytes(), reinterpret_cast<const uint8_t*>(bytes)));
}

HWY_INLINE void StoreWords(hn::Vec<Words> words, char* bytes) {
  hn::StoreU(hn::BitCast(WordBytes(), words), WordBytes(), reinterpret_cast<uint8_t*>(bytes));
}

// `last` stands for the word after the `full_words` whole ones of each lane.
void UnpackLanes(const char* packed, const char* last, uint32_t rows, uint64_t base, uint32_t width, int64_t* values) {
  const Words d;
  const size_t step = hn::Lanes(d);
  const uint32_t full_words = rows * width / 64;
  const auto mask = hn::Set(d, (uint64_t{1} << width) - 1);
  const auto bases = hn::Set(d, base);
  for (size_t lane = 0; lane < kPackLanes; lane += 2 * step) {
    const auto word = [&](uint32_t index) {
      return (index < full_words ? packed + size_t{index} * kPackLanes * 8 : last) + lane * 8;
    };
    uint64_t* target = reinterpret_cast<uint64_t*>(values) + lane;
    uint32_t index = 0;
    uint32_t shift = 0;
    auto a = LoadWords(word(0));
    auto b = LoadWords(word(0) + step * 8);
    for (uint32_t row = 0; row < rows; ++row, target += kPackLanes) {
      auto value_a = hn::ShiftRightSame(a, static_cast<int>(shift));
      auto value_b = hn::ShiftRightSame(b, static_cast<int>(shift));
      shift += width;
      if (shift >= 64) {
        shift -= 64;
        ++index;
        a = LoadWords(word(index));
        b = LoadWords(word(index) + step * 8);
        if (shift > 0) {
          value_a = hn::Or(value_a, hn::ShiftLeftSame(a, static_cast<int>(width - shift)));
          value_b = hn::Or(value_b, hn::ShiftLeftSame(b, static_cast<int>(width - shift)));
        }
      }
      hn::StoreU(hn::Add(hn::And(value_a, mask), bases), d, target);
      hn::StoreU(hn::Add(hn::And(value_b, mask), bases), d, target + step);
    }
  }
}

void PackLanes(const int64_t* values, uint32_t rows, uint64_t base, uint32_t width, char* packed, char* last) {
  const Words d;
  const size_t step = hn::Lanes(d);
  const auto bases = hn::Set(d, base);
  for (size_t lane = 0; lane < kPackLanes; lane += 2 * step) {
    const uint64_t* source = reinterpret_cast<const uint64_t*>(values) + lane;
    char* target = packed + lane * 8;
    uint32_t shift = 0;
    auto a = hn::Zero(d);
    auto b = hn::Zero(d);
    for (uint32_t row = 0; row < rows; ++row, source += kPackLanes) {
      const auto value_a = hn::Sub(hn::LoadU(d, source), bases);
      const auto value_b = hn::Sub(hn::LoadU(d, source + step), bases);
      a = hn::Or(a, hn::ShiftLeftSame(value_a, static_cast<int>(shift)));
      b = hn::Or(b, hn::ShiftLeftSame(value_b, static_cast<int>(shift)));
      shift += width;
      if (shift >= 64) {
        StoreWords(a, target);
        StoreWords(b, target + step * 8);
        target += kPackLanes * 8;
        shift -= 64;
        a = shift == 0 ? hn::Zero(d) : hn::ShiftRightSame(value_a, static_cast<int>(width - shift));
        b = shift == 0 ? hn::Zero(d) : hn::ShiftRightSame(value_b, static_cast<int>(width - shift));
      }
    }
    StoreWords(a, last + lane * 8);
    StoreWords(b, last + (lane + step) * 8);
  }
}

void Fill(uint64_t value, uint32_t count, int64_t* values) {
  const hn::ScalableTag<uint64_t> d;
  const uint32_t step = static_cast<uint32_t>(hn::Lanes(d));
  uint32_t i = 0;
  for (; i + step <= count; i += step) hn::StoreU(hn::Set(d, value), d, reinterpret_cast<uint64_t*>(values) + i);
  for (; i < count; ++i) values[i] = static_cast<int64_t>(value);
}

}  // namespace HWY_NAMESPACE
}  // namespace cassette::columnar
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cassette::columnar {
namespace {

HWY_EXPORT(UnpackLanes);
HWY_EXPORT(PackLanes);
HWY_EXPORT(Fill);

constexpr size_t kMaxTailBytes = PackedBytes(kPackBlock - 1, kMaxBitWidth);
constexpr size_t kTailSlack = 16;  // Loads and stores of whole words may pass the end by this much.

uint64_t LoadWord(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

// Bytes of each lane's last, partial word.
uint32_t PartialBytes(uint32_t rows, uint32_t width) { return rows * width % 64 / 8; }

void UnpackTail(const char* packed, uint32_t count, uint64_t base, uint32_t width, int64_t* values) {
  char buffer[kMaxTailBytes + kTailSlack];
  const size_t size_bytes = PackedBytes(count, width);
  std::memcpy(buffer, packed, size_bytes);
  std::memset(buffer + size_bytes, 0, kTailSlack);
  const uint64_t mask = (uint64_t{1} << width) - 1;
  for (uint32_t i = 0, bit = 0; i < count; ++i, bit += width) {
    const char* place = buffer + bit / 8;
    uint64_t value = LoadWord(place) >> bit % 8;
    if (bit % 8 + width > 64) value |= static_cast<uint64_t>(static_cast<uint8_t>(place[8])) << (64 - bit % 8);
    values[i] = static_cast<int64_t>(base + (value & mask));
  }
}

void PackTail(const int64_t* values, uint32_t count, uint64_t base, uint32_t width, char* packed) {
  char buffer[kMaxTailBytes + kTailSlack];
  char* place = buffer;
  uint64_t word = 0;
  uint32_t shift = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t value = static_cast<uint64_t>(values[i]) - base;
    word |= value << shift;
    shift += width;
    if (shift < 64) continue;
    std::memcpy(place, &word, sizeof(word));
    place += sizeof(word);
    shift -= 64;
    word = shift == 0 ? 0 : value >> (width - shift);
  }
  std::memcpy(place, &word, sizeof(word));
  std::memcpy(packed, buffer, PackedBytes(count, width));
}

}  // namespace

void PackBits(const int64_t* values, uint32_t count, uint64_t base, uint32_t width, std::string* out) {
  CASSETTE_ASSERT(width <= kMaxBitWidth);
  CASSETTE_ASSERT(count <= kMaxVectorRows);
  if (width == 0) return;
  const size_t start = out->size();
  out->resize(start + PackedBytes(count, width));
  char* packed = out->data() + start;
  if (width == kMaxBitWidth) {
    for (uint32_t i = 0; i < count; ++i) {
      const uint64_t value = static_cast<uint64_t>(values[i]) - base;
      std::memcpy(packed + size_t{i} * 8, &value, sizeof(value));
    }
    return;
  }
  const uint32_t blocks = count / kPackBlock;
  if (blocks > 0) {
    const uint32_t rows = blocks * (kPackBlock / kPackLanes);
    const uint32_t partial = PartialBytes(rows, width);
    char last[kPackLanes * 8];
    HWY_DYNAMIC_DISPATCH(PackLanes)(values, rows, base, width, packed, last);
    packed += size_t{rows * width / 64} * kPackLanes * 8;
    for (uint32_t lane = 0; lane < kPackLanes; ++lane, packed += partial) {
      std::memcpy(packed, last + lane * 8, partial);
    }
  }
  const uint32_t done = blocks * kPackBlock;
  if (done < count) PackTail(values + done, count - done, base, width, packed);
}

void UnpackBits(std::string_view packed, uint32_t count, uint64_t base, uint32_t width, int64_t* values) {
  CASSETTE_ASSERT(width <= kMaxBitWidth);
  CASSETTE_ASSERT(count <= kMaxVectorRows);
  CASSETTE_ASSERT(packed.size() == PackedBytes(count, width));
  if (width == 0) {
    HWY_DYNAMIC_DISPATCH(Fill)(base, count, values);
    return;
  }
  const char* place = packed.data();
  if (width == kMaxBitWidth) {
    for (uint32_t i = 0; i < count; ++i) values[i] = static_cast<int64_t>(base + LoadWord(place + size_t{i} * 8));
    return;
  }
  const uint32_t blocks = count / kPackBlock;
  if (blocks > 0) {
    const uint32_t rows = blocks * (kPackBlock / kPackLanes);
    const uint32_t partial = PartialBytes(rows, width);
    const char* after = place + size_t{rows * width / 64} * kPackLanes * 8;
    char last[kPackLanes * 8] = {};
    for (uint32_t lane = 0; lane < kPackLanes; ++lane, after += partial) {
      std::memcpy(last + lane * 8, after, partial);
    }
    HWY_DYNAMIC_DISPATCH(UnpackLanes)(place, last, rows, base, width, values);
    place = after;
  }
  const uint32_t done = blocks * kPackBlock;
  if (done < count) UnpackTail(place, count - done, base, width, values + done);
}

uint64_t UnpackOne(std::string_view packed, uint32_t count, uint32_t width, uint32_t index) {
  CASSETTE_ASSERT(index < count);
  CASSETTE_ASSERT(packed.size() == PackedBytes(count, width));
  if (width == 0) return 0;
  const uint64_t mask = width == 64 ? UINT64_MAX : (uint64_t{1} << width) - 1;
  const uint32_t in_lanes = count / kPackBlock * kPackBlock;
  if (index >= in_lanes) {
    const size_t bit = size_t{index - in_lanes} * width;
    const std::string_view bytes = packed.substr(PackedBytes(in_lanes, width) + bit / 8);
    char buffer[2 * sizeof(uint64_t)] = {};
    std::memcpy(buffer, bytes.data(), std::min(bytes.size(), sizeof(buffer)));
    const uint32_t shift = bit % 8;
    uint64_t value = LoadWord(buffer) >> shift;
    if (shift + width > 64) value |= LoadWord(buffer + sizeof(uint64_t)) << (64 - shift);
    return value & mask;
  }
  const uint32_t rows = in_lanes / kPackLanes;
  const uint32_t lane = index % kPackLanes;
  const uint32_t full_words = rows * width / 64;
  const auto word = [&](uint32_t at) {
    if (at < full_words) return LoadWord(packed.data() + (size_t{at} * kPackLanes + lane) * sizeof(uint64_t));
    uint64_t last = 0;
    const uint32_t bytes = PartialBytes(rows, width);
    std::memcpy(&last, packed.data() + size_t{full_words} * kPackLanes * sizeof(uint64_t) + size_t{lane} * bytes,
                bytes);
    return last;
  };
  const uint32_t bit = index / kPackLanes * width;
  const uint32_t shift = bit % 64;
  uint64_t value = word(bit / 64) >> shift;
  if (shift + width > 64) value |= word(bit / 64 + 1) << (64 - shift);
  return value & mask;
}

}  // namespace cassette::columnar
#endif  // HWY_ONCE
