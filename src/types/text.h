// Bytes of strings: which are legal, and blobs as hexadecimal text.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace cassette::types {

bool IsAscii(std::string_view bytes);
// As Cassandra validates text: UTF-8, encoded surrogates and a null of two bytes allowed.
bool IsUtf8(std::string_view bytes);

// Lower case, two digits a byte, without 0x.
void AppendHex(std::string_view bytes, std::string* out);
// From an even number of hexadecimal digits, 0x before them or not.
base::Result<std::string> ParseHex(std::string_view text);

}  // namespace cassette::types
