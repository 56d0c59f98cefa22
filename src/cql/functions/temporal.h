// Timestamps, dates and timeuuids by way of milliseconds since 1970, as Cassandra's TemporalType has them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "types/data_type.h"

namespace cassette::cql::functions {

// REQUIRES: `kind` is timestamp, date or timeuuid; `bytes` validate and are not empty.
int64_t TemporalMillis(types::TypeKind kind, std::string_view bytes);
// REQUIRES: `kind` is timestamp or date.
void AppendTemporal(types::TypeKind kind, int64_t millis, std::string* out);

}  // namespace cassette::cql::functions
