// Write times, deletions, and which of two writes wins: Cassandra's rules, ties included
// (org.apache.cassandra.db.rows.Cells.reconcile, LivenessInfo.supersedes, DeletionTime).
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "columnar/vector.h"

namespace cassette::rows {

using columnar::CellState;

inline constexpr int64_t kNoTimestamp = std::numeric_limits<int64_t>::min();
inline constexpr int32_t kNoTtl = 0;
// Local times are seconds since 1970, unsigned (up to 2106 as Cassandra 5.0's); kNeverExpires: no expiry.
inline constexpr int64_t kNeverExpires = std::numeric_limits<int64_t>::max();
inline constexpr int32_t kMaxTtlSeconds = 20 * 365 * 24 * 60 * 60;
// The TTL of a marker that is dead whatever the clock says (views shadow entries with it).
inline constexpr int32_t kExpiredLivenessTtl = std::numeric_limits<int32_t>::max();

// The deletion of a partition, a range or a row: all cells written at or before `marked_at_micros` are gone.
struct DeletionTime {
  int64_t marked_at_micros = kNoTimestamp;
  int64_t local_seconds = kNeverExpires;  // When it was made, for gc_grace_seconds.

  bool is_live() const { return marked_at_micros == kNoTimestamp; }
  bool Deletes(int64_t timestamp_micros) const { return timestamp_micros <= marked_at_micros; }
  // Later mark wins; with equal marks the later local time.
  bool Supersedes(const DeletionTime& other) const {
    return marked_at_micros != other.marked_at_micros ? marked_at_micros > other.marked_at_micros
                                                      : local_seconds > other.local_seconds && !is_live();
  }
  bool operator==(const DeletionTime&) const = default;
};

// The row marker that INSERT writes: the row exists though all its cells be null.
struct Liveness {
  int64_t timestamp_micros = kNoTimestamp;
  int32_t ttl_seconds = kNoTtl;
  int64_t expires_at_seconds = kNeverExpires;

  bool is_empty() const { return timestamp_micros == kNoTimestamp; }
  bool operator==(const Liveness&) const = default;
};
// As LivenessInfo.supersedes: later time stamp; then expired or expiring ones by their rules.
bool Supersedes(const Liveness& a, const Liveness& b);

// A cell without its value's storage. `value` is the serialized CQL value (types/value.h); path is for collections.
struct CellView {
  CellState state = CellState::kAbsent;  // kLive, kEmpty or kTombstone when there is a cell.
  int64_t timestamp_micros = kNoTimestamp;
  int32_t ttl_seconds = kNoTtl;
  int64_t expires_at_seconds = kNeverExpires;  // Of a tombstone: when it was made (local deletion time).
  std::string_view value;

  bool is_expiring() const { return ttl_seconds != kNoTtl; }
  // An expired cell is a tombstone made at expiry.
  bool IsLiveAt(int64_t now_seconds) const {
    return state != CellState::kTombstone && state != CellState::kAbsent && expires_at_seconds > now_seconds;
  }
};

// Which of two cells of one place survives: true for `a`, false for `b` (any, when they are the same).
// Later time stamp; then tombstone over live; then expiring over not; later expiry; then the larger value, bytewise.
bool Wins(const CellView& a, const CellView& b);

}  // namespace cassette::rows
