#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "columnar/block_compression.h"
#include "columnar/encoding.h"
#include "columnar/fsst.h"

namespace cassette::columnar {
namespace {

struct Column {
  std::vector<uint32_t> offsets = {0};
  std::string heap;

  explicit Column(const std::vector<std::string>& strings) {
    for (const std::string& string : strings) {
      heap += string;
      offsets.push_back(static_cast<uint32_t>(heap.size()));
    }
  }
};

std::string RoundTrip(const std::vector<std::string>& strings, Encoding* encoding = nullptr) {
  const Column column(strings);
  std::string encoded = "x";
  const Encoding chosen = EncodeBytes(column.offsets, column.heap, &encoded);
  const std::string exact = encoded.substr(1);
  EXPECT_EQ(static_cast<Encoding>(exact[0]), chosen);
  if (encoding != nullptr) *encoding = chosen;
  std::vector<uint32_t> offsets = {9, 9};
  std::string heap = "old";
  const base::Status status = DecodeBytes(exact, static_cast<uint32_t>(strings.size()), &offsets, &heap);
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(offsets, column.offsets) << EncodingName(chosen);
  EXPECT_EQ(heap, column.heap) << EncodingName(chosen);
  return exact;
}

std::string Sentence(base::Random* random, uint32_t words) {
  static const char* const kWords[] = {"the",    "interface", "is",   "down", "since",   "packet", "loss",
                                       "router", "core",      "edge", "link", "flapped", "twice",  "again"};
  std::string sentence;
  for (uint32_t i = 0; i < words; ++i) sentence += std::string(i > 0 ? " " : "") + kWords[random->Below(14)];
  return sentence;
}

TEST(Bytes, EdgeColumnsComeBack) {
  RoundTrip({});
  RoundTrip({""});
  RoundTrip({"", ""});
  RoundTrip({"", "a"});
  RoundTrip({"a", ""});
  RoundTrip({"aa", "a", "aaa"});
  RoundTrip({"abXcd", "abYcd", "abcd"});
  RoundTrip({"abab", "ab"});
  RoundTrip({std::string("\0\0\0", 3), std::string("\0", 1)});
  RoundTrip({std::string(100000, 'x'), "y"});
  RoundTrip(std::vector<std::string>(1024, ""));
}

TEST(Bytes, OffsetsNeedNotBeginAtZero) {
  const std::string heap = "skippedonetwo...";
  const std::vector<uint32_t> offsets = {7, 10, 13};
  std::string encoded;
  EncodeBytes(offsets, heap, &encoded);
  std::vector<uint32_t> decoded_offsets;
  std::string decoded_heap;
  ASSERT_TRUE(DecodeBytes(encoded, 2, &decoded_offsets, &decoded_heap).ok());
  EXPECT_EQ(decoded_heap, "onetwo");
  EXPECT_EQ(decoded_offsets, (std::vector<uint32_t>{0, 3, 6}));
}

TEST(Bytes, RandomColumnsComeBack) {
  const uint64_t seed = 73;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  base::Random random(seed);
  for (int round = 0; round < 400; ++round) {
    const uint32_t count = static_cast<uint32_t>(round % 3 == 0 ? random.Below(24) : random.Below(kMaxVectorRows + 1));
    const uint64_t distinct = 1 + random.Below(600);
    const uint64_t kind = random.Below(4);
    const uint64_t alphabet = 1 + random.Below(256);
    const std::string prefix(random.Below(5), 'p');
    std::vector<std::string> pool;
    for (uint64_t i = 0; i < distinct; ++i) {
      std::string string = kind == 0 ? Sentence(&random, 1 + static_cast<uint32_t>(random.Below(6))) : "";
      for (uint64_t length = random.Below(kind == 1 ? 3 : 30); kind != 0 && length > 0; --length) {
        string.push_back(static_cast<char>(random.Below(alphabet)));
      }
      pool.push_back(prefix + string + prefix);
    }
    std::vector<std::string> strings(count);
    for (std::string& string : strings) string = pool[random.Below(distinct)];
    RoundTrip(strings);
    if (HasFailure()) FAIL() << "round " << round;
  }
}

TEST(Bytes, TheEncodingFitsTheColumn) {
  base::Random random(9);
  Encoding encoding = Encoding::kReserved;

  EXPECT_EQ(RoundTrip(std::vector<std::string>(1024, "resource-17"), &encoding).size(), 12u);
  EXPECT_EQ(encoding, Encoding::kConstant);

  std::vector<std::string> sorted(1024);
  for (uint32_t i = 0; i < sorted.size(); ++i) sorted[i] = fmt::format("interface-{:02}.octets", i / 100);
  EXPECT_LE(RoundTrip(sorted, &encoding).size(), 100u) << "a sorted key column: runs of codes";
  EXPECT_EQ(encoding, Encoding::kDictionary);

  std::vector<std::string> levels(1024);
  for (std::string& level : levels) level = random.Below(3) == 0 ? "paid" : "free";
  EXPECT_LE(RoundTrip(levels, &encoding).size(), 1024u / 8 + 32) << "one bit a row";
  EXPECT_EQ(encoding, Encoding::kDictionary);

  std::vector<std::string> names(1024);
  for (uint32_t i = 0; i < names.size(); ++i) names[i] = fmt::format("host-{:04}.example.org", i);
  EXPECT_LE(RoundTrip(names).size(), 1024u * 3) << "what all have in common is stored once";

  std::vector<std::string> sentences(1024);
  for (std::string& sentence : sentences) sentence = Sentence(&random, 8);
  EXPECT_LE(RoundTrip(sentences).size(), 1024u * 12);

  std::vector<std::string> uuids(1024, std::string(16, ' '));
  for (std::string& uuid : uuids) {
    for (char& byte : uuid) byte = static_cast<char>(random.Next());
  }
  EXPECT_LE(RoundTrip(uuids, &encoding).size(), 1024u * 16 + 4);
  EXPECT_EQ(encoding, Encoding::kRaw);
}

TEST(Bytes, SmallVectorsPayFewBytes) {
  EXPECT_EQ(RoundTrip({"a"}).size(), 2u);
  EXPECT_LE(RoundTrip({"ab", "cd"}).size(), 4u + 4);
  EXPECT_LE(RoundTrip({"one", "three", "fourteen"}).size(), 16u + 6);
}

TEST(Fsst, TextComesBackFromSymbols) {
  base::Random random(10);
  for (const uint32_t words : {100u, 400u, 3000u}) {
    const std::string text = Sentence(&random, words);
    const std::string compressed = FsstCompress(text, text.size());
    ASSERT_FALSE(compressed.empty());
    EXPECT_LT(compressed.size(), text.size() * 3 / 4);
    std::string decoded = "before";
    ASSERT_TRUE(FsstDecompress(compressed, text.size(), &decoded).ok());
    EXPECT_EQ(decoded, "before" + text);
    EXPECT_EQ(FsstDecompress(compressed, text.size() - 1, &decoded).code(), base::Code::kCorruption);
    EXPECT_EQ(FsstDecompress(compressed, text.size() + 1, &decoded).code(), base::Code::kCorruption);
  }
}

TEST(Fsst, GivesUpOnNoise) {
  base::Random random(11);
  std::string noise(5000, ' ');
  for (char& byte : noise) byte = static_cast<char>(random.Next());
  EXPECT_TRUE(FsstCompress(noise, noise.size()).empty());
  EXPECT_TRUE(FsstCompress("", 10).empty());
}

TEST(Bytes, ADecoderRefusesToGrowPastTheBound) {
  // A dictionary of one long string, a code for each of 1024 rows.
  const std::vector<std::string> strings = {std::string(kMaxHeapBytes / 1000, 'x')};
  const Column column(strings);
  std::string constant;
  EncodeBytes(column.offsets, column.heap, &constant);
  std::vector<uint32_t> offsets;
  std::string heap;
  EXPECT_EQ(DecodeBytes(constant, kMaxVectorRows, &offsets, &heap).code(), base::Code::kCorruption);
}

}  // namespace
}  // namespace cassette::columnar
