#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "base/random.h"
#include "columnar/encoding.h"
#include "columnar/series.h"

namespace cassette::columnar {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

// Encodes, decodes, compares; returns the bytes a value took.
double RoundTrip(const std::vector<int64_t>& values, Encoding* encoding = nullptr) {
  std::string encoded = "x";  // It is appended to.
  const Encoding chosen = EncodeInts(values, &encoded);
  const std::string exact = encoded.substr(1);
  EXPECT_EQ(static_cast<Encoding>(exact[0]), chosen);
  if (encoding != nullptr) *encoding = chosen;
  std::vector<int64_t> decoded(values.size(), -77);
  const base::Status status = DecodeInts(exact, static_cast<uint32_t>(values.size()), decoded.data());
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(decoded, values) << EncodingName(chosen);
  return values.empty() ? 0 : static_cast<double>(exact.size()) / static_cast<double>(values.size());
}

TEST(Ints, EdgeValuesComeBack) {
  const std::vector<std::vector<int64_t>> all = {
      {},
      {0},
      {kMin},
      {kMax},
      {kMin, kMax},
      {kMax, kMin},
      {kMin, kMax, kMin, kMax, kMin},
      {kMin, kMin + 1, kMax - 1, kMax, 0, -1, 1},
      {0, 0, 0, 0, kMin, 0, 0, 0, 0, kMax, 0, 0, 0, 0, 0, 0, 0},
      {1, 2},
      {1, 2, 3},
      {5, 5, 5, 5},
      {kMin, 0, kMax, kMin, 0, kMax, kMin, 0, kMax, kMin, 0, kMax},
  };
  for (const auto& values : all) RoundTrip(values);
}

TEST(Ints, RandomVectorsOfEveryShapeComeBack) {
  const uint64_t seed = 71;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  base::Random random(seed);
  for (int round = 0; round < 3000; ++round) {
    const uint32_t count = static_cast<uint32_t>(round % 3 == 0 ? random.Below(24) : random.Below(kMaxVectorRows + 1));
    const uint32_t bits = static_cast<uint32_t>(random.Below(64));
    const uint64_t outlier_every = 1 + random.Below(200);
    const int64_t scale = random.Below(3) == 0 ? static_cast<int64_t>(1 + random.Below(1000000)) : 1;
    const uint32_t kind = static_cast<uint32_t>(random.Below(4));
    std::vector<int64_t> values(count);
    uint64_t total = random.Next();
    uint64_t rate = 0;
    for (int64_t& value : values) {
      uint64_t noise = random.Below(uint64_t{1} << bits) * static_cast<uint64_t>(scale);
      if (random.Below(outlier_every) == 0) noise = random.Next();
      if (kind == 3 && random.Below(8) != 0) noise = 0;
      rate += noise;
      total = kind == 0 ? noise : total + (kind == 2 ? rate : noise);
      value = static_cast<int64_t>(total);
    }
    RoundTrip(values);
    if (HasFailure()) FAIL() << "round " << round;
  }
}

TEST(Ints, AppendsTheEncodingThatFits) {
  base::Random random(3);
  Encoding encoding = Encoding::kReserved;
  EXPECT_LE(RoundTrip(std::vector<int64_t>(1024, 123456789), &encoding), 0.01);
  EXPECT_EQ(encoding, Encoding::kConstant);
  EXPECT_LE(RoundTrip(series::Times(&random, 1024, 300000, 0, 0), &encoding), 0.02);
  EXPECT_TRUE(encoding == Encoding::kDelta || encoding == Encoding::kDeltaOfDelta);
  EXPECT_LE(RoundTrip(series::Times(&random, 1024, 300000, 0, 100), &encoding), 0.06) << "gaps are patched";
  EXPECT_LE(RoundTrip(series::Times(&random, 1024, 300000, 1000, 0)), 1.4);

  std::vector<int64_t> steps(1024);
  for (uint32_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<int64_t>(i / 100 * 7919 % 13);
  EXPECT_LE(RoundTrip(steps, &encoding), 0.03);
  EXPECT_EQ(encoding, Encoding::kRunLength);

  std::vector<int64_t> noise(1024);
  for (int64_t& value : noise) value = static_cast<int64_t>(random.Below(1000));
  EXPECT_LE(RoundTrip(noise, &encoding), 10.0 / 8 + 0.01);
  EXPECT_EQ(encoding, Encoding::kFrameOfReference);
  for (int64_t& value : noise) value *= 1000000;
  EXPECT_LE(RoundTrip(noise), 10.0 / 8 + 0.02) << "the common divisor is taken out";
  noise[500] = kMax;
  noise[501] = kMin;
  EXPECT_LE(RoundTrip(noise), 30.0 / 8 + 0.04) << "outliers are patched";

  std::vector<int64_t> falling(1024);
  for (uint32_t i = 0; i < falling.size(); ++i) falling[i] = 1735516800000 - 60000 * int64_t{i};
  EXPECT_LE(RoundTrip(falling), 0.02) << "descending order costs no more";
  std::vector<int64_t> random_bits(1024);
  for (int64_t& value : random_bits) value = static_cast<int64_t>(random.Next());
  EXPECT_LE(RoundTrip(random_bits), 8.02);
}

TEST(Ints, SmallVectorsPayTwoOrThreeBytes) {
  base::Random random(4);
  for (uint32_t count = 1; count <= 20; ++count) {
    std::vector<int64_t> values(count);
    for (int64_t& value : values) value = static_cast<int64_t>(random.Below(256)) - 128;
    std::string encoded;
    EncodeInts(values, &encoded);
    EXPECT_LE(encoded.size(), count + 4) << count;
    RoundTrip(values);
  }
}

TEST(Ints, RefusesMoreThanAVector) {
  std::vector<int64_t> values(kMaxVectorRows);
  std::string encoded;
  EncodeInts(values, &encoded);
  EXPECT_TRUE(DecodeInts(encoded, kMaxVectorRows, values.data()).ok());
  EXPECT_EQ(DecodeInts(encoded, kMaxVectorRows + 1, values.data()).code(), base::Code::kCorruption);
}

// Values from all over, of which a few come again and again.
TEST(Ints, FewDistinctValuesAreADictionary) {
  base::Random random(72);
  std::vector<int64_t> distinct(100);
  for (int64_t& value : distinct) value = static_cast<int64_t>(random.Next());
  distinct[0] = kMin;
  distinct[1] = kMax;
  std::vector<int64_t> values(kMaxVectorRows);
  for (int64_t& value : values) value = distinct[random.Below(random.Below(100) + 1)];
  Encoding encoding = Encoding::kReserved;
  EXPECT_LT(RoundTrip(values, &encoding), 2.0);  // 7 bits each, and 800 bytes.
  EXPECT_EQ(encoding, Encoding::kDictionary);
}

}  // namespace
}  // namespace cassette::columnar
