#include "catalog/role_store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "catalog/partition_writer.h"
#include "catalog/schema_change.h"
#include "catalog/system_tables.h"
#include "codec/fixed.h"
#include "schema/schema.h"
#include "types/value.h"

namespace cassette::catalog {
namespace {

// Of kDefaultSuperuser's password, made once: a hash takes as long as a whole start, and everybody knows the word.
constexpr char kDefaultPasswordHash[] = "$2a$10$A8UtkQsHk5NVC4Uw428gj..QJAdN/tz/T7xDraQyM6muF3UM60MnC";

using TextRow = std::vector<std::optional<std::string>>;

// All rows of a table of system_auth: serialized values of the columns named.
base::Result<std::vector<TextRow>> ReadRows(storage::engine::Engine& engine, int64_t now_seconds,
                                            std::string_view table_name, const std::vector<std::string_view>& columns) {
  storage::engine::ReadCommand command;
  command.table = engine.schema()->FindTable(kAuthKeyspace, table_name);
  CASSETTE_ASSERT(command.table != nullptr);
  command.now_seconds = now_seconds;
  std::vector<const schema::Column*> wanted;
  for (const std::string_view name : columns) {
    wanted.push_back(command.table->FindColumn(name));
    command.columns.push_back({wanted.back()->id, false, false});
  }
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<rows::BatchReader> reader, engine.Read(command, nullptr));
  std::vector<TextRow> result;
  rows::RowBatch batch;
  while (true) {
    CASSETTE_ASSIGN_OR_RETURN(const bool more, reader->Next(&batch));
    if (!more) return result;
    for (uint32_t row = 0; row < batch.row_count; ++row) {
      TextRow& values = result.emplace_back(wanted.size());
      for (size_t i = 0; i < wanted.size(); ++i) {
        if (batch.columns[i].is_null(row)) continue;
        batch.columns[i].AppendSerialized(wanted[i]->type, row, &values[i].emplace());
      }
    }
  }
}

// The elements of a serialized set<text>.
std::vector<std::string> ElementsOf(const std::optional<std::string>& set) {
  std::vector<std::string> elements;
  if (!set) return elements;
  std::string_view rest = *set;
  const auto take = [&](size_t count) {
    const std::string_view front = rest.substr(0, count);
    rest.remove_prefix(front.size());
    return front;
  };
  if (rest.size() < 4) return elements;
  const uint32_t count = codec::LoadBig<uint32_t>(take(4).data());
  while (elements.size() < count && rest.size() >= 4) {
    elements.emplace_back(take(codec::LoadBig<uint32_t>(take(4).data())));
  }
  return elements;
}

bool IsTrue(const std::optional<std::string>& value) { return value && !value->empty() && (*value)[0] != '\0'; }

}  // namespace

Role DefaultSuperuser() {
  Role role;
  role.is_superuser = true;
  role.can_login = true;
  role.salted_hash = kDefaultPasswordHash;
  return role;
}

std::set<std::string> AuthState::RolesOf(const std::string& role, bool recursive) const {
  std::set<std::string> found;
  std::vector<std::string> open = {role};
  while (!open.empty()) {
    const std::string next = std::move(open.back());
    open.pop_back();
    const auto entry = roles.find(next);
    if (entry == roles.end() || !found.insert(next).second) continue;
    if (recursive || next == role)
      open.insert(open.end(), entry->second.member_of.begin(), entry->second.member_of.end());
  }
  return found;
}

void AuthState::Finish() {
  for (const auto& [name, role] : roles) {
    Effective& effective = effective_[name];
    for (const std::string& granted_role : RolesOf(name, true)) {
      effective.is_superuser |= roles.at(granted_role).is_superuser;
      const auto by_resource = permissions.find(granted_role);
      if (by_resource != permissions.end()) effective.permissions.push_back(&by_resource->second);
    }
  }
}

bool AuthState::IsSuperuser(const std::string& role) const {
  const auto effective = effective_.find(role);
  return effective != effective_.end() && effective->second.is_superuser;
}

