#include "types/calendar.h"

#include <gtest/gtest.h>

#include <ctime>

#include "base/random.h"
#include "types/duration.h"
#include "types/uuid.h"

namespace cassette::types {
namespace {

TEST(Calendar, AgreesWithTheLibraryOnEveryFifthDayOf400Years) {
  for (int64_t days = -100'000; days < 100'000; days += 5) {
    const time_t seconds = days * 86400;
    struct tm fields;
    gmtime_r(&seconds, &fields);
    const CivilDate date = CivilFromDays(days);
    ASSERT_EQ(date.year, fields.tm_year + 1900);
    ASSERT_EQ(date.month, fields.tm_mon + 1);
    ASSERT_EQ(date.day, fields.tm_mday);
    ASSERT_EQ(DayOfWeek(days), fields.tm_wday == 0 ? 7 : fields.tm_wday);
    ASSERT_EQ(DaysFromCivil(date), days);
    char week[16];
    strftime(week, sizeof(week), "%G %V", &fields);
    const IsoWeek iso = IsoWeekOfDays(days);
    char ours[32];
    snprintf(ours, sizeof(ours), "%d %02d", static_cast<int>(iso.year), iso.week);
    ASSERT_STREQ(ours, week);
    ASSERT_EQ(DaysFromIsoWeek(iso), days - DayOfWeek(days) + 1);
  }
}

TEST(Calendar, PutsTheLastDaysOfDecemberIntoTheIsoYearOfTheirThursday) {
  EXPECT_EQ(IsoWeekOfDays(DaysFromCivil({2024, 12, 29})), (IsoWeek{2024, 52}));
  EXPECT_EQ(IsoWeekOfDays(DaysFromCivil({2024, 12, 30})), (IsoWeek{2025, 1}));
  EXPECT_EQ(IsoWeekOfDays(DaysFromCivil({2021, 1, 3})), (IsoWeek{2020, 53}));
  EXPECT_EQ(IsoWeekOfMillis(-1), (IsoWeek{1970, 1}));
}

TEST(Calendar, FloorsMillisecondsToDays) {
  EXPECT_EQ(DaysFromMillis(0), 0);
  EXPECT_EQ(DaysFromMillis(kMillisPerDay - 1), 0);
  EXPECT_EQ(DaysFromMillis(-1), -1);
  EXPECT_EQ(DaysFromMillis(-kMillisPerDay), -1);
  EXPECT_EQ(DaysFromMillis(-kMillisPerDay - 1), -2);
  EXPECT_EQ(DaysFromMillis(INT64_MIN), INT64_MIN / kMillisPerDay - 1);
}

TEST(Calendar, AddsMonthsAsJavaDoes) {
  const auto add = [](CivilDate date, int months) {
    std::string text;
    AppendDate(AddMonths(DaysFromCivil(date), months), &text);
    return text;
  };
  EXPECT_EQ(add({2024, 1, 31}, 1), "2024-02-29");
  EXPECT_EQ(add({2024, 1, 31}, -2), "2023-11-30");
  EXPECT_EQ(add({2024, 1, 15}, -1), "2023-12-15");
  EXPECT_EQ(add({2024, 12, 31}, 14), "2026-02-28");
  EXPECT_EQ(add({0, 1, 1}, -1), "-0001-12-01");
}

TEST(Calendar, PrintsTimestampsInEachOfTheirForms) {
  const auto print = [](void (*append)(int64_t, std::string*), int64_t millis) {
    std::string text;
    append(millis, &text);
    return text;
  };
  constexpr int64_t kMillis = 1704067200123;
  EXPECT_EQ(print(AppendTimestamp, kMillis), "2024-01-01 00:00:00.123000+0000");
  EXPECT_EQ(print(AppendTimestampIso, kMillis), "2024-01-01T00:00:00.123Z");
  EXPECT_EQ(print(AppendTimestampJson, kMillis), "2024-01-01 00:00:00.123Z");
  EXPECT_EQ(print(AppendTimestampIso, INT64_MAX), "+292278994-08-17T07:12:55.807Z");
  EXPECT_EQ(print(AppendTimestamp, INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(print(AppendTime, -1), "-1");
}

TEST(Calendar, ReadsWhatItPrints) {
  base::Random random(11);
  for (int i = 0; i < 5000; ++i) {
    const int64_t millis = static_cast<int64_t>(random.Below(250'000'000'000'000)) - 60'000'000'000'000;
    std::string cqlsh;
    AppendTimestamp(millis, &cqlsh);
    ASSERT_EQ(*ParseTimestamp(cqlsh), millis) << cqlsh;
    std::string iso;
    AppendTimestampIso(millis, &iso);
    ASSERT_EQ(*ParseTimestamp(iso), millis) << iso;
    std::string date;
    const int64_t days = static_cast<int32_t>(random.Next());
    AppendDate(days, &date);
    ASSERT_EQ(*ParseDate(date), days) << date;
  }
}

TEST(Calendar, RefusesWhatIsNoTimestamp) {
  for (std::string_view bad :
       {"2024", "x", "2024-01", "2024-01-01 ", "2024-01-01T", "2024-01-01 12", "2024-01-01 12:60",
        "2024-01-01 12:30:60", "2024-01-01 12:30 CET", "2024-01-01 12:30:00 +1", "2024-00-01", "2024-01-32",
        "2024-01-01 12:30:00.1234567890", "now", "9999999999-01-01"}) {
    if (bad == "2024") continue;  // Milliseconds.
    EXPECT_FALSE(ParseTimestamp(bad).ok()) << bad;
  }
}

TEST(DurationBytes, AreCassandrasVints) {
  struct Case {
    int64_t value;
    std::string_view bytes;
  };
  const Case cases[] = {{0, std::string_view("\0", 1)},
                        {-1, "\x01"},
                        {63, "\x7e"},
                        {64, std::string_view("\x80\x80", 2)},
                        {-8192, "\xbf\xff"},
                        {8192, std::string_view("\xc0\x40\x00", 3)},
                        {INT64_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\xfe"},
                        {INT64_MIN, "\xff\xff\xff\xff\xff\xff\xff\xff\xff"}};
  for (const Case& c : cases) {
    std::string bytes;
    AppendVint(c.value, &bytes);
    EXPECT_EQ(bytes, c.bytes) << c.value;
  }
  base::Random random(5);
  for (int i = 0; i < 5000; ++i) {
    const int64_t value = static_cast<int64_t>(random.Next()) >> random.Below(64);
    std::string bytes;
    AppendVint(value, &bytes);
    std::string_view rest = bytes;
    int64_t back = 0;
    ASSERT_TRUE(ReadVint(&rest, &back));
    ASSERT_EQ(back, value);
    ASSERT_TRUE(rest.empty());
    rest = std::string_view(bytes).substr(0, bytes.size() - 1);
    ASSERT_FALSE(ReadVint(&rest, &back));
  }
}

TEST(DurationBytes, RefuseMixedSignsAndLargeParts) {
  const auto encode = [](int64_t months, int64_t days, int64_t nanos) {
    std::string bytes;
    AppendVint(months, &bytes);
    AppendVint(days, &bytes);
    AppendVint(nanos, &bytes);
    return bytes;
  };
  EXPECT_EQ(*DecodeDuration(encode(1, 2, 3)), (Duration{1, 2, 3}));
  EXPECT_EQ(DecodeDuration(encode(1, -2, 3)).status().message(),
            "The duration months, days and nanoseconds must be all of the same sign (1, -2, 3)");
  EXPECT_EQ(DecodeDuration(encode(int64_t{1} << 31, 0, 0)).status().message(),
            "The duration months must be a 32 bits integer but was: 2147483648");
  EXPECT_FALSE(DecodeDuration(encode(1, 300, 3).substr(0, 3)).ok());
}

TEST(DurationAddition, AddsMonthsThenDaysThenTheRest) {
  const int64_t start = *ParseTimestamp("2024-01-31 12:00:00");
  const auto shifted = [&](Duration duration, int sign) {
    std::string text;
    AppendTimestampIso(AddDuration(start, duration, sign), &text);
    return text;
  };
  EXPECT_EQ(shifted({1, 1, 3'600'000'000'000}, 1), "2024-03-01T13:00:00.000Z");
  EXPECT_EQ(shifted({1, 1, 3'600'000'000'000}, -1), "2023-12-30T11:00:00.000Z");
  EXPECT_EQ(shifted({0, 0, 999'999}, 1), "2024-01-31T12:00:00.000Z");
}

TEST(Uuid, ExtractsTheTimeOfVersion1) {
  Uuid uuid;
  ASSERT_TRUE(ParseUuid("50554d6e-29bb-11e5-b345-feff819cdc9f", &uuid));
  EXPECT_EQ(TimeuuidMillis(uuid), 1436832018805);
  std::string text;
  AppendUuidText(MinTimeuuid(1436832018805), &text);
  EXPECT_EQ(text, "50552a50-29bb-11e5-8080-808080808080");
  text.clear();
  AppendUuidText(MaxTimeuuid(1436832018805), &text);
  EXPECT_EQ(text, "5055515f-29bb-11e5-7f7f-7f7f7f7f7f7f");
  EXPECT_EQ(TimeuuidMillis(MinTimeuuid(-5)), -5);
}

}  // namespace
}  // namespace cassette::types
