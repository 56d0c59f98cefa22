// The bytes of each encoding as docs/format/encodings.md has them. Whoever changes one of these changes the format:
// the page, its version and the readers of older files must follow.
#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "columnar/alp_rd.h"
#include "columnar/encoding.h"
#include "columnar/fsst.h"

namespace cassette::columnar {
namespace {

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char byte : bytes) {
    hex.push_back(kDigits[static_cast<uint8_t>(byte) >> 4]);
    hex.push_back(kDigits[static_cast<uint8_t>(byte) & 15]);
  }
  return hex;
}

std::string Unhex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// What the encoder writes today, and that these bytes are read.
void ExpectInts(const std::vector<int64_t>& values, std::string_view hex) {
  std::string encoded;
  EncodeInts(values, &encoded);
  EXPECT_EQ(Hex(encoded), hex);
  std::vector<int64_t> decoded(values.size());
  const base::Status status = DecodeInts(Unhex(hex), static_cast<uint32_t>(values.size()), decoded.data());
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(decoded, values);
}

void ExpectDoubles(const std::vector<double>& values, std::string_view hex) {
  std::string encoded;
  EncodeDoubles(values, &encoded);
  EXPECT_EQ(Hex(encoded), hex);
  std::vector<double> decoded(values.size());
  const base::Status status = DecodeDoubles(Unhex(hex), static_cast<uint32_t>(values.size()), decoded.data());
  EXPECT_TRUE(status.ok()) << status.ToString();
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(std::bit_cast<uint64_t>(decoded[i]), std::bit_cast<uint64_t>(values[i]));
  }
}

void ExpectBytesDecode(const std::vector<std::string>& strings, std::string_view hex) {
  std::vector<uint32_t> offsets;
  std::string heap;
  const base::Status status = DecodeBytes(Unhex(hex), static_cast<uint32_t>(strings.size()), &offsets, &heap);
  ASSERT_TRUE(status.ok()) << status.ToString();
  for (size_t i = 0; i < strings.size(); ++i) {
    EXPECT_EQ(heap.substr(offsets[i], offsets[i + 1] - offsets[i]), strings[i]);
  }
}

void ExpectBytes(const std::vector<std::string>& strings, std::string_view hex) {
  std::vector<uint32_t> offsets = {0};
  std::string heap;
  for (const std::string& string : strings) {
    heap += string;
    offsets.push_back(static_cast<uint32_t>(heap.size()));
  }
  std::string encoded;
  EncodeBytes(offsets, heap, &encoded);
  EXPECT_EQ(Hex(encoded), hex);
  ExpectBytesDecode(strings, hex);
}

void ExpectVector(const Vector& vector, std::string_view hex) {
  std::string encoded;
  EncodeVector(vector, &encoded);
  EXPECT_EQ(Hex(encoded), hex);
}

TEST(Golden, Ints) {
  ExpectInts({-3, -3, -3, -3, -3}, "0105");
  ExpectInts({100, 103, 101, 107}, "0303c801580e");
  ExpectInts({1000, 4000, 2000, 8000, 1000}, "0383d00fe80700580e");
  ExpectInts({10, 21, 30, 41, 50}, "040102128a00");
  ExpectInts({1735516800000, 1735517100000, 1735517400000, 1735517700000}, "04c0c0c1cd826500c0cf24");
  ExpectInts({0, 1, 4, 9, 16, 25, 36, 49}, "0501020200a0aa");
  std::vector<int64_t> runs(20, 1);
  runs.insert(runs.end(), 18, 9);
  runs.insert(runs.end(), 26, 4);
  ExpectInts(runs, "0203042402080304028003");
}

// Eighty values in the order 0, 1, 2, 0, 3, again and again.
TEST(Golden, NumberDictionaries) {
  std::vector<int64_t> ints(80);
  std::vector<double> doubles(80);
  constexpr int64_t kInts[] = {-7000001, 12, 1000000007, 123456789123456};
  constexpr double kDoubles[] = {0.5, 2.25, 1e10, 3e15};
  constexpr size_t kOrder[] = {0, 1, 2, 0, 3};
  for (size_t i = 0; i < 80; ++i) {
    ints[i] = kInts[kOrder[i % 5]];
    doubles[i] = kDoubles[kOrder[i % 5]];
  }
  ExpectInts(ints,
             "09041e032f81bfd606000000000080e667350000007266010f0020284ccf10090e030200"
             "24934c32c924934c32c924934c32c924934c32c9");
  ExpectDoubles(doubles,
                "09042108000000000000e03f0000000000000240000000205fa002420000a7dcf7502543030200"
                "24934c32c924934c32c924934c32c924934c32c9");
}

