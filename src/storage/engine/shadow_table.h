// What a table must show, kept the slow and obvious way: every place remembers its strongest write by Cassandra's rules
// (org.apache.cassandra.db.rows.Cells, LivenessInfo, DeletionTime). For tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "codec/fixed.h"
#include "storage/engine/engine.h"
#include "storage/engine/random_table.h"

namespace cassette::storage::engine::random_model {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::min();

struct ShadowCell {
  int64_t timestamp = kNever;
  bool is_tombstone = false;
  int32_t ttl = 0;
  int64_t expires_at = std::numeric_limits<int64_t>::max();
  std::string value;

  bool IsLive(int64_t now, int64_t deleted_at) const {
    return timestamp > deleted_at && !is_tombstone && (ttl == 0 || expires_at > now);
  }
};

// Later time stamp; tombstone; expiring; later expiry; larger value.
inline bool ShadowWins(const ShadowCell& a, const ShadowCell& b) {
  if (a.timestamp != b.timestamp) return a.timestamp > b.timestamp;
  if (a.is_tombstone != b.is_tombstone) return a.is_tombstone;
  if ((a.ttl != 0) != (b.ttl != 0)) return a.ttl != 0;
  if (a.expires_at != b.expires_at) return a.expires_at > b.expires_at;
  return a.value > b.value;
}

inline void Put(const ShadowCell& cell, ShadowCell* place) {
  if (ShadowWins(cell, *place)) *place = cell;
}

// What a row has in a column.
struct ShadowColumn {
  int64_t deleted_at = kNever;    // Of a multi-cell column.
  std::vector<ShadowCell> cells;  // One a path of the column.

  bool IsLive(int64_t now, int64_t covered_to) const {
    covered_to = std::max(covered_to, deleted_at);
    return std::any_of(cells.begin(), cells.end(), [&](const auto& cell) { return cell.IsLive(now, covered_to); });
  }
};

struct ShadowRow {
  ShadowCell marker;
  int64_t deleted_at = kNever;        // By row, range and partition deletions.
  std::vector<ShadowColumn> columns;  // One a regular column.
};

struct ShadowPartition {
  int64_t deleted_at = kNever;
  std::vector<ShadowColumn> statics;  // One a static column.
  std::vector<ShadowRow> rows;        // One a clustering of the table.
};

// One row of an answer: what it shows, as bytes, and where a page that ends with it goes on.
struct ShadowLine {
  std::string text;
  size_t partition = 0;
  int clustering = -1;  // -1: the static row alone.
};

// Appends how a line shows a value, a write time or seconds to live of a column.
inline void AppendShown(char what, std::string_view bytes, std::string* line) {
  line->push_back(what);
  line->append(bytes);
}
inline void AppendShown(char what, int64_t number, std::string* line) {
  line->push_back(what);
  codec::AppendBig(static_cast<uint64_t>(number), line);
}
inline void AppendNothing(char what, std::string* line) {
  line->push_back(what);
  line->push_back('-');
}
inline constexpr char kShowsValue = '|';
inline constexpr char kShowsWriteTime = '@';
inline constexpr char kShowsTtl = '~';

class ShadowTable {
 public:
  explicit ShadowTable(const RandomTable& shape) : shape_(shape) { Clear(); }

  void Clear() {
    ShadowPartition empty;
    const std::vector<schema::Column>& columns = shape_.table->columns;
    const auto columns_between = [&](size_t begin, size_t end) {
      std::vector<ShadowColumn> made(end - begin);
      for (size_t i = 0; i < made.size(); ++i) made[i].cells.resize(shape_.paths[begin + i].size());
      return made;
    };
    empty.statics = columns_between(shape_.first_static(), shape_.first_regular());
    empty.rows.resize(shape_.clusterings.size());
    for (ShadowRow& row : empty.rows) row.columns = columns_between(shape_.first_regular(), columns.size());
    partitions_.assign(shape_.partitions.size(), empty);
  }

  ShadowPartition& operator[](size_t partition) { return partitions_[partition]; }

