// What a table must show, kept the slow and obvious way: every place remembers its strongest write by Cassandra's rules
// (org.apache.cassandra.db.rows.Cells, LivenessInfo, DeletionTime). For tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "storage/engine/random_table.h"
#include "storage/engine/shadow_cell.h"

namespace cassette::storage::engine::random_model {

using testing::kNever;
using testing::Put;
using testing::ShadowCell;

struct ShadowRow {
  ShadowCell marker;
  int64_t deleted_at = kNever;    // By row, range and partition deletions.
  std::vector<ShadowCell> cells;  // One a regular column.
};

struct ShadowPartition {
  int64_t deleted_at = kNever;
  std::vector<ShadowCell> statics;  // One a static column.
  std::vector<ShadowRow> rows;      // One a clustering of the table.
};

struct ShadowQuery {
  std::vector<size_t> partitions;  // In the order of the answer; empty: a scan.
  bool has_tokens = false;
  rows::Token min_token = 0;
  rows::Token max_token = 0;
  std::vector<rows::ClusteringSlice> slices = {rows::ClusteringSlice::All()};
  std::vector<rows::RequestedColumn> columns;
  bool reversed = false;
  bool static_rows = false;
  uint64_t limit = 0;
  uint64_t per_partition_limit = 0;
};

// One row of an answer: what it shows, as bytes, and where a page that ends with it goes on.
struct ShadowLine {
  std::string text;
  size_t partition = 0;
  int clustering = -1;  // -1: the static row alone.
};

class ShadowTable {
 public:
  explicit ShadowTable(const RandomTable& shape) : shape_(shape) { Clear(); }

  void Clear() {
    ShadowPartition empty;
    empty.statics.resize(CountOf(schema::ColumnKind::kStatic));
    empty.rows.resize(shape_.clusterings.size());
    for (ShadowRow& row : empty.rows) row.cells.resize(CountOf(schema::ColumnKind::kRegular));
    partitions_.assign(shape_.partitions.size(), empty);
  }

  ShadowPartition& operator[](size_t partition) { return partitions_[partition]; }

  void DeletePartition(size_t partition, int64_t timestamp) {
    ShadowPartition& target = partitions_[partition];
    target.deleted_at = std::max(target.deleted_at, timestamp);
  }
  void DeleteSlice(size_t partition, const rows::ClusteringSlice& slice, int64_t timestamp) {
    for (size_t i = 0; i < shape_.clusterings.size(); ++i) {
      if (!slice.Contains(shape_.clusterings[i])) continue;
      ShadowRow& row = partitions_[partition].rows[i];
      row.deleted_at = std::max(row.deleted_at, timestamp);
    }
  }

  std::vector<ShadowLine> Select(const ShadowQuery& query, int64_t now) const {
    std::vector<ShadowLine> lines;
    if (!query.partitions.empty()) {
      for (const size_t partition : query.partitions) SelectPartition(query, partition, now, &lines);
    } else {
      for (size_t i = 0; i < partitions_.size(); ++i) {
        const rows::Token token = shape_.partitions[i].token;
        if (query.has_tokens && (token < query.min_token || token > query.max_token)) continue;
        SelectPartition(query, i, now, &lines);
      }
    }
    if (query.limit != 0 && lines.size() > query.limit) lines.resize(query.limit);
    return lines;
  }

 private:
  size_t CountOf(schema::ColumnKind kind) const {
    const auto& columns = shape_.table->columns;
    return static_cast<size_t>(std::count_if(columns.begin(), columns.end(),
                                             [&](const schema::Column& column) { return column.kind == kind; }));
  }

