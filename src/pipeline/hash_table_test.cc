#include "pipeline/hash_table.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"

namespace cassette::pipeline {
namespace {

struct Counter {
  uint64_t hash = 0;
  uint64_t count = 0;
};

TEST(HashTable, FindsWhatWasInsertedWhileItGrows) {
  base::Random random(3);
  HashTable<Counter> table;
  std::map<uint64_t, uint64_t> expected;
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t hash = random.Below(5'000) * 0x9e3779b97f4a7c15 + 1;
    const auto [counter, is_new] = table.Insert(hash);
    EXPECT_EQ(is_new, !expected.contains(hash));
    ++counter->count;
    ++expected[hash];
  }
  std::map<uint64_t, uint64_t> found;
  table.ForEach([&](const Counter& counter) { found[counter.hash] = counter.count; });
  EXPECT_EQ(found, expected);
  EXPECT_EQ(table.size(), expected.size());
  EXPECT_FALSE(table.Contains(2));
}

TEST(HashTable, GoesOnAtTheFrontBehindItsLastPlace) {
  HashTable<Counter> table;
  for (uint64_t i = 0; i < 200; ++i) EXPECT_TRUE(table.Insert(~i).second);
  for (uint64_t i = 0; i < 200; ++i) EXPECT_TRUE(table.Contains(~i));
  EXPECT_FALSE(table.Contains(~uint64_t{200}));
}

TEST(HashTable, TakesAHashOfZero) {
  HashTable<Counter> table;
  EXPECT_FALSE(table.Contains(0));
  EXPECT_TRUE(table.Insert(0).second);
  EXPECT_FALSE(table.Insert(0).second);
  EXPECT_EQ(table.size(), 1u);
}

}  // namespace
}  // namespace cassette::pipeline
