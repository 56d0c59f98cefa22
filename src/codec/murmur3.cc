#include "codec/murmur3.h"

#include <limits>

#include "codec/fixed.h"

namespace cassette::codec {
namespace {

constexpr uint64_t kC1 = 0x87c37b91114253d5;
constexpr uint64_t kC2 = 0x4cf5ad432745937f;

uint64_t RotateLeft(uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); }

uint64_t FinalMix(uint64_t k) {
  k ^= k >> 33;
  k *= 0xff51afd7ed558ccd;
  k ^= k >> 33;
  k *= 0xc4ceb9fe1a85ec53;
  return k ^ (k >> 33);
}

// Byte `index` of the tail, sign-extended as Java's byte is: here Cassandra leaves the published algorithm.
uint64_t SignedByte(std::string_view tail, size_t index) {
  return static_cast<uint64_t>(static_cast<int64_t>(static_cast<int8_t>(tail[index])));
}

}  // namespace

int64_t Murmur3Token(std::string_view key) {
  if (key.empty()) return std::numeric_limits<int64_t>::min();
  uint64_t h1 = 0;
  uint64_t h2 = 0;
  const size_t block_count = key.size() / 16;
  for (size_t i = 0; i < block_count; ++i) {
    const uint64_t k1 = LoadLittle<uint64_t>(key.data() + i * 16);
    const uint64_t k2 = LoadLittle<uint64_t>(key.data() + i * 16 + 8);
    h1 ^= RotateLeft(k1 * kC1, 31) * kC2;
    h1 = (RotateLeft(h1, 27) + h2) * 5 + 0x52dce729;
    h2 ^= RotateLeft(k2 * kC2, 33) * kC1;
    h2 = (RotateLeft(h2, 31) + h1) * 5 + 0x38495ab5;
  }
  const std::string_view tail = key.substr(block_count * 16);
  uint64_t k1 = 0;
  uint64_t k2 = 0;
  for (size_t i = 8; i < tail.size(); ++i) k2 ^= SignedByte(tail, i) << ((i - 8) * 8);
  for (size_t i = 0; i < tail.size() && i < 8; ++i) k1 ^= SignedByte(tail, i) << (i * 8);
  if (tail.size() > 8) h2 ^= RotateLeft(k2 * kC2, 33) * kC1;
  if (!tail.empty()) h1 ^= RotateLeft(k1 * kC1, 31) * kC2;
  h1 ^= key.size();
  h2 ^= key.size();
  h1 += h2;
  h2 += h1;
  h1 = FinalMix(h1);
  h2 = FinalMix(h2);
  h1 += h2;
  const int64_t token = static_cast<int64_t>(h1);
  return token == std::numeric_limits<int64_t>::min() ? std::numeric_limits<int64_t>::max() : token;
}

}  // namespace cassette::codec
