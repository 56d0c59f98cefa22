#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "base/random.h"
#include "codec/crc32c.h"
#include "codec/fixed.h"
#include "codec/murmur3.h"
#include "codec/varint.h"

namespace cassette::codec {
namespace {

std::string Unhex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

// Tokens that Apache Cassandra 5.0 answers for SELECT token(k); 0x00ff... and 0xfefe... have signed tail bytes.
TEST(Murmur3, AgreesWithCassandra) {
  EXPECT_EQ(Murmur3Token("123"), -7468325962851647638);
  EXPECT_EQ(Murmur3Token(Unhex("00ff10fa9900ff10fa9900ff10fa9900ff10fa9900ff10fa9900ff10fa9900ff10fa9900ff10fa9900ff10"
                               "fa9900ff10fa99")),
            5837342703291459765);
  EXPECT_EQ(Murmur3Token(Unhex("fefefefefefefefe")), -8927430733708461935);
  EXPECT_EQ(Murmur3Token(Unhex("1010101010101010")), 1446172840243228796);
  EXPECT_EQ(Murmur3Token("9223372036854775807"), 7162290910810015547);
  EXPECT_EQ(Murmur3Token(""), std::numeric_limits<int64_t>::min());
}

TEST(Crc32c, AgreesWithRfc3720) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
}

TEST(Crc32c, PortableAndFastAgreeAndExtend) {
  base::Random random(7);
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(ExtendCrc32cPortable(0, bytes), Crc32c(bytes));
    EXPECT_EQ(ExtendCrc32c(Crc32c(bytes.substr(0, i / 2)), bytes.substr(i / 2)), Crc32c(bytes));
    bytes.push_back(static_cast<char>(random.Next()));
  }
}

TEST(Varint, RoundTripsTheEdges) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{127}, uint64_t{128}, uint64_t{1} << 63, ~uint64_t{0}}) {
    std::string bytes;
    AppendVarint(value, &bytes);
    AppendSignedVarint(static_cast<int64_t>(value), &bytes);
    ByteReader reader(bytes);
    uint64_t read = 0;
    int64_t read_signed = 0;
    ASSERT_TRUE(reader.ReadVarint(&read));
    ASSERT_TRUE(reader.ReadSignedVarint(&read_signed));
    EXPECT_EQ(read, value);
    EXPECT_EQ(read_signed, static_cast<int64_t>(value));
    EXPECT_TRUE(reader.empty());
  }
}

TEST(Varint, RefusesMoreThan64BitsAndShortBuffers) {
  uint64_t value = 0;
  EXPECT_FALSE(ByteReader(std::string(11, '\xff')).ReadVarint(&value));
  EXPECT_FALSE(ByteReader(std::string(9, '\xff') + '\x02').ReadVarint(&value));
  EXPECT_FALSE(ByteReader("\x80").ReadVarint(&value));
  std::string_view bytes;
  EXPECT_FALSE(ByteReader("\x05"
                          "abc")
                   .ReadLengthPrefixed(&bytes));
}

TEST(Fixed, BigEndianIsTheWireOrder) {
  std::string bytes;
  AppendBig<uint32_t>(0x01020304, &bytes);
  EXPECT_EQ(bytes, std::string("\x01\x02\x03\x04"));
  EXPECT_EQ(LoadBig<uint32_t>(bytes.data()), 0x01020304u);
}

}  // namespace
}  // namespace cassette::codec
