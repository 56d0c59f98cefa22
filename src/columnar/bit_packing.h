// Bit packing: unsigned integers of `width` bits each, without gaps between them. Whole blocks of kPackBlock values lie
// interleaved in kPackLanes lanes of 64-bit words, so that any width of SIMD register unpacks them with shifts alone
// (after The FastLanes Compression Layout, VLDB 2023); what is left over follows one value after the other.
// docs/format/encodings.md has the layout. The instruction set is found at run time (Highway).
//
// Thread safety: free functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cassette::columnar {

inline constexpr uint32_t kPackLanes = 16;
inline constexpr uint32_t kPackBlock = kPackLanes * 8;  // Eight values a lane: whole bytes at any width.
inline constexpr uint32_t kMaxBitWidth = 64;

constexpr size_t PackedBytes(uint32_t count, uint32_t width) { return (size_t{count} * width + 7) / 8; }

// Appends PackedBytes(count, width) bytes: values[i] - base, each of which has at most `width` bits.
// REQUIRES: width <= kMaxBitWidth; count <= kMaxVectorRows.
void PackBits(const int64_t* values, uint32_t count, uint64_t base, uint32_t width, std::string* out);

// values[i] = base + the i-th packed integer, modulo 2^64.
// REQUIRES: packed.size() == PackedBytes(count, width); width <= kMaxBitWidth; count <= kMaxVectorRows.
void UnpackBits(std::string_view packed, uint32_t count, uint64_t base, uint32_t width, int64_t* values);

// The packed integer at `index` alone. REQUIRES: as UnpackBits; index < count.
uint64_t UnpackOne(std::string_view packed, uint32_t count, uint32_t width, uint32_t index);

}  // namespace cassette::columnar
