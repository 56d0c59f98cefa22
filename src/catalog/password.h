// Passwords as salted hashes (bcrypt), as Cassandra's PasswordAuthenticator and jBcrypt make them.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace cassette::catalog {

inline constexpr size_t kPasswordBytesMax = 65535;  // As a string of the native protocol.

// A hash with a new salt, which the operating system draws. Slow on purpose: tens of milliseconds. kInvalidArgument for
// a password with a zero byte, or past the bound.
base::Result<std::string> HashPassword(std::string_view password);
// Whether `hash` is one of `password`; false for what is no hash. As slow.
bool CheckPassword(std::string_view password, const std::string& hash);
// Whether `hash` looks like one.
bool IsPasswordHash(std::string_view hash);

}  // namespace cassette::catalog
