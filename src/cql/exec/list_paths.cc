#include "cql/exec/list_paths.h"

#include <algorithm>

#include "types/uuid.h"

namespace cassette::cql::exec {
namespace {

constexpr int64_t kTicksPerMicro = 10;
constexpr int64_t kReferenceTicks = 1262304000000 * types::kTicksPerMilli;  // 2010-01-01.

}  // namespace

int64_t ListPaths::Append(int64_t now_micros, uint32_t count) {
  int64_t next = next_append_.load(std::memory_order_relaxed);
  int64_t first = 0;
  do {
    first = std::max(next, now_micros * kTicksPerMicro);
  } while (!next_append_.compare_exchange_weak(next, first + count, std::memory_order_relaxed));
  return first;
}

int64_t ListPaths::Prepend(int64_t now_micros, uint32_t count) {
  const int64_t mirrored = 2 * kReferenceTicks - now_micros * kTicksPerMicro;
  int64_t last = last_prepend_.load(std::memory_order_relaxed);
  int64_t first = 0;
  do {
    first = std::min(last, mirrored) - count;
  } while (!last_prepend_.compare_exchange_weak(last, first, std::memory_order_relaxed));
  return first;
}

std::string ListPathAt(int64_t tick, uint64_t random) {
  constexpr uint64_t kVariant = 0x8000010000000000;
  constexpr uint64_t kRandomBits = 0x3fffffffffffffff;
  std::string bytes;
  types::MakeTimeuuid(tick, (random & kRandomBits) | kVariant).AppendBytes(&bytes);
  return bytes;
}

}  // namespace cassette::cql::exec
