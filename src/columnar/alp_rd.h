// ALP-rd, for real doubles: the high bits (sign, exponent, the first of the mantissa) are alike in a vector and become
// codes of a dictionary; the low bits are noise and are packed as they are (ALP, SIGMOD 2024, section 3.4).
//
// Thread safety: free functions.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "codec/varint.h"

namespace cassette::columnar {

// REQUIRES: 1 <= count <= kMaxVectorRows.
void AppendAlpRd(const double* values, uint32_t count, std::string* out);
base::Status ReadAlpRd(uint32_t count, codec::ByteReader* reader, double* values);

}  // namespace cassette::columnar
