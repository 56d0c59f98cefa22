// Functions that are made for the type of their argument: of collections and of vectors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cql/functions/function_testing.h"
#include "types/composite.h"

namespace cassette::cql::functions {
namespace {

using ::testing::HasSubstr;
using types::DataType;
using types::TypeKind;
using types::ValueView;

const DataType kInt(TypeKind::kInt);
const DataType kText(TypeKind::kText);
const DataType kFloat(TypeKind::kFloat);

class CollectionFunctionsTest : public ::testing::Test {
 protected:
  static TestValue Value(const DataType& type, const std::vector<std::string>& texts) {
    std::vector<std::string> values;
    for (size_t i = 0; i < texts.size(); ++i) values.push_back(*types::FromText(types::ItemType(type, i), texts[i]));
    std::vector<ValueView> items;
    for (const std::string& value : values) items.push_back(ValueView::Of(value));
    types::SortItems(type, &items);
    TestValue result{type, false, ""};
    types::AppendComposite(type, items, &result.bytes);
    return result;
  }
  std::string Call(std::string_view name, const std::vector<TestValue>& values) const {
    std::vector<Argument> arguments;
    for (const TestValue& value : values) arguments.push_back(Argument::Typed(value.type, "x"));
    const auto function = registry_.Resolve(name, arguments, nullptr);
    if (!function.ok()) return "error: " + std::string(function.status().message());
    return Evaluate(*(*function)->as_scalar(), values);
  }

  FunctionRegistry registry_;
};

TEST_F(CollectionFunctionsTest, TakeMapsApart) {
  const TestValue map = Value(DataType::Map(kText, kInt, true), {"b", "1", "a", "2"});
  EXPECT_EQ(Call("map_keys", {map}), "frozen<set<text>>:{'a', 'b'}");
  EXPECT_EQ(Call("map_values", {map}), "frozen<list<int>>:[2, 1]");
  EXPECT_EQ(Call("collection_count", {map}), "int:2");
  EXPECT_THAT(Call("collection_min", {map}), HasSubstr("requires a set or list argument"));
}

TEST_F(CollectionFunctionsTest, FoldElements) {
  const TestValue list = Value(DataType::List(kInt, true), {"5", "5", "7"});
  EXPECT_EQ(Call("collection_min", {list}), "int:5");
  EXPECT_EQ(Call("collection_max", {list}), "int:7");
  EXPECT_EQ(Call("collection_sum", {list}), "int:17");
  EXPECT_EQ(Call("collection_avg", {list}), "int:5");
  const TestValue bytes = Value(DataType::List(DataType(TypeKind::kTinyint), true), {"100", "100"});
  EXPECT_EQ(Call("collection_sum", {bytes}), "tinyint:-56");
}

TEST_F(CollectionFunctionsTest, OfNothingAreNothingOrZero) {
  const TestValue list = Value(DataType::List(kInt, true), {});
  EXPECT_EQ(Call("collection_min", {list}), "int:null");
  EXPECT_EQ(Call("collection_sum", {list}), "int:0");
  EXPECT_EQ(Call("collection_count", {list}), "int:0");
  EXPECT_EQ(Call("collection_count", {TestValue{list.type, true, ""}}), "int:null");
}

TEST_F(CollectionFunctionsTest, RefuseOtherTypes) {
  const TestValue texts = Value(DataType::List(kText, true), {"a"});
  EXPECT_THAT(Call("collection_sum", {texts}), HasSubstr("requires a numeric set/list argument"));
  EXPECT_THAT(Call("map_keys", {texts}), HasSubstr("requires a map argument"));
  EXPECT_THAT(Call("collection_count", {texts, texts}), HasSubstr("Invalid number of arguments"));
  EXPECT_THAT(Call("collection_count", {ParseValue("int:1")}), HasSubstr("requires a collection argument"));
}

TEST_F(CollectionFunctionsTest, CompareVectors) {
  const DataType vector = DataType::Vector(kFloat, 2);
  const TestValue a = Value(vector, {"1", "2"});
  const TestValue b = Value(vector, {"3", "4"});
  EXPECT_EQ(Call("similarity_cosine", {a, b}), "float:0.99193496");
  EXPECT_EQ(Call("similarity_euclidean", {a, b}), "float:0.11111111");
  EXPECT_EQ(Call("similarity_dot_product", {a, b}), "float:6.0");
  EXPECT_THAT(Call("similarity_cosine", {a, Value(vector, {"0", "0"})}), HasSubstr("all-zero vectors"));
  EXPECT_THAT(Call("similarity_cosine", {a, Value(DataType::Vector(kFloat, 3), {"1", "2", "3"})}),
              HasSubstr("same vector dimensions"));
  EXPECT_THAT(Call("similarity_cosine", {a, ParseValue("int:1")}), HasSubstr("requires a float vector argument"));
}

TEST_F(CollectionFunctionsTest, TakeListsForVectors) {
  Argument literal = Argument::Literal(Argument::Form::kOther, "[1, 2]");
  literal.element_count = 2;
  const Argument vector = Argument::Typed(DataType::Vector(kFloat, 2), "x");
  const auto function = registry_.Resolve("similarity_cosine", std::vector<Argument>{literal, vector}, nullptr);
  ASSERT_TRUE(function.ok());
  EXPECT_EQ((*function)->argument_types()[0], vector.type);
  literal.element_count = 3;
  EXPECT_FALSE(registry_.Resolve("similarity_cosine", std::vector<Argument>{literal, vector}, nullptr).ok());
}

}  // namespace
}  // namespace cassette::cql::functions