PermissionSet AuthState::PermissionsOn(const std::string& role, const Resource& resource) const {
  const auto effective = effective_.find(role);
  if (effective == effective_.end()) return {};
  if (effective->second.is_superuser) return resource.Applicable();
  const std::string path = resource.Path();
  PermissionSet set;
  for (const ByResource* by_resource : effective->second.permissions) {
    const auto found = by_resource->find(path);
    if (found != by_resource->end()) set = set | found->second;
  }
  return set;
}

bool AuthState::May(const std::string& role, Permission permission, const Resource& resource) const {
  // What is granted on all keyspaces is on those of users.
  const bool is_system = resource.TypeName() == "DataResource" && IsSystemKeyspace(resource.keyspace);
  for (std::optional<Resource> part = resource; part; part = part->Parent()) {
    if (is_system && part->kind == Resource::Kind::kAllKeyspaces) return false;
    if (PermissionsOn(role, *part).Contains(permission)) return true;
  }
  return false;
}

void AuthChange::PutRole(const std::string& name, const Role& role) {
  PartitionWriter writer(*schema_, kAuthKeyspace, "roles", name, timestamp_micros_);
  writer.BeginRow({});
  writer.Set("can_login", BooleanValue(role.can_login));
  writer.Set("is_superuser", BooleanValue(role.is_superuser));
  if (role.member_of.empty()) {
    writer.SetNull("member_of");  // A set without elements is none, as where they are cells.
  } else {
    writer.Set("member_of", TextSetValue({role.member_of.begin(), role.member_of.end()}));
  }
  if (!role.salted_hash.empty()) writer.Set("salted_hash", role.salted_hash);
  mutations_.push_back(writer.Finish());
}

void AuthChange::DeleteRole(const std::string& name) {
  PartitionWriter writer(*schema_, kAuthKeyspace, "roles", name, timestamp_micros_);
  writer.DeletePartition();
  mutations_.push_back(writer.Finish());
}

void AuthChange::PutMember(const std::string& role, const std::string& member) {
  PartitionWriter writer(*schema_, kAuthKeyspace, "role_members", role, timestamp_micros_);
  writer.BeginRow({member});
  mutations_.push_back(writer.Finish());
}

void AuthChange::DeleteMember(const std::string& role, const std::string& member) {
  PartitionWriter writer(*schema_, kAuthKeyspace, "role_members", role, timestamp_micros_);
  writer.DeleteRow({member});
  mutations_.push_back(writer.Finish());
}

void AuthChange::DeleteMembers(const std::string& role) {
  PartitionWriter writer(*schema_, kAuthKeyspace, "role_members", role, timestamp_micros_);
  writer.DeletePartition();
  mutations_.push_back(writer.Finish());
}

void AuthChange::PutPermissions(const std::string& role, const std::string& path, PermissionSet permissions) {
  PartitionWriter writer(*schema_, kAuthKeyspace, "role_permissions", role, timestamp_micros_);
  if (permissions.empty()) {
    writer.DeleteRow({path});
  } else {
    std::vector<std::string> names;
    for (const Permission permission : permissions.members()) names.emplace_back(PermissionName(permission));
    std::sort(names.begin(), names.end());
    writer.BeginRow({path});
    writer.Set("permissions", TextSetValue(names));
  }
  mutations_.push_back(writer.Finish());
}

void AuthChange::PutIndex(const std::string& path, const std::string& role) {
  PartitionWriter writer(*schema_, kAuthKeyspace, "resource_role_permissons_index", path, timestamp_micros_);
  writer.BeginRow({role});
  mutations_.push_back(writer.Finish());
}

void AuthChange::DeleteIndex(const std::string& path, const std::string& role) {
  PartitionWriter writer(*schema_, kAuthKeyspace, "resource_role_permissons_index", path, timestamp_micros_);
  writer.DeleteRow({role});
  mutations_.push_back(writer.Finish());
}

void AuthChange::PutCidrGroups(const std::string& role) {
  PartitionWriter writer(*schema_, kAuthKeyspace, "cidr_permissions", role, timestamp_micros_);
  writer.BeginRow({});
  writer.Set("cidr_groups", TextSetValue({}));
  mutations_.push_back(writer.Finish());
}

