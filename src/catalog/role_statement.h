// Statements on roles and permissions as values: names resolved, nothing checked yet.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "catalog/permission.h"

namespace cassette::catalog {

struct RoleOptions {
  std::optional<std::string> password;
  std::optional<std::string> hashed_password;
  std::optional<bool> superuser;
  std::optional<bool> login;
  bool has_custom_options = false;
  bool has_access = false;               // ACCESS TO or FROM anything.
  std::vector<std::string> datacenters;  // None: all.
  std::vector<std::string> cidr_groups;  // None: all.

  bool empty() const {
    return !password && !hashed_password && !superuser && !login && !has_custom_options && !has_access;
  }
};

struct CreateRole {
  std::string role;
  bool if_not_exists = false;
  RoleOptions options;
};
struct AlterRole {
  std::string role;
  bool if_exists = false;
  RoleOptions options;
};
struct DropRole {
  std::string role;
  bool if_exists = false;
};
struct ListRoles {
  bool users = false;  // LIST USERS
  std::optional<std::string> of_role;
  bool recursive = true;
};
struct GrantRole {
  std::string role;
  std::string grantee;
};
struct RevokeRole {
  std::string role;
  std::string revokee;
};
// Permissions that the resource does not have are not among them.
struct GrantPermissions {
  PermissionSet permissions;
  bool all = false;
  Resource resource;
  std::string role;
};
struct RevokePermissions {
  PermissionSet permissions;
  bool all = false;
  Resource resource;
  std::string role;
};
struct ListPermissions {
  PermissionSet permissions;
  std::optional<Resource> resource;
  std::optional<std::string> of_role;
  bool recursive = true;
};
struct AddIdentity {
  std::string identity;
  std::string role;
  bool if_not_exists = false;
};
struct DropIdentity {
  std::string identity;
  bool if_exists = false;
};

using RoleStatement = std::variant<CreateRole, AlterRole, DropRole, ListRoles, GrantRole, RevokeRole, GrantPermissions,
                                   RevokePermissions, ListPermissions, AddIdentity, DropIdentity>;

// The serialized values of a listing; its columns are those of ListColumns (roles.h).
struct RoleAnswer {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> warnings;
};

}  // namespace cassette::catalog
