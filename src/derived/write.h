// The one way for a write to a table that has indexes or views: the mutations and all that follows from them go to the
// engine as one record of the commit log, so that nothing can part them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "derived/mutation_list.h"
#include "derived/view_updates.h"
#include "schema/schema.h"
#include "storage/engine/engine.h"

namespace cassette::derived {

// Writes one after the other, each with the memory of the one before. Thread safety: not thread safe.
class Writer {
 public:
  // As Engine::Apply, for mutations of tables with or without indexes and views. At `now_seconds` views see what has
  // expired.
  base::Result<storage::engine::CommitPosition> Write(storage::engine::Engine& engine,
                                                      std::span<const std::string_view> mutations, int64_t now_seconds);

 private:
  // Collects what the mutations mean: for indexes at once, for views once their partitions are locked.
  base::Status Collect(const schema::Schema& schema, std::span<const std::string_view> mutations);

  MutationList derived_;
  ViewUpdates views_;
  std::vector<std::string_view> all_;
};

}  // namespace cassette::derived
