// Statements on roles and permissions: names resolved; the rest is the catalog's.
#include <fmt/format.h>

#include "base/assert.h"

#include "cql/analysis/statement_analysis.h"

namespace cassette::cql::analysis {
namespace {

catalog::RoleOptions OptionsOf(const parser::RoleOptions& options) {
  catalog::RoleOptions result;
  result.password = options.password;
  result.hashed_password = options.hashed_password;
  result.superuser = options.superuser;
  result.login = options.login;
  result.has_custom_options = options.options.has_value();
  result.has_access =
      options.all_datacenters || options.all_cidrs || !options.datacenters.empty() || !options.cidrs.empty();
  result.datacenters = options.datacenters;
  result.cidr_groups = options.cidrs;
  return result;
}

catalog::Permission PermissionOf(parser::Permission permission) {
  switch (permission) {
    case parser::Permission::kCreate:
      return catalog::Permission::kCreate;
    case parser::Permission::kAlter:
      return catalog::Permission::kAlter;
    case parser::Permission::kDrop:
      return catalog::Permission::kDrop;
    case parser::Permission::kSelect:
      return catalog::Permission::kSelect;
    case parser::Permission::kModify:
      return catalog::Permission::kModify;
    case parser::Permission::kAuthorize:
      return catalog::Permission::kAuthorize;
    case parser::Permission::kDescribe:
      return catalog::Permission::kDescribe;
    case parser::Permission::kExecute:
      return catalog::Permission::kExecute;
    case parser::Permission::kUnmask:
      return catalog::Permission::kUnmask;
    case parser::Permission::kSelectMasked:
      return catalog::Permission::kSelectMasked;
  }
  return catalog::Permission::kCreate;
}

catalog::PermissionSet PermissionsOf(const std::vector<parser::Permission>& permissions) {
  if (permissions.empty()) return catalog::PermissionSet::All();
  catalog::PermissionSet set;
  for (const parser::Permission permission : permissions) set.Add(PermissionOf(permission));
  return set;
}

base::Result<catalog::Resource> ResourceOf(const parser::Resource& resource, const AnalysisContext& context) {
  using From = parser::Resource::Kind;
  using To = catalog::Resource::Kind;
  const std::string& name = resource.name.name.name;
  switch (resource.kind) {
    case From::kAllKeyspaces:
      return catalog::Resource::AllKeyspaces();
    case From::kKeyspace:
      return catalog::Resource::Keyspace(name);
    case From::kAllTablesInKeyspace:
      return catalog::Resource::AllTables(name);
    case From::kTable: {
      CASSETTE_ASSIGN_OR_RETURN(std::string keyspace, KeyspaceOf(resource.name, context));
      return catalog::Resource::Table(std::move(keyspace), name);
    }
    case From::kAllRoles:
      return catalog::Resource::AllRoles();
    case From::kRole:
      return catalog::Resource::Role(name);
    case From::kAllFunctions:
      return catalog::Resource{To::kAllFunctions, {}, {}};
    case From::kAllFunctionsInKeyspace:
      return catalog::Resource::KeyspaceFunctions(name);
    case From::kAllMBeans:
      return catalog::Resource{To::kAllMBeans, {}, {}};
    case From::kMBean:
    case From::kMBeans:
      return catalog::Resource{To::kMBean, {}, name};
    case From::kFunction:
      break;
  }
  return base::InvalidArgument(
      "User functions are not supported yet (docs/cql/differences.md): there is no function to have permissions on");
}

// The permissions that the resource has of those asked for. kSyntaxError, as Cassandra, when that is none.
base::Result<catalog::PermissionSet> ApplicableOf(const std::vector<parser::Permission>& permissions,
                                                  const catalog::Resource& resource) {
  const catalog::PermissionSet set = PermissionsOf(permissions) & resource.Applicable();
  if (!set.empty()) return set;
  return base::SyntaxError(
      fmt::format("Resource type {} does not support any of the requested permissions", resource.TypeName()));
}

template <typename To, typename From>
base::Result<catalog::RoleStatement> PermissionsChangeOf(const From& from, const AnalysisContext& context) {
  To to;
  CASSETTE_ASSIGN_OR_RETURN(to.resource, ResourceOf(from.resource, context));
  CASSETTE_ASSIGN_OR_RETURN(to.permissions, ApplicableOf(from.permissions, to.resource));
  to.all = from.permissions.empty();
  to.role = from.role.name;
  return catalog::RoleStatement(std::move(to));
}

using Result = base::Result<catalog::RoleStatement>;

class Visitor {
 public:
  explicit Visitor(const AnalysisContext& context) : context_(context) {}

  Result operator()(const parser::CreateRoleStatement& create) {
    catalog::CreateRole role{create.role.name, create.if_not_exists, OptionsOf(create.options)};
    if (create.user) {  // A user may log in, and says whether it is a superuser.
      role.options.login = true;
      role.options.superuser = role.options.superuser.value_or(false);
    }
    return catalog::RoleStatement(std::move(role));
  }
  Result operator()(const parser::AlterRoleStatement& alter) {
    return catalog::RoleStatement(catalog::AlterRole{alter.role.name, alter.if_exists, OptionsOf(alter.options)});
  }
  Result operator()(const parser::DropRoleStatement& drop) {
    return catalog::RoleStatement(catalog::DropRole{drop.role.name, drop.if_exists});
  }
  Result operator()(const parser::ListRolesStatement& list) {
    catalog::ListRoles roles{list.users, std::nullopt, list.recursive};
    if (list.of_role) roles.of_role = list.of_role->name;
    return catalog::RoleStatement(std::move(roles));
  }
  Result operator()(const parser::GrantRoleStatement& grant) {
    return catalog::RoleStatement(catalog::GrantRole{grant.role.name, grant.grantee.name});
  }
  Result operator()(const parser::RevokeRoleStatement& revoke) {
    return catalog::RoleStatement(catalog::RevokeRole{revoke.role.name, revoke.revokee.name});
  }
  Result operator()(const parser::GrantPermissionsStatement& grant) {
    return PermissionsChangeOf<catalog::GrantPermissions>(grant, context_);
  }
  Result operator()(const parser::RevokePermissionsStatement& revoke) {
    return PermissionsChangeOf<catalog::RevokePermissions>(revoke, context_);
  }
  Result operator()(const parser::ListPermissionsStatement& list) {
    catalog::ListPermissions permissions{PermissionsOf(list.permissions), std::nullopt, std::nullopt, list.recursive};
    if (list.resource) {
      CASSETTE_ASSIGN_OR_RETURN(permissions.resource, ResourceOf(*list.resource, context_));
    }
    if (list.of_role) permissions.of_role = list.of_role->name;
    return catalog::RoleStatement(std::move(permissions));
  }
  Result operator()(const parser::AddIdentityStatement& add) {
    return catalog::RoleStatement(catalog::AddIdentity{add.identity, add.role, add.if_not_exists});
  }
  Result operator()(const parser::DropIdentityStatement& drop) {
    return catalog::RoleStatement(catalog::DropIdentity{drop.identity, drop.if_exists});
  }
  template <typename Other>
  Result operator()(const Other&) {
    CASSETTE_ASSERT(false);
    return base::Unsupported("not a statement on roles");
  }

 private:
  const AnalysisContext& context_;
};

}  // namespace

base::Result<catalog::RoleStatement> AnalyzeRoleStatement(const parser::StatementNode& node,
                                                          const AnalysisContext& context) {
  return std::visit(Visitor(context), node);
}

}  // namespace cassette::cql::analysis