  void DeletePartition(size_t partition, int64_t timestamp) {
    ShadowPartition& target = partitions_[partition];
    target.deleted_at = std::max(target.deleted_at, timestamp);
  }
  void DeleteSlice(size_t partition, const rows::ClusteringSlice& slice, int64_t timestamp) {
    for (size_t i = 0; i < shape_.clusterings.size(); ++i) {
      if (!slice.Contains(shape_.clusterings[i].bytes)) continue;
      ShadowRow& row = partitions_[partition].rows[i];
      row.deleted_at = std::max(row.deleted_at, timestamp);
    }
  }

  // The answer to a read that does not resume.
  std::vector<ShadowLine> Select(const ReadCommand& command) const {
    std::vector<ShadowLine> lines;
    if (command.keys.empty()) {
      for (size_t i = 0; i < partitions_.size(); ++i) {
        const rows::Token token = shape_.partitions[i].token;
        if (command.has_start_token && token < command.start_token) continue;
        if (command.has_end_token && token > command.end_token) continue;
        SelectPartition(command, i, &lines);
      }
    }
    for (const std::string& key : command.keys) {
      const auto has_key = [&](const RandomPartition& partition) { return partition.key == key; };
      const auto found = std::find_if(shape_.partitions.begin(), shape_.partitions.end(), has_key);
      SelectPartition(command, static_cast<size_t>(found - shape_.partitions.begin()), &lines);
    }
    if (command.limit != 0 && lines.size() > command.limit) lines.resize(command.limit);
    return lines;
  }

 private:
  void SelectPartition(const ReadCommand& command, size_t index, std::vector<ShadowLine>* lines) const {
    const ShadowPartition& partition = partitions_[index];
    const int64_t now = command.now_seconds;
    std::vector<int> shown;
    for (size_t c = 0; c < partition.rows.size(); ++c) {
      const auto has_row = [&](const rows::ClusteringSlice& s) { return s.Contains(shape_.clusterings[c].bytes); };
      if (!IsLive(partition, partition.rows[c], command)) continue;
      if (std::any_of(command.slices.begin(), command.slices.end(), has_row)) shown.push_back(static_cast<int>(c));
    }
    const auto is_live = [&](const ShadowColumn& column) { return column.IsLive(now, partition.deleted_at); };
    const bool has_static = std::any_of(partition.statics.begin(), partition.statics.end(), is_live);
    if (command.distinct_partitions && (has_static || !shown.empty())) {
      shown = {-1};
    } else if (shown.empty() && has_static && command.static_rows) {
      shown = {-1};
    }
    if (command.reversed) std::reverse(shown.begin(), shown.end());
    const uint64_t limit = command.per_partition_limit;
    if (limit != 0 && shown.size() > limit) shown.resize(limit);
    for (const int clustering : shown) lines->push_back({TextOf(command, index, clustering), index, clustering});
  }

  static bool IsLive(const ShadowPartition& partition, const ShadowRow& row, const ReadCommand& command) {
    const int64_t deleted_at = std::max(partition.deleted_at, row.deleted_at);
    const auto is_live = [&](const auto& column) { return column.IsLive(command.now_seconds, deleted_at); };
    if (is_live(row.marker)) return true;
    return !command.marked_rows_alone && std::any_of(row.columns.begin(), row.columns.end(), is_live);
  }

  std::string TextOf(const ReadCommand& command, size_t index, int clustering) const {
    const ShadowPartition& partition = partitions_[index];
    const ShadowRow* row = clustering < 0 ? nullptr : &partition.rows[static_cast<size_t>(clustering)];
    std::string text;
    for (const rows::RequestedColumn& requested : command.columns) {
      const auto place = static_cast<size_t>(shape_.table->IndexOf(requested.id));
      const size_t keys = shape_.table->partition_key_count();
      switch (shape_.table->columns[place].kind) {
        case schema::ColumnKind::kPartitionKey:
          AppendShown(kShowsValue, shape_.partitions[index].values[place], &text);
          break;
        case schema::ColumnKind::kClustering:
          if (row == nullptr) {
            AppendNothing(kShowsValue, &text);
          } else {
            const RandomClustering& values = shape_.clusterings[static_cast<size_t>(clustering)];
            AppendShown(kShowsValue, values.values[place - keys], &text);
          }
          break;
        case schema::ColumnKind::kStatic:
          AppendColumn(partition.statics[place - shape_.first_static()], place, partition.deleted_at, requested,
                       command.now_seconds, &text);
          break;
        case schema::ColumnKind::kRegular:
          if (row == nullptr) {
            AppendNull(requested, &text);
          } else {
            AppendColumn(row->columns[place - shape_.first_regular()], place,
                         std::max(partition.deleted_at, row->deleted_at), requested, command.now_seconds, &text);
          }
      }
    }
    return text;
  }

