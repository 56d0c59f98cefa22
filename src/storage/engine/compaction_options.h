// The check of a table's compaction options, for those above the engine who take them from a user.
#pragma once

#include <map>
#include <string>

#include "base/status.h"

namespace cassette::storage::engine {

// kConfigError, in Cassandra's words, for a class that does not exist or an option it does not have or cannot take.
// `options` holds "class" (with its package) and the strategy's own options.
base::Status ValidateCompactionOptions(const std::map<std::string, std::string>& options);

}  // namespace cassette::storage::engine
