// Frames of v5 and bodies of v4: what parses comes back when it is written again. The first byte chooses.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "protocol/compression.h"
#include "protocol/envelope.h"
#include "protocol/frame.h"

namespace cassette::protocol {
namespace {

constexpr size_t kBoundBytes = 1 << 20;

void CheckFrame(std::string_view bytes, bool is_compressed) {
  std::string unpacked;
  const base::Result<Frame> frame = ParseFrame(bytes, is_compressed, &unpacked);
  if (!frame.ok() || frame->total_bytes == 0) return;
  CASSETTE_ASSERT(frame->total_bytes <= bytes.size());
  CASSETTE_ASSERT(frame->payload.size() <= kMaxFramePayloadBytes);
}

// A frame whose payload the fuzzer chooses: no fuzzer finds a CRC.
void CheckWrittenFrame(std::string_view payload, bool is_compressed) {
  payload = payload.substr(0, kMaxFramePayloadBytes);
  std::string bytes;
  AppendFrame(payload, true, is_compressed, &bytes);
  std::string unpacked;
  const base::Result<Frame> frame = ParseFrame(bytes, is_compressed, &unpacked);
  CASSETTE_ASSERT(frame.ok());
  CASSETTE_ASSERT(frame->payload == payload);
}

void CheckEnvelope(std::string_view bytes) {
  if (bytes.size() < kEnvelopeHeaderBytes) return;
  const EnvelopeHeader header = ParseEnvelopeHeader(bytes);
  std::string out;
  AppendEnvelopeHeader(header, &out);
  CASSETTE_ASSERT(out == bytes.substr(0, kEnvelopeHeaderBytes));
}

void Check(uint8_t choice, std::string_view bytes) {
  std::string unpacked;
  switch (choice % 7) {
    case 0:
      return CheckFrame(bytes, false);
    case 1:
      return CheckFrame(bytes, true);
    case 2:
      return CheckWrittenFrame(bytes, false);
    case 3:
      return CheckWrittenFrame(bytes, true);
    case 4:
      return (void)DecompressBody(Compression::kLz4, bytes, kBoundBytes, &unpacked).ok();
    case 5:
      return (void)DecompressBody(Compression::kSnappy, bytes, kBoundBytes, &unpacked).ok();
    default:
      return CheckEnvelope(bytes);
  }
}

}  // namespace
}  // namespace cassette::protocol

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  cassette::protocol::Check(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
