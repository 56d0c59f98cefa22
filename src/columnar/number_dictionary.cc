#include "columnar/number_dictionary.h"

#include <algorithm>
#include <bit>

#include "columnar/encoding.h"
#include "columnar/nested.h"

namespace cassette::columnar {
namespace {

uint32_t SlotOf(int64_t value, uint32_t bits) {
  return static_cast<uint32_t>((static_cast<uint64_t>(value) * 0x9e3779b97f4a7c15) >> (64 - bits));
}

// Whether values at places spread over the vector are often the same.
bool LooksRepetitive(const int64_t* values, uint32_t count) {
  constexpr uint32_t kSampleSize = 64;
  constexpr uint32_t kDistinctMax = 48;
  constexpr uint32_t kSlotBits = 10;  // Two values in one slot look equal: here that is good enough.
  if (count < kSampleSize) return false;
  uint64_t seen[(1u << kSlotBits) / 64] = {};
  uint32_t distinct = 0;
  for (uint32_t i = 0; i < kSampleSize; ++i) {
    const uint32_t slot = SlotOf(values[uint64_t{i} * count / kSampleSize], kSlotBits);
    distinct += (seen[slot / 64] >> (slot % 64) & 1) == 0;
    seen[slot / 64] |= uint64_t{1} << (slot % 64);
  }
  return distinct <= kDistinctMax;
}

// Whether no more than `limit` values are distinct.
bool FindDistinct(const int64_t* values, uint32_t count, uint32_t limit, NumberDictionary* dictionary) {
  constexpr uint32_t kSlotBits = 12;
  static_assert((1u << kSlotBits) >= 4 * kMaxVectorRows);
  uint16_t slots[1u << kSlotBits] = {};  // Place plus one.
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t slot = SlotOf(values[i], kSlotBits);
    while (slots[slot] != 0 && dictionary->values[slots[slot] - 1] != values[i]) {
      slot = (slot + 1) & ((1u << kSlotBits) - 1);
    }
    if (slots[slot] == 0) {
      if (dictionary->size == limit) return false;
      dictionary->values[dictionary->size] = values[i];
      slots[slot] = static_cast<uint16_t>(++dictionary->size);
    }
    dictionary->codes[i] = slots[slot] - 1;
  }
  return true;
}

// Codes in the order of the values: both then change by small steps where the values do.
void Sort(uint32_t count, NumberDictionary* dictionary) {
  uint16_t order[kMaxVectorRows];
  for (uint32_t i = 0; i < dictionary->size; ++i) order[i] = static_cast<uint16_t>(i);
  std::sort(order, order + dictionary->size,
            [&](uint16_t a, uint16_t b) { return dictionary->values[a] < dictionary->values[b]; });
  int64_t rank[kMaxVectorRows];
  int64_t sorted[kMaxVectorRows];
  for (uint32_t i = 0; i < dictionary->size; ++i) {
    rank[order[i]] = i;
    sorted[i] = dictionary->values[order[i]];
  }
  std::copy_n(sorted, dictionary->size, dictionary->values);
  for (uint32_t i = 0; i < count; ++i) dictionary->codes[i] = rank[dictionary->codes[i]];
}

}  // namespace

bool FindDictionary(const int64_t* values, uint32_t count, size_t encoded_bytes, NumberDictionary* dictionary) {
  if (!LooksRepetitive(values, count)) return false;
  if (!FindDistinct(values, count, count / 2, dictionary)) return false;
  // The codes, and the values at the price of before.
  const size_t code_bits = static_cast<size_t>(std::bit_width(dictionary->size - 1));
  if (count * code_bits / 8 + dictionary->size * encoded_bytes / count >= encoded_bytes) return false;
  Sort(count, dictionary);
  return true;
}

bool KeepDictionary(const NumberDictionary& dictionary, uint32_t count, std::string_view encoded_values, size_t start,
                    std::string* out) {
  std::string encoded(1, static_cast<char>(Encoding::kDictionary));
  codec::AppendVarint(dictionary.size, &encoded);
  codec::AppendLengthPrefixed(encoded_values, &encoded);
  EncodeIntsNested(dictionary.codes, count, Nesting::kInDictionary, &encoded);
  if (encoded.size() >= out->size() - start) return false;
  out->replace(start, std::string::npos, encoded);
  return true;
}

base::Status ReadCodes(uint32_t count, codec::ByteReader* reader, uint32_t* size, std::string_view* encoded_values,
                       int64_t* codes) {
  uint64_t stored_size = 0;
  if (!reader->ReadVarint(&stored_size) || !reader->ReadLengthPrefixed(encoded_values)) {
    return Malformed("a dictionary ends early");
  }
  if (stored_size == 0 || stored_size > count) return Malformed("a dictionary of an impossible size");
  *size = static_cast<uint32_t>(stored_size);
  CASSETTE_RETURN_IF_ERROR(DecodeIntsNested(reader->rest(), count, Nesting::kInDictionary, codes));
  const auto is_known = [size](int64_t code) { return code >= 0 && code < *size; };
  return std::all_of(codes, codes + count, is_known) ? base::Status::Ok() : Malformed("a code beyond its dictionary");
}

}  // namespace cassette::columnar
