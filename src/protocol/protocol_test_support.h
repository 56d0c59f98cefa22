// Bytes as hexadecimal text, and back, for tests.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace cassette::protocol {

inline std::string Hex(std::string_view bytes) {
  std::string result;
  for (const char byte : bytes) result += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return result;
}

// Spaces are left out.
inline std::string FromHex(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != ' ' && c != '\n') digits += c;
  }
  std::string result;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    result += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return result;
}

}  // namespace cassette::protocol
