#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "columnar/alp.h"
#include "columnar/encoding.h"
#include "columnar/series.h"

namespace cassette::columnar {
namespace {

double RoundTrip(const std::vector<double>& values, Encoding* encoding = nullptr) {
  std::string encoded = "x";
  const Encoding chosen = EncodeDoubles(values, &encoded);
  const std::string exact = encoded.substr(1);
  EXPECT_EQ(static_cast<Encoding>(exact[0]), chosen);
  if (encoding != nullptr) *encoding = chosen;
  std::vector<double> decoded(values.size(), -77);
  const base::Status status = DecodeDoubles(exact, static_cast<uint32_t>(values.size()), decoded.data());
  EXPECT_TRUE(status.ok()) << status.ToString();
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(std::bit_cast<uint64_t>(decoded[i]), std::bit_cast<uint64_t>(values[i]))
        << EncodingName(chosen) << " at " << i << ": " << values[i];
  }
  return values.empty() ? 0 : static_cast<double>(exact.size()) / static_cast<double>(values.size());
}

std::vector<double> EdgeValues() {
  using Limits = std::numeric_limits<double>;
  return {0.0,
          -0.0,
          1.0,
          -1.0,
          0.1,
          -0.01,
          1e22,
          1e-22,
          1e300,
          Limits::infinity(),
          -Limits::infinity(),
          Limits::quiet_NaN(),
          -Limits::quiet_NaN(),
          std::bit_cast<double>(0x7ff0000000000001),  // A signalling NaN.
          std::bit_cast<double>(0xfff8dead00beef00),  // A payload.
          Limits::max(),
          Limits::lowest(),
          Limits::min(),
          Limits::denorm_min(),
          0x1p51,
          -0x1p51,
          0x1p52 + 0.5,
          0x1p53,
          0x1p53 + 2,
          0x1p62,
          0x1p63,
          -0x1p63,
          0x1p64,
          9007199254740993.0,
          123456.789};
}

TEST(Doubles, EdgeValuesComeBackBitByBit) {
  const std::vector<double> edges = EdgeValues();
  RoundTrip({});
  RoundTrip(edges);
  for (const double edge : edges) {
    RoundTrip({edge});
    RoundTrip({edge, edge, edge});
    RoundTrip({1.25, edge});
    RoundTrip({edge, 1.25, 2.5, 3.75});
    std::vector<double> among(300, 0);
    for (uint32_t i = 0; i < among.size(); ++i) among[i] = i * 0.01;
    among[7] = among[150] = among[299] = edge;
    RoundTrip(among);
    RoundTrip(std::vector<double>(1024, edge));
  }
}

TEST(Doubles, RandomVectorsOfEveryShapeComeBack) {
  const uint64_t seed = 72;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  base::Random random(seed);
  const std::vector<double> edges = EdgeValues();
  for (int round = 0; round < 1500; ++round) {
    const uint32_t count = static_cast<uint32_t>(round % 3 == 0 ? random.Below(24) : random.Below(kMaxVectorRows + 1));
    const uint64_t kind = random.Below(6);
    const double scale = std::pow(10.0, static_cast<double>(random.Below(18)));
    const double magnitude = std::pow(10.0, static_cast<double>(random.Below(12)));
    const uint64_t edge_every = 2 + random.Below(500);
    std::vector<double> values(count);
    for (double& value : values) {
      value = (random.Uniform() - 0.3) * magnitude;
      if (kind >= 2) value = std::round(value * scale) / scale;
      if (kind == 1) value = std::bit_cast<double>(random.Next());
      if (kind == 5 && random.Below(10) != 0 && &value != values.data()) value = *(&value - 1);
      if (random.Below(edge_every) == 0) value = edges[random.Below(edges.size())];
    }
    RoundTrip(values);
    if (HasFailure()) FAIL() << "round " << round;
  }
}

TEST(Doubles, DecimalsOfEveryLengthHaveAScheme) {
  base::Random random(5);
  for (int decimals = 0; decimals <= 10; ++decimals) {
    const double scale = std::pow(10.0, decimals);
    std::vector<double> values(1024);
    for (double& value : values) value = static_cast<double>(random.Below(100000)) / scale;
    Encoding encoding = Encoding::kReserved;
    EXPECT_LE(RoundTrip(values, &encoding), 17.0 / 8 + 0.1) << decimals;
    EXPECT_EQ(encoding, Encoding::kAlp) << decimals;
  }
}

// The kinds of series of a monitoring system, and the bytes a value that each may take.
TEST(Doubles, SeriesTakeFewBytes) {
  base::Random random(6);
  Encoding encoding = Encoding::kReserved;
  EXPECT_LE(RoundTrip(series::Gauge(&random, 1024, 2, 0.6)), 1.32) << "gauge with two decimals";
  EXPECT_LE(RoundTrip(series::Gauge(&random, 1024, 0, 1.0)), 0.58) << "integer gauge";
  EXPECT_LE(RoundTrip(series::Gauge(&random, 1024, 1, 0.1)), 0.65) << "temperature with one decimal";
  EXPECT_LE(RoundTrip(series::Counter(&random, 1024, 30000, 0)), 1.92) << "counter";
  EXPECT_LE(RoundTrip(series::Counter(&random, 1024, 30000, 500)), 2.0) << "counter that starts again";
  EXPECT_LE(RoundTrip(series::Real(&random, 1024), &encoding), 6.95) << "full precision";
  EXPECT_EQ(encoding, Encoding::kAlpRd);
  EXPECT_LE(RoundTrip(std::vector<double>(1024, 99.9)), 0.04) << "constant";
}

TEST(Doubles, ResultsOfArithmeticTakeLittleMoreThanDecimals) {
  base::Random random(9);
  for (const uint32_t noisy_every : {3u, 10u, 60u}) {
    Encoding encoding = Encoding::kReserved;
    EXPECT_LE(RoundTrip(series::NoisyGauge(&random, 1024, 3, noisy_every), &encoding), 2.1) << noisy_every;
    EXPECT_EQ(encoding, Encoding::kAlpSteps) << noisy_every;
  }
  std::vector<double> values = series::NoisyGauge(&random, 1024, 3, 4);
  values[0] = std::numeric_limits<double>::quiet_NaN();
  values[500] = -std::numeric_limits<double>::infinity();
  values[501] = 1e300;
  values[502] = -0.0;
  RoundTrip(values);
}

TEST(Doubles, IntegersPast2To53ComeBack) {
  std::vector<double> values(100);
  for (uint32_t i = 0; i < values.size(); ++i) values[i] = 0x1p53 + 4096.0 * i;
  Encoding encoding = Encoding::kReserved;
  EXPECT_LE(RoundTrip(values, &encoding), 0.3);
  EXPECT_EQ(encoding, Encoding::kAlp);
}

TEST(Doubles, SmallVectorsPayNoMoreThanRaw) {
  base::Random random(8);
  for (uint32_t count = 1; count <= 20; ++count) {
    std::vector<double> real(count);
    std::vector<double> decimal(count);
    for (double& value : real) value = random.Normal();
    for (double& value : decimal) value = static_cast<double>(random.Below(10000)) / 100;
    std::string encoded;
    EncodeDoubles(real, &encoded);
    EXPECT_LE(encoded.size(), count * 8 + 1) << count;
    encoded.clear();
    EncodeDoubles(decimal, &encoded);
    EXPECT_LE(encoded.size(), 8 + count * 2) << count;
  }
}

TEST(AlpScheme, NumbersAreThoseOfTheFormat) {
  EXPECT_EQ(AlpScheme::Integers().number(), 0);
  EXPECT_EQ(AlpScheme::Multiply(14, 12).number(), 117);
  EXPECT_EQ(AlpScheme::Divide(2).number(), 202);
  EXPECT_EQ(AlpScheme::Multiply(14, 12).ToDivision().number(), 202);
  EXPECT_FALSE(AlpScheme::FromNumber(2).has_value()) << "1 * 2 / 2 + 1: a factor as large as its exponent";
  EXPECT_FALSE(AlpScheme::FromNumber(190).has_value());
  EXPECT_FALSE(AlpScheme::FromNumber(200).has_value());
  EXPECT_TRUE(AlpScheme::FromNumber(222).has_value());
  EXPECT_FALSE(AlpScheme::FromNumber(223).has_value());
}

TEST(Doubles, FewDistinctValuesAreADictionaryOfBitPatterns) {
  base::Random random(73);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> distinct = {0.0, -0.0, nan, -nan, 33.333300000000001, 1e300, -5, 0.1, 0.2, 1e-300};
  std::vector<double> values(1000);
  for (double& value : values) value = distinct[random.Below(distinct.size())];
  Encoding encoding = Encoding::kReserved;
  EXPECT_LT(RoundTrip(values, &encoding), 0.7);  // 4 bits each, and 80 bytes.
  EXPECT_EQ(encoding, Encoding::kDictionary);
}

}  // namespace
}  // namespace cassette::columnar
