#include "storage/commitlog/segment_format.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "codec/crc32c.h"
#include "storage/commitlog/commitlog_test_support.h"

namespace cassette::storage::commitlog {
namespace {

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(c));
  return text;
}

SegmentHeader Example() { return {7, 6, 0x1122334455667788, 1'700'000'000'000'000}; }

// The worked example of docs/format/commitlog.md.
TEST(SegmentFormatTest, GoldenBytes) {
  const EncodedSegmentHeader header = EncodeSegmentHeader(Example());
  EXPECT_EQ(Hex(header.bytes),
            "434153534c4f471a"  // Magic.
            "01000000"          // Version.
            "07000000"          // Segment id.
            "06000000"          // Previous segment id.
            "00000000"          // Reserved.
            "8877665544332211"  // Boot id.
            "00401e18240a0600"  // Created.
            "00000000"          // Reserved.
            "79d25f28");
  char record[kRecordHeaderBytes];
  EncodeRecordHeader({5, 48, codec::Crc32c("hello")}, header.checksum, record);
  EXPECT_EQ(Hex({record, sizeof(record)}),
            "0500000030000000"
            "4cbb719a2bbfb220");
  EncodeRecordHeader({0, 69, 0}, header.checksum, record);
  EXPECT_EQ(Hex({record, sizeof(record)}),
            "0000000045000000"
            "00000000c8f99c94");
}

TEST(SegmentFormatTest, AHeaderReadsBackAsItWasWritten) {
  const auto decoded = DecodeSegmentHeader("f", EncodeSegmentHeader(Example()).bytes);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->header.segment_id, 7u);
  EXPECT_EQ(decoded->header.previous_segment_id, 6u);
  EXPECT_EQ(decoded->header.boot_id, 0x1122334455667788u);
  EXPECT_EQ(decoded->header.created_micros, 1'700'000'000'000'000);
}

TEST(SegmentFormatTest, EveryBitOfTheHeaderIsChecked) {
  const std::string good = EncodeSegmentHeader(Example()).bytes;
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_FALSE(DecodeSegmentHeader("f", bad).ok()) << bit;
  }
}

TEST(SegmentFormatTest, SaysWhatIsWrongWithAHeader) {
  std::string bytes = EncodeSegmentHeader(Example()).bytes;
  EXPECT_EQ(DecodeSegmentHeader("f", bytes.substr(0, 47)).status().ToString(),
            "corruption: f, offset 47: the file ends within the segment header");
  std::string other = bytes;
  other[8] = 2;
  EXPECT_EQ(DecodeSegmentHeader("f", other).status().message(),
            "f: commit log segment of version 2, this program reads version 1");
  other = "SQLite format 3" + bytes;
  EXPECT_EQ(DecodeSegmentHeader("f", other).status().message(), "f: is not a commit log segment of Cassette");
  EXPECT_EQ(DecodeSegmentHeader("f", other).status().code(), base::Code::kFailedPrecondition);
}

TEST(SegmentFormatTest, ZerosAreNoRecord) { EXPECT_FALSE(DecodeRecord(std::string(1000, '\0'), 100, 0).has_value()); }

TEST(SegmentFormatTest, ASearchPassesZerosAndMissesNoRecord) {
  std::string segment(kSegmentHeaderBytes + 5000, '\0');
  constexpr uint32_t kEmptyRecordAt = kSegmentHeaderBytes + 4000;
  EncodeRecordHeader({0, kSegmentHeaderBytes, codec::Crc32c("")}, 7, segment.data() + kEmptyRecordAt);
  uint32_t offset = kSegmentHeaderBytes;
  int steps = 0;
  while (offset < segment.size() && !DecodeRecord(segment, offset, 7)) {
    offset = NextRecordCandidate(segment, offset + 1);
    ++steps;
  }
  EXPECT_EQ(offset, kEmptyRecordAt);
  EXPECT_LT(steps, 20);
  EXPECT_GE(NextRecordCandidate(segment, kEmptyRecordAt + kRecordHeaderBytes), segment.size() - kRecordHeaderBytes);
}

TEST(SegmentFormatTest, ARecordOfAnotherSegmentIsNone) {
  std::string segment(200, '\0');
  EncodeRecordHeader({0, 48, 0}, 1, segment.data() + 100);
  EXPECT_TRUE(DecodeRecord(segment, 100, 1).has_value());
  EXPECT_FALSE(DecodeRecord(segment, 100, 2).has_value());
  EXPECT_FALSE(DecodeRecord(segment, 190, 1).has_value());
  EXPECT_FALSE(DecodeRecord(segment, 1000, 1).has_value());
}

TEST(SegmentFormatTest, FileNamesReadBack) {
  EXPECT_EQ(SegmentFileName(7), "commitlog-0000000007.log");
  EXPECT_EQ(ParseSegmentFileName("commitlog-4294967295.log"), 4294967295u);
  EXPECT_EQ(ParseSegmentFileName("commitlog-4294967296.log"), std::nullopt);
  EXPECT_EQ(ParseSegmentFileName("commitlog-7.log"), std::nullopt);
  EXPECT_EQ(ParseSegmentFileName("commitlog-000000000x.log"), std::nullopt);
  EXPECT_EQ(ParseSegmentFileName("spare-0000000007.log"), std::nullopt);
  EXPECT_TRUE(IsSpareFileName(SpareFileName(7)));
}

TEST(CommitPositionTest, OrdersAsItsNumber) {
  const CommitPosition a{1, 4000000000}, b{2, 0};
  EXPECT_LT(a, b);
  EXPECT_LT(a.ToNumber(), b.ToNumber());
  EXPECT_EQ(CommitPosition::FromNumber(a.ToNumber()), a);
  EXPECT_EQ(a.ToString(), "1:4000000000");
}

}  // namespace
}  // namespace cassette::storage::commitlog
