// Random contents for the tests of SSTables: every shape of row, head and partition.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "storage/sstable/test_model.h"

namespace cassette::storage::sstable::testing {

struct RandomShape {
  uint32_t partitions = 20;
  uint32_t rows_max = 40;  // Of a partition; the first gets ten times as many.
  double tombstone_chance = 0.1;
  double ttl_chance = 0.1;
  double head_chance = 0.2;
  double own_time_chance = 0.2;  // A cell written by an UPDATE.
  double absent_chance = 0.2;
};

class RandomModel {
 public:
  RandomModel(schema::TablePtr table, uint64_t seed, const RandomShape& shape)
      : table_(std::move(table)), random_(seed), shape_(shape) {}

  Model Make() {
    Model model;
    for (uint32_t i = 0; i < shape_.partitions; ++i) model.push_back(Partition(i));
    Sort(&model);
    return model;
  }

  base::Random& random() { return random_; }
  // A bound that often falls on or beside rows of `partition`.
  rows::ClusteringBound Bound(const ModelPartition& partition) {
    rows::ClusteringBound bound;
    bound.side = Chance(0.5) ? rows::ClusteringBound::Side::kBefore : rows::ClusteringBound::Side::kAfter;
    if (table_->clustering_count() == 0 || partition.rows.empty() || Chance(0.1)) return bound;
    const ModelRow& row = partition.rows[random_.Below(partition.rows.size())];
    std::vector<std::string> components = row.clustering;
    components.resize(1 + random_.Below(components.size()));
    bound.prefix = PositionOf(*table_, components);
    return bound;
  }
  std::vector<rows::ClusteringSlice> Slices(const ModelPartition& partition) {
    std::vector<rows::ClusteringBound> bounds;
    for (uint64_t i = 0; i < 2 * (1 + random_.Below(3)); ++i) bounds.push_back(Bound(partition));
    std::sort(bounds.begin(), bounds.end(), [](const auto& a, const auto& b) { return a.Compare(b) < 0; });
    std::vector<rows::ClusteringSlice> slices;
    for (size_t i = 0; i + 1 < bounds.size(); i += 2) slices.push_back({bounds[i], bounds[i + 1]});
    return slices;
  }
  bool Chance(double chance) { return random_.Uniform() < chance; }

 private:
  std::string Text(uint64_t distinct) { return "text-" + std::to_string(random_.Below(distinct)); }

  std::string Value(types::TypeKind kind) {
    switch (kind) {
      case types::TypeKind::kText:
        return Chance(0.05) ? std::string() : Text(50);
      case types::TypeKind::kDouble:
        return DoubleBytes(static_cast<double>(random_.Below(10000)) / 100);
      default:
        return Int64Bytes(kind, static_cast<int64_t>(random_.Below(1000)));
    }
  }

