// The statements on roles and permissions, checked against what system_auth says and turned into a change of it; for
// roles.cc alone.
#pragma once

#include <string>

#include "base/status.h"
#include "catalog/permission.h"
#include "catalog/role_statement.h"
#include "catalog/role_store.h"
#include "schema/schema.h"

namespace cassette::catalog {

// kUnauthorized unless `role` has the permission.
base::Status CheckPermission(const AuthState& state, const std::string& role, Permission permission,
                             const Resource& resource);
// As Roles::Execute; what it changes goes to `change`.
base::Result<RoleAnswer> ExecuteRoleStatement(const RoleStatement& statement, const std::string* performer,
                                              const AuthState& state, const schema::Schema& schema, AuthChange* change);

void Grant(const AuthState& state, const std::string& role, const Resource& resource, PermissionSet permissions,
           AuthChange* change);
void RevokeAll(const AuthState& state, const Resource& resource, AuthChange* change);

}  // namespace cassette::catalog
