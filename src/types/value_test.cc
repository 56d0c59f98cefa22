#include "types/value.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "codec/fixed.h"

namespace cassette::types {
namespace {

DataType Type(std::string_view name) {
  base::Result<DataType> type = ScalarTypeByName(name);
  CASSETTE_ASSERT(type.ok());
  return *type;
}

// What `text` becomes when it is read and printed again; the error when it cannot be read.
std::string RoundTrip(std::string_view type, std::string_view text) {
  const base::Result<std::string> bytes = FromText(Type(type), text);
  if (!bytes.ok()) return "error: " + std::string(bytes.status().message());
  EXPECT_TRUE(Validate(Type(type), *bytes).ok());
  return ToText(Type(type), *bytes);
}

struct TextCase {
  std::string_view type;
  std::string_view text;
  std::string_view printed;
};

TEST(ValueText, ReadsAndPrintsEveryScalarType) {
  const TextCase cases[] = {
      {"tinyint", "-128", "-128"},
      {"tinyint", "128", "error: Unable to make byte from '128'"},
      {"smallint", "32767", "32767"},
      {"smallint", "32768", "error: Unable to make short from '32768'"},
      {"int", "+7", "7"},
      {"int", "-2147483648", "-2147483648"},
      {"int", "2147483648", "error: Unable to make int from '2147483648'"},
      {"int", "x", "error: Unable to make int from 'x'"},
      {"int", "+-7", "error: Unable to make int from '+-7'"},
      {"int", "", ""},
      {"bigint", "9223372036854775807", "9223372036854775807"},
      {"bigint", "9223372036854775808", "error: Unable to make long from '9223372036854775808'"},
      {"boolean", "TRUE", "true"},
      {"boolean", "", "false"},
      {"boolean", "yes", "error: Unable to make boolean from 'yes'"},
      {"double", "1", "1.0"},
      {"double", "1e10", "1.0E10"},
      {"double", "12345678.9", "1.23456789E7"},
      {"double", "1234567.0", "1234567.0"},
      {"double", "0.001", "0.001"},
      {"double", "0.0001", "1.0E-4"},
      {"double", "-0", "-0.0"},
      {"double", "NaN", "NaN"},
      {"double", "-Infinity", "-Infinity"},
      {"double", "1e999", "Infinity"},
      {"double", "1e-999", "0.0"},
      {"double", "4.9E-324", "4.9E-324"},
      {"double", "1.", "1.0"},
      {"double", ".5d", "0.5"},
      {"double", "infinity", "error: Unable to make double from 'infinity'"},
      {"float", "3.4028235E38", "3.4028235E38"},
      {"float", "0.1", "0.1"},
      {"float", "1e39", "Infinity"},
      {"text", "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
      {"text", "\xff", "error: String didn't validate."},
      {"ascii", "plain", "plain"},
      {"ascii", "\xc3\xbc", "error: Invalid byte for ascii: -61"},
      {"blob", "0xCAFE", "0xcafe"},
      {"blob", "cafe", "0xcafe"},
      {"blob", "0xCAF", "error: cannot parse '0xCAF' as hex bytes"},
      {"varint", "-340282366920938463463374607431768211456", "-340282366920938463463374607431768211456"},
      {"varint", "1.5", "error: unable to make int from '1.5'"},
      {"decimal", "1.50", "1.50"},
      {"decimal", "-0.0000001", "-1E-7"},
      {"decimal", "1E+3", "1E+3"},
      {"decimal", "123.45e-2", "1.2345"},
      {"decimal", "1e", "error: unable to make BigDecimal from '1e'"},
      {"inet", "127.0.0.1", "127.0.0.1"},
      {"inet", "FE80:0:0:0:0:0:0:1", "fe80::1"},
      {"inet", "::ffff:10.0.0.1", "10.0.0.1"},
      {"inet", "localhost", "error: Unable to make inet address from 'localhost'"},
      {"uuid", "123E4567-e89b-42d3-a456-426614174000", "123e4567-e89b-42d3-a456-426614174000"},
      {"uuid", "123", "error: Unable to make UUID from '123'"},
      {"timeuuid", "50554d6e-29bb-11e5-b345-feff819cdc9f", "50554d6e-29bb-11e5-b345-feff819cdc9f"},
      {"timeuuid", "123e4567-e89b-42d3-a456-426614174000", "error: TimeUUID supports only version 1 UUIDs"},
      {"timeuuid", "x", "error: Unknown timeuuid representation: x"},
      {"empty", "x", "error: 'x' is not empty"},
  };
  for (const TextCase& c : cases) EXPECT_EQ(RoundTrip(c.type, c.text), c.printed) << c.type << " " << c.text;
}

TEST(ValueText, ReadsAndPrintsTimes) {
  const TextCase cases[] = {
      {"timestamp", "2024-01-01", "2024-01-01 00:00:00.000000+0000"},
      {"timestamp", "2024-01-01 12:30", "2024-01-01 12:30:00.000000+0000"},
      {"timestamp", "2024-01-01T12:30:15", "2024-01-01 12:30:15.000000+0000"},
      {"timestamp", "2024-01-01T12:30:15.1", "2024-01-01 12:30:15.100000+0000"},
      {"timestamp", "2024-01-01 12:30:15.123456789Z", "2024-01-01 12:30:15.123000+0000"},
      {"timestamp", "2024-01-01 12:30:15+0100", "2024-01-01 11:30:15.000000+0000"},
      {"timestamp", "2024-01-01 12:30:15-01:30", "2024-01-01 14:00:15.000000+0000"},
      {"timestamp", "2024-01-01 12:30:15 +01", "2024-01-01 11:30:15.000000+0000"},
      {"timestamp", "2024-01-01 12:30 UTC", "2024-01-01 12:30:00.000000+0000"},
      {"timestamp", "2024-01-01+0000", "2024-01-01 00:00:00.000000+0000"},
      {"timestamp", "2024-01-01Z", "2024-01-01 00:00:00.000000+0000"},
      {"timestamp", "2024-2-30", "error: Unable to parse a date/time from '2024-2-30'"},
      {"timestamp", "2024-02-30", "2024-02-29 00:00:00.000000+0000"},
      {"timestamp", "1704067200000", "2024-01-01 00:00:00.000000+0000"},
      {"timestamp", "-1", "1969-12-31 23:59:59.999000+0000"},
      {"timestamp", "9223372036854775807", "9223372036854775807"},
      {"timestamp", "2024-13-01", "error: Unable to parse a date/time from '2024-13-01'"},
      {"timestamp", "2024-01-01 25:00", "error: Unable to parse a date/time from '2024-01-01 25:00'"},
      {"timestamp", "2024-01-01 12:30:15+1900", "error: Unable to parse a date/time from '2024-01-01 12:30:15+1900'"},
      {"timestamp", "99999999999999999999", "error: Unable to make long (for date) from: '99999999999999999999'"},
      {"date", "2024-02-29", "2024-02-29"},
      {"date", "1969-12-31", "1969-12-31"},
      {"date", "2147483648", "1970-01-01"},
      {"date", "0", "-5877641-06-23"},
      {"date", "-5877641-06-23", "-5877641-06-23"},
      {"date", "+5881580-07-11", "+5881580-07-11"},
      {"date", "2023-02-29", "error: Unable to coerce '2023-02-29' to a formatted date (long)"},
      {"date", "2024-1-1", "error: Unable to coerce '2024-1-1' to a formatted date (long)"},
      {"date", "4294967296", "error: Unable to make unsigned int (for date) from: '4294967296'"},
      {"date", "+5881580-07-12",
       "error: Input date +5881580-07-12 is greater than max supported date +5881580-07-11T00:00Z"},
      {"time", "08:12:54", "08:12:54.000000000"},
      {"time", "8:12:54.123456789", "08:12:54.123456789"},
      {"time", "86399999999999", "23:59:59.999999999"},
      {"time", "86400000000000", "error: Unable to make long (for time) from: '86400000000000'"},
      {"time", "24:00:00", "error: (TimeType) Unable to coerce '24:00:00' to a formatted time (long)"},
      {"time", "08:12", "error: (TimeType) Unable to coerce '08:12' to a formatted time (long)"},
      {"duration", "1h30m", "1h30m"},
      {"duration", "89h4m48s", "89h4m48s"},
      {"duration", "-1y2mo3w4d5h6m7s8ms9us10ns", "-1y2mo25d5h6m7s8ms9us10ns"},
      {"duration", "10\xc2\xb5s", "10us"},
      {"duration", "P1Y2M3DT4H5M6S", "1y2mo3d4h5m6s"},
      {"duration", "-P2W", "-14d"},
      {"duration", "P0001-02-03T04:05:06", "1y2mo3d4h5m6s"},
      {"duration", "0s", ""},
      {"duration", "1m2h", "error: Invalid duration. The minutes should be after hours"},
      {"duration", "1h1h", "error: Invalid duration. The hours are specified multiple times"},
      {"duration", "1x", "error: Unable to convert '1x' to a duration"},
      {"duration", "2147483648d",
       "error: Invalid duration. The total number of days must be less or equal to 2147483647"},
  };
  for (const TextCase& c : cases) EXPECT_EQ(RoundTrip(c.type, c.text), c.printed) << c.type << " " << c.text;
}

TEST(ValueText, PrintsLiteralsThatGiveTheValueBack) {
  const TextCase cases[] = {
      {"text", "it's", "'it''s'"},
      {"blob", "", "0x"},
      {"int", "", "null"},
      {"timestamp", "2024-01-01 01:02:03.004", "'2024-01-01T01:02:03.004Z'"},
      {"date", "2024-01-01", "'2024-01-01'"},
      {"time", "01:02:03", "'01:02:03.000000000'"},
      {"inet", "::1", "'::1'"},
      {"double", "NaN", "NaN"},
      {"uuid", "123e4567-e89b-42d3-a456-426614174000", "123e4567-e89b-42d3-a456-426614174000"},
      {"duration", "1h", "1h"},
  };
  for (const TextCase& c : cases) {
    const base::Result<std::string> bytes = FromText(Type(c.type), c.text);
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(ToCqlLiteral(Type(c.type), *bytes), c.printed);
  }
}

TEST(Validate, SaysWhatWasExpected) {
  struct Case {
    std::string_view type;
    size_t size_bytes;
    std::string_view message;
  };
  const Case cases[] = {
      {"int", 3, "Expected 4 or 0 byte int (3)"},
      {"int", 0, ""},
      {"bigint", 4, "Expected 8 or 0 byte long (4)"},
      {"tinyint", 0, "Expected 1 byte for a tinyint (0)"},
      {"smallint", 1, "Expected 2 bytes for a smallint (1)"},
      {"boolean", 2, "Expected 1 or 0 byte value (2)"},
      {"timestamp", 4, "Expected 8 or 0 byte long for date (4)"},
      {"date", 0, "Expected 4 byte long for date (0)"},
      {"time", 4, "Expected 8 byte long for time (4)"},
      {"float", 8, "Expected 4 or 0 byte value for a float (8)"},
      {"double", 4, "Expected 8 or 0 byte value for a double (4)"},
      {"uuid", 15, "UUID should be 16 or 0 bytes (15)"},
      {"timeuuid", 16, "Invalid version for TimeUUID type: 0x0"},
      {"inet", 5, "Expected 4 or 16 byte inetaddress; got 0000000000"},
      {"decimal", 3, "Expected 0 or at least 4 bytes (3)"},
      {"duration", 2, "Expected at least 3 bytes for a duration (2)"},
      {"duration", 3, ""},
      {"varint", 0, ""},
      {"empty", 1, "EmptyType only accept empty values"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Validate(Type(c.type), std::string(c.size_bytes, '\0')).message(), c.message) << c.type;
  }
}

TEST(Validate, LooksIntoCollections) {
  const DataType list = DataType::List(DataType(TypeKind::kInt), true);
  const std::string good("\0\0\0\1\0\0\0\4\0\0\0\7", 12);
  EXPECT_TRUE(Validate(list, good).ok());
  EXPECT_EQ(Validate(list, good.substr(0, 11)).message(), "Not enough bytes to read a list");
  EXPECT_EQ(Validate(list, good + "x").message(), "Unexpected extraneous bytes after list value");
  EXPECT_EQ(Validate(list, std::string("\0\0\0\1\0\0\0\3\0\0\7", 11)).message(), "Expected 4 or 0 byte int (3)");
  const DataType tuple = DataType::Tuple({DataType(TypeKind::kInt), DataType(TypeKind::kText)});
  EXPECT_TRUE(Validate(tuple, std::string("\0\0\0\4\0\0\0\7", 8)).ok());
  EXPECT_FALSE(Validate(tuple, std::string("\0\0\0\4\0\0\7", 7)).ok());
  const DataType vector = DataType::Vector(DataType(TypeKind::kFloat), 3);
  EXPECT_TRUE(Validate(vector, std::string(12, '\0')).ok());
  EXPECT_FALSE(Validate(vector, std::string(8, '\0')).ok());
}

TEST(Utf8, FollowsCassandrasValidator) {
  const DataType text = Type("text");
  for (std::string_view good : {"\xc2\x80", "\xe0\xa0\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xc0\x80",
                                "\xed\xa0\x80", "long enough to be read by words \xe2\x82\xac and then some more"}) {
    EXPECT_TRUE(Validate(text, good).ok()) << good;
  }
  for (std::string_view bad : {"\xc1\x80", "\xc2", "\xe0\x80\x80", "\xe1\x80", "\xf0\x80\x80\x80", "\xf8\x80\x80\x80",
                               "\x80", "long enough to be read by words \x80 and more"}) {
    EXPECT_FALSE(Validate(text, bad).ok()) << bad;
  }
}

TEST(Compare, OrdersAsCassandraDoes) {
  // Each row in ascending order.
  const std::pair<std::string_view, std::vector<std::string_view>> rows[] = {
      {"int", {"", "-2147483648", "-1", "0", "1"}},
      {"tinyint", {"-128", "-1", "0", "127"}},
      {"double", {"", "-Infinity", "-1", "-0.0", "0.0", "1e-300", "1", "Infinity", "NaN"}},
      {"float", {"", "-Infinity", "-1", "-0.0", "0.0", "1e-30", "1", "Infinity", "NaN"}},
      {"date", {"0", "1969-12-31", "1970-01-01", "4294967295"}},
      {"time", {"00:00:00", "23:59:59"}},
      {"timestamp", {"", "1900-01-01", "1970-01-01", "2024-01-01"}},
      {"varint", {"", "-1000000000000000000000", "-256", "-1", "0", "127", "128", "1000000000000000000000"}},
      {"decimal", {"", "-1E+10", "-1.1", "-1", "-0.9", "0", "1E-10", "0.9", "1", "1.1", "10", "1E+10"}},
      {"text", {"", "A", "Aa", "a", "\xc3\xbc"}},
      {"blob", {"", "0x00", "0x0000", "0x01", "0xff"}},
      {"inet", {"", "10.0.0.1", "127.0.0.1", "fe80::1"}},
      {"uuid",
       {"", "ffffffff-ffff-0fff-8000-000000000000", "00000001-0000-1000-8000-000000000000",
        "00000000-0001-1000-8000-000000000000", "00000000-0001-1000-ffff-000000000000",
        "00000000-0000-4000-8000-000000000000", "f0000000-0000-4000-8000-000000000000"}},
      {"timeuuid",
       {"", "00000001-0000-1000-8080-808080808080", "00000001-0000-1000-7f7f-7f7f7f7f7f7f",
        "00000000-0001-1000-8080-808080808080"}},
      {"boolean", {"false", "true"}},
  };
  for (const auto& [name, texts] : rows) {
    const DataType type = Type(name);
    for (size_t i = 0; i < texts.size(); ++i) {
      for (size_t j = 0; j < texts.size(); ++j) {
        const std::string a = *FromText(type, texts[i]);
        const std::string b = *FromText(type, texts[j]);
        EXPECT_EQ(Compare(type, a, b), i < j ? -1 : i > j ? 1 : 0) << name << ": " << texts[i] << " and " << texts[j];
      }
    }
  }
}

TEST(Compare, TakesDecimalsOfDifferentScalesAsEqual) {
  const DataType decimal = Type("decimal");
  EXPECT_EQ(Compare(decimal, *FromText(decimal, "1.0"), *FromText(decimal, "1.00")), 0);
  EXPECT_EQ(Compare(decimal, *FromText(decimal, "0"), *FromText(decimal, "0E+5")), 0);
  EXPECT_EQ(Compare(decimal, *FromText(decimal, "1E+2147483647"), *FromText(decimal, "1E-2147483647")), 1);
}

TEST(Int64, GivesThePhysicalValueAndTakesItBack) {
  for (TypeKind kind : {TypeKind::kTinyint, TypeKind::kSmallint, TypeKind::kInt, TypeKind::kBigint, TypeKind::kCounter,
                        TypeKind::kTimestamp, TypeKind::kTime, TypeKind::kDate, TypeKind::kBoolean}) {
    for (int64_t value : {int64_t{0}, int64_t{1}}) {
      std::string bytes;
      AppendFromInt64(kind, value, &bytes);
      EXPECT_EQ(bytes.size(), FixedSizeBytes(kind));
      EXPECT_EQ(ToInt64(kind, bytes), value);
    }
  }
  EXPECT_EQ(ToInt64(TypeKind::kInt, std::string("\xff\xff\xff\xfe", 4)), -2);
  EXPECT_EQ(ToInt64(TypeKind::kDate, std::string("\x80\0\0\1", 4)), 1);
  EXPECT_EQ(ToInt64(TypeKind::kFloat, std::string("\xff\xff\xff\xff", 4)), 0xffffffff);
  std::string date;
  AppendFromInt64(TypeKind::kDate, -1, &date);
  EXPECT_EQ(date, std::string("\x7f\xff\xff\xff", 4));
}

TEST(Collections, RefuseTextByName) {
  const DataType list = DataType::List(DataType(TypeKind::kInt), true);
  EXPECT_EQ(FromText(list, "[1]").status().code(), base::Code::kUnsupported);
}

}  // namespace
}  // namespace cassette::types