  static void AppendNull(const rows::RequestedColumn& requested, std::string* text) {
    AppendNothing(kShowsValue, text);
    if (requested.with_write_time) AppendNothing(kShowsWriteTime, text);
    if (requested.with_ttl) AppendNothing(kShowsTtl, text);
  }
  void AppendColumn(const ShadowColumn& column, size_t place, int64_t deleted_at,
                    const rows::RequestedColumn& requested, int64_t now, std::string* text) const {
    if (!column.IsLive(now, deleted_at)) return AppendNull(requested, text);
    if (shape_.table->columns[place].type.is_multi_cell()) {
      return AppendComplex(column, place, std::max(deleted_at, column.deleted_at), requested, now, text);
    }
    const ShadowCell& cell = column.cells.front();
    AppendShown(kShowsValue, cell.value, text);
    if (requested.with_write_time) AppendShown(kShowsWriteTime, cell.timestamp, text);
    if (requested.with_ttl && cell.ttl != 0) AppendShown(kShowsTtl, cell.expires_at - now, text);
    if (requested.with_ttl && cell.ttl == 0) AppendNothing(kShowsTtl, text);
  }

  // The frozen value of what lives, and lists of the write times and seconds to live of its elements or fields.
  void AppendComplex(const ShadowColumn& column, size_t place, int64_t deleted_at,
                     const rows::RequestedColumn& requested, int64_t now, std::string* text) const {
    const types::TypeKind kind = shape_.table->columns[place].type.kind();
    const bool is_udt = kind == types::TypeKind::kUdt;
    std::string value;
    std::string write_times;
    std::string ttls;
    uint32_t count = 0;
    const auto append_null = [](std::string* out) { codec::AppendBig(uint32_t{0xFFFFFFFF}, out); };
    const auto append = [](std::string_view bytes, std::string* out) {
      codec::AppendBig(static_cast<uint32_t>(bytes.size()), out);
      out->append(bytes);
    };
    for (size_t i = 0; i < column.cells.size(); ++i) {
      const ShadowCell& cell = column.cells[i];
      if (!cell.IsLive(now, deleted_at)) {
        if (!is_udt) continue;
        for (std::string* out : {&value, &write_times, &ttls}) append_null(out);
        ++count;
        continue;
      }
      ++count;
      if (kind == types::TypeKind::kSet || kind == types::TypeKind::kMap) append(shape_.paths[place][i], &value);
      if (kind != types::TypeKind::kSet) append(cell.value, &value);
      codec::AppendBig(uint32_t{8}, &write_times);
      codec::AppendBig(static_cast<uint64_t>(cell.timestamp), &write_times);
      if (cell.ttl == 0) {
        append_null(&ttls);
      } else {
        codec::AppendBig(uint32_t{4}, &ttls);
        codec::AppendBig(static_cast<uint32_t>(cell.expires_at - now), &ttls);
      }
    }
    std::string prefix;
    codec::AppendBig(count, &prefix);
    AppendShown(kShowsValue, is_udt ? value : prefix + value, text);
    if (requested.with_write_time) AppendShown(kShowsWriteTime, prefix + write_times, text);
    if (requested.with_ttl) AppendShown(kShowsTtl, prefix + ttls, text);
  }

  const RandomTable& shape_;
  std::vector<ShadowPartition> partitions_;
};

}  // namespace cassette::storage::engine::random_model
