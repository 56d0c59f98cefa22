// The rows of a view for the rows that its table has already.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "derived/view_writer.h"
#include "rows/row_block.h"
#include "schema/schema.h"
#include "storage/engine/engine.h"

namespace cassette::derived {

// Takes the blocks of a read of the whole base table, which say which rows there are; each partition's rows are read
// once more under its lock, so that nothing older than what writers have told the view is written to it.
// Thread safety: not thread safe. Lifetime: engine and tables outlive it.
class ViewBuild {
 public:
  ViewBuild(storage::engine::Engine& engine, schema::TablePtr base, const schema::Table& view, int64_t now_seconds);

  base::Status Add(const rows::RowBlock& block);

 private:
  base::Status AddRun(const rows::RowBlock& block, size_t run);
  base::Status Flush(MutationList* mutations);

  storage::engine::Engine& engine_;
  const schema::TablePtr base_;
  ViewWriter writer_;
  const int64_t now_seconds_;
};

}  // namespace cassette::derived
