#include "storage/engine/loose_rows.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <tuple>

#include "base/random.h"
#include "storage/engine/test_support.h"

namespace cassette::storage::engine {
namespace {

using columnar::CellState;
using columnar::Vector;
using ::testing::ElementsAre;

struct Row {
  std::string key = "k";
  int64_t clustering = 0;
  std::optional<int64_t> number;
  std::optional<std::string> text;
  int64_t timestamp_micros = 1;
};

class LooseRowsTest : public ::testing::Test {
 protected:
  void Add(const Row& row) {
    rows_.BeginPartition(TokenOf(row.key), row.key);
    Vector clustering(types::PhysicalType::kInt64);
    clustering.AppendInt64(row.clustering);
    Vector number(types::PhysicalType::kInt64);
    row.number ? number.AppendInt64(*row.number) : number.AppendState(CellState::kTombstone);
    Vector text(types::PhysicalType::kBytes);
    if (row.text) text.AppendBytes(*row.text);
    rows_.Add({{&clustering}, {&number, row.text ? &text : nullptr}}, 0, {row.timestamp_micros});
  }
  static rows::Token TokenOf(const std::string& key) { return static_cast<rows::Token>(std::hash<std::string>()(key)); }

  // "key|clustering|number|text|marker's time" of each row, as the blocks have them.
  std::vector<std::string> Sorted() {
    std::vector<std::string> result;
    const std::unique_ptr<rows::RowSource> source = rows_.Sorted();
    rows::RowBlock block;
    while (*source->Next(&block)) {
      EXPECT_LE(block.row_count, columnar::kMaxVectorRows);
      size_t run = 0;
      for (uint32_t row = 0; row < block.row_count; ++row) {
        if (run + 1 < block.partitions.size() && block.partitions[run + 1].first_row == row) ++run;
        result.push_back(fmt::format("{}|{}|{}|{}|{}", block.partitions[run].key, block.clustering[0].int64(row),
                                     TextOf(block, number_, row), TextOf(block, text_, row), block.timestamps.at(row)));
      }
    }
    return result;
  }
  static std::string TextOf(const rows::RowBlock& block, schema::ColumnId id, uint32_t row) {
    const rows::CellColumn* column = block.FindCells(id);
    if (column == nullptr || column->values.is_null(row)) return "-";
    if (column->values.physical() == types::PhysicalType::kBytes) return std::string(column->values.bytes(row));
    return fmt::format("{}", column->values.int64(row));
  }

  const schema::TablePtr table_ = std::make_shared<schema::Table>(testing::MakeTable());
  const schema::ColumnId number_ = table_->FindColumn("v")->id;
  const schema::ColumnId text_ = table_->FindColumn("w")->id;
  LooseRows rows_{table_};
};

TEST_F(LooseRowsTest, LeavesTheLatestOfRowsWithOneKey) {
  Add({"k", 2, 20, "a", 5});
  Add({"k", 1, 10, "b", 5});
  Add({"k", 2, 21, "c", 6});
  Add({"k", 2, 22, "d", 4});
  EXPECT_THAT(Sorted(), ElementsAre("k|1|10|b|5", "k|2|21|c|6"));
}

TEST_F(LooseRowsTest, KeepsCellsThatTheLatestRowDoesNotHave) {
  Add({"k", 1, 10, "a", 5});
  Add({"k", 1, std::nullopt, "b", 6});
  Add({"k", 2, 30, std::nullopt, 6});
  Add({"k", 2, 20, "c", 5});
  EXPECT_THAT(Sorted(), ElementsAre("k|1|10|b|6", "k|2|30|c|6"));
}

TEST_F(LooseRowsTest, TakesTheLargerValueOfRowsOfOneTime) {
  Add({"k", 1, 10, "a", 5});
  Add({"k", 1, 9, "b", 5});
  EXPECT_THAT(Sorted(), ElementsAre("k|1|10|b|5"));
}

TEST_F(LooseRowsTest, ReconcilesMoreRowsOfOneKeyThanABlockHas) {
  for (int64_t i = 0; i < 3 * columnar::kMaxVectorRows; ++i) Add({"k", 1, i, std::nullopt, 5});
  Add({"k", 0, 1, "a", 5});
  Add({"k", 2, 2, "b", 5});
  EXPECT_THAT(Sorted(),
              ElementsAre("k|0|1|a|5", fmt::format("k|1|{}|-|5", 3 * columnar::kMaxVectorRows - 1), "k|2|2|b|5"));
}

TEST_F(LooseRowsTest, SortsManyRowsByTokenKeyAndClustering) {
  const uint64_t seed = 17;
  SCOPED_TRACE(seed);
  base::Random random(seed);
  std::map<std::tuple<rows::Token, std::string, int64_t>, std::string> expected;
  for (int64_t i = 0; i < 20'000; ++i) {
    const Row row{fmt::format("key{}", random.Below(5'000)), static_cast<int64_t>(random.Below(10)) - 5, i, "text", i};
    Add(row);
    expected[{TokenOf(row.key), row.key, row.clustering}] =
        fmt::format("{}|{}|{}|text|{}", row.key, row.clustering, i, i);
  }
  std::vector<std::string> rows;
  for (const auto& [key, row] : expected) rows.push_back(row);
  EXPECT_EQ(Sorted(), rows);
}

}  // namespace
}  // namespace cassette::storage::engine
