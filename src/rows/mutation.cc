#include "rows/mutation.h"

#include <algorithm>

#include "base/assert.h"

namespace cassette::rows {
namespace {

// Bump with docs/format/mutation.md and the golden bytes; read all earlier ones.
constexpr uint8_t kVersion = 1;
constexpr size_t kTableIdBytes = 16;
constexpr size_t kTokenBytes = 8;
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

void MutationBuilder::StartRow(uint8_t kind, std::string_view clustering) {
  char* out = Reserve(codec::kMaxVarintBytes + clustering.size() + kMaxRowOverhead);
  flags_at_ = size_;
  *out++ = static_cast<char>(kind);
  if (kind == kUpdateRow) out = PutBytes(clustering, out);
  Advance(out);
  row_liveness_ = Liveness();
  StartCells();
}

// Leaves a count of zero behind what the row has so far; SetLiveness and SetRowDeletion put theirs in its place.
void MutationBuilder::StartCells() {
  count_at_ = size_;
  char* out = Reserve(kRowCountBytes);
  Advance(PutLittle(uint16_t{0}, out));
  cell_count_ = 0;
  reference_ = row_liveness_;
}

void MutationBuilder::BeginStaticRow() { StartRow(kUpdateStaticRow, {}); }

void MutationBuilder::BeginRow(std::string_view clustering) { StartRow(kUpdateRow, clustering); }

void MutationBuilder::SetLiveness(const Liveness& liveness) {
  CASSETTE_ASSERT(count_at_ != 0);
  CASSETTE_ASSERT(cell_count_ == 0);
  uint8_t flags = static_cast<uint8_t>(buffer_[flags_at_]);
  CASSETTE_ASSERT((flags & ~kUpdateKindMask) == 0);
  if (liveness.is_empty()) return;
  size_ = count_at_;
  row_liveness_ = liveness;
  flags |= kRowIsPlain;
  if (liveness == previous_liveness_) {
    flags |= kRowSameLiveness;
  } else {
    flags |= kRowHasLiveness | (liveness.ttl_seconds != kNoTtl ? kRowHasTtl : 0);
    Advance(PutLiveness(liveness, Reserve(kMaxRowOverhead)));
    previous_liveness_ = liveness;
  }
  buffer_[flags_at_] = static_cast<char>(flags);
  StartCells();
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
  Advance(PutDeletion(deletion, Reserve(kMaxRowOverhead)));
  StartCells();
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

base::Result<MutationReader> MutationReader::Open(std::string_view bytes) {
  constexpr size_t kFixedBytes = 1 + kTableIdBytes + kTokenBytes;
  if (bytes.size() < kFixedBytes) return Malformed("its header ends early");
  const uint8_t version = static_cast<uint8_t>(bytes[0]);
  if (version != kVersion) {
    return base::Corruption("mutation of version " + std::to_string(version) + "; this program knows version " +
                            std::to_string(kVersion));
  }
  MutationReader reader;
  std::memcpy(reader.table_.bytes.data(), bytes.data() + 1, kTableIdBytes);
  std::memcpy(&reader.token_, bytes.data() + 1 + kTableIdBytes, kTokenBytes);
  codec::ByteReader rest(bytes.substr(kFixedBytes));
  if (!rest.ReadLengthPrefixed(&reader.key_)) return Malformed("its partition key ends early");
  if (reader.key_.size() > kMaxKeyBytes) return Malformed("its partition key is too long");
  reader.rest_ = rest.rest();
  return reader;
}

base::Status MutationReader::SkipCells() {
  RowCell cell;
  while (row_.cells_left() > 0) {
    if (!row_.NextCell(&cell)) return Malformed("bad cell");
  }
  rest_ = row_.rest();
  in_row_ = false;
  return {};
}

bool MutationReader::ReadDeletion() {
  codec::ByteReader reader(rest_);
  if (!reader.ReadLittle(&deletion_.marked_at_micros)) return false;
  if (!reader.ReadSignedVarint(&deletion_.local_seconds)) return false;
  rest_ = reader.rest();
  return !deletion_.is_live();
}

bool MutationReader::ReadBound(ClusteringBound* bound) {
  codec::ByteReader reader(rest_);
  uint8_t side = 0;
  std::string_view prefix;
  if (!reader.ReadLittle(&side) || !reader.ReadLengthPrefixed(&prefix)) return false;
  bound->side = static_cast<ClusteringBound::Side>(side);
  bound->prefix.assign(prefix);
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
  if (!row_.liveness().is_empty()) previous_liveness_ = row_.liveness();
  in_row_ = true;
  return update;
}

base::Result<MutationReader::Update> MutationReader::Next() {
  if (in_row_) CASSETTE_RETURN_IF_ERROR(SkipCells());
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

base::Status MutationReader::NextCell(Cell* cell) {
  CASSETTE_ASSERT(in_row_);
  CASSETTE_ASSERT(row_.cells_left() > 0);
  if (!row_.NextCell(cell)) return Malformed("bad cell");
  return {};
}

}  // namespace cassette::rows
