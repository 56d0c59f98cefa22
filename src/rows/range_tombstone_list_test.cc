#include "rows/range_tombstone_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/random.h"

namespace cassette::rows {
namespace {

using Side = ClusteringBound::Side;

RangeTombstone Range(std::string start, Side start_side, std::string end, Side end_side, int64_t marked_at) {
  return {{std::move(start), start_side}, {std::move(end), end_side}, {marked_at, 1}};
}

TEST(RangeTombstoneList, CoversNothingWhenEmpty) {
  RangeTombstoneList list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.Covering("a"), nullptr);
}

TEST(RangeTombstoneList, KnowsWhichEndsAreIncluded) {
  RangeTombstoneList list;
  const RangeTombstone range = Range("b", Side::kAfter, "d", Side::kAfter, 5);
  list.Assign(std::span(&range, 1), {});
  EXPECT_EQ(list.Covering("b"), nullptr);
  EXPECT_NE(list.Covering("c"), nullptr);
  EXPECT_NE(list.Covering("d"), nullptr);
  EXPECT_NE(list.Covering("dz"), nullptr);  // Starts with the prefix.
  EXPECT_EQ(list.Covering("e"), nullptr);
}

TEST(RangeTombstoneList, DropsEmptyRangesAndThoseThePartitionDeletionCovers) {
  RangeTombstoneList list;
  const RangeTombstone ranges[] = {Range("b", Side::kBefore, "b", Side::kBefore, 9),
                                   Range("c", Side::kBefore, "d", Side::kBefore, 5)};
  list.Assign(ranges, {5, 1});
  EXPECT_TRUE(list.empty());
}

TEST(RangeTombstoneList, JoinsNeighboursOfOneDeletion) {
  RangeTombstoneList list;
  const RangeTombstone ranges[] = {Range("c", Side::kBefore, "e", Side::kBefore, 5),
                                   Range("a", Side::kBefore, "c", Side::kBefore, 5)};
  list.Assign(ranges, {});
  ASSERT_EQ(list.ranges().size(), 1u);
  EXPECT_EQ(list.ranges()[0].start.prefix, "a");
  EXPECT_EQ(list.ranges()[0].end.prefix, "e");
}

TEST(RangeTombstoneList, AgreesWithLookingAtAllOfThem) {
  const uint64_t seed = 7;
  SCOPED_TRACE("seed " + std::to_string(seed));
  base::Random random(seed);
  for (int round = 0; round < 300; ++round) {
    std::vector<RangeTombstone> ranges;
    for (uint64_t i = random.Below(12); i > 0; --i) {
      const auto bound = [&] { return std::string(1, static_cast<char>('a' + random.Below(16))); };
      const auto side = [&] { return random.Below(2) == 0 ? Side::kBefore : Side::kAfter; };
      ranges.push_back(Range(bound(), side(), bound(), side(), static_cast<int64_t>(random.Below(6))));
    }
    const DeletionTime partition{static_cast<int64_t>(random.Below(3)) - 1, 1};
    RangeTombstoneList list;
    list.Assign(ranges, partition);
    for (size_t i = 1; i < list.ranges().size(); ++i) {
      ASSERT_LE(list.ranges()[i - 1].end.Compare(list.ranges()[i].start), 0);
    }
    for (char c = 'a'; c < 'a' + 17; ++c) {
      const std::string row(1, c);
      int64_t expected = kNoTimestamp;
      for (const RangeTombstone& range : ranges) {
        const bool covers = range.start.CompareToRow(row) < 0 && range.end.CompareToRow(row) > 0;
        if (covers && range.deletion.marked_at_micros > partition.marked_at_micros) {
          expected = std::max(expected, range.deletion.marked_at_micros);
        }
      }
      const DeletionTime* found = list.Covering(row);
      ASSERT_EQ(found == nullptr ? kNoTimestamp : found->marked_at_micros, expected) << row;
    }
  }
}

}  // namespace
}  // namespace cassette::rows
