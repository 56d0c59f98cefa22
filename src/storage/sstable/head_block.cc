#include "storage/sstable/head_block.h"

#include <limits>

#include "codec/fixed.h"
#include "codec/murmur3.h"
#include "codec/varint.h"
#include "rows/merge_rows.h"

namespace cassette::storage::sstable {
namespace {

using rows::CellState;
using rows::ClusteringBound;
using rows::DeletionTime;
using rows::PartitionHead;

void AppendDeletion(const DeletionTime& deletion, std::string* out) {
  codec::AppendSignedVarint(deletion.marked_at_micros, out);
  codec::AppendSignedVarint(deletion.local_seconds, out);
}

bool ReadDeletion(codec::ByteReader* reader, DeletionTime* deletion) {
  return reader->ReadSignedVarint(&deletion->marked_at_micros) && reader->ReadSignedVarint(&deletion->local_seconds);
}

void AppendBound(const ClusteringBound& bound, std::string* out) {
  out->push_back(static_cast<char>(bound.side));
  codec::AppendLengthPrefixed(bound.prefix, out);
}

bool ReadBound(codec::ByteReader* reader, ClusteringBound* bound) {
  uint8_t side = 0;
  std::string_view prefix;
  if (!reader->ReadLittle(&side) || side < 1 || side > 2 || !reader->ReadLengthPrefixed(&prefix)) return false;
  bound->side = static_cast<ClusteringBound::Side>(side);
  bound->prefix.assign(prefix);
  return true;
}

void AppendStaticCell(const PartitionHead::StaticCell& cell, std::string* out) {
  codec::AppendVarint(cell.column.value(), out);
  out->push_back(static_cast<char>(cell.state));
  codec::AppendSignedVarint(cell.timestamp_micros, out);
  codec::AppendVarint(static_cast<uint32_t>(cell.ttl_seconds), out);
  codec::AppendSignedVarint(cell.expires_at_seconds, out);
  codec::AppendLengthPrefixed(cell.value, out);
}

bool ReadStaticCell(codec::ByteReader* reader, PartitionHead::StaticCell* cell) {
  uint64_t column = 0;
  uint8_t state = 0;
  uint64_t ttl = 0;
  std::string_view value;
  if (!reader->ReadVarint(&column) || column > std::numeric_limits<uint32_t>::max()) return false;
  if (!reader->ReadLittle(&state) || state > static_cast<uint8_t>(CellState::kEmpty)) return false;
  if (!reader->ReadSignedVarint(&cell->timestamp_micros) || !reader->ReadVarint(&ttl)) return false;
  if (ttl > std::numeric_limits<uint32_t>::max()) return false;
  if (!reader->ReadSignedVarint(&cell->expires_at_seconds) || !reader->ReadLengthPrefixed(&value)) return false;
  cell->column = schema::ColumnId(static_cast<uint32_t>(column));
  cell->state = static_cast<CellState>(state);
  cell->ttl_seconds = static_cast<int32_t>(ttl);
  cell->value.assign(value);
  return true;
}

bool ReadCount(codec::ByteReader* reader, uint64_t* count) {
  return reader->ReadVarint(count) && *count <= reader->remaining();
}

bool ReadHead(codec::ByteReader* reader, PartitionHead* head) {
  uint64_t count = 0;
  if (!ReadDeletion(reader, &head->deletion) || !ReadCount(reader, &count)) return false;
  head->range_tombstones.resize(count);
  for (rows::RangeTombstone& range : head->range_tombstones) {
    if (!ReadBound(reader, &range.start) || !ReadBound(reader, &range.end)) return false;
    if (!ReadDeletion(reader, &range.deletion)) return false;
  }
  if (!ReadCount(reader, &count)) return false;
  head->static_cells.resize(count);
  for (PartitionHead::StaticCell& cell : head->static_cells) {
    if (!ReadStaticCell(reader, &cell)) return false;
  }
  return true;
}

void AddDeletion(const DeletionTime& deletion, SstableStatistics* statistics) {
  if (deletion.is_live()) return;
  statistics->AddTimestamp(deletion.marked_at_micros);
  statistics->AddLocalDeletion(deletion.local_seconds);
  ++statistics->tombstone_count;
}

}  // namespace

void AppendHead(std::string_view key, const PartitionHead& head, std::string* out) {
  codec::AppendLengthPrefixed(key, out);
  AppendDeletion(head.deletion, out);
  codec::AppendVarint(head.range_tombstones.size(), out);
  for (const rows::RangeTombstone& range : head.range_tombstones) {
    AppendBound(range.start, out);
    AppendBound(range.end, out);
    AppendDeletion(range.deletion, out);
  }
  codec::AppendVarint(head.static_cells.size(), out);
  for (const PartitionHead::StaticCell& cell : head.static_cells) AppendStaticCell(cell, out);
}

bool ParseHeads(std::string_view bytes, uint32_t count, std::vector<HeadEntry>* entries) {
  if (count > bytes.size()) return false;
  codec::ByteReader reader(bytes);
  entries->resize(count);
  for (HeadEntry& entry : *entries) {
    std::string_view key;
    if (!reader.ReadLengthPrefixed(&key)) return false;
    auto head = std::make_shared<PartitionHead>();
    if (!ReadHead(&reader, head.get())) return false;
    entry.key.assign(key);
    entry.token = codec::Murmur3Token(key);
    entry.head = std::move(head);
  }
  return reader.empty();
}

void AddHeadStatistics(const schema::Table& table, const PartitionHead& head, SstableStatistics* statistics) {
  AddDeletion(head.deletion, statistics);
  for (const rows::RangeTombstone& range : head.range_tombstones) AddDeletion(range.deletion, statistics);
  for (const PartitionHead::StaticCell& cell : head.static_cells) {
    if (cell.state == CellState::kAbsent) continue;
    if (rows::ComplexTypeOf(table, cell.column) != nullptr) {
      AddComplexStatistics(cell.value, statistics);
      continue;
    }
    statistics->AddTimestamp(cell.timestamp_micros);
    statistics->AddLocalDeletion(cell.expires_at_seconds);
    if (cell.state == CellState::kTombstone) {
      ++statistics->tombstone_count;
    } else if (cell.ttl_seconds != rows::kNoTtl) {
      ++statistics->expiring_count;
    }
  }
}

size_t HeadMemoryBytes(const PartitionHead& head) {
  size_t bytes = sizeof(PartitionHead);
  for (const rows::RangeTombstone& range : head.range_tombstones) {
    bytes += sizeof(range) + range.start.prefix.capacity() + range.end.prefix.capacity();
  }
  for (const PartitionHead::StaticCell& cell : head.static_cells) bytes += sizeof(cell) + cell.value.capacity();
  return bytes;
}

}  // namespace cassette::storage::sstable
