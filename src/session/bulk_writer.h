// The bulk writer of this process: vectors of marker values straight into the engine's bulk load, or, where the rows of
// the table cannot be built aside, through statements (statement_writer.h).
#pragma once

#include <memory>
#include <span>

#include "base/status.h"
#include "session/local_statement.h"
#include "session/session.h"
#include "storage/engine/engine.h"

namespace cassette::session {

// kInvalidArgument unless the statement is an INSERT whose values are all markers, each once, without conditions, TTL
// or TIMESTAMP. `planned` is the plan of `prepared`. Lifetime: session and engine outlive the writer.
base::Result<std::unique_ptr<BulkWriter>> OpenLocalBulkWriter(Session& session, PreparedPtr prepared,
                                                              PlannedPtr planned, storage::engine::Engine& engine);

// kInvalidArgument unless there is a vector of the marker's type with `row_count` legal values for each marker; names
// marker and row.
base::Status CheckBulkVectors(std::span<const cql::analysis::ColumnSpec> markers,
                              std::span<const columnar::Vector* const> vectors, uint32_t row_count);

// kInvalidArgument for a writer of another kind of session.
base::Status CommitLocalBulkWriters(std::span<BulkWriter* const> writers, storage::engine::Engine& engine);

}  // namespace cassette::session
