#include "types/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cassette::types {
namespace {

using ::testing::HasSubstr;

const DataType kInt(TypeKind::kInt);
const DataType kText(TypeKind::kText);
const DataType kDouble(TypeKind::kDouble);

// The JSON text of what `json` means for `type`; "null"; "error: ...".
std::string Through(const DataType& type, std::string_view json) {
  const base::Result<JsonValue> value = ParseJson(json);
  if (!value.ok()) return "error: " + std::string(value.status().message());
  std::string bytes;
  const base::Result<bool> is_null = ValueFromJson(type, *value, &bytes);
  if (!is_null.ok()) return "error: " + std::string(is_null.status().message());
  if (*is_null) return "null";
  EXPECT_TRUE(Validate(type, bytes).ok());
  std::string text;
  AppendJson(type, bytes, &text);
  return text;
}

TEST(JsonTest, ScalarsComeBackAsTheyWere) {
  const std::pair<TypeKind, const char*> rows[] = {
      {TypeKind::kAscii, "\"a\""},
      {TypeKind::kBigint, "9007199254740993"},
      {TypeKind::kBlob, "\"0xcafe\""},
      {TypeKind::kBoolean, "true"},
      {TypeKind::kDate, "\"2024-01-02\""},
      {TypeKind::kDecimal, "1.5"},
      {TypeKind::kDouble, "1.0E100"},
      {TypeKind::kDuration, "\"1h30m\""},
      {TypeKind::kFloat, "2.5"},
      {TypeKind::kInet, "\"127.0.0.1\""},
      {TypeKind::kSmallint, "-5"},
      {TypeKind::kTime, "\"12:30:00.500000000\""},
      {TypeKind::kTimestamp, "\"2024-01-02 03:04:05.678Z\""},
      {TypeKind::kTinyint, "7"},
      {TypeKind::kUuid, "\"123e4567-e89b-12d3-a456-426614174000\""},
      {TypeKind::kVarint, "123456789012345678901234567890"},
  };
  for (const auto& [kind, json] : rows) EXPECT_EQ(Through(DataType(kind), json), json) << json;
}

TEST(JsonTest, CompositesComeBackInOrder) {
  EXPECT_EQ(Through(DataType::List(kInt, true), "[3,1,2]"), "[3, 1, 2]");
  EXPECT_EQ(Through(DataType::Set(kText, true), R"(["b","a","b"])"), R"(["a", "b"])");
  EXPECT_EQ(Through(DataType::Map(kInt, kText, true), R"({"2":"b","1":"a","1":"c"})"), R"({"1": "c", "2": "b"})");
  EXPECT_EQ(Through(DataType::Tuple({kInt, kText}), R"([1,null])"), "[1, null]");
  EXPECT_EQ(Through(DataType::Vector(DataType(TypeKind::kFloat), 2), "[1,2.5]"), "[1.0, 2.5]");
  EXPECT_EQ(Through(DataType::Map(DataType::List(kInt, true), kInt, true), R"({"[1, 2]": 5})"), R"({"[1, 2]": 5})");
  const DataType address = DataType::Udt("ks", "address", {"street", "No"}, {kText, kInt}, true);
  EXPECT_EQ(Through(address, R"({"\"No\"": 5, "STREET": "x"})"), R"({"street": "x", "\"No\"": 5})");
  EXPECT_EQ(Through(address, R"({"street": "x"})"), R"({"street": "x", "\"No\"": null})");
}

TEST(JsonTest, RefusesWhatIsNotOfTheType) {
  const std::pair<DataType, const char*> rows[] = {
      {kInt, "1.5"},
      {kInt, "99999999999"},
      {kInt, "true"},
      {kInt, "[1]"},
      {kInt, "\"x\""},
      {kText, "5"},
      {kDouble, "{}"},
      {DataType(TypeKind::kBlob), "\"cafe\""},
      {DataType(TypeKind::kBoolean), "1"},
      {DataType::List(kInt, true), "[null]"},
      {DataType::List(kInt, true), "{}"},
      {DataType::Map(kInt, kInt, true), "[]"},
      {DataType::Tuple({kInt, kInt}), "[1]"},
      {DataType::Tuple({kInt}), "[1, 2]"},
      {DataType::Vector(DataType(TypeKind::kFloat), 2), "[1]"},
      {DataType::Udt("ks", "a", {"f"}, {kInt}, true), R"({"g": 1})"},
  };
  for (const auto& [type, json] : rows) EXPECT_THAT(Through(type, json), HasSubstr("error: ")) << json;
}

TEST(JsonTest, NumbersThatAreNoneAreNull) {
  std::string bytes;
  for (const char* text : {"NaN", "Infinity", "-Infinity"}) {
    std::string json;
    AppendJson(kDouble, *FromText(kDouble, text), &json);
    EXPECT_EQ(json, "null");
  }
}

TEST(JsonTest, EscapesWhatJsonAsksFor) {
  std::string json;
  AppendJsonString("a\"b\\c\n\x01/\xc3\xa9", &json);
  EXPECT_EQ(json, "\"a\\\"b\\\\c\\n\\u0001/\xc3\xa9\"");
  json.clear();
  AppendJsonName("Key", &json);
  EXPECT_EQ(json, R"("\"Key\"")");
}

TEST(JsonTest, RefusesTextThatIsNoJson) {
  for (const char* text : {"", "{", "{\"a\": 1,}", "{a: 1}", "[05]", "NaN", "'a'"}) {
    EXPECT_FALSE(ParseJson(text).ok()) << text;
  }
  EXPECT_TRUE(ParseJson("{} x").ok());
}

TEST(JsonTest, BoundsTheDepth) {
  EXPECT_TRUE(ParseJson(std::string(kMaxJsonDepth, '[') + std::string(kMaxJsonDepth, ']')).ok());
  EXPECT_FALSE(ParseJson(std::string(kMaxJsonDepth + 1, '[') + std::string(kMaxJsonDepth + 1, ']')).ok());
}

TEST(JsonTest, FieldsAreFoundByTheirNames) {
  const JsonReceiver receivers[] = {{"k", kInt}, {"Key", kText}, {"v", kInt}};
  const auto fields = FieldsFromJson(R"({"K": 1, "\"Key\"": null})", receivers);
  ASSERT_TRUE(fields.ok());
  EXPECT_TRUE((*fields)[0].is_given);
  EXPECT_EQ((*fields)[0].bytes, std::string("\0\0\0\1", 4));
  EXPECT_TRUE((*fields)[1].is_given);
  EXPECT_TRUE((*fields)[1].is_null);
  EXPECT_FALSE((*fields)[2].is_given);
  EXPECT_THAT(FieldsFromJson(R"({"Key": "x"})", receivers).status().message(), HasSubstr("unrecognized column: key"));
  EXPECT_THAT(FieldsFromJson("[1]", receivers).status().message(), HasSubstr("as a map"));
  EXPECT_THAT(FieldsFromJson(R"({"v": "x"})", receivers).status().message(), HasSubstr("JSON value for v"));
}

}  // namespace
}  // namespace cassette::types
