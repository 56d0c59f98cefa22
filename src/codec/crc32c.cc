#include "codec/crc32c.h"

#include <array>
#include <cstring>

#if defined(__SSE4_2__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace cassette::codec {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // Castagnoli, bits reversed.

constexpr std::array<uint32_t, 256> MakeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? kPolynomial : 0);
    table[byte] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kTable = MakeTable();

}  // namespace

uint32_t ExtendCrc32cPortable(uint32_t crc, std::string_view bytes) {
  crc = ~crc;
  for (const char c : bytes) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<uint8_t>(c)) & 0xff];
  return ~crc;
}

#if defined(__SSE4_2__) || defined(__ARM_FEATURE_CRC32)

uint32_t ExtendCrc32c(uint32_t crc, std::string_view bytes) {
  const char* next = bytes.data();
  size_t left = bytes.size();
  uint64_t state = ~crc;
  for (; left >= 8; left -= 8, next += 8) {
    uint64_t word;
    std::memcpy(&word, next, 8);
#if defined(__SSE4_2__)
    state = _mm_crc32_u64(state, word);
#else
    state = __crc32cd(static_cast<uint32_t>(state), word);
#endif
  }
  uint32_t narrow = static_cast<uint32_t>(state);
  if (left >= 4) {
    uint32_t word;
    std::memcpy(&word, next, 4);
#if defined(__SSE4_2__)
    narrow = _mm_crc32_u32(narrow, word);
#else
    narrow = __crc32cw(narrow, word);
#endif
    left -= 4;
    next += 4;
  }
  for (; left > 0; --left, ++next) {
#if defined(__SSE4_2__)
    narrow = _mm_crc32_u8(narrow, static_cast<uint8_t>(*next));
#else
    narrow = __crc32cb(narrow, static_cast<uint8_t>(*next));
#endif
  }
  return ~narrow;
}

#else

uint32_t ExtendCrc32c(uint32_t crc, std::string_view bytes) { return ExtendCrc32cPortable(crc, bytes); }

#endif

uint32_t Crc32c(std::string_view bytes) { return ExtendCrc32c(0, bytes); }

}  // namespace cassette::codec
