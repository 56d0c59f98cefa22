// The tables of the keyspaces system, system_schema and system_virtual_schema, column for column as Cassandra 5.0's.
#pragma once

#include <vector>

#include "schema/schema.h"

namespace cassette::catalog {

// Every system keyspace, its tables memory-only and finished. The same on each call.
std::vector<schema::Keyspace> SystemKeyspaces();

}  // namespace cassette::catalog
