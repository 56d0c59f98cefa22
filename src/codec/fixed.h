// Fixed-width integers in explicit byte order. The on-disk order of Cassette is little-endian; big-endian is what
// CQL values and the native protocol use.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

namespace cassette::codec {

static_assert(std::endian::native == std::endian::little, "the loads below assume a little-endian machine");

template <typename Number>
Number LoadLittle(const char* bytes) {
  Number value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}
template <typename Number>
void StoreLittle(Number value, char* bytes) {
  std::memcpy(bytes, &value, sizeof(value));
}
template <typename Number>
void AppendLittle(Number value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

inline uint8_t SwapBytes(uint8_t value) { return value; }
inline uint16_t SwapBytes(uint16_t value) { return __builtin_bswap16(value); }
inline uint32_t SwapBytes(uint32_t value) { return __builtin_bswap32(value); }
inline uint64_t SwapBytes(uint64_t value) { return __builtin_bswap64(value); }

// Number is an unsigned integer type.
template <typename Number>
Number LoadBig(const char* bytes) {
  return SwapBytes(LoadLittle<Number>(bytes));
}
template <typename Number>
void StoreBig(Number value, char* bytes) {
  StoreLittle(SwapBytes(value), bytes);
}
template <typename Number>
void AppendBig(Number value, std::string* out) {
  AppendLittle(SwapBytes(value), out);
}

}  // namespace cassette::codec
