// A random table for the model checker: key, clustering, static and regular columns of random types and orders, and the
// few partitions and clusterings that its rows have. For tests.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"
#include "codec/murmur3.h"
#include "rows/keys.h"
#include "schema/schema.h"
#include "types/value.h"

namespace cassette::storage::engine::random_model {

struct RandomPartition {
  std::string key;
  rows::Token token = rows::kMinToken;
};

struct RandomTable {
  schema::TablePtr table;
  std::vector<RandomPartition> partitions;  // In token order.
  std::vector<std::string> clusterings;     // Order-preserving bytes, ascending.
  // Of each clustering, where its components end.
  std::vector<std::vector<size_t>> component_ends;
  bool keeps_order = false;  // Write times grow; else they tie and come out of order.
};

inline std::string RandomValue(types::TypeKind kind, base::Random& random, uint64_t domain) {
  const uint64_t number = random.Below(domain);
  std::string bytes;
  switch (kind) {
    case types::TypeKind::kDouble:
      types::AppendDouble(static_cast<double>(number) / 4 - 3, &bytes);
      break;
    case types::TypeKind::kText:
    case types::TypeKind::kBlob:
      bytes = "v" + std::to_string(number) + std::string(number % 7 == 0 ? number % 90 : 0, 'x');
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
    schema::Table table;
    table.id.bytes[0] = 7;
    table.keyspace = "ks";
    table.name = "t";
    AddColumns(&table, "k", schema::ColumnKind::kPartitionKey, 1 + random_.Below(2));
    AddColumns(&table, "c", schema::ColumnKind::kClustering, random_.Below(8) == 0 ? 0 : 1 + random_.Below(3));
    const bool has_clustering = table.columns.back().kind == schema::ColumnKind::kClustering;
    if (has_clustering) AddColumns(&table, "s", schema::ColumnKind::kStatic, random_.Below(3));
    AddColumns(&table, "v", schema::ColumnKind::kRegular, random_.Below(10) == 0 ? 0 : 1 + random_.Below(4));
    made_.keeps_order = random_.Below(3) == 0;
    // Burned soon only where nothing older comes later.
    table.options.gc_grace_seconds = made_.keeps_order && random_.Below(2) == 0 ? 0 : 864000;
    table.options.compaction = RandomStrategy();
    table.Finish();
    MakePartitions(table);
    MakeClusterings(table);
    made_.table = std::make_shared<const schema::Table>(std::move(table));
    return std::move(made_);
  }

 private:
  void AddColumns(schema::Table* table, const std::string& name, schema::ColumnKind kind, uint64_t count) {
    using types::TypeKind;
    constexpr TypeKind kKinds[] = {TypeKind::kInt,    TypeKind::kBigint, TypeKind::kText,
                                   TypeKind::kDouble, TypeKind::kBlob,   TypeKind::kTimestamp};
    for (uint64_t i = 0; i < count; ++i) {
      schema::Column column;
      column.id = schema::ColumnId(table->next_column_id++);
      column.name = name + std::to_string(i);
      column.type = types::DataType(kKinds[random_.Below(std::size(kKinds))]);
      column.kind = kind;
      column.descending = kind == schema::ColumnKind::kClustering && random_.Below(2) == 0;
      table->columns.push_back(std::move(column));
    }
  }

  std::map<std::string, std::string> RandomStrategy() {
    switch (random_.Below(5)) {
      case 0:
        return {{"class", "LeveledCompactionStrategy"}, {"sstable_size_in_mb", "1"}, {"fanout_size", "2"}};
      case 1:
        return {{"class", "UnifiedCompactionStrategy"},
                {"scaling_parameters", "T3, L4"},
                {"base_shard_count", "3"},
                {"min_sstable_size", "1MiB"},
                {"target_sstable_size", "2MiB"}};
      case 2:
        return {{"class", "SizeTieredCompactionStrategy"}, {"min_threshold", "2"}};
      case 3:
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
    for (uint64_t i = 0; i < count; ++i) {
      std::vector<std::string> values;
      for (size_t c = 0; c < table.partition_key_count(); ++c) {
        values.push_back(RandomValue(table.partition_key(c).type.kind(), random_, 1000));
      }
      const std::vector<std::string_view> views(values.begin(), values.end());
      RandomPartition partition;
      if (!rows::AppendPartitionKey(views, &partition.key).ok()) continue;
      partition.token = codec::Murmur3Token(partition.key);
      made_.partitions.push_back(std::move(partition));
    }
    auto& all = made_.partitions;
    std::sort(all.begin(), all.end(), [](const RandomPartition& a, const RandomPartition& b) {
      return a.token != b.token ? a.token < b.token : a.key < b.key;
    });
    all.erase(std::unique(all.begin(), all.end(),
                          [](const RandomPartition& a, const RandomPartition& b) { return a.key == b.key; }),
              all.end());
  }

  void MakeClusterings(const schema::Table& table) {
    const uint64_t count = table.clustering_count() == 0 ? 1 : 2 + random_.Below(39);
    std::map<std::string, std::vector<size_t>> made;
    for (uint64_t i = 0; i < count; ++i) {
      std::string bytes;
      std::vector<size_t> ends;
      for (size_t c = 0; c < table.clustering_count(); ++c) {
        const uint64_t domain = c + 1 == table.clustering_count() ? 60 : 3;
        const std::string value = RandomValue(table.clustering(c).type.kind(), random_, domain);
        rows::AppendClusteringComponent(table, c, value, &bytes);
        ends.push_back(bytes.size());
      }
      made[bytes] = ends;
    }
    for (const auto& [bytes, ends] : made) {
      made_.clusterings.push_back(bytes);
      made_.component_ends.push_back(ends);
    }
  }

  base::Random& random_;
  RandomTable made_;
};

}  // namespace cassette::storage::engine::random_model
