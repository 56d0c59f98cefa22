#include "columnar/alp_rd.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "codec/fixed.h"
#include "columnar/bit_packing.h"
#include "columnar/corruption.h"
#include "columnar/frame.h"
#include "columnar/vector.h"

namespace cassette::columnar {
namespace {

constexpr uint32_t kMaxDictionary = 8;
constexpr uint32_t kMinRightBits = 48;  // The left part has at most sixteen bits.
constexpr uint32_t kMaxRightBits = 63;
constexpr uint32_t kSampleSize = 64;
constexpr uint32_t kExceptionBits = 24;  // A place and a left part.

struct Cut {
  uint32_t right_bits = 0;
  uint32_t size = 0;
  uint16_t dictionary[kMaxDictionary];  // Most frequent first.
};

struct Frequency {
  uint32_t count;
  uint16_t left;
};

// The cut with the given right bits, and what the sample takes by it. `sample` is sorted.
uint64_t TryCut(const uint64_t* sample, uint32_t size, uint32_t right_bits, Cut* cut) {
  Frequency frequencies[kSampleSize];
  uint32_t distinct = 0;
  for (uint32_t i = 0; i < size; ++i) {
    const uint16_t left = static_cast<uint16_t>(sample[i] >> right_bits);
    if (distinct == 0 || frequencies[distinct - 1].left != left) frequencies[distinct++] = {0, left};
    ++frequencies[distinct - 1].count;
  }
  cut->right_bits = right_bits;
  cut->size = std::min(distinct, kMaxDictionary);
  std::partial_sort(
      frequencies, frequencies + cut->size, frequencies + distinct,
      [](const Frequency& a, const Frequency& b) { return a.count != b.count ? a.count > b.count : a.left < b.left; });
  uint32_t covered = 0;
  for (uint32_t i = 0; i < cut->size; ++i) {
    cut->dictionary[i] = frequencies[i].left;
    covered += frequencies[i].count;
  }
  const uint64_t code_bits = static_cast<uint64_t>(std::bit_width(cut->size - 1));
  return size * (right_bits + code_bits) + uint64_t{size - covered} * kExceptionBits;
}

// How many right bits leave at most kMaxDictionary different left parts in the sorted sample.
uint32_t FewestRightBits(const uint64_t* sample, uint32_t size) {
  // Neighbours have the same left part when the highest bit in which they differ is a right one.
  uint32_t parted_at[64] = {};
  for (uint32_t i = 1; i < size; ++i) {
    const uint64_t different = sample[i] ^ sample[i - 1];
    if (different != 0) ++parted_at[std::bit_width(different) - 1];
  }
  uint32_t distinct = 1;
  uint32_t right_bits = kMaxRightBits + 1;
  while (right_bits > kMinRightBits && distinct + parted_at[right_bits - 1] <= kMaxDictionary) {
    distinct += parted_at[--right_bits];
  }
  return std::min(right_bits, kMaxRightBits);
}

Cut ChooseCut(const uint64_t* bits, uint32_t count) {
  constexpr uint32_t kBelow = 3;  // So many bits fewer may pay although the dictionary then lacks some.
  constexpr uint32_t kAbove = 2;  // So many bits more may make the codes shorter.
  uint64_t sample[kSampleSize];
  const uint32_t size = std::min(count, kSampleSize);
  for (uint32_t i = 0; i < size; ++i) sample[i] = bits[uint64_t{i} * count / size];
  std::sort(sample, sample + size);
  const uint32_t fewest = FewestRightBits(sample, size);
  Cut best;
  uint64_t best_bits = UINT64_MAX;
  const uint32_t last = std::max(fewest - kBelow, kMinRightBits);
  for (uint32_t right_bits = std::min(fewest + kAbove, kMaxRightBits); right_bits >= last; --right_bits) {
    Cut cut;
    const uint64_t needed = TryCut(sample, size, right_bits, &cut);
    if (needed >= best_bits) continue;
    best_bits = needed;
    best = cut;
  }
  return best;
}

// Finds codes of left parts.
class Codes {
 public:
  explicit Codes(const Cut& cut) : cut_(cut) {
    bool taken[kSlots] = {};
    for (uint32_t code = 0; code < cut.size; ++code) {
      const uint32_t slot = Slot(cut.dictionary[code]);
      if (taken[slot]) {
        shares_slots_ = true;
      } else {
        slots_[slot] = static_cast<uint8_t>(code);
      }
      taken[slot] = true;
    }
  }
  // The place of `left` in the dictionary, or its size.
  uint32_t Find(uint16_t left) const {
    const uint32_t code = slots_[Slot(left)];
    return cut_.dictionary[code] == left ? code : (shares_slots_ ? Search(left) : cut_.size);
  }

 private:
  static constexpr uint32_t kSlots = 256;
  static uint32_t Slot(uint16_t left) { return (left * 40503u >> 8) % kSlots; }

  uint32_t Search(uint16_t left) const {
    uint32_t code = 0;
    while (code < cut_.size && cut_.dictionary[code] != left) ++code;
    return code;
  }

