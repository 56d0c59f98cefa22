#include "pipeline/key_tracker.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace cassette::pipeline {
namespace {

using columnar::PhysicalType;
using columnar::Vector;
using ::testing::ElementsAre;
using types::DataType;
using types::TypeKind;

class KeyTrackerTest : public ::testing::Test {
 protected:
  // A table of (k int, c int), PRIMARY KEY (k, c) or, without clustering, (k).
  static KeyTracker Tracker(bool has_clustering, const KeyBounds& bounds = {}) {
    std::vector<KeyTracker::KeyColumn> clustering;
    if (has_clustering) clustering.push_back({1, DataType(TypeKind::kInt)});
    return KeyTracker({{0, DataType(TypeKind::kInt)}}, clustering, bounds);
  }
  // What Add marks of rows (k, c).
  static KeyMarks Add(KeyTracker& tracker, const std::vector<std::pair<int, int>>& rows) {
    Vector k(PhysicalType::kInt64);
    Vector c(PhysicalType::kInt64);
    for (const auto& row : rows) {
      k.AppendInt64(row.first);
      c.AppendInt64(row.second);
    }
    const Vector* const vectors[] = {&k, &c};
    KeyMarks marks;
    tracker.Add(vectors, static_cast<uint32_t>(rows.size()), &marks);
    return marks;
  }
};

TEST_F(KeyTrackerTest, CountsDistinctRowsAndShowsWhereAKeyRepeats) {
  const DataType text(TypeKind::kText);
  const DataType number(TypeKind::kInt);
  KeyTracker tracker({{0, text}}, {{1, number}});
  Vector keys(PhysicalType::kBytes);
  Vector numbers(PhysicalType::kInt64);
  for (const auto& [key, value] : {std::pair{"a", 1}, {"b", 1}, {"a", 1}, {"a", 2}, {"a", 1}}) {
    keys.AppendBytes(key);
    numbers.AppendInt64(value);
  }
  const Vector* vectors[] = {&keys, &numbers};
  KeyMarks marks;
  tracker.Add(vectors, 5, &marks);
  EXPECT_THAT(marks.starts, ElementsAre(2, 4));
  EXPECT_THAT(marks.new_rows, ElementsAre(0, 1, 3));
  tracker.Add(vectors, 2, &marks);
  EXPECT_THAT(marks.starts, ElementsAre());
  EXPECT_THAT(marks.new_rows, ElementsAre());
  const KeyFigures figures = tracker.Figures();
  EXPECT_EQ(figures.rows, 7u);
  EXPECT_EQ(figures.distinct_rows, 3u);
  EXPECT_EQ(figures.partitions, 2u);
  EXPECT_EQ(figures.largest_partition_rows, 2u);
  EXPECT_EQ(figures.hottest[0].key, "a");
}

TEST_F(KeyTrackerTest, NamesTheHottestPartitionsAndEqualOnesByTheirText) {
  KeyTracker tracker({{0, DataType(TypeKind::kInt)}, {1, DataType(TypeKind::kText)}}, {{2, DataType(TypeKind::kInt)}});
  Vector numbers(PhysicalType::kInt64);
  Vector texts(PhysicalType::kBytes);
  Vector rows(PhysicalType::kInt64);
  const auto add = [&](int number, std::string_view text, int row) {
    numbers.AppendInt64(number);
    texts.AppendBytes(text);
    rows.AppendInt64(row);
  };
  for (const int number : {30, -7, 200, 4, 11, 5}) add(number, "x", 1);
  add(30, "", 1);
  for (const int row : {2, 3, 4}) add(200, "", row);
  add(4, "x", 2);
  const Vector* vectors[] = {&numbers, &texts, &rows};
  KeyMarks marks;
  tracker.Add(vectors, rows.size(), &marks);
  const KeyFigures figures = tracker.Figures();
  std::vector<std::string> hottest;
  for (const HotPartition& hot : figures.hottest) hottest.push_back(fmt::format("{} ({})", hot.key, hot.rows));
  EXPECT_THAT(hottest, ElementsAre("200,  (3)", "4, x (2)", "-7, x (1)", "11, x (1)", "200, x (1)"));
  EXPECT_EQ(figures.largest_partition_rows, 3u);
  EXPECT_EQ(figures.median_partition_rows, 1u);
}

TEST_F(KeyTrackerTest, CountsRowsPastItsBoundAsNew) {
  KeyBounds bounds;
  bounds.rows = 3;
  KeyTracker tracker = Tracker(true, bounds);
  Add(tracker, {{1, 1}, {1, 2}, {1, 3}});
  EXPECT_TRUE(tracker.Figures().is_exact);
  Add(tracker, {{1, 4}, {1, 4}, {1, 1}});
  EXPECT_FALSE(tracker.Figures().is_exact);
  EXPECT_EQ(tracker.Figures().distinct_rows, 5u);
  EXPECT_EQ(tracker.Figures().largest_partition_rows, 5u);
}

TEST_F(KeyTrackerTest, RemembersNoPartitionsPastItsBound) {
  KeyBounds bounds;
  bounds.rows = 2;
  KeyTracker tracker = Tracker(false, bounds);
  Add(tracker, {{1, 0}, {2, 0}});
  EXPECT_TRUE(tracker.Figures().is_exact);
  EXPECT_THAT(Add(tracker, {{3, 0}, {1, 0}, {3, 0}}).new_rows, ElementsAre(0, 2));
  EXPECT_FALSE(tracker.Figures().is_exact);
  EXPECT_EQ(tracker.Figures().partitions, 2u);
  EXPECT_EQ(tracker.Figures().distinct_rows, 4u);
}

TEST_F(KeyTrackerTest, RemembersNoPartitionsPastTheBytesOfTheirKeys) {
  KeyBounds bounds;
  bounds.partition_key_bytes = 16;  // Of two keys, with their lengths.
  KeyTracker tracker = Tracker(true, bounds);
  Add(tracker, {{1, 0}, {2, 0}});
  EXPECT_TRUE(tracker.Figures().is_exact);
  Add(tracker, {{3, 0}, {2, 1}});
  EXPECT_FALSE(tracker.Figures().is_exact);
  EXPECT_EQ(tracker.Figures().partitions, 2u);
  EXPECT_EQ(tracker.Figures().distinct_rows, 4u);
}

}  // namespace
}  // namespace cassette::pipeline
