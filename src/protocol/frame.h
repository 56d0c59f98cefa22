// Frames of v5: a header with its CRC-24, up to 131,071 bytes of envelopes, a CRC-32 (docs/format/native_protocol.md).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace cassette::protocol {

inline constexpr size_t kMaxFramePayloadBytes = (1 << 17) - 1;
inline constexpr size_t kFrameHeaderBytes = 3 + 3;            // Lengths and flag; CRC-24.
inline constexpr size_t kCompressedFrameHeaderBytes = 5 + 3;  // Two lengths and flag; CRC-24.
inline constexpr size_t kFrameTrailerBytes = 4;               // CRC-32.

// CRC-24 of up to eight bytes, polynomial 0x1974F0B, initially 0x875060.
uint32_t Crc24(std::string_view bytes);
// CRC-32 (that of zlib), the four bytes FA 2D 55 CA put before.
uint32_t FrameCrc32(std::string_view payload);

struct Frame {
  bool is_self_contained = false;
  std::string_view payload;  // Into the bytes given, or into `unpacked`.
  size_t total_bytes = 0;    // 0: the bytes end within the frame.
};

// The first frame of `bytes`, or one of total_bytes 0 when it is not there whole. kInvalidArgument for a wrong
// checksum or a payload that does not unpack: nothing behind it can be trusted.
base::Result<Frame> ParseFrame(std::string_view bytes, bool is_compressed, std::string* unpacked);

// One frame. REQUIRES: payload.size() <= kMaxFramePayloadBytes.
void AppendFrame(std::string_view payload, bool is_self_contained, bool is_compressed, std::string* out);

// Envelopes, one behind the other, as frames: as many whole ones in a frame as fit; what is larger than a frame in
// several that are not self-contained. `ends` holds the end of each envelope in `envelopes`.
void AppendFrames(std::string_view envelopes, std::span<const size_t> ends, bool is_compressed, std::string* out);

}  // namespace cassette::protocol
