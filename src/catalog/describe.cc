#include "catalog/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "catalog/schema_change.h"
#include "catalog/schema_text.h"
#include "types/identifier.h"

namespace cassette::catalog {
namespace {

using Kind = DescribeRequest::Kind;
using types::MaybeQuote;

// As String.CASE_INSENSITIVE_ORDER.
bool ComesFirst(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) < std::tolower(y);
  });
}

template <typename Pointer>
std::vector<Pointer> InOrderOfNames(std::vector<Pointer> values) {
  std::stable_sort(values.begin(), values.end(),
                   [](const auto& a, const auto& b) { return ComesFirst(a->name, b->name); });
  return values;
}

template <typename Map>
std::vector<typename Map::mapped_type> InOrder(const Map& map) {
  std::vector<typename Map::mapped_type> values;
  for (const auto& [name, value] : map) values.push_back(value);
  return InOrderOfNames(std::move(values));
}

class Describer {
 public:
  Describer(const schema::Schema& schema, const DescribeRequest& request) : schema_(schema), request_(request) {}

  base::Result<std::vector<SchemaElement>> Run() {
    CASSETTE_RETURN_IF_ERROR(Add());
    return std::move(elements_);
  }

 private:
  base::Status Add() {
    switch (request_.kind) {
      case Kind::kSchema:
        for (const schema::KeyspacePtr& keyspace : InOrder(schema_.keyspaces)) {
          if (request_.full || !IsSystemKeyspace(keyspace->name)) AddWhole(*keyspace);
        }
        return base::Status::Ok();
      case Kind::kKeyspaces:
        for (const schema::KeyspacePtr& keyspace : InOrder(schema_.keyspaces)) AddKeyspace(*keyspace);
        return base::Status::Ok();
      case Kind::kTables:
      case Kind::kTypes:
      case Kind::kFunctions:
      case Kind::kAggregates:
        return AddLists();
      case Kind::kKeyspace:
        return AddNamedKeyspace();
      case Kind::kGeneric:
        return AddGeneric();
      default:
        return AddNamed();
    }
  }

  // Of the keyspace in use, or of all.
  base::Status AddLists() {
    if (!request_.used.empty()) {
      CASSETTE_ASSIGN_OR_RETURN(const schema::KeyspacePtr keyspace, FindKeyspace(request_.used));
      AddList(*keyspace);
      return base::Status::Ok();
    }
    for (const schema::KeyspacePtr& keyspace : InOrder(schema_.keyspaces)) AddList(*keyspace);
    return base::Status::Ok();
  }
  void AddList(const schema::Keyspace& keyspace) {
    if (request_.kind == Kind::kTypes) {
      std::vector<std::string> names;
      for (const auto& [name, type] : keyspace.types) names.push_back(name);
      std::stable_sort(names.begin(), names.end(), ComesFirst);
      for (const std::string& name : names) AddElement(keyspace.name, "type", name, std::string());
    }
    if (request_.kind != Kind::kTables) return;  // There are no user functions.
    AddTables(keyspace);
  }

  base::Status AddNamedKeyspace() {
    const std::string& name = request_.name.empty() ? request_.used : request_.name;
    if (name.empty()) return base::InvalidArgument("No keyspace specified and no current keyspace");
    CASSETTE_ASSIGN_OR_RETURN(const schema::KeyspacePtr keyspace, FindKeyspace(name));
    if (request_.only) {
      AddKeyspace(*keyspace);
    } else {
      AddWhole(*keyspace);
    }
    return base::Status::Ok();
  }

  base::Status AddNamed() {
    const std::string& name = request_.keyspace.empty() ? request_.used : request_.keyspace;
    if (name.empty()) return base::InvalidArgument("No keyspace specified and no current keyspace");
    CASSETTE_ASSIGN_OR_RETURN(const schema::KeyspacePtr keyspace, FindKeyspace(name));
    const bool is_found = request_.kind == Kind::kType    ? AddType(*keyspace)
                          : request_.kind == Kind::kTable ? AddTableNamed(*keyspace)
                          : request_.kind == Kind::kIndex ? AddIndexNamed(*keyspace)
                          : request_.kind == Kind::kView  ? AddViewNamed(*keyspace)
                                                          : false;  // There are no user functions.
    return is_found ? base::Status::Ok() : NotFound(name);
  }

  // False: there is none of the name that is asked for.
  bool AddTableNamed(const schema::Keyspace& keyspace) {
    const auto found = keyspace.tables.find(request_.name);
    if (found == keyspace.tables.end() || found->second->role != schema::TableRole::kUser) return false;
    AddTable(*found->second);
    return true;
  }
  bool AddViewNamed(const schema::Keyspace& keyspace) {
    const auto found = keyspace.tables.find(request_.name);
    if (found == keyspace.tables.end() || !found->second->is_view()) return false;
    AddView(*found->second);
    return true;
  }
  bool AddIndexNamed(const schema::Keyspace& keyspace) {
    for (const auto& [table_name, table] : keyspace.tables) {
      const schema::Index* index = table->FindIndex(request_.name);
      if (index == nullptr) continue;
      AddIndex(*table, *index);
      return true;
    }
    return false;
  }

  bool AddType(const schema::Keyspace& keyspace) {
    const auto found = keyspace.types.find(request_.name);
    if (found == keyspace.types.end()) return false;
    AddElement(keyspace.name, "type", found->first, CreateStatement(found->second));
    return true;
  }

