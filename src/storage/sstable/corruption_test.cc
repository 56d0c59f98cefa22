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
  EXPECT_EQ(status.message(), "/data/1.sst: an SSTable of format version 2; this program reads version 1");
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
