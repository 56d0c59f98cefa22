// Damaged files: every changed byte and every cut is told, by file and offset, and never read as something else.
#include <gtest/gtest.h>

#include <string>

#include "codec/crc32c.h"
#include "codec/fixed.h"
#include "storage/sstable/format.h"
#include "storage/sstable/random_model.h"
#include "storage/sstable/test_table.h"

namespace cassette::storage::sstable {
namespace {

using testing::kPath;
using testing::TestTable;

// Replaces the file and reads it: what Open, a scan and Verify say, the first failure of them. A scan that succeeds
// must give `lines`.
struct Outcome {
  base::Status opened;
  base::Status scanned;
  base::Status verified;
};

Outcome Examine(TestTable& written, const std::string& bytes, const std::vector<std::string>& lines) {
  Outcome outcome;
  EXPECT_TRUE(io::WriteFileAtomically(written.file_system, kPath, bytes).ok());
  auto opened = SstableReader::Open(written.file_system, kPath, &written.table->id, nullptr);
  outcome.opened = opened.status();
  if (!opened.ok()) return outcome;
  rows::ReadRange range;
  range.columns = testing::AllColumns(*written.table);
  testing::Model model;
  ReadCounters counters;
  outcome.scanned = testing::ReadAll((*opened)->Read(range, {}, counters).get(), *written.table, &model);
  if (outcome.scanned.ok()) {
    EXPECT_EQ(testing::ToLines(model), lines);
  }
  outcome.verified = (*opened)->Verify();
  return outcome;
}

// A small table with something of everything.
void WriteSmall(TestTable* written) {
  testing::RandomShape shape;
  shape.partitions = 12;
  shape.rows_max = 3;
  testing::RandomModel random(testing::MetricsTable(), 5, shape);
  ASSERT_NO_FATAL_FAILURE(written->Write(testing::MetricsTable(), random.Make(), 16));
}

TEST(Corruption, EveryChangedByteIsDetected) {
  TestTable written;
  ASSERT_NO_FATAL_FAILURE(WriteSmall(&written));
  const std::string good = written.FileBytes();
  const std::vector<std::string> lines = testing::ToLines(written.model);
  ASSERT_TRUE(Examine(written, good, lines).verified.ok());
  base::Random random(11);
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1u << random.Below(8)));
    const Outcome outcome = Examine(written, bad, lines);
    ASSERT_FALSE(outcome.opened.ok() && outcome.verified.ok()) << "byte " << at;
    for (const base::Status& status : {outcome.opened, outcome.scanned, outcome.verified}) {
      if (status.ok()) continue;
      ASSERT_NE(status.message().find(kPath), std::string::npos) << status.message();
      const bool refused = status.code() == base::Code::kFailedPrecondition && at < kHeaderBytes;
      ASSERT_TRUE(refused || status.code() == base::Code::kCorruption) << at << ": " << status.message();
      if (refused) continue;
      ASSERT_NE(status.message().find("offset "), std::string::npos) << status.message();
    }
  }
}

