// Variable-length integers: LEB128 (seven bits a byte, low first) and zigzag for signed ones. What Cassette's own
// formats use; Cassandra's vint (the duration type) is in types/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cassette::codec {

inline constexpr size_t kMaxVarintBytes = 10;

inline uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t UnZigZag(uint64_t value) { return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1); }

inline void AppendVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}
inline void AppendSignedVarint(int64_t value, std::string* out) { AppendVarint(ZigZag(value), out); }
// A varint length and the bytes.
inline void AppendLengthPrefixed(std::string_view bytes, std::string* out) {
  AppendVarint(bytes.size(), out);
  out->append(bytes);
}

// Reads from the front of a buffer. Every method returns false, and consumes nothing that matters, when the buffer
// ends early or a varint has more than 64 bits; the caller then reports corruption.
// Lifetime: the views it returns point into the buffer it was given.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ReadVarint(uint64_t* value) {
    uint64_t result = 0;
    for (int shift = 0; shift < 64 && next_ < end_; shift += 7) {
      const uint8_t byte = static_cast<uint8_t>(*next_++);
      if (shift == 63 && byte > 1) return false;
      result |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        *value = result;
        return true;
      }
    }
    return false;
  }
  bool ReadSignedVarint(int64_t* value) {
    uint64_t raw = 0;
    if (!ReadVarint(&raw)) return false;
    *value = UnZigZag(raw);
    return true;
  }
  template <typename Number>
  bool ReadLittle(Number* value) {
    if (remaining() < sizeof(Number)) return false;
    __builtin_memcpy(value, next_, sizeof(Number));
    next_ += sizeof(Number);
    return true;
  }
  bool ReadBytes(size_t size_bytes, std::string_view* bytes) {
    if (remaining() < size_bytes) return false;
    *bytes = {next_, size_bytes};
    next_ += size_bytes;
    return true;
  }
  bool ReadLengthPrefixed(std::string_view* bytes) {
    uint64_t size_bytes = 0;
    return ReadVarint(&size_bytes) && ReadBytes(size_bytes, bytes);
  }

  size_t remaining() const { return static_cast<size_t>(end_ - next_); }
  bool empty() const { return next_ == end_; }
  std::string_view rest() const { return {next_, remaining()}; }

 private:
  const char* next_;
  const char* end_;
};

}  // namespace cassette::codec
