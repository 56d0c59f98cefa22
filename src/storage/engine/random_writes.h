// Random mutations and bulk loads, done to an engine and to its shadow. For tests.
#pragma once

#include <algorithm>
#include <vector>

#include "storage/engine/random_subject.h"

namespace cassette::storage::engine::random_model {

class RandomWrites {
 public:
  explicit RandomWrites(Subject& subject)
      : subject_(subject), journal_(subject.journal), random_(subject.random), shape_(subject.shape) {}

  // One mutation of up to four updates.
  void Write() {
    const size_t partition = subject_.RandomPartition();
    builder_.Begin(shape_.table->id, shape_.partitions[partition].token, shape_.partitions[partition].key);
    const uint64_t updates = 1 + random_.Below(4);
    const size_t first = subject_.RandomClustering();
    journal_.Say("write to partition {}:", partition);
    for (uint64_t i = 0; i < updates; ++i) {
      WriteOne(partition, std::min(first + i, shape_.clusterings.size() - 1));
    }
    if (builder_.empty()) return;
    const std::string_view bytes = builder_.bytes();
    journal_.Check(subject_.engine->Apply(std::span(&bytes, 1)).status(), "apply");
  }

  // A stretch of clusterings up or down in one partition, or rows scattered over all.
  void Load() {
    auto load = subject_.engine->BeginBulkLoad(shape_.table->id);
    if (!journal_.Check(load.status(), "begin a load")) return;
    const uint64_t calls = 1 + random_.Below(3);
    for (uint64_t call = 0; call < calls && !journal_.has_failed(); ++call) LoadOnce(load->get());
    if (!journal_.has_failed()) subject_.Do("commit the load", [&] { return (*load)->Commit(); });
  }

 private:
  bool Happens(uint64_t one_of) { return random_.Below(one_of) == 0; }
  int64_t now() const { return subject_.now(); }

  void WriteOne(size_t partition, size_t clustering) {
    const int64_t timestamp = subject_.NextTimestamp();
    const uint64_t dice = random_.Below(100);
    ShadowPartition& target = subject_.shadow[partition];
    if (dice < 3) {
      builder_.AddPartitionDeletion({timestamp, now()});
      subject_.shadow.DeletePartition(partition, timestamp);
      journal_.Add(" delete all @{};", timestamp);
    } else if (dice < 10 && shape_.table->clustering_count() > 0) {
      const rows::ClusteringSlice slice = subject_.RandomSlice();
      builder_.AddRangeTombstone(slice.start, slice.end, {timestamp, now()});
      subject_.shadow.DeleteSlice(partition, slice, timestamp);
      journal_.Add(" delete a range @{};", timestamp);
    } else if (dice < 16 && shape_.table->has_statics()) {
      builder_.BeginStaticRow();
      journal_.Add(" static row");
      WriteColumns(shape_.first_static(), &target.statics, timestamp);
    } else if (dice < 24) {
      builder_.BeginRow(shape_.clusterings[clustering].bytes);
      builder_.SetRowDeletion({timestamp, now()});
      ShadowRow& row = target.rows[clustering];
      row.deleted_at = std::max(row.deleted_at, timestamp);
      journal_.Add(" delete row {} @{};", clustering, timestamp);
    } else {
      WriteRow(&target.rows[clustering], clustering, timestamp);
    }
  }

  void WriteRow(ShadowRow* row, size_t clustering, int64_t timestamp) {
    builder_.BeginRow(shape_.clusterings[clustering].bytes);
    journal_.Add(" row {}", clustering);
    if (random_.Below(3) > 0 || row->columns.empty()) {
      const ShadowCell marker = RandomMarker(timestamp);
      builder_.SetLiveness({marker.timestamp, marker.ttl, marker.ttl == 0 ? rows::kNeverExpires : marker.expires_at});
      Put(marker, &row->marker);
      journal_.Add(" marker @{} ttl {}", marker.timestamp, marker.ttl);
      if (marker.ttl == 0 && Happens(2)) return InsertColumns(marker, row);
    }
    WriteColumns(shape_.first_regular(), &row->columns, timestamp);
  }

