#include "catalog/role_execution.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "catalog/partition_writer.h"
#include "catalog/password.h"
#include "catalog/roles.h"

namespace cassette::catalog {
namespace {

constexpr std::string_view kLocalDatacenter = "datacenter1";

std::string Join(PermissionSet permissions) {
  std::vector<std::string> names;
  for (const Permission permission : permissions.members()) names.emplace_back(PermissionName(permission));
  std::sort(names.begin(), names.end());
  return fmt::format("{}", fmt::join(names, ", "));
}

PermissionSet Own(const AuthState& state, const std::string& role, const std::string& path) {
  const auto by_resource = state.permissions.find(role);
  if (by_resource == state.permissions.end()) return {};
  const auto found = by_resource->second.find(path);
  return found == by_resource->second.end() ? PermissionSet() : found->second;
}

void Put(const AuthState& state, const std::string& role, const std::string& path, PermissionSet permissions,
         AuthChange* change) {
  change->PutPermissions(role, path, permissions);
  const auto indexed = state.granted.find(path);
  const bool is_indexed = indexed != state.granted.end() && indexed->second.contains(role);
  if (permissions.empty() && is_indexed) change->DeleteIndex(path, role);
  if (!permissions.empty() && !is_indexed) change->PutIndex(path, role);
}

bool Exists(const Resource& resource, const AuthState& state, const schema::Schema& schema) {
  switch (resource.kind) {
    case Resource::Kind::kKeyspace:
    case Resource::Kind::kAllTables:
    case Resource::Kind::kKeyspaceFunctions:
      return schema.FindKeyspace(resource.keyspace) != nullptr;
    case Resource::Kind::kTable:
      return schema.FindTable(resource.keyspace, resource.name) != nullptr;
    case Resource::Kind::kRole:
      return state.HasRole(resource.name);
    case Resource::Kind::kMBean:
      return false;  // There are none.
    default:
      return true;
  }
}

base::Status CheckOptions(const RoleOptions& options) {
  if (options.has_custom_options) {
    return base::InvalidArgument("org.apache.cassandra.auth.CassandraRoleManager doesn't support OPTIONS");
  }
  if (options.hashed_password && !IsPasswordHash(*options.hashed_password)) {
    return base::InvalidArgument("Invalid hashed password value. Please use jBcrypt.");
  }
  return base::Status::Ok();
}

base::Status CheckAccess(const RoleOptions& options) {
  for (const std::string& datacenter : options.datacenters) {
    if (datacenter == kLocalDatacenter) continue;
    return base::InvalidArgument(
        fmt::format("Invalid value(s) for DATACENTERS '[{}]',All values must be valid datacenters", datacenter));
  }
  if (options.cidr_groups.empty()) return base::Status::Ok();
  return base::InvalidArgument(
      fmt::format("Invalid CIDR group(s): [{}]. Available CIDR Groups are: []", fmt::join(options.cidr_groups, ", ")));
}

base::Status ApplyOptions(const RoleOptions& options, Role* role) {
  if (options.superuser) role->is_superuser = *options.superuser;
  if (options.login) role->can_login = *options.login;
  if (options.hashed_password) role->salted_hash = *options.hashed_password;
  if (options.password) {
    CASSETTE_ASSIGN_OR_RETURN(role->salted_hash, HashPassword(*options.password));
  }
  return base::Status::Ok();
}

// One statement after the other: first who may, then whether it can be, as Cassandra's authorize and validate.
class Execution {
 public:
  Execution(const std::string* performer, const AuthState& state, const schema::Schema& schema, AuthChange* change)
      : performer_(performer), state_(state), schema_(schema), change_(*change) {}

