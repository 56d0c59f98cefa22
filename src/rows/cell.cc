#include "rows/cell.h"

namespace cassette::rows {
namespace {

// What Cassandra reads off localDeletionTime: a tombstone, or a value that will become one.
bool IsExpiringOrTombstone(const CellView& cell) {
  return cell.state == CellState::kTombstone || cell.expires_at_seconds != kNeverExpires;
}

}  // namespace

bool Supersedes(const Liveness& a, const Liveness& b) {
  if (a.timestamp_micros != b.timestamp_micros) return a.timestamp_micros > b.timestamp_micros;
  const bool a_expired = a.ttl_seconds == kExpiredLivenessTtl;
  const bool b_expired = b.ttl_seconds == kExpiredLivenessTtl;
  if (a_expired != b_expired) return a_expired;
  const bool a_expiring = a.ttl_seconds != kNoTtl;
  const bool b_expiring = b.ttl_seconds != kNoTtl;
  if (a_expiring == b_expiring) return a.expires_at_seconds > b.expires_at_seconds;
  return a_expiring;
}

bool Wins(const CellView& a, const CellView& b) {
  if (a.timestamp_micros != b.timestamp_micros) return a.timestamp_micros > b.timestamp_micros;
  const bool a_ends = IsExpiringOrTombstone(a);
  const bool b_ends = IsExpiringOrTombstone(b);
  if (a_ends != b_ends) return a_ends;
  if (a_ends) {
    const bool a_tombstone = !a.is_expiring();
    const bool b_tombstone = !b.is_expiring();
    if (a_tombstone != b_tombstone) return a_tombstone;
    if (a.expires_at_seconds != b.expires_at_seconds) return a.expires_at_seconds > b.expires_at_seconds;
  }
  return a.value >= b.value;
}

}  // namespace cassette::rows