TEST(Golden, PatchedInts) {
  std::vector<int64_t> values(40);
  for (uint32_t i = 0; i < values.size(); ++i) values[i] = i % 4;
  values[9] = 1000000;
  values[30] = -5000;
  ExpectInts(values, "0382000102e4e4e0e4e4e4e4c4e4e40980897a148f4e");
}

TEST(Golden, APackedBlockIsInterleaved) {
  std::vector<int64_t> values(128);
  for (uint32_t i = 0; i < values.size(); ++i) values[i] = i % 2;
  values[127] = 0;  // Value 7 of lane 15.
  values[16] = 1;   // Value 1 of lane 0.
  values[1] = 0;    // Value 0 of lane 1.
  ExpectInts(values, "03010002fe00ff00ff00ff00ff00ff00ff007f");
}

TEST(Golden, Doubles) {
  const double infinity = std::numeric_limits<double>::infinity();
  ExpectDoubles({99.5, 99.5, 99.5}, "014058e0");
  ExpectDoubles({1.25, 1.5, 2.75, 1.0}, "0675000308c8011932af00");
  ExpectDoubles({100, 300, 200}, "0600000308c80100c864");
  ExpectDoubles({20.5, infinity, 20.6, 20.4, 20.5, 20.1}, "06760101000000000000f07f03039203644700");
  ExpectDoubles({3.141592653589793, 2.718281828459045e100}, "08182d4454fb210940266847d10edbc854");
  ExpectDoubles({1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 2.5, 2.5, 2.5, 2.5}, "020203080406760003041ea0");
}

TEST(Golden, AlpSteps) {
  ExpectDoubles({42.5, 42.766000000000005, 41.134, 40.1, 41.2, 42.0}, "0c740e030cc8f20460a9a60a04004cc47603010002");
}

TEST(Golden, AlpRd) {
  const std::vector<double> values = {3.141592653589793, 2.718281828459045, -3.3166247903554, 3.605551275463989};
  const std::string hex = "3004054009400c400ac0000200b1182d4454fb216957148b0abf346ffd937288f35961442bd8";
  std::string encoded;
  AppendAlpRd(values.data(), 4, &encoded);
  EXPECT_EQ(Hex(encoded), hex);
  std::vector<double> decoded(4);
  ASSERT_TRUE(DecodeDoubles(Unhex("07" + hex), 4, decoded.data()).ok());
  EXPECT_EQ(decoded, values);
}

TEST(Golden, Bytes) {
  ExpectBytes({"abc", "abc"}, "01616263");
  ExpectBytes({"up", "down"}, "08000204087570646f776e");
  ExpectBytes({"host-1.net", "host-22.net", "host-3.net"}, "080b04686f73742d2e6e657401020231323233");
  ExpectBytes({"free", "paid", "free", "free", "paid", "free", "free", "free", "paid", "free"},
              "09020c0800000866726565706169640301001201");
}

TEST(Golden, Fsst) {
  const std::string text = "tic tac tic tac tic tac toe tic tac toe tic tac tic tac tic tac";
  const std::string hex =
      "05030000000000012063656f7465206f65746f74696320746163200808080705080705080804ff69010004ff6101";
  EXPECT_EQ(Hex(FsstCompress(text, 1000)), hex);
  ExpectBytesDecode({text.substr(0, 20), text.substr(20)}, "0a000528e002" + hex);
}

TEST(Golden, Zstd) {
  // What zstd writes may change with its version; what it reads does not.
  std::string repeated;
  for (int i = 0; i < 12; ++i) repeated += "all the same ";
  ExpectBytesDecode({repeated, "end"},
                    "0b0008069900"
                    "28b52ffd0000bd000080616c6c207468652073616d6520656e6401000ca0e617");
}

TEST(Golden, States) {
  Vector packed(PhysicalType::kInt64);
  packed.AppendInt64(7);
  packed.AppendState(CellState::kAbsent);
  packed.AppendInt64(9);
  ExpectVector(packed, "511103020e08");
  Vector runs(PhysicalType::kInt64);
  for (int i = 0; i < 30; ++i) runs.AppendInt64(7);
  for (int i = 0; i < 10; ++i) runs.AppendState(CellState::kTombstone);
  ExpectVector(runs, "50020514140009010e");
  Vector absent(PhysicalType::kDouble);
  absent.AppendState(CellState::kAbsent);
  absent.MakeConstant(kMaxVectorRows);
  ExpectVector(absent, "40");
}

}  // namespace
}  // namespace cassette::columnar
