#include "storage/sstable/key_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace cassette::storage::sstable {
namespace {

TEST(KeyFilter, HasEveryKeyAndFewOthers) {
  for (const double chance : {0.1, 0.01, 0.001}) {
    base::Random random(1);
    std::vector<rows::Token> tokens;
    for (int i = 0; i < 100'000; ++i) tokens.push_back(static_cast<rows::Token>(random.Next()));
    const std::string filter = BuildFilter(tokens, FilterBitsPerKey(chance));
    for (const rows::Token token : tokens) ASSERT_TRUE(FilterMayContain(filter, token));
    int wrong = 0;
    for (int i = 0; i < 100'000; ++i) wrong += FilterMayContain(filter, static_cast<rows::Token>(random.Next()));
    EXPECT_LT(wrong, 1.3 * chance * 100'000) << chance;
  }
}

TEST(KeyFilter, HoldsForTokensThatLieCloseTogether) {
  base::Random random(2);
  std::vector<rows::Token> tokens;
  for (int i = 0; i < 10'000; ++i) tokens.push_back(static_cast<rows::Token>(random.Below(uint64_t{1} << 40)));
  const std::string filter = BuildFilter(tokens, FilterBitsPerKey(0.01));
  int wrong = 0;
  for (int i = 0; i < 100'000; ++i) {
    wrong += FilterMayContain(filter, static_cast<rows::Token>(random.Below(uint64_t{1} << 40)));
  }
  EXPECT_LT(wrong, 1500);
}

TEST(KeyFilter, TakesAboutTenBitsAKeyByDefault) {
  EXPECT_NEAR(FilterBitsPerKey(0.01), 10.5, 1);
  EXPECT_EQ(FilterBitsPerKey(1.0), 0);
  EXPECT_LE(FilterBitsPerKey(0), kFilterBitsPerKeyMax);
}

TEST(KeyFilter, OfNothingIsOneBlockThatHasNothing) {
  const std::string filter = BuildFilter({}, 10);
  EXPECT_EQ(filter.size(), kFilterBlockBytes);
  EXPECT_FALSE(FilterMayContain(filter, 42));
}

}  // namespace
}  // namespace cassette::storage::sstable
