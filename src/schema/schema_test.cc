#include "schema/schema.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "codec/crc32c.h"
#include "codec/fixed.h"

namespace cassette::schema {
namespace {

using types::DataType;
using types::TypeKind;

TableId Id(uint8_t first) {
  TableId id;
  for (size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<uint8_t>(first + i);
  return id;
}

Table Metrics() {
  Table table;
  table.id = Id(0x10);
  table.keyspace = "network";
  table.name = "metrics";
  table.columns = {
      {ColumnId(7), "value", DataType(TypeKind::kDouble), ColumnKind::kRegular, 0, false},
      {ColumnId(5), "at", DataType(TypeKind::kTimestamp), ColumnKind::kClustering, 1, true},
      {ColumnId(2), "year", DataType(TypeKind::kInt), ColumnKind::kPartitionKey, 1, false},
      {ColumnId(1), "resource", DataType(TypeKind::kText), ColumnKind::kPartitionKey, 0, false},
      {ColumnId(4), "metric", DataType(TypeKind::kText), ColumnKind::kClustering, 0, false},
      {ColumnId(9), "labels", DataType::Map(DataType(TypeKind::kText), DataType(TypeKind::kText), false),
       ColumnKind::kRegular, 0, false},
      {ColumnId(8), "owner", DataType(TypeKind::kText), ColumnKind::kStatic, 0, false},
  };
  table.next_column_id = 10;
  table.dropped = {{"old", DataType(TypeKind::kInt), ColumnKind::kRegular, 1700000000000000}};
  table.options.comment = "samples";
  table.options.gc_grace_seconds = 60;
  table.options.cdc = true;
  table.options.compaction["class"] = "TimeWindowCompactionStrategy";
  table.Finish();
  return table;
}

Table Named(const std::string& keyspace, const std::string& name, uint8_t id) {
  Table table = Metrics();
  table.keyspace = keyspace;
  table.name = name;
  table.id = Id(id);
  return table;
}

TEST(Table, FinishOrdersKeysByPositionAndTheRestByName) {
  const Table table = Metrics();
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  EXPECT_EQ(names, (std::vector<std::string>{"resource", "year", "metric", "at", "owner", "labels", "value"}));
  EXPECT_EQ(table.partition_key_count(), 2u);
  EXPECT_EQ(table.clustering_count(), 2u);
  EXPECT_EQ(table.static_count(), 1u);
  EXPECT_EQ(table.regular_count(), 2u);
  EXPECT_EQ(table.partition_key(1).name, "year");
  EXPECT_EQ(table.clustering(1).position, 1u);
  EXPECT_TRUE(table.clustering(1).descending);
  EXPECT_EQ(table.static_column(0).name, "owner");
  EXPECT_EQ(table.regular(1).name, "value");
  EXPECT_EQ(table.regular(1).position, 1u);
  EXPECT_TRUE(table.has_statics());
}

TEST(Table, FindsColumnsByNameAndId) {
  Table table = Metrics();
  EXPECT_EQ(table.FindColumn("at")->id, ColumnId(5));
  EXPECT_EQ(table.FindColumn(ColumnId(9))->name, "labels");
  EXPECT_EQ(table.IndexOf(ColumnId(1)), 0);
  EXPECT_EQ(table.FindColumn("nothing"), nullptr);
  EXPECT_EQ(table.FindColumn(ColumnId(3)), nullptr);
  EXPECT_EQ(table.IndexOf(ColumnId(kMaxColumnId)), -1);
  table.columns.pop_back();
  table.Finish();
  EXPECT_EQ(table.FindColumn("value"), nullptr);
  EXPECT_EQ(table.FindColumn(ColumnId(7)), nullptr);
}

TEST(TableId, PrintsAsUuid) { EXPECT_EQ(Id(0x10).ToString(), "10111213-1415-1617-1819-1a1b1c1d1e1f"); }

TEST(Schema, ChangesMakeNewVersionsThatShareTheRest) {
  const Schema empty;
  EXPECT_EQ(empty.FindTable(Id(1)), nullptr);
  const Schema with_keyspaces = empty.WithKeyspace({"a", true, {}, {}}).WithKeyspace({"b", false, {}, {}});
  const Schema one = with_keyspaces.WithTable(Named("a", "t", 1));
  const Schema two = one.WithTable(Named("b", "t", 2));
  EXPECT_EQ(two.version, 4u);
  EXPECT_EQ(one.FindTable("b", "t"), nullptr);
  EXPECT_EQ(one.FindTable(Id(2)), nullptr);
  EXPECT_EQ(two.FindTable(Id(2)), two.FindTable("b", "t"));
  EXPECT_EQ(two.FindTable("a", "t"), one.FindTable("a", "t"));
  EXPECT_FALSE(two.FindKeyspace("b")->durable_writes);

  const Schema without = two.WithoutTable("a", "t");
  EXPECT_EQ(without.FindTable(Id(1)), nullptr);
  EXPECT_NE(without.FindTable(Id(2)), nullptr);
  const Schema dropped = without.WithoutKeyspace("b");
  EXPECT_EQ(dropped.FindKeyspace("b"), nullptr);
  EXPECT_EQ(dropped.FindTable(Id(2)), nullptr);
  EXPECT_EQ(dropped.WithoutKeyspace("never").version, 7u);
  EXPECT_NE(two.FindTable(Id(1)), nullptr);
}

TEST(Schema, AlteredTableReplacesTheOld) {
  const Schema before = Schema().WithKeyspace({"a", true, {}, {}}).WithTable(Named("a", "t", 1));
  Table altered = *before.FindTable(Id(1));
  altered.columns.push_back({ColumnId(10), "extra", DataType(TypeKind::kInt), ColumnKind::kRegular, 0, false});
  altered.next_column_id = 11;
  altered.Finish();
  const Schema after = before.WithTable(altered);
  EXPECT_EQ(before.FindTable(Id(1))->FindColumn("extra"), nullptr);
  EXPECT_NE(after.FindTable(Id(1))->FindColumn("extra"), nullptr);
}

void ExpectSame(const Table& a, const Table& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.keyspace, b.keyspace);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.next_column_id, b.next_column_id);
  EXPECT_EQ(a.is_memory_only, b.is_memory_only);
  ASSERT_EQ(a.columns.size(), b.columns.size());
  for (size_t i = 0; i < a.columns.size(); ++i) {
    EXPECT_EQ(a.columns[i].id, b.columns[i].id);
    EXPECT_EQ(a.columns[i].name, b.columns[i].name);
    EXPECT_EQ(a.columns[i].type, b.columns[i].type);
    EXPECT_EQ(a.columns[i].kind, b.columns[i].kind);
    EXPECT_EQ(a.columns[i].position, b.columns[i].position);
    EXPECT_EQ(a.columns[i].descending, b.columns[i].descending);
  }
  ASSERT_EQ(a.dropped.size(), b.dropped.size());
  for (size_t i = 0; i < a.dropped.size(); ++i) {
    EXPECT_EQ(a.dropped[i].name, b.dropped[i].name);
    EXPECT_EQ(a.dropped[i].type, b.dropped[i].type);
    EXPECT_EQ(a.dropped[i].kind, b.dropped[i].kind);
    EXPECT_EQ(a.dropped[i].dropped_at_micros, b.dropped[i].dropped_at_micros);
  }
}

TEST(SchemaCodec, TableRoundTrips) {
  Table table = Metrics();
  TableOptions& options = table.options;
  options.default_time_to_live_seconds = 3600;
  options.bloom_filter_fp_chance = 0.25;
  options.crc_check_chance = 0.5;
  options.memtable_flush_period_ms = 12;
  options.min_index_interval = 1;
  options.max_index_interval = 2;
  options.speculative_retry = "NEVER";
  options.additional_write_policy = "50p";
  options.read_repair = "NONE";
  options.memtable = "other";
  options.allow_auto_snapshot = false;
  options.incremental_backups = false;
  options.caching["keys"] = "NONE";
  options.extensions["x"] = "y";
  table.is_memory_only = true;
  const auto parsed = ParseTable(SerializeTable(table));
  ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
  ExpectSame(table, *parsed);
  const TableOptions& read = parsed->options;
  EXPECT_EQ(read.comment, "samples");
  EXPECT_EQ(read.default_time_to_live_seconds, 3600);
  EXPECT_EQ(read.gc_grace_seconds, 60);
  EXPECT_EQ(read.bloom_filter_fp_chance, 0.25);
  EXPECT_EQ(read.crc_check_chance, 0.5);
  EXPECT_EQ(read.memtable_flush_period_ms, 12);
  EXPECT_EQ(read.min_index_interval, 1);
  EXPECT_EQ(read.max_index_interval, 2);
  EXPECT_EQ(read.speculative_retry, "NEVER");
  EXPECT_EQ(read.additional_write_policy, "50p");
  EXPECT_EQ(read.read_repair, "NONE");
  EXPECT_EQ(read.memtable, "other");
  EXPECT_TRUE(read.cdc);
  EXPECT_FALSE(read.allow_auto_snapshot);
  EXPECT_FALSE(read.incremental_backups);
  EXPECT_EQ(read.caching, options.caching);
  EXPECT_EQ(read.compaction, options.compaction);
  EXPECT_EQ(read.compression, options.compression);
  EXPECT_EQ(read.extensions, options.extensions);
  EXPECT_EQ(SerializeTable(*parsed), SerializeTable(table));
}

TEST(SchemaCodec, KeyspaceRoundTripsWithoutTables) {
  Keyspace keyspace{"music", false, {{"class", "SimpleStrategy"}, {"replication_factor", "1"}}, {}};
  const auto parsed = ParseKeyspace(SerializeKeyspace(keyspace));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->name, "music");
  EXPECT_FALSE(parsed->durable_writes);
  EXPECT_EQ(parsed->replication, keyspace.replication);
}

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text.push_back("0123456789abcdef"[static_cast<uint8_t>(c) >> 4]);
    text.push_back("0123456789abcdef"[c & 15]);
  }
  return text;
}

