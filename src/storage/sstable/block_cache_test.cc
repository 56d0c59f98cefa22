#include "storage/sstable/block_cache.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"

namespace cassette::storage::sstable {
namespace {

CacheKey Key(uint64_t file, uint64_t place) { return {file, place, CachedKind::kVector, 0}; }

TEST(BlockCache, FindsWhatWasInserted) {
  BlockCache cache(1 << 20);
  cache.Insert(Key(1, 2), std::make_shared<int>(7), 100);
  EXPECT_EQ(*std::static_pointer_cast<const int>(cache.Find(Key(1, 2))), 7);
  EXPECT_EQ(cache.Find(Key(2, 2)), nullptr);
  EXPECT_EQ(cache.Find({1, 2, CachedKind::kVector, 1}), nullptr);
  EXPECT_EQ(cache.Find({1, 2, CachedKind::kHeadBlock, 0}), nullptr);
  EXPECT_EQ(cache.Statistics().hits, 1u);
  EXPECT_EQ(cache.Statistics().misses, 3u);
}

TEST(BlockCache, NeverHoldsMoreThanItsCapacity) {
  constexpr size_t kCapacity = 1 << 20;
  BlockCache cache(kCapacity);
  base::Random random(1);
  for (uint64_t i = 0; i < 10'000; ++i) {
    cache.Insert(Key(1, random.Below(5000)), std::make_shared<int>(1), random.Below(3000));
    ASSERT_LE(cache.Statistics().bytes, kCapacity);
  }
  EXPECT_GT(cache.Statistics().evictions, 0u);
  EXPECT_GT(cache.Statistics().bytes, kCapacity / 2);
}

TEST(BlockCache, KeepsWhatIsAskedForWhenOtherThingsPassThrough) {
  BlockCache cache(1 << 20);
  cache.Insert(Key(1, 0), std::make_shared<int>(1), 1000);
  for (uint64_t i = 1; i < 20'000; ++i) {
    cache.Insert(Key(1, i), std::make_shared<int>(1), 1000);
    ASSERT_NE(cache.Find(Key(1, 0)), nullptr) << i;
  }
}

TEST(BlockCache, KeepsNothingThatIsLargerThanAShard) {
  BlockCache cache(16 * 1000);
  cache.Insert(Key(1, 1), std::make_shared<int>(1), 1001);
  EXPECT_EQ(cache.Find(Key(1, 1)), nullptr);
  BlockCache none(0);
  none.Insert(Key(1, 1), std::make_shared<int>(1), 0);
  EXPECT_EQ(none.Statistics().entries, 0u);
}

TEST(BlockCache, ForgetsOneFile) {
  BlockCache cache(1 << 20);
  for (uint64_t place = 0; place < 100; ++place) {
    cache.Insert(Key(1, place), std::make_shared<int>(1), 10);
    cache.Insert(Key(2, place), std::make_shared<int>(2), 10);
  }
  cache.EraseFile(1);
  EXPECT_EQ(cache.Statistics().entries, 100u);
  EXPECT_EQ(cache.Find(Key(1, 5)), nullptr);
  EXPECT_NE(cache.Find(Key(2, 5)), nullptr);
}

TEST(BlockCache, FindsAllThatFitsWhateverCameAndWentBefore) {
  constexpr uint64_t kFiles = 3;
  BlockCache cache(8 << 20);
  std::map<std::pair<uint64_t, uint64_t>, uint64_t> expected;
  base::Random random(1);
  for (uint64_t i = 0; i < 50'000; ++i) {
    const uint64_t file = random.Below(kFiles);
    const uint64_t place = random.Below(2000);
    if (random.Below(3000) == 0) {
      cache.EraseFile(file);
      std::erase_if(expected, [&](const auto& entry) { return entry.first.first == file; });
    } else if (random.Below(2) == 0) {
      cache.Insert(Key(file, place), std::make_shared<uint64_t>(i), 100);
      expected[{file, place}] = i;
    }
    const auto found = cache.Find(Key(file, place));
    const auto wanted = expected.find({file, place});
    ASSERT_EQ(found != nullptr, wanted != expected.end()) << i;
    if (found == nullptr) continue;
    ASSERT_EQ(*std::static_pointer_cast<const uint64_t>(found), wanted->second) << i;
  }
  EXPECT_EQ(cache.Statistics().evictions, 0u);
  EXPECT_EQ(cache.Statistics().entries, expected.size());
}

TEST(BlockCache, TakesCallsFromManyThreads) {
  BlockCache cache(64 << 10);
  std::vector<std::thread> threads;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    threads.emplace_back([&cache, seed] {
      base::Random random(seed);
      for (int i = 0; i < 20'000; ++i) {
        const uint64_t place = random.Below(200);
        if (const auto found = cache.Find(Key(1, place))) {
          ASSERT_EQ(*std::static_pointer_cast<const uint64_t>(found), place);
        } else {
          cache.Insert(Key(1, place), std::make_shared<uint64_t>(place), 500);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(cache.Statistics().bytes, 64u << 10);
}

}  // namespace
}  // namespace cassette::storage::sstable
