#include "storage/memtable/partition_index.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>
#include <utility>

#include "base/random.h"

namespace cassette::storage::memtable {
namespace {

using rows::Token;

// An index beside an ordered map that says what is right.
class PartitionIndexTest : public testing::Test {
 protected:
  using Position = std::pair<Token, std::string>;

  void Add(Token token, const std::string& key) {
    Partition*& partition = expected_[{token, key}];
    if (partition != nullptr) return;
    partition = NewPartition(key, &context_);
    index_.Add({token, partition});
  }

  static const Partition* PartitionOf(const IndexEntry* entry) { return entry == nullptr ? nullptr : entry->partition; }
  const Partition* PartitionAt(std::map<Position, Partition*>::const_iterator found) const {
    return found == expected_.end() ? nullptr : found->second;
  }

  void ExpectSameAround(Token token, const std::string& key) const {
    const rows::PartitionPosition position{token, key};
    const Position wanted{token, key};
    EXPECT_EQ(PartitionOf(index_.Find(position)), PartitionAt(expected_.find(wanted)));
    EXPECT_EQ(PartitionOf(index_.FirstFrom(position)), PartitionAt(expected_.lower_bound(wanted)));
    EXPECT_EQ(PartitionOf(index_.FirstAfter(position)), PartitionAt(expected_.upper_bound(wanted)));
  }

  void ExpectSameWalk() const {
    const IndexEntry* entry = index_.FirstFrom({rows::kMinToken, {}});
    for (const auto& [position, partition] : expected_) {
      ASSERT_NE(entry, nullptr);
      ASSERT_EQ(entry->token, position.first);
      ASSERT_EQ(entry->partition, partition);
      entry = index_.FirstAfter({entry->token, entry->partition->key()});
    }
    EXPECT_EQ(entry, nullptr);
    EXPECT_EQ(index_.size(), expected_.size());
  }

  PartitionContext context_;
  PartitionIndex index_{kSharedBits};
  std::map<Position, Partition*> expected_;

  static constexpr uint32_t kSharedBits = 3;
  // The second of eight shards: its tokens begin with 001 once the sign is turned.
  static constexpr Token kFirstToken = std::numeric_limits<Token>::min() + (Token{1} << 61);
  static constexpr Token kLastToken = kFirstToken + ((Token{1} << 61) - 1);
};

TEST_F(PartitionIndexTest, FindsNothingInAnEmptyOne) {
  ExpectSameAround(kFirstToken, "key");
  ExpectSameWalk();
}

TEST_F(PartitionIndexTest, KeepsOrderWhileTheDirectoryDoubles) {
  base::Random random(7);
  for (int i = 0; i < 5000; ++i) {
    Add(kFirstToken + static_cast<Token>(random.Next() >> 3), std::to_string(i));
    if (i % 500 == 0) ExpectSameWalk();
  }
  ExpectSameWalk();
  for (const auto& [position, partition] : expected_) ExpectSameAround(position.first, position.second);
  for (int i = 0; i < 1000; ++i) ExpectSameAround(kFirstToken + static_cast<Token>(random.Next() >> 3), "absent");
}

TEST_F(PartitionIndexTest, TakesTheFirstAndTheLastToken) {
  for (const Token token : {kFirstToken, kLastToken, kFirstToken + 1, kLastToken - 1}) Add(token, "key");
  ExpectSameWalk();
  ExpectSameAround(kLastToken, "key");
}

TEST_F(PartitionIndexTest, TokensThatCrowdStayInOrder) {
  for (int i = 0; i < 2000; ++i) Add(kFirstToken + 100 + i % 3, std::to_string(i));
  Add(kLastToken, "far");
  ExpectSameWalk();
  for (int i = 0; i < 2000; ++i) ExpectSameAround(kFirstToken + 100 + i % 4, std::to_string(i));
}

TEST_F(PartitionIndexTest, CountsItsMemory) {
  const size_t empty_bytes = index_.memory_bytes();
  for (int i = 0; i < 4096; ++i) Add(kFirstToken + (Token{i} << 49), std::to_string(i));
  const size_t bytes = index_.memory_bytes() - empty_bytes;
  EXPECT_GT(bytes, 4096 * sizeof(IndexEntry));
  EXPECT_LT(bytes, 4096 * 4 * sizeof(IndexEntry));
}

}  // namespace
}  // namespace cassette::storage::memtable
