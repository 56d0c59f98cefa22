#include "storage/sstable/key_filter.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "codec/fixed.h"

namespace cassette::storage::sstable {
namespace {

constexpr size_t kWords = 8;
static_assert(kFilterBlockBytes == kWords * sizeof(uint32_t));

constexpr double kChanceMin = 1e-6;

// One odd multiplier a word. On disk, so to say: DO NOT CHANGE.
constexpr uint32_t kSalt[kWords] = {0x47b6137bu, 0x44974d91u, 0x8824ad5bu, 0xa2b7289du,
                                    0x705495c7u, 0x2df1424bu, 0x9efc4947u, 0x5c6bfb31u};

// The token's upper half picks the block, the lower half one bit in each of its words. A filter holds neighbouring
// tokens, whose upper bits are alike: mix first.
uint64_t Mix(rows::Token token) {
  uint64_t hash = static_cast<uint64_t>(token);
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdull;
  hash ^= hash >> 33;
  return hash;
}

size_t BlockOf(uint64_t hash, size_t block_count) { return ((hash >> 32) * block_count) >> 32; }

uint32_t BitOf(uint64_t hash, size_t word) { return 1u << ((static_cast<uint32_t>(hash) * kSalt[word]) >> 27); }

}  // namespace

double FilterBitsPerKey(double false_positive_chance) {
  if (!(false_positive_chance < 1)) return 0;
  // Eight bits in eight words of a block (Parquet's formula), and a tenth more, since blocks are not filled evenly.
  const double chance = std::max(false_positive_chance, kChanceMin);
  const double bits = -8.0 / std::log(1.0 - std::pow(chance, 1.0 / 8.0));
  return std::clamp(bits * 1.1, 2.0, kFilterBitsPerKeyMax);
}

std::string BuildFilter(std::span<const rows::Token> tokens, double bits_per_key) {
  CASSETTE_ASSERT(bits_per_key > 0);
  const double bits = static_cast<double>(tokens.size()) * bits_per_key;
  const size_t block_count = static_cast<size_t>(bits / (kFilterBlockBytes * 8)) + 1;
  std::string filter(block_count * kFilterBlockBytes, '\0');
  for (const rows::Token token : tokens) {
    const uint64_t hash = Mix(token);
    char* block = filter.data() + BlockOf(hash, block_count) * kFilterBlockBytes;
    for (size_t word = 0; word < kWords; ++word) {
      char* const place = block + word * sizeof(uint32_t);
      codec::StoreLittle(codec::LoadLittle<uint32_t>(place) | BitOf(hash, word), place);
    }
  }
  return filter;
}

bool FilterMayContain(std::string_view filter, rows::Token token) {
  CASSETTE_ASSERT(filter.size() >= kFilterBlockBytes);
  const uint64_t hash = Mix(token);
  const char* const block = filter.data() + BlockOf(hash, filter.size() / kFilterBlockBytes) * kFilterBlockBytes;
  uint32_t missing = 0;
  for (size_t word = 0; word < kWords; ++word) {
    missing |= ~codec::LoadLittle<uint32_t>(block + word * sizeof(uint32_t)) & BitOf(hash, word);
  }
  return missing == 0;
}

}  // namespace cassette::storage::sstable
