// IndexedLoad: a bulk load of a table with indexes: the entries are loads of their own, and all become visible with the
// rows in one step.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "schema/schema.h"
#include "storage/engine/engine.h"

namespace cassette::derived {

// Thread safety: not thread safe. Lifetime: the engine outlives it.
class IndexedLoad final : public storage::engine::BulkLoad {
 public:
  // For a table with or without indexes. kNotFound when there is no such table.
  static base::Result<std::unique_ptr<IndexedLoad>> Open(storage::engine::Engine& engine, const schema::TableId& table);

  // As BulkLoad, and kInvalidArgument for a value too long to be indexed, before any row of the call is taken.
  base::Status Append(std::span<const schema::ColumnId> columns, std::span<const columnar::Vector* const> vectors,
                      uint32_t row_count, int64_t timestamp_micros) override;
  // kFailedPrecondition when the table's indexes have changed since Open.
  base::Status Commit() override;
  uint64_t rows() const override { return rows_->rows(); }

  // Commits several in one step.
  static base::Status CommitTogether(storage::engine::Engine& engine, std::span<IndexedLoad* const> loads);

 private:
  struct Entries {
    const schema::Index* index;
    const schema::Column* column;
    schema::TablePtr table;
    bool is_partition_index;
    std::unique_ptr<storage::engine::BulkLoad> load;
    std::vector<columnar::Vector> vectors;  // Of the append at hand, one a column of `table`.
  };
  // The vectors of an append by column of the table; null where there is none.
  using ByColumn = std::vector<const columnar::Vector*>;

  IndexedLoad(storage::engine::Engine& engine, schema::SchemaPtr schema, schema::TablePtr table);

  base::Status FillEntries(const ByColumn& by_column, uint32_t row_count, Entries* entries);
  base::Result<std::string> PartitionKey(const ByColumn& by_column, uint32_t row) const;

  storage::engine::Engine& engine_;
  const schema::SchemaPtr schema_;
  const schema::TablePtr table_;
  std::unique_ptr<storage::engine::BulkLoad> rows_;
  std::vector<Entries> entries_;
};

}  // namespace cassette::derived
