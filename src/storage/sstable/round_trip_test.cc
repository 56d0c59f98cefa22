// Random tables written and read back in every way, against a brute-force filter of the same rows.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/sstable/random_model.h"
#include "storage/sstable/test_table.h"

namespace cassette::storage::sstable {
namespace {

using testing::AllColumns;
using testing::RandomModel;
using testing::RandomShape;

// Every kind of read of one random table.
void CheckReads(testing::TestTable& written, RandomModel& random) {
  rows::ReadRange all;
  all.columns = AllColumns(*written.table);
  for (const bool reversed : {false, true}) {
    for (const bool bypass : {false, true}) {
      all.reversed = reversed;
      ReadOptions options;
      options.bypass_cache = bypass;
      ASSERT_NO_FATAL_FAILURE(written.Check(all, options));
    }
  }
  for (int i = 0; i < 60 && !written.model.empty(); ++i) {
    const testing::ModelPartition& some = written.model[random.random().Below(written.model.size())];
    rows::ReadRange range;
    for (const schema::ColumnId id : all.columns) {
      if (random.Chance(0.6)) range.columns.push_back(id);
    }
    range.reversed = random.Chance(0.5);
    if (random.Chance(0.7)) range.slices = random.Slices(some);
    if (random.Chance(0.6)) {
      range.key = &some.key;
      range.token = some.token;
    } else {
      range.has_start = random.Chance(0.7);
      range.start_token = some.token + static_cast<int64_t>(random.random().Below(2));
      range.has_end = random.Chance(0.7);
      range.end_token = written.model[random.random().Below(written.model.size())].token;
    }
    ReadOptions options;
    options.bypass_cache = random.Chance(0.3);
    std::string what = "read " + std::to_string(i) + (range.key != nullptr ? " of a partition" : " of a token range") +
                       (range.reversed ? ", reversed" : "") + (options.bypass_cache ? ", past the cache" : "");
    if (range.has_start) what += ", from " + std::to_string(range.start_token);
    if (range.has_end) what += ", to " + std::to_string(range.end_token);
    for (const rows::ClusteringSlice& slice : range.slices) {
      what += ", slice " + std::to_string(static_cast<int>(slice.start.side)) + testing::Hex(slice.start.prefix) + "-" +
              std::to_string(static_cast<int>(slice.end.side)) + testing::Hex(slice.end.prefix);
    }
    SCOPED_TRACE(what);
    ASSERT_NO_FATAL_FAILURE(written.Check(range, options));
  }
}

class RoundTrip : public ::testing::TestWithParam<uint64_t> {};

TEST_P(RoundTrip, EveryReadEqualsABruteForceFilter) {
  const uint64_t seed = GetParam();
  SCOPED_TRACE("seed " + std::to_string(seed));
  base::Random random(seed);
  RandomShape shape;
  shape.partitions = 1 + static_cast<uint32_t>(random.Below(200));
  shape.rows_max = static_cast<uint32_t>(random.Below(3) == 0 ? 2 : 1 + random.Below(60));
  if (random.Below(3) == 0) shape.tombstone_chance = shape.ttl_chance = shape.own_time_chance = 0;
  if (random.Below(3) == 0) shape.head_chance = 0;
  const schema::TablePtr table = random.Below(3) == 0 ? testing::UsersTable() : testing::MetricsTable();
  RandomModel contents(table, random.Next(), shape);
  const uint32_t group_rows = random.Below(2) == 0 ? 1 + static_cast<uint32_t>(random.Below(20)) : 1024;
  const uint32_t block_rows = 1 + static_cast<uint32_t>(random.Below(random.Below(2) == 0 ? 20 : 1024));
  testing::TestTable written;
  ASSERT_NO_FATAL_FAILURE(written.Write(table, contents.Make(), group_rows, block_rows));
  ASSERT_NO_FATAL_FAILURE(CheckReads(written, contents));
  const base::Status verified = written.reader->Verify();
  ASSERT_TRUE(verified.ok()) << verified.message();
  ASSERT_TRUE(written.reader->Describe().ok());
  ASSERT_EQ(written.reader->statistics(), written.statistics);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RoundTrip, ::testing::Range<uint64_t>(1, 61));

}  // namespace
}  // namespace cassette::storage::sstable
