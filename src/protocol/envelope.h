// Envelopes: the nine bytes before every message of the native protocol, and the opcodes
// (docs/format/native_protocol.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace cassette::protocol {

inline constexpr uint8_t kLowestVersion = 4;
inline constexpr uint8_t kHighestVersion = 5;
inline constexpr uint8_t kResponseBit = 0x80;
inline constexpr size_t kEnvelopeHeaderBytes = 9;
inline constexpr int16_t kEventStream = -1;

// Numbers of the protocol: DO NOT CHANGE.
enum class Opcode : uint8_t {
  kError = 0x00,
  kStartup = 0x01,
  kReady = 0x02,
  kAuthenticate = 0x03,
  kOptions = 0x05,
  kSupported = 0x06,
  kQuery = 0x07,
  kResult = 0x08,
  kPrepare = 0x09,
  kExecute = 0x0a,
  kRegister = 0x0b,
  kEvent = 0x0c,
  kBatch = 0x0d,
  kAuthChallenge = 0x0e,
  kAuthResponse = 0x0f,
  kAuthSuccess = 0x10,
};

// One row an opcode: its number, its name in the specification, and whether clients send it.
struct OpcodeRow {
  Opcode opcode;
  std::string_view name;
  bool is_request;
};
// Null for a number that is no opcode.
const OpcodeRow* FindOpcode(uint8_t number);

// Bits of the flags: DO NOT CHANGE.
inline constexpr uint8_t kFlagCompressed = 0x01;
inline constexpr uint8_t kFlagTracing = 0x02;
inline constexpr uint8_t kFlagCustomPayload = 0x04;
inline constexpr uint8_t kFlagWarning = 0x08;
inline constexpr uint8_t kFlagUseBeta = 0x10;

// The header as it stands there; nothing is checked.
struct EnvelopeHeader {
  uint8_t version = 0;  // Without the response bit.
  bool is_response = false;
  uint8_t flags = 0;
  int16_t stream = 0;
  uint8_t opcode = 0;
  uint32_t body_bytes = 0;
};
// REQUIRES: bytes.size() >= kEnvelopeHeaderBytes.
EnvelopeHeader ParseEnvelopeHeader(std::string_view bytes);
void AppendEnvelopeHeader(const EnvelopeHeader& header, std::string* out);

// Sets the length of the envelope that begins at `begin` and ends with `out`: for bodies whose size is known last.
void SetEnvelopeBodyBytes(size_t begin, std::string* out);

}  // namespace cassette::protocol
