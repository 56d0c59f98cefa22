#include "columnar/int_points.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "columnar/encoding.h"
#include "columnar/vector.h"

namespace cassette::columnar {
namespace {

std::string Encoded(const std::vector<int64_t>& values) {
  std::string encoded;
  EncodeInts(values, &encoded);
  return encoded;
}

TEST(IntPoints, GiveWhatDecodingGives) {
  const uint64_t seed = 77;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  base::Random random(seed);
  for (const uint32_t count : {2u, 17u, 128u, 200u, 1024u}) {
    for (const uint64_t range : {uint64_t{100}, uint64_t{1} << 23, UINT64_MAX}) {
      for (const int64_t divisor : {int64_t{1}, int64_t{1000}}) {
        std::vector<int64_t> values(count);
        for (int64_t& value : values) {
          const uint64_t step = random.Below(range / static_cast<uint64_t>(divisor));
          value = static_cast<int64_t>(step * static_cast<uint64_t>(divisor) - 5000);
        }
        const std::string encoded = Encoded(values);
        IntPoints points;
        if (encoded[0] != static_cast<char>(Encoding::kFrameOfReference)) continue;  // By chance, of very few values.
        if (!points.Open(encoded, count)) continue;                                  // Patches.
        for (uint32_t row = 0; row < count; ++row) ASSERT_EQ(points.at(row), values[row]) << count << ' ' << range;
      }
    }
  }
}

TEST(IntPoints, OpenValuesInNoOrder) {
  base::Random random(3);
  std::vector<int64_t> values(kMaxVectorRows);
  for (int64_t& value : values) value = static_cast<int64_t>(random.Below(5'000'000));
  IntPoints points;
  ASSERT_TRUE(points.Open(Encoded(values), kMaxVectorRows));
}

TEST(IntPoints, RefuseDeltasAndConstants) {
  std::vector<int64_t> values(100);
  IntPoints points;
  EXPECT_FALSE(points.Open(Encoded(values), 100));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int64_t>(1000 * i);
  EXPECT_FALSE(points.Open(Encoded(values), 100));
}

TEST(IntPoints, RefuseBytesOfAnotherLength) {
  base::Random random(4);
  std::vector<int64_t> values(200);
  for (int64_t& value : values) value = static_cast<int64_t>(random.Below(1 << 20));
  const std::string encoded = Encoded(values);
  IntPoints points;
  ASSERT_TRUE(points.Open(encoded, 200));
  EXPECT_FALSE(points.Open(encoded, 201));
  EXPECT_FALSE(points.Open(encoded, 199));
  EXPECT_FALSE(points.Open(encoded, 0));
  for (size_t size = 0; size < encoded.size(); ++size) EXPECT_FALSE(points.Open(encoded.substr(0, size), 200));
}

}  // namespace
}  // namespace cassette::columnar
