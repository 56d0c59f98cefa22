// The calendar: civil dates, ISO weeks, and timestamps, dates and times as text. All of it is proleptic Gregorian, UTC.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace cassette::types {

inline constexpr int64_t kMillisPerDay = 86'400'000;
inline constexpr int64_t kNanosPerDay = 86'400'000'000'000;

struct CivilDate {
  int64_t year = 1970;
  int month = 1;  // From 1.
  int day = 1;    // From 1.
};

// An ISO 8601 week. The year is the one that holds the week's Thursday, which is not always the calendar year of the
// day: 2024-12-30 lies in week 1 of 2025.
struct IsoWeek {
  int64_t year = 1970;
  int week = 1;  // From 1 to 53.
  bool operator==(const IsoWeek&) const = default;
};

bool IsLeapYear(int64_t year);
// REQUIRES: month is in [1, 12].
int DaysInMonth(int64_t year, int month);

// Days since 1970-01-01 and back (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
int64_t DaysFromCivil(const CivilDate& date);
CivilDate CivilFromDays(int64_t days);
// Monday is 1, Sunday 7.
int DayOfWeek(int64_t days);
IsoWeek IsoWeekOfDays(int64_t days);
// The Monday on which the week begins.
int64_t DaysFromIsoWeek(const IsoWeek& week);
// The day in which a timestamp lies.
inline int64_t DaysFromMillis(int64_t millis) {
  return millis >= 0 ? millis / kMillisPerDay : -((-(millis + 1)) / kMillisPerDay) - 1;
}
inline IsoWeek IsoWeekOfMillis(int64_t millis) { return IsoWeekOfDays(DaysFromMillis(millis)); }
// As java.util.Calendar.add(MONTH): the same day of a month `months` later, or that month's last day.
int64_t AddMonths(int64_t days, int64_t months);

// Milliseconds since 1970 of what Cassandra takes for a timestamp: an integer (of milliseconds), or a date, perhaps
// with T or a blank and h:m[:s[.fraction]], perhaps with a zone (Z, +01, +0100, +01:00, UTC, GMT); without one UTC.
base::Result<int64_t> ParseTimestamp(std::string_view text);
// 2024-01-01 00:00:00.000000+0000, as cqlsh prints it; beyond the years 1 to 9999 the number of milliseconds.
void AppendTimestamp(int64_t millis, std::string* out);
// 2024-01-01T00:00:00.000Z, as CAST AS text and literals in DESCRIBE have it.
void AppendTimestampIso(int64_t millis, std::string* out);
// 2024-01-01 00:00:00.000Z, as JSON has it.
void AppendTimestampJson(int64_t millis, std::string* out);

// Days since 1970-01-01 of yyyy-mm-dd or of Cassandra's unsigned number (2^31 is 1970-01-01).
base::Result<int64_t> ParseDate(std::string_view text);
// yyyy-mm-dd; years above 9999 with +, below 0 with -.
void AppendDate(int64_t days, std::string* out);

// Nanoseconds since midnight of hh:mm:ss[.fffffffff] or of their number.
base::Result<int64_t> ParseTime(std::string_view text);
// hh:mm:ss.fffffffff
void AppendTime(int64_t nanos, std::string* out);

}  // namespace cassette::types
