#include "rows/complex_cells.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "codec/fixed.h"

namespace cassette::rows {
namespace {

using namespace std::string_literals;
using types::DataType;
using types::TypeKind;

DataType IntMap() { return DataType::Map(DataType(TypeKind::kInt), DataType(TypeKind::kText), false); }

std::string IntBytes(int32_t value) {
  std::string bytes;
  codec::AppendBig(static_cast<uint32_t>(value), &bytes);
  return bytes;
}

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text.push_back("0123456789abcdef"[static_cast<uint8_t>(c) >> 4]);
    text.push_back("0123456789abcdef"[c & 15]);
  }
  return text;
}

CellView Live(int64_t timestamp, std::string_view value, int32_t ttl = 0, int64_t expires_at = kNeverExpires) {
  return {value.empty() ? CellState::kEmpty : CellState::kLive, timestamp, ttl, expires_at, value};
}
CellView Dead(int64_t timestamp, int64_t local_seconds) {
  return {CellState::kTombstone, timestamp, kNoTtl, local_seconds, {}};
}

struct Part {
  int32_t path;
  CellView cell;
};
std::string Image(const DeletionTime& deletion, const std::vector<Part>& parts) {
  ComplexBuilder builder;
  builder.Clear();
  builder.SetDeletion(deletion);
  for (const Part& part : parts) builder.Add(IntBytes(part.path), part.cell);
  return std::string(builder.image());
}

// "-2@5: 'a', 7@6 dead" and so on.
std::string Text(std::string_view image) {
  ComplexReader reader;
  if (!reader.Open(image)) return "malformed";
  std::string text;
  if (!reader.deletion().is_live()) text = "deleted@" + std::to_string(reader.deletion().marked_at_micros);
  ComplexCell cell;
  while (!reader.at_end()) {
    if (!reader.Next(&cell)) return "malformed";
    if (!text.empty()) text += ", ";
    text += std::to_string(static_cast<int32_t>(codec::LoadBig<uint32_t>(cell.path.data()))) + "@" +
            std::to_string(cell.cell.timestamp_micros);
    text += cell.cell.state == CellState::kTombstone ? " dead" : ": '" + std::string(cell.cell.value) + "'";
  }
  return text;
}

TEST(ComplexCells, HaveTheBytesOfTheFormatPage) {
  const std::string image = Image({999, 1700000000}, {{1, Live(1000, "a")},
                                                      {2, Live(1000, "", 60, 1700000060)},
                                                      {3, Dead(1002, 7)},
                                                      {4, Live(1002, "b", 60, 1700000060)}});
  EXPECT_EQ(Hex(image),
            "31"
            "e703000000000000"
            "80c49fd50c"
            "e803000000000000"
            "05"
            "04"
            "00000001"
            "01"
            "61"
            "0f"
            "3c"
            "f8c49fd50c"
            "04"
            "00000002"
            "02"
            "04"
            "0e"
            "04"
            "00000003"
            "15"
            "04"
            "00000004"
            "01"
            "62");
  EXPECT_EQ(Text(image), "deleted@999, 1@1000: 'a', 2@1000: '', 3@1002 dead, 4@1002: 'b'");
}

TEST(ComplexCells, ACutImageIsMalformedOrShorter) {
  const std::string image =
      Image({999, 1700000000}, {{1, Live(1000, "a")}, {2, Live(1000, "", 60, 99)}, {3, Dead(1002, 7)}});
  EXPECT_TRUE(IsValidComplex(image));
  EXPECT_FALSE(IsValidComplex(""));
  size_t valid = 0;
  for (size_t size = 0; size < image.size(); ++size) valid += IsValidComplex(image.substr(0, size)) ? 1 : 0;
  EXPECT_EQ(valid, 2u);  // After the first and after the second cell.
  for (size_t i = 0; i < image.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = image;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      (void)IsValidComplex(damaged);  // Reads nothing outside of it.
    }
  }
}

TEST(ComplexCells, TheCellThatCarriesAnImageHasItsLatestTimes) {
  EXPECT_EQ(ViewOf(Image({5, 1}, {})).timestamp_micros, 5);
  const std::string plain = Image({5, 1}, {{1, Live(9, "a")}, {2, Live(7, "b", 10, 100)}});
  EXPECT_EQ(ViewOf(plain).timestamp_micros, 9);
  EXPECT_EQ(ViewOf(plain).ttl_seconds, kNoTtl);
  EXPECT_EQ(ViewOf(plain).expires_at_seconds, kNeverExpires);
  const std::string expiring = Image({}, {{1, Live(9, "a", 30, 130)}, {2, Live(7, "b", 10, 100)}});
  EXPECT_EQ(ViewOf(expiring).ttl_seconds, 30);
  EXPECT_EQ(ViewOf(expiring).expires_at_seconds, 130);
}

TEST(ComplexCells, MergePathByPathAndKeepTheStrongerDeletion) {
  const std::string a = Image({5, 1}, {{1, Live(10, "a")}, {2, Live(10, "a")}, {4, Live(6, "a")}});
  const std::string b = Image({7, 1}, {{2, Live(11, "b")}, {3, Dead(12, 3)}, {4, Live(8, "b")}, {5, Live(7, "b")}});
  ComplexBuilder merged;
  MergeComplex(IntMap(), a, b, kNoTimestamp, &merged);
  EXPECT_EQ(Text(merged.image()), "deleted@7, 1@10: 'a', 2@11: 'b', 3@12 dead, 4@8: 'b'");
  MergeComplex(IntMap(), b, a, kNoTimestamp, &merged);
  EXPECT_EQ(Text(merged.image()), "deleted@7, 1@10: 'a', 2@11: 'b', 3@12 dead, 4@8: 'b'");
  MergeComplex(IntMap(), a, b, 10, &merged);
  EXPECT_EQ(Text(merged.image()), "2@11: 'b', 3@12 dead");
  CutComplex(a, 10, &merged);
  EXPECT_TRUE(merged.empty());
}

