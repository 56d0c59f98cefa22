// A brute-force model of an SSTable's contents for the folder's tests: rows as maps, turned into blocks and back.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "codec/murmur3.h"
#include "rows/row_block.h"
#include "types/value.h"

namespace cassette::storage::sstable::testing {

struct ModelCell {
  rows::CellState state = rows::CellState::kAbsent;
  int64_t timestamp = rows::kNoTimestamp;
  int32_t ttl = rows::kNoTtl;
  int64_t expiry = rows::kNeverExpires;
  std::string value;
};

struct ModelRow {
  std::vector<std::string> clustering;  // serialized
  std::string position;                 // order-preserving bytes
  rows::Liveness liveness;
  rows::DeletionTime deletion;
  std::map<schema::ColumnId, ModelCell> cells;
};

struct ModelPartition {
  rows::Token token = rows::kMinToken;
  std::string key;
  rows::PartitionHead head;
  std::vector<ModelRow> rows;
};

using Model = std::vector<ModelPartition>;

inline schema::Column MakeColumn(uint32_t id, const std::string& name, types::TypeKind type, schema::ColumnKind kind,
                                 uint32_t position = 0, bool descending = false) {
  schema::Column column;
  column.id = schema::ColumnId(id);
  column.name = name;
  column.type = types::DataType(type);
  column.kind = kind;
  column.position = position;
  column.descending = descending;
  return column;
}

// metrics (resource text, year int, week int, metric text, at timestamp DESC, owner text STATIC, value double,
// count bigint, note text)
inline schema::TablePtr MetricsTable() {
  using schema::ColumnKind;
  using types::TypeKind;
  auto table = std::make_shared<schema::Table>();
  for (size_t i = 0; i < table->id.bytes.size(); ++i) table->id.bytes[i] = static_cast<uint8_t>(i + 1);
  table->keyspace = "network";
  table->name = "metrics";
  table->columns = {MakeColumn(1, "resource", TypeKind::kText, ColumnKind::kPartitionKey, 0),
                    MakeColumn(2, "year", TypeKind::kInt, ColumnKind::kPartitionKey, 1),
                    MakeColumn(3, "week", TypeKind::kInt, ColumnKind::kPartitionKey, 2),
                    MakeColumn(4, "metric", TypeKind::kText, ColumnKind::kClustering, 0),
                    MakeColumn(5, "at", TypeKind::kTimestamp, ColumnKind::kClustering, 1, true),
                    MakeColumn(6, "owner", TypeKind::kText, ColumnKind::kStatic),
                    MakeColumn(7, "value", TypeKind::kDouble, ColumnKind::kRegular),
                    MakeColumn(8, "count", TypeKind::kBigint, ColumnKind::kRegular),
                    MakeColumn(9, "note", TypeKind::kText, ColumnKind::kRegular)};
  table->next_column_id = 10;
  table->Finish();
  return table;
}

// users (id bigint PRIMARY KEY, name text, age int): no clustering, one row a partition.
inline schema::TablePtr UsersTable() {
  using schema::ColumnKind;
  using types::TypeKind;
  auto table = std::make_shared<schema::Table>();
  for (size_t i = 0; i < table->id.bytes.size(); ++i) table->id.bytes[i] = static_cast<uint8_t>(200 + i);
  table->keyspace = "app";
  table->name = "users";
  table->columns = {MakeColumn(1, "id", TypeKind::kBigint, ColumnKind::kPartitionKey),
                    MakeColumn(2, "name", TypeKind::kText, ColumnKind::kRegular),
                    MakeColumn(3, "age", TypeKind::kInt, ColumnKind::kRegular)};
  table->next_column_id = 4;
  table->Finish();
  return table;
}

inline std::string Int64Bytes(types::TypeKind kind, int64_t value) {
  std::string bytes;
  types::AppendFromInt64(kind, value, &bytes);
  return bytes;
}
inline std::string DoubleBytes(double value) {
  std::string bytes;
  types::AppendDouble(value, &bytes);
  return bytes;
}

inline std::string PositionOf(const schema::Table& table, const std::vector<std::string>& clustering) {
  std::string position;
  for (size_t i = 0; i < clustering.size(); ++i) {
    rows::AppendClusteringComponent(table, i, clustering[i], &position);
  }
  return position;
}

// Partitions by (token, key), rows by position, equal ones once.
inline void Sort(Model* model) {
  const auto before = [](const ModelPartition& a, const ModelPartition& b) {
    return a.token != b.token ? a.token < b.token : a.key < b.key;
  };
  std::sort(model->begin(), model->end(), before);
  const auto same = [](const ModelPartition& a, const ModelPartition& b) { return a.key == b.key; };
  model->erase(std::unique(model->begin(), model->end(), same), model->end());
  for (ModelPartition& partition : *model) {
    std::stable_sort(partition.rows.begin(), partition.rows.end(),
                     [](const ModelRow& a, const ModelRow& b) { return a.position < b.position; });
    const auto same_row = [](const ModelRow& a, const ModelRow& b) { return a.position == b.position; };
    partition.rows.erase(std::unique(partition.rows.begin(), partition.rows.end(), same_row), partition.rows.end());
  }
}

// One row at the end of a block, in the plainest way: every column spelled out, no column "same as liveness".
class BlockBuilder {
 public:
  explicit BlockBuilder(const schema::Table& table) : table_(table) { Reset(); }

