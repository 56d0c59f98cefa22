#include "cql/exec/authorize.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cassette::cql::exec {
namespace {

using catalog::Permission;
using catalog::Resource;

// What drivers read before anything else: open to all.
bool IsReadableByAll(const schema::Table& table) {
  if (table.keyspace == "system_schema" || table.keyspace == "system_virtual_schema") return true;
  constexpr std::array<std::string_view, 3> kOpen = {"local", "peers", "peers_v2"};
  return table.keyspace == "system" && std::find(kOpen.begin(), kOpen.end(), table.name) != kOpen.end();
}

class Visitor {
 public:
  Visitor(const std::string& role, catalog::Catalog& catalog) : role_(role), catalog_(catalog) {}

  base::Status operator()(const analysis::SelectPlan& plan) {
    return IsReadableByAll(*plan.table) ? base::Status::Ok() : Need(Permission::kSelect, TableOf(*plan.table));
  }
  base::Status operator()(const analysis::ExplainPlan& plan) { return (*this)(plan.select); }
  base::Status operator()(const analysis::ModificationPlan& plan) {
    CASSETTE_RETURN_IF_ERROR(Need(Permission::kModify, TableOf(*plan.table)));
    // Conditions tell what is there.
    return plan.conditions == nullptr ? base::Status::Ok() : Need(Permission::kSelect, TableOf(*plan.table));
  }
  base::Status operator()(const analysis::BatchPlan& plan) {
    for (const analysis::ModificationPlan& statement : plan.statements) CASSETTE_RETURN_IF_ERROR((*this)(statement));
    return base::Status::Ok();
  }
  base::Status operator()(const analysis::TruncatePlan& plan) {
    return Need(Permission::kModify, TableOf(*plan.table));
  }
  base::Status operator()(const analysis::UsePlan&) { return base::Status::Ok(); }
  base::Status operator()(const analysis::RolePlan&) { return base::Status::Ok(); }
  base::Status operator()(const analysis::SchemaPlan& plan) { return std::visit(*this, plan.change); }

  base::Status operator()(const catalog::CreateKeyspace&) {
    return Need(Permission::kCreate, Resource::AllKeyspaces());
  }
  base::Status operator()(const catalog::AlterKeyspace& change) {
    return Need(Permission::kAlter, Resource::Keyspace(change.keyspace));
  }
  base::Status operator()(const catalog::DropKeyspace& change) {
    return Need(Permission::kDrop, Resource::Keyspace(change.keyspace));
  }
  base::Status operator()(const catalog::CreateTable& change) {
    return Need(Permission::kCreate, Resource::AllTables(change.keyspace));
  }
  base::Status operator()(const catalog::AlterTable& change) {
    return Need(Permission::kAlter, Resource::Table(change.keyspace, change.table));
  }
  base::Status operator()(const catalog::DropTable& change) {
    return Need(Permission::kDrop, Resource::Table(change.keyspace, change.table));
  }
  base::Status operator()(const catalog::DropIndex& change) {
    const schema::SchemaPtr schema = catalog_.schema();
    const schema::KeyspacePtr keyspace = schema->FindKeyspace(change.keyspace);
    if (keyspace == nullptr) return base::Status::Ok();
    for (const auto& [name, table] : keyspace->tables) {
      if (table->FindIndex(change.index) != nullptr) return Need(Permission::kAlter, TableOf(*table));
    }
    return base::Status::Ok();
  }
  base::Status operator()(const catalog::AlterView& change) { return NeedForView(change.keyspace, change.view); }
  base::Status operator()(const catalog::DropView& change) { return NeedForView(change.keyspace, change.view); }
  // Everything else. What belongs to a table (an index, a view) is a change of it, what belongs to a keyspace alone (a
  // type) is asked for as a table is, and what is neither is for nobody who logged in; DESCRIBE is for all.
  template <typename Other>
  base::Status operator()(const Other& other) {
    if constexpr (requires { other.table; }) {
      return Need(Permission::kAlter, Resource::Table(other.keyspace, other.table));
    } else if constexpr (requires { other.keyspace; }) {
      return Need(PermissionFor<Other>(), Resource::AllTables(other.keyspace));
    } else if constexpr (requires { other.request; }) {
      return base::Status::Ok();
    } else {
      return base::Unauthorized("This statement is for sessions in which nobody logged in");
    }
  }

 private:
  template <typename Change>
  static constexpr Permission PermissionFor() {
    if constexpr (requires(Change change) { change.fields; }) {
      return Permission::kCreate;
    } else if constexpr (requires(Change change) { change.type; } && !requires(Change change) { change.change; }) {
      return Permission::kDrop;
    } else {
      return Permission::kAlter;
    }
  }

  // A change of a view is one of its table. What is not there is for the statement to say.
  base::Status NeedForView(const std::string& keyspace, const std::string& view) {
    const schema::TablePtr table = catalog_.schema()->FindTable(keyspace, view);
    if (table == nullptr || !table->is_view()) return base::Status::Ok();
    return Need(Permission::kAlter, TableOf(*table));
  }

  // A view has no permissions of its own: those of its table count.
  Resource TableOf(const schema::Table& table) {
    const schema::TablePtr base = table.is_view() ? catalog_.schema()->FindTable(table.base) : nullptr;
    return Resource::Table(table.keyspace, base == nullptr ? table.name : base->name);
  }
  base::Status Need(Permission permission, const Resource& resource) {
    return catalog_.roles().Check(role_, permission, resource);
  }

  const std::string& role_;
  catalog::Catalog& catalog_;
};

}  // namespace

base::Status Authorize(const analysis::Plan& plan, const std::string& role, catalog::Catalog& catalog) {
  return std::visit(Visitor(role, catalog), plan.node);
}

base::Status Authorize(const analysis::ModificationPlan& plan, const std::string& role, catalog::Catalog& catalog) {
  return Visitor(role, catalog)(plan);
}

}  // namespace cassette::cql::exec