  // Makes it expire. Its time stamp becomes unlike any other: a tie of an expired cell with a live one depends on when
  // it was compacted.
  void Expire(ShadowCell* cell) {
    if (!shape_.keeps_order) cell->timestamp = 2'000 + ++subject_.last_timestamp;
    cell->ttl = 1 + static_cast<int32_t>(random_.Below(60));
    cell->expires_at = now() + cell->ttl;
  }
  ShadowCell RandomMarker(int64_t timestamp) {
    ShadowCell marker;
    marker.timestamp = timestamp;
    if (Happens(12)) Expire(&marker);
    return marker;
  }
  // What a cell of this column holds beside its path.
  std::string ValueFor(const schema::Column& column, size_t path) {
    const types::DataType& type = column.type;
    switch (type.is_multi_cell() ? type.kind() : types::TypeKind::kEmpty) {
      case types::TypeKind::kSet:
        return {};
      case types::TypeKind::kList:
        return RandomValue(type.element(0).kind(), random_, kValues);
      case types::TypeKind::kMap:
        return RandomValue(type.element(1).kind(), random_, kValues);
      case types::TypeKind::kUdt:
        return RandomValue(type.element(path).kind(), random_, kValues);
      default:
        return RandomValue(type.kind(), random_, kValues);
    }
  }
  ShadowCell RandomCell(const schema::Column& column, size_t path, int64_t timestamp) {
    ShadowCell cell;
    cell.timestamp = timestamp;
    if (Happens(10)) Expire(&cell);
    cell.is_tombstone = cell.ttl == 0 && Happens(6);
    if (cell.is_tombstone) cell.expires_at = now();
    if (!cell.is_tombstone) cell.value = ValueFor(column, path);
    return cell;
  }
  static rows::CellView ViewOf(const ShadowCell& cell) {
    return {cell.is_tombstone ? rows::CellState::kTombstone : rows::CellState::kLive, cell.timestamp, cell.ttl,
            cell.expires_at, cell.value};
  }

  // All of the marker's kind.
  void InsertColumns(const ShadowCell& marker, ShadowRow* row) {
    for (size_t i = 0; i < row->columns.size(); ++i) {
      if (Happens(4)) continue;
      const size_t place = shape_.first_regular() + i;
      const schema::Column& column = shape_.table->columns[place];
      if (column.type.is_multi_cell()) {
        WriteComplex(place, marker.timestamp, &row->columns[i]);
        continue;
      }
      ShadowCell cell = marker;
      cell.value = ValueFor(column, 0);
      builder_.AddCell(column.id, ViewOf(cell));
      Put(cell, &row->columns[i].cells.front());
      journal_.Add(" {}", column.name);
    }
    journal_.Add(";");
  }

  void WriteColumns(size_t first, std::vector<ShadowColumn>* targets, int64_t timestamp) {
    for (size_t i = 0; i < targets->size(); ++i) {
      if (Happens(2)) continue;
      const schema::Column& column = shape_.table->columns[first + i];
      if (column.type.is_multi_cell()) {
        WriteComplex(first + i, timestamp, &(*targets)[i]);
        continue;
      }
      const ShadowCell cell = RandomCell(column, 0, timestamp);
      builder_.AddCell(column.id, ViewOf(cell));
      Put(cell, &(*targets)[i].cells.front());
      journal_.Add(" {}{} @{} ttl {}", column.name, cell.is_tombstone ? " deleted" : "", cell.timestamp, cell.ttl);
    }
    journal_.Add(";");
  }

