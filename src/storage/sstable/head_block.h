// Head blocks: partition deletions, range tombstones and static rows, apart from the rows.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rows/keys.h"
#include "rows/row_block.h"
#include "storage/sstable/statistics.h"

namespace cassette::storage::sstable {

struct HeadEntry {
  rows::Token token = rows::kMinToken;
  std::string key;
  std::shared_ptr<const rows::PartitionHead> head;
};

// Appends one entry of a block.
void AppendHead(std::string_view key, const rows::PartitionHead& head, std::string* out);
// All entries of a block; false when malformed.
bool ParseHeads(std::string_view bytes, uint32_t count, std::vector<HeadEntry>* entries);
// Adds times, tombstones and TTLs of a head.
void AddHeadStatistics(const schema::Table& table, const rows::PartitionHead& head, SstableStatistics* statistics);
// What it occupies in memory, for the cache.
size_t HeadMemoryBytes(const rows::PartitionHead& head);

}  // namespace cassette::storage::sstable