TEST(ComplexCells, PathsAreInTheOrderOfTheirType) {
  const std::string a = Image({}, {{-1, Live(1, "a")}, {1, Live(1, "a")}});
  const std::string b = Image({}, {{-2, Live(1, "b")}, {0, Live(1, "b")}});
  ComplexBuilder merged;
  MergeComplex(IntMap(), a, b, kNoTimestamp, &merged);
  EXPECT_EQ(Text(merged.image()), "-2@1: 'b', -1@1: 'a', 0@1: 'b', 1@1: 'a'");
}

TEST(ComplexCells, ReadersSeeWhatLives) {
  const std::string image = Image({5, 1}, {{1, Live(10, "a")}, {2, Live(11, "b", 10, 110)}, {3, Dead(12, 3)}});
  LiveComplex live;
  ASSERT_TRUE(ReadLiveComplex(IntMap(), image, 100, kNoTimestamp, &live));
  EXPECT_EQ(live.count, 2u);
  EXPECT_EQ(Hex(live.value),
            "00000002"
            "00000004"
            "00000001"
            "00000001"
            "61"
            "00000004"
            "00000002"
            "00000001"
            "62");
  EXPECT_EQ(Hex(live.write_times),
            "00000002"
            "00000008"
            "000000000000000a"
            "00000008"
            "000000000000000b");
  EXPECT_EQ(Hex(live.ttls),
            "00000002"
            "ffffffff"
            "00000004"
            "0000000a");
  ASSERT_TRUE(ReadLiveComplex(IntMap(), image, 110, kNoTimestamp, &live));
  EXPECT_EQ(live.count, 1u);
  EXPECT_FALSE(ReadLiveComplex(IntMap(), image, 110, 10, &live));
  EXPECT_FALSE(HasLiveComplex(image, 110, 10));
  EXPECT_TRUE(HasLiveComplex(image, 109, 10));
}

TEST(ComplexCells, FieldsOfAUserTypeHaveTheirPlaces) {
  const DataType type =
      DataType::Udt("ks", "u", {"a", "b", "c"}, std::vector<DataType>(3, DataType(TypeKind::kText)), false);
  ComplexBuilder builder;
  builder.Clear();
  builder.Add("\0\1"s, Live(10, "x"));
  LiveComplex live;
  ASSERT_TRUE(ReadLiveComplex(type, builder.image(), 100, kNoTimestamp, &live));
  EXPECT_EQ(Hex(live.value),
            "ffffffff"
            "00000001"
            "78"
            "ffffffff");
  EXPECT_EQ(Hex(live.write_times),
            "00000003"
            "ffffffff"
            "00000008"
            "000000000000000a"
            "ffffffff");
}

TEST(ComplexCells, APathOfTheLargestSizeIsKept) {
  ComplexBuilder builder;
  builder.Clear();
  builder.Add(std::string(kMaxPathBytes, 'p'), Live(1, "v"));
  EXPECT_TRUE(IsValidComplex(builder.image()));
  std::string longer(builder.image());
  const size_t length_at = longer.find("\xff\xff\x03"s);
  ASSERT_NE(length_at, std::string::npos);
  longer.replace(length_at, 3, "\x80\x80\x04"s);
  longer.insert(length_at + 3, "p");
  EXPECT_FALSE(IsValidComplex(longer));
}

// Against a map, whatever the order in which images come together.
TEST(ComplexCells, MergesAgreeWithAMapInAnyOrder) {
  base::Random random(20240601);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> images;
    std::map<int32_t, CellView> cells;
    std::vector<std::string> values(8);
    for (size_t i = 0; i < values.size(); ++i) values[i] = std::string(1, static_cast<char>('a' + i));
    DeletionTime deletion;
    for (int i = 0; i < 5; ++i) {
      DeletionTime own;
      if (random.Below(3) == 0) own = {static_cast<int64_t>(random.Below(10)), 1};
      if (own.Supersedes(deletion)) deletion = own;
      std::vector<Part> parts;
      for (int32_t path = -3; path < 4; ++path) {
        if (random.Below(2) == 0) continue;
        const auto timestamp = static_cast<int64_t>(random.Below(20));
        const CellView cell = random.Below(4) == 0 ? Dead(timestamp, 5) : Live(timestamp, values[random.Below(8)]);
        parts.push_back({path, cell});
        const auto [place, added] = cells.emplace(path, cell);
        if (!added && Wins(cell, place->second)) place->second = cell;
      }
      images.push_back(Image(own, parts));
    }
    std::vector<Part> expected;
    for (const auto& [path, cell] : cells) {
      if (!deletion.Deletes(cell.timestamp_micros)) expected.push_back({path, cell});
    }
    while (images.size() > 1) {
      const size_t left = random.Below(images.size());
      const std::string a = images[left];
      images.erase(images.begin() + static_cast<ptrdiff_t>(left));
      ComplexBuilder merged;
      MergeComplex(IntMap(), a, images.back(), kNoTimestamp, &merged);
      images.back() = merged.empty() ? Image({}, {}) : std::string(merged.image());
    }
    EXPECT_EQ(Text(images[0]), Text(Image(deletion, expected))) << "round " << round;
  }
}

}  // namespace
}  // namespace cassette::rows
