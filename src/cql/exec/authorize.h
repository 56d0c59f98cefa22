// The check of what a plan needs of the role that runs it.
#pragma once

#include <string>

#include "base/status.h"
#include "catalog/catalog.h"
#include "cql/analysis/plan.h"

namespace cassette::cql::exec {

// kUnauthorized unless `role` has every permission that the plan needs, by CassandraAuthorizer's rules. What statements
// on roles need, they check themselves.
base::Status Authorize(const analysis::Plan& plan, const std::string& role, catalog::Catalog& catalog);
base::Status Authorize(const analysis::ModificationPlan& plan, const std::string& role, catalog::Catalog& catalog);

}  // namespace cassette::cql::exec
