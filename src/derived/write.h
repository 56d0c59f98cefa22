// The one way for a write to a table that has indexes or views: the mutations and all that follows from them go to the
// engine as one record of the commit log, so that nothing can part them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/status.h"
#include "storage/engine/engine.h"

namespace cassette::derived {

// As Engine::Apply, for mutations of tables with or without indexes and views. At `now_seconds` views see what has
// expired.
base::Result<storage::engine::CommitPosition> Write(storage::engine::Engine& engine,
                                                    std::span<const std::string_view> mutations, int64_t now_seconds);

}  // namespace cassette::derived
