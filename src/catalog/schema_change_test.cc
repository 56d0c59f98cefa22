#include "catalog/schema_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cassette::catalog {
namespace {

using ::testing::HasSubstr;
using types::DataType;
using types::TypeKind;

Property Text(std::string name, std::string value) { return {std::move(name), false, std::move(value), {}}; }
Property Map(std::string name, std::vector<std::pair<std::string, std::string>> map) {
  return {std::move(name), true, "", std::move(map)};
}

class SchemaChangeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(Apply(CreateKeyspace{"ks", false, {Map("replication", {{"class", "SimpleStrategy"}})}}), "CREATED");
    ASSERT_EQ(Apply(Table("t", {})), "CREATED");
  }

  static CreateTable Table(std::string name, std::vector<Property> properties) {
    CreateTable create;
    create.keyspace = "ks";
    create.table = std::move(name);
    create.columns = {{"k", DataType(TypeKind::kInt), false},
                      {"c", DataType(TypeKind::kText), false},
                      {"v", DataType(TypeKind::kDouble), false}};
    create.partition_key = {"k"};
    create.clustering = {"c"};
    create.properties = std::move(properties);
    return create;
  }
  // What the change did ("" for nothing), or why it could not.
  std::string Apply(const SchemaChange& change) {
    SchemaChangeResult result;
    ++context_.new_table_id.bytes[0];
    base::Result<schema::Schema> after = ApplySchemaChange(schema_, change, context_, &result);
    if (!after.ok()) return after.status().ToString();
    schema_ = *std::move(after);
    return result.changed ? result.change : "";
  }

  schema::Schema schema_;
  SchemaChangeContext context_{1'000'000, {}};
};

TEST_F(SchemaChangeTest, MakesTablesWithTheirColumnsInOrder) {
  const schema::TablePtr table = schema_.FindTable("ks", "t");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->partition_key(0).name, "k");
  EXPECT_EQ(table->clustering(0).name, "c");
  EXPECT_EQ(table->regular(0).name, "v");
}

