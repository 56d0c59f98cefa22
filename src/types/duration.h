// Durations: months, days and nanoseconds that do not turn into one another.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace cassette::types {

// All three have the same sign, or are zero.
struct Duration {
  int32_t months = 0;
  int32_t days = 0;
  int64_t nanos = 0;

  bool is_negative() const { return months < 0 || days < 0 || nanos < 0; }
  bool operator==(const Duration&) const = default;
};

// "1y2mo3w4d5h6m7s8ms9us10ns", ISO 8601 "P1Y2M3DT4H5M6S", "P3W", "P0001-02-03T04:05:06", each perhaps with - before it.
// kInvalidArgument in Cassandra's words.
base::Result<Duration> ParseDuration(std::string_view text);
// As Cassandra prints it: "1y2mo3d4h"; nothing for zero.
void AppendDurationText(const Duration& duration, std::string* out);

// From the serialized form (three of Cassandra's vints); kInvalidArgument when it is none.
base::Result<Duration> DecodeDuration(std::string_view bytes);
void AppendDurationBytes(const Duration& duration, std::string* out);

// The timestamp that lies `duration` after `millis` (before it when `sign` is -1): months first, then days, then the
// rest in whole milliseconds.
int64_t AddDuration(int64_t millis, const Duration& duration, int sign);

// Cassandra's variable-length integers (org.apache.cassandra.utils.vint.VIntCoding): the number of leading ones of
// the first byte says how many bytes follow it.
void AppendVint(int64_t value, std::string* out);
// Consumes from the front of `bytes`; false when they end early.
bool ReadVint(std::string_view* bytes, int64_t* value);

}  // namespace cassette::types
