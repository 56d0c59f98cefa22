#include "rows/partition_locks.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace cassette::rows {
namespace {

PartitionId Partition(rows::Token token, uint8_t table = 1) {
  PartitionId partition;
  partition.table.bytes[0] = table;
  partition.token = token;
  return partition;
}

TEST(PartitionLocksTest, NoIncrementUnderALockIsLost) {
  PartitionLocks locks;
  constexpr int kThreads = 4;
  constexpr int kRounds = 2000;
  // Plain numbers: only the locks keep the threads apart. Each thread names the two partitions in another order.
  int64_t first = 0;
  int64_t second = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const std::vector<PartitionId> partitions =
          t % 2 == 0 ? std::vector{Partition(1), Partition(2)} : std::vector{Partition(2), Partition(1), Partition(2)};
      for (int i = 0; i < kRounds; ++i) {
        const PartitionLocks::Guard guard = locks.Lock(partitions);
        ++first;
        ++second;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first, kThreads * kRounds);
  EXPECT_EQ(second, kThreads * kRounds);
}

TEST(PartitionLocksTest, AllAndVeryManyKeepOutTheFew) {
  PartitionLocks locks;
  constexpr int kRounds = 2000;
  const std::vector<PartitionId> few = {Partition(1)};
  std::vector<PartitionId> many;  // Without the one of `few`, so that no mutex is shared.
  for (rows::Token token = 2; many.size() < 2 * PartitionLocks::kMaxStripesAtOnce; ++token) {
    if (PartitionLocks::StripeOf(Partition(token)) != PartitionLocks::StripeOf(few[0]))
      many.push_back(Partition(token));
  }
  int64_t count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRounds; ++i) {
        const PartitionLocks::Guard guard = t == 0 ? locks.LockAll() : locks.Lock(t == 1 ? many : few);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 4 * kRounds);
}

TEST(PartitionLocksTest, OtherPartitionsDoNotWait) {
  PartitionLocks locks;
  rows::Token other = 2;
  while (PartitionLocks::StripeOf(Partition(other)) == PartitionLocks::StripeOf(Partition(1))) ++other;
  const PartitionId first[] = {Partition(1)};
  const PartitionLocks::Guard guard = locks.Lock(first);
  std::atomic<bool> got = false;
  std::thread thread([&] {
    const PartitionId second[] = {Partition(other)};
    const PartitionLocks::Guard inner = locks.Lock(second);
    got = true;
  });
  thread.join();
  EXPECT_TRUE(got);
}

TEST(PartitionLocksTest, TokensAndTablesSpreadOverAllStripes) {
  std::vector<int> tokens(PartitionLocks::kStripes, 0);
  for (rows::Token token = 0; token < 64 * 1024; ++token) ++tokens[PartitionLocks::StripeOf(Partition(token))];
  for (const int count : tokens) EXPECT_GT(count, 0);
  EXPECT_NE(PartitionLocks::StripeOf(Partition(7, 1)), PartitionLocks::StripeOf(Partition(7, 2)));
}

TEST(PartitionLocksTest, NoPartitionsNeedNoLock) {
  PartitionLocks locks;
  const PartitionLocks::Guard first = locks.Lock({});
}

}  // namespace
}  // namespace cassette::rows
