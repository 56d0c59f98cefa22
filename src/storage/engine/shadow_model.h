// What a table must show, kept the slow and obvious way: every place remembers its strongest write by Cassandra's rules
// (org.apache.cassandra.db.rows.Cells, LivenessInfo, DeletionTime). For tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "codec/fixed.h"
#include "codec/murmur3.h"
#include "storage/engine/shadow_cell.h"
#include "storage/engine/test_support.h"

namespace cassette::storage::engine::testing {

inline types::DataType ComplexType() {
  const types::DataType number(types::TypeKind::kInt);
  return types::DataType::Map(number, number, false);
}

// A map<int, int> with cells of its own.
struct ShadowComplex {
  int64_t deleted_at = kNever;
  std::map<int32_t, ShadowCell> cells;

  // The serialized map of what lives, and its latest write time; empty when nothing does.
  std::pair<std::string, int64_t> Live(int64_t now, int64_t covering) const {
    std::string elements;
    uint32_t count = 0;
    int64_t latest = kNever;
    for (const auto& [path, cell] : cells) {
      if (!cell.IsLive(now, std::max(covering, deleted_at))) continue;
      ++count;
      latest = std::max(latest, cell.timestamp);
      for (const std::string& part : {IntBytes(path), cell.value}) {
        codec::AppendBig(static_cast<uint32_t>(part.size()), &elements);
        elements += part;
      }
    }
    if (count == 0) return {"", kNever};
    std::string map;
    codec::AppendBig(count, &map);
    return {map + elements, latest};
  }
};

struct ShadowRow {
  ShadowCell marker;
  int64_t deleted_at = kNever;
  std::map<std::string, ShadowCell> cells;
  ShadowComplex complex;
};

struct ShadowRange {
  int32_t first;
  int32_t last;
  int64_t deleted_at;
};

struct ShadowPartition {
  int64_t deleted_at = kNever;
  std::vector<ShadowRange> ranges;
  std::map<std::string, ShadowCell> statics;
  ShadowComplex static_complex;
  std::map<int32_t, ShadowRow> rows;

  int64_t DeletedAt(int32_t c, const ShadowRow& row) const {
    int64_t at = std::max(deleted_at, row.deleted_at);
    for (const ShadowRange& range : ranges) {
      if (range.first <= c && c <= range.last) at = std::max(at, range.deleted_at);
    }
    return at;
  }
};

struct ShadowQuery {
  std::optional<int32_t> key;
  int32_t first = std::numeric_limits<int32_t>::min();
  int32_t last = std::numeric_limits<int32_t>::max();
  bool reversed = false;
  uint64_t limit = 0;
  uint64_t per_partition_limit = 0;
  bool static_rows = true;
  int64_t min_token = std::numeric_limits<int64_t>::min();
  int64_t max_token = std::numeric_limits<int64_t>::max();
};

class ShadowModel {
 public:
  ShadowPartition& operator[](int32_t k) { return partitions_[k]; }
  void Clear() { partitions_.clear(); }
  // With columns y (static) and x, both map<int, int>.
  void ShowComplex() { shows_complex_ = true; }

  // Lines as testing::Rows gives them for k|c|s[|y]|v|w[|x], v with its write time.
  std::vector<std::string> Select(const ShadowQuery& query, bool descending, int64_t now) const {
    std::map<std::pair<int64_t, std::string>, int32_t> order;
    for (const auto& [k, partition] : partitions_) {
      const std::string key = KeyOf(k);
      const int64_t token = codec::Murmur3Token(key);
      if (query.key && *query.key != k) continue;
      if (token < query.min_token || token > query.max_token) continue;
      order[{token, key}] = k;
    }
    std::vector<std::string> lines;
    for (const auto& [position, k] : order) SelectPartition(query, k, descending, now, &lines);
    if (query.limit != 0 && lines.size() > query.limit) lines.resize(query.limit);
    return lines;
  }

 private:
  static std::string Number(const std::string& bytes) {
    return types::ToText(types::DataType(types::TypeKind::kInt), bytes);
  }

  void SelectPartition(const ShadowQuery& query, int32_t k, bool descending, int64_t now,
                       std::vector<std::string>* lines) const {
    const ShadowPartition& partition = partitions_.at(k);
    std::string statics = "null";
    for (const auto& [name, cell] : partition.statics) {
      if (cell.IsLive(now, partition.deleted_at)) statics = Number(cell.value);
    }
    const bool has_statics =
        statics != "null" || !partition.static_complex.Live(now, partition.deleted_at).first.empty();
    if (shows_complex_) statics += "|" + MapText(partition.static_complex, now, partition.deleted_at);
    std::vector<std::string> rows;
    for (const auto& [c, row] : partition.rows) {
      if (c < query.first || c > query.last) continue;
      const std::optional<std::string> cells = RowText(partition, c, row, now);
      if (cells) rows.push_back(std::to_string(k) + "|" + std::to_string(c) + "|" + statics + "|" + *cells);
    }
    if (descending != query.reversed) std::reverse(rows.begin(), rows.end());
    if (query.per_partition_limit != 0 && rows.size() > query.per_partition_limit) {
      rows.resize(query.per_partition_limit);
    }
    if (rows.empty() && has_statics && query.static_rows) {
      rows.push_back(std::to_string(k) + "|null|" + statics + "|null@null|null" + (shows_complex_ ? "|null" : ""));
    }
    lines->insert(lines->end(), rows.begin(), rows.end());
  }

  static std::string MapText(const ShadowComplex& complex, int64_t now, int64_t covering) {
    const auto [map, latest] = complex.Live(now, covering);
    return map.empty() ? "null" : types::ToText(ComplexType(), map);
  }
  std::optional<std::string> RowText(const ShadowPartition& partition, int32_t c, const ShadowRow& row,
                                     int64_t now) const {
    const int64_t deleted_at = partition.DeletedAt(c, row);
    bool is_live = row.marker.IsLive(now, deleted_at);
    std::string v = "null@null";
    std::string w = "null";
    for (const auto& [name, cell] : row.cells) {
      if (!cell.IsLive(now, deleted_at)) continue;
      is_live = true;
      if (name == "v") v = Number(cell.value) + "@" + std::to_string(cell.timestamp);
      if (name == "w") w = cell.value;
    }
    const std::string x = MapText(row.complex, now, deleted_at);
    if (!is_live && x == "null") return std::nullopt;
    return v + "|" + w + (shows_complex_ ? "|" + x : "");
  }

  std::map<int32_t, ShadowPartition> partitions_;
  bool shows_complex_ = false;
};

}  // namespace cassette::storage::engine::testing