TEST(SchemaCodec, KeyspaceBytesAreThoseOfThePage) {
  Keyspace keyspace{"ks", true, {{"class", "Local"}}, {}};
  keyspace.types.emplace("p", DataType::Udt("ks", "p", {"x"}, {DataType(TypeKind::kInt)}, false));
  EXPECT_EQ(Hex(SerializeKeyspace(keyspace)), "02026b73010105636c617373054c6f63616c013000026b730170010178094e339e5c");
}

TEST(SchemaCodec, ReadsKeyspacesOfVersion1) {
  const auto parsed =
      ParseKeyspace(std::string_view("\x01\x02ks\x01\x01\x05"
                                     "class\x05Local\x4b\x2d\xa0\xec",
                                     22));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->name, "ks");
  EXPECT_TRUE(parsed->types.empty());
}

TEST(SchemaCodec, KeepsUserTypes) {
  const DataType inner = DataType::Udt("ks", "inner", {"a"}, {DataType::List(DataType(TypeKind::kInt), false)}, false);
  const DataType outer = DataType::Udt("ks", "outer", {"b", "c"}, {inner.Freeze(), DataType(TypeKind::kText)}, false);
  Keyspace keyspace{"ks", true, {{"class", "Local"}}, {}};
  keyspace.types = {{"inner", inner}, {"outer", outer}};
  const auto parsed = ParseKeyspace(SerializeKeyspace(keyspace));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->types, keyspace.types);

  Keyspace foreign = keyspace;
  foreign.name = "other";
  EXPECT_EQ(ParseKeyspace(SerializeKeyspace(foreign)).status().code(), base::Code::kCorruption);
}

