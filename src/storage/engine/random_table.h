// A random table for the model checker: key, clustering, static and regular columns of random types and orders, and the
// few partitions, clusterings and paths that its rows have. For tests.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "codec/fixed.h"
#include "codec/murmur3.h"
#include "rows/complex_cells.h"
#include "rows/keys.h"
#include "schema/schema.h"
#include "types/value.h"

namespace cassette::storage::engine::random_model {

struct RandomPartition {
  std::vector<std::string> values;  // Of its key's columns.
  std::string key;
  rows::Token token = rows::kMinToken;
};

struct RandomClustering {
  std::vector<std::string> values;  // Of its columns.
  std::string bytes;                // Order-preserving.
  std::vector<size_t> ends;         // Where in `bytes` the columns end.
};

struct RandomTable {
  schema::TablePtr table;
  std::vector<RandomPartition> partitions;    // In token order.
  std::vector<RandomClustering> clusterings;  // Ascending.
  // Of each column: of a multi-cell one those that its cells have, ascending; of another a single empty one.
  std::vector<std::vector<std::string>> paths;
  bool keeps_order = false;  // Write times grow; else they tie and come out of order.

  size_t first_static() const { return table->partition_key_count() + table->clustering_count(); }
  size_t first_regular() const {
    size_t place = first_static();
    while (place < table->columns.size() && table->columns[place].kind == schema::ColumnKind::kStatic) ++place;
    return place;
  }
};

// Of a scalar type.
inline std::string RandomValue(types::TypeKind kind, base::Random& random, uint64_t domain) {
  const uint64_t number = random.Below(domain);
  std::string bytes;
  switch (kind) {
    case types::TypeKind::kDouble:
      types::AppendDouble(static_cast<double>(number) / 4 - 3, &bytes);
      break;
    case types::TypeKind::kText:
    case types::TypeKind::kBlob:
      bytes = "v" + std::to_string(number);
      if (number % 7 == 0) bytes.append(number % 90, 'x');
      break;
    case types::TypeKind::kTimeuuid:  // Version 1.
      codec::AppendBig(number, &bytes);
      bytes[6] = 0x10;
      bytes.append(8, static_cast<char>(number % 100));
      break;
    case types::TypeKind::kBoolean:
      bytes.push_back(static_cast<char>(number % 2));
      break;
    default:
      types::AppendFromInt64(kind, static_cast<int64_t>(number) - static_cast<int64_t>(domain / 2), &bytes);
  }
  return bytes;
}

class RandomTableMaker {
 public:
  explicit RandomTableMaker(base::Random& random) : random_(random) {}

  RandomTable Make() {
    using schema::ColumnKind;
    schema::Table table;
    table.id.bytes[0] = 7;
    table.keyspace = "ks";
    table.name = "t";
    AddColumns(&table, "k", ColumnKind::kPartitionKey, 1 + random_.Below(2));
    AddColumns(&table, "c", ColumnKind::kClustering, random_.Below(8) == 0 ? 0 : 1 + random_.Below(3));
    has_complex_ = random_.Below(3) == 0;
    const bool has_clustering = table.columns.back().kind == ColumnKind::kClustering;
    if (has_clustering) AddColumns(&table, "s", ColumnKind::kStatic, random_.Below(3));
    AddColumns(&table, "v", ColumnKind::kRegular, random_.Below(10) == 0 ? 0 : 1 + random_.Below(4));
    made_.keeps_order = random_.Below(3) == 0;
    // Burned soon only where nothing older comes later.
    table.options.gc_grace_seconds = made_.keeps_order && random_.Below(2) == 0 ? 0 : 864000;
    table.options.compaction = RandomStrategy();
    table.Finish();
    MakePartitions(table);
    MakeClusterings(table);
    for (const schema::Column& column : table.columns) made_.paths.push_back(PathsOf(column.type));
    made_.table = std::make_shared<const schema::Table>(std::move(table));
    return std::move(made_);
  }

 private:
  static constexpr uint64_t kValues = 1000;

  void AddColumns(schema::Table* table, const std::string& name, schema::ColumnKind kind, uint64_t count) {
    using schema::ColumnKind;
    for (uint64_t i = 0; i < count; ++i) {
      schema::Column column;
      column.id = schema::ColumnId(table->next_column_id++);
      column.name = name + std::to_string(i);
      column.kind = kind;
      const bool is_cell = kind == ColumnKind::kStatic || kind == ColumnKind::kRegular;
      column.type = is_cell && has_complex_ && random_.Below(2) == 0 ? RandomComplexType() : RandomScalar();
      column.descending = kind == ColumnKind::kClustering && random_.Below(2) == 0;
      table->columns.push_back(std::move(column));
    }
  }

