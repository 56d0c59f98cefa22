#include "types/big_integer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "types/decimal.h"
#include "types/number_text.h"

namespace cassette::types {
namespace {

constexpr uint64_t kSeed = 7;

BigInteger Big(std::string_view text) {
  base::Result<BigInteger> value = BigInteger::FromText(text);
  CASSETTE_ASSERT(value.ok());
  return *value;
}

Decimal Dec(std::string_view text) {
  base::Result<Decimal> value = Decimal::FromText(text);
  CASSETTE_ASSERT(value.ok());
  return *value;
}

BigInteger RandomBig(base::Random* random) {
  BigInteger value(static_cast<int64_t>(random->Next()) >> random->Below(64));
  for (uint64_t i = random->Below(6); i > 0; --i) value = value * BigInteger(static_cast<int64_t>(random->Next()));
  // Runs of ones and zeroes reach the rare steps of the division.
  if (random->Below(4) == 0) value = BigInteger::FromBytes("\1" + std::string(random->Below(30), '\0')) - BigInteger(1);
  return value;
}

TEST(BigInteger, ReadsAndPrintsDecimalDigits) {
  for (std::string_view text : {"0", "1", "-1", "999999999", "1000000000", "-4294967296", "18446744073709551616",
                                "-123456789012345678901234567890123456789012345678901234567890"}) {
    EXPECT_EQ(Big(text).ToString(), text);
  }
  EXPECT_EQ(Big("+5").ToString(), "5");
  EXPECT_EQ(Big("-0").ToString(), "0");
  for (std::string_view bad : {"", "-", "+-1", "1x", "0x10", "1 "}) EXPECT_FALSE(BigInteger::FromText(bad).ok()) << bad;
}

TEST(BigInteger, WritesTheShortestTwosComplement) {
  struct Case {
    int64_t value;
    std::string_view bytes;
  };
  const Case cases[] = {{0, std::string_view("\0", 1)},
                        {1, "\x01"},
                        {127, "\x7f"},
                        {128, std::string_view("\0\x80", 2)},
                        {-1, "\xff"},
                        {-128, "\x80"},
                        {-129, "\xff\x7f"},
                        {256, std::string_view("\1\0", 2)},
                        {-256, std::string_view("\xff\0", 2)}};
  for (const Case& c : cases) {
    std::string bytes;
    BigInteger(c.value).AppendBytes(&bytes);
    EXPECT_EQ(bytes, c.bytes) << c.value;
    EXPECT_EQ(BigInteger::FromBytes(bytes).ToInt64(), c.value);
  }
  EXPECT_EQ(BigInteger::FromBytes(std::string_view("\0\0\0\0\0\1", 6)).ToString(), "1");
}

TEST(BigInteger, ObeysTheLawsOfArithmetic) {
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  base::Random random(kSeed);
  for (int i = 0; i < 5000; ++i) {
    const BigInteger a = RandomBig(&random);
    const BigInteger b = RandomBig(&random);
    const BigInteger c = RandomBig(&random);
    EXPECT_EQ((a + b) - b, a);
    EXPECT_EQ((a + b) * c, a * c + b * c);
    EXPECT_EQ(a < b, (a - b).is_negative());
    EXPECT_EQ(a == b, (a - b).is_zero());
    EXPECT_EQ(Big(a.ToString()), a);
    EXPECT_EQ(a.digits(), a.Abs().ToString().size());
    std::string bytes;
    a.AppendBytes(&bytes);
    EXPECT_EQ(BigInteger::FromBytes(bytes), a);
    if (b.is_zero()) continue;
    BigInteger remainder;
    const BigInteger quotient = BigInteger::Divide(a, b, &remainder);
    EXPECT_EQ(quotient * b + remainder, a);
    EXPECT_LT(remainder.Abs(), b.Abs());
    EXPECT_TRUE(remainder.is_zero() || remainder.is_negative() == a.is_negative());
  }
}

TEST(BigInteger, ConvertsToTheNearestDoubleAndBack) {
  EXPECT_EQ(Big("9007199254740993").ToDouble(), 9007199254740992.0);
  EXPECT_EQ(Big("9007199254740995").ToDouble(), 9007199254740996.0);
  EXPECT_EQ(Big("-100000000000000000000000").ToDouble(), -1e23);
  EXPECT_EQ(BigInteger::PowerOfTen(400).ToDouble(), HUGE_VAL);
  for (double value : {0.0, 1.9, -1.9, 1e15, 1e18, -9.9e18, 1e23, 1.7976931348623157e308}) {
    EXPECT_EQ(BigInteger::FromDouble(value).ToDouble(), std::trunc(value)) << value;
  }
  base::Random random(kSeed);
  for (int i = 0; i < 2000; ++i) {
    const BigInteger value = RandomBig(&random);
    double expected = 0;
    ASSERT_TRUE(ParseDouble(value.ToString(), &expected));
    EXPECT_EQ(value.ToDouble(), expected) << value.ToString();
  }
}

TEST(BigInteger, KeepsTheLow64BitsAsJavaDoes) {
  EXPECT_EQ(Big("18446744073709551617").ToInt64(), 1);
  EXPECT_EQ(Big("-18446744073709551617").ToInt64(), -1);
  EXPECT_TRUE(Big("-9223372036854775808").FitsInt64());
  EXPECT_FALSE(Big("9223372036854775808").FitsInt64());
}

TEST(Decimal, PrintsAsBigDecimal) {
  struct Case {
    int64_t unscaled;
    int32_t scale;
    std::string_view text;
  };
  // From the documentation of BigDecimal.toString.
  const Case cases[] = {{123, 0, "123"},  {-123, 0, "-123"},   {123, -1, "1.23E+3"}, {123, -3, "1.23E+5"},
                        {123, 1, "12.3"}, {123, 5, "0.00123"}, {123, 10, "1.23E-8"}, {-123, 12, "-1.23E-10"},
                        {0, 2, "0.00"},   {0, -2, "0E+2"},     {0, 8, "0E-8"},       {1, 6, "0.000001"},
                        {1, 7, "1E-7"}};
  for (const Case& c : cases) {
    EXPECT_EQ(Decimal(BigInteger(c.unscaled), c.scale).ToString(), c.text);
    const Decimal back = Dec(c.text);
    EXPECT_EQ(back.unscaled.ToInt64(), c.unscaled) << c.text;
    EXPECT_EQ(back.scale, c.scale) << c.text;
  }
  for (std::string_view bad : {"", ".", "1..2", "1e", "e5", "1e+", "--1", "1e99999999999", "1e2147483649", "0x1"}) {
    EXPECT_FALSE(Decimal::FromText(bad).ok()) << bad;
  }
  EXPECT_EQ(Dec(".5").ToString(), "0.5");
  EXPECT_EQ(Dec("5.").ToString(), "5");
}

TEST(Decimal, ComputesWithTheScalesOfBigDecimal) {
  EXPECT_EQ(Add(Dec("1.5"), Dec("2.25"))->ToString(), "3.75");
  EXPECT_EQ(Add(Dec("1E+3"), Dec("-0.1"))->ToString(), "999.9");
  EXPECT_EQ(Multiply(Dec("1.5"), Dec("-0.20"))->ToString(), "-0.300");
  EXPECT_EQ(Divide(Dec("1"), Dec("3"), 5, RoundingMode::kHalfUp)->ToString(), "0.33333");
  EXPECT_EQ(Divide(Dec("2"), Dec("3"), 5, RoundingMode::kHalfUp)->ToString(), "0.66667");
  EXPECT_EQ(Divide(Dec("5"), Dec("2"), 0, RoundingMode::kHalfEven)->ToString(), "2");
  EXPECT_EQ(Divide(Dec("7"), Dec("-2"), 0, RoundingMode::kHalfEven)->ToString(), "-4");
  EXPECT_EQ(Divide(Dec("123E+5"), Dec("0.5"), -2, RoundingMode::kHalfUp)->ToString(), "2.46000E+7");
  EXPECT_EQ(Remainder(Dec("-7.5"), Dec("2"))->ToString(), "-1.5");
  EXPECT_EQ(Dec("99.96").WithScale(1, RoundingMode::kHalfUp)->ToString(), "100.0");
  EXPECT_EQ(Dec("-0.5").WithScale(0, RoundingMode::kHalfUp)->ToString(), "-1");
  EXPECT_EQ(Dec("0.04").WithScale(-3, RoundingMode::kHalfUp)->ToString(), "0E+3");
  EXPECT_EQ(Dec("99.96").Rounded(3, RoundingMode::kHalfUp).ToString(), "100");
  EXPECT_EQ(Dec("1.500").StripTrailingZeros().ToString(), "1.5");
  EXPECT_EQ(Dec("100").StripTrailingZeros().ToString(), "1E+2");
}

TEST(Decimal, RefusesToSpellOutHugeExponents) {
  EXPECT_FALSE(Add(Dec("1E+1000000"), Dec("1")).ok());
  EXPECT_FALSE(Dec("1E+1000000").ToBigInteger().ok());
  EXPECT_TRUE(Dec("1E-1000000").ToBigInteger()->is_zero());
  EXPECT_FALSE(Divide(Dec("1E+1000000"), Dec("3"), 0, RoundingMode::kDown).ok());
  EXPECT_FALSE(Multiply(Dec("1E+2147483647"), Dec("1E+2")).ok());
}

TEST(Decimal, ConvertsToAndFromDouble) {
  EXPECT_EQ(Decimal::FromDouble(0.1).ToString(), "0.1");
  EXPECT_EQ(Decimal::FromDouble(1e22).ToString(), "1.0E+22");
  EXPECT_EQ(Dec("0.1").ToDouble(), 0.1);
  EXPECT_EQ(Dec("-1E+400").ToDouble(), -HUGE_VAL);
  EXPECT_EQ(Dec("1E-400").ToDouble(), 0.0);
}

}  // namespace
}  // namespace cassette::types
