// Encodings: how a vector's values become bytes in a row group. Each vector is encoded by whichever of them is
// smallest on trial (BtrBlocks, SIGMOD 2023), and says which in its first byte.
//
// Thread safety: free functions and a stateless interface; an EncodeScratch belongs to one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "columnar/vector.h"

namespace cassette::columnar {

// First byte of an encoded vector. On disk: DO NOT CHANGE; zero is reserved.
enum class Encoding : uint8_t {
  kReserved = 0,
  kConstant = 1,
  kRunLength = 2,
  kFrameOfReference = 3,  // minimum, optional common divisor, bit packing, patches
  kDelta = 4,
  kDeltaOfDelta = 5,
  kAlp = 6,         // ALP, SIGMOD 2024: doubles as scaled integers
  kAlpRd = 7,       // ALP for real doubles: left parts by dictionary
  kRaw = 8,         // as it is
  kDictionary = 9,  // distinct values, and which of them each row has
  kFsst = 10,       // FSST-like symbol table, VLDB 2020
  kZstd = 11,       // zstd of raw
  kAlpSteps = 12,   // ALP, and how many doubles lie between each value and its decimal
};

// "alp", "delta-of-delta": for describe-sstable.
std::string_view EncodingName(Encoding encoding);

// Appends the smallest encoding of the values to `out`; returns which it was. At most kMaxVectorRows values.
Encoding EncodeInts(std::span<const int64_t> values, std::string* out);
Encoding EncodeDoubles(std::span<const double> values, std::string* out);
// Strings [offsets[i], offsets[i+1]) of heap.
Encoding EncodeBytes(std::span<const uint32_t> offsets, std::string_view heap, std::string* out);

// Decodes `count` values. kCorruption without a place (the caller knows file and offset) on anything malformed; never
// reads outside `encoded`, whatever its bytes.
base::Status DecodeInts(std::string_view encoded, uint32_t count, int64_t* values);
base::Status DecodeDoubles(std::string_view encoded, uint32_t count, double* values);
base::Status DecodeBytes(std::string_view encoded, uint32_t count, std::vector<uint32_t>* offsets, std::string* heap);

// A whole vector: presence states (run-length or packed; absent when all live), then the values, constants kept
// constant. Doubles are bit-exact, NaN payloads and -0 included.
void EncodeVector(const Vector& vector, std::string* out);
// REQUIRES: `vector` is Reset to the physical type that was encoded.
base::Status DecodeVector(std::string_view encoded, uint32_t rows, Vector* vector);

}  // namespace cassette::columnar
