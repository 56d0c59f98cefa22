#include "types/calendar.h"

#include "base/assert.h"

namespace cassette::types {

bool IsLeapYear(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysInMonth(int64_t year, int month) {
  CASSETTE_ASSERT(month >= 1);
  CASSETTE_ASSERT(month <= 12);
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[month - 1];
}

int64_t DaysFromCivil(const CivilDate& date) {
  const int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate CivilFromDays(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  CivilDate date;
  date.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  date.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

int DayOfWeek(int64_t days) {
  // 1970-01-01 was a Thursday.
  const int64_t shifted = (days + 3) % 7;
  return static_cast<int>(shifted < 0 ? shifted + 7 : shifted) + 1;
}

IsoWeek IsoWeekOfDays(int64_t days) {
  const int64_t thursday = days - DayOfWeek(days) + 4;
  const int64_t year = CivilFromDays(thursday).year;
  return {year, static_cast<int>((thursday - DaysFromCivil({year, 1, 1})) / 7) + 1};
}

int64_t DaysFromIsoWeek(const IsoWeek& week) {
  // January 4th lies in week 1 always.
  const int64_t fourth = DaysFromCivil({week.year, 1, 4});
  return fourth - DayOfWeek(fourth) + 1 + (week.week - 1) * int64_t{7};
}

int64_t AddMonths(int64_t days, int64_t months) {
  CivilDate date = CivilFromDays(days);
  const int64_t month = date.year * 12 + date.month - 1 + months;
  date.year = month >= 0 ? month / 12 : -((-(month + 1)) / 12) - 1;
  date.month = static_cast<int>(month - date.year * 12) + 1;
  const int last_day = DaysInMonth(date.year, date.month);
  if (date.day > last_day) date.day = last_day;
  return DaysFromCivil(date);
}

}  // namespace cassette::types
