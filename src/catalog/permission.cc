#include "catalog/permission.h"

#include <fmt/format.h>

#include <array>

namespace cassette::catalog {
namespace {

constexpr std::array<std::string_view, kPermissionCount> kNames = {
    "CREATE", "ALTER", "DROP", "SELECT", "MODIFY", "AUTHORIZE", "DESCRIBE", "EXECUTE", "UNMASK", "SELECT_MASKED"};

using enum Permission;
constexpr PermissionSet kOnTable =
    PermissionSet::Of({kAlter, kDrop, kSelect, kModify, kAuthorize, kUnmask, kSelectMasked});
constexpr PermissionSet kOnFunction = PermissionSet::Of({kCreate, kAlter, kDrop, kAuthorize, kExecute});
constexpr PermissionSet kOnRole = PermissionSet::Of({kAlter, kDrop, kAuthorize, kDescribe});
constexpr PermissionSet kOnMBean = PermissionSet::Of({kSelect, kModify, kAuthorize, kDescribe, kExecute});

}  // namespace

std::string_view PermissionName(Permission permission) { return kNames[static_cast<size_t>(permission)]; }

PermissionSet PermissionSet::OfNames(const std::vector<std::string>& names) {
  PermissionSet set;
  for (const std::string& name : names) {
    for (size_t i = 0; i < kPermissionCount; ++i) {
      if (kNames[i] == name) set.Add(static_cast<Permission>(i));
    }
  }
  return set;
}

std::vector<Permission> PermissionSet::members() const {
  std::vector<Permission> members;
  for (size_t i = 0; i < kPermissionCount; ++i) {
    if (Contains(static_cast<Permission>(i))) members.push_back(static_cast<Permission>(i));
  }
  return members;
}

std::string Resource::Path() const {
  switch (kind) {
    case Kind::kAllKeyspaces:
      return "data";
    case Kind::kKeyspace:
      return "data/" + keyspace;
    case Kind::kAllTables:
      return "data/" + keyspace + "/*";
    case Kind::kTable:
      return "data/" + keyspace + "/" + name;
    case Kind::kAllRoles:
      return "roles";
    case Kind::kRole:
      return "roles/" + name;
    case Kind::kAllFunctions:
      return "functions";
    case Kind::kKeyspaceFunctions:
      return "functions/" + keyspace;
    case Kind::kAllMBeans:
      return "mbean";
    case Kind::kMBean:
      return "mbean/" + name;
  }
  return {};
}

std::optional<Resource> Resource::OfPath(std::string_view path) {
  const size_t slash = path.find('/');
  const std::string_view root = path.substr(0, slash);
  const bool is_root = slash == std::string_view::npos;
  const std::string rest(is_root ? std::string_view() : path.substr(slash + 1));
  if (root == "roles") return is_root ? AllRoles() : Role(rest);
  if (root == "mbean") return Resource{is_root ? Kind::kAllMBeans : Kind::kMBean, {}, rest};
  const size_t second = rest.find('/');
  if (root == "functions") {
    if (second != std::string::npos) return std::nullopt;  // A user function: there are none.
    return Resource{is_root ? Kind::kAllFunctions : Kind::kKeyspaceFunctions, rest, {}};
  }
  if (root != "data") return std::nullopt;
  if (is_root) return AllKeyspaces();
  if (second == std::string::npos) return Keyspace(rest);
  const std::string keyspace = rest.substr(0, second);
  const std::string table = rest.substr(second + 1);
  return table == "*" ? AllTables(keyspace) : Table(keyspace, table);
}

std::string Resource::ToString() const {
  switch (kind) {
    case Kind::kAllKeyspaces:
      return "<all keyspaces>";
    case Kind::kKeyspace:
      return fmt::format("<keyspace {}>", keyspace);
    case Kind::kAllTables:
      return fmt::format("<all tables in {}>", keyspace);
    case Kind::kTable:
      return fmt::format("<table {}.{}>", keyspace, name);
    case Kind::kAllRoles:
      return "<all roles>";
    case Kind::kRole:
      return fmt::format("<role {}>", name);
    case Kind::kAllFunctions:
      return "<all functions>";
    case Kind::kKeyspaceFunctions:
      return fmt::format("<all functions in {}>", keyspace);
    case Kind::kAllMBeans:
      return "<all mbeans>";
    case Kind::kMBean:
      return fmt::format("<mbean {}>", name);
  }
  return {};
}

std::string_view Resource::TypeName() const {
  switch (kind) {
    case Kind::kAllRoles:
    case Kind::kRole:
      return "RoleResource";
    case Kind::kAllFunctions:
    case Kind::kKeyspaceFunctions:
      return "FunctionResource";
    case Kind::kAllMBeans:
    case Kind::kMBean:
      return "JMXResource";
    default:
      return "DataResource";
  }
}

std::optional<Resource> Resource::Parent() const {
  switch (kind) {
    case Kind::kKeyspace:
      return AllKeyspaces();
    case Kind::kAllTables:
      return Keyspace(keyspace);
    case Kind::kTable:
      return AllTables(keyspace);
    case Kind::kRole:
      return AllRoles();
    case Kind::kKeyspaceFunctions:
      return Resource{Kind::kAllFunctions, {}, {}};
    case Kind::kMBean:
      return Resource{Kind::kAllMBeans, {}, {}};
    default:
      return std::nullopt;
  }
}

PermissionSet Resource::Applicable() const {
  switch (kind) {
    case Kind::kTable:
      return kOnTable;
    case Kind::kAllRoles:
      return kOnRole | PermissionSet::Of({kCreate});
    case Kind::kRole:
      return kOnRole;
    case Kind::kAllFunctions:
    case Kind::kKeyspaceFunctions:
      return kOnFunction;
    case Kind::kAllMBeans:
    case Kind::kMBean:
      return kOnMBean;
    default:
      return kOnTable | PermissionSet::Of({kCreate});
  }
}

}  // namespace cassette::catalog
