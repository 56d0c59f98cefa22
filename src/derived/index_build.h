// The entries of rows that are there already, for one index.
#pragma once

#include "base/status.h"
#include "derived/index_writer.h"
#include "rows/row_block.h"
#include "schema/schema.h"
#include "storage/engine/engine.h"

namespace cassette::derived {

// Takes the blocks of a read of the whole base table. Thread safety: not thread safe. Lifetime: engine, schema and
// tables outlive it.
class IndexBuild {
 public:
  // REQUIRES: `index` is one of the base table's.
  IndexBuild(storage::engine::Engine& engine, const schema::Schema& schema, const schema::Table& base,
             const schema::Index& index);

  base::Status Add(const rows::RowBlock& block);
  // Writes what was not written yet.
  base::Status Finish();

 private:
  base::Status AddRun(const rows::RowBlock& block, size_t run);
  void AddStatics(const rows::PartitionHead& head);
  void AddRow(const rows::RowBlock& block, const rows::CellColumn* cells, uint32_t row);
  void AddKey(const rows::RowBlock& block, uint32_t row);
  bool is_key() const;

  storage::engine::Engine& engine_;
  const schema::Table base_;  // With this index alone.
  const schema::Column& column_;
  IndexWriter writer_;
  MutationList entries_;
  rows::MutationBuilder builder_;
  std::string clustering_;
  std::string value_;
};

}  // namespace cassette::derived