  void AddRun(const ModelPartition& partition, bool continues) {
    rows::PartitionRun run;
    run.first_row = block_.row_count;
    run.token = partition.token;
    run.key = partition.key;
    run.continues = continues;
    if (!continues && !partition.head.empty()) run.head = std::make_shared<rows::PartitionHead>(partition.head);
    block_.partitions.push_back(std::move(run));
  }

  void AddRow(const ModelRow& row) {
    for (size_t i = 0; i < row.clustering.size(); ++i) {
      block_.clustering[i].AppendValue(table_.clustering(i).type, row.clustering[i]);
    }
    block_.timestamps.values.push_back(row.liveness.timestamp_micros);
    block_.ttls.values.push_back(row.liveness.ttl_seconds);
    block_.expiries.values.push_back(row.liveness.expires_at_seconds);
    block_.deleted_at.values.push_back(row.deletion.marked_at_micros);
    block_.deleted_local.values.push_back(row.deletion.local_seconds);
    for (rows::CellColumn& column : block_.cells) AddCell(row, &column);
    ++block_.row_count;
  }

  const rows::RowBlock& block() const { return block_; }
  rows::RowBlock Take() {
    rows::RowBlock block = std::move(block_);
    Reset();
    return block;
  }

 private:
  void Reset() {
    block_ = rows::RowBlock();
    for (size_t i = 0; i < table_.clustering_count(); ++i) {
      block_.clustering.emplace_back(table_.clustering(i).type.physical());
    }
    std::map<schema::ColumnId, types::PhysicalType> ids;
    for (size_t i = 0; i < table_.regular_count(); ++i) {
      ids[table_.regular(i).id] = table_.regular(i).type.physical();
    }
    for (const auto& [id, physical] : ids) {
      block_.cells.emplace_back();
      block_.cells.back().id = id;
      block_.cells.back().values.Reset(physical);
    }
  }

  void AddCell(const ModelRow& row, rows::CellColumn* column) {
    const auto found = row.cells.find(column->id);
    const ModelCell cell = found == row.cells.end() ? ModelCell() : found->second;
    if (cell.state == rows::CellState::kLive) {
      column->values.AppendValue(table_.FindColumn(column->id)->type, cell.value);
    } else {
      column->values.AppendState(cell.state);
    }
    column->timestamps.values.push_back(cell.timestamp);
    column->ttls.values.push_back(cell.ttl);
    column->expiries.values.push_back(cell.expiry);
  }

  const schema::Table& table_;
  rows::RowBlock block_;
};

// The model as blocks of at most `rows_max` rows.
inline std::vector<rows::RowBlock> ToBlocks(const schema::Table& table, const Model& model, uint32_t rows_max) {
  std::vector<rows::RowBlock> blocks;
  BlockBuilder builder(table);
  for (const ModelPartition& partition : model) {
    builder.AddRun(partition, false);
    for (const ModelRow& row : partition.rows) {
      if (builder.block().row_count == rows_max) {
        blocks.push_back(builder.Take());
        builder.AddRun(partition, true);
      }
      builder.AddRow(row);
    }
  }
  if (!builder.block().partitions.empty()) blocks.push_back(builder.Take());
  return blocks;
}

inline std::string Hex(const std::string& bytes) {
  static const char* const kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text.push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
    text.push_back(kDigits[static_cast<uint8_t>(c) & 15]);
  }
  return text;
}

