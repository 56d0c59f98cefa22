#include <gtest/gtest.h>

#include "storage/memtable/test_tables.h"

namespace cassette::storage::memtable::testing {
namespace {

template <typename Number>
void CheckSize(const rows::MetaColumn<Number>& column, uint32_t row_count) {
  EXPECT_TRUE(column.values.empty() || column.values.size() == row_count);
}

void CheckBlock(const rows::RowBlock& block) {
  ASSERT_LE(block.row_count, columnar::kMaxVectorRows);
  ASSERT_FALSE(block.partitions.empty());
  EXPECT_EQ(block.partitions[0].first_row, 0u);
  for (const auto& vector : block.clustering) {
    ASSERT_EQ(vector.size(), block.row_count);
  }
  CheckSize(block.timestamps, block.row_count);
  CheckSize(block.ttls, block.row_count);
  CheckSize(block.expiries, block.row_count);
  CheckSize(block.deleted_at, block.row_count);
  CheckSize(block.deleted_local, block.row_count);
  for (size_t i = 0; i < block.cells.size(); ++i) {
    const rows::CellColumn& column = block.cells[i];
    ASSERT_EQ(column.values.size(), block.row_count);
    EXPECT_TRUE(i == 0 || block.cells[i - 1].id < column.id);
    if (column.same_as_liveness) continue;
    CheckSize(column.timestamps, block.row_count);
    CheckSize(column.ttls, block.row_count);
    CheckSize(column.expiries, block.row_count);
  }
}

void CheckAllLive(const rows::RowBlock& block, const PlainRow& row) {
  if (!block.all_live) return;
  EXPECT_TRUE(row.deletion.is_live());
  EXPECT_FALSE(row.liveness.is_empty());
  EXPECT_EQ(row.liveness.ttl_seconds, rows::kNoTtl);
  for (const auto& [id, cell] : row.cells) {
    EXPECT_NE(cell.state, rows::CellState::kTombstone);
    EXPECT_EQ(cell.times.ttl_seconds, rows::kNoTtl);
  }
}

PlainCell CellAt(const schema::Table& table, const rows::RowBlock& block, const rows::CellColumn& column,
                 uint32_t row) {
  PlainCell cell;
  cell.state = column.values.state(row);
  if (cell.state == rows::CellState::kAbsent) return cell;
  if (column.same_as_liveness) {
    EXPECT_NE(cell.state, rows::CellState::kTombstone);
    cell.times = {block.timestamps.at(row), block.ttls.at(row), block.expiries.at(row)};
    EXPECT_FALSE(cell.times.is_empty());
  } else {
    cell.times = {column.timestamps.at(row), column.ttls.at(row), column.expiries.at(row)};
  }
  if (cell.state == rows::CellState::kTombstone) return cell;
  column.values.AppendSerialized(table.FindColumn(column.id)->type, row, &cell.value);
  cell.state = cell.value.empty() ? rows::CellState::kEmpty : rows::CellState::kLive;
  return cell;
}

std::pair<std::string, PlainRow> RowAt(const schema::Table& table, const rows::RowBlock& block, uint32_t row) {
  std::string clustering;
  for (size_t i = 0; i < block.clustering.size(); ++i) {
    std::string value;
    block.clustering[i].AppendSerialized(table.clustering(i).type, row, &value);
    rows::AppendClusteringComponent(table, i, value, &clustering);
  }
  PlainRow plain;
  plain.liveness = {block.timestamps.at(row), block.ttls.at(row), block.expiries.at(row)};
  plain.deletion = {block.deleted_at.at(row), block.deleted_local.at(row)};
  for (const rows::CellColumn& column : block.cells) {
    PlainCell cell = CellAt(table, block, column, row);
    if (cell.state != rows::CellState::kAbsent) plain.cells[column.id.value()] = std::move(cell);
  }
  CheckAllLive(block, plain);
  return {clustering, plain};
}

std::string BoundText(const rows::ClusteringBound& bound) {
  return bound.prefix + (bound.side == rows::ClusteringBound::Side::kBefore ? "<" : ">");
}

void ReadHead(const rows::PartitionHead& head, PlainPartition* partition) {
  partition->deletion = head.deletion;
  for (const rows::RangeTombstone& range : head.range_tombstones) {
    auto& at = partition->ranges
                   .try_emplace({BoundText(range.start), BoundText(range.end)},
                                std::pair(rows::kNoTimestamp, rows::kNeverExpires))
                   .first->second;
    if (range.deletion.Supersedes({at.first, at.second})) {
      at = {range.deletion.marked_at_micros, range.deletion.local_seconds};
    }
  }
  for (const auto& cell : head.static_cells) {
    partition->statics[cell.column.value()] = {
        cell.state, {cell.timestamp_micros, cell.ttl_seconds, cell.expires_at_seconds}, cell.value};
  }
}

}  // namespace

std::vector<PlainPartition> ReadAll(const schema::Table& table, rows::RowSource* source) {
  std::vector<PlainPartition> partitions;
  rows::RowBlock block;
  while (true) {
    const auto more = source->Next(&block);
    EXPECT_TRUE(more.ok()) << more.status().ToString();
    if (!more.ok() || !*more) return partitions;
    CheckBlock(block);
    for (size_t run = 0; run < block.partitions.size(); ++run) {
      const rows::PartitionRun& from = block.partitions[run];
      EXPECT_EQ(from.continues, !partitions.empty() && partitions.back().key == from.key);
      if (!from.continues) {
        partitions.emplace_back();
        partitions.back().token = from.token;
        partitions.back().key = from.key;
        if (from.head != nullptr) ReadHead(*from.head, &partitions.back());
      } else {
        EXPECT_EQ(from.head, nullptr);
      }
      const uint32_t end = run + 1 < block.partitions.size() ? block.partitions[run + 1].first_row : block.row_count;
      EXPECT_TRUE(end > from.first_row || from.head != nullptr);
      for (uint32_t row = from.first_row; row < end; ++row) partitions.back().rows.push_back(RowAt(table, block, row));
    }
  }
}

}  // namespace cassette::storage::memtable::testing
