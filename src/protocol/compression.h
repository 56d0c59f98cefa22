// Compression of message bodies: lz4 and snappy for the envelopes of v4, bare lz4 blocks for the frames of v5.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace cassette::protocol {

enum class Compression : uint8_t { kNone, kLz4, kSnappy };

// "lz4", "snappy", in any case; kInvalidArgument for another name.
base::Result<Compression> ParseCompression(std::string_view name);
std::string_view CompressionName(Compression compression);

// A v4 body. Lz4: the length as a big-endian [int], then a block. REQUIRES: compression is not kNone.
void AppendCompressedBody(Compression compression, std::string_view body, std::string* out);
// kInvalidArgument when the bytes are none, or are longer than `max_bytes` unpacked.
base::Status DecompressBody(Compression compression, std::string_view bytes, size_t max_bytes, std::string* body);

// A bare lz4 block. Compress returns false, and appends nothing, when that would not make it smaller.
bool AppendLz4Block(std::string_view bytes, std::string* out);
// kInvalidArgument unless it unpacks to exactly `size_bytes`.
base::Status DecompressLz4Block(std::string_view block, size_t size_bytes, std::string* out);

}  // namespace cassette::protocol