// A line a partition, head or row: what tests compare.
inline std::vector<std::string> ToLines(const Model& model) {
  std::vector<std::string> lines;
  const auto number = [](int64_t value) { return std::to_string(value); };
  for (const ModelPartition& partition : model) {
    lines.push_back("partition " + Hex(partition.key) + " token " + number(partition.token));
    const rows::PartitionHead& head = partition.head;
    if (!head.deletion.is_live()) {
      lines.push_back("  deletion " + number(head.deletion.marked_at_micros) + " " +
                      number(head.deletion.local_seconds));
    }
    for (const rows::RangeTombstone& range : head.range_tombstones) {
      lines.push_back("  range " + number(static_cast<int>(range.start.side)) + Hex(range.start.prefix) + " to " +
                      number(static_cast<int>(range.end.side)) + Hex(range.end.prefix) + " at " +
                      number(range.deletion.marked_at_micros) + " " + number(range.deletion.local_seconds));
    }
    for (const auto& cell : head.static_cells) {
      lines.push_back("  static " + number(cell.column.value()) + " " + number(static_cast<int>(cell.state)) + " " +
                      number(cell.timestamp_micros) + " " + number(cell.ttl_seconds) + " " +
                      number(cell.expires_at_seconds) + " " + Hex(cell.value));
    }
    for (const ModelRow& row : partition.rows) {
      std::string line = "  row " + Hex(row.position) + " marker " + number(row.liveness.timestamp_micros) + " " +
                         number(row.liveness.ttl_seconds) + " " + number(row.liveness.expires_at_seconds) +
                         " deleted " + number(row.deletion.marked_at_micros) + " " + number(row.deletion.local_seconds);
      for (const auto& [id, cell] : row.cells) {
        if (cell.state == rows::CellState::kAbsent) continue;
        line += " | " + number(id.value()) + " " + number(static_cast<int>(cell.state)) + " " + number(cell.timestamp) +
                " " + number(cell.ttl) + " " + number(cell.expiry) + " " + Hex(cell.value);
      }
      lines.push_back(line);
    }
  }
  return lines;
}

// What a read of `range` must give. Rows of reversed reads come backwards.
inline Model Filter(const Model& model, const rows::ReadRange& range) {
  Model result;
  for (const ModelPartition& partition : model) {
    if (range.key != nullptr && partition.key != *range.key) continue;
    if (range.has_start && partition.token < range.start_token) continue;
    if (range.has_end && partition.token > range.end_token) continue;
    ModelPartition kept;
    kept.token = partition.token;
    kept.key = partition.key;
    kept.head = partition.head;
    for (const ModelRow& row : partition.rows) {
      const bool wanted = std::any_of(range.slices.begin(), range.slices.end(),
                                      [&](const auto& slice) { return slice.Contains(row.position); });
      if (!wanted) continue;
      ModelRow copy = row;
      for (auto cell = copy.cells.begin(); cell != copy.cells.end();) {
        const bool asked = std::binary_search(range.columns.begin(), range.columns.end(), cell->first);
        cell = asked ? std::next(cell) : copy.cells.erase(cell);
      }
      kept.rows.push_back(std::move(copy));
    }
    if (range.reversed) std::reverse(kept.rows.begin(), kept.rows.end());
    if (!kept.rows.empty() || !kept.head.empty()) result.push_back(std::move(kept));
  }
  return result;
}

inline ModelCell CellAt(const schema::Table& table, const rows::RowBlock& block, const rows::CellColumn& column,
                        uint32_t row) {
  ModelCell cell;
  cell.state = column.values.state(row);
  cell.timestamp = (column.same_as_liveness ? block.timestamps : column.timestamps).at(row);
  cell.ttl = (column.same_as_liveness ? block.ttls : column.ttls).at(row);
  cell.expiry = (column.same_as_liveness ? block.expiries : column.expiries).at(row);
  if (!column.values.is_null(row)) {
    column.values.AppendSerialized(table.FindColumn(column.id)->type, row, &cell.value);
  }
  return cell;
}

inline ModelRow RowAt(const schema::Table& table, const rows::RowBlock& block, uint32_t row) {
  ModelRow result;
  for (size_t i = 0; i < block.clustering.size(); ++i) {
    result.clustering.emplace_back();
    block.clustering[i].AppendSerialized(table.clustering(i).type, row, &result.clustering.back());
  }
  result.position = PositionOf(table, result.clustering);
  result.liveness = {block.timestamps.at(row), block.ttls.at(row), block.expiries.at(row)};
  result.deletion = {block.deleted_at.at(row), block.deleted_local.at(row)};
  for (const rows::CellColumn& column : block.cells) {
    result.cells[column.id] = CellAt(table, block, column, row);
  }
  return result;
}

// Appends a block's rows; false when the grammar of sources is broken.
inline bool Collect(const schema::Table& table, const rows::RowBlock& block, Model* model) {
  if (block.partitions.empty() || block.row_count > columnar::kMaxVectorRows) return false;
  if (block.partitions[0].first_row != 0) return false;
  for (size_t i = 0; i < block.partitions.size(); ++i) {
    const rows::PartitionRun& run = block.partitions[i];
    const uint32_t end = i + 1 < block.partitions.size() ? block.partitions[i + 1].first_row : block.row_count;
    if (end < run.first_row || run.token != codec::Murmur3Token(run.key)) return false;
    const bool same = !model->empty() && model->back().key == run.key;
    if (same != run.continues || (run.continues && run.head != nullptr)) return false;
    if (!same) {
      model->emplace_back();
      model->back().token = run.token;
      model->back().key = run.key;
      if (run.head != nullptr) model->back().head = *run.head;
    }
    for (uint32_t row = run.first_row; row < end; ++row) model->back().rows.push_back(RowAt(table, block, row));
  }
  return true;
}

}  // namespace cassette::storage::sstable::testing