  void SelectPartition(const ShadowQuery& query, size_t index, int64_t now, std::vector<ShadowLine>* lines) const {
    const ShadowPartition& partition = partitions_[index];
    std::vector<ShadowLine> rows;
    for (size_t c = 0; c < partition.rows.size(); ++c) {
      const auto in_slice = [&](const rows::ClusteringSlice& slice) { return slice.Contains(shape_.clusterings[c]); };
      if (!std::any_of(query.slices.begin(), query.slices.end(), in_slice)) continue;
      if (IsLive(partition, partition.rows[c], now)) {
        rows.push_back({TextOf(query, index, static_cast<int>(c), now), index, static_cast<int>(c)});
      }
    }
    if (query.reversed) std::reverse(rows.begin(), rows.end());
    if (query.per_partition_limit != 0 && rows.size() > query.per_partition_limit) {
      rows.resize(query.per_partition_limit);
    }
    const auto is_live = [&](const ShadowCell& cell) { return cell.IsLive(now, partition.deleted_at); };
    const bool has_static = std::any_of(partition.statics.begin(), partition.statics.end(), is_live);
    if (rows.empty() && has_static && query.static_rows) rows.push_back({TextOf(query, index, -1, now), index, -1});
    lines->insert(lines->end(), rows.begin(), rows.end());
  }

  static bool IsLive(const ShadowPartition& partition, const ShadowRow& row, int64_t now) {
    const int64_t deleted_at = std::max(partition.deleted_at, row.deleted_at);
    const auto is_live = [&](const ShadowCell& cell) { return cell.IsLive(now, deleted_at); };
    return is_live(row.marker) || std::any_of(row.cells.begin(), row.cells.end(), is_live);
  }

  std::string TextOf(const ShadowQuery& query, size_t index, int clustering, int64_t now) const {
    const ShadowPartition& partition = partitions_[index];
    const schema::Table& table = *shape_.table;
    std::string text;
    for (const rows::RequestedColumn& requested : query.columns) {
      const auto place = static_cast<size_t>(table.IndexOf(requested.id));
      const schema::Column& column = table.columns[place];
      const size_t keys = table.partition_key_count() + table.clustering_count();
      switch (column.kind) {
        case schema::ColumnKind::kPartitionKey:
          text += KeyText(index, place);
          break;
        case schema::ColumnKind::kClustering:
          text += clustering < 0 ? "|-" : "|" + ComponentText(clustering, place - table.partition_key_count());
          break;
        case schema::ColumnKind::kStatic:
          text += CellText(partition.statics[place - keys], partition.deleted_at, requested, now);
          break;
        case schema::ColumnKind::kRegular: {
          if (clustering < 0) {
            text += CellText({}, kNever, requested, now);
            break;
          }
          const ShadowRow& row = partition.rows[static_cast<size_t>(clustering)];
          text += CellText(row.cells[place - keys - partition.statics.size()],
                           std::max(partition.deleted_at, row.deleted_at), requested, now);
        }
      }
    }
    return text;
  }

  std::string KeyText(size_t index, size_t column) const {
    std::vector<std::string_view> components;
    const base::Status split =
        rows::SplitPartitionKey(shape_.table->partition_key_count(), shape_.partitions[index].key, &components);
    return split.ok() ? "|" + std::string(components[column]) : "?";
  }
  // As the reader's: the component's order-preserving bytes say which value it is.
  std::string ComponentText(int clustering, size_t component) const {
    const std::vector<size_t>& ends = shape_.component_ends[static_cast<size_t>(clustering)];
    const size_t begin = component == 0 ? 0 : ends[component - 1];
    return shape_.clusterings[static_cast<size_t>(clustering)].substr(begin, ends[component] - begin);
  }
  static std::string CellText(const ShadowCell& cell, int64_t deleted_at, const rows::RequestedColumn& requested,
                              int64_t now) {
    const bool is_live = cell.IsLive(now, deleted_at);
    std::string text = is_live ? "|" + cell.value : "|-";
    if (requested.with_write_time) text += is_live ? "@" + std::to_string(cell.timestamp) : "@-";
    if (requested.with_ttl) {
      text += is_live && cell.ttl != 0 ? "~" + std::to_string(cell.expires_at - now) : "~-";
    }
    return text;
  }

  const RandomTable& shape_;
  std::vector<ShadowPartition> partitions_;
};

}  // namespace cassette::storage::engine::random_model
