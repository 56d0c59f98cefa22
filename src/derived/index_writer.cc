#include "derived/index_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "codec/murmur3.h"
#include "derived/index_layout.h"
#include "rows/complex_cells.h"
#include "rows/merge_rows.h"

namespace cassette::derived {
namespace {

bool IsValue(const rows::CellView& cell) {
  return cell.state == rows::CellState::kLive || cell.state == rows::CellState::kEmpty;
}

rows::Liveness LivenessOf(const rows::CellView& cell) {
  return {cell.timestamp_micros, cell.ttl_seconds, cell.expires_at_seconds};
}

bool IsKey(const schema::Column& column) {
  return column.kind == schema::ColumnKind::kPartitionKey || column.kind == schema::ColumnKind::kClustering;
}

base::Status MalformedImage() { return base::Corruption("malformed complex cells in a mutation"); }

}  // namespace

int64_t NewestValueIn(const schema::Table& base, schema::ColumnId column, const rows::CellView& cell) {
  if (!IsValue(cell)) return rows::kNoTimestamp;
  if (rows::ComplexTypeOf(base, column) == nullptr) return cell.timestamp_micros;
  int64_t newest = rows::kNoTimestamp;
  rows::ComplexReader reader;
  rows::ComplexCell item;
  bool is_sound = reader.Open(cell.value);
  while (is_sound && !reader.at_end()) {
    is_sound = reader.Next(&item);
    if (is_sound && IsValue(item.cell)) newest = std::max(newest, item.cell.timestamp_micros);
  }
  return newest;
}

IndexWriter::IndexWriter(const schema::Schema& schema, const schema::Table& base) : base_(base) {
  for (const schema::Index& index : base.indexes) {
    Target target;
    target.index = &index;
    target.column = base.FindColumn(index.column);
    target.table = schema.FindTable(index.table);
    CASSETTE_ASSERT(target.column != nullptr);
    CASSETTE_ASSERT(target.table != nullptr);
    target.is_partition_index = IsPartitionIndex(base, index);
    target.has_path = HasPath(base, index);
    targets_.push_back(std::move(target));
  }
}

base::Status IndexWriter::Add(const rows::MutationHeader& mutation, MutationList* out) {
  using Update = rows::MutationReader::Update;
  rows::MutationReader reader(mutation);
  partition_ = {reader.token(), reader.key()};
  while (true) {
    CASSETTE_ASSIGN_OR_RETURN(const Update update, reader.Next());
    if (update == Update::kEnd) return base::Status::Ok();
    const bool is_static = update == Update::kStaticRow;
    if (!is_static && update != Update::kRow) continue;  // What is deleted leaves entries that find nothing.
    row_ = is_static ? std::string_view() : reader.clustering();
    CASSETTE_RETURN_IF_ERROR(AddRow(reader, is_static, out));
  }
}

base::Status IndexWriter::AddRow(rows::MutationReader& reader, bool is_static, MutationList* out) {
  // Of an entry that stands for the row itself: as new as anything in it, and without TTL, for another write may have
  // made the row for longer.
  rows::Liveness newest;
  newest.timestamp_micros = reader.liveness().timestamp_micros;
  rows::RowCell cell;
  for (uint32_t i = 0; i < reader.cell_count(); ++i) {
    CASSETTE_RETURN_IF_ERROR(reader.NextCell(&cell));
    if (!IsValue(cell.cell)) continue;
    newest.timestamp_micros = std::max(newest.timestamp_micros, NewestValueIn(base_, cell.column, cell.cell));
    CASSETTE_RETURN_IF_ERROR(AddCell(cell, out));
  }
  return newest.is_empty() ? base::Status::Ok() : AddKeyEntries(newest, is_static, out);
}

base::Status IndexWriter::AddCell(const rows::RowCell& cell, MutationList* out) {
  for (const Target& target : targets_) {
    if (target.column->id != cell.column) continue;
    if (target.column->type.is_multi_cell()) {
      CASSETTE_RETURN_IF_ERROR(AddItems(target, cell.cell.value, out));
    } else {
      CASSETTE_RETURN_IF_ERROR(AddEntry(target, EntriesKey(cell.cell.value), {}, LivenessOf(cell.cell), out));
    }
  }
  return base::Status::Ok();
}

base::Status IndexWriter::AddItems(const Target& target, std::string_view image, MutationList* out) {
  rows::ComplexReader reader;
  if (!reader.Open(image)) return MalformedImage();
  rows::ComplexCell item;
  while (!reader.at_end()) {
    if (!reader.Next(&item)) return MalformedImage();
    if (!IsValue(item.cell)) continue;
    const std::string key = EntriesKeyOf(target.column->type, target.index->target, item);
    CASSETTE_RETURN_IF_ERROR(AddEntry(target, key, item.path, LivenessOf(item.cell), out));
  }
  return base::Status::Ok();
}

base::Status IndexWriter::AddKeyEntries(const rows::Liveness& liveness, bool is_static, MutationList* out) {
  for (const Target& target : targets_) {
    if (!IsKey(*target.column)) continue;
    std::string value;
    if (target.column->kind == schema::ColumnKind::kPartitionKey) {
      std::vector<std::string_view> components;
      CASSETTE_RETURN_IF_ERROR(rows::SplitPartitionKey(base_.partition_key_count(), partition_.key, &components));
      value = components[target.column->position];
    } else {
      if (is_static) continue;
      std::string_view rest = row_;
      for (size_t i = 0; i <= target.column->position; ++i) {
        const schema::Column& column = base_.clustering(i);
        CASSETTE_RETURN_IF_ERROR(types::DecodeOrdered(column.type, column.descending, &rest, &value));
      }
    }
    CASSETTE_RETURN_IF_ERROR(AddEntry(target, EntriesKey(value), {}, liveness, out));
  }
  return base::Status::Ok();
}

base::Status IndexWriter::AddEntry(const Target& target, std::string_view key, std::string_view path,
                                   const rows::Liveness& liveness, MutationList* out) {
  if (IndexedBytes(key).size() > kMaxIndexedBytes) {
    return base::InvalidArgument(fmt::format(
        "Cannot index value of size {} for index {} on {}.{}({}) (maximum allowed size={})", IndexedBytes(key).size(),
        target.index->name, base_.keyspace, base_.name, target.column->name, kMaxIndexedBytes));
  }
  clustering_.clear();
  AppendEntryPartition(*target.table, partition_, &clustering_);
  if (!target.is_partition_index) clustering_.append(row_);
  if (target.has_path) {
    rows::AppendClusteringComponent(*target.table, target.table->clustering_count() - 1, path, &clustering_);
  }
  builder_.Begin(target.table->id, codec::Murmur3Token(key), key);
  builder_.BeginRow(clustering_);
  builder_.SetLiveness(liveness);
  out->Add(builder_.bytes());
  return base::Status::Ok();
}

}  // namespace cassette::derived
