// Results with columns: rows, and prepared statements.
#include <algorithm>
#include <bit>

#include "absl/container/inlined_vector.h"
#include "codec/fixed.h"
#include "protocol/notation.h"
#include "protocol/responses.h"
#include "protocol/type_option.h"

namespace cassette::protocol {
namespace {

using columnar::CellState;
using columnar::PhysicalType;
using session::ColumnSpec;

// Bits of the metadata's flags: DO NOT CHANGE.
constexpr int32_t kGlobalTableSpec = 0x01;
constexpr int32_t kHasMorePages = 0x02;
constexpr int32_t kNoMetadata = 0x04;
constexpr int32_t kMetadataChanged = 0x08;

bool HaveOneTable(std::span<const ColumnSpec> columns) {
  return !columns.empty() && std::all_of(columns.begin(), columns.end(), [&](const ColumnSpec& column) {
    return column.keyspace == columns[0].keyspace && column.table == columns[0].table;
  });
}

void AppendColumns(std::span<const ColumnSpec> columns, bool with_global_table, uint8_t version, std::string* out) {
  if (with_global_table) {
    AppendString(columns[0].keyspace, out);
    AppendString(columns[0].table, out);
  }
  for (const ColumnSpec& column : columns) {
    if (!with_global_table) {
      AppendString(column.keyspace, out);
      AppendString(column.table, out);
    }
    AppendString(column.name, out);
    AppendTypeOption(column.type, version, out);
  }
}

void AppendRowsMetadata(const session::ResultPage& page, std::span<const ColumnSpec> columns,
                        const RowsOptions& options, std::string* out) {
  const bool is_global = HaveOneTable(columns);
  const bool is_skipped = options.skip_metadata && !options.new_metadata_id;
  int32_t flags = is_skipped ? kNoMetadata : is_global ? kGlobalTableSpec : 0;
  if (page.has_more()) flags |= kHasMorePages;
  if (options.new_metadata_id) flags |= kMetadataChanged;
  AppendInt(flags, out);
  AppendInt(static_cast<int32_t>(columns.size()), out);
  if (page.has_more()) AppendBytes(page.paging_state, out);
  if (options.new_metadata_id) AppendShortBytes(*options.new_metadata_id, out);
  if (!is_skipped) AppendColumns(columns, is_global, options.version, out);
}

// One column of a batch, made ready to be read row by row.
struct ColumnReader {
  const columnar::Vector* vector;
  types::TypeKind kind;
  uint32_t fixed_bytes;  // 0: the length is each value's own.
};

void AppendFixed(const ColumnReader& reader, uint32_t row, std::string* out) {
  AppendInt(static_cast<int32_t>(reader.fixed_bytes), out);
  const bool is_double = reader.vector->physical() == PhysicalType::kDouble;
  const uint64_t bits = is_double ? std::bit_cast<uint64_t>(reader.vector->number(row))
                                  : static_cast<uint64_t>(reader.vector->int64(row));
  switch (reader.fixed_bytes) {
    case 8:
      return codec::AppendBig(bits, out);
    case 4:
      // A date's number is kept less 2^31, which is the top bit turned over.
      return codec::AppendBig(static_cast<uint32_t>(bits) ^ (reader.kind == types::TypeKind::kDate ? 1u << 31 : 0u),
                              out);
    case 2:
      return codec::AppendBig(static_cast<uint16_t>(bits), out);
    default:
      return AppendByte(static_cast<uint8_t>(bits), out);
  }
}

void AppendCell(const ColumnReader& reader, uint32_t row, std::string* out) {
  if (!reader.vector->all_live()) {
    if (reader.vector->is_null(row)) return AppendNullBytes(out);
    if (reader.vector->state(row) == CellState::kEmpty) return AppendInt(0, out);
  }
  if (reader.fixed_bytes > 0) return AppendFixed(reader, row, out);
  AppendBytes(reader.vector->bytes(row), out);
}

void AppendBatchRows(const session::ResultBatch& batch, std::span<const ColumnSpec> columns, std::string* out) {
  absl::InlinedVector<ColumnReader, 8> readers;
  readers.reserve(columns.size());
  for (size_t c = 0; c < columns.size(); ++c) {
    const columnar::Vector& vector = batch.columns[c];
    const types::TypeKind kind = columns[c].type.kind();
    const bool is_fixed = vector.physical() != PhysicalType::kBytes;
    readers.push_back({&vector, kind, is_fixed ? static_cast<uint32_t>(types::FixedSizeBytes(kind)) : 0});
  }
  for (uint32_t row = 0; row < batch.row_count; ++row) {
    for (const ColumnReader& reader : readers) AppendCell(reader, row, out);
  }
}

}  // namespace

std::string DescribeColumns(std::span<const ColumnSpec> columns, uint8_t version) {
  std::string result;
  AppendColumns(columns, false, version, &result);
  return result;
}

void AppendRowsResult(const session::ResultPage& page, std::span<const ColumnSpec> columns, const RowsOptions& options,
                      std::string* out) {
  CASSETTE_ASSERT(page.kind == session::ResultPage::Kind::kRows);
  AppendInt(static_cast<int32_t>(ResultKind::kRows), out);
  AppendRowsMetadata(page, columns, options, out);
  AppendInt(static_cast<int32_t>(page.row_count()), out);
  for (const session::ResultBatch& batch : page.batches) AppendBatchRows(batch, columns, out);
}

void AppendPreparedResult(const PreparedDescription& prepared, uint8_t version, std::string* out) {
  AppendInt(static_cast<int32_t>(ResultKind::kPrepared), out);
  AppendShortBytes(prepared.id, out);
  if (version >= 5) AppendShortBytes(prepared.result_metadata_id, out);
  const bool markers_global = HaveOneTable(prepared.markers);
  AppendInt(markers_global ? kGlobalTableSpec : 0, out);
  AppendInt(static_cast<int32_t>(prepared.markers.size()), out);
  AppendInt(static_cast<int32_t>(prepared.partition_key_markers.size()), out);
  for (const uint16_t index : prepared.partition_key_markers) AppendShort(index, out);
  AppendColumns(prepared.markers, markers_global, version, out);
  const bool result_global = HaveOneTable(prepared.result_columns);
  AppendInt(prepared.result_columns.empty() ? kNoMetadata : result_global ? kGlobalTableSpec : 0, out);
  AppendInt(static_cast<int32_t>(prepared.result_columns.size()), out);
  AppendColumns(prepared.result_columns, result_global, version, out);
}

base::Result<PreparedIds> DecodePreparedIds(std::string_view body, uint8_t version) {
  WireReader reader(body);
  const int32_t kind = reader.Int();
  PreparedIds ids;
  ids.id = reader.ShortBytes();
  if (version >= 5) ids.result_metadata_id = reader.ShortBytes();
  if (!reader.ok() || kind != static_cast<int32_t>(ResultKind::kPrepared)) {
    return base::InvalidArgument("Expected the result of a PREPARE");
  }
  return ids;
}

base::Result<RowsSummary> DecodeRowsSummary(std::string_view body, uint8_t version) {
  WireReader reader(body);
  const int32_t kind = reader.Int();
  const int32_t flags = reader.Int();
  const int32_t column_count = reader.Int();
  RowsSummary summary;
  if ((flags & kHasMorePages) != 0) summary.paging_state = reader.Bytes().value_or("");
  if ((flags & kMetadataChanged) != 0 && version >= 5) reader.ShortBytes();
  const bool is_skipped = (flags & kNoMetadata) != 0 || column_count == 0;
  if (kind != static_cast<int32_t>(ResultKind::kRows) || !is_skipped) {
    return base::InvalidArgument("Expected rows without metadata");
  }
  summary.row_count = reader.Int();
  if (!reader.ok()) return base::InvalidArgument("The rows end too early");
  return summary;
}

}  // namespace cassette::protocol