  // A deletion alone, a whole value (a deletion just before it), or single cells.
  void WriteComplex(size_t place, int64_t timestamp, ShadowColumn* target) {
    const schema::Column& column = shape_.table->columns[place];
    const std::vector<std::string>& paths = shape_.paths[place];
    image_.Clear();
    const uint64_t dice = random_.Below(4);
    journal_.Add(" {}", column.name);
    if (dice < 2) {
      const int64_t deleted_at = dice == 0 ? timestamp : timestamp - 1;
      image_.SetDeletion({deleted_at, now()});
      target->deleted_at = std::max(target->deleted_at, deleted_at);
      journal_.Add(" deleted @{}", deleted_at);
    }
    for (size_t path = random_.Below(paths.size()); dice > 0 && path < paths.size(); path += 1 + random_.Below(3)) {
      const ShadowCell cell = RandomCell(column, path, timestamp);
      image_.Add(paths[path], ViewOf(cell));
      Put(cell, &target->cells[path]);
      journal_.Add(" [{}]{} @{} ttl {}", path, cell.is_tombstone ? " deleted" : "", cell.timestamp, cell.ttl);
    }
    builder_.AddCell(column.id, image_.view());
  }

  void LoadOnce(BulkLoad* load) {
    const int64_t timestamp = subject_.NextTimestamp();
    const auto row_count = static_cast<uint32_t>(1 + random_.Below(30));
    const bool is_series = Happens(2);
    const bool up = Happens(2);
    const size_t series = subject_.RandomPartition();
    size_t place = subject_.RandomClustering();
    std::vector<schema::ColumnId> ids;
    std::vector<columnar::Vector> vectors;
    for (const schema::Column& column : shape_.table->columns) {
      if (column.kind == schema::ColumnKind::kStatic) continue;
      ids.push_back(column.id);
      vectors.emplace_back(column.type.physical());
    }
    for (uint32_t i = 0; i < row_count; ++i) {
      const size_t partition = is_series ? series : subject_.RandomPartition();
      if (!is_series) place = subject_.RandomClustering();
      AppendLoadRow(partition, place, timestamp, &vectors);
      place = (place + (up ? 1 : shape_.clusterings.size() - 1)) % shape_.clusterings.size();
    }
    std::vector<const columnar::Vector*> pointers;
    for (const columnar::Vector& vector : vectors) pointers.push_back(&vector);
    journal_.Say("load {} rows, {} @{}", row_count, is_series ? "of one partition" : "scattered", timestamp);
    journal_.Check(load->Append(ids, pointers, row_count, timestamp), "append to a load");
  }

  void AppendLoadRow(size_t partition, size_t clustering, int64_t timestamp, std::vector<columnar::Vector>* vectors) {
    const schema::Table& table = *shape_.table;
    ShadowRow& row = subject_.shadow[partition].rows[clustering];
    ShadowCell cell;
    cell.timestamp = timestamp;
    Put(cell, &row.marker);
    size_t next = 0;
    for (const std::vector<std::string>* keys :
         {&shape_.partitions[partition].values, &shape_.clusterings[clustering].values}) {
      for (const std::string& key : *keys) {
        (*vectors)[next].AppendValue(table.columns[next].type, key);
        ++next;
      }
    }
    for (size_t i = 0; i < row.columns.size(); ++i) {
      columnar::Vector& vector = (*vectors)[next++];
      if (Happens(4)) {
        vector.AppendState(columnar::CellState::kAbsent);
        continue;
      }
      const schema::Column& column = table.columns[shape_.first_regular() + i];
      cell.value = ValueFor(column, 0);
      vector.AppendValue(column.type, cell.value);
      Put(cell, &row.columns[i].cells.front());
    }
  }

  static constexpr uint64_t kValues = 1000;

  Subject& subject_;
  Journal& journal_;
  base::Random& random_;
  const RandomTable& shape_;
  rows::MutationBuilder builder_;
  rows::ComplexBuilder image_;
};

}  // namespace cassette::storage::engine::random_model