  // Each type behind those that it is made of.
  void AddTypes(const schema::Keyspace& keyspace) {
    std::set<std::string, std::less<>> added;
    while (added.size() < keyspace.types.size()) {
      const size_t before = added.size();
      for (const auto& [name, type] : keyspace.types) {
        if (added.contains(name) || !IsMadeOf(type, added)) continue;
        AddElement(keyspace.name, "type", name, CreateStatement(type));
        added.insert(name);
      }
      CASSETTE_ASSERT(added.size() > before);  // No type is made of itself.
    }
  }
  // Whether all user types in the fields of `type` are among `names`.
  static bool IsMadeOf(const types::DataType& type, const std::set<std::string, std::less<>>& names) {
    return std::all_of(type.fields().begin(), type.fields().end(), [&](const types::DataType::Field& field) {
      const bool is_known = field.type->kind() != types::TypeKind::kUdt || names.contains(field.type->udt_name());
      return is_known && IsMadeOf(*field.type, names);
    });
  }

  // A keyspace, a table, an index or a view, in this order.
  base::Status AddGeneric() {
    std::string name = request_.keyspace;
    if (name.empty()) {
      if (const schema::KeyspacePtr keyspace = schema_.FindKeyspace(request_.name)) {
        AddWhole(*keyspace);
        return base::Status::Ok();
      }
      name = request_.used.empty() ? request_.name : request_.used;
    }
    CASSETTE_ASSIGN_OR_RETURN(const schema::KeyspacePtr keyspace, FindKeyspace(name));
    const bool is_found = AddTableNamed(*keyspace) || AddIndexNamed(*keyspace) || AddViewNamed(*keyspace);
    return is_found ? base::Status::Ok() : NotFound(name);
  }

  base::Result<schema::KeyspacePtr> FindKeyspace(const std::string& name) const {
    schema::KeyspacePtr keyspace = schema_.FindKeyspace(name);
    if (keyspace == nullptr) return base::InvalidArgument(fmt::format("'{}' not found in keyspaces", name));
    return keyspace;
  }

  base::Status NotFound(const std::string& keyspace) const {
    const auto message = [&](std::string_view format) {
      return base::InvalidArgument(fmt::format(fmt::runtime(format), request_.name, keyspace));
    };
    switch (request_.kind) {
      case Kind::kTable:
        return message("Table '{}' not found in keyspace '{}'");
      case Kind::kType:
        return message("User defined type '{}' not found in '{}'");
      case Kind::kFunction:
        return message("User defined function '{}' not found in '{}'");
      case Kind::kAggregate:
        return message("User defined aggregate '{}' not found in '{}'");
      case Kind::kIndex:
        return message("Table for existing index '{}' not found in '{}'");
      case Kind::kView:
        return message("Materialized view '{}' not found in '{}'");
      default:
        return message("'{}' not found in keyspace '{}'");
    }
  }

  // A keyspace with all that it holds, in an order in which the statements run.
  void AddWhole(const schema::Keyspace& keyspace) {
    AddKeyspace(keyspace);
    AddTypes(keyspace);
    AddTables(keyspace);
  }
  void AddKeyspace(const schema::Keyspace& keyspace) {
    AddElement(keyspace.name, "keyspace", keyspace.name, CreateStatement(keyspace));
  }
  void AddTables(const schema::Keyspace& keyspace) {
    for (const schema::TablePtr& table : InOrder(keyspace.tables)) {
      if (table->role == schema::TableRole::kUser) AddTable(*table);
    }
  }
  // With its indexes and views, unless names alone are asked for.
  void AddTable(const schema::Table& table) {
    if (!HasCreateStatements(request_.kind)) return AddElement(table.keyspace, "table", table.name, std::string());
    AddElement(table.keyspace, "table", table.name, CreateStatement(table, request_.with_internals));
    std::vector<const schema::Index*> indexes;
    for (const schema::Index& index : table.indexes) indexes.push_back(&index);
    for (const schema::Index* index : InOrderOfNames(std::move(indexes))) AddIndex(table, *index);
    std::vector<schema::TablePtr> views;
    for (const schema::TableId& id : table.views) views.push_back(schema_.FindTable(id));
    for (const schema::TablePtr& view : InOrderOfNames(std::move(views))) AddView(*view);
  }
  void AddIndex(const schema::Table& table, const schema::Index& index) {
    AddElement(table.keyspace, "index", index.name, CreateIndexStatement(table, index));
  }
  void AddView(const schema::Table& view) {
    const schema::TablePtr base = schema_.FindTable(view.base);
    CASSETTE_ASSERT(base != nullptr);
    AddElement(view.keyspace, "materialized_view", view.name,
               CreateViewStatement(view, base->name, request_.with_internals));
  }
  void AddElement(const std::string& keyspace, std::string type, const std::string& name, std::string statement) {
    elements_.push_back({MaybeQuote(keyspace), std::move(type), MaybeQuote(name), std::move(statement)});
  }

  const schema::Schema& schema_;
  const DescribeRequest& request_;
  std::vector<SchemaElement> elements_;
};

}  // namespace

bool HasCreateStatements(Kind kind) {
  return kind != Kind::kKeyspaces && kind != Kind::kTables && kind != Kind::kTypes && kind != Kind::kFunctions &&
         kind != Kind::kAggregates;
}

base::Result<std::vector<SchemaElement>> Describe(const schema::Schema& schema, const DescribeRequest& request) {
  CASSETTE_ASSERT(request.kind != Kind::kCluster);
  return Describer(schema, request).Run();
}

}  // namespace cassette::catalog
