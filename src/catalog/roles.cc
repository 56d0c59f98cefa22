#include "catalog/roles.h"

#include <fmt/format.h>

#include "catalog/password.h"
#include "catalog/role_execution.h"

namespace cassette::catalog {
namespace {

base::Status WrongCredentials(const std::string& role) {
  return base::Unauthorized(fmt::format("Provided username {} and/or password are incorrect", role));
}

}  // namespace

base::Status Roles::Write(const AuthState& state, const AuthChange& defaults, const AuthChange& change) {
  if (change.mutations().empty()) return base::Status::Ok();
  if (state.is_default) CASSETTE_RETURN_IF_ERROR(store_.Apply(defaults));
  return store_.Apply(change);
}

AuthChange Roles::NewDefaults() {
  AuthChange defaults = store_.NewChange();
  defaults.PutRole(std::string(kDefaultSuperuser), DefaultSuperuser());
  return defaults;
}

base::Status Roles::Authenticate(const std::string& role, std::string_view password) {
  CASSETTE_ASSIGN_OR_RETURN(const AuthStatePtr state, store_.Recent());
  const auto found = state->roles.find(role);
  // Who does not exist takes as long as who has another password.
  const bool is_known = found != state->roles.end() && !found->second.salted_hash.empty();
  const bool is_right = CheckPassword(password, is_known ? found->second.salted_hash : DefaultSuperuser().salted_hash);
  if (!is_known || !is_right) return WrongCredentials(role);
  for (const std::string& name : state->RolesOf(role, true)) {
    if (state->roles.at(name).can_login) return base::Status::Ok();
  }
  return base::Unauthorized(fmt::format("{} is not permitted to log in", role));
}

base::Status Roles::Check(const std::string& role, Permission permission, const Resource& resource) {
  CASSETTE_ASSIGN_OR_RETURN(const AuthStatePtr state, store_.Recent());
  return CheckPermission(*state, role, permission, resource);
}

base::Result<RoleAnswer> Roles::Execute(const RoleStatement& statement, const std::string* performer) {
  base::MutexLock lock(mutex_);
  CASSETTE_ASSIGN_OR_RETURN(const AuthStatePtr state, store_.Load());
  const AuthChange defaults = NewDefaults();
  AuthChange change = store_.NewChange();
  CASSETTE_ASSIGN_OR_RETURN(RoleAnswer answer,
                            ExecuteRoleStatement(statement, performer, *state, *engine_.schema(), &change));
  CASSETTE_RETURN_IF_ERROR(Write(*state, defaults, change));
  return answer;
}

base::Status Roles::GrantToCreator(const std::string& creator, const std::vector<Resource>& created) {
  base::MutexLock lock(mutex_);
  CASSETTE_ASSIGN_OR_RETURN(const AuthStatePtr state, store_.Load());
  const AuthChange defaults = NewDefaults();
  AuthChange change = store_.NewChange();
  for (const Resource& resource : created) Grant(*state, creator, resource, resource.Applicable(), &change);
  return Write(*state, defaults, change);
}

base::Status Roles::RevokeAllOn(const std::vector<Resource>& dropped) {
  base::MutexLock lock(mutex_);
  CASSETTE_ASSIGN_OR_RETURN(const AuthStatePtr state, store_.Load());
  const AuthChange defaults = NewDefaults();
  AuthChange change = store_.NewChange();
  for (const Resource& resource : dropped) RevokeAll(*state, resource, &change);
  return Write(*state, defaults, change);
}

}  // namespace cassette::catalog
