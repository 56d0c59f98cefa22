#include "types/composite.h"

#include <gtest/gtest.h>

#include "codec/fixed.h"

namespace cassette::types {
namespace {

const DataType kInt(TypeKind::kInt);
const DataType kText(TypeKind::kText);

std::string Of(const DataType& type, const std::vector<std::optional<std::string>>& texts) {
  std::vector<std::string> values;
  values.reserve(texts.size());
  std::vector<ValueView> items;
  for (const auto& text : texts) {
    if (text) values.push_back(*FromText(ItemType(type, items.size()), *text));
    items.push_back(text ? ValueView::Of(values.back()) : ValueView::Null());
  }
  SortItems(type, &items);
  std::string value;
  AppendComposite(type, items, &value);
  return value;
}

TEST(Composite, IsPrintedAsCqlWritesIt) {
  const DataType udt = DataType::Udt("ks", "u", {"a", "Field B"}, {kInt, kText}, true);
  const DataType stamps = DataType::List(DataType(TypeKind::kTimestamp), true);
  EXPECT_EQ(ToText(DataType::List(kText, true), Of(DataType::List(kText, true), {"b", "it's"})), "['b', 'it''s']");
  EXPECT_EQ(ToText(DataType::Set(kInt, true), Of(DataType::Set(kInt, true), {"3", "-1", "3"})), "{-1, 3}");
  EXPECT_EQ(ToText(udt, Of(udt, {"1", std::nullopt})), "{a: 1, \"Field B\": null}");
  EXPECT_EQ(ToText(stamps, Of(stamps, {"2024-01-01"})), "['2024-01-01 00:00:00.000000+0000']");
  EXPECT_EQ(ToCqlLiteral(stamps, Of(stamps, {"2024-01-01"})), "['2024-01-01T00:00:00.000Z']");
}

TEST(Composite, OfEqualKeysKeepsTheLast) {
  const DataType map = DataType::Map(kText, kInt, true);
  EXPECT_EQ(ToText(map, Of(map, {"b", "1", "a", "2", "b", "3"})), "{'a': 2, 'b': 3}");
}

TEST(Composite, PutsLengthsBeforeVectorElementsWithoutAFixedOne) {
  EXPECT_EQ(Of(DataType::Vector(kInt, 2), {"1", "2"}), std::string("\0\0\0\1\0\0\0\2", 8));
  const DataType texts = DataType::Vector(kText, 2);
  const std::string value = Of(texts, {"ab", ""});
  EXPECT_EQ(value, std::string("\2ab\0", 4));
  EXPECT_EQ(ToText(texts, value), "['ab', '']");
  // smallint has a size, and stands in vectors as if it had none.
  EXPECT_EQ(VectorElementBytes(DataType(TypeKind::kSmallint)), 0u);
  EXPECT_EQ(VectorElementBytes(DataType::Vector(DataType(TypeKind::kFloat), 3)), 12u);
}

TEST(Composite, RefusesFramesThatDoNotFit) {
  std::vector<ValueView> items;
  const DataType list = DataType::List(kInt, true);
  std::string value = Of(list, {"1", "2"});
  EXPECT_FALSE(SplitComposite(list, value.substr(0, value.size() - 1), &items).ok());
  EXPECT_FALSE(SplitComposite(list, value + "x", &items).ok());
  std::string null_element;
  codec::AppendBig(uint32_t{1}, &null_element);
  AppendItem(ValueView::Null(), &null_element);
  EXPECT_EQ(Validate(list, null_element).message(), "null is not supported inside collections");
  EXPECT_FALSE(SplitComposite(DataType::Vector(kText, 1), "\5ab", &items).ok());
  EXPECT_FALSE(SplitComposite(DataType::Tuple({kInt}), Of(DataType::Tuple({kInt, kInt}), {"1", "2"}), &items).ok());
}

TEST(Composite, TuplesHaveTextWithColons) {
  const DataType tuple = DataType::Tuple({kInt, kText});
  EXPECT_EQ(ToText(tuple, *FromText(tuple, "1:a")), "(1, 'a')");
  EXPECT_EQ(ToText(tuple, *FromText(tuple, "@:a\\:b\\@")), "(null, 'a:b@')");
  EXPECT_EQ(ToText(tuple, *FromText(tuple, "7")), "(7, null)");
  EXPECT_EQ(FromText(tuple, "1:a:b").status().code(), base::Code::kInvalidArgument);
}

TEST(Composite, UserTypesAreReplacedWhereverTheyStand) {
  const DataType before = DataType::Udt("ks", "u", {"a"}, {kInt}, false);
  const DataType after = DataType::Udt("ks", "u", {"a", "b"}, {kInt, DataType::List(kInt, false)}, false);
  const DataType nested = DataType::Map(kText, DataType::Tuple({before, kInt}), true);
  EXPECT_TRUE(nested.ReferencesUdt("ks", "u"));
  EXPECT_FALSE(nested.ReferencesUdt("other", "u"));
  EXPECT_EQ(nested.WithUdt(after), DataType::Map(kText, DataType::Tuple({after, kInt}), true));
  EXPECT_EQ(before.WithUdt(after), after);
  EXPECT_EQ(nested.ExpandUdts().ToString(), "frozen<map<text, frozen<tuple<frozen<tuple<int>>, int>>>>");
  EXPECT_EQ(nested.depth(), 4);
}

}  // namespace
}  // namespace cassette::types
