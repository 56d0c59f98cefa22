// IndexWriter: what a mutation of a table means for its indexes. Nothing is read: each value written gets its entry,
// with the write time and TTL of its cell; entries whose value has gone are found, and removed, by those who read them
// (index_reader.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "derived/mutation_list.h"
#include "rows/mutation.h"
#include "schema/schema.h"

namespace cassette::derived {

// When the newest value in a cell was written, or in the cells of a non-frozen column; kNoTimestamp when there is none.
int64_t NewestValueIn(const schema::Table& base, schema::ColumnId column, const rows::CellView& cell);

// Thread safety: not thread safe. Lifetime: schema and table outlive it.
class IndexWriter {
 public:
  IndexWriter(const schema::Schema& schema, const schema::Table& base);

  // Adds the entries that `mutation`, one of the base table, makes. kInvalidArgument when a value is too long to be
  // indexed; kCorruption when the mutation is malformed.
  base::Status Add(const rows::MutationHeader& mutation, MutationList* out);

 private:
  struct Target {
    const schema::Index* index;
    const schema::Column* column;
    schema::TablePtr table;
    bool is_partition_index;
    bool has_path;
  };

  base::Status AddRow(rows::MutationReader& reader, bool is_static, MutationList* out);
  base::Status AddCell(const rows::RowCell& cell, MutationList* out);
  // The items of a non-frozen collection.
  base::Status AddItems(const Target& target, std::string_view image, MutationList* out);
  base::Status AddKeyEntries(const rows::Liveness& liveness, bool is_static, MutationList* out);
  base::Status AddEntry(const Target& target, std::string_view key, std::string_view path,
                        const rows::Liveness& liveness, MutationList* out);

  const schema::Table& base_;
  std::vector<Target> targets_;
  rows::MutationBuilder builder_;
  std::string clustering_;  // Of an entry.
  // Of the row at hand.
  rows::PartitionPosition partition_;
  std::string_view row_;  // Clustering bytes.
};

}  // namespace cassette::derived
