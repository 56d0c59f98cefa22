// Compaction strategies as pure functions: what is known of a table's SSTables in, a choice out. No I/O, no clock.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"

namespace cassette::storage::compaction {

// A strategy's options as the schema has them: "class" and the strategy's own, in Cassandra's names.
using Options = std::map<std::string, std::string>;

// What a strategy sees of one SSTable.
struct SstableView {
  uint64_t id = 0;
  uint64_t size_bytes = 0;
  uint64_t row_count = 0;
  uint32_t level = 0;
  int64_t min_timestamp_micros = 0;
  int64_t max_timestamp_micros = 0;
  int64_t min_token = std::numeric_limits<int64_t>::min();
  int64_t max_token = std::numeric_limits<int64_t>::max();
  // All of it is a tombstone or expired since then (seconds since 1970); INT64_MAX when something in it stays.
  int64_t max_local_deletion_seconds = std::numeric_limits<int64_t>::max();
  double droppable_tombstone_ratio = 0;  // Tombstones past gc_grace_seconds, as a part of all cells; an estimate.
  int64_t created_seconds = 0;
};

struct Context {
  int64_t now_seconds = 0;
  uint64_t flush_bytes = 0;       // What a flush of the table writes, on average; 0 when none is known.
  int64_t gc_before_seconds = 0;  // now - gc_grace_seconds
  // The oldest write time that a memtable holds; INT64_MAX when they are empty.
  int64_t memtable_min_timestamp_micros = std::numeric_limits<int64_t>::max();
};

// How the rows of a merge become SSTables. A new one begins only where the token changes.
struct Output {
  uint32_t level = 0;
  uint64_t sstable_bytes_max = 0;   // A table that has as many is ended; 0: no bound.
  std::vector<int64_t> shard_ends;  // Ascending: a table ends with each of these tokens.
};

struct Choice {
  enum class Kind : uint8_t {
    kNone,
    kMerge,  // Into one, or as `output` says.
    kDrop,   // Without being read.
    kMove,   // To the output's level, as they are.
  };
  Kind kind = Kind::kNone;
  std::vector<uint64_t> ids;  // Ascending.
  std::string reason;         // For the log.
  Output output;

  bool empty() const { return kind == Kind::kNone; }
};

// Thread safety: immutable.
class Strategy {
 public:
  virtual ~Strategy() = default;
  // What to do next in the background; tables that are being compacted already are not among `tables`.
  virtual Choice Next(std::span<const SstableView> tables, const Context& context) const = 0;
  // What a major compaction does: disjoint merges. A single table is rewritten only for what it may drop.
  virtual std::vector<Choice> Major(std::span<const SstableView> tables, const Context& context) const = 0;
  // How many merges Next would choose one after the other.
  virtual size_t PendingCount(std::span<const SstableView> tables, const Context& context) const = 0;
};

// kConfigError, in Cassandra's words, for an unknown class, an unknown option or a value out of its bounds.
base::Status ValidateOptions(const Options& options);
// Whether tombstones of data that no repair has seen (all of it, here) may be purged.
bool PurgesUnrepaired(const Options& options);
// The strategy that `options` name. Fails as ValidateOptions.
base::Result<std::unique_ptr<Strategy>> MakeStrategy(const Options& options);

// Tables of which nothing lives any more, and which shadow nothing elsewhere
// (CompactionController.getFullyExpiredSSTables). Ids, ascending.
std::vector<uint64_t> FullyExpired(std::span<const SstableView> tables, const Context& context, bool ignore_overlaps);

}  // namespace cassette::storage::compaction
