// The bytes of a tiny table, as docs/format/sstable.md spells them out. A change here is a new format version.
#include <gtest/gtest.h>

#include <string>

#include "codec/crc32c.h"
#include "codec/fixed.h"
#include "storage/sstable/format.h"
#include "storage/sstable/test_table.h"

namespace cassette::storage::sstable {
namespace {

// users: 1 -> ('ada', 36), written at 1,700,000,000,000,000 by an INSERT; 2 has only a partition deletion.
testing::Model TinyModel() {
  testing::Model model;
  for (int64_t id = 1; id <= 2; ++id) {
    testing::ModelPartition partition;
    partition.key = testing::Int64Bytes(types::TypeKind::kBigint, id);
    partition.token = codec::Murmur3Token(partition.key);
    model.push_back(partition);
  }
  testing::ModelRow row;
  row.liveness.timestamp_micros = 1'700'000'000'000'000;
  testing::ModelCell cell;
  cell.state = rows::CellState::kLive;
  cell.timestamp = row.liveness.timestamp_micros;
  cell.value = "ada";
  row.cells[schema::ColumnId(2)] = cell;
  cell.value = testing::Int64Bytes(types::TypeKind::kInt, 36);
  row.cells[schema::ColumnId(3)] = cell;
  model[0].rows.push_back(row);
  model[1].head.deletion = {1'700'000'000'000'001, 1'700'000'000};
  testing::Sort(&model);
  return model;
}

TEST(Golden, ATinyTableHasTheseBytes) {
  testing::TestTable written;
  ASSERT_NO_FATAL_FAILURE(written.Write(testing::UsersTable(), TinyModel()));
  EXPECT_EQ(testing::Hex(written.FileBytes()),
            "434153535354414203000000e1931b6f220101100000080000000000000001000000008080f281838985060003158080"
            "f281838985066a0204016164616a030201480800000000000000028280f2818389850680c49fd50c0000010008000000"
            "000000000200000142184f2b2b081000800000220000000000c00010040020040000000040100004000004020000c8c9"
            "cacbcccdcecfd0d1d2d3d4d5d6d703617070057573657273030101000002696401020304000003616765010902040001"
            "046e616d65010d0102010101010000002c32208080f281838985068280f2818389850680c49fd50cfeffffffffffffff"
            "ff01000800000000000000010800000000000000020800000000000000010001000800000000000000010000011032da"
            "aae35001000800000000000000020000015a1447dd38bf018f3a2ae285aaf08d026e2063bba2c98e00000000000000b9"
            "0000000aedb2337701000000000000000000000000000003000000cd5598cf4241545353534143");
  ASSERT_TRUE(written.reader->Verify().ok());
}

// Earlier versions lack encodings, nothing else.
TEST(Golden, FilesOfEarlierVersionsAreRead) {
  testing::TestTable written;
  ASSERT_NO_FATAL_FAILURE(written.Write(testing::UsersTable(), TinyModel()));
  for (uint32_t version = kFormatVersionMin; version < kFormatVersion; ++version) {
    std::string older = written.FileBytes();
    const size_t footer = older.size() - kFooterBytes;
    codec::StoreLittle(version, older.data() + 8);
    codec::StoreLittle(codec::Crc32c(std::string_view(older).substr(0, 12)), older.data() + 12);
    codec::StoreLittle(version, older.data() + footer + 32);
    codec::StoreLittle(codec::Crc32c(std::string_view(older).substr(footer, 36)), older.data() + footer + 36);
    const std::string path = "/data/older.sst";
    ASSERT_TRUE(io::WriteFileAtomically(written.file_system, path, older).ok());
    auto reader = SstableReader::Open(written.file_system, path, nullptr, nullptr);
    ASSERT_TRUE(reader.ok()) << reader.status().ToString();
    EXPECT_TRUE((*reader)->Verify().ok());
    EXPECT_EQ((*reader)->statistics().row_count, 1u);
    EXPECT_EQ((*reader)->Describe()->format_version, version);
  }
}

}  // namespace
}  // namespace cassette::storage::sstable
