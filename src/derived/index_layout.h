// How an index stores its entries: a table of its own, partitioned by the indexed value, with one row for each row of
// the base table (or each partition, where the column belongs to the whole partition) that has the value.
//
//   partition key  value      blob    kEntryTag, then what ValueOf... says
//   clustering     token      bigint  of the base partition: entries stand in the order of a scan of the base table
//                  partition  blob    the base partition's serialized key
//                  c0, c1...          the base table's clustering columns; not for static and partition key columns
//                  path       blob    of lists and of maps' values: which of several equal items it is
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "columnar/vector.h"
#include "rows/complex_cells.h"
#include "rows/keys.h"
#include "schema/schema.h"

namespace cassette::derived {

// What an indexed value may take: it is a partition key with a byte before it.
inline constexpr size_t kMaxIndexedBytes = rows::kMaxKeyBytes - 1;

// "table.index": no statement can name it, for a table's own name has no dot.
std::string IndexTableName(std::string_view table, std::string_view index);

// The table of an index of `base`. REQUIRES: the column exists.
schema::Table MakeIndexTable(const schema::Table& base, const schema::Index& index);

// Whether entries stand for whole partitions of the base table, because the column does.
bool IsPartitionIndex(const schema::Table& base, const schema::Index& index);
// Whether entries end with the path of an item.
bool HasPath(const schema::Table& base, const schema::Index& index);

// The partition of the entries of a value, and of a map's entry (a key and its value).
std::string EntriesKey(std::string_view value);
std::string EntriesKey(std::string_view map_key, std::string_view map_value);
// The partition of the entry of one item of a non-frozen collection.
std::string EntriesKeyOf(const types::DataType& type, schema::IndexTarget target, const rows::ComplexCell& item);
// What EntriesKey was made of, as one string. REQUIRES: `key` is one of it.
std::string_view IndexedBytes(std::string_view key);

// Appends the clustering bytes up to and with the base partition.
void AppendEntryPartition(const schema::Table& index_table, const rows::PartitionPosition& base_partition,
                          std::string* out);

// How many entries `indexed` (IndexedBytes) a column with the serialized value `value` has: of lists and of maps'
// values one for each item, else one or none.
uint64_t EntryCount(const schema::Column& column, schema::IndexTarget target, std::string_view value,
                    std::string_view indexed);

}  // namespace cassette::derived
