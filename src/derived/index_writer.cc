#include "derived/index_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "codec/murmur3.h"
#include "derived/index_layout.h"

namespace cassette::derived {
namespace {

bool IsValue(const rows::CellView& cell) {
  return cell.state == rows::CellState::kLive || cell.state == rows::CellState::kEmpty;
}

bool IsKey(const schema::Column& column) {
  return column.kind == schema::ColumnKind::kPartitionKey || column.kind == schema::ColumnKind::kClustering;
}

}  // namespace

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

base::Status IndexWriter::Add(std::string_view mutation, MutationList* out) {
  using Update = rows::MutationReader::Update;
  CASSETTE_ASSIGN_OR_RETURN(rows::MutationReader reader, rows::MutationReader::Open(mutation));
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
    newest.timestamp_micros = std::max(newest.timestamp_micros, cell.cell.timestamp_micros);
    CASSETTE_RETURN_IF_ERROR(AddCell(cell, out));
  }
  return newest.is_empty() ? base::Status::Ok() : AddKeyEntries(newest, is_static, out);
}

base::Status IndexWriter::AddCell(const rows::RowCell& cell, MutationList* out) {
  const rows::Liveness liveness{cell.cell.timestamp_micros, cell.cell.ttl_seconds, cell.cell.expires_at_seconds};
  for (const Target& target : targets_) {
    if (target.column->id != cell.column) continue;
    const bool is_whole =
        target.index->target == schema::IndexTarget::kColumn || target.index->target == schema::IndexTarget::kFull;
    CASSETTE_ASSERT(is_whole);
    CASSETTE_RETURN_IF_ERROR(AddEntry(target, EntriesKey(cell.cell.value), {}, liveness, out));
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
