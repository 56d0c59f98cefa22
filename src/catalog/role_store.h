// RoleStore: the tables of system_auth as values. Reads all of them at once (they are small), writes them in batches.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "catalog/permission.h"
#include "schema/schema.h"
#include "storage/engine/engine.h"

namespace cassette::catalog {

// Who is there while nobody made a role yet; its password is the same word.
inline constexpr std::string_view kDefaultSuperuser = "cassandra";

struct Role {
  bool is_superuser = false;
  bool can_login = false;
  std::string salted_hash;
  std::set<std::string> member_of;
};

Role DefaultSuperuser();

// What system_auth said at one time. Thread safety: immutable once published.
struct AuthState {
  using ByResource = std::map<std::string, PermissionSet, std::less<>>;  // By Resource::Path.

  std::map<std::string, Role, std::less<>> roles;
  bool is_default = false;  // There was no role; the default superuser stands here, and in no table.
  std::map<std::string, ByResource, std::less<>> permissions;         // By role.
  std::map<std::string, std::string, std::less<>> identities;         // Identity to role.
  std::map<std::string, std::set<std::string>, std::less<>> granted;  // Roles by the paths they have permissions on.

  // Works out what the questions below ask for. Call once, when all is filled in.
  void Finish();

  bool HasRole(std::string_view role) const { return roles.contains(role); }
  // The role and those granted to it; `recursive`: and to them, and so on. Empty for a role that does not exist.
  std::set<std::string> RolesOf(const std::string& role, bool recursive) const;
  bool IsSuperuser(const std::string& role) const;
  // On that very resource.
  PermissionSet PermissionsOn(const std::string& role, const Resource& resource) const;
  // On the resource, or what it is a part of.
  bool May(const std::string& role, Permission permission, const Resource& resource) const;

 private:
  // Of a role and all that is granted to it.
  struct Effective {
    bool is_superuser = false;
    std::vector<const ByResource*> permissions;
  };
  std::map<std::string, Effective, std::less<>> effective_;
};
using AuthStatePtr = std::shared_ptr<const AuthState>;

// One batch of changes of system_auth. Thread safety: not thread safe.
class AuthChange {
 public:
  AuthChange(schema::SchemaPtr schema, int64_t timestamp_micros)
      : schema_(std::move(schema)), timestamp_micros_(timestamp_micros) {}

  void PutRole(const std::string& name, const Role& role);
  void DeleteRole(const std::string& name);
  void PutMember(const std::string& role, const std::string& member);
  void DeleteMember(const std::string& role, const std::string& member);
  void DeleteMembers(const std::string& role);
  // An empty set deletes.
  void PutPermissions(const std::string& role, const std::string& path, PermissionSet permissions);
  void PutIndex(const std::string& path, const std::string& role);
  void DeleteIndex(const std::string& path, const std::string& role);
  void PutCidrGroups(const std::string& role);  // All of them, which is an empty set.
  void DeleteAccess(const std::string& role);
  void PutIdentity(const std::string& identity, const std::string& role);
  void DeleteIdentity(const std::string& identity);

  const std::vector<std::string>& mutations() const { return mutations_; }

 private:
  const schema::SchemaPtr schema_;
  const int64_t timestamp_micros_;
  std::vector<std::string> mutations_;
};

// Thread safety: all methods may be called from many threads. Lifetime: engine and clock outlive it.
class RoleStore {
 public:
  // How old Recent may be, where the tables were written by others than this store; as Cassandra's
  // roles_validity and permissions_validity.
  static constexpr int64_t kValidityMicros = 2'000'000;

  RoleStore(storage::engine::Engine& engine, base::Clock& clock) : engine_(engine), clock_(clock) {}

  base::Result<AuthStatePtr> Load();
  // As Load, or what was loaded before: since the last Apply, and within kValidityMicros.
  base::Result<AuthStatePtr> Recent();

  AuthChange NewChange();
  // Writes it, as durable as the engine's sync mode says: one step.
  base::Status Apply(const AuthChange& change);

 private:
  storage::engine::Engine& engine_;
  base::Clock& clock_;
  base::Mutex mutex_;
  AuthStatePtr recent_ CASSETTE_GUARDED_BY(mutex_);
  int64_t loaded_at_micros_ CASSETTE_GUARDED_BY(mutex_) = 0;
  uint64_t version_ CASSETTE_GUARDED_BY(mutex_) = 0;  // Of what was applied.
  int64_t last_timestamp_micros_ CASSETTE_GUARDED_BY(mutex_) = 0;
};

}  // namespace cassette::catalog
