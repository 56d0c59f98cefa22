// The tables of the system keyspaces, column for column as Cassandra 5.0's.
#pragma once

#include <string_view>
#include <vector>

#include "schema/schema.h"

namespace cassette::catalog {

inline constexpr std::string_view kAuthKeyspace = "system_auth";

// Every system keyspace, its tables finished; memory-only but for those of system_auth. The same on each call.
std::vector<schema::Keyspace> SystemKeyspaces();

// Whose tables stand in system_virtual_schema rather than in system_schema.
bool IsVirtualKeyspace(std::string_view keyspace);

}  // namespace cassette::catalog