// Makes every checksum of a damaged file right again, as far as the file can still be understood.
void MendChecksums(std::string* file) {
  const auto crc_of = [&](uint64_t offset, uint64_t size) {
    return offset <= file->size() ? codec::Crc32c(std::string_view(*file).substr(offset, size)) : 0;
  };
  auto footer = ParseFooter(std::string_view(*file).substr(file->size() - kFooterBytes), file->size(), kPath);
  ASSERT_TRUE(footer.ok());
  Metadata metadata;
  ASSERT_TRUE(
      ParseMetadata(std::string_view(*file).substr(footer->metadata_offset, footer->metadata_size_bytes), &metadata));
  for (BlockReference& reference : metadata.index_blocks) {
    std::vector<GroupEntry> entries;
    std::string bytes;
    if (ParseGroupEntries(std::string_view(*file).substr(reference.offset, reference.size_bytes), reference.entry_count,
                          &entries)) {
      for (size_t i = 0; i < entries.size(); ++i) {
        for (Stream& stream : entries[i].streams) stream.crc = crc_of(stream.offset, stream.size_bytes);
        AppendGroupEntry(entries[i], i > 0 ? &entries[i - 1] : nullptr, &bytes);
      }
      if (bytes.size() == reference.size_bytes) file->replace(reference.offset, bytes.size(), bytes);
    }
    reference.crc = crc_of(reference.offset, reference.size_bytes);
  }
  for (BlockReference& reference : metadata.head_index_blocks) {
    std::vector<BlockReference> blocks;
    codec::ByteReader reader(std::string_view(*file).substr(reference.offset, reference.size_bytes));
    std::string bytes;
    if (ParseBlockReferences(&reader, &blocks)) {
      for (BlockReference& block : blocks) block.crc = crc_of(block.offset, block.size_bytes);
      AppendBlockReferences(blocks, &bytes);
      if (bytes.size() == reference.size_bytes) file->replace(reference.offset, bytes.size(), bytes);
    }
    reference.crc = crc_of(reference.offset, reference.size_bytes);
  }
  for (FilterReference& reference : metadata.filter_blocks) {
    reference.crc = crc_of(reference.offset, reference.size_bytes);
  }
  std::string bytes;
  AppendMetadata(metadata, &bytes);
  ASSERT_EQ(bytes.size(), footer->metadata_size_bytes);
  file->replace(footer->metadata_offset, bytes.size(), bytes);
  footer->metadata_crc = codec::Crc32c(bytes);
  file->replace(file->size() - kFooterBytes, kFooterBytes, EncodeFooter(*footer));
}

// What a checksum cannot know: a file that was written wrongly. Reading it may give wrong rows, but only that.
TEST(Corruption, DamageBehindRightChecksumsNeverCrashes) {
  TestTable written;
  ASSERT_NO_FATAL_FAILURE(WriteSmall(&written));
  const std::string good = written.FileBytes();
  const auto footer = ParseFooter(std::string_view(good).substr(good.size() - kFooterBytes), good.size(), kPath);
  ASSERT_TRUE(footer.ok());
  base::Random random(21);
  int told = 0;
  constexpr int kRounds = 3000;
  for (int round = 0; round < kRounds; ++round) {
    std::string bad = good;
    const size_t at = kHeaderBytes + random.Below(footer->metadata_offset - kHeaderBytes);
    bad[at] = static_cast<char>(random.Next());
    ASSERT_NO_FATAL_FAILURE(MendChecksums(&bad));
    ASSERT_TRUE(io::WriteFileAtomically(written.file_system, kPath, bad).ok());
    auto opened = SstableReader::Open(written.file_system, kPath, &written.table->id, nullptr);
    if (!opened.ok()) continue;
    told += !(*opened)->Verify().ok();
    for (const bool reversed : {false, true}) {
      rows::ReadRange range;
      range.columns = testing::AllColumns(*written.table);
      range.reversed = reversed;
      ReadCounters counters;
      rows::RowBlock block;
      const auto scan = (*opened)->Read(range, {}, counters);
      for (auto more = scan->Next(&block); more.ok() && *more; more = scan->Next(&block))
        ASSERT_LE(block.row_count, 1024u);
      const testing::ModelPartition& some = written.model[random.Below(written.model.size())];
      range.key = &some.key;
      range.token = some.token;
      range.slices = {{{}, {some.rows.empty() ? "" : some.rows[0].position, rows::ClusteringBound::Side::kAfter}}};
      const auto read = (*opened)->Read(range, {}, counters);
      for (auto more = read->Next(&block); more.ok() && *more; more = read->Next(&block))
        ASSERT_LE(block.row_count, 1024u);
    }
  }
  EXPECT_GT(told, 0);
}

