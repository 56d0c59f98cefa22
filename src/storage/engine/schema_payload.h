// The schema as payloads of the manifest: one for each keyspace and each table, and the version.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/status.h"
#include "schema/schema.h"

namespace cassette::storage::engine {

// Key of the version's payload. On disk: DO NOT CHANGE.
inline constexpr std::string_view kSchemaVersionKey = "schema version";

// Key of the payload that is no schema: what of the commit log must be there (log_extent.h). On disk: DO NOT CHANGE.
inline constexpr std::string_view kLogExtentKey = "commit log";

using SchemaPayloads = std::map<std::string, std::string>;

// Memory-only tables are left out.
SchemaPayloads MakeSchemaPayloads(const schema::Schema& schema);
// kCorruption when malformed, or when a table's keyspace is missing.
base::Result<schema::Schema> ParseSchemaPayloads(const SchemaPayloads& payloads);
// kInvalidArgument when the payload could not be parsed again: what is past a bound there is refused before it is
// stored.
base::Status CheckSchemaPayload(std::string_view key, std::string_view bytes);

}  // namespace cassette::storage::engine