  const Cut& cut_;
  bool shares_slots_ = false;
  uint8_t slots_[kSlots] = {};
};

base::Status ReadExceptions(uint32_t count, uint64_t exceptions, uint32_t right_bits, codec::ByteReader* reader,
                            uint16_t* places, uint64_t* lefts) {
  uint64_t next = 0;
  for (uint64_t i = 0; i < exceptions; ++i) {
    uint64_t gap = 0;
    uint16_t left = 0;
    if (!reader->ReadVarint(&gap) || !reader->ReadLittle(&left)) return Malformed("an exception ends early");
    if (gap >= count - next) return Malformed("an exception lies outside its vector");
    next += gap;
    places[i] = static_cast<uint16_t>(next++);
    lefts[i] = uint64_t{left} << right_bits;
  }
  return base::Status::Ok();
}

}  // namespace

void AppendAlpRd(const double* values, uint32_t count, std::string* out) {
  CASSETTE_ASSERT(count > 0);
  CASSETTE_ASSERT(count <= kMaxVectorRows);
  uint64_t bits[kMaxVectorRows];
  std::memcpy(bits, values, count * sizeof(double));
  const Cut cut = ChooseCut(bits, count);
  const Codes finder(cut);
  int64_t codes[kMaxVectorRows];
  int64_t rights[kMaxVectorRows];
  uint16_t places[kMaxVectorRows];
  uint32_t exceptions = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t code = finder.Find(static_cast<uint16_t>(bits[i] >> cut.right_bits));
    codes[i] = code == cut.size ? 0 : code;
    rights[i] = static_cast<int64_t>(bits[i] & ((uint64_t{1} << cut.right_bits) - 1));
    places[exceptions] = static_cast<uint16_t>(i);
    exceptions += code == cut.size ? 1 : 0;
  }
  out->push_back(static_cast<char>(cut.right_bits));
  out->push_back(static_cast<char>(cut.size));
  for (uint32_t i = 0; i < cut.size; ++i) codec::AppendLittle(cut.dictionary[i], out);
  codec::AppendVarint(exceptions, out);
  for (uint32_t i = 0, next = 0; i < exceptions; ++i) {
    codec::AppendVarint(places[i] - next, out);
    codec::AppendLittle(static_cast<uint16_t>(bits[places[i]] >> cut.right_bits), out);
    next = places[i] + 1u;
  }
  AppendFrame(codes, count, out);
  PackBits(rights, count, 0, cut.right_bits, out);
}

base::Status ReadAlpRd(uint32_t count, codec::ByteReader* reader, double* values) {
  uint8_t right_bits = 0;
  uint8_t size = 0;
  if (!reader->ReadLittle(&right_bits) || !reader->ReadLittle(&size)) return Malformed("ALP-rd ends early");
  if (right_bits < kMinRightBits || right_bits > kMaxRightBits) return Malformed("ALP-rd cuts at an impossible bit");
  if (size == 0 || size > kMaxDictionary) return Malformed("ALP-rd has a dictionary of an impossible size");
  uint64_t dictionary[kMaxDictionary] = {};
  for (uint32_t i = 0; i < size; ++i) {
    uint16_t left = 0;
    if (!reader->ReadLittle(&left)) return Malformed("ALP-rd's dictionary ends early");
    dictionary[i] = uint64_t{left} << right_bits;
  }
  uint64_t exceptions = 0;
  if (!reader->ReadVarint(&exceptions)) return Malformed("ALP-rd ends early");
  if (exceptions > count) return Malformed("more exceptions than values");
  uint16_t places[kMaxVectorRows];
  uint64_t lefts[kMaxVectorRows];
  CASSETTE_RETURN_IF_ERROR(ReadExceptions(count, exceptions, right_bits, reader, places, lefts));
  int64_t codes[kMaxVectorRows];
  CASSETTE_RETURN_IF_ERROR(ReadFrame(count, reader, codes));
  std::string_view packed;
  if (!reader->ReadBytes(PackedBytes(count, right_bits), &packed)) return Malformed("ALP-rd ends early");
  int64_t rights[kMaxVectorRows];
  UnpackBits(packed, count, 0, right_bits, rights);
  uint64_t all_codes = 0;
  for (uint32_t i = 0; i < count; ++i) {
    all_codes |= static_cast<uint64_t>(codes[i]);
    const uint64_t bits = static_cast<uint64_t>(rights[i]) | dictionary[codes[i] & (kMaxDictionary - 1)];
    values[i] = std::bit_cast<double>(bits);
  }
  if (all_codes >= kMaxDictionary) return Malformed("ALP-rd has a code outside its dictionary");
  for (uint64_t i = 0; i < exceptions; ++i) {
    values[places[i]] = std::bit_cast<double>(static_cast<uint64_t>(rights[places[i]]) | lefts[i]);
  }
  return base::Status::Ok();
}

}  // namespace cassette::columnar
