// Tables, rows and plain readings for the memtable's tests and benchmark.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "codec/fixed.h"
#include "codec/murmur3.h"
#include "rows/keys.h"
#include "rows/mutation.h"
#include "rows/row_block.h"
#include "schema/schema.h"

namespace cassette::storage::memtable::testing {

inline constexpr schema::ColumnId kKey{1}, kFirstClustering{2}, kSecondClustering{3}, kOwner{4}, kTag{5}, kCount{6},
    kValue{7}, kNote{8};

// PRIMARY KEY (key, up to two of: metric text, at timestamp DESC); statics owner text, tag int; count int, value
// double, note text.
inline schema::TablePtr MakeTable(int clusterings, bool descending = true) {
  using schema::ColumnKind;
  using types::DataType;
  using types::TypeKind;
  auto table = std::make_shared<schema::Table>();
  table->id.bytes[0] = 7;
  table->keyspace = "ks";
  table->name = "t";
  table->columns.push_back({kKey, "key", DataType(TypeKind::kText), ColumnKind::kPartitionKey, 0, false});
  if (clusterings == 2) {
    table->columns.push_back(
        {kFirstClustering, "metric", DataType(TypeKind::kText), ColumnKind::kClustering, 0, false});
  }
  if (clusterings > 0) {
    table->columns.push_back(
        {kSecondClustering, "at", DataType(TypeKind::kTimestamp), ColumnKind::kClustering, 1, descending});
    table->columns.push_back({kOwner, "owner", DataType(TypeKind::kText), ColumnKind::kStatic, 0, false});
    table->columns.push_back({kTag, "tag", DataType(TypeKind::kInt), ColumnKind::kStatic, 0, false});
  }
  // Ids and names in different orders.
  table->columns.push_back({kCount, "z_count", DataType(TypeKind::kInt), ColumnKind::kRegular, 0, false});
  table->columns.push_back({kValue, "value", DataType(TypeKind::kDouble), ColumnKind::kRegular, 0, false});
  table->columns.push_back({kNote, "note", DataType(TypeKind::kText), ColumnKind::kRegular, 0, false});
  table->next_column_id = 9;
  table->Finish();
  return table;
}

inline std::string Big64(int64_t value) {
  std::string bytes;
  codec::AppendBig(static_cast<uint64_t>(value), &bytes);
  return bytes;
}
inline std::string Big32(int32_t value) {
  std::string bytes;
  codec::AppendBig(static_cast<uint32_t>(value), &bytes);
  return bytes;
}

inline std::string Clustering(const schema::Table& table, std::string_view metric, int64_t at) {
  std::string bytes;
  size_t i = 0;
  if (table.clustering_count() == 2) rows::AppendClusteringComponent(table, i++, metric, &bytes);
  if (table.clustering_count() > 0) rows::AppendClusteringComponent(table, i, Big64(at), &bytes);
  return bytes;
}

inline rows::CellView LiveCell(const rows::Liveness& like, std::string_view value) {
  return {value.empty() ? rows::CellState::kEmpty : rows::CellState::kLive, like.timestamp_micros, like.ttl_seconds,
          like.expires_at_seconds, value};
}

inline void BeginMutation(const schema::Table& table, std::string_view key, rows::MutationBuilder* builder) {
  builder->Begin(table.id, codec::Murmur3Token(key), key);
}

// A row as INSERT makes it.
inline void AddInsert(std::string_view clustering, const rows::Liveness& liveness, int32_t count, int64_t value_bits,
                      std::string_view note, rows::MutationBuilder* builder) {
  builder->BeginRow(clustering);
  builder->SetLiveness(liveness);
  builder->AddCell(kCount, LiveCell(liveness, Big32(count)));
  builder->AddCell(kValue, LiveCell(liveness, Big64(value_bits)));
  builder->AddCell(kNote, LiveCell(liveness, note));
}

// A cell, a row, a partition by themselves.
struct PlainCell {
  rows::CellState state = rows::CellState::kAbsent;
  rows::Liveness times;
  std::string value;
  bool operator==(const PlainCell&) const = default;
};
struct PlainRow {
  rows::Liveness liveness;
  rows::DeletionTime deletion;
  std::map<uint32_t, PlainCell> cells;
  bool operator==(const PlainRow&) const = default;
};
struct PlainPartition {
  rows::Token token = 0;
  std::string key;
  rows::DeletionTime deletion;
  // (start, end) with what superseded at that very range.
  std::map<std::pair<std::string, std::string>, std::pair<int64_t, int64_t>> ranges;
  std::map<uint32_t, PlainCell> statics;
  std::vector<std::pair<std::string, PlainRow>> rows;  // In the order read.
  bool operator==(const PlainPartition&) const = default;
};

// Reads a source to its end, and checks each block against the contract (rows/row_block.h).
std::vector<PlainPartition> ReadAll(const schema::Table& table, rows::RowSource* source);

}  // namespace cassette::storage::memtable::testing
