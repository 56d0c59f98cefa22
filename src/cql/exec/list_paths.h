// ListPaths: where elements of non-frozen lists stand: time UUIDs that grow with each append and shrink with each
// prepend (org.apache.cassandra.cql3.terms.Lists, PrecisionTime).
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace cassette::cql::exec {

// Ticks are the 100-nanosecond intervals since 1970 of time UUIDs. Thread safety: all methods may be called from many
// threads; no tick is given twice.
class ListPaths {
 public:
  // The first of `count` ticks in a row, later than all given before, and than the clock's when it has moved on.
  int64_t Append(int64_t now_micros, uint32_t count);
  // The first of `count` ticks in a row, earlier than all given before by this and by Append: as far before
  // 2010 as the clock is after it.
  int64_t Prepend(int64_t now_micros, uint32_t count);

 private:
  std::atomic<int64_t> next_append_ = INT64_MIN;
  std::atomic<int64_t> last_prepend_ = INT64_MAX;
};

// The 16 bytes of a path. `random` tells apart what one tick of two runs of the program gave.
std::string ListPathAt(int64_t tick, uint64_t random);

}  // namespace cassette::cql::exec
