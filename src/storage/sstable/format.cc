#include "storage/sstable/format.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "codec/crc32c.h"
#include "codec/fixed.h"
#include "codec/murmur3.h"

namespace cassette::storage::sstable {
namespace {

constexpr size_t kHeaderCheckedBytes = 12;
constexpr size_t kFooterVersionAt = 32;
constexpr size_t kFooterCheckedBytes = 36;
constexpr size_t kFooterMagicAt = 40;
static_assert(kHeaderBytes == kHeaderCheckedBytes + sizeof(uint32_t));
static_assert(kFooterBytes == kFooterMagicAt + 8);

// Bits of a group's flags byte. On disk: DO NOT CHANGE.
constexpr uint8_t kContinues = 1;
constexpr uint8_t kAllLive = 2;
constexpr uint8_t kHasTombstones = 4;
constexpr uint8_t kHasExpiring = 8;
constexpr uint8_t kHasHeads = 16;
constexpr uint8_t kHasTimestamps = 32;
constexpr uint8_t kHasZoneMaps = 64;
constexpr uint8_t kFlagsAll = 127;

// A stream's first byte: kind in bits 0-3, form in bits 4-5, same_as_liveness in bit 6.
constexpr uint8_t kSameAsLiveness = 64;

bool HasColumn(StreamKind kind) {
  return kind == StreamKind::kKeyComponent || kind == StreamKind::kClustering || kind >= StreamKind::kCellValues;
}

// A string that shares its beginning with `previous`: shared length, then the rest.
void AppendShared(std::string_view previous, std::string_view bytes, std::string* out) {
  const size_t limit = std::min(previous.size(), bytes.size());
  size_t shared = 0;
  while (shared < limit && previous[shared] == bytes[shared]) ++shared;
  codec::AppendVarint(shared, out);
  codec::AppendLengthPrefixed(bytes.substr(shared), out);
}

bool ReadShared(codec::ByteReader* reader, std::string_view previous, std::string* bytes) {
  uint64_t shared = 0;
  std::string_view rest;
  if (!reader->ReadVarint(&shared) || shared > previous.size() || !reader->ReadLengthPrefixed(&rest)) return false;
  // `previous` may be a view of *bytes' own predecessor; build aside.
  std::string result(previous.substr(0, shared));
  result.append(rest);
  *bytes = std::move(result);
  return true;
}

bool ReadNumber32(codec::ByteReader* reader, uint32_t* value) {
  uint64_t wide = 0;
  if (!reader->ReadVarint(&wide) || wide > std::numeric_limits<uint32_t>::max()) return false;
  *value = static_cast<uint32_t>(wide);
  return true;
}

bool ReadByte(codec::ByteReader* reader, uint8_t* value) { return reader->ReadLittle(value); }

bool ReadString(codec::ByteReader* reader, std::string* value) {
  std::string_view bytes;
  if (!reader->ReadLengthPrefixed(&bytes)) return false;
  value->assign(bytes);
  return true;
}

// Stored vectors of a group follow one another: only what breaks the sequence costs more than a byte.
void AppendStream(const Stream& stream, uint64_t* expected_offset, std::string* out) {
  const uint8_t first =
      static_cast<uint8_t>(static_cast<uint8_t>(stream.kind) | (static_cast<uint8_t>(stream.form) << 4) |
                           (stream.same_as_liveness ? kSameAsLiveness : 0));
  out->push_back(static_cast<char>(first));
  if (HasColumn(stream.kind)) codec::AppendVarint(stream.column, out);
  switch (stream.form) {
    case StreamForm::kConstant:
      return codec::AppendSignedVarint(stream.constant, out);
    case StreamForm::kInline:
      return codec::AppendLengthPrefixed(stream.inline_bytes, out);
    case StreamForm::kStored:
      codec::AppendSignedVarint(static_cast<int64_t>(stream.offset - *expected_offset), out);
      codec::AppendVarint(stream.size_bytes, out);
      codec::AppendLittle(stream.crc, out);
      CASSETTE_ASSERT(stream.shared == (stream.offset != *expected_offset));
      if (!stream.shared) *expected_offset += stream.size_bytes;
      return;
    case StreamForm::kReserved:
      break;
  }
  CASSETTE_ASSERT(false);
}

bool ParseStored(codec::ByteReader* reader, uint64_t* expected_offset, Stream* stream) {
  int64_t relative = 0;
  if (!reader->ReadSignedVarint(&relative) || !ReadNumber32(reader, &stream->size_bytes) ||
      !reader->ReadLittle(&stream->crc)) {
    return false;
  }
  stream->offset = *expected_offset + static_cast<uint64_t>(relative);
  stream->shared = relative != 0;
  if (!stream->shared) *expected_offset += stream->size_bytes;
  return stream->size_bytes <= kExtentBytesMax;
}

bool ParseStream(codec::ByteReader* reader, uint64_t* expected_offset, Stream* stream) {
  uint8_t first = 0;
  if (!ReadByte(reader, &first) || (first & 0x80) != 0) return false;
  const uint8_t kind = first & 15;
  if (kind == 0 || kind > kStreamKindMax) return false;
  stream->kind = static_cast<StreamKind>(kind);
  stream->form = static_cast<StreamForm>((first >> 4) & 3);
  stream->same_as_liveness = (first & kSameAsLiveness) != 0;
  if (HasColumn(stream->kind) && !ReadNumber32(reader, &stream->column)) return false;
  switch (stream->form) {
    case StreamForm::kConstant:
      return reader->ReadSignedVarint(&stream->constant);
    case StreamForm::kInline:
      return ReadString(reader, &stream->inline_bytes) && stream->inline_bytes.size() <= kInlineBytesMax;
    case StreamForm::kStored:
      return ParseStored(reader, expected_offset, stream);
    case StreamForm::kReserved:
      break;
  }
  return false;
}

uint8_t FlagsOf(const GroupEntry& entry) {
  uint8_t flags = 0;
  if (entry.continues) flags |= kContinues;
  if (entry.all_live) flags |= kAllLive;
  if (entry.has_tombstones) flags |= kHasTombstones;
  if (entry.has_expiring) flags |= kHasExpiring;
  if (!entry.head_runs.empty()) flags |= kHasHeads;
  if (entry.min_timestamp_micros <= entry.max_timestamp_micros) flags |= kHasTimestamps;
  if (!entry.zone_maps.empty()) flags |= kHasZoneMaps;
  return flags;
}

void AppendHeadRuns(const std::vector<uint32_t>& head_runs, std::string* out) {
  codec::AppendVarint(head_runs.size(), out);
  uint32_t next = 0;
  for (const uint32_t run : head_runs) {
    codec::AppendVarint(run - next, out);
    next = run + 1;
  }
}

bool ParseHeadRuns(codec::ByteReader* reader, GroupEntry* entry) {
  uint32_t count = 0;
  if (!ReadNumber32(reader, &count) || count > entry->run_count) return false;
  uint64_t next = 0;
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t skip = 0;
    if (!ReadNumber32(reader, &skip) || next + skip >= entry->run_count) return false;
    entry->head_runs.push_back(static_cast<uint32_t>(next + skip));
    next += skip + 1;
  }
  return true;
}

bool ParseZoneMaps(codec::ByteReader* reader, GroupEntry* entry) {
  uint32_t count = 0;
  if (!ReadNumber32(reader, &count) || count > reader->remaining()) return false;
  for (uint32_t i = 0; i < count; ++i) {
    ZoneMap map;
    uint64_t width = 0;
    if (!ReadNumber32(reader, &map.component) || !reader->ReadSignedVarint(&map.min) || !reader->ReadVarint(&width)) {
      return false;
    }
    map.max = static_cast<int64_t>(static_cast<uint64_t>(map.min) + width);
    if (map.max < map.min) return false;
    entry->zone_maps.push_back(map);
  }
  return true;
}

bool ParseStreams(codec::ByteReader* reader, GroupEntry* entry) {
  uint32_t count = 0;
  if (!ReadNumber32(reader, &count) || count > kStreamsPerGroupMax || count > reader->remaining()) return false;
  entry->streams.resize(count);
  uint64_t expected_offset = entry->offset;
  for (Stream& stream : entry->streams) {
    if (!ParseStream(reader, &expected_offset, &stream)) return false;
  }
  return true;
}

bool ParsePositions(codec::ByteReader* reader, const GroupEntry* previous, GroupEntry* entry) {
  const GroupEntry none;
  const GroupEntry& before = previous != nullptr ? *previous : none;
  if (!ReadShared(reader, before.last_key, &entry->first_key)) return false;
  if (entry->run_count == 1) {
    entry->last_key = entry->first_key;
  } else if (!ReadShared(reader, entry->first_key, &entry->last_key)) {
    return false;
  }
  if (!ReadShared(reader, before.last_clustering, &entry->first_clustering)) return false;
  if (!ReadShared(reader, entry->first_clustering, &entry->last_clustering)) return false;
  entry->first_token = codec::Murmur3Token(entry->first_key);
  entry->last_token = entry->run_count == 1 ? entry->first_token : codec::Murmur3Token(entry->last_key);
  return true;
}

bool ParseTimestamps(codec::ByteReader* reader, GroupEntry* entry) {
  uint64_t width = 0;
  if (!reader->ReadSignedVarint(&entry->min_timestamp_micros) || !reader->ReadVarint(&width)) return false;
  entry->max_timestamp_micros = static_cast<int64_t>(static_cast<uint64_t>(entry->min_timestamp_micros) + width);
  return entry->min_timestamp_micros <= entry->max_timestamp_micros;
}

bool ParseGroupEntry(codec::ByteReader* reader, const GroupEntry* previous, GroupEntry* entry) {
  uint8_t flags = 0;
  uint64_t skip = 0;
  if (!ReadByte(reader, &flags) || (flags & ~kFlagsAll) != 0) return false;
  if (!ReadNumber32(reader, &entry->row_count) || !ReadNumber32(reader, &entry->run_count)) return false;
  if (entry->row_count == 0 || entry->row_count > columnar::kMaxVectorRows) return false;
  if (entry->run_count == 0 || entry->run_count > entry->row_count) return false;
  if (!reader->ReadVarint(&skip) || !ReadNumber32(reader, &entry->size_bytes)) return false;
  entry->offset = skip + (previous != nullptr ? previous->offset + previous->size_bytes : 0);
  entry->continues = (flags & kContinues) != 0;
  entry->all_live = (flags & kAllLive) != 0;
  entry->has_tombstones = (flags & kHasTombstones) != 0;
  entry->has_expiring = (flags & kHasExpiring) != 0;
  if (!ParsePositions(reader, previous, entry)) return false;
  if ((flags & kHasTimestamps) != 0 && !ParseTimestamps(reader, entry)) return false;
  if ((flags & kHasHeads) != 0 && !ParseHeadRuns(reader, entry)) return false;
  if ((flags & kHasZoneMaps) != 0 && !ParseZoneMaps(reader, entry)) return false;
  return ParseStreams(reader, entry);
}

bool ParseBlockReference(codec::ByteReader* reader, const BlockReference* previous, BlockReference* reference) {
  const BlockReference none;
  const BlockReference& before = previous != nullptr ? *previous : none;
  uint64_t skip = 0;
  if (!ReadShared(reader, before.key, &reference->key)) return false;
  if (!ReadShared(reader, before.clustering, &reference->clustering)) return false;
  if (!ReadNumber32(reader, &reference->entry_count) || !reader->ReadVarint(&skip)) return false;
  if (!ReadNumber32(reader, &reference->size_bytes) || !reader->ReadLittle(&reference->crc)) return false;
  reference->offset = before.offset + before.size_bytes + skip;
  reference->token = codec::Murmur3Token(reference->key);
  return reference->size_bytes <= kExtentBytesMax && reference->entry_count > 0;
}

void AppendTable(const schema::Table& table, std::string* out) {
  out->append(reinterpret_cast<const char*>(table.id.bytes.data()), table.id.bytes.size());
  codec::AppendLengthPrefixed(table.keyspace, out);
  codec::AppendLengthPrefixed(table.name, out);
  codec::AppendVarint(table.columns.size(), out);
  for (const schema::Column& column : table.columns) {
    codec::AppendVarint(column.id.value(), out);
    out->push_back(static_cast<char>(column.kind));
    out->push_back(column.descending ? 1 : 0);
    codec::AppendVarint(column.position, out);
    codec::AppendLengthPrefixed(column.name, out);
    std::string type;
    types::AppendType(column.type, &type);
    codec::AppendLengthPrefixed(type, out);
  }
}

bool ParseColumn(codec::ByteReader* reader, schema::Column* column) {
  uint32_t id = 0;
  uint8_t kind = 0;
  uint8_t descending = 0;
  std::string_view type;
  if (!ReadNumber32(reader, &id) || !ReadByte(reader, &kind) || !ReadByte(reader, &descending)) return false;
  if (id >= schema::kMaxColumnId || kind < 1 || kind > 4 || descending > 1) return false;
  if (!ReadNumber32(reader, &column->position) || !ReadString(reader, &column->name)) return false;
  if (!reader->ReadLengthPrefixed(&type)) return false;
  base::Result<types::DataType> parsed = types::ParseType(&type);
  if (!parsed.ok() || !type.empty()) return false;
  column->id = schema::ColumnId(id);
  column->kind = static_cast<schema::ColumnKind>(kind);
  column->descending = descending == 1;
  column->type = *parsed;
  return true;
}

// What schema::Table::Finish requires of names and ids.
bool AreUnique(const std::vector<schema::Column>& columns) {
  std::vector<std::string_view> names;
  std::vector<uint32_t> ids;
  for (const schema::Column& column : columns) {
    names.push_back(column.name);
    ids.push_back(column.id.value());
  }
  std::sort(names.begin(), names.end());
  std::sort(ids.begin(), ids.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end() &&
         std::adjacent_find(ids.begin(), ids.end()) == ids.end();
}

bool ParseTable(codec::ByteReader* reader, schema::Table* table) {
  std::string_view id;
  uint32_t count = 0;
  if (!reader->ReadBytes(table->id.bytes.size(), &id)) return false;
  std::copy(id.begin(), id.end(), table->id.bytes.begin());
  if (!ReadString(reader, &table->keyspace) || !ReadString(reader, &table->name)) return false;
  if (!ReadNumber32(reader, &count) || count > reader->remaining()) return false;
  table->columns.resize(count);
  for (schema::Column& column : table->columns) {
    if (!ParseColumn(reader, &column)) return false;
  }
  if (!AreUnique(table->columns)) return false;
  table->Finish();
  return table->partition_key_count() > 0;
}

// The counts of the statistics, in the order of the page.
template <typename Statistics, typename Visit>
void VisitCounts(Statistics& s, Visit visit) {
  visit(s.row_count);
  visit(s.partition_count);
  visit(s.group_count);
  visit(s.head_count);
  visit(s.max_partition_rows);
  visit(s.tombstone_count);
  visit(s.expiring_count);
  visit(s.data_bytes);
  visit(s.shared_bytes);
  visit(s.head_bytes);
  visit(s.index_bytes);
  visit(s.filter_bytes);
}
template <typename Statistics, typename Visit>
void VisitTimes(Statistics& s, Visit visit) {
  visit(s.min_timestamp_micros);
  visit(s.max_timestamp_micros);
  visit(s.min_local_deletion_seconds);
  visit(s.max_local_deletion_seconds);
  visit(s.created_at_micros);
}
template <typename Statistics, typename Visit>
void VisitStrings(Statistics& s, Visit visit) {
  visit(s.max_partition_key);
  visit(s.min_key);
  visit(s.max_key);
  visit(s.created_by);
}

void AppendStatistics(const SstableStatistics& statistics, std::string* out) {
  VisitCounts(statistics, [out](uint64_t count) { codec::AppendVarint(count, out); });
  VisitTimes(statistics, [out](int64_t time) { codec::AppendSignedVarint(time, out); });
  VisitStrings(statistics, [out](const std::string& text) { codec::AppendLengthPrefixed(text, out); });
}

bool ParseStatistics(codec::ByteReader* reader, SstableStatistics* statistics) {
  bool ok = true;
  VisitCounts(*statistics, [&](uint64_t& count) { ok = ok && reader->ReadVarint(&count); });
  VisitTimes(*statistics, [&](int64_t& time) { ok = ok && reader->ReadSignedVarint(&time); });
  VisitStrings(*statistics, [&](std::string& text) { ok = ok && ReadString(reader, &text); });
  statistics->min_token = codec::Murmur3Token(statistics->min_key);
  statistics->max_token = codec::Murmur3Token(statistics->max_key);
  return ok;
}

void AppendFilterReferences(const std::vector<FilterReference>& references, std::string* out) {
  codec::AppendVarint(references.size(), out);
  for (const FilterReference& reference : references) {
    codec::AppendLittle(static_cast<uint64_t>(reference.first_token), out);
    codec::AppendVarint(reference.key_count, out);
    codec::AppendVarint(reference.offset, out);
    codec::AppendVarint(reference.size_bytes, out);
    codec::AppendLittle(reference.crc, out);
  }
}

bool ParseFilterReferences(codec::ByteReader* reader, std::vector<FilterReference>* references) {
  uint32_t count = 0;
  if (!ReadNumber32(reader, &count) || count > reader->remaining()) return false;
  references->resize(count);
  for (FilterReference& reference : *references) {
    uint64_t token = 0;
    if (!reader->ReadLittle(&token) || !ReadNumber32(reader, &reference.key_count)) return false;
    if (!reader->ReadVarint(&reference.offset) || !ReadNumber32(reader, &reference.size_bytes)) return false;
    if (!reader->ReadLittle(&reference.crc) || reference.size_bytes > kExtentBytesMax) return false;
    reference.first_token = static_cast<rows::Token>(token);
  }
  return true;
}

bool IsKnownVersion(uint32_t version) { return version >= kFormatVersionMin && version <= kFormatVersion; }

base::Status AnotherVersion(const std::string& path, uint32_t version) {
  return base::FailedPrecondition(path + ": an SSTable of format version " + std::to_string(version) +
                                  "; this program reads versions " + std::to_string(kFormatVersionMin) + " to " +
                                  std::to_string(kFormatVersion));
}

}  // namespace

const Stream* GroupEntry::FindStream(StreamKind kind, uint32_t column) const {
  for (const Stream& stream : streams) {
    if (stream.kind == kind && stream.column == column) return &stream;
  }
  return nullptr;
}

bool GroupEntry::RunHasHead(uint32_t run) const { return std::binary_search(head_runs.begin(), head_runs.end(), run); }

std::string EncodeHeader() {
  std::string out(kHeaderMagic);
  codec::AppendLittle(kFormatVersion, &out);
  codec::AppendLittle(codec::Crc32c(out), &out);
  CASSETTE_ASSERT(out.size() == kHeaderBytes);
  return out;
}

base::Status CheckHeader(std::string_view bytes, const std::string& path) {
  if (bytes.size() < kHeaderBytes || bytes.substr(0, kHeaderMagic.size()) != kHeaderMagic) {
    return base::FailedPrecondition(path + ": not an SSTable (no \"" + std::string(kHeaderMagic) + "\" at its start)");
  }
  if (codec::LoadLittle<uint32_t>(bytes.data() + kHeaderCheckedBytes) !=
      codec::Crc32c(bytes.substr(0, kHeaderCheckedBytes))) {
    return CorruptAt(path, 0, "the header's checksum is wrong");
  }
  const uint32_t version = codec::LoadLittle<uint32_t>(bytes.data() + kHeaderMagic.size());
  return IsKnownVersion(version) ? base::Status::Ok() : AnotherVersion(path, version);
}

std::string EncodeFooter(const Footer& footer) {
  std::string out;
  codec::AppendLittle(footer.metadata_offset, &out);
  codec::AppendLittle(footer.metadata_size_bytes, &out);
  codec::AppendLittle(footer.metadata_crc, &out);
  codec::AppendLittle(footer.file_size_bytes, &out);
  codec::AppendLittle(uint64_t{0}, &out);
  codec::AppendLittle(footer.version, &out);
  codec::AppendLittle(codec::Crc32c(out), &out);
  out.append(kFooterMagic);
  CASSETTE_ASSERT(out.size() == kFooterBytes);
  return out;
}

base::Result<Footer> ParseFooter(std::string_view bytes, uint64_t file_size_bytes, const std::string& path) {
  CASSETTE_ASSERT(bytes.size() == kFooterBytes);
  CASSETTE_ASSERT(file_size_bytes >= kHeaderBytes + kFooterBytes);
  const uint64_t at = file_size_bytes - kFooterBytes;
  if (bytes.substr(kFooterMagicAt) != kFooterMagic) {
    return CorruptAt(path, at, "no footer: the file was cut or never finished");
  }
  const uint32_t crc = codec::LoadLittle<uint32_t>(bytes.data() + kFooterCheckedBytes);
  if (crc != codec::Crc32c(bytes.substr(0, kFooterCheckedBytes))) {
    return CorruptAt(path, at, "the footer's checksum is wrong");
  }
  const uint32_t version = codec::LoadLittle<uint32_t>(bytes.data() + kFooterVersionAt);
  if (!IsKnownVersion(version)) return AnotherVersion(path, version);
  Footer footer;
  footer.metadata_offset = codec::LoadLittle<uint64_t>(bytes.data());
  footer.metadata_size_bytes = codec::LoadLittle<uint32_t>(bytes.data() + 8);
  footer.metadata_crc = codec::LoadLittle<uint32_t>(bytes.data() + 12);
  footer.file_size_bytes = codec::LoadLittle<uint64_t>(bytes.data() + 16);
  footer.version = version;
  const bool fits = footer.file_size_bytes == file_size_bytes && footer.metadata_offset >= kHeaderBytes &&
                    footer.metadata_offset <= at && footer.metadata_size_bytes == at - footer.metadata_offset;
  if (!fits) return CorruptAt(path, at, "the footer does not fit the file's size");
  return footer;
}

void AppendGroupEntry(const GroupEntry& entry, const GroupEntry* previous, std::string* out) {
  const GroupEntry none;
  const GroupEntry& before = previous != nullptr ? *previous : none;
  const uint8_t flags = FlagsOf(entry);
  out->push_back(static_cast<char>(flags));
  codec::AppendVarint(entry.row_count, out);
  codec::AppendVarint(entry.run_count, out);
  CASSETTE_ASSERT(entry.offset >= before.offset + before.size_bytes);
  codec::AppendVarint(entry.offset - before.offset - before.size_bytes, out);
  codec::AppendVarint(entry.size_bytes, out);
  AppendShared(before.last_key, entry.first_key, out);
  if (entry.run_count > 1) AppendShared(entry.first_key, entry.last_key, out);
  AppendShared(before.last_clustering, entry.first_clustering, out);
  AppendShared(entry.first_clustering, entry.last_clustering, out);
  if ((flags & kHasTimestamps) != 0) {
    codec::AppendSignedVarint(entry.min_timestamp_micros, out);
    codec::AppendVarint(
        static_cast<uint64_t>(entry.max_timestamp_micros) - static_cast<uint64_t>(entry.min_timestamp_micros), out);
  }
  if ((flags & kHasHeads) != 0) AppendHeadRuns(entry.head_runs, out);
  if ((flags & kHasZoneMaps) != 0) {
    codec::AppendVarint(entry.zone_maps.size(), out);
    for (const ZoneMap& map : entry.zone_maps) {
      codec::AppendVarint(map.component, out);
      codec::AppendSignedVarint(map.min, out);
      codec::AppendVarint(static_cast<uint64_t>(map.max) - static_cast<uint64_t>(map.min), out);
    }
  }
  codec::AppendVarint(entry.streams.size(), out);
  uint64_t expected_offset = entry.offset;
  for (const Stream& stream : entry.streams) AppendStream(stream, &expected_offset, out);
}

bool ParseGroupEntries(std::string_view bytes, uint32_t count, std::vector<GroupEntry>* entries) {
  if (count > bytes.size()) return false;
  codec::ByteReader reader(bytes);
  entries->resize(count);
  for (uint32_t i = 0; i < count; ++i) {
    if (!ParseGroupEntry(&reader, i > 0 ? &(*entries)[i - 1] : nullptr, &(*entries)[i])) return false;
  }
  return reader.empty();
}

void AppendBlockReferences(const std::vector<BlockReference>& references, std::string* out) {
  codec::AppendVarint(references.size(), out);
  const BlockReference none;
  const BlockReference* before = &none;
  for (const BlockReference& reference : references) {
    AppendShared(before->key, reference.key, out);
    AppendShared(before->clustering, reference.clustering, out);
    codec::AppendVarint(reference.entry_count, out);
    codec::AppendVarint(reference.offset - before->offset - before->size_bytes, out);
    codec::AppendVarint(reference.size_bytes, out);
    codec::AppendLittle(reference.crc, out);
    before = &reference;
  }
}

bool ParseBlockReferences(codec::ByteReader* reader, std::vector<BlockReference>* references) {
  uint32_t count = 0;
  if (!ReadNumber32(reader, &count) || count > reader->remaining()) return false;
  references->resize(count);
  for (uint32_t i = 0; i < count; ++i) {
    if (!ParseBlockReference(reader, i > 0 ? &(*references)[i - 1] : nullptr, &(*references)[i])) return false;
  }
  return true;
}

void AppendMetadata(const Metadata& metadata, std::string* out) {
  AppendTable(metadata.table, out);
  AppendStatistics(metadata.statistics, out);
  AppendBlockReferences(metadata.index_blocks, out);
  AppendBlockReferences(metadata.head_index_blocks, out);
  AppendFilterReferences(metadata.filter_blocks, out);
}

bool ParseMetadata(std::string_view bytes, Metadata* metadata) {
  codec::ByteReader reader(bytes);
  if (!ParseTable(&reader, &metadata->table) || !ParseStatistics(&reader, &metadata->statistics)) return false;
  metadata->statistics.table_id = metadata->table.id;
  return ParseBlockReferences(&reader, &metadata->index_blocks) &&
         ParseBlockReferences(&reader, &metadata->head_index_blocks) &&
         ParseFilterReferences(&reader, &metadata->filter_blocks) && reader.empty();
}

int ComparePositions(rows::Token token_a, std::string_view key_a, rows::Token token_b, std::string_view key_b) {
  if (token_a != token_b) return token_a < token_b ? -1 : 1;
  return key_a.compare(key_b);
}

base::Status CorruptAt(const std::string& path, uint64_t offset, std::string_view what) {
  return base::Corruption(path + ": offset " + std::to_string(offset) + ": " + std::string(what));
}

}  // namespace cassette::storage::sstable
