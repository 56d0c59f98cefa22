#include "session/plan_cache.h"

#include <gtest/gtest.h>

namespace cassette::session {
namespace {

class PlanCacheTest : public ::testing::Test {
 protected:
  std::shared_ptr<const LocalStatement> Statement(std::string text, std::string keyspace) {
    cql::analysis::Plan plan;
    plan.node = cql::analysis::UsePlan{"ks"};
    auto planned = std::make_shared<const PlannedStatement>(nullptr, std::move(plan));
    return std::make_shared<const LocalStatement>(std::move(text), std::move(keyspace), std::move(planned), functions_);
  }
  cql::functions::FunctionRegistry functions_;
};

TEST_F(PlanCacheTest, ForgetsTheLeastRecentlyUsed) {
  PlanCache cache(2);
  cache.Insert(Statement("one", "ks"));
  cache.Insert(Statement("two", "ks"));
  EXPECT_NE(cache.Find("one", "ks"), nullptr);
  cache.Insert(Statement("three", "ks"));
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_EQ(cache.Find("two", "ks"), nullptr);
  EXPECT_NE(cache.Find("one", "ks"), nullptr);
  EXPECT_NE(cache.Find("three", "ks"), nullptr);
}

TEST_F(PlanCacheTest, TellsKeyspacesApart) {
  PlanCache cache(10);
  cache.Insert(Statement("one", "a"));
  EXPECT_EQ(cache.Find("one", "b"), nullptr);
  cache.Insert(Statement("one", "a"));
  EXPECT_EQ(cache.size(), 1u);
}

}  // namespace
}  // namespace cassette::session
