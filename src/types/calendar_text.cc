// Timestamps, dates and times of types/calendar.h as text.
#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "types/calendar.h"

namespace cassette::types {

namespace {

// Java's largest year; beyond it no text is a date.
constexpr int64_t kMaxYear = 999'999'999;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsInteger(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  if (text.empty()) return false;
  for (char c : text) {
    if (!IsDigit(c)) return false;
  }
  return true;
}

bool ParseInt64(std::string_view text, int64_t* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

// A cursor over text in which every Take either consumes what it asks for or leaves the cursor as it was.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : next_(text.data()), end_(text.data() + text.size()) {}

  bool done() const { return next_ == end_; }
  char peek() const { return next_ < end_ ? *next_ : '\0'; }
  bool Take(char c) {
    if (peek() != c || done()) return false;
    ++next_;
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (static_cast<size_t>(end_ - next_) < word.size() || std::memcmp(next_, word.data(), word.size()) != 0)
      return false;
    next_ += word.size();
    return true;
  }
  // Between `least` and `most` digits.
  bool TakeNumber(int least, int most, int64_t* value) {
    int64_t result = 0;
    int digits = 0;
    while (digits < most && next_ + digits < end_ && IsDigit(next_[digits])) {
      result = result * 10 + (next_[digits] - '0');
      ++digits;
    }
    if (digits < least) return false;
    next_ += digits;
    *value = result;
    return true;
  }

  size_t left() const { return static_cast<size_t>(end_ - next_); }

 private:
  const char* next_;
  const char* end_;
};

// ISO 8601's form: two digits for month and day, four for the year unless it is signed.
bool IsStrictDate(std::string_view text) {
  const size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const size_t year_digits = text.find('-', sign) - sign;
  return year_digits >= 4 && (sign == 1 || year_digits == 4) && text.size() == sign + year_digits + 6;
}

bool TakeYear(Scanner* scanner, CivilDate* date) {
  const bool negative = scanner->Take('-');
  const bool positive = !negative && scanner->Take('+');
  if (!scanner->TakeNumber(1, 10, &date->year) || date->year > kMaxYear) return false;
  if (positive && date->year < 10'000) return false;
  if (negative) date->year = -date->year;
  return true;
}

bool TakeDate(Scanner* scanner, CivilDate* date) {
  int64_t month = 0;
  int64_t day = 0;
  if (!TakeYear(scanner, date) || !scanner->Take('-') || !scanner->TakeNumber(1, 2, &month) || !scanner->Take('-') ||
      !scanner->TakeNumber(1, 2, &day)) {
    return false;
  }
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  date->month = static_cast<int>(month);
  date->day = static_cast<int>(day);
  return true;
}

// h:m[:s][.fraction]; what is finer than a millisecond is cut off.
bool TakeTimeOfDay(Scanner* scanner, int64_t* millis) {
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  if (!scanner->TakeNumber(1, 2, &hour) || !scanner->Take(':') || !scanner->TakeNumber(1, 2, &minute)) return false;
  if (scanner->Take(':') && !scanner->TakeNumber(1, 2, &second)) return false;
  if (hour > 23 || minute > 59 || second > 59) return false;
  int64_t fraction_millis = 0;
  if (scanner->Take('.')) {
    int64_t scale = 100;
    for (int digits = 0; digits < 9 && IsDigit(scanner->peek()); ++digits) {
      fraction_millis += (scanner->peek() - '0') * scale;
      scale /= 10;
      scanner->Take(scanner->peek());
    }
  }
  *millis = ((hour * 60 + minute) * 60 + second) * 1000 + fraction_millis;
  return true;
}

// Nothing (UTC), Z, UTC, GMT, or an offset, perhaps after a blank.
bool TakeZone(Scanner* scanner, int64_t* offset_minutes) {
  *offset_minutes = 0;
  if (scanner->done()) return true;
  scanner->Take(' ');
  if (scanner->Take('Z') || scanner->TakeWord("UTC") || scanner->TakeWord("GMT")) return true;
  const bool negative = scanner->peek() == '-';
  if (!scanner->Take('-') && !scanner->Take('+')) return false;
  int64_t hours = 0;
  int64_t minutes = 0;
  if (!scanner->TakeNumber(2, 2, &hours)) return false;
  if (!scanner->done()) {
    scanner->Take(':');
    if (!scanner->TakeNumber(2, 2, &minutes)) return false;
  }
  if (hours > 18 || minutes > 59 || hours * 60 + minutes > 18 * 60) return false;
  *offset_minutes = negative ? -(hours * 60 + minutes) : hours * 60 + minutes;
  return true;
}

bool ScanTimestamp(std::string_view text, int64_t* millis) {
  Scanner scanner(text);
  CivilDate date;
  if (!TakeDate(&scanner, &date)) return false;
  // Java's smart resolving: the 31st of April is its 30th.
  if (date.day > DaysInMonth(date.year, date.month)) date.day = DaysInMonth(date.year, date.month);
  int64_t time_millis = 0;
  int64_t offset_minutes = 0;
  const Scanner after_date = scanner;
  if (scanner.Take('T')) {
    if (!TakeTimeOfDay(&scanner, &time_millis)) return false;
  } else if (scanner.Take(' ') && IsDigit(scanner.peek())) {
    if (!TakeTimeOfDay(&scanner, &time_millis)) return false;
  } else {
    scanner = after_date;  // A blank before the zone.
    if (!IsStrictDate(text.substr(0, text.size() - scanner.left()))) return false;
  }
  if (!TakeZone(&scanner, &offset_minutes) || !scanner.done()) return false;
  const __int128 wide =
      static_cast<__int128>(DaysFromCivil(date)) * kMillisPerDay + time_millis - offset_minutes * 60'000;
  *millis = static_cast<int64_t>(wide);
  return wide == *millis;
}

base::Status BadInteger(std::string_view what, std::string_view type, std::string_view text) {
  return base::InvalidArgument(fmt::format("Unable to make {} (for {}) from: '{}'", what, type, text));
}

char* PutDigits(char* out, uint64_t value, int width) {
  for (int i = width - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + width;
}

// At least four digits, as java.time's SignStyle.EXCEEDS_PAD.
char* PutYear(char* out, int64_t year) {
  const uint64_t magnitude = year < 0 ? 0 - static_cast<uint64_t>(year) : static_cast<uint64_t>(year);
  if (year < 0) *out++ = '-';
  if (year > 9999) *out++ = '+';
  int width = 4;
  for (uint64_t limit = 10'000; magnitude >= limit; limit *= 10) ++width;
  return PutDigits(out, magnitude, width);
}

char* PutDate(char* out, const CivilDate& date) {
  out = PutYear(out, date.year);
  *out++ = '-';
  out = PutDigits(out, static_cast<uint64_t>(date.month), 2);
  *out++ = '-';
  return PutDigits(out, static_cast<uint64_t>(date.day), 2);
}

char* PutClock(char* out, int64_t seconds) {
  out = PutDigits(out, static_cast<uint64_t>(seconds / 3600), 2);
  *out++ = ':';
  out = PutDigits(out, static_cast<uint64_t>(seconds / 60 % 60), 2);
  *out++ = ':';
  return PutDigits(out, static_cast<uint64_t>(seconds % 60), 2);
}

constexpr size_t kMaxTextBytes = 64;

// Date, `separator`, clock and milliseconds.
char* PutTimestamp(char* out, int64_t days, int64_t millis, char separator) {
  CivilDate date = CivilFromDays(days);
  if (date.year < 1) date.year = 1 - date.year;  // Java prints the year of the era before Christ.
  const int64_t of_day = millis - days * kMillisPerDay;
  out = PutDate(out, date);
  *out++ = separator;
  out = PutClock(out, of_day / 1000);
  *out++ = '.';
  return PutDigits(out, static_cast<uint64_t>(of_day % 1000), 3);
}

void AppendTimestampZ(int64_t millis, char separator, std::string* out) {
  char text[kMaxTextBytes];
  char* end = PutTimestamp(text, DaysFromMillis(millis), millis, separator);
  *end++ = 'Z';
  out->append(text, end);
}

}  // namespace

base::Result<int64_t> ParseTimestamp(std::string_view text) {
  int64_t millis = 0;
  if (IsInteger(text)) {
    if (!ParseInt64(text, &millis)) return BadInteger("long", "date", text);
    return millis;
  }
  if (ScanTimestamp(text, &millis)) return millis;
  return base::InvalidArgument(fmt::format("Unable to parse a date/time from '{}'", text));
}

void AppendTimestamp(int64_t millis, std::string* out) {
  const int64_t days = DaysFromMillis(millis);
  const int64_t year = CivilFromDays(days).year;
  if (year < 1 || year > 9999) {
    out->append(std::to_string(millis));
    return;
  }
  char text[kMaxTextBytes];
  char* end = PutTimestamp(text, days, millis, ' ');
  std::memcpy(end, "000+0000", 8);
  out->append(text, end + 8);
}

void AppendTimestampIso(int64_t millis, std::string* out) { AppendTimestampZ(millis, 'T', out); }

void AppendTimestampJson(int64_t millis, std::string* out) { AppendTimestampZ(millis, ' ', out); }

base::Result<int64_t> ParseDate(std::string_view text) {
  constexpr int64_t kEpoch = int64_t{1} << 31;
  int64_t number = 0;
  if (IsInteger(text)) {
    if (!ParseInt64(text, &number) || number < 0 || number > UINT32_MAX)
      return BadInteger("unsigned int", "date", text);
    return number - kEpoch;
  }
  Scanner scanner(text);
  CivilDate date;
  if (!IsStrictDate(text) || !TakeDate(&scanner, &date) || !scanner.done() ||
      date.day > DaysInMonth(date.year, date.month)) {
    return base::InvalidArgument(fmt::format("Unable to coerce '{}' to a formatted date (long)", text));
  }
  const int64_t days = DaysFromCivil(date);
  if (days < INT32_MIN) {
    return base::InvalidArgument(
        fmt::format("Input date {} is less than min supported date -5877641-06-23T00:00Z", text));
  }
  if (days > INT32_MAX) {
    return base::InvalidArgument(
        fmt::format("Input date {} is greater than max supported date +5881580-07-11T00:00Z", text));
  }
  return days;
}

void AppendDate(int64_t days, std::string* out) {
  char text[kMaxTextBytes];
  out->append(text, PutDate(text, CivilFromDays(days)));
}

base::Result<int64_t> ParseTime(std::string_view text) {
  int64_t nanos = 0;
  if (IsInteger(text)) {
    if (!ParseInt64(text, &nanos) || nanos < 0 || nanos >= kNanosPerDay) return BadInteger("long", "time", text);
    return nanos;
  }
  Scanner scanner(text);
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  bool good = scanner.TakeNumber(1, 9, &hour) && scanner.Take(':') && scanner.TakeNumber(1, 9, &minute) &&
              scanner.Take(':') && scanner.TakeNumber(1, 9, &second);
  good = good && hour < 24 && minute < 60 && second < 60;
  if (good && scanner.Take('.')) {
    int64_t scale = 100'000'000;
    good = IsDigit(scanner.peek());
    for (; scale > 0 && IsDigit(scanner.peek()); scale /= 10) {
      nanos += (scanner.peek() - '0') * scale;
      scanner.Take(scanner.peek());
    }
  }
  if (!good || !scanner.done()) {
    return base::InvalidArgument(fmt::format("(TimeType) Unable to coerce '{}' to a formatted time (long)", text));
  }
  return ((hour * 60 + minute) * 60 + second) * 1'000'000'000 + nanos;
}

void AppendTime(int64_t nanos, std::string* out) {
  // A value that no clock shows cannot come from text, yet a driver may have bound it.
  if (nanos < 0 || nanos >= kNanosPerDay) {
    out->append(std::to_string(nanos));
    return;
  }
  char text[kMaxTextBytes];
  char* end = PutClock(text, nanos / 1'000'000'000);
  *end++ = '.';
  end = PutDigits(end, static_cast<uint64_t>(nanos % 1'000'000'000), 9);
  out->append(text, end);
}

}  // namespace cassette::types
