// The notations of the native protocol (native_protocol_v5.spec, section 3): [int], [string], [bytes] and their kin,
// read from and appended to bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "types/value.h"

namespace cassette::protocol {

// Reads a message body from front to back. What would pass the end gives zeroes and empty views, and ok() is false from
// then on, so that a decoder asks once, at its end.
// Thread safety: not thread safe. Lifetime: the views that it gives point into the body.
class WireReader {
 public:
  explicit WireReader(std::string_view body) : rest_(body) {}

  uint8_t Byte();
  uint16_t Short();
  int32_t Int();
  int64_t Long();
  std::string_view String();
  std::string_view LongString();
  std::string_view ShortBytes();
  // Null: nullopt.
  std::optional<std::string_view> Bytes();
  // Null, unset or bytes; another negative length is an error.
  types::ValueView Value();
  std::vector<std::string> StringList();
  std::vector<std::pair<std::string, std::string>> StringMap();
  // Of a custom payload; the values are not needed here.
  void SkipBytesMap();
  std::string_view Raw(size_t size_bytes);

  bool ok() const { return ok_; }
  size_t rest_bytes() const { return rest_.size(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

void AppendByte(uint8_t value, std::string* out);
void AppendShort(uint16_t value, std::string* out);
void AppendInt(int32_t value, std::string* out);
void AppendLong(int64_t value, std::string* out);
// A text that is longer than the length's field holds is cut at the bound.
void AppendString(std::string_view text, std::string* out);
void AppendLongString(std::string_view text, std::string* out);
void AppendShortBytes(std::string_view bytes, std::string* out);
void AppendBytes(std::string_view bytes, std::string* out);
void AppendNullBytes(std::string* out);
void AppendValue(const types::ValueView& value, std::string* out);
void AppendStringList(std::span<const std::string> texts, std::string* out);
// An address of 4 or 16 bytes, and a port.
void AppendInet(std::string_view address, int32_t port, std::string* out);

}  // namespace cassette::protocol
