#include "catalog/password.h"

#include <crypt.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace cassette::catalog {
namespace {

constexpr char kPrefix[] = "$2a$";
constexpr unsigned long kLog2Rounds = 10;  // As Cassandra's auth_bcrypt_gensalt_log2_rounds.
constexpr size_t kHashBytes = 60;          // "$2a$10$", 22 of salt, 31 of hash.
constexpr size_t kHeadBytes = 7;

bool IsUsable(std::string_view password) {
  return password.size() <= kPasswordBytesMax && password.find('\0') == std::string_view::npos;
}

// Empty when it fails.
std::string Crypt(std::string_view password, const char* setting) {
  const auto data = std::make_unique<crypt_data>();  // 32 KiB: not for the stack.
  const char* hash = crypt_r(std::string(password).c_str(), setting, data.get());
  return hash == nullptr || hash[0] == '*' ? std::string() : std::string(hash);
}

}  // namespace

base::Result<std::string> HashPassword(std::string_view password) {
  if (!IsUsable(password)) {
    return base::InvalidArgument(fmt::format("A password has no zero byte, and at most {} bytes", kPasswordBytesMax));
  }
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  if (crypt_gensalt_rn(kPrefix, kLog2Rounds, nullptr, 0, setting, sizeof(setting)) == nullptr) {
    return base::IoError(fmt::format("no salt for a password: {}", std::strerror(errno)));
  }
  std::string hash = Crypt(password, setting);
  if (hash.empty()) return base::IoError("the password could not be hashed");
  return hash;
}

bool CheckPassword(std::string_view password, const std::string& hash) {
  if (!IsUsable(password) || !IsPasswordHash(hash)) return false;
  const std::string made = Crypt(password, hash.c_str());
  if (made.size() != hash.size()) return false;
  unsigned difference = 0;  // As long for a first character that differs as for the last.
  for (size_t i = 0; i < made.size(); ++i)
    difference |= static_cast<unsigned>(made[i]) ^ static_cast<unsigned>(hash[i]);
  return difference == 0;
}

bool IsPasswordHash(std::string_view hash) {
  if (hash.size() != kHashBytes || !hash.starts_with("$2") || hash[3] != '$' || hash[6] != '$') return false;
  if (hash[2] != 'a' && hash[2] != 'b' && hash[2] != 'y') return false;
  if (hash.substr(4, 2) < "04" || hash.substr(4, 2) > "31") return false;
  return std::all_of(hash.begin() + kHeadBytes, hash.end(), [](char c) {
    return c == '.' || c == '/' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

}  // namespace cassette::catalog
