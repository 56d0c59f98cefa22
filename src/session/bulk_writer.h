// The bulk writer of this process: vectors of marker values straight into the engine's bulk load.
#pragma once

#include <memory>
#include <span>

#include "base/status.h"
#include "session/local_statement.h"
#include "session/session.h"
#include "storage/engine/engine.h"

namespace cassette::session {

// kInvalidArgument unless the statement is an INSERT whose values are all markers, each once, without conditions, TTL
// or TIMESTAMP. Lifetime: the engine outlives the writer.
base::Result<std::unique_ptr<BulkWriter>> OpenLocalBulkWriter(PlannedPtr planned, storage::engine::Engine& engine);

// kInvalidArgument for a writer of another kind of session.
base::Status CommitLocalBulkWriters(std::span<BulkWriter* const> writers, storage::engine::Engine& engine);

}  // namespace cassette::session
