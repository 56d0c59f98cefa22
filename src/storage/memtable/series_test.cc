#include "storage/memtable/series.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/memtable/test_tables.h"
#include "types/value.h"

namespace cassette::storage::memtable {
namespace {

using testing::Big64;
using testing::MakeTable;

std::string KeyOf(const Layout& layout, int64_t at) {
  const schema::Column& column = layout.table().clustering(0);
  std::string key;
  types::AppendOrdered(column.type, Big64(at), column.descending, &key);
  return key;
}

// What FirstNotBelow and Find answer for each number near those of the series, from each place, against a look at all
// rows.
void CheckAgainstAllRows(const std::set<int64_t>& numbers, bool descending, bool ascending_arrival) {
  const Layout layout(MakeTable(1, descending));
  std::set<std::string> keys;
  for (const int64_t number : numbers) keys.insert(KeyOf(layout, number));
  Series series(layout, "", ascending_arrival ? "" : std::string(16, '\xff'), ascending_arrival);
  RowImage row;
  row.liveness = {1, rows::kNoTtl, rows::kNeverExpires};
  const auto append = [&](const std::string& key) {
    ASSERT_TRUE(series.Accepts(key));
    ASSERT_TRUE(series.Append(layout, key, row).ok());
  };
  if (ascending_arrival) {
    for (const std::string& key : keys) append(key);
  } else {
    for (auto key = keys.rbegin(); key != keys.rend(); ++key) append(*key);
  }
  const std::vector<std::string> in_order(keys.begin(), keys.end());
  for (const int64_t number : numbers) {
    for (const int64_t near : {number, number == std::numeric_limits<int64_t>::max() ? number : number + 1,
                               number == std::numeric_limits<int64_t>::min() ? number : number - 1}) {
      const std::string key = KeyOf(layout, near);
      const auto place = std::lower_bound(in_order.begin(), in_order.end(), key) - in_order.begin();
      for (uint32_t from = 0; from <= place; from += 1 + from / 3) {
        ASSERT_EQ(series.FirstNotBelow(layout, key, from), static_cast<uint32_t>(place)) << near << " from " << from;
      }
      const std::optional<uint32_t> found = series.Find(layout, key);
      ASSERT_EQ(found, keys.contains(key) ? std::optional<uint32_t>(place) : std::nullopt) << near;
    }
  }
}

TEST(Series, FindsRowsAtAnyPaceInEitherOrder) {
  base::Random random(20'261'122);
  std::set<int64_t> steady;
  std::set<int64_t> wild = {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(), 0, -1};
  std::set<int64_t> uneven;
  for (int64_t i = 0; i < 100; ++i) {
    steady.insert(1'700'000'000'000 + i * 300'000);
    wild.insert(static_cast<int64_t>(random.Next()));
    uneven.insert(i * i * i * i);
  }
  for (const std::set<int64_t>& numbers : {steady, wild, uneven, std::set<int64_t>{7}}) {
    for (const bool descending : {false, true}) {
      for (const bool ascending_arrival : {false, true}) CheckAgainstAllRows(numbers, descending, ascending_arrival);
    }
  }
}

}  // namespace
}  // namespace cassette::storage::memtable