void AuthChange::DeleteAccess(const std::string& role) {
  for (const std::string_view table : {"network_permissions", "cidr_permissions"}) {
    PartitionWriter writer(*schema_, kAuthKeyspace, table, role, timestamp_micros_);
    writer.DeletePartition();
    mutations_.push_back(writer.Finish());
  }
}

void AuthChange::PutIdentity(const std::string& identity, const std::string& role) {
  PartitionWriter writer(*schema_, kAuthKeyspace, "identity_to_role", identity, timestamp_micros_);
  writer.BeginRow({});
  writer.Set("role", role);
  mutations_.push_back(writer.Finish());
}

void AuthChange::DeleteIdentity(const std::string& identity) {
  PartitionWriter writer(*schema_, kAuthKeyspace, "identity_to_role", identity, timestamp_micros_);
  writer.DeletePartition();
  mutations_.push_back(writer.Finish());
}

base::Result<AuthStatePtr> RoleStore::Load() {
  auto state = std::make_shared<AuthState>();
  const int64_t now = clock_.NowSeconds();
  CASSETTE_ASSIGN_OR_RETURN(
      const std::vector<TextRow> roles,
      ReadRows(engine_, now, "roles", {"role", "is_superuser", "can_login", "salted_hash", "member_of"}));
  for (const TextRow& row : roles) {
    Role& role = state->roles[*row[0]];
    role.is_superuser = IsTrue(row[1]);
    role.can_login = IsTrue(row[2]);
    role.salted_hash = row[3].value_or("");
    for (std::string& parent : ElementsOf(row[4])) role.member_of.insert(std::move(parent));
  }
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<TextRow> permissions,
                            ReadRows(engine_, now, "role_permissions", {"role", "resource", "permissions"}));
  for (const TextRow& row : permissions) {
    const PermissionSet set = PermissionSet::OfNames(ElementsOf(row[2]));
    if (!set.empty()) state->permissions[*row[0]][*row[1]] = set;
  }
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<TextRow> index,
                            ReadRows(engine_, now, "resource_role_permissons_index", {"resource", "role"}));
  for (const TextRow& row : index) state->granted[*row[0]].insert(*row[1]);
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<TextRow> identities,
                            ReadRows(engine_, now, "identity_to_role", {"identity", "role"}));
  for (const TextRow& row : identities) state->identities[*row[0]] = row[1].value_or("");
  state->is_default = state->roles.empty();
  if (state->is_default) state->roles.emplace(kDefaultSuperuser, DefaultSuperuser());
  state->Finish();
  return AuthStatePtr(std::move(state));
}

base::Result<AuthStatePtr> RoleStore::Recent() {
  const int64_t now = clock_.NowMicros();
  uint64_t version;
  {
    base::MutexLock lock(mutex_);
    if (recent_ != nullptr && now >= loaded_at_micros_ && now - loaded_at_micros_ < kValidityMicros) return recent_;
    version = version_;
  }
  CASSETTE_ASSIGN_OR_RETURN(AuthStatePtr state, Load());
  base::MutexLock lock(mutex_);
  if (version == version_) {  // Else it may lack what was written meanwhile.
    recent_ = state;
    loaded_at_micros_ = now;
  }
  return state;
}

AuthChange RoleStore::NewChange() {
  base::MutexLock lock(mutex_);
  // Two apart: a deletion at one less must be later than the change before.
  last_timestamp_micros_ = std::max(clock_.NowMicros(), last_timestamp_micros_ + 2);
  return AuthChange(engine_.schema(), last_timestamp_micros_);
}

base::Status RoleStore::Apply(const AuthChange& change) {
  std::vector<std::string_view> views(change.mutations().begin(), change.mutations().end());
  if (views.empty()) return base::Status::Ok();
  CASSETTE_ASSIGN_OR_RETURN(const storage::engine::CommitPosition position, engine_.Apply(views));
  {
    base::MutexLock lock(mutex_);
    ++version_;
    recent_ = nullptr;
  }
  return engine_.WaitDurable(position);
}

}  // namespace cassette::catalog
