// From a syntax tree to a plan: names, types, which WHERE is legal, and Cassandra's words for what is not.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/functions/registry.h"
#include "cql/parser/ast.h"
#include "schema/schema.h"

namespace cassette::cql::analysis {

// What a statement means depends on. Lifetime: all outlive the call; the plan keeps nothing of it but tables and
// functions.
struct AnalysisContext {
  const schema::Schema& schema;
  const functions::FunctionRegistry& functions;
  std::string keyspace;   // Of USE; empty when none.
  std::string_view text;  // Of the statement, for messages.
};

// kInvalidArgument, kConfigError and so on in Cassandra's words, with the place in the text where one is to blame.
// kUnsupported for statements that Cassandra has and we do not yet.
base::Result<Plan> Analyze(const parser::Statement& statement, const AnalysisContext& context);

}  // namespace cassette::cql::analysis
