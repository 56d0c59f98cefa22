// A run of bytes in whichever of raw, FSST and zstd is smallest: the texts of a vector, one after the other.
//
// Thread safety: free functions; each thread keeps its own zstd contexts, which cost far more to make than to use.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/status.h"
#include "columnar/encoding.h"

namespace cassette::columnar {

// Bytes of the strings of a vector, at most. A decoder refuses more, whatever a few malformed bytes promise.
inline constexpr size_t kMaxHeapBytes = size_t{1} << 30;

// Appends `bytes`; returns kRaw, kFsst or kZstd.
Encoding AppendBlock(std::string_view bytes, std::string* out);

// Appends the `size_bytes` bytes that `block` stands for. kCorruption when it does not stand for exactly so many.
base::Status ReadBlock(Encoding encoding, std::string_view block, size_t size_bytes, std::string* out);

}  // namespace cassette::columnar