  base::Result<RoleAnswer> operator()(const CreateRole& create) {
    CASSETTE_RETURN_IF_ERROR(NeedOnRole(Permission::kCreate, Resource::AllRoles()));
    if (create.options.superuser.value_or(false) && !IsSuper()) {
      return base::Unauthorized("Only superusers can create a role with superuser status");
    }
    CASSETTE_RETURN_IF_ERROR(CheckOptions(create.options));
    if (create.role.empty()) return base::InvalidArgument("Role name can't be an empty string");
    CASSETTE_RETURN_IF_ERROR(CheckAccess(create.options));
    if (state_.HasRole(create.role)) {
      if (create.if_not_exists) return RoleAnswer();
      return base::InvalidArgument(fmt::format("{} already exists", create.role));
    }
    Role role;
    CASSETTE_RETURN_IF_ERROR(ApplyOptions(create.options, &role));
    change_.PutRole(create.role, role);
    change_.PutCidrGroups(create.role);
    const Resource resource = Resource::Role(create.role);
    if (performer_ != nullptr) Grant(state_, *performer_, resource, resource.Applicable(), &change_);
    return RoleAnswer();
  }

  base::Result<RoleAnswer> operator()(const AlterRole& alter) {
    CASSETTE_RETURN_IF_ERROR(MayAlter(alter));
    CASSETTE_RETURN_IF_ERROR(CheckOptions(alter.options));
    if (alter.options.empty()) return base::InvalidArgument("ALTER [ROLE|USER] can't be empty");
    CASSETTE_RETURN_IF_ERROR(CheckAccess(alter.options));
    const auto found = state_.roles.find(alter.role);
    if (found == state_.roles.end()) {
      if (alter.if_exists) return RoleAnswer();
      return base::InvalidArgument(fmt::format("Role {} doesn't exist", alter.role));
    }
    Role role = found->second;
    CASSETTE_RETURN_IF_ERROR(ApplyOptions(alter.options, &role));
    change_.PutRole(alter.role, role);
    if (alter.options.has_access) change_.PutCidrGroups(alter.role);
    return RoleAnswer();
  }

  base::Result<RoleAnswer> operator()(const DropRole& drop) {
    CASSETTE_RETURN_IF_ERROR(NeedOnRole(Permission::kDrop, Resource::Role(drop.role)));
    if (state_.IsSuperuser(drop.role) && !IsSuper()) {
      return base::Unauthorized("Only superusers can drop a role with superuser status");
    }
    if (!state_.HasRole(drop.role)) {
      if (drop.if_exists) return RoleAnswer();
      return base::InvalidArgument(fmt::format("{} doesn't exist", drop.role));
    }
    if (performer_ != nullptr && *performer_ == drop.role) {
      return base::InvalidArgument("Cannot DROP primary role for current login");
    }
    for (const std::string& parent : state_.roles.at(drop.role).member_of) change_.DeleteMember(parent, drop.role);
    for (const auto& [name, role] : state_.roles) {
      if (name == drop.role || !role.member_of.contains(drop.role)) continue;
      Role without = role;
      without.member_of.erase(drop.role);
      change_.PutRole(name, without);
    }
    change_.DeleteRole(drop.role);
    change_.DeleteMembers(drop.role);
    const auto permissions = state_.permissions.find(drop.role);
    if (permissions != state_.permissions.end()) {
      for (const auto& [path, set] : permissions->second) Put(state_, drop.role, path, {}, &change_);
    }
    RevokeAll(state_, Resource::Role(drop.role), &change_);
    change_.DeleteAccess(drop.role);
    for (const auto& [identity, role] : state_.identities) {
      if (role == drop.role) change_.DeleteIdentity(identity);
    }
    return RoleAnswer();
  }

  base::Result<RoleAnswer> operator()(const GrantRole& grant) {
    CASSETTE_RETURN_IF_ERROR(CheckMembership(grant.role, grant.grantee));
    for (const auto& [role, member] : {std::pair(grant.role, grant.grantee), std::pair(grant.grantee, grant.role)}) {
      if (!state_.RolesOf(member, true).contains(role)) continue;
      return base::InvalidArgument(fmt::format("{} is a member of {}", member, role));
    }
    Role grantee = state_.roles.at(grant.grantee);
    grantee.member_of.insert(grant.role);
    change_.PutRole(grant.grantee, grantee);
    change_.PutMember(grant.role, grant.grantee);
    return RoleAnswer();
  }

