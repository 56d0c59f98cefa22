#include "rows/row_bytes.h"

namespace cassette::rows {
namespace {

int64_t Difference(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t Sum(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }

// Deltas start from zero where there is no reference yet.
int64_t BaseOf(const Liveness& reference) { return reference.is_empty() ? 0 : reference.timestamp_micros; }

char* PutTtl(int32_t ttl_seconds, int64_t expires_at_seconds, char* out) {
  out = PutVarint(static_cast<uint64_t>(ttl_seconds), out);
  return PutVarint(codec::ZigZag(expires_at_seconds), out);
}

}  // namespace

char* PutLiveness(const Liveness& liveness, char* out) {
  out = PutLittle(liveness.timestamp_micros, out);
  return liveness.ttl_seconds == kNoTtl ? out : PutTtl(liveness.ttl_seconds, liveness.expires_at_seconds, out);
}

char* PutDeletion(const DeletionTime& deletion, char* out) {
  out = PutLittle(deletion.marked_at_micros, out);
  return PutVarint(codec::ZigZag(deletion.local_seconds), out);
}

char* PutCell(schema::ColumnId column, const CellView& cell, Liveness* reference, char* out) {
  const bool tombstone = cell.state == CellState::kTombstone;
  // One spelling of a value of no bytes.
  const CellState state = tombstone ? cell.state : (cell.value.empty() ? CellState::kEmpty : CellState::kLive);
  const bool same_timestamp = cell.timestamp_micros == reference->timestamp_micros;
  const bool same_ttl = !tombstone && cell.is_expiring() && cell.ttl_seconds == reference->ttl_seconds &&
                        cell.expires_at_seconds == reference->expires_at_seconds;
  const bool has_ttl = !tombstone && cell.is_expiring() && !same_ttl;

  *out++ = static_cast<char>(static_cast<uint8_t>(state) | (same_timestamp ? kCellSameTimestamp : 0) |
                             (has_ttl ? kCellHasTtl : 0) | (same_ttl ? kCellSameTtl : 0));
  out = PutVarint(column.value(), out);
  if (!same_timestamp) {
    out = PutVarint(codec::ZigZag(Difference(cell.timestamp_micros, BaseOf(*reference))), out);
    reference->timestamp_micros = cell.timestamp_micros;
  }
  if (has_ttl) {
    out = PutTtl(cell.ttl_seconds, cell.expires_at_seconds, out);
    reference->ttl_seconds = cell.ttl_seconds;
    reference->expires_at_seconds = cell.expires_at_seconds;
  }
  if (tombstone) return PutVarint(codec::ZigZag(cell.expires_at_seconds), out);
  if (state == CellState::kEmpty) return out;
  out = PutVarint(cell.value.size(), out);
  std::memcpy(out, cell.value.data(), cell.value.size());
  return out + cell.value.size();
}

bool RowBytesReader::ReadLongVarint(uint64_t* value) {
  uint64_t result = 0;
  for (int shift = 0; shift < 64 && next_ < end_; shift += 7) {
    const uint8_t byte = static_cast<uint8_t>(*next_++);
    if (shift == 63 && byte > 1) return false;
    result |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *value = result;
      return true;
    }
  }
  return false;
}

bool RowBytesReader::ReadSigned(int64_t* value) {
  uint64_t raw = 0;
  if (!ReadVarint(&raw)) return false;
  *value = codec::UnZigZag(raw);
  return true;
}

bool RowBytesReader::ReadTtl(int32_t* ttl_seconds, int64_t* expires_at_seconds) {
  uint64_t ttl = 0;
  if (!ReadVarint(&ttl) || ttl == kNoTtl || ttl > kExpiredLivenessTtl) return false;
  *ttl_seconds = static_cast<int32_t>(ttl);
  return ReadSigned(expires_at_seconds);
}

bool RowBytesReader::Begin(uint8_t flags, std::string_view bytes, const Liveness& previous) {
  next_ = bytes.data();
  end_ = next_ + bytes.size();
  liveness_ = Liveness();
  deletion_ = DeletionTime();
  is_plain_ = (flags & kRowIsPlain) != 0;
  if ((flags & kRowHasLiveness) != 0) {
    if (end_ - next_ < 8) return false;
    std::memcpy(&liveness_.timestamp_micros, next_, 8);
    next_ += 8;
    if (liveness_.is_empty() || (flags & kRowSameLiveness) != 0) return false;
    if ((flags & kRowHasTtl) != 0 && !ReadTtl(&liveness_.ttl_seconds, &liveness_.expires_at_seconds)) return false;
  } else if ((flags & kRowHasTtl) != 0) {
    return false;
  } else if ((flags & kRowSameLiveness) != 0) {
    if (previous.is_empty()) return false;
    liveness_ = previous;
  }
  if ((flags & kRowHasDeletion) != 0) {
    if (end_ - next_ < 8) return false;
    std::memcpy(&deletion_.marked_at_micros, next_, 8);
    next_ += 8;
    if (deletion_.is_live() || !ReadSigned(&deletion_.local_seconds)) return false;
  }
  if (is_plain_ && (liveness_.is_empty() || !deletion_.is_live())) return false;
  if (end_ - next_ < static_cast<ptrdiff_t>(kRowCountBytes)) return false;
  uint16_t count = 0;
  std::memcpy(&count, next_, kRowCountBytes);
  next_ += kRowCountBytes;
  cell_count_ = cells_left_ = count;
  reference_ = liveness_;
  plain_flags_ = PlainCellFlags(liveness_);
  return true;
}

bool RowBytesReader::ReadCellTimes(uint8_t flags, CellView* cell) {
  cell->timestamp_micros = reference_.timestamp_micros;
  if ((flags & kCellSameTimestamp) == 0) {
    int64_t delta = 0;
    if (!ReadSigned(&delta)) return false;
    cell->timestamp_micros = reference_.timestamp_micros = Sum(BaseOf(reference_), delta);
  }
  if (cell->timestamp_micros == kNoTimestamp) return false;
  cell->ttl_seconds = kNoTtl;
  cell->expires_at_seconds = kNeverExpires;
  if (cell->state == CellState::kTombstone) {
    return (flags & (kCellHasTtl | kCellSameTtl)) == 0 && ReadSigned(&cell->expires_at_seconds);
  }
  if ((flags & kCellHasTtl) != 0) {
    if ((flags & kCellSameTtl) != 0 || !ReadTtl(&reference_.ttl_seconds, &reference_.expires_at_seconds)) return false;
  } else if ((flags & kCellSameTtl) == 0) {
    return true;
  }
  cell->ttl_seconds = reference_.ttl_seconds;
  cell->expires_at_seconds = reference_.expires_at_seconds;
  return cell->ttl_seconds != kNoTtl;
}

bool RowBytesReader::NextAnyCell(RowCell* out) {
  if (cells_left_ == 0 || next_ == end_) return false;
  --cells_left_;
  const uint8_t flags = static_cast<uint8_t>(*next_++);
  uint64_t column = 0;
  if (flags > kCellAllFlags || !ReadVarint(&column) || column >= schema::kMaxColumnId) return false;
  out->column = schema::ColumnId(static_cast<uint32_t>(column));
  CellView& cell = out->cell;
  cell.state = static_cast<CellState>(flags & kCellStateMask);
  if (cell.state == CellState::kAbsent || !ReadCellTimes(flags, &cell)) return false;
  if (is_plain_ &&
      (cell.state == CellState::kTombstone || cell.timestamp_micros != liveness_.timestamp_micros ||
       cell.ttl_seconds != liveness_.ttl_seconds || cell.expires_at_seconds != liveness_.expires_at_seconds)) {
    return false;
  }
  cell.value = {};
  if (cell.state != CellState::kLive) return true;
  uint64_t length = 0;
  if (!ReadVarint(&length) || length == 0 || length > static_cast<uint64_t>(end_ - next_)) return false;
  cell.value = {next_, static_cast<size_t>(length)};
  next_ += length;
  return true;
}

}  // namespace cassette::rows
