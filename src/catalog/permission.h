// Permissions and what they are on, as Cassandra has them (org.apache.cassandra.auth.Permission, IResource and its
// kinds).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cassette::catalog {

// In Cassandra's order, in which LIST PERMISSIONS shows them.
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
inline constexpr size_t kPermissionCount = 10;

// "CREATE" and so on, as system_auth.role_permissions has it.
std::string_view PermissionName(Permission permission);

// Value type.
class PermissionSet {
 public:
  constexpr PermissionSet() = default;
  static constexpr PermissionSet All() { return PermissionSet((1u << kPermissionCount) - 1); }
  static constexpr PermissionSet Of(std::initializer_list<Permission> permissions) {
    PermissionSet set;
    for (const Permission permission : permissions) set.Add(permission);
    return set;
  }
  // Names that mean nothing are left out.
  static PermissionSet OfNames(const std::vector<std::string>& names);

  constexpr void Add(Permission permission) { bits_ |= static_cast<uint16_t>(1u << static_cast<unsigned>(permission)); }
  constexpr bool Contains(Permission permission) const {
    return (bits_ >> static_cast<unsigned>(permission) & 1u) != 0;
  }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr PermissionSet operator|(PermissionSet other) const { return PermissionSet(bits_ | other.bits_); }
  constexpr PermissionSet operator&(PermissionSet other) const { return PermissionSet(bits_ & other.bits_); }
  constexpr PermissionSet Without(PermissionSet other) const { return PermissionSet(bits_ & ~unsigned{other.bits_}); }
  constexpr bool operator==(const PermissionSet&) const = default;
  // In the order of the enumeration.
  std::vector<Permission> members() const;

 private:
  explicit constexpr PermissionSet(unsigned bits) : bits_(static_cast<uint16_t>(bits)) {}

  uint16_t bits_ = 0;
};

// What a permission is on. Value type.
struct Resource {
  enum class Kind : uint8_t {
    kAllKeyspaces,
    kKeyspace,
    kAllTables,  // Of a keyspace.
    kTable,
    kAllRoles,
    kRole,  // `name`
    kAllFunctions,
    kKeyspaceFunctions,
    kAllMBeans,
    kMBean,  // `name`, maybe a pattern
  };
  Kind kind = Kind::kAllKeyspaces;
  std::string keyspace;
  std::string name;  // Of the table, role or MBean.

  static Resource AllKeyspaces() { return {Kind::kAllKeyspaces, {}, {}}; }
  static Resource Keyspace(std::string keyspace) { return {Kind::kKeyspace, std::move(keyspace), {}}; }
  static Resource AllTables(std::string keyspace) { return {Kind::kAllTables, std::move(keyspace), {}}; }
  static Resource Table(std::string keyspace, std::string table) {
    return {Kind::kTable, std::move(keyspace), std::move(table)};
  }
  static Resource AllRoles() { return {Kind::kAllRoles, {}, {}}; }
  static Resource Role(std::string role) { return {Kind::kRole, {}, std::move(role)}; }
  static Resource KeyspaceFunctions(std::string keyspace) {
    return {Kind::kKeyspaceFunctions, std::move(keyspace), {}};
  }

  auto operator<=>(const Resource&) const = default;

  // "data/ks/t": how system_auth names it. And back; nullopt for what names nothing.
  std::string Path() const;
  static std::optional<Resource> OfPath(std::string_view path);
  // "<table ks.t>"
  std::string ToString() const;
  // "DataResource" and so on.
  std::string_view TypeName() const;
  // What it is a part of: who may on that may on this. Nullopt for the roots.
  std::optional<Resource> Parent() const;
  // The permissions that there are on it.
  PermissionSet Applicable() const;
};

}  // namespace cassette::catalog
