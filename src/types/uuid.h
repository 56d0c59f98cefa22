// UUIDs (RFC 4122): text, order, and version 1's time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace cassette::types {

inline constexpr size_t kUuidBytes = 16;

// A UUID as two numbers, most significant first.
struct Uuid {
  uint64_t high = 0;
  uint64_t low = 0;

  // REQUIRES: 16 bytes.
  static Uuid FromBytes(std::string_view bytes);
  void AppendBytes(std::string* out) const;
  int version() const { return static_cast<int>(high >> 12 & 0xf); }
};

// 8-4-4-4-12 hexadecimal digits; false for anything else.
bool ParseUuid(std::string_view text, Uuid* uuid);
void AppendUuidText(const Uuid& uuid, std::string* out);

// The order of uuid: version, then for version 1 the time, then the bytes. Comparing (high, low) of the keys as
// unsigned numbers is that order.
Uuid UuidOrderKey(const Uuid& uuid);
Uuid UuidFromOrderKey(const Uuid& key);
// The order of timeuuid: time, then the last eight bytes as signed ones.
Uuid TimeuuidOrderKey(const Uuid& uuid);
Uuid TimeuuidFromOrderKey(const Uuid& key);

// Version 1: 100-nanosecond intervals since 1970-01-01, and the UUID that bears them.
int64_t TimeuuidTicks(const Uuid& uuid);
Uuid MakeTimeuuid(int64_t unix_ticks, uint64_t clock_and_node);
inline constexpr int64_t kTicksPerMilli = 10'000;
// Milliseconds since 1970, cut towards zero as Cassandra does.
inline int64_t TimeuuidMillis(const Uuid& uuid) { return TimeuuidTicks(uuid) / kTicksPerMilli; }
// The smallest and the largest timeuuid of a millisecond, as mintimeuuid() and maxtimeuuid() give them.
Uuid MinTimeuuid(int64_t unix_millis);
Uuid MaxTimeuuid(int64_t unix_millis);

}  // namespace cassette::types
