// Copies rows of one partition into a block: its ordered rows and its series merged, either way round.
#pragma once

#include <string>
#include <vector>

#include "rows/keys.h"
#include "storage/memtable/block_writer.h"
#include "storage/memtable/partition.h"

namespace cassette::storage::memtable {

// Scratch for rows that stand in a series and among the ordered rows too.
struct ReadScratch {
  RowImage row;
  RowImage series_row;
  RowImage merged;
  std::vector<std::string> values;
  std::string key;
};

// Copies rows of `slice` until it ends or `writer` is full. When full, moves the slice's start (when `reversed` its
// end) behind the last row copied; at the end makes it empty (IsDone). kCorruption when a clustering cannot be decoded.
base::Status CopyRows(const Partition& partition, bool reversed, rows::ClusteringSlice* slice, BlockWriter* writer,
                      ReadScratch* scratch);

inline bool IsDone(const rows::ClusteringSlice& slice) { return slice.start.Compare(slice.end) >= 0; }

}  // namespace cassette::storage::memtable
