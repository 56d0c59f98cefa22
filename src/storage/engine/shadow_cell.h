// What both shadows of the engine's model checkers are made of: a place that remembers its strongest write by
// Cassandra's rules (org.apache.cassandra.db.rows.Cells). For tests.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace cassette::storage::engine::testing {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::min();

struct ShadowCell {
  int64_t timestamp = kNever;
  bool is_tombstone = false;
  int32_t ttl = 0;
  int64_t expires_at = std::numeric_limits<int64_t>::max();
  std::string value;

  bool IsLive(int64_t now, int64_t deleted_at) const {
    return timestamp > deleted_at && !is_tombstone && (ttl == 0 || expires_at > now);
  }
};

// Later time stamp; tombstone; expiring; later expiry; larger value.
inline bool ShadowWins(const ShadowCell& a, const ShadowCell& b) {
  if (a.timestamp != b.timestamp) return a.timestamp > b.timestamp;
  if (a.is_tombstone != b.is_tombstone) return a.is_tombstone;
  if ((a.ttl != 0) != (b.ttl != 0)) return a.ttl != 0;
  if (a.expires_at != b.expires_at) return a.expires_at > b.expires_at;
  return a.value > b.value;
}

inline void Put(const ShadowCell& cell, ShadowCell* place) {
  if (ShadowWins(cell, *place)) *place = cell;
}

}  // namespace cassette::storage::engine::testing
