// Type names as written to types.
#pragma once

#include <string_view>

#include "base/status.h"
#include "cql/parser/ast_base.h"
#include "schema/schema.h"
#include "types/data_type.h"

namespace cassette::cql::analysis {

// User types are those of `keyspace`. kInvalidArgument in Cassandra's words (CQL3Type.Raw), kUnsupported for custom
// types.
base::Result<types::DataType> ResolveType(const parser::TypeName& name, const schema::Schema& schema,
                                          std::string_view keyspace);

}  // namespace cassette::cql::analysis
