#include "rows/keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "codec/fixed.h"
#include "codec/murmur3.h"

namespace cassette::rows {
namespace {

using namespace std::string_literals;

std::string Int(int32_t value) {
  std::string bytes;
  codec::AppendBig(static_cast<uint32_t>(value), &bytes);
  return bytes;
}

schema::Table TwoClusterings() {
  schema::Table table;
  table.columns = {
      {schema::ColumnId(1), "k", types::DataType(types::TypeKind::kInt), schema::ColumnKind::kPartitionKey, 0, false},
      {schema::ColumnId(2), "a", types::DataType(types::TypeKind::kText), schema::ColumnKind::kClustering, 0, false},
      {schema::ColumnId(3), "b", types::DataType(types::TypeKind::kInt), schema::ColumnKind::kClustering, 1, true},
  };
  table.Finish();
  return table;
}

std::string Clustering(const schema::Table& table, std::string_view a, int32_t b) {
  std::string bytes;
  AppendClusteringComponent(table, 0, a, &bytes);
  AppendClusteringComponent(table, 1, Int(b), &bytes);
  return bytes;
}

TEST(PartitionKey, OneColumnIsItsBytes) {
  std::string key;
  const std::string_view component = "abc";
  ASSERT_TRUE(AppendPartitionKey({&component, 1}, &key).ok());
  EXPECT_EQ(key, "abc");
  std::vector<std::string_view> components;
  ASSERT_TRUE(SplitPartitionKey(1, key, &components).ok());
  EXPECT_EQ(components, std::vector<std::string_view>{"abc"});
}

TEST(PartitionKey, SeveralColumnsAreACompositeWhoseTokenIsCassandras) {
  const std::string one = Int(1);
  const std::string_view parts[] = {"a", one, ""};
  std::string key;
  ASSERT_TRUE(AppendPartitionKey(parts, &key).ok());
  EXPECT_EQ(key, "\0\1a\0\0\4\0\0\0\1\0\0\0\0"s);
  std::vector<std::string_view> components;
  ASSERT_TRUE(SplitPartitionKey(3, key, &components).ok());
  ASSERT_EQ(components.size(), 3u);
  EXPECT_TRUE(std::equal(components.begin(), components.end(), parts));
}

TEST(PartitionKey, RefusesEmptyAndTooLong) {
  std::string key;
  const std::string_view empty;
  const base::Status status = AppendPartitionKey({&empty, 1}, &key);
  EXPECT_EQ(status.code(), base::Code::kInvalidArgument);
  EXPECT_EQ(status.message(), "Key may not be empty");
  const std::string longest(kMaxKeyBytes, 'x');
  std::string_view component = longest;
  EXPECT_TRUE(AppendPartitionKey({&component, 1}, &key).ok());
  const std::string longer = longest + "x";
  component = longer;
  EXPECT_EQ(AppendPartitionKey({&component, 1}, &key).message(), "Key length of 65536 is longer than maximum of 65535");
  const std::string_view two[] = {std::string_view(longest).substr(6), ""};
  key.clear();
  EXPECT_TRUE(AppendPartitionKey(two, &key).ok());
  EXPECT_EQ(key.size(), kMaxKeyBytes);
  const std::string_view three[] = {std::string_view(longest).substr(5), ""};
  EXPECT_FALSE(AppendPartitionKey(three, &key).ok());
}

TEST(PartitionKey, RefusesMalformedComposites) {
  std::vector<std::string_view> components;
  for (const std::string& bad : {"\0"s, "\0\1"s, "\0\1a"s, "\0\1a\1\0\0\0"s, "\0\1a\0\0\0\0x"s, "\xff\xff"s}) {
    EXPECT_EQ(SplitPartitionKey(2, bad, &components).code(), base::Code::kCorruption);
  }
}

TEST(PartitionPosition, OrdersByTokenThenUnsignedKeyBytes) {
  EXPECT_LT((PartitionPosition{-5, "z"}.Compare({3, "a"})), 0);
  EXPECT_LT((PartitionPosition{3, "a"}.Compare({3, "\x80"})), 0);
  EXPECT_EQ((PartitionPosition{3, "a"}.Compare({3, "a"})), 0);
}

TEST(Clustering, MemcmpOrderIsTheTablesAndDecodes) {
  const schema::Table table = TwoClusterings();
  EXPECT_LT(Clustering(table, "a", 2), Clustering(table, "a", 1));
  EXPECT_LT(Clustering(table, "a", 1), Clustering(table, "b", 9));
  EXPECT_LT(Clustering(table, "a", -1), Clustering(table, "ab", 5));
  std::vector<columnar::Vector> vectors = {columnar::Vector(columnar::PhysicalType::kBytes),
                                           columnar::Vector(columnar::PhysicalType::kInt64)};
  ASSERT_TRUE(DecodeClustering(table, Clustering(table, "a\0b"s, -7), vectors).ok());
  EXPECT_EQ(vectors[0].bytes(0), "a\0b"s);
  EXPECT_EQ(vectors[1].int64(0), -7);
  EXPECT_EQ(DecodeClustering(table, Clustering(table, "a", 1) + "x", vectors).code(), base::Code::kCorruption);
  EXPECT_FALSE(DecodeClustering(table, "", vectors).ok());
}

TEST(ClusteringBound, StandsBesideAllRowsOfItsPrefix) {
  const schema::Table table = TwoClusterings();
  std::string prefix;
  AppendClusteringComponent(table, 0, "b", &prefix);
  const ClusteringBound before{prefix, ClusteringBound::Side::kBefore};
  const ClusteringBound after{prefix, ClusteringBound::Side::kAfter};
  const std::string a = Clustering(table, "a", 1);
  const std::string b = Clustering(table, "b", 1);
  const std::string c = Clustering(table, "c", 1);
  EXPECT_GT(before.CompareToRow(a), 0);
  EXPECT_LT(before.CompareToRow(b), 0);
  EXPECT_GT(after.CompareToRow(b), 0);
  EXPECT_LT(after.CompareToRow(c), 0);
  EXPECT_LT(before.Compare(after), 0);
  EXPECT_GT(after.Compare(before), 0);
  EXPECT_EQ(after.Compare(after), 0);
  const ClusteringBound inner{b, ClusteringBound::Side::kBefore};
  EXPECT_LT(before.Compare(inner), 0);
  EXPECT_GT(after.Compare(inner), 0);
  EXPECT_GT(inner.Compare(before), 0);
  EXPECT_LT(inner.Compare(after), 0);
  EXPECT_LT((ClusteringBound{a, ClusteringBound::Side::kAfter}.Compare(before)), 0);
  EXPECT_LT(ClusteringBound::Start().CompareToRow(a), 0);
  EXPECT_GT(ClusteringBound::End().CompareToRow(""), 0);
  EXPECT_LT(ClusteringBound::Start().Compare(before), 0);
  EXPECT_GT(ClusteringBound::End().Compare(after), 0);
  EXPECT_TRUE((ClusteringSlice{before, after}.Contains(b)));
  EXPECT_FALSE((ClusteringSlice{before, after}.Contains(c)));
  EXPECT_TRUE(ClusteringSlice::All().Contains(""));
}

}  // namespace
}  // namespace cassette::rows
