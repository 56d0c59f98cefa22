// What a partition has of one row, without a block around it: for those who must know a row before they write to it.
#pragma once

#include <string_view>

#include "rows/row_history.h"
#include "storage/memtable/partition.h"
#include "storage/memtable/partition_reader.h"

namespace cassette::storage::memtable {

// Replaces `found`. `scratch` is memory used again.
void LookUp(const Layout& layout, const Partition& partition, std::string_view clustering, ReadScratch* scratch,
            rows::RowHistory* found);

}  // namespace cassette::storage::memtable
