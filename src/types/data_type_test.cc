#include "types/data_type.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "types/identifier.h"
#include "types/value.h"

namespace cassette::types {
namespace {

DataType Int() { return DataType(TypeKind::kInt); }
DataType Text() { return DataType(TypeKind::kText); }

TEST(DataType, IsPrintedAsDescribePrintsIt) {
  EXPECT_EQ(Int().ToString(), "int");
  EXPECT_EQ(DataType::List(Int(), false).ToString(), "list<int>");
  EXPECT_EQ(DataType::Map(Text(), DataType::Set(Int(), false), true).ToString(), "frozen<map<text, frozen<set<int>>>>");
  EXPECT_EQ(DataType::Map(Text(), DataType::Tuple({Int(), DataType(TypeKind::kDouble)}), false).ToString(),
            "map<text, frozen<tuple<int, double>>>");
  EXPECT_EQ(DataType::Udt("ks", "Address", {"street"}, {Text()}, true).ToString(), "frozen<\"Address\">");
  EXPECT_EQ(DataType::Udt("ks", "address", {"street"}, {Text()}, false).ToString(), "address");
  EXPECT_EQ(DataType::Vector(DataType(TypeKind::kFloat), 3).ToString(), "vector<float, 3>");
}

TEST(DataType, KnowsWhatHasCellsOfItsOwn) {
  EXPECT_TRUE(DataType::List(Int(), false).is_multi_cell());
  EXPECT_FALSE(DataType::List(Int(), true).is_multi_cell());
  EXPECT_TRUE(DataType::Udt("ks", "t", {"a"}, {Int()}, false).is_multi_cell());
  EXPECT_FALSE(DataType::Tuple({Int()}).is_multi_cell());
  EXPECT_FALSE(DataType::Vector(Int(), 2).is_multi_cell());
  EXPECT_FALSE(Int().is_multi_cell());
}

TEST(DataType, FreezesItsElements) {
  const DataType list = DataType::List(DataType::Udt("ks", "t", {"a"}, {DataType::Set(Int(), false)}, false), false);
  EXPECT_EQ(list.ToString(), "list<t>");
  EXPECT_EQ(list.Freeze(), DataType::List(list.element(0), true));
  EXPECT_EQ(list.Freeze().ToString(), "frozen<list<frozen<t>>>");
  EXPECT_TRUE(list.Freeze().element(0).element(0).frozen());
}

TEST(DataType, ComparesDeeply) {
  EXPECT_EQ(DataType::List(Int(), false), DataType::List(Int(), false));
  EXPECT_NE(DataType::List(Int(), false), DataType::List(Int(), true));
  EXPECT_NE(DataType::List(Int(), false), DataType::Set(Int(), false));
  EXPECT_NE(DataType::List(Int(), false), DataType::List(Text(), false));
  EXPECT_NE(DataType::Vector(Int(), 2), DataType::Vector(Int(), 3));
  EXPECT_NE(DataType::Udt("a", "t", {"f"}, {Int()}, true), DataType::Udt("b", "t", {"f"}, {Int()}, true));
  EXPECT_NE(DataType::Udt("a", "t", {"f"}, {Int()}, true), DataType::Udt("a", "t", {"g"}, {Int()}, true));
}

TEST(DataType, KeepsItsProgramSideLayout) {
  EXPECT_EQ(Int().physical(), PhysicalType::kInt64);
  EXPECT_EQ(DataType(TypeKind::kFloat).physical(), PhysicalType::kInt64);
  EXPECT_EQ(DataType(TypeKind::kDouble).physical(), PhysicalType::kDouble);
  EXPECT_EQ(DataType(TypeKind::kUuid).physical(), PhysicalType::kBytes);
  EXPECT_EQ(DataType::Vector(DataType(TypeKind::kFloat), 3).physical(), PhysicalType::kBytes);
}

TEST(ScalarTypes, AreFoundByNameInAnyCase) {
  EXPECT_EQ(ScalarTypeByName("int")->kind(), TypeKind::kInt);
  EXPECT_EQ(ScalarTypeByName("VarChar")->kind(), TypeKind::kText);
  EXPECT_EQ(ScalarTypeByName("TIMEUUID")->kind(), TypeKind::kTimeuuid);
  for (std::string_view name : {"list", "udt", "custom", "integer", ""}) {
    EXPECT_EQ(ScalarTypeByName(name).status().code(), base::Code::kNotFound) << name;
  }
}

std::string Encode(const DataType& type) {
  std::string bytes;
  AppendType(type, &bytes);
  return bytes;
}

TEST(TypeCodec, RoundTripsEveryShape) {
  const DataType types[] = {
      Int(),
      DataType(TypeKind::kDuration),
      DataType(),
      DataType::List(Int(), false),
      DataType::Map(Text(), DataType::List(Int(), true), true),
      DataType::Tuple({Int(), Text(), DataType::Set(Int(), true)}),
      DataType::Tuple({}),
      DataType::Udt("ks", "address", {"street", "numbers"}, {Text(), DataType::List(Int(), true)}, false),
      DataType::Vector(DataType(TypeKind::kFloat), 1536),
  };
  for (const DataType& type : types) {
    const std::string bytes = Encode(type) + "rest";
    std::string_view rest = bytes;
    const base::Result<DataType> parsed = ParseType(&rest);
    ASSERT_TRUE(parsed.ok()) << type.ToString();
    EXPECT_EQ(*parsed, type) << type.ToString();
    EXPECT_EQ(rest, "rest");
    for (size_t cut = 0; cut + 4 < bytes.size(); ++cut) {
      rest = std::string_view(bytes).substr(0, cut);
      EXPECT_EQ(ParseType(&rest).status().code(), base::Code::kCorruption) << type.ToString() << " cut at " << cut;
    }
  }
}

TEST(TypeCodec, HasTheBytesOfItsPage) {
  const auto hex = [](const DataType& type) { return ToText(DataType(TypeKind::kBlob), Encode(type)).substr(2); };
  EXPECT_EQ(hex(Int()), "09");
  EXPECT_EQ(hex(DataType::Map(Text(), Int(), true)), "21010d09");
  EXPECT_EQ(hex(DataType::Tuple({Int(), Text()})), "310102090d");
  EXPECT_EQ(hex(DataType::Vector(DataType(TypeKind::kFloat), 3)), "8001010308");
  EXPECT_EQ(hex(DataType::Udt("k", "t", {"a"}, {Int()}, false)),
            "3000016b01740101"
            "6109");
}

TEST(TypeCodec, RefusesWhatIsNoType) {
  for (std::string_view bad : {std::string_view("\x0a", 1), std::string_view("\x22\0", 2),
                               std::string_view("\x20\2\x09", 3), std::string_view("\xff\xff\xff\x7f", 4)}) {
    std::string_view rest = bad;
    EXPECT_FALSE(ParseType(&rest).ok());
  }
}

TEST(TypeCodec, NestsUpToItsBound) {
  DataType type = Int();
  for (int depth = 1; depth < kMaxTypeDepth; ++depth) type = DataType::List(type, true);
  std::string bytes = Encode(type);
  std::string_view rest = bytes;
  EXPECT_TRUE(ParseType(&rest).ok());
  bytes = Encode(DataType::List(type, true));
  rest = bytes;
  EXPECT_FALSE(ParseType(&rest).ok());
}

TEST(TypeCodec, HasAsManyFieldsAsItsBound) {
  std::string bytes = Encode(DataType::Tuple(std::vector<DataType>(kMaxTypeFields, Int())));
  std::string_view rest = bytes;
  EXPECT_TRUE(ParseType(&rest).ok());
  bytes = Encode(DataType::Tuple(std::vector<DataType>(kMaxTypeFields + 1, Int())));
  rest = bytes;
  EXPECT_FALSE(ParseType(&rest).ok());
}

TEST(TypeCodec, SurvivesArbitraryBytes) {
  base::Random random(3);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes;
    for (uint64_t n = random.Below(16); n > 0; --n) {
      constexpr char kLikely[] = {0x20, 0x21, 0x22, 0x30, 0x31, 0x01, 0x00, 0x09};
      bytes.push_back(random.Below(2) == 0 ? kLikely[random.Below(8)] : static_cast<char>(random.Next()));
    }
    std::string_view rest = bytes;
    const base::Result<DataType> type = ParseType(&rest);
    EXPECT_TRUE(!type.ok() || !type->ToString().empty());
  }
}

TEST(Identifiers, AreQuotedWhereTheyMustBe) {
  EXPECT_EQ(MaybeQuote("plain_1"), "plain_1");
  EXPECT_EQ(MaybeQuote("Mixed"), "\"Mixed\"");
  EXPECT_EQ(MaybeQuote("with\"quote"), "\"with\"\"quote\"");
  EXPECT_EQ(MaybeQuote("1st"), "\"1st\"");
  EXPECT_EQ(MaybeQuote("select"), "\"select\"");
  EXPECT_EQ(MaybeQuote(""), "\"\"");
  EXPECT_TRUE(IsReservedWord("add"));
  EXPECT_TRUE(IsReservedWord("with"));
  EXPECT_TRUE(IsReservedWord("describe"));
  EXPECT_TRUE(IsReservedWord("materialized"));
  EXPECT_FALSE(IsReservedWord("key"));
}

}  // namespace
}  // namespace cassette::types
