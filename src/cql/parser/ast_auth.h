// Statements on roles, permissions and identities.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cql/parser/ast_base.h"

namespace cassette::cql::parser {

// What stands after WITH of a role (or of the older USER).
struct RoleOptions {
  std::optional<std::string> password;
  std::optional<std::string> hashed_password;
  std::optional<bool> superuser;
  std::optional<bool> login;
  std::optional<std::vector<std::pair<std::string, std::string>>> options;
  bool all_datacenters = false;  // ACCESS TO ALL DATACENTERS.
  std::vector<std::string> datacenters;
  bool all_cidrs = false;  // ACCESS FROM ALL CIDRS.
  std::vector<std::string> cidrs;
};

// CREATE ROLE; CREATE USER has `user`.
struct CreateRoleStatement {
  SourcePosition position;
  bool user = false;
  bool if_not_exists = false;
  Identifier role;
  RoleOptions options;
};

struct AlterRoleStatement {
  SourcePosition position;
  bool user = false;
  bool if_exists = false;
  Identifier role;
  RoleOptions options;
};

struct DropRoleStatement {
  SourcePosition position;
  bool user = false;
  bool if_exists = false;
  Identifier role;
};

// LIST ROLES [OF role] [NORECURSIVE]; LIST USERS has `users`.
struct ListRolesStatement {
  SourcePosition position;
  bool users = false;
  std::optional<Identifier> of_role;
  bool recursive = true;
};

enum class Permission : uint8_t {
  kCreate,
  kAlter,
  kDrop,
  kSelect,
  kModify,
  kAuthorize,
  kDescribe,
  kExecute,
  kUnmask,
  kSelectMasked,
};

struct Resource {
  enum class Kind : uint8_t {
    kAllKeyspaces,
    kKeyspace,             // `name.name`.
    kAllTablesInKeyspace,  // `name.name` is the keyspace.
    kTable,
    kAllRoles,
    kRole,
    kAllFunctions,
    kAllFunctionsInKeyspace,  // `name.name` is the keyspace.
    kFunction,                // With `arguments`.
    kAllMBeans,
    kMBean,   // `name.name` is the object name.
    kMBeans,  // A pattern.
  };
  Kind kind = Kind::kAllKeyspaces;
  SourcePosition position;
  QualifiedName name;
  std::vector<TypeName> arguments;
};

struct GrantPermissionsStatement {
  SourcePosition position;
  std::vector<Permission> permissions;  // None: ALL.
  Resource resource;
  Identifier role;
};

struct RevokePermissionsStatement {
  SourcePosition position;
  std::vector<Permission> permissions;  // None: ALL.
  Resource resource;
  Identifier role;
};

struct ListPermissionsStatement {
  SourcePosition position;
  std::vector<Permission> permissions;  // None: ALL.
  std::optional<Resource> resource;
  std::optional<Identifier> of_role;
  bool recursive = true;
};

struct GrantRoleStatement {
  SourcePosition position;
  Identifier role;
  Identifier grantee;
};

struct RevokeRoleStatement {
  SourcePosition position;
  Identifier role;
  Identifier revokee;
};

struct AddIdentityStatement {
  SourcePosition position;
  bool if_not_exists = false;
  std::string identity;
  std::string role;
};

struct DropIdentityStatement {
  SourcePosition position;
  bool if_exists = false;
  std::string identity;
};

template <typename Statement>
concept IsRoleStatement =
    std::same_as<Statement, CreateRoleStatement> || std::same_as<Statement, AlterRoleStatement> ||
    std::same_as<Statement, DropRoleStatement> || std::same_as<Statement, ListRolesStatement> ||
    std::same_as<Statement, GrantPermissionsStatement> || std::same_as<Statement, RevokePermissionsStatement> ||
    std::same_as<Statement, ListPermissionsStatement> || std::same_as<Statement, GrantRoleStatement> ||
    std::same_as<Statement, RevokeRoleStatement> || std::same_as<Statement, AddIdentityStatement> ||
    std::same_as<Statement, DropIdentityStatement>;

}  // namespace cassette::cql::parser
