#include "protocol/envelope.h"

#include <iterator>

#include "base/assert.h"
#include "codec/fixed.h"

namespace cassette::protocol {
namespace {

// Each at the place of its number.
constexpr OpcodeRow kOpcodes[] = {
    {Opcode::kError, "ERROR", false},
    {Opcode::kStartup, "STARTUP", true},
    {Opcode::kReady, "READY", false},
    {Opcode::kAuthenticate, "AUTHENTICATE", false},
    {Opcode{0x04}, "", false},  // None, since protocol v2.
    {Opcode::kOptions, "OPTIONS", true},
    {Opcode::kSupported, "SUPPORTED", false},
    {Opcode::kQuery, "QUERY", true},
    {Opcode::kResult, "RESULT", false},
    {Opcode::kPrepare, "PREPARE", true},
    {Opcode::kExecute, "EXECUTE", true},
    {Opcode::kRegister, "REGISTER", true},
    {Opcode::kEvent, "EVENT", false},
    {Opcode::kBatch, "BATCH", true},
    {Opcode::kAuthChallenge, "AUTH_CHALLENGE", false},
    {Opcode::kAuthResponse, "AUTH_RESPONSE", true},
    {Opcode::kAuthSuccess, "AUTH_SUCCESS", false},
};

constexpr bool AreInPlace() {
  for (size_t i = 0; i < std::size(kOpcodes); ++i) {
    if (static_cast<size_t>(kOpcodes[i].opcode) != i) return false;
  }
  return true;
}
static_assert(AreInPlace());

constexpr size_t kLengthOffset = 5;

}  // namespace

const OpcodeRow* FindOpcode(uint8_t number) {
  return number < std::size(kOpcodes) && !kOpcodes[number].name.empty() ? &kOpcodes[number] : nullptr;
}

EnvelopeHeader ParseEnvelopeHeader(std::string_view bytes) {
  CASSETTE_ASSERT(bytes.size() >= kEnvelopeHeaderBytes);
  EnvelopeHeader header;
  const uint8_t first = static_cast<uint8_t>(bytes[0]);
  header.version = first & ~kResponseBit;
  header.is_response = (first & kResponseBit) != 0;
  header.flags = static_cast<uint8_t>(bytes[1]);
  header.stream = static_cast<int16_t>(codec::LoadBig<uint16_t>(bytes.data() + 2));
  header.opcode = static_cast<uint8_t>(bytes[4]);
  header.body_bytes = codec::LoadBig<uint32_t>(bytes.data() + kLengthOffset);
  return header;
}

void AppendEnvelopeHeader(const EnvelopeHeader& header, std::string* out) {
  char bytes[kEnvelopeHeaderBytes];
  bytes[0] = static_cast<char>(header.version | (header.is_response ? kResponseBit : 0));
  bytes[1] = static_cast<char>(header.flags);
  codec::StoreBig(static_cast<uint16_t>(header.stream), bytes + 2);
  bytes[4] = static_cast<char>(header.opcode);
  codec::StoreBig(header.body_bytes, bytes + kLengthOffset);
  out->append(bytes, sizeof(bytes));
}

void SetEnvelopeBodyBytes(size_t begin, std::string* out) {
  CASSETTE_ASSERT(out->size() >= begin + kEnvelopeHeaderBytes);
  const size_t body_bytes = out->size() - begin - kEnvelopeHeaderBytes;
  CASSETTE_ASSERT(body_bytes <= UINT32_MAX);
  codec::StoreBig(static_cast<uint32_t>(body_bytes), out->data() + begin + kLengthOffset);
}

}  // namespace cassette::protocol
