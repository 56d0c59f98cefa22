// Roles: who there is, who may do what. Logins, the statements on roles and permissions, and the one check of a
// permission; as Cassandra's PasswordAuthenticator, CassandraRoleManager and CassandraAuthorizer do it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "catalog/permission.h"
#include "catalog/role_statement.h"
#include "catalog/role_store.h"
#include "schema/schema.h"
#include "storage/engine/engine.h"
#include "types/data_type.h"

namespace cassette::catalog {

// The columns of what LIST answers; empty for the other statements.
std::vector<std::pair<std::string, types::DataType>> ListColumns(const RoleStatement& statement);

// Thread safety: all methods may be called from many threads; statements run one after the other.
// Lifetime: engine and clock outlive it.
class Roles {
 public:
  Roles(storage::engine::Engine& engine, base::Clock& clock) : engine_(engine), store_(engine, clock) {}

  // kUnauthorized when the name or the password is wrong, or the role may not log in. Takes tens of milliseconds.
  base::Status Authenticate(const std::string& role, std::string_view password);
  // kUnauthorized unless `role` has the permission on the resource, or on what that is a part of.
  base::Status Check(const std::string& role, Permission permission, const Resource& resource);

  // `performer`: the role that asks; null: nobody logged in, who may do all. kUnauthorized, kInvalidArgument,
  // kSyntaxError as Cassandra.
  base::Result<RoleAnswer> Execute(const RoleStatement& statement, const std::string* performer);

  // All permissions on what `creator` has made.
  base::Status GrantToCreator(const std::string& creator, const std::vector<Resource>& created);
  // Nobody has a permission any more on what was dropped.
  base::Status RevokeAllOn(const std::vector<Resource>& dropped);

 private:
  // The default superuser, to be written before the first change: from then on the tables say who is there.
  AuthChange NewDefaults();
  base::Status Write(const AuthState& state, const AuthChange& defaults, const AuthChange& change);

  storage::engine::Engine& engine_;
  RoleStore store_;
  base::Mutex mutex_;  // One change at a time: it reads what it changes.
};

}  // namespace cassette::catalog