  int64_t Timestamp() { return 1'700'000'000'000'000 + static_cast<int64_t>(random_.Below(1000)) * 1000; }

  rows::DeletionTime Deletion() { return {Timestamp(), 1'700'000'000 + static_cast<int64_t>(random_.Below(1000))}; }

  ModelPartition Partition(uint32_t index) {
    ModelPartition partition;
    std::vector<std::string> components;
    for (size_t i = 0; i < table_->partition_key_count(); ++i) {
      const types::TypeKind kind = table_->partition_key(i).type.kind();
      components.push_back(i == 0 && kind == types::TypeKind::kText ? "resource-" + std::to_string(index / 3)
                                                                    : Int64Bytes(kind, index));
    }
    std::vector<std::string_view> views(components.begin(), components.end());
    const base::Status status = rows::AppendPartitionKey(views, &partition.key);
    CASSETTE_ASSERT(status.ok());
    partition.token = codec::Murmur3Token(partition.key);
    const bool one_row = table_->clustering_count() == 0;
    uint64_t row_count = one_row ? random_.Below(2) + (Chance(0.9) ? 1 : 0) : random_.Below(shape_.rows_max + 1);
    if (index == 0 && !one_row) row_count = uint64_t{10} * shape_.rows_max;
    if (one_row) row_count = std::min<uint64_t>(row_count, 1);
    for (uint64_t i = 0; i < row_count; ++i) partition.rows.push_back(Row());
    if (Chance(shape_.head_chance) || partition.rows.empty()) AddHead(&partition);
    return partition;
  }

  void AddHead(ModelPartition* partition) {
    if (Chance(0.4)) partition->head.deletion = Deletion();
    while (table_->clustering_count() > 0 && Chance(0.5)) {
      rows::RangeTombstone range;
      range.start = Bound(*partition);
      range.end = Bound(*partition);
      range.deletion = Deletion();
      partition->head.range_tombstones.push_back(range);
    }
    for (size_t i = 0; i < table_->static_count(); ++i) {
      rows::PartitionHead::StaticCell cell;
      cell.column = table_->static_column(i).id;
      const ModelCell random = Cell(table_->static_column(i).type.kind(), Deletion().marked_at_micros);
      cell.state = random.state;
      cell.timestamp_micros = random.timestamp;
      cell.ttl_seconds = random.ttl;
      cell.expires_at_seconds = random.expiry;
      cell.value = random.value;
      partition->head.static_cells.push_back(cell);
    }
    if (partition->head.empty()) partition->head.deletion = Deletion();
  }

  ModelCell Cell(types::TypeKind kind, int64_t timestamp) {
    ModelCell cell;
    cell.timestamp = timestamp;
    if (Chance(shape_.tombstone_chance)) {
      cell.state = rows::CellState::kTombstone;
      cell.expiry = Deletion().local_seconds;
      return cell;
    }
    cell.state = rows::CellState::kLive;
    if (kind == types::TypeKind::kBigint && Chance(0.05)) {
      cell.state = rows::CellState::kEmpty;
    } else {
      cell.value = Value(kind);
    }
    if (Chance(shape_.ttl_chance)) {
      cell.ttl = 3600;
      cell.expiry = timestamp / 1'000'000 + cell.ttl;
    }
    return cell;
  }

  ModelRow Row() {
    ModelRow row;
    for (size_t i = 0; i < table_->clustering_count(); ++i) {
      const types::TypeKind kind = table_->clustering(i).type.kind();
      row.clustering.push_back(kind == types::TypeKind::kText ? "metric-" + std::to_string(random_.Below(4))
                                                              : Int64Bytes(kind, 1000 * random_.Below(5000)));
    }
    row.position = PositionOf(*table_, row.clustering);
    if (!Chance(shape_.own_time_chance / 2)) row.liveness.timestamp_micros = Timestamp();
    if (!row.liveness.is_empty() && Chance(shape_.ttl_chance)) {
      row.liveness.ttl_seconds = 60;
      row.liveness.expires_at_seconds = row.liveness.timestamp_micros / 1'000'000 + 60;
    }
    if (Chance(shape_.tombstone_chance)) row.deletion = Deletion();
    for (size_t i = 0; i < table_->regular_count(); ++i) AddCell(table_->regular(i), &row);
    return row;
  }

  void AddCell(const schema::Column& column, ModelRow* row) {
    if (Chance(shape_.absent_chance)) return;
    const bool own = row->liveness.is_empty() || Chance(shape_.own_time_chance);
    ModelCell cell = Cell(column.type.kind(), own ? Timestamp() : row->liveness.timestamp_micros);
    if (!own && cell.state != rows::CellState::kTombstone) {
      cell.ttl = row->liveness.ttl_seconds;
      cell.expiry = row->liveness.expires_at_seconds;
    }
    row->cells[column.id] = cell;
  }

  schema::TablePtr table_;
  base::Random random_;
  RandomShape shape_;
};

}  // namespace cassette::storage::sstable::testing
