// Type names as written to types.
#pragma once

#include "base/status.h"
#include "cql/parser/ast_base.h"
#include "types/data_type.h"

namespace cassette::cql::analysis {

// kInvalidArgument in Cassandra's words (CQL3Type.Raw), kUnsupported for user and custom types.
base::Result<types::DataType> ResolveType(const parser::TypeName& name);

}  // namespace cassette::cql::analysis
