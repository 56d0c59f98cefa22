#include "types/duration.h"

#include <fmt/format.h>

#include <bit>
#include <limits>

#include "codec/varint.h"
#include "types/calendar.h"
#include "types/number_text.h"

namespace cassette::types {

namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

enum class Part : uint8_t { kMonths, kDays, kNanos };

// In the order in which Cassandra wants them.
struct Unit {
  std::string_view symbol;
  std::string_view name;
  Part part;
  int64_t factor;
};
constexpr Unit kUnits[] = {
    {"y", "years", Part::kMonths, 12},
    {"mo", "months", Part::kMonths, 1},
    {"w", "weeks", Part::kDays, 7},
    {"d", "days", Part::kDays, 1},
    {"h", "hours", Part::kNanos, 3600 * kNanosPerSecond},
    {"m", "minutes", Part::kNanos, 60 * kNanosPerSecond},
    {"s", "seconds", Part::kNanos, kNanosPerSecond},
    {"ms", "milliseconds", Part::kNanos, 1'000'000},
    {"us", "microseconds", Part::kNanos, 1000},
    {"ns", "nanoseconds", Part::kNanos, 1},
};
enum UnitIndex { kYears, kMonths, kWeeks, kDays, kHours, kMinutes, kSeconds, kMillis, kMicros, kNanos, kUnitCount };
static_assert(std::size(kUnits) == kUnitCount);

base::Status NotADuration(std::string_view text) {
  return base::InvalidArgument(fmt::format("Unable to convert '{}' to a duration", text));
}

// Adds units up in their order, each at most once.
class Builder {
 public:
  base::Status Add(int unit, int64_t count) {
    if (unit == current_) {
      return base::InvalidArgument(
          fmt::format("Invalid duration. The {} are specified multiple times", kUnits[unit].name));
    }
    if (unit < current_) {
      return base::InvalidArgument(
          fmt::format("Invalid duration. The {} should be after {}", kUnits[current_].name, kUnits[unit].name));
    }
    current_ = unit;
    switch (kUnits[unit].part) {
      case Part::kMonths:
        return AddTo(&months_, std::numeric_limits<int32_t>::max(), "months", count, kUnits[unit].factor);
      case Part::kDays:
        return AddTo(&days_, std::numeric_limits<int32_t>::max(), "days", count, kUnits[unit].factor);
      case Part::kNanos:
        return AddTo(&nanos_, std::numeric_limits<int64_t>::max(), "nanoseconds", count, kUnits[unit].factor);
    }
    return base::Status::Ok();
  }

  Duration Build(bool negative) const {
    const int sign = negative ? -1 : 1;
    return {static_cast<int32_t>(sign * months_), static_cast<int32_t>(sign * days_), sign * nanos_};
  }

 private:
  static base::Status AddTo(int64_t* total, int64_t limit, std::string_view name, int64_t count, int64_t factor) {
    if (count > (limit - *total) / factor) {
      return base::InvalidArgument(fmt::format("Invalid duration. The total number of {} must be less or equal to {}",
                                               name, std::numeric_limits<int32_t>::max()));
    }
    *total += count * factor;
    return base::Status::Ok();
  }

