#include "storage/manifest/manifest_format.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "storage/manifest/manifest_edit.h"

namespace cassette::storage::manifest {
namespace {

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(c));
  return text;
}

// The edit of the worked example of docs/format/manifest.md: each step once.
ManifestEdit Example() {
  ManifestEdit edit;
  edit.put_payloads = {{"k", "abc"}};
  edit.remove_payloads = {"old"};
  edit.remove_sstables = {6};
  SstableInfo info;
  info.file_number = 7;
  for (uint8_t i = 0; i < 16; ++i) info.table_id[i] = i;
  info.level = 1;
  info.size_bytes = 300;
  info.row_count = 10;
  info.tombstone_count = 2;
  info.min_token = -1;
  info.max_token = 1;
  info.min_write_time = 1000;
  info.max_write_time = 2000;
  info.max_local_deletion_time = 5;
  edit.add_sstables = {info};
  edit.log_positions = {{info.table_id, 200}};
  edit.forget_log_positions = {TableId{}};
  edit.next_file_number = 8;
  return edit;
}

const std::string kTableHex = "000102030405060708090a0b0c0d0e0f";
const std::string kEditHex =
    "01016b03616263"
    "02036f6c64"
    "0306"
    "0407" +
    kTableHex + "01ac020a020102d00fa01f0a" + "05" + kTableHex + "c801" + "0600000000000000000000000000000000" + "0708";

TEST(ManifestFormatTest, GoldenBytesOfAnEdit) { EXPECT_EQ(Hex(EncodeEdit(Example())), kEditHex); }

TEST(ManifestFormatTest, GoldenBytesOfALog) {
  uint32_t checksum = 0;
  EXPECT_EQ(Hex(EncodeManifestHeader(3, &checksum)),
            "434153534d414e1a"  // Magic.
            "01000000"          // Version.
            "00000000"          // Reserved.
            "0300000000000000"  // Log number.
            "00000000"          // Reserved.
            "d4f1130b");
  EXPECT_EQ(Hex(EncodeEditRecord("\x07\x08", checksum)), "0200000058e6d501e64267f60708");
  EXPECT_EQ(Hex(EncodeEditRecord("", checksum)), "0000000000000000d9787c38");
}

bool Same(const ManifestEdit& a, const ManifestEdit& b) { return EncodeEdit(a) == EncodeEdit(b); }

TEST(ManifestFormatTest, AnEditReadsBackAsItWasWritten) {
  const auto edit = DecodeEdit(EncodeEdit(Example()));
  ASSERT_TRUE(edit.ok());
  EXPECT_TRUE(Same(*edit, Example()));
  EXPECT_EQ(edit->add_sstables, Example().add_sstables);
  EXPECT_EQ(edit->put_payloads, Example().put_payloads);
  EXPECT_TRUE(DecodeEdit("")->empty());
}

TEST(ManifestFormatTest, AnEditThatEndsEarlyIsCorrupt) {
  const std::string bytes = EncodeEdit(Example());
  size_t whole = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto edit = DecodeEdit(std::string_view(bytes).substr(0, size));
    if (edit.ok()) ++whole;  // Cut between two steps.
    if (!edit.ok()) {
      EXPECT_EQ(edit.status().code(), base::Code::kCorruption);
    }
  }
  EXPECT_EQ(whole, 7u);
  EXPECT_FALSE(DecodeEdit(std::string(1, '\0')).ok());
  EXPECT_FALSE(DecodeEdit("\x08").ok());
}

TEST(ManifestFormatTest, RandomBytesNeverBreakTheDecoder) {
  base::Random random(11);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random.Below(60), '\0');
    for (char& c : bytes) c = static_cast<char>(random.Below(random.Below(2) == 0 ? 8 : 256));
    (void)DecodeEdit(bytes).ok();
    (void)DecodeEditRecord(bytes, random.Below(70), 5).has_value();
  }
}

TEST(ManifestFormatTest, EveryBitOfTheHeaderIsChecked) {
  uint32_t checksum = 0;
  const std::string good = EncodeManifestHeader(3, &checksum);
  EXPECT_TRUE(DecodeManifestHeader("f", good, 3, &checksum).ok());
  EXPECT_EQ(DecodeManifestHeader("f", good, 4, &checksum).message(),
            "f, offset 0: holds manifest log 3, its name says 4");
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_FALSE(DecodeManifestHeader("f", bad, 3, &checksum).ok()) << bit;
  }
}

TEST(ManifestFormatTest, ARecordOfAnotherLogIsNone) {
  const std::string record = EncodeEditRecord("edit", 1);
  EXPECT_EQ(DecodeEditRecord(record, 0, 1)->edit, "edit");
  EXPECT_EQ(DecodeEditRecord(record, 0, 1)->end, record.size());
  EXPECT_FALSE(DecodeEditRecord(record, 0, 2).has_value());
}

TEST(ManifestFormatTest, LogNamesReadBack) {
  EXPECT_EQ(ManifestLogName(7), "manifest-0000000007.log");
  EXPECT_EQ(ParseManifestLogName("manifest-0000000007.log"), 7u);
  EXPECT_EQ(ParseManifestLogName(ManifestLogName(99'999'999'999)), 99'999'999'999u);
  EXPECT_EQ(ParseManifestLogName("manifest-7.log"), std::nullopt);
  EXPECT_EQ(ParseManifestLogName("CURRENT"), std::nullopt);
}

}  // namespace
}  // namespace cassette::storage::manifest
