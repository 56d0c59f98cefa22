#include "protocol/frame.h"

#include <zlib.h>

#include <algorithm>

#include "base/assert.h"
#include "codec/fixed.h"
#include "protocol/compression.h"

namespace cassette::protocol {
namespace {

constexpr uint32_t kCrc24Start = 0x875060;
constexpr uint32_t kCrc24Polynomial = 0x1974f0b;
constexpr size_t kCrc24Bytes = 3;
constexpr uint64_t kLengthMask = kMaxFramePayloadBytes;
constexpr int kLengthBits = 17;

uint64_t LoadLittleBytes(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  return value;
}

void AppendLittleBytes(uint64_t value, size_t count, std::string* out) {
  for (size_t i = 0; i < count; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

void AppendFrameHeader(uint64_t fields, size_t field_bytes, std::string* out) {
  const size_t begin = out->size();
  AppendLittleBytes(fields, field_bytes, out);
  AppendLittleBytes(Crc24(std::string_view(*out).substr(begin, field_bytes)), kCrc24Bytes, out);
}

void AppendTrailer(size_t payload_begin, std::string* out) {
  codec::AppendLittle(FrameCrc32(std::string_view(*out).substr(payload_begin)), out);
}

void AppendCompressedFrame(std::string_view payload, bool is_self_contained, std::string* out) {
  const size_t begin = out->size();
  out->append(kCompressedFrameHeaderBytes, '\0');
  const bool is_smaller = AppendLz4Block(payload, out);
  if (!is_smaller) out->append(payload);
  const uint64_t stored_bytes = out->size() - begin - kCompressedFrameHeaderBytes;
  // An unpacked length of zero says that the payload is as it is.
  const uint64_t unpacked_bytes = is_smaller ? payload.size() : 0;
  std::string header;
  AppendFrameHeader(stored_bytes | unpacked_bytes << kLengthBits | uint64_t{is_self_contained} << (2 * kLengthBits),
                    kCompressedFrameHeaderBytes - kCrc24Bytes, &header);
  std::copy(header.begin(), header.end(), out->begin() + static_cast<ptrdiff_t>(begin));
  AppendTrailer(begin + kCompressedFrameHeaderBytes, out);
}

}  // namespace

uint32_t Crc24(std::string_view bytes) {
  uint32_t crc = kCrc24Start;
  for (const char byte : bytes) {
    crc ^= uint32_t{static_cast<uint8_t>(byte)} << 16;
    for (int bit = 0; bit < 8; ++bit) {
      crc <<= 1;
      if ((crc & 0x1000000) != 0) crc ^= kCrc24Polynomial;
    }
  }
  return crc;
}

uint32_t FrameCrc32(std::string_view payload) {
  static const uLong kStart = crc32(0, reinterpret_cast<const Bytef*>("\xfa\x2d\x55\xca"), 4);
  return static_cast<uint32_t>(
      crc32(kStart, reinterpret_cast<const Bytef*>(payload.data()), static_cast<uInt>(payload.size())));
}

base::Result<Frame> ParseFrame(std::string_view bytes, bool is_compressed, std::string* unpacked) {
  const size_t header_bytes = is_compressed ? kCompressedFrameHeaderBytes : kFrameHeaderBytes;
  Frame frame;
  if (bytes.size() < header_bytes) return frame;
  const std::string_view fields = bytes.substr(0, header_bytes - kCrc24Bytes);
  if (Crc24(fields) != LoadLittleBytes(bytes.substr(fields.size(), kCrc24Bytes))) {
    return base::InvalidArgument("The CRC-24 of a frame header is wrong");
  }
  const uint64_t header = LoadLittleBytes(fields);
  const size_t stored_bytes = header & kLengthMask;
  const size_t unpacked_bytes = is_compressed ? (header >> kLengthBits) & kLengthMask : 0;
  const size_t total_bytes = header_bytes + stored_bytes + kFrameTrailerBytes;
  if (bytes.size() < total_bytes) return frame;
  const std::string_view stored = bytes.substr(header_bytes, stored_bytes);
  if (FrameCrc32(stored) != codec::LoadLittle<uint32_t>(stored.data() + stored_bytes)) {
    return base::InvalidArgument("The CRC-32 of a frame is wrong");
  }
  frame.is_self_contained = ((header >> (is_compressed ? 2 * kLengthBits : kLengthBits)) & 1) != 0;
  frame.total_bytes = total_bytes;
  frame.payload = stored;
  if (unpacked_bytes > 0) {
    CASSETTE_RETURN_IF_ERROR(DecompressLz4Block(stored, unpacked_bytes, unpacked));
    frame.payload = *unpacked;
  }
  return frame;
}

void AppendFrame(std::string_view payload, bool is_self_contained, bool is_compressed, std::string* out) {
  CASSETTE_ASSERT(payload.size() <= kMaxFramePayloadBytes);
  if (is_compressed) return AppendCompressedFrame(payload, is_self_contained, out);
  AppendFrameHeader(payload.size() | uint64_t{is_self_contained} << kLengthBits, kFrameHeaderBytes - kCrc24Bytes, out);
  const size_t payload_begin = out->size();
  out->append(payload);
  AppendTrailer(payload_begin, out);
}

void AppendFrames(std::string_view envelopes, std::span<const size_t> ends, bool is_compressed, std::string* out) {
  size_t begin = 0;
  for (size_t i = 0; i < ends.size();) {
    size_t end = begin;
    while (i < ends.size() && ends[i] - begin <= kMaxFramePayloadBytes) end = ends[i++];
    if (end > begin) {
      AppendFrame(envelopes.substr(begin, end - begin), true, is_compressed, out);
      begin = end;
      continue;
    }
    for (; begin < ends[i]; begin = end) {
      end = std::min(begin + kMaxFramePayloadBytes, ends[i]);
      AppendFrame(envelopes.substr(begin, end - begin), false, is_compressed, out);
    }
    ++i;
  }
}

}  // namespace cassette::protocol