TEST(SchemaCodec, TableBytesAreThoseOfThePage) {
  Table table;
  table.id = Id(0x10);
  table.keyspace = "ks";
  table.name = "t";
  table.columns = {{ColumnId(1), "k", DataType(TypeKind::kInt), ColumnKind::kPartitionKey, 0, false},
                   {ColumnId(2), "c", DataType(TypeKind::kText), ColumnKind::kClustering, 0, true}};
  table.next_column_id = 4;
  table.dropped = {{"d", DataType(TypeKind::kInt), ColumnKind::kRegular, 1}};
  table.options = TableOptions();
  table.options.comment = "";
  table.options.speculative_retry = table.options.additional_write_policy = table.options.read_repair = "";
  table.options.memtable = "";
  table.options.caching = table.options.compaction = table.options.compression = {};
  table.options.extensions = {{"a", "b"}};
  table.Finish();
  EXPECT_EQ(Hex(SerializeTable(table)),
            "02"                                // version
            "101112131415161718191a1b1c1d1e1f"  // table id
            "026b73"                            // keyspace
            "0174"                              // name
            "06"                                // flags
            "04"                                // next column id
            "02"                                // columns
            "010100016b09"                      // k
            "02020101630d"                      // c
            "01"                                // dropped columns
            "0402016409"                        // d
            "0080bc69008002"                    // numbers
            "8020"
            "7b14ae47e17a843f"  // bloom_filter_fp_chance
            "000000000000f03f"  // crc_check_chance
            "0000000000"        // texts
            "000000"            // maps
            "0101610162"        // extensions
            "01"                // role
            "00"                // indexes
            "00"                // views
            "10c504bf");
}