TEST_F(SchemaChangeTest, ChecksTableOptionsAsCassandraDoes) {
  struct Row {
    Property property;
    const char* message;
  };
  const Row rows[] = {
      {Text("nosuch", "1"), "syntax error: Unknown property 'nosuch'"},
      {Text("caching", "all"), "syntax error: Invalid value for property 'caching'. It should be a map."},
      {Map("comment", {}), "syntax error: Invalid value for property 'comment'. It should be a string"},
      {Text("gc_grace_seconds", "x"), "syntax error: Invalid integer value x for 'gc_grace_seconds'"},
      {Text("gc_grace_seconds", "-1"), "gc_grace_seconds must be greater than or equal to 0 (got -1)"},
      {Text("default_time_to_live", "630720001"), "default_time_to_live must be less than or equal to 630720000"},
      {Text("bloom_filter_fp_chance", "0"), "bloom_filter_fp_chance must be larger than"},
      {Text("crc_check_chance", "1.1"), "crc_check_chance must be larger than or equal to 0"},
      {Text("min_index_interval", "0"), "min_index_interval must be greater than or equal to 1"},
      {Text("max_index_interval", "1"), "max_index_interval must be greater than or equal to min_index_interval (128)"},
      {Text("speculative_retry", "often"), "Invalid value often for option 'speculative_retry'"},
      {Text("read_repair", "SOMETIMES"), "configuration error"},
      {Text("memtable", "trie2"), "Memtable configuration \"trie2\" not found."},
      {Map("caching", {{"keys", "SOME"}}), "Invalid value 'SOME' for caching sub-option 'keys'"},
      {Map("caching", {{"nosuch", "ALL"}}), "Invalid caching sub-options [nosuch]"},
      {Map("compression", {{"chunk_length_in_kb", "16"}}), "Missing sub-option 'class' for the 'compression' option."},
      {Map("compression", {{"class", "LZ4Compressor"}, {"chunk_length_in_kb", "15"}}), "must be a power of 2"},
      {Map("compression", {{"class", "Nosuch"}}), "Could not create Compression for type"},
      {Map("compaction", {{"min_threshold", "2"}}), "Missing sub-option 'class' for the 'compaction' option."},
      {Map("compaction", {{"class", "Nosuch"}}), "configuration error"},
      {Map("compaction", {{"class", "SizeTieredCompactionStrategy"}, {"nosuch", "1"}}), "nosuch"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(Apply(Table("u", {row.property})), HasSubstr(row.message)) << row.property.name;
  }
  EXPECT_EQ(Apply(Table("u", {Text("speculative_retry", "50MS"), Text("gc_grace_seconds", "0"),
                              Map("caching", {{"keys", "none"}}), Map("compression", {{"enabled", "false"}})})),
            "CREATED");
}

TEST_F(SchemaChangeTest, RefusesKeysThatCannotBe) {
  CreateTable create = Table("u", {});
  create.partition_key = {"nosuch"};
  EXPECT_THAT(Apply(create), HasSubstr("Unknown column 'nosuch' referenced in PRIMARY KEY for table 'u'"));
  create.partition_key = {"k", "k"};
  EXPECT_THAT(Apply(create), HasSubstr("Duplicate column 'k' in PRIMARY KEY clause"));
  create = Table("u", {});
  create.clustering_order = {{"v", true}};
  EXPECT_THAT(Apply(create), HasSubstr("Missing CLUSTERING ORDER for column c"));
  create = Table("u", {});
  create.clustering.clear();
  create.columns[1].is_static = true;
  EXPECT_THAT(Apply(create), HasSubstr("Static columns are only useful"));
  create = Table("u", {});
  create.columns[0].type = DataType(TypeKind::kDuration);
  EXPECT_THAT(Apply(create), HasSubstr("duration type is not supported for PRIMARY KEY column 'k'"));
}

TEST_F(SchemaChangeTest, BoundsNames) {
  EXPECT_EQ(Apply(Table(std::string(kMaxTableNameBytes, 'x'), {})), "CREATED");
  EXPECT_THAT(Apply(Table(std::string(kMaxTableNameBytes + 1, 'x'), {})), HasSubstr("must not be more than 222"));
  const std::vector<Property> replication = {Map("replication", {{"class", "SimpleStrategy"}})};
  EXPECT_EQ(Apply(CreateKeyspace{std::string(kMaxKeyspaceNameBytes, 'x'), false, replication}), "CREATED");
  EXPECT_THAT(Apply(CreateKeyspace{std::string(kMaxKeyspaceNameBytes + 1, 'x'), false, replication}),
              HasSubstr("Keyspace name must not be empty, more than 48 characters long"));
}

TEST_F(SchemaChangeTest, ChecksReplication) {
  const auto create = [](std::vector<std::pair<std::string, std::string>> replication) {
    return CreateKeyspace{"other", false, {Map("replication", std::move(replication))}};
  };
  EXPECT_THAT(Apply(create({{"replication_factor", "1"}})), HasSubstr("Missing replication strategy class"));
  EXPECT_THAT(Apply(create({{"class", "Nosuch"}})), HasSubstr("Unable to find replication strategy class"));
  EXPECT_THAT(Apply(create({{"class", "LocalStrategy"}})), HasSubstr("LocalStrategy is reserved for internal use"));
  EXPECT_THAT(Apply(create({{"class", "SimpleStrategy"}, {"replication_factor", "x"}})),
              HasSubstr("configuration error"));
  EXPECT_THAT(Apply(create({{"class", "SimpleStrategy"}, {"dc1", "1"}})),
              HasSubstr("Unrecognized strategy option {dc1}"));
  EXPECT_THAT(Apply(CreateKeyspace{"other", false, {}}), HasSubstr("Missing mandatory option 'replication'"));
  EXPECT_EQ(Apply(create({{"class", "NetworkTopologyStrategy"}, {"replication_factor", "1"}})), "CREATED");
  EXPECT_EQ(schema_.FindKeyspace("other")->replication.at("datacenter1"), "1");
}

TEST_F(SchemaChangeTest, AltersTables) {
  using Add = AlterTable::AddColumns;
  using Drop = AlterTable::DropColumns;
  const DataType text(TypeKind::kText);
  EXPECT_EQ(Apply(AlterTable{"ks", "t", false, Add{false, {{"w", text, false}}}}), "UPDATED");
  EXPECT_THAT(Apply(AlterTable{"ks", "t", false, Add{false, {{"w", text, false}}}}), HasSubstr("already exists"));
  EXPECT_EQ(Apply(AlterTable{"ks", "t", false, Add{true, {{"w", text, false}}}}), "UPDATED");
  const schema::ColumnId before = schema_.FindTable("ks", "t")->FindColumn("w")->id;
  EXPECT_EQ(Apply(AlterTable{"ks", "t", false, Drop{false, {"w"}, {}}}), "UPDATED");
  EXPECT_THAT(Apply(AlterTable{"ks", "t", false, Drop{false, {"k"}, {}}}),
              HasSubstr("Cannot drop PRIMARY KEY column k"));
  EXPECT_THAT(
      Apply(AlterTable{"ks", "t", false, Add{false, {{"w", DataType(TypeKind::kInt), false}}}}),
      HasSubstr("Cannot re-add previously dropped column 'w' of type int, incompatible with previous type text"));
  EXPECT_EQ(Apply(AlterTable{"ks", "t", false, Add{false, {{"w", text, false}}}}), "UPDATED");
  EXPECT_NE(schema_.FindTable("ks", "t")->FindColumn("w")->id, before);
  EXPECT_EQ(Apply(AlterTable{"ks", "t", false, AlterTable::RenameColumns{false, {{"c", "cc"}}}}), "UPDATED");
  EXPECT_THAT(Apply(AlterTable{"ks", "t", false, AlterTable::RenameColumns{false, {{"cc", "x"}, {"k", "cc"}}}}),
              HasSubstr("another column with that name already exists"));
  EXPECT_THAT(Apply(AlterTable{"ks", "t", false, AlterTable::RenameColumns{false, {{"cc", "x"}, {"x", "y"}}}}),
              HasSubstr("Undefined column name x"));
  EXPECT_THAT(Apply(AlterTable{"ks", "t", false, AlterTable::RenameColumns{false, {{"v", "vv"}}}}),
              HasSubstr("Cannot rename non PRIMARY KEY column v"));
  EXPECT_EQ(Apply(AlterTable{"ks", "nosuch", true, AlterTable::SetOptions{}}), "");
  EXPECT_THAT(Apply(AlterTable{"ks", "nosuch", false, AlterTable::SetOptions{}}),
              HasSubstr("Table 'ks.nosuch' doesn't exist"));
}

TEST_F(SchemaChangeTest, LeavesSystemKeyspacesAlone) {
  EXPECT_THAT(Apply(DropKeyspace{"system", false}), HasSubstr("unauthorized: system keyspace is not user-modifiable."));
  EXPECT_THAT(Apply(DropTable{"system_schema", "tables", false}), HasSubstr("unauthorized"));
}

TEST_F(SchemaChangeTest, DropsWhatIsThere) {
  EXPECT_EQ(Apply(DropTable{"ks", "t", false}), "DROPPED");
  EXPECT_EQ(Apply(DropTable{"ks", "t", true}), "");
  EXPECT_THAT(Apply(DropTable{"ks", "t", false}), HasSubstr("Table 'ks.t' doesn't exist"));
  EXPECT_EQ(Apply(DropKeyspace{"ks", false}), "DROPPED");
  EXPECT_EQ(schema_.FindKeyspace("ks"), nullptr);
}

}  // namespace
}  // namespace cassette::catalog
