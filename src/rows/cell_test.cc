#include "rows/cell.h"

#include <gtest/gtest.h>

#include <vector>

namespace cassette::rows {
namespace {

CellView Live(int64_t timestamp, std::string_view value) {
  return {CellState::kLive, timestamp, kNoTtl, kNeverExpires, value};
}
CellView Expiring(int64_t timestamp, int32_t ttl, int64_t expiry, std::string_view value) {
  return {CellState::kLive, timestamp, ttl, expiry, value};
}
CellView Tombstone(int64_t timestamp, int64_t local) { return {CellState::kTombstone, timestamp, kNoTtl, local, {}}; }

void ExpectWins(const CellView& winner, const CellView& loser) {
  EXPECT_TRUE(Wins(winner, loser));
  EXPECT_FALSE(Wins(loser, winner));
}

TEST(Wins, LaterTimestampWinsWhateverTheRest) {
  ExpectWins(Live(2, "a"), Live(1, "z"));
  ExpectWins(Live(2, "a"), Tombstone(1, 100));
  ExpectWins(Tombstone(2, 100), Expiring(1, 10, 200, "z"));
}

TEST(Wins, AtOneTimestampTombstoneBeatsExpiringBeatsLive) {
  ExpectWins(Tombstone(1, 5), Live(1, "z"));
  ExpectWins(Expiring(1, 10, 20, "a"), Live(1, "z"));
  ExpectWins(Tombstone(1, 5), Expiring(1, 10, 20, "z"));
}

TEST(Wins, LaterLocalTimeBreaksTiesOfTheSameKind) {
  ExpectWins(Tombstone(1, 6), Tombstone(1, 5));
  ExpectWins(Expiring(1, 10, 21, "a"), Expiring(1, 30, 20, "z"));
}

TEST(Wins, LargerValueBytewiseUnsignedIsLast) {
  ExpectWins(Live(1, "b"), Live(1, "a"));
  ExpectWins(Live(1, "\x80"), Live(1, "\x7f"));
  ExpectWins(Live(1, "aa"), Live(1, "a"));
  ExpectWins(Expiring(1, 10, 20, "b"), Expiring(1, 20, 20, "a"));
  ExpectWins(Live(1, "a"), {CellState::kEmpty, 1, kNoTtl, kNeverExpires, {}});
}

TEST(Wins, EqualCellsTieBothWays) { EXPECT_TRUE(Wins(Live(1, "a"), Live(1, "a"))); }

TEST(LivenessSupersedes, FollowsCassandra) {
  const Liveness plain{10, kNoTtl, kNeverExpires};
  const Liveness expiring{10, 5, 100};
  const Liveness expiring_later{10, 3, 101};
  const Liveness newer{11, kNoTtl, kNeverExpires};
  const Liveness dead{10, kExpiredLivenessTtl, 50};
  EXPECT_TRUE(Supersedes(newer, dead));
  EXPECT_TRUE(Supersedes(expiring, plain));
  EXPECT_FALSE(Supersedes(plain, expiring));
  EXPECT_TRUE(Supersedes(expiring_later, expiring));
  EXPECT_TRUE(Supersedes(dead, expiring_later));
  EXPECT_FALSE(Supersedes(plain, plain));
  EXPECT_TRUE(Supersedes(plain, Liveness()));
}

TEST(DeletionTime, LaterMarkThenLaterLocalTimeSupersedes) {
  EXPECT_TRUE((DeletionTime{2, 1}.Supersedes({1, 9})));
  EXPECT_TRUE((DeletionTime{2, 2}.Supersedes({2, 1})));
  EXPECT_FALSE((DeletionTime{2, 1}.Supersedes({2, 1})));
  EXPECT_TRUE((DeletionTime{2, 1}.Supersedes(DeletionTime())));
  EXPECT_FALSE(DeletionTime().Supersedes(DeletionTime{kNoTimestamp, 5}));
  EXPECT_TRUE((DeletionTime{2, 1}.Deletes(2)));
  EXPECT_FALSE((DeletionTime{2, 1}.Deletes(3)));
}

}  // namespace
}  // namespace cassette::rows
