#include "types/uuid.h"

#include "base/assert.h"
#include "codec/fixed.h"
#include "types/text.h"

namespace cassette::types {

namespace {

// 100-nanosecond intervals between 1582-10-15 and 1970-01-01.
constexpr int64_t kEpochTicks = 0x01b21dd213814000;
constexpr uint64_t kSignBits = 0x8080808080808080;

uint64_t TimeFirst(uint64_t high) { return high << 48 | (high << 16 & 0xffff00000000) | high >> 32; }

uint64_t TimeBack(uint64_t key) { return key << 32 | (key >> 16 & 0xffff0000) | key >> 48; }

constexpr bool IsDashPosition(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

Uuid Uuid::FromBytes(std::string_view bytes) {
  CASSETTE_ASSERT(bytes.size() == kUuidBytes);
  return {codec::LoadBig<uint64_t>(bytes.data()), codec::LoadBig<uint64_t>(bytes.data() + 8)};
}

void Uuid::AppendBytes(std::string* out) const {
  codec::AppendBig(high, out);
  codec::AppendBig(low, out);
}

bool ParseUuid(std::string_view text, Uuid* uuid) {
  constexpr size_t kTextBytes = 36;
  if (text.size() != kTextBytes) return false;
  uint64_t halves[2] = {0, 0};
  int digits = 0;
  for (size_t i = 0; i < kTextBytes; ++i) {
    const char c = text[i];
    if (IsDashPosition(i)) {
      if (c != '-') return false;
      continue;
    }
    const char lower = static_cast<char>(c | 0x20);
    uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint64_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      digit = static_cast<uint64_t>(lower - 'a' + 10);
    } else {
      return false;
    }
    uint64_t& half = halves[digits++ / 16];
    half = half << 4 | digit;
  }
  *uuid = {halves[0], halves[1]};
  return true;
}

void AppendUuidText(const Uuid& uuid, std::string* out) {
  std::string bytes;
  uuid.AppendBytes(&bytes);
  std::string digits;
  AppendHex(bytes, &digits);
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out->push_back('-');
    out->push_back(digits[i]);
  }
}

Uuid UuidOrderKey(const Uuid& uuid) {
  if (uuid.version() == 1) return {TimeFirst(uuid.high), uuid.low};
  const uint64_t version = static_cast<uint64_t>(uuid.version());
  return {version << 60 | (uuid.high >> 4 & 0x0ffffffffffff000) | (uuid.high & 0xfff), uuid.low};
}

Uuid UuidFromOrderKey(const Uuid& key) {
  const uint64_t version = key.high >> 60;
  if (version == 1) return {TimeBack(key.high), key.low};
  return {(key.high << 4 & 0xffffffffffff0000) | version << 12 | (key.high & 0xfff), key.low};
}

Uuid TimeuuidOrderKey(const Uuid& uuid) { return {TimeFirst(uuid.high), uuid.low ^ kSignBits}; }

Uuid TimeuuidFromOrderKey(const Uuid& key) { return {TimeBack(key.high), key.low ^ kSignBits}; }

int64_t TimeuuidTicks(const Uuid& uuid) {
  return static_cast<int64_t>(TimeFirst(uuid.high) & 0x0fffffffffffffff) - kEpochTicks;
}

Uuid MakeTimeuuid(int64_t unix_ticks, uint64_t clock_and_node) {
  const uint64_t ticks = (static_cast<uint64_t>(unix_ticks) + kEpochTicks) & 0x0fffffffffffffff;
  return {TimeBack(uint64_t{1} << 60 | ticks), clock_and_node};
}

Uuid MinTimeuuid(int64_t unix_millis) {
  // Unsigned: far-off times wrap around, as in Java.
  const uint64_t ticks = static_cast<uint64_t>(unix_millis) * kTicksPerMilli;
  return MakeTimeuuid(static_cast<int64_t>(ticks), 0x8080808080808080);
}

Uuid MaxTimeuuid(int64_t unix_millis) {
  const uint64_t ticks = (static_cast<uint64_t>(unix_millis) + 1) * kTicksPerMilli - 1;
  return MakeTimeuuid(static_cast<int64_t>(ticks), 0x7f7f7f7f7f7f7f7f);
}

}  // namespace cassette::types