  types::DataType RandomScalar() {
    using types::TypeKind;
    constexpr TypeKind kKinds[] = {TypeKind::kInt,    TypeKind::kBigint, TypeKind::kText,
                                   TypeKind::kDouble, TypeKind::kBlob,   TypeKind::kTimestamp};
    return types::DataType(kKinds[random_.Below(std::size(kKinds))]);
  }
  types::DataType RandomComplexType() {
    using types::DataType;
    switch (random_.Below(4)) {
      case 0:
        return DataType::Set(RandomScalar(), false);
      case 1:
        return DataType::List(RandomScalar(), false);
      case 2:
        return DataType::Udt("ks", "u", {"a", "b", "c"}, {RandomScalar(), RandomScalar(), RandomScalar()}, false);
      default:
        return DataType::Map(RandomScalar(), RandomScalar(), false);
    }
  }
  std::vector<std::string> PathsOf(const types::DataType& type) {
    if (!type.is_multi_cell()) return {""};
    std::vector<std::string> paths;
    const types::DataType path_type = rows::PathTypeOf(type);
    if (type.kind() == types::TypeKind::kUdt) {
      for (size_t field = 0; field < type.fields().size(); ++field) {
        types::AppendFromInt64(path_type.kind(), static_cast<int64_t>(field), &paths.emplace_back());
      }
      return paths;
    }
    for (uint64_t i = 1 + random_.Below(6); i > 0; --i) {
      paths.push_back(RandomValue(path_type.kind(), random_, kValues));
    }
    const auto before = [&](const auto& a, const auto& b) { return types::Compare(path_type, a, b) < 0; };
    std::sort(paths.begin(), paths.end(), before);
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    return paths;
  }

  std::map<std::string, std::string> RandomStrategy() {
    switch (random_.Below(8)) {
      case 0:
        return {{"class", "LeveledCompactionStrategy"}, {"sstable_size_in_mb", "1"}, {"fanout_size", "2"}};
      case 1:
        return {
            {"class", "LeveledCompactionStrategy"}, {"sstable_size_in_mb", "2"}, {"single_sstable_uplevel", "false"}};
      case 2:
        return {{"class", "UnifiedCompactionStrategy"},
                {"scaling_parameters", "T3, L4"},
                {"base_shard_count", "3"},
                {"min_sstable_size", "1MiB"},
                {"target_sstable_size", "2MiB"}};
      case 3:
        return {{"class", "UnifiedCompactionStrategy"},
                {"scaling_parameters", "N"},
                {"min_sstable_size", "0B"},
                {"target_sstable_size", "1MiB"},
                {"overlap_inclusion_method", "NONE"}};
      case 4:
        return {
            {"class", "SizeTieredCompactionStrategy"}, {"min_threshold", "2"}, {"tombstone_compaction_interval", "1"}};
      case 5:
        return {{"class", "TimeWindowCompactionStrategy"},
                {"compaction_window_unit", "MINUTES"},
                {"compaction_window_size", "1"},
                {"min_threshold", "2"}};
      default:
        return {{"class", "SizeTieredCompactionStrategy"}};
    }
  }

  void MakePartitions(const schema::Table& table) {
    const uint64_t count = 1 + random_.Below(12);
    std::vector<RandomPartition>& all = made_.partitions;
    for (uint64_t i = 0; i < count; ++i) {
      RandomPartition partition;
      for (size_t c = 0; c < table.partition_key_count(); ++c) {
        partition.values.push_back(RandomValue(table.partition_key(c).type.kind(), random_, kValues));
      }
      const std::vector<std::string_view> views(partition.values.begin(), partition.values.end());
      if (!rows::AppendPartitionKey(views, &partition.key).ok()) continue;
      partition.token = codec::Murmur3Token(partition.key);
      all.push_back(std::move(partition));
    }
    std::sort(all.begin(), all.end(), [](const RandomPartition& a, const RandomPartition& b) {
      return a.token != b.token ? a.token < b.token : a.key < b.key;
    });
    const auto is_same = [](const RandomPartition& a, const RandomPartition& b) { return a.key == b.key; };
    all.erase(std::unique(all.begin(), all.end(), is_same), all.end());
  }

  // Few, which often meet, as well as many.
  void MakeClusterings(const schema::Table& table) {
    const uint64_t bound = random_.Below(2) == 0 ? 10 : 39;
    const uint64_t count = table.clustering_count() == 0 ? 1 : 2 + random_.Below(bound);
    std::map<std::string, RandomClustering> made;
    for (uint64_t i = 0; i < count; ++i) {
      RandomClustering clustering;
      for (size_t c = 0; c < table.clustering_count(); ++c) {
        const uint64_t domain = c + 1 == table.clustering_count() ? 60 : 3;
        clustering.values.push_back(RandomValue(table.clustering(c).type.kind(), random_, domain));
        rows::AppendClusteringComponent(table, c, clustering.values.back(), &clustering.bytes);
        clustering.ends.push_back(clustering.bytes.size());
      }
      made[clustering.bytes] = clustering;
    }
    for (auto& [bytes, clustering] : made) made_.clusterings.push_back(std::move(clustering));
  }

  base::Random& random_;
  bool has_complex_ = false;
  RandomTable made_;
};

}  // namespace cassette::storage::engine::random_model
