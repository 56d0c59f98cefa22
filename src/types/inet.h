// IP addresses: 4 or 16 bytes, and their text.
#pragma once

#include <string>
#include <string_view>

namespace cassette::types {

// "192.168.0.1" or IPv6 in any of its spellings (RFC 4291, 2.2); an IPv4-mapped one gives 4 bytes, as Java does.
// False for anything else: names are not resolved.
bool ParseInet(std::string_view text, std::string* bytes);

// Dotted for 4 bytes. For 16 the shortest form (RFC 5952), as cqlsh prints it: "fe80::1". REQUIRES: 4 or 16 bytes.
void AppendInetText(std::string_view bytes, std::string* out);
// As Java's getHostAddress, all eight groups: "fe80:0:0:0:0:0:0:1". What CAST AS text gives. REQUIRES: 4 or 16 bytes.
void AppendInetHostAddress(std::string_view bytes, std::string* out);

}  // namespace cassette::types
