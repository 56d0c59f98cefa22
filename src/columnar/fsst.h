// Text by a table of up to 255 symbols of one to eight bytes, one code byte each (after Boncz, Neumann, Leis: "FSST:
// Fast Random Access String Compression", VLDB 2020). The table is built from a sample of the text itself and stands
// before the codes. Code 255 escapes one literal byte.
//
// Thread safety: free functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/status.h"

namespace cassette::columnar {

// Table and codes; empty when, by a sample or in the end, they would take `limit` bytes or more.
std::string FsstCompress(std::string_view text, size_t limit);

// Appends the `size_bytes` bytes of text. kCorruption when `compressed` stands for any other number of bytes.
base::Status FsstDecompress(std::string_view compressed, size_t size_bytes, std::string* out);

}  // namespace cassette::columnar
