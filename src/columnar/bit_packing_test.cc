#include "columnar/bit_packing.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"
#include "columnar/vector.h"

namespace cassette::columnar {
namespace {

TEST(BitPacking, EveryWidthAndEveryKindOfCountComesBack) {
  const uint64_t seed = 20240611;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  base::Random random(seed);
  for (uint32_t width = 0; width <= kMaxBitWidth; ++width) {
    for (const uint32_t count : {0u, 1u, 2u, 15u, 16u, 17u, 127u, 128u, 129u, 255u, 256u, 640u, 1008u, 1023u, 1024u}) {
      const uint64_t base = random.Next();
      std::vector<int64_t> values(count);
      for (int64_t& value : values) {
        const uint64_t bits = width == 0 ? 0 : random.Next() >> (64 - width);
        value = static_cast<int64_t>(base + bits);
      }
      std::string packed = "before";
      PackBits(values.data(), count, base, width, &packed);
      ASSERT_EQ(packed.size(), 6 + PackedBytes(count, width));
      const std::string exact = packed.substr(6);  // On the heap, so that a sanitizer sees a read past its end.
      std::vector<int64_t> decoded(count, -1);
      UnpackBits(exact, count, base, width, decoded.data());
      ASSERT_EQ(decoded, values) << "width " << width << " count " << count;
      for (uint32_t i = 0; i < count; ++i) {
        ASSERT_EQ(static_cast<int64_t>(base + UnpackOne(exact, count, width, i)), values[i]) << "width " << width;
      }
    }
  }
}

TEST(BitPacking, AFewValuesLieOneAfterTheOtherLowBitsFirst) {
  const int64_t values[] = {1, 2, 3, 4, 5};
  std::string packed;
  PackBits(values, 5, 0, 3, &packed);
  EXPECT_EQ(packed, std::string("\xd1\x58", 2));  // 101 100 011 010 001
}

TEST(BitPacking, ABlockIsInterleavedInSixteenLanes) {
  std::vector<int64_t> values(kPackBlock);
  for (uint32_t i = 0; i < kPackBlock; ++i) values[i] = i / kPackLanes == 0 ? 1 : 0;  // The first value of each lane.
  std::string packed;
  PackBits(values.data(), kPackBlock, 0, 2, &packed);
  std::string expected;
  for (uint32_t lane = 0; lane < kPackLanes; ++lane) expected += std::string("\x01\x00", 2);
  EXPECT_EQ(packed, expected);
}

}  // namespace
}  // namespace cassette::columnar
