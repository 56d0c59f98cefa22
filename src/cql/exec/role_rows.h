// What LIST ROLES and its kin answer, as a batch of rows.
#pragma once

#include <vector>

#include "catalog/role_statement.h"
#include "cql/exec/executor.h"

namespace cassette::cql::exec {

// Rows of `answer` under the columns of `plan`; nothing for statements that list nothing.
void AppendRoleRows(const analysis::RolePlan& plan, const catalog::RoleAnswer& answer, Answer* out);

}  // namespace cassette::cql::exec
