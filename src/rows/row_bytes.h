// The bytes of one row without its clustering, as mutations carry them and memtables keep them
// (docs/format/mutation.md):
//   flags  [write time [TTL expiry]]  [deletion]  cell count  cell*
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "codec/varint.h"
#include "rows/cell.h"
#include "schema/schema.h"

namespace cassette::rows {

// Low three bits of the first byte of an update. On disk: DO NOT CHANGE; zero is reserved.
inline constexpr uint8_t kUpdateKindMask = 0x07;
inline constexpr uint8_t kUpdatePartitionDeletion = 1;
inline constexpr uint8_t kUpdateRangeTombstone = 2;
inline constexpr uint8_t kUpdateStaticRow = 3;
inline constexpr uint8_t kUpdateRow = 4;

// The other bits of a row's first byte. On disk: DO NOT CHANGE.
inline constexpr uint8_t kRowHasLiveness = 0x08;
inline constexpr uint8_t kRowHasTtl = 0x10;  // Of the liveness.
inline constexpr uint8_t kRowHasDeletion = 0x20;
inline constexpr uint8_t kRowSameLiveness = 0x40;  // That of the row before in the mutation; never in a row by itself.
inline constexpr uint8_t kRowIsPlain = 0x80;  // As INSERT makes it: liveness, no deletion, every cell live and like it.

// First byte of a cell: its CellState, and these. On disk: DO NOT CHANGE.
inline constexpr uint8_t kCellStateMask = 0x03;
inline constexpr uint8_t kCellSameTimestamp = 0x04;  // As the reference.
inline constexpr uint8_t kCellHasTtl = 0x08;         // TTL and expiry follow.
inline constexpr uint8_t kCellSameTtl = 0x10;        // TTL and expiry as the reference.
inline constexpr uint8_t kCellAllFlags = 0x1f;

inline constexpr uint32_t kMaxRowCells = 0xffff;  // The count is 16 bits.
inline constexpr size_t kRowCountBytes = 2;
// A cell's bytes other than its value, at most: flags, column, write time, TTL, expiry, length.
inline constexpr size_t kMaxCellOverhead = 1 + 5 * codec::kMaxVarintBytes;
// A row's bytes before its cells, at most.
inline constexpr size_t kMaxRowOverhead =
    1 + 8 + 2 * codec::kMaxVarintBytes + 8 + codec::kMaxVarintBytes + kRowCountBytes;

// Writes to raw memory: the caller has made room.
inline char* PutVarint(uint64_t value, char* out) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}
template <typename Number>
char* PutLittle(Number value, char* out) {
  std::memcpy(out, &value, sizeof(value));
  return out + sizeof(value);
}

// First byte of a live cell with the write time, TTL and expiry of its row's liveness.
inline uint8_t PlainCellFlags(const Liveness& liveness) {
  return static_cast<uint8_t>(static_cast<uint8_t>(CellState::kLive) | kCellSameTimestamp |
                              (liveness.ttl_seconds != kNoTtl ? kCellSameTtl : 0));
}

// Cells are written against a reference: the row's liveness, then whatever the last cell to differ said.
// Room: kMaxCellOverhead and the value. Returns the end.
char* PutCell(schema::ColumnId column, const CellView& cell, Liveness* reference, char* out);
// Write time, TTL and expiry of a marker. Room: 8 + 2 * kMaxVarintBytes.
char* PutLiveness(const Liveness& liveness, char* out);
char* PutDeletion(const DeletionTime& deletion, char* out);

// One cell as a row's bytes have it.
struct RowCell {
  schema::ColumnId column;
  CellView cell;
};

// Reads a row's bytes front to back. Every method returns false when they are malformed, and never reads past the end.
// Lifetime: views point into the bytes.
class RowBytesReader {
 public:
  RowBytesReader() = default;

  // Reads what stands before the cells. `flags` is the row's first byte, `bytes` what follows it (with whatever comes
  // behind the row); `previous` what kRowSameLiveness means.
  bool Begin(uint8_t flags, std::string_view bytes, const Liveness& previous);
  // A row by itself: flags first, nothing behind it.
  bool Begin(std::string_view row) {
    return !row.empty() && Begin(static_cast<uint8_t>(row[0]), row.substr(1), Liveness());
  }

  const Liveness& liveness() const { return liveness_; }
  const DeletionTime& deletion() const { return deletion_; }
  uint32_t cell_count() const { return cell_count_; }
  uint32_t cells_left() const { return cells_left_; }
  bool is_plain() const { return is_plain_; }
  // REQUIRES: cells_left() > 0.
  bool NextCell(RowCell* out) {
    // Most cells of plain rows: what follows is a column and a length of a byte each, and the value.
    constexpr ptrdiff_t kShortHeadBytes = 3;
    if (!is_plain_ || end_ - next_ < kShortHeadBytes || static_cast<uint8_t>(next_[0]) != plain_flags_) {
      return NextAnyCell(out);
    }
    const uint8_t column = static_cast<uint8_t>(next_[1]);
    const uint8_t length = static_cast<uint8_t>(next_[2]);
    if (((column | length) & 0x80) != 0 || length == 0 || length > end_ - next_ - kShortHeadBytes || cells_left_ == 0) {
      return NextAnyCell(out);
    }
    --cells_left_;
    out->column = schema::ColumnId(column);
    out->cell = {CellState::kLive,
                 liveness_.timestamp_micros,
                 liveness_.ttl_seconds,
                 liveness_.expires_at_seconds,
                 {next_ + kShortHeadBytes, length}};
    next_ += kShortHeadBytes + length;
    return true;
  }
  // What was not read yet.
  std::string_view rest() const { return {next_, static_cast<size_t>(end_ - next_)}; }

 private:
  bool ReadVarint(uint64_t* value) {
    if (next_ < end_ && static_cast<uint8_t>(*next_) < 0x80) {
      *value = static_cast<uint8_t>(*next_++);
      return true;
    }
    return ReadLongVarint(value);
  }
  bool NextAnyCell(RowCell* out);
  bool ReadLongVarint(uint64_t* value);
  bool ReadSigned(int64_t* value);
  bool ReadTtl(int32_t* ttl_seconds, int64_t* expires_at_seconds);
  bool ReadCellTimes(uint8_t flags, CellView* cell);

  const char* next_ = nullptr;
  const char* end_ = nullptr;
  Liveness liveness_;
  Liveness reference_;
  DeletionTime deletion_;
  uint32_t cell_count_ = 0;
  uint32_t cells_left_ = 0;
  bool is_plain_ = false;
  uint8_t plain_flags_ = 0;  // Of a live cell with the row's times.
};

}  // namespace cassette::rows