  base::Result<RoleAnswer> operator()(const RevokeRole& revoke) {
    CASSETTE_RETURN_IF_ERROR(CheckMembership(revoke.role, revoke.revokee));
    Role revokee = state_.roles.at(revoke.revokee);
    if (revokee.member_of.erase(revoke.role) == 0 && revoke.role != revoke.revokee) {
      return base::InvalidArgument(fmt::format("{} is not a member of {}", revoke.revokee, revoke.role));
    }
    change_.PutRole(revoke.revokee, revokee);
    change_.DeleteMember(revoke.role, revoke.revokee);
    return RoleAnswer();
  }

  base::Result<RoleAnswer> operator()(const GrantPermissions& grant) {
    CASSETTE_RETURN_IF_ERROR(CheckGrant(grant.resource, grant.permissions, grant.role));
    const PermissionSet had = Own(state_, grant.role, grant.resource.Path());
    Grant(state_, grant.role, grant.resource, grant.permissions, &change_);
    RoleAnswer answer;
    const PermissionSet again = grant.permissions & had;
    if (!grant.all && !again.empty()) {
      answer.warnings.push_back(
          fmt::format("Role '{}' was already granted {} on {}", grant.role, Join(again), grant.resource.ToString()));
    }
    return answer;
  }

  base::Result<RoleAnswer> operator()(const RevokePermissions& revoke) {
    CASSETTE_RETURN_IF_ERROR(CheckGrant(revoke.resource, revoke.permissions, revoke.role));
    const PermissionSet had = Own(state_, revoke.role, revoke.resource.Path());
    Put(state_, revoke.role, revoke.resource.Path(), had.Without(revoke.permissions), &change_);
    RoleAnswer answer;
    const PermissionSet missing = revoke.permissions.Without(had);
    if (!revoke.all && !missing.empty()) {
      answer.warnings.push_back(
          fmt::format("Role '{}' was not granted {} on {}", revoke.role, Join(missing), revoke.resource.ToString()));
    }
    return answer;
  }

  base::Result<RoleAnswer> operator()(const ListRoles& list) {
    if (list.of_role && !state_.HasRole(*list.of_role)) {
      return base::InvalidArgument(fmt::format("{} doesn't exist", Resource::Role(*list.of_role).ToString()));
    }
    CASSETTE_ASSIGN_OR_RETURN(const std::set<std::string> names, RolesToList(list));
    RoleAnswer answer;
    for (const std::string& name : names) {
      const Role& role = state_.roles.at(name);
      if (!list.users) {
        answer.rows.push_back(
            {name, BooleanValue(role.is_superuser), BooleanValue(role.can_login), TextSetValue({}), "ALL"});
      } else if (role.can_login) {
        answer.rows.push_back({name, BooleanValue(state_.IsSuperuser(name)), "ALL"});
      }
    }
    return answer;
  }

  base::Result<RoleAnswer> operator()(const ListPermissions& list) {
    if (list.resource && !Exists(*list.resource, state_, schema_)) {
      return base::InvalidArgument(fmt::format("{} doesn't exist", list.resource->ToString()));
    }
    if (list.of_role && !state_.HasRole(*list.of_role)) {
      return base::InvalidArgument(fmt::format("{} doesn't exist", Resource::Role(*list.of_role).ToString()));
    }
    if (!SeesAllRoles() && !IsSuper() && !(list.of_role && state_.RolesOf(*performer_, true).contains(*list.of_role))) {
      return base::Unauthorized(
          fmt::format("You are not authorized to view {}'s permissions", list.of_role.value_or("everyone")));
    }
    std::set<std::string> paths;
    for (std::optional<Resource> part = list.resource; part; part = part->Parent()) {
      paths.insert(part->Path());
      if (!list.recursive) break;
    }
    const std::set<std::string> of = list.of_role ? state_.RolesOf(*list.of_role, true) : std::set<std::string>();
    RoleAnswer answer;
    for (const auto& [role, by_resource] : state_.permissions) {
      if (list.of_role && !of.contains(role)) continue;
      for (const auto& [path, set] : by_resource) {
        const std::optional<Resource> resource = Resource::OfPath(path);
        if (!resource || (list.resource && !paths.contains(path))) continue;
        for (const Permission permission : (set & list.permissions).members()) {
          answer.rows.push_back({role, role, resource->ToString(), std::string(PermissionName(permission))});
        }
      }
    }
    return answer;
  }

