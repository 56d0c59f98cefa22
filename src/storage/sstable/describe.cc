// SstableReader::Describe: where the bytes went.
#include <algorithm>

#include "columnar/encoding.h"
#include "storage/sstable/sstable_reader.h"
#include "storage/sstable/table_file.h"

namespace cassette::storage::sstable {
namespace {

// First bytes of an encoded vector from here on tell of states (columnar/encoding.h: all encodings are smaller).
constexpr uint8_t kFirstStatesByte = 0x40;

std::string ColumnName(const schema::Table& table, uint32_t id) {
  const schema::Column* const column = table.FindColumn(schema::ColumnId(id));
  return column != nullptr ? column->name : "column " + std::to_string(id);
}

std::string NameOf(const schema::Table& table, const Stream& stream) {
  switch (stream.kind) {
    case StreamKind::kRunStarts:
      return "partition starts";
    case StreamKind::kKey:
      return "partition keys";
    case StreamKind::kKeyComponent:
      return stream.column < table.partition_key_count() ? table.partition_key(stream.column).name : "partition keys";
    case StreamKind::kClustering:
      return stream.column < table.clustering_count() ? table.clustering(stream.column).name : "clustering";
    case StreamKind::kTimestamp:
      return "row markers: write times";
    case StreamKind::kTtl:
      return "row markers: TTLs";
    case StreamKind::kExpiry:
      return "row markers: expiries";
    case StreamKind::kDeletedAt:
      return "row deletions: write times";
    case StreamKind::kDeletedLocal:
      return "row deletions: local times";
    case StreamKind::kCellValues:
      return ColumnName(table, stream.column);
    case StreamKind::kCellTimestamp:
      return ColumnName(table, stream.column) + ": write times";
    case StreamKind::kCellTtl:
      return ColumnName(table, stream.column) + ": TTLs";
    case StreamKind::kCellExpiry:
      return ColumnName(table, stream.column) + ": expiries";
    case StreamKind::kReserved:
      break;
  }
  return "unknown";
}

std::string EncodingOf(uint8_t first) {
  if (first >= kFirstStatesByte) return "sparse";
  return std::string(columnar::EncodingName(static_cast<columnar::Encoding>(first)));
}

base::Status AddStream(const TableFile& file, const Stream& stream, ColumnDescription* column) {
  ++column->streams;
  switch (stream.form) {
    case StreamForm::kConstant:
      ++column->constant_streams;
      return base::Status::Ok();
    case StreamForm::kInline:
      ++column->inline_streams;
      column->inline_bytes += stream.inline_bytes.size();
      if (!stream.inline_bytes.empty()) ++column->encodings[EncodingOf(static_cast<uint8_t>(stream.inline_bytes[0]))];
      return base::Status::Ok();
    default:
      break;
  }
  if (stream.shared) {
    ++column->shared_streams;
    return base::Status::Ok();
  }
  column->stored_bytes += stream.size_bytes;
  char first = 0;
  CASSETTE_RETURN_IF_ERROR(file.file().ReadExactly(stream.offset, {&first, 1}));
  ++column->encodings[EncodingOf(static_cast<uint8_t>(first))];
  return base::Status::Ok();
}

}  // namespace

base::Result<SstableDescription> SstableReader::Describe() const {
  const Metadata& metadata = file_->metadata();
  SstableDescription description;
  description.format_version = file_->footer().version;
  description.statistics = metadata.statistics;
  description.table_name = metadata.table.keyspace + "." + metadata.table.name;
  description.schema = metadata.table.columns;
  std::vector<std::string> order;
  std::map<std::string, ColumnDescription> columns;
  for (size_t i = 0; i < metadata.index_blocks.size(); ++i) {
    CASSETTE_ASSIGN_OR_RETURN(const auto block, file_->ReadIndexBlock(i));
    for (const GroupEntry& entry : block->entries) {
      const bool first = description.rows_per_group_max == 0;
      description.rows_per_group_min =
          first ? entry.row_count : std::min(description.rows_per_group_min, entry.row_count);
      description.rows_per_group_max = std::max(description.rows_per_group_max, entry.row_count);
      description.single_partition_groups += entry.run_count == 1;
      description.all_live_groups += entry.all_live;
      for (const Stream& stream : entry.streams) {
        const std::string name = NameOf(metadata.table, stream);
        if (!columns.contains(name)) order.push_back(name);
        ColumnDescription& column = columns[name];
        column.name = name;
        CASSETTE_RETURN_IF_ERROR(AddStream(*file_, stream, &column));
      }
    }
  }
  for (const std::string& name : order) description.columns.push_back(columns[name]);
  return description;
}

}  // namespace cassette::storage::sstable
