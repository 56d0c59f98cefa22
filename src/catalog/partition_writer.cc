#include "catalog/partition_writer.h"

#include "base/assert.h"
#include "codec/fixed.h"
#include "codec/murmur3.h"
#include "rows/keys.h"

namespace cassette::catalog {

std::string BooleanValue(bool value) { return std::string(1, value ? '\1' : '\0'); }

std::string TextSetValue(const std::vector<std::string>& values) {
  std::string out;
  codec::AppendBig(static_cast<uint32_t>(values.size()), &out);
  for (const std::string& value : values) {
    codec::AppendBig(static_cast<uint32_t>(value.size()), &out);
    out.append(value);
  }
  return out;
}

PartitionWriter::PartitionWriter(const schema::Schema& schema, std::string_view keyspace, std::string_view table,
                                 std::string_view key, int64_t timestamp_micros)
    : table_(schema.FindTable(keyspace, table)), timestamp_micros_(timestamp_micros) {
  CASSETTE_ASSERT(table_ != nullptr);
  builder_.Begin(table_->id, codec::Murmur3Token(key), key);
}

void PartitionWriter::DeletePartition() {
  builder_.AddPartitionDeletion({timestamp_micros_ - 1, timestamp_micros_ / 1'000'000});
}

void PartitionWriter::Begin(const std::vector<std::string>& clustering) {
  CASSETTE_ASSERT(clustering.size() == table_->clustering_count());
  std::string bytes;
  for (size_t i = 0; i < clustering.size(); ++i) {
    rows::AppendClusteringComponent(*table_, i, clustering[i], &bytes);
  }
  builder_.BeginRow(bytes);
}

void PartitionWriter::DeleteRow(const std::vector<std::string>& clustering) {
  Begin(clustering);
  builder_.SetRowDeletion({timestamp_micros_, timestamp_micros_ / 1'000'000});
}

void PartitionWriter::BeginRow(const std::vector<std::string>& clustering) {
  Begin(clustering);
  builder_.SetLiveness({timestamp_micros_, rows::kNoTtl, rows::kNeverExpires});
}

void PartitionWriter::Set(std::string_view column_name, std::string_view value) {
  const schema::Column* column = table_->FindColumn(column_name);
  CASSETTE_ASSERT(column != nullptr);
  rows::CellView cell;
  cell.state = value.empty() ? rows::CellState::kEmpty : rows::CellState::kLive;
  cell.timestamp_micros = timestamp_micros_;
  cell.value = value;
  builder_.AddCell(column->id, cell);
}

void PartitionWriter::SetNull(std::string_view column_name) {
  const schema::Column* column = table_->FindColumn(column_name);
  CASSETTE_ASSERT(column != nullptr);
  builder_.AddCell(column->id,
                   {rows::CellState::kTombstone, timestamp_micros_, rows::kNoTtl, timestamp_micros_ / 1'000'000, {}});
}

}  // namespace cassette::catalog
