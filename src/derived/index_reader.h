// IndexReader: the rows of a table that an index names for one value, in the order of a scan. Entries are read a chunk
// at a time, then the rows they stand for; entries that stand for nothing any more are removed.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "rows/row_batch.h"
#include "schema/schema.h"
#include "storage/engine/engine.h"

namespace cassette::derived {

// A question to an index.
struct IndexQuery {
  std::string index;    // Its name.
  std::string entries;  // EntriesKey of the value.
};

// What a read by index did.
struct IndexStatistics {
  uint64_t entries_read = 0;
  uint64_t entries_removed = 0;
};

// What `command` asks of the base table, but only of the rows that `query` finds: a batch may have rows that have got
// another value since, so the caller checks the value as it does every other restriction. With several keys in
// `command` kInvalidArgument; kUnavailable when the index is not built yet, or gone. REQUIRES: not reversed.
// Lifetime: engine and statistics (either of which may be null) outlive the reader.
base::Result<std::unique_ptr<rows::BatchReader>> ReadByIndex(storage::engine::Engine& engine,
                                                             const storage::engine::ReadCommand& command,
                                                             const IndexQuery& query,
                                                             storage::engine::ReadStatistics* statistics,
                                                             IndexStatistics* index_statistics);

// How many entries there are for the value within `command`, counted up to `maximum`: which of several indexes to ask.
base::Result<uint64_t> CountEntries(storage::engine::Engine& engine, const storage::engine::ReadCommand& command,
                                    const IndexQuery& query, uint64_t maximum);

}  // namespace cassette::derived
