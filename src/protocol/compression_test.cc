#include "protocol/compression.h"

#include <gtest/gtest.h>

#include "protocol/protocol_test_support.h"

namespace cassette::protocol {
namespace {

constexpr size_t kBoundBytes = 1 << 20;

TEST(CompressionTest, BodiesComeBackFromEither) {
  for (const Compression compression : {Compression::kLz4, Compression::kSnappy}) {
    for (const std::string& body : {std::string(), std::string("a"), std::string(100'000, 'b')}) {
      std::string packed;
      AppendCompressedBody(compression, body, &packed);
      std::string unpacked;
      ASSERT_TRUE(DecompressBody(compression, packed, kBoundBytes, &unpacked).ok()) << CompressionName(compression);
      EXPECT_EQ(unpacked, body);
    }
  }
}

TEST(CompressionTest, RefusesABodyLongerThanItsBound) {
  for (const Compression compression : {Compression::kLz4, Compression::kSnappy}) {
    std::string packed;
    AppendCompressedBody(compression, std::string(1000, 'b'), &packed);
    std::string unpacked;
    EXPECT_TRUE(DecompressBody(compression, packed, 1000, &unpacked).ok());
    EXPECT_FALSE(DecompressBody(compression, packed, 999, &unpacked).ok());
  }
}

TEST(CompressionTest, RefusesRubbishAndFalseLengths) {
  std::string unpacked;
  EXPECT_FALSE(DecompressBody(Compression::kLz4, "abc", kBoundBytes, &unpacked).ok());
  EXPECT_FALSE(DecompressBody(Compression::kLz4, FromHex("00000005 00"), kBoundBytes, &unpacked).ok());
  EXPECT_FALSE(DecompressBody(Compression::kSnappy, FromHex("05 ff"), kBoundBytes, &unpacked).ok());
  std::string block;
  ASSERT_TRUE(AppendLz4Block(std::string(100, 'x'), &block));
  EXPECT_TRUE(DecompressLz4Block(block, 100, &unpacked).ok());
  EXPECT_FALSE(DecompressLz4Block(block, 99, &unpacked).ok());
  EXPECT_FALSE(DecompressLz4Block(block, 101, &unpacked).ok());
}

TEST(CompressionTest, ABlockThatWouldNotShrinkIsLeftAlone) {
  std::string block;
  EXPECT_FALSE(AppendLz4Block("a1b2", &block));
  EXPECT_EQ(block, "");
}

TEST(CompressionTest, KnowsTheNamesOfStartup) {
  EXPECT_EQ(*ParseCompression("LZ4"), Compression::kLz4);
  EXPECT_EQ(*ParseCompression("snappy"), Compression::kSnappy);
  EXPECT_FALSE(ParseCompression("zstd").ok());
}

}  // namespace
}  // namespace cassette::protocol
