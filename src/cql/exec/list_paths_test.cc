#include "cql/exec/list_paths.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "types/value.h"

namespace cassette::cql::exec {
namespace {

constexpr int64_t kNowMicros = 1700000000000000;

bool ComesBefore(const std::string& a, const std::string& b) {
  return types::Compare(types::DataType(types::TypeKind::kTimeuuid), a, b) < 0;
}

TEST(ListPaths, GrowWithEachAppendThoughTheClockStandsStillOrGoesBack) {
  ListPaths paths;
  const int64_t first = paths.Append(kNowMicros, 3);
  const int64_t second = paths.Append(kNowMicros, 2);
  const int64_t third = paths.Append(kNowMicros - 1000, 1);
  EXPECT_EQ(first, kNowMicros * 10);
  EXPECT_EQ(second, first + 3);
  EXPECT_EQ(third, second + 2);
  EXPECT_EQ(paths.Append(kNowMicros + 1000, 1), (kNowMicros + 1000) * 10);
}

TEST(ListPaths, ShrinkWithEachPrependAndStandBeforeAllAppends) {
  ListPaths paths;
  const int64_t first = paths.Prepend(kNowMicros, 2);
  const int64_t second = paths.Prepend(kNowMicros, 3);
  const int64_t later = paths.Prepend(kNowMicros + 1000, 1);
  EXPECT_EQ(second + 3, first);
  EXPECT_LT(later, second);
  EXPECT_LT(first, paths.Append(kNowMicros, 1));
}

TEST(ListPaths, AreTimeUuidsInTheOrderOfTheirTicks) {
  ListPaths paths;
  const int64_t first = paths.Append(kNowMicros, 3);
  const std::string a = ListPathAt(first, 0x3fffffffffffffff);
  const std::string b = ListPathAt(first + 1, 0);
  EXPECT_EQ(a.size(), 16u);
  EXPECT_TRUE(types::Validate(types::DataType(types::TypeKind::kTimeuuid), a).ok());
  EXPECT_TRUE(ComesBefore(a, b));
  EXPECT_TRUE(ComesBefore(ListPathAt(paths.Prepend(kNowMicros, 1), 5), a));
}

TEST(ListPaths, NoTwoThreadsGetOneTick) {
  ListPaths paths;
  constexpr int kThreads = 4;
  constexpr int kRounds = 1000;
  std::vector<std::vector<int64_t>> firsts(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRounds; ++i) firsts[t].push_back(paths.Append(kNowMicros, 2));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<int64_t> seen;
  for (const auto& list : firsts) {
    for (const int64_t first : list) {
      EXPECT_TRUE(seen.insert(first).second);
      EXPECT_TRUE(seen.insert(first + 1).second);
    }
  }
}

}  // namespace
}  // namespace cassette::cql::exec