  int current_ = -1;
  int64_t months_ = 0;
  int64_t days_ = 0;
  int64_t nanos_ = 0;
};

// Takes digits from the front; false when there are none or too many.
bool TakeDigits(std::string_view* text, int64_t* value) {
  size_t count = 0;
  while (count < text->size() && (*text)[count] >= '0' && (*text)[count] <= '9') ++count;
  if (count == 0 || !ParseInteger(text->substr(0, count), value)) return false;
  text->remove_prefix(count);
  return true;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool StartsWith(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (size_t i = 0; i < lower.size(); ++i) {
    if (Lower(text[i]) != lower[i]) return false;
  }
  return true;
}

// The unit whose symbol is the longest at the front; kUnitCount when none is.
int TakeUnit(std::string_view* text) {
  constexpr std::string_view kMicroSign = "\xc2\xb5s";
  if (StartsWith(*text, kMicroSign)) {
    text->remove_prefix(kMicroSign.size());
    return kMicros;
  }
  int best = kUnitCount;
  for (int unit = 0; unit < kUnitCount; ++unit) {
    const bool longer = best == kUnitCount || kUnits[unit].symbol.size() > kUnits[best].symbol.size();
    if (longer && StartsWith(*text, kUnits[unit].symbol)) best = unit;
  }
  if (best != kUnitCount) text->remove_prefix(kUnits[best].symbol.size());
  return best;
}

base::Result<Duration> ParseStandard(std::string_view text, bool negative) {
  Builder builder;
  std::string_view rest = text;
  if (rest.empty()) return NotADuration(text);
  while (!rest.empty()) {
    int64_t count = 0;
    if (!TakeDigits(&rest, &count)) return NotADuration(text);
    const int unit = TakeUnit(&rest);
    if (unit == kUnitCount) return NotADuration(text);
    CASSETTE_RETURN_IF_ERROR(builder.Add(unit, count));
  }
  return builder.Build(negative);
}

// Of P1Y2M3DT4H5M6S, what stands for `designator` before or after the T; kUnitCount for none.
int IsoUnit(char designator, bool after_t) {
  switch (designator) {
    case 'Y':
      return after_t ? kUnitCount : kYears;
    case 'M':
      return after_t ? kMinutes : kMonths;
    case 'D':
      return after_t ? kUnitCount : kDays;
    case 'H':
      return after_t ? kHours : kUnitCount;
    case 'S':
      return after_t ? kSeconds : kUnitCount;
    default:
      return kUnitCount;
  }
}

base::Result<Duration> ParseIso(std::string_view text, bool negative) {
  Builder builder;
  std::string_view rest = text.substr(1);
  bool after_t = false;
  int last = -1;
  while (!rest.empty()) {
    if (!after_t && rest[0] == 'T') {
      after_t = true;
      rest.remove_prefix(1);
      continue;
    }
    int64_t count = 0;
    if (!TakeDigits(&rest, &count) || rest.empty()) return NotADuration(text);
    const int unit = IsoUnit(rest[0], after_t);
    if (unit == kUnitCount || unit <= last) return NotADuration(text);
    last = unit;
    rest.remove_prefix(1);
    CASSETTE_RETURN_IF_ERROR(builder.Add(unit, count));
  }
  return builder.Build(negative);
}

base::Result<Duration> ParseIsoWeeks(std::string_view text, bool negative) {
  Builder builder;
  std::string_view rest = text.substr(1, text.size() - 2);
  int64_t weeks = 0;
  if (!TakeDigits(&rest, &weeks) || !rest.empty()) return NotADuration(text);
  CASSETTE_RETURN_IF_ERROR(builder.Add(kWeeks, weeks));
  return builder.Build(negative);
}

base::Result<Duration> ParseIsoAlternative(std::string_view text, bool negative) {
  constexpr std::string_view kShape = "P0000-00-00T00:00:00";
  constexpr int kFields[] = {kYears, kMonths, kDays, kHours, kMinutes, kSeconds};
  if (text.size() != kShape.size()) return NotADuration(text);
  Builder builder;
  int field = 0;
  int64_t count = 0;
  for (size_t i = 1; i <= kShape.size(); ++i) {
    if (i < kShape.size() && kShape[i] == '0') {
      if (text[i] < '0' || text[i] > '9') return NotADuration(text);
      count = count * 10 + (text[i] - '0');
      continue;
    }
    if (i < kShape.size() && text[i] != kShape[i]) return NotADuration(text);
    CASSETTE_RETURN_IF_ERROR(builder.Add(kFields[field++], count));
    count = 0;
  }
  return builder.Build(negative);
}

// Appends dividend / unit when that is not zero; returns the rest.
uint64_t AppendUnit(uint64_t dividend, uint64_t unit, std::string_view symbol, std::string* out) {
  if (dividend < unit) return dividend;
  out->append(std::to_string(dividend / unit)).append(symbol);
  return dividend % unit;
}

uint64_t Magnitude(int64_t value) {
  return value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

bool FitsInt32(int64_t value) {
  return value >= std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max();
}

}  // namespace

base::Result<Duration> ParseDuration(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text[0] != 'P') return ParseStandard(text, negative);
  if (text.back() == 'W') return ParseIsoWeeks(text, negative);
  if (text.find('-') != std::string_view::npos) return ParseIsoAlternative(text, negative);
  return ParseIso(text, negative);
}

void AppendDurationText(const Duration& duration, std::string* out) {
  if (duration.is_negative()) out->push_back('-');
  const uint64_t months = AppendUnit(Magnitude(duration.months), 12, "y", out);
  AppendUnit(months, 1, "mo", out);
  AppendUnit(Magnitude(duration.days), 1, "d", out);
  uint64_t rest = Magnitude(duration.nanos);
  for (int unit = kHours; unit <= kNanos; ++unit) {
    rest = AppendUnit(rest, static_cast<uint64_t>(kUnits[unit].factor), kUnits[unit].symbol, out);
  }
}

base::Result<Duration> DecodeDuration(std::string_view bytes) {
  constexpr size_t kLeastBytes = 3;
  if (bytes.size() < kLeastBytes) {
    return base::InvalidArgument(fmt::format("Expected at least 3 bytes for a duration ({})", bytes.size()));
  }
  int64_t months = 0;
  int64_t days = 0;
  int64_t nanos = 0;
  if (!ReadVint(&bytes, &months) || !ReadVint(&bytes, &days) || !ReadVint(&bytes, &nanos)) {
    return base::InvalidArgument("Expected months, days and nanoseconds of a duration, but its bytes end early");
  }
  if (!FitsInt32(months)) {
    return base::InvalidArgument(fmt::format("The duration months must be a 32 bits integer but was: {}", months));
  }
  if (!FitsInt32(days)) {
    return base::InvalidArgument(fmt::format("The duration days must be a 32 bits integer but was: {}", days));
  }
  if (!(months >= 0 && days >= 0 && nanos >= 0) && !(months <= 0 && days <= 0 && nanos <= 0)) {
    return base::InvalidArgument(fmt::format(
        "The duration months, days and nanoseconds must be all of the same sign ({}, {}, {})", months, days, nanos));
  }
  return Duration{static_cast<int32_t>(months), static_cast<int32_t>(days), nanos};
}

void AppendDurationBytes(const Duration& duration, std::string* out) {
  AppendVint(duration.months, out);
  AppendVint(duration.days, out);
  AppendVint(duration.nanos, out);
}

int64_t AddDuration(int64_t millis, const Duration& duration, int sign) {
  if (duration.months != 0) {
    const int64_t days = DaysFromMillis(millis);
    const int64_t of_day = millis - days * kMillisPerDay;
    const uint64_t new_days = static_cast<uint64_t>(AddMonths(days, int64_t{sign} * duration.months));
    millis = static_cast<int64_t>(new_days * kMillisPerDay + static_cast<uint64_t>(of_day));  // Wraps, as in Java.
  }
  // With months Java's calendar takes an int of milliseconds.
  const int64_t nano_millis = duration.nanos / 1'000'000;
  const int64_t rest =
      duration.days * kMillisPerDay + (duration.months != 0 ? int64_t{static_cast<int32_t>(nano_millis)} : nano_millis);
  return static_cast<int64_t>(static_cast<uint64_t>(millis) + static_cast<uint64_t>(sign * rest));
}

void AppendVint(int64_t value, std::string* out) {
  const uint64_t raw = codec::ZigZag(value);
  // Seven bits of value for each byte, up to eight; a ninth carries eight.
  const int bits = std::bit_width(raw | 1);
  const int size = bits > 56 ? 9 : (bits + 6) / 7;
  const int extra = size - 1;
  const uint8_t ones = static_cast<uint8_t>(0xff00 >> extra);
  const uint64_t first = extra == 8 ? 0 : raw >> (8 * extra);
  out->push_back(static_cast<char>(ones | first));
  for (int i = extra - 1; i >= 0; --i) out->push_back(static_cast<char>(raw >> (8 * i)));
}

bool ReadVint(std::string_view* bytes, int64_t* value) {
  if (bytes->empty()) return false;
  const uint8_t first = static_cast<uint8_t>((*bytes)[0]);
  const size_t extra = static_cast<size_t>(std::countl_one(first));
  if (bytes->size() < extra + 1) return false;
  uint64_t raw = extra >= 7 ? 0 : first & (0xffu >> extra);
  for (size_t i = 1; i <= extra; ++i) raw = raw << 8 | static_cast<uint8_t>((*bytes)[i]);
  bytes->remove_prefix(extra + 1);
  *value = codec::UnZigZag(raw);
  return true;
}

}  // namespace cassette::types