TEST(SchemaCodec, ATableOfVersionOneHasNoIndexesAndViews) {
  std::string bytes = SerializeTable(Metrics());
  bytes.resize(bytes.size() - 3 - 4);
  bytes[0] = 1;
  codec::AppendLittle(codec::Crc32c(bytes), &bytes);
  const base::Result<Table> parsed = ParseTable(bytes);
  ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
  EXPECT_EQ(parsed->role, TableRole::kUser);
  EXPECT_FALSE(parsed->has_derived());
  EXPECT_EQ(parsed->columns.size(), Metrics().columns.size());
}

TEST(SchemaCodec, IndexesAndViewsComeBack) {
  Table table = Metrics();
  table.indexes = {{"i", ColumnId(3), IndexTarget::kColumn, Id(0x20), false},
                   {"j", ColumnId(4), IndexTarget::kEntries, Id(0x30), true}};
  table.views = {Id(0x40), Id(0x50)};
  const base::Result<Table> parsed = ParseTable(SerializeTable(table));
  ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
  EXPECT_EQ(parsed->indexes, table.indexes);
  EXPECT_EQ(parsed->views, table.views);
  EXPECT_EQ(parsed->FindIndex("j"), &parsed->indexes[1]);
  EXPECT_EQ(parsed->FindIndex("k"), nullptr);
}

TEST(SchemaCodec, AViewComesBack) {
  Table view = Metrics();
  view.role = TableRole::kView;
  view.base = Id(0x60);
  view.view = {"a IS NOT NULL AND b > 3",
               true,
               true,
               ColumnId(5),
               {{ColumnId(2), ViewFilter::Comparison::kGreater, {std::string("\0\0\0\3", 4)}},
                {ColumnId(3), ViewFilter::Comparison::kInTuples, {std::string("\0\0\0\1a\0\0\0\0", 9)}}}};
  const base::Result<Table> parsed = ParseTable(SerializeTable(view));
  ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
  EXPECT_TRUE(parsed->is_view());
  EXPECT_EQ(parsed->base, view.base);
  EXPECT_EQ(parsed->view, view.view);
}

TEST(SchemaCodec, EveryFlippedBitIsCorruption) {
  for (const std::string& good : {SerializeTable(Metrics()), SerializeKeyspace({"ks", true, {{"a", "b"}}, {}})}) {
    for (size_t bit = 0; bit < good.size() * 8; ++bit) {
      std::string bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_EQ(ParseTable(bad).status().code(), base::Code::kCorruption);
      EXPECT_EQ(ParseKeyspace(bad).status().code(), base::Code::kCorruption);
    }
    for (size_t size = 0; size < good.size(); ++size) {
      EXPECT_EQ(ParseTable(good.substr(0, size)).status().code(), base::Code::kCorruption);
    }
  }
}

// The parser itself must hold where a wrong record has a right checksum.
TEST(SchemaCodec, DamageUnderARightChecksumIsCorruptionOrAnotherTable) {
  const uint64_t seed = 11;
  SCOPED_TRACE(seed);
  base::Random random(seed);
  const std::string good = SerializeTable(Metrics());
  for (int round = 0; round < 20000; ++round) {
    std::string bad = good.substr(0, good.size() - 4);
    for (uint64_t flips = 1 + random.Below(3); flips > 0; --flips) {
      bad[random.Below(bad.size())] = static_cast<char>(random.Next());
    }
    if (random.Below(4) == 0) bad.resize(random.Below(bad.size()) + 1);
    codec::AppendLittle(codec::Crc32c(bad), &bad);
    for (const base::Status& status : {ParseTable(bad).status(), ParseKeyspace(bad).status()}) {
      EXPECT_TRUE(status.ok() || status.code() == base::Code::kCorruption);
    }
  }
}

TEST(SchemaCodec, RefusesANewerVersionByNumber) {
  std::string bytes = SerializeTable(Metrics());
  bytes.resize(bytes.size() - 4);
  bytes[0] = 3;
  codec::AppendLittle(codec::Crc32c(bytes), &bytes);
  const auto parsed = ParseTable(bytes);
  EXPECT_EQ(parsed.status().code(), base::Code::kCorruption);
  EXPECT_EQ(parsed.status().message(), "table record of version 3; this program knows version 2");
}

}  // namespace
}  // namespace cassette::schema