  base::Result<RoleAnswer> operator()(const AddIdentity& add) {
    CASSETTE_RETURN_IF_ERROR(NeedOnRole(Permission::kCreate, Resource::AllRoles()));
    if (!IsSuper() && state_.IsSuperuser(add.role)) {
      return base::Unauthorized("Only superusers can bind identities to a role with superuser status");
    }
    if (!state_.HasRole(add.role)) {
      return base::InvalidArgument(fmt::format("Can not add identity for non-existent role '{}'", add.role));
    }
    if (state_.identities.contains(add.identity)) {
      if (add.if_not_exists) return RoleAnswer();
      return base::InvalidArgument(fmt::format("{} already exists", add.identity));
    }
    change_.PutIdentity(add.identity, add.role);
    return RoleAnswer();
  }

  base::Result<RoleAnswer> operator()(const DropIdentity& drop) {
    const auto found = state_.identities.find(drop.identity);
    const bool exists = found != state_.identities.end();
    CASSETTE_RETURN_IF_ERROR(
        NeedOnRole(Permission::kDrop, exists ? Resource::Role(found->second) : Resource::AllRoles()));
    if (exists && !IsSuper() && state_.IsSuperuser(found->second)) {
      return base::Unauthorized("Only superusers can remove identity bindings from a role with superuser status");
    }
    if (!exists) {
      if (drop.if_exists) return RoleAnswer();
      return base::InvalidArgument(fmt::format("identity '{}' doesn't exist", drop.identity));
    }
    change_.DeleteIdentity(drop.identity);
    return RoleAnswer();
  }

 private:
  bool IsSuper() const { return performer_ == nullptr || state_.IsSuperuser(*performer_); }

  base::Status Need(Permission permission, const Resource& resource) const {
    return performer_ == nullptr ? base::Status::Ok() : CheckPermission(state_, *performer_, permission, resource);
  }

  // As Need, in the words that Cassandra has for roles.
  base::Status NeedOnRole(Permission permission, const Resource& resource) const {
    if (Need(permission, resource).ok()) return base::Status::Ok();
    return base::Unauthorized(
        fmt::format("User {} does not have sufficient privileges to perform the requested operation", *performer_));
  }

  base::Status MayAlter(const AlterRole& alter) const {
    const RoleOptions& options = alter.options;
    if (performer_ == nullptr) return base::Status::Ok();
    if (options.superuser && state_.RolesOf(*performer_, true).contains(alter.role)) {
      return base::Unauthorized(
          "You aren't allowed to alter your own superuser status or that of a role granted to you");
    }
    if (IsSuper()) return base::Status::Ok();
    if (options.superuser) return base::Unauthorized("Only superusers are allowed to alter superuser status");
    if (options.has_access) {
      return base::Unauthorized("Only superusers are allowed to alter access to datacenters.");
    }
    if (*performer_ != alter.role) return NeedOnRole(Permission::kAlter, Resource::Role(alter.role));
    if (options.login) return base::Unauthorized("You aren't allowed to alter LOGIN");
    if (options.has_custom_options) return base::Unauthorized("You aren't allowed to alter OPTIONS");
    return base::Status::Ok();
  }

