#include "catalog/type_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace cassette::catalog {
namespace {

using ::testing::HasSubstr;
using types::DataType;
using types::TypeKind;

const DataType kInt(TypeKind::kInt);
const DataType kText(TypeKind::kText);

class TypeChangeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CreateKeyspace create;
    create.keyspace = "ks";
    create.properties = {{"replication", true, "", {{"class", "SimpleStrategy"}, {"replication_factor", "1"}}}};
    ASSERT_EQ(Apply(create), "CREATED KEYSPACE");
    ASSERT_EQ(Apply(CreateType{"ks", "point", false, {{"x", kInt}, {"y", kInt}}}), "CREATED TYPE");
  }

  // What the change did ("" for nothing), or why it could not.
  std::string Apply(const SchemaChange& change) {
    SchemaChangeResult result;
    ++context_.new_table_id.bytes[0];
    base::Result<schema::Schema> after = ApplySchemaChange(schema_, change, context_, &result);
    if (!after.ok()) return after.status().ToString();
    schema_ = *std::move(after);
    return result.changed ? result.change + " " + result.target : "";
  }
  DataType Type(const std::string& name) const { return schema_.FindKeyspace("ks")->types.at(name); }
  std::string CreateTableOf(const DataType& key, const DataType& value) {
    CreateTable create;
    create.keyspace = "ks";
    create.table = "t";
    create.columns = {{"k", key, false}, {"v", value, false}};
    create.partition_key = {"k"};
    return Apply(create);
  }
  static AlterType Add(std::string name, DataType type) {
    AlterType alter;
    alter.keyspace = "ks";
    alter.type = "point";
    alter.change = AlterType::AddField{false, {std::move(name), std::move(type)}};
    return alter;
  }

  schema::Schema schema_;
  SchemaChangeContext context_{1'000'000, {}};
};

TEST_F(TypeChangeTest, AddsTheFieldWhereverTheTypeStands) {
  ASSERT_EQ(Apply(CreateType{"ks", "line", false, {{"from", Type("point").Freeze()}}}), "CREATED TYPE");
  ASSERT_EQ(CreateTableOf(kInt, DataType::List(Type("line").Freeze(), true)), "CREATED TABLE");
  EXPECT_EQ(Apply(Add("z", kInt)), "UPDATED TYPE");
  EXPECT_EQ(Type("point").fields().size(), 3u);
  EXPECT_EQ(Type("line").element(0), Type("point").Freeze());
  const schema::TablePtr table = schema_.FindTable("ks", "t");
  EXPECT_EQ(table->FindColumn("v")->type, DataType::List(Type("line").Freeze(), true));
}

TEST_F(TypeChangeTest, RefusesCircles) {
  ASSERT_EQ(Apply(CreateType{"ks", "line", false, {{"from", Type("point").Freeze()}}}), "CREATED TYPE");
  EXPECT_THAT(Apply(Add("self", Type("line").Freeze())), HasSubstr("circular reference"));
}

TEST_F(TypeChangeTest, RefusesFieldsForTypesOfPartitionKeys) {
  ASSERT_EQ(CreateTableOf(Type("point").Freeze(), kInt), "CREATED TABLE");
  EXPECT_THAT(Apply(Add("z", kInt)), HasSubstr("partition key by the following tables: ks.t"));
}

TEST_F(TypeChangeTest, RefusesTypesPastTheDepthOnDisk) {
  for (int i = 0; i + 2 < types::kMaxTypeDepth; ++i) {
    const std::string inner = i == 0 ? "point" : "n" + std::to_string(i);
    ASSERT_EQ(Apply(CreateType{"ks", "n" + std::to_string(i + 1), false, {{"a", Type(inner).Freeze()}}}),
              "CREATED TYPE");
  }
  const std::string last = "n" + std::to_string(types::kMaxTypeDepth - 2);
  EXPECT_THAT(Apply(CreateType{"ks", "deepest", false, {{"a", Type(last).Freeze()}}}), HasSubstr("nested at most"));
  EXPECT_THAT(Apply(Add("z", DataType::List(kInt, true))), HasSubstr("nested at most"));
}

TEST_F(TypeChangeTest, RenamesFieldsAllAtOnce) {
  AlterType alter;
  alter.keyspace = "ks";
  alter.type = "point";
  alter.change = AlterType::RenameFields{false, {{"x", "y"}, {"y", "x"}}};
  EXPECT_EQ(Apply(alter), "UPDATED TYPE");
  EXPECT_EQ(Type("point").fields()[0].name, "y");
  alter.change = AlterType::RenameFields{false, {{"x", "y"}}};
  EXPECT_THAT(Apply(alter), HasSubstr("Duplicate field name y"));
}

TEST_F(TypeChangeTest, KeepsTypesThatAreUsed) {
  ASSERT_EQ(Apply(CreateType{"ks", "line", false, {{"from", Type("point").Freeze()}}}), "CREATED TYPE");
  EXPECT_THAT(Apply(DropType{"ks", "point", false}), HasSubstr("still used by user types line"));
  ASSERT_EQ(CreateTableOf(kInt, Type("line").Freeze()), "CREATED TABLE");
  EXPECT_THAT(Apply(DropType{"ks", "line", true}), HasSubstr("still used by tables t"));
  AlterTable alter;
  alter.keyspace = "ks";
  alter.table = "t";
  alter.change = AlterTable::DropColumns{false, {"v"}, std::nullopt};
  ASSERT_EQ(Apply(alter), "UPDATED TABLE");
  EXPECT_EQ(schema_.FindTable("ks", "t")->dropped[0].type.ToString(), "frozen<tuple<frozen<tuple<int, int>>>>");
  EXPECT_EQ(Apply(DropType{"ks", "line", false}), "DROPPED TYPE");
  EXPECT_EQ(Apply(DropType{"ks", "point", false}), "DROPPED TYPE");
  EXPECT_EQ(Apply(DropType{"ks", "point", true}), "");
}

TEST_F(TypeChangeTest, RefusesTypesThatChangedSinceTheStatementWasRead) {
  const DataType before = Type("point").Freeze();
  ASSERT_EQ(Apply(Add("z", kInt)), "UPDATED TYPE");
  EXPECT_THAT(CreateTableOf(kInt, before), HasSubstr("Unknown type ks.point"));
}

}  // namespace
}  // namespace cassette::catalog
