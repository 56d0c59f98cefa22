#include "catalog/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/schema_text.h"

namespace cassette::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = DescribeRequest::Kind;

class DescribeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    schema::Keyspace keyspace;
    keyspace.name = "ks";
    keyspace.replication = {{"class", "org.apache.cassandra.locator.SimpleStrategy"}, {"replication_factor", "1"}};
    schema_ = schema_.WithKeyspace(keyspace);
    for (const char* name : {"b", "a", "B2"}) AddTable(name);
    keyspace.name = "system_schema";
    schema_ = schema_.WithKeyspace(keyspace);
  }
  void AddTable(const char* name) {
    schema::Table table;
    table.keyspace = "ks";
    table.name = name;
    table.columns.push_back(
        {schema::ColumnId(1), "k", types::DataType(types::TypeKind::kInt), schema::ColumnKind::kPartitionKey});
    table.Finish();
    schema_ = schema_.WithTable(std::move(table));
  }
  std::vector<std::string> Names(Kind kind, const std::string& name, const std::string& used) const {
    DescribeRequest request;
    request.kind = kind;
    request.name = name;
    request.used = used;
    const base::Result<std::vector<SchemaElement>> elements = Describe(schema_, request);
    if (!elements.ok()) return {std::string(elements.status().message())};
    std::vector<std::string> names;
    for (const SchemaElement& element : *elements) names.push_back(element.type + " " + element.name);
    return names;
  }

  schema::Schema schema_;
};

TEST_F(DescribeTest, ListsInAnOrderThatIgnoresCase) {
  EXPECT_THAT(Names(Kind::kTables, "", "ks"), ElementsAre("table a", "table b", "table \"B2\""));
  EXPECT_THAT(Names(Kind::kTables, "", ""), ElementsAre("table a", "table b", "table \"B2\""));
  EXPECT_THAT(Names(Kind::kKeyspaces, "", ""), ElementsAre("keyspace ks", "keyspace system_schema"));
}

TEST_F(DescribeTest, LeavesSystemKeyspacesOutUnlessAllIsAskedFor) {
  EXPECT_THAT(Names(Kind::kSchema, "", ""), ElementsAre("keyspace ks", "table a", "table b", "table \"B2\""));
  DescribeRequest request;
  request.full = true;
  EXPECT_EQ(Describe(schema_, request)->size(), 5u);
}

TEST_F(DescribeTest, FindsAKeyspaceBeforeATable) {
  AddTable("ks");
  EXPECT_THAT(Names(Kind::kGeneric, "ks", "ks")[0], "keyspace ks");
  EXPECT_THAT(Names(Kind::kGeneric, "a", "ks"), ElementsAre("table a"));
  EXPECT_THAT(Names(Kind::kTable, "ks", "ks"), ElementsAre("table ks"));
}

TEST_F(DescribeTest, SaysWhatIsNotThere) {
  EXPECT_THAT(Names(Kind::kTable, "x", "ks"), ElementsAre("Table 'x' not found in keyspace 'ks'"));
  EXPECT_THAT(Names(Kind::kTable, "x", ""), ElementsAre("No keyspace specified and no current keyspace"));
  EXPECT_THAT(Names(Kind::kKeyspace, "x", ""), ElementsAre("'x' not found in keyspaces"));
  EXPECT_THAT(Names(Kind::kType, "x", "ks"), ElementsAre("User defined type 'x' not found in 'ks'"));
}

TEST_F(DescribeTest, WritesStatements) {
  EXPECT_EQ(CreateStatement(*schema_.FindKeyspace("ks")),
            "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': '1'}  AND "
            "durable_writes = true;");
  const std::string table = CreateStatement(*schema_.FindTable("ks", "B2"), false);
  EXPECT_THAT(table, HasSubstr("CREATE TABLE ks.\"B2\" (\n    k int PRIMARY KEY\n) WITH additional_write_policy"));
  EXPECT_THAT(CreateStatement(*schema_.FindTable("ks", "a"), true), HasSubstr(") WITH ID = "));
}

}  // namespace
}  // namespace cassette::catalog