  base::Status CheckMembership(const std::string& role, const std::string& member) const {
    CASSETTE_RETURN_IF_ERROR(NeedOnRole(Permission::kAuthorize, Resource::Role(role)));
    for (const std::string& name : {role, member}) {
      if (!state_.HasRole(name)) return base::InvalidArgument(fmt::format("{} doesn't exist", name));
    }
    return base::Status::Ok();
  }

  // Who gives or takes permissions needs them, and AUTHORIZE.
  base::Status CheckGrant(const Resource& resource, PermissionSet permissions, const std::string& role) const {
    CASSETTE_RETURN_IF_ERROR(Need(Permission::kAuthorize, resource));
    for (const Permission permission : permissions.members()) CASSETTE_RETURN_IF_ERROR(Need(permission, resource));
    if (!state_.HasRole(role)) return base::InvalidArgument(fmt::format("Role {} doesn't exist", role));
    if (Exists(resource, state_, schema_)) return base::Status::Ok();
    return base::InvalidArgument(fmt::format("Resource {} doesn't exist", resource.ToString()));
  }

  bool SeesAllRoles() const {
    return performer_ == nullptr ||
           state_.PermissionsOn(*performer_, Resource::AllRoles()).Contains(Permission::kDescribe);
  }

  base::Result<std::set<std::string>> RolesToList(const ListRoles& list) const {
    const bool sees_all = SeesAllRoles();
    if (list.of_role) {
      if (sees_all || state_.RolesOf(*performer_, true).contains(*list.of_role)) {
        return state_.RolesOf(*list.of_role, list.recursive);
      }
      return base::Unauthorized(fmt::format("You are not authorized to view roles granted to {} ", *list.of_role));
    }
    if (!sees_all) return state_.RolesOf(*performer_, list.recursive);
    std::set<std::string> all;
    for (const auto& [name, role] : state_.roles) all.insert(name);
    return all;
  }

  const std::string* const performer_;
  const AuthState& state_;
  const schema::Schema& schema_;
  AuthChange& change_;
};

}  // namespace

std::vector<std::pair<std::string, types::DataType>> ListColumns(const RoleStatement& statement) {
  const types::DataType text(types::TypeKind::kText);
  const types::DataType boolean(types::TypeKind::kBoolean);
  if (const auto* list = std::get_if<ListRoles>(&statement)) {
    if (list->users) return {{"name", text}, {"super", boolean}, {"datacenters", text}};
    return {{"role", text},
            {"super", boolean},
            {"login", boolean},
            {"options", types::DataType::Map(text, text, true)},
            {"datacenters", text}};
  }
  if (!std::holds_alternative<ListPermissions>(statement)) return {};
  return {{"role", text}, {"username", text}, {"resource", text}, {"permission", text}};
}

base::Status CheckPermission(const AuthState& state, const std::string& role, Permission permission,
                             const Resource& resource) {
  if (state.May(role, permission, resource)) return base::Status::Ok();
  return base::Unauthorized(fmt::format("User {} has no {} permission on {} or any of its parents", role,
                                        PermissionName(permission), resource.ToString()));
}

base::Result<RoleAnswer> ExecuteRoleStatement(const RoleStatement& statement, const std::string* performer,
                                              const AuthState& state, const schema::Schema& schema,
                                              AuthChange* change) {
  return std::visit(Execution(performer, state, schema, change), statement);
}

void Grant(const AuthState& state, const std::string& role, const Resource& resource, PermissionSet permissions,
           AuthChange* change) {
  const std::string path = resource.Path();
  Put(state, role, path, Own(state, role, path) | permissions, change);
}

void RevokeAll(const AuthState& state, const Resource& resource, AuthChange* change) {
  const std::string path = resource.Path();
  const auto roles = state.granted.find(path);
  if (roles == state.granted.end()) return;
  for (const std::string& role : roles->second) Put(state, role, path, {}, change);
}

}  // namespace cassette::catalog
