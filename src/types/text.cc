#include "types/text.h"

#include <cstdint>
#include <cstring>

namespace cassette::types {

namespace {

constexpr uint64_t kHighBits = 0x8080808080808080;

// Bytes of the longest prefix of whole words without a high bit; four words at a time as long as there are.
size_t AsciiPrefix(const char* bytes, size_t size_bytes) {
  size_t i = 0;
  for (; i + 32 <= size_bytes; i += 32) {
    uint64_t words[4];
    std::memcpy(words, bytes + i, 32);
    if (((words[0] | words[1] | words[2] | words[3]) & kHighBits) != 0) break;
  }
  for (; i + 8 <= size_bytes; i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes + i, 8);
    if ((word & kHighBits) != 0) break;
  }
  return i;
}

bool IsContinuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

// Length of the sequence that starts at `bytes`, or 0 when it is malformed.
size_t SequenceLength(const uint8_t* bytes, size_t left) {
  const uint8_t first = bytes[0];
  if (first < 0x80) return 1;
  if (first == 0xc0) return left >= 2 && bytes[1] == 0x80 ? 2 : 0;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return left >= 2 && IsContinuation(bytes[1]) ? 2 : 0;
  if (first < 0xf0) {
    if (left < 3 || !IsContinuation(bytes[1]) || !IsContinuation(bytes[2])) return 0;
    return first == 0xe0 && bytes[1] < 0xa0 ? 0 : 3;
  }
  if (first >= 0xf8 || left < 4) return 0;
  if (!IsContinuation(bytes[1]) || !IsContinuation(bytes[2]) || !IsContinuation(bytes[3])) return 0;
  return first == 0xf0 && bytes[1] < 0x90 ? 0 : 4;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool IsAscii(std::string_view bytes) {
  uint64_t last = 0;  // The last word, or all of less than one.
  if (bytes.size() >= sizeof(last)) {
    if (AsciiPrefix(bytes.data(), bytes.size()) + sizeof(last) <= bytes.size()) return false;
    std::memcpy(&last, bytes.data() + bytes.size() - sizeof(last), sizeof(last));
  } else {
    for (const char c : bytes) last |= static_cast<uint8_t>(c);
  }
  return (last & kHighBits) == 0;
}

bool IsUtf8(std::string_view bytes) {
  const uint8_t* data = reinterpret_cast<const uint8_t*>(bytes.data());
  for (size_t i = AsciiPrefix(bytes.data(), bytes.size()); i < bytes.size();) {
    const size_t length = SequenceLength(data + i, bytes.size() - i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

void AppendHex(std::string_view bytes, std::string* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  out->reserve(out->size() + 2 * bytes.size());
  for (char c : bytes) {
    out->push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
    out->push_back(kDigits[static_cast<uint8_t>(c) & 15]);
  }
}

base::Result<std::string> ParseHex(std::string_view text) {
  std::string_view digits = text;
  if (digits.size() >= 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) digits.remove_prefix(2);
  std::string result;
  result.reserve(digits.size() / 2);
  bool good = digits.size() % 2 == 0;
  for (size_t i = 0; good && i < digits.size(); i += 2) {
    const int high = HexDigit(digits[i]);
    const int low = HexDigit(digits[i + 1]);
    good = high >= 0 && low >= 0;
    result.push_back(static_cast<char>(high << 4 | low));
  }
  if (!good) return base::InvalidArgument("cannot parse '" + std::string(text) + "' as hex bytes");
  return result;
}

}  // namespace cassette::types
