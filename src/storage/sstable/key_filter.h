// Key filter: a split-block Bloom filter over partition keys, so that a point read need not touch a table without the
// partition. (Putze, Sanders, Singler: "Cache-, Hash- and Space-Efficient Bloom Filters", JEA 2009; the block layout is
// that of Apache Parquet's specification.) A key's hash is its token: already computed, and uniform.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "rows/keys.h"

namespace cassette::storage::sstable {

inline constexpr size_t kFilterBlockBytes = 32;
inline constexpr double kFilterBitsPerKeyMax = 24;

// Bits a key for a false-positive chance; 0 (no filter) from 1 on. Least meaningful chance: about 1e-5.
double FilterBitsPerKey(double false_positive_chance);

// The filter of `tokens`; a whole number of blocks, at least one. REQUIRES: bits_per_key > 0.
std::string BuildFilter(std::span<const rows::Token> tokens, double bits_per_key);

// False: surely not among the keys. REQUIRES: filter.size() is a positive multiple of kFilterBlockBytes.
bool FilterMayContain(std::string_view filter, rows::Token token);

}  // namespace cassette::storage::sstable
