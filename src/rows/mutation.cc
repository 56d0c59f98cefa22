#include "rows/mutation.h"

#include <algorithm>

#include "base/assert.h"

namespace cassette::rows {
namespace {

// Bump with docs/format/mutation.md and the golden bytes; read all earlier ones.
constexpr uint8_t kVersion = 1;
constexpr size_t kTableIdBytes = 16;
constexpr size_t kTokenBytes = 8;
constexpr size_t kFixedHeaderBytes = 1 + kTableIdBytes + kTokenBytes;
constexpr size_t kInitialBytes = 256;

base::Status Malformed(const char* what) { return base::Corruption(std::string("malformed mutation: ") + what); }

char* PutBytes(std::string_view bytes, char* out) {
  out = PutVarint(bytes.size(), out);
  std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

}  // namespace

void MutationBuilder::Grow(size_t more) { buffer_.resize(std::max({size_ + more, buffer_.size() * 2, kInitialBytes})); }

void MutationBuilder::Begin(const schema::TableId& table, Token token, std::string_view key) {
  static_assert(sizeof(table.bytes) == kTableIdBytes);
  size_ = 0;
  char* out = Reserve(1 + kTableIdBytes + kTokenBytes + codec::kMaxVarintBytes + key.size());
  *out++ = static_cast<char>(kVersion);
  std::memcpy(out, table.bytes.data(), kTableIdBytes);
  out = PutLittle(token, out + kTableIdBytes);
  Advance(PutBytes(key, out));
  header_size_ = size_;
  count_at_ = 0;
  previous_liveness_ = Liveness();
}

void MutationBuilder::AddPartitionDeletion(const DeletionTime& deletion) {
  CASSETTE_ASSERT(!deletion.is_live());
  count_at_ = 0;
  char* out = Reserve(kMaxRowOverhead);
  *out++ = static_cast<char>(kUpdatePartitionDeletion);
  Advance(PutDeletion(deletion, out));
}

void MutationBuilder::PutBound(const ClusteringBound& bound) {
  char* out = Reserve(1 + codec::kMaxVarintBytes + bound.prefix.size());
  *out++ = static_cast<char>(bound.side);
  Advance(PutBytes(bound.prefix, out));
}

void MutationBuilder::AddRangeTombstone(const ClusteringBound& start, const ClusteringBound& end,
                                        const DeletionTime& deletion) {
  CASSETTE_ASSERT(!deletion.is_live());
  count_at_ = 0;
  char* out = Reserve(kMaxRowOverhead);
  *out++ = static_cast<char>(kUpdateRangeTombstone);
  Advance(PutDeletion(deletion, out));
  PutBound(start);
  PutBound(end);
}

void MutationBuilder::StartRow(uint8_t kind, std::string_view clustering, const Liveness& liveness) {
  char* out = Reserve(codec::kMaxVarintBytes + clustering.size() + kMaxRowOverhead);
  flags_at_ = size_;
  *out++ = static_cast<char>(kind);
  if (kind == kUpdateRow) out = PutBytes(clustering, out);
  StartCells(PutRowLiveness(liveness, out));
}

char* MutationBuilder::PutRowLiveness(const Liveness& liveness, char* out) {
  row_liveness_ = liveness;
  if (liveness.is_empty()) return out;
  uint8_t flags = static_cast<uint8_t>(static_cast<uint8_t>(buffer_[flags_at_]) | kRowIsPlain);
  if (liveness == previous_liveness_) {
    flags |= kRowSameLiveness;
  } else {
    flags |= kRowHasLiveness | (liveness.ttl_seconds != kNoTtl ? kRowHasTtl : 0);
    out = PutLiveness(liveness, out);
    previous_liveness_ = liveness;
  }
  buffer_[flags_at_] = static_cast<char>(flags);
  return out;
}

// Leaves a count of zero behind what the row has so far; SetLiveness and SetRowDeletion put theirs in its place.
void MutationBuilder::StartCells(char* out) {
  count_at_ = static_cast<size_t>(out - buffer_.data());
  Advance(PutLittle(uint16_t{0}, out));
  cell_count_ = 0;
  reference_ = row_liveness_;
}

void MutationBuilder::BeginStaticRow() { StartRow(kUpdateStaticRow, {}, Liveness()); }

void MutationBuilder::BeginRow(std::string_view clustering, const Liveness& liveness) {
  StartRow(kUpdateRow, clustering, liveness);
}

void MutationBuilder::SetLiveness(const Liveness& liveness) {
  CASSETTE_ASSERT(count_at_ != 0);
  CASSETTE_ASSERT(cell_count_ == 0);
  CASSETTE_ASSERT((static_cast<uint8_t>(buffer_[flags_at_]) & ~kUpdateKindMask) == 0);
  size_ = count_at_;
  StartCells(PutRowLiveness(liveness, Reserve(kMaxRowOverhead)));
}

void MutationBuilder::SetRowDeletion(const DeletionTime& deletion) {
  CASSETTE_ASSERT(count_at_ != 0);
  CASSETTE_ASSERT(cell_count_ == 0);
  uint8_t flags = static_cast<uint8_t>(buffer_[flags_at_]);
  CASSETTE_ASSERT((flags & kUpdateKindMask) == kUpdateRow);
  CASSETTE_ASSERT((flags & kRowHasDeletion) == 0);
  if (deletion.is_live()) return;
  size_ = count_at_;
  flags = static_cast<uint8_t>((flags & ~kRowIsPlain) | kRowHasDeletion);
  buffer_[flags_at_] = static_cast<char>(flags);
  StartCells(PutDeletion(deletion, Reserve(kMaxRowOverhead)));
}

void MutationBuilder::AddCell(schema::ColumnId column, const CellView& cell) {
  CASSETTE_ASSERT(count_at_ != 0);
  CASSETTE_ASSERT(cell_count_ < kMaxRowCells);
  CASSETTE_ASSERT(cell.state != CellState::kAbsent);
  CASSETTE_ASSERT(cell.timestamp_micros != kNoTimestamp);
  const bool plain = cell.state != CellState::kTombstone && cell.timestamp_micros == row_liveness_.timestamp_micros &&
                     cell.ttl_seconds == row_liveness_.ttl_seconds &&
                     cell.expires_at_seconds == row_liveness_.expires_at_seconds;
  char* out = Reserve(kMaxCellOverhead + cell.value.size());
  if (!plain) buffer_[flags_at_] = static_cast<char>(buffer_[flags_at_] & ~kRowIsPlain);
  Advance(PutCell(column, cell, &reference_, out));
  PutLittle(static_cast<uint16_t>(++cell_count_), buffer_.data() + count_at_);
}

void MutationBuilder::AddValue(schema::ColumnId column, std::string_view value) {
  if (value.empty() || reference_ != row_liveness_) {
    return AddCell(column, {CellState::kLive, row_liveness_.timestamp_micros, row_liveness_.ttl_seconds,
                            row_liveness_.expires_at_seconds, value});
  }
  CASSETTE_ASSERT(count_at_ != 0);
  CASSETTE_ASSERT(cell_count_ < kMaxRowCells);
  CASSETTE_ASSERT(!row_liveness_.is_empty());
  char* out = Reserve(kMaxCellOverhead + value.size());
  *out++ = static_cast<char>(PlainCellFlags(row_liveness_));
  out = PutVarint(column.value(), out);
  Advance(PutBytes(value, out));
  PutLittle(static_cast<uint16_t>(++cell_count_), buffer_.data() + count_at_);
}

base::Result<MutationHeader> ReadMutationHeader(std::string_view bytes) {
  if (bytes.size() < kFixedHeaderBytes) return Malformed("its header ends early");
  const uint8_t version = static_cast<uint8_t>(bytes[0]);
  if (version != kVersion) {
    return base::Corruption("mutation of version " + std::to_string(version) + "; this program knows version " +
                            std::to_string(kVersion));
  }
  MutationHeader header;
  std::memcpy(header.table.bytes.data(), bytes.data() + 1, kTableIdBytes);
  std::memcpy(&header.token, bytes.data() + 1 + kTableIdBytes, kTokenBytes);
  codec::ByteReader rest(bytes.substr(kFixedHeaderBytes));
  if (!rest.ReadLengthPrefixed(&header.key)) return Malformed("its partition key ends early");
  if (header.key.size() > kMaxKeyBytes) return Malformed("its partition key is too long");
  header.updates = rest.rest();
  return header;
}

base::Result<MutationReader> MutationReader::Open(std::string_view bytes) {
  CASSETTE_ASSIGN_OR_RETURN(const MutationHeader header, ReadMutationHeader(bytes));
  return MutationReader(header);
}

base::Status MutationReader::SkipCells() {
  RowCell cell{schema::ColumnId(0), {}};
  while (row_.cells_left() > 0) {
    if (!row_.NextCell(&cell)) return Malformed("bad cell");
  }
  return {};
}

bool MutationReader::ReadDeletion() {
  codec::ByteReader reader(rest_);
  if (!reader.ReadLittle(&deletion_.marked_at_micros)) return false;
  if (!reader.ReadSignedVarint(&deletion_.local_seconds)) return false;
  rest_ = reader.rest();
  return !deletion_.is_live();
}

bool MutationReader::ReadBound(BoundView* bound) {
  codec::ByteReader reader(rest_);
  uint8_t side = 0;
  if (!reader.ReadLittle(&side) || !reader.ReadLengthPrefixed(&bound->prefix)) return false;
  bound->side = static_cast<ClusteringBound::Side>(side);
  rest_ = reader.rest();
  return bound->side == ClusteringBound::Side::kBefore || bound->side == ClusteringBound::Side::kAfter;
}

base::Result<MutationReader::Update> MutationReader::ReadRow(Update update, uint8_t flags) {
  if (update == Update::kRow) {
    codec::ByteReader reader(rest_);
    if (!reader.ReadLengthPrefixed(&clustering_)) return Malformed("a clustering ends early");
    rest_ = reader.rest();
  } else if ((flags & kRowHasDeletion) != 0) {
    return Malformed("a static row with a deletion");
  }
  if (!row_.Begin(flags, rest_, previous_liveness_)) return Malformed("bad row");
  if ((flags & kRowHasLiveness) != 0) previous_liveness_ = row_.liveness();
  in_row_ = true;
  return update;
}

base::Result<MutationReader::Update> MutationReader::Next() {
  if (in_row_) {
    if (row_.cells_left() > 0) CASSETTE_RETURN_IF_ERROR(SkipCells());
    rest_ = row_.rest();
    in_row_ = false;
  }
  if (rest_.empty()) return Update::kEnd;
  const uint8_t flags = static_cast<uint8_t>(rest_[0]);
  rest_.remove_prefix(1);
  switch (flags & kUpdateKindMask) {
    case kUpdateRow:
      return ReadRow(Update::kRow, flags);
    case kUpdateStaticRow:
      return ReadRow(Update::kStaticRow, flags);
    case kUpdatePartitionDeletion:
      if (flags != kUpdatePartitionDeletion || !ReadDeletion()) return Malformed("bad partition deletion");
      return Update::kPartitionDeletion;
    case kUpdateRangeTombstone:
      if (flags != kUpdateRangeTombstone || !ReadDeletion() || !ReadBound(&range_start_) || !ReadBound(&range_end_)) {
        return Malformed("bad range tombstone");
      }
      return Update::kRangeTombstone;
    default:
      return Malformed("unknown update");
  }
}

base::Status MutationReader::BadCell() { return Malformed("bad cell"); }

}  // namespace cassette::rows
