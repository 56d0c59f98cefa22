#include "types/inet.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <cstring>

#include "base/assert.h"
#include "codec/fixed.h"

namespace cassette::types {

bool ParseInet(std::string_view text, std::string* bytes) {
  const std::string terminated(text);
  if (terminated.size() != std::strlen(terminated.c_str())) return false;
  char address[16];
  if (inet_pton(AF_INET, terminated.c_str(), address) == 1) {
    bytes->assign(address, 4);
    return true;
  }
  if (inet_pton(AF_INET6, terminated.c_str(), address) != 1) return false;
  constexpr char kMappedPrefix[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\xff', '\xff'};
  const bool is_mapped = std::memcmp(address, kMappedPrefix, sizeof(kMappedPrefix)) == 0;
  bytes->assign(is_mapped ? address + 12 : address, is_mapped ? 4 : 16);
  return true;
}

void AppendInetText(std::string_view bytes, std::string* out) {
  CASSETTE_ASSERT(bytes.size() == 4 || bytes.size() == 16);
  char text[INET6_ADDRSTRLEN];
  const char* printed = inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof(text));
  CASSETTE_ASSERT(printed != nullptr);
  out->append(printed);
}

void AppendInetHostAddress(std::string_view bytes, std::string* out) {
  if (bytes.size() == 4) return AppendInetText(bytes, out);
  CASSETTE_ASSERT(bytes.size() == 16);
  for (size_t i = 0; i < bytes.size(); i += 2) {
    if (i != 0) out->push_back(':');
    out->append(fmt::format("{:x}", codec::LoadBig<uint16_t>(bytes.data() + i)));
  }
}

}  // namespace cassette::types