TEST(Corruption, ColumnsThatNoTableCanHaveAreRefused) {
  TestTable written;
  ASSERT_NO_FATAL_FAILURE(WriteSmall(&written));
  const std::string file = written.FileBytes();
  const auto footer = ParseFooter(std::string_view(file).substr(file.size() - kFooterBytes), file.size(), kPath);
  ASSERT_TRUE(footer.ok());
  Metadata good;
  ASSERT_TRUE(
      ParseMetadata(std::string_view(file).substr(footer->metadata_offset, footer->metadata_size_bytes), &good));
  const auto parses = [&](const auto& change) {
    Metadata bad = good;
    change(bad.table.columns);
    std::string bytes;
    AppendMetadata(bad, &bytes);
    return ParseMetadata(bytes, &bad);
  };
  using Columns = std::vector<schema::Column>;
  EXPECT_TRUE(parses([](Columns&) {}));
  EXPECT_FALSE(parses([](Columns& columns) { columns[0].id = schema::ColumnId(schema::kMaxColumnId); }));
  EXPECT_FALSE(parses([](Columns& columns) { columns[0].id = columns[1].id; }));
  EXPECT_FALSE(parses([](Columns& columns) { columns[0].name = columns[1].name; }));
}

TEST(Corruption, AFileCutAnywhereIsRefused) {
  TestTable written;
  ASSERT_NO_FATAL_FAILURE(WriteSmall(&written));
  const std::string good = written.FileBytes();
  for (size_t size = 0; size < good.size(); ++size) {
    const Outcome outcome = Examine(written, good.substr(0, size), {});
    ASSERT_FALSE(outcome.opened.ok()) << size;
    ASSERT_EQ(outcome.opened.code(), size < kHeaderBytes ? base::Code::kFailedPrecondition : base::Code::kCorruption);
  }
}

TEST(Corruption, BytesAddedAtTheEndAreRefused) {
  TestTable written;
  ASSERT_NO_FATAL_FAILURE(WriteSmall(&written));
  EXPECT_EQ(Examine(written, written.FileBytes() + "x", {}).opened.code(), base::Code::kCorruption);
}

TEST(Corruption, AFileOfAnotherVersionIsRefusedByName) {
  TestTable written;
  ASSERT_NO_FATAL_FAILURE(WriteSmall(&written));
  std::string newer = written.FileBytes();
  codec::StoreLittle(kFormatVersion + 1, newer.data() + 8);
  codec::StoreLittle(codec::Crc32c(std::string_view(newer).substr(0, 12)), newer.data() + 12);
  const base::Status status = Examine(written, newer, {}).opened;
  EXPECT_EQ(status.code(), base::Code::kFailedPrecondition);
  EXPECT_EQ(status.message(), "/data/1.sst: an SSTable of format version 4; this program reads versions 1 to 3");
}

TEST(Corruption, AFileThatIsNoSstableIsRefusedByName) {
  TestTable written;
  ASSERT_NO_FATAL_FAILURE(WriteSmall(&written));
  const base::Status status = Examine(written, std::string(5000, 'x'), {}).opened;
  EXPECT_EQ(status.code(), base::Code::kFailedPrecondition);
  EXPECT_NE(status.message().find("/data/1.sst: not an SSTable"), std::string::npos);
}

TEST(Corruption, AFileOfAnotherTableIsRefusedByName) {
  TestTable written;
  ASSERT_NO_FATAL_FAILURE(WriteSmall(&written));
  const schema::TableId other = testing::UsersTable()->id;
  const auto opened = SstableReader::Open(written.file_system, kPath, &other, nullptr);
  ASSERT_EQ(opened.status().code(), base::Code::kFailedPrecondition);
  EXPECT_NE(opened.status().message().find("network.metrics"), std::string::npos);
}

TEST(Corruption, AMissingFileIsNotFound) {
  io::MemFileSystem file_system;
  const auto opened = SstableReader::Open(file_system, "/none.sst", nullptr, nullptr);
  EXPECT_EQ(opened.status().code(), base::Code::kNotFound);
}

}  // namespace
}  // namespace cassette::storage::sstable
