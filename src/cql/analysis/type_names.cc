#include "cql/analysis/type_names.h"

#include <fmt/format.h>

namespace cassette::cql::analysis {
namespace {

using parser::TypeName;
using types::DataType;
using types::TypeKind;

constexpr int32_t kVectorDimensionMax = 8192;

// Where user types are looked up.
struct Scope {
  const schema::Schema& schema;
  std::string_view keyspace;
};

base::Result<DataType> Resolve(const TypeName& name, bool frozen, const Scope& scope);

base::Result<DataType> ResolveParameter(const TypeName& name, size_t index, bool frozen, const Scope& scope) {
  CASSETTE_ASSIGN_OR_RETURN(DataType type, Resolve(name.parameters[index], frozen, scope));
  if (type.kind() == TypeKind::kCounter) {
    return base::InvalidArgument(fmt::format("Counters are not allowed inside collections: {}", ToString(name)));
  }
  // A collection within a collection must say that it is frozen, since its cells have no path of their own.
  if (!frozen && type.is_multi_cell()) {
    return base::InvalidArgument(fmt::format("Non-frozen {} are not allowed inside collections: {}",
                                             type.is_collection() ? "collections" : "UDTs", ToString(name)));
  }
  return type;
}

base::Result<DataType> ResolveTuple(const TypeName& name, const Scope& scope) {
  if (name.parameters.size() > types::kMaxTypeFields) {
    return base::InvalidArgument(
        fmt::format("A tuple has at most {} elements, this one {}", types::kMaxTypeFields, name.parameters.size()));
  }
  std::vector<DataType> elements;
  for (size_t i = 0; i < name.parameters.size(); ++i) {
    CASSETTE_ASSIGN_OR_RETURN(DataType element, Resolve(name.parameters[i], true, scope));
    if (element.kind() == TypeKind::kCounter) return base::InvalidArgument("Counters are not allowed inside tuples");
    elements.push_back(std::move(element));
  }
  return DataType::Tuple(std::move(elements));
}

base::Result<DataType> ResolveCollection(const TypeName& name, bool frozen, const Scope& scope) {
  CASSETTE_ASSIGN_OR_RETURN(DataType first, ResolveParameter(name, 0, frozen, scope));
  if (name.kind == TypeName::Kind::kList) return DataType::List(std::move(first), frozen);
  if (name.kind == TypeName::Kind::kSet) {
    if (first.kind() == TypeKind::kDuration) {
      return base::InvalidArgument(fmt::format("Durations are not allowed inside sets: {}", ToString(name)));
    }
    return DataType::Set(std::move(first), frozen);
  }
  CASSETTE_ASSIGN_OR_RETURN(DataType value, ResolveParameter(name, 1, frozen, scope));
  if (first.kind() == TypeKind::kDuration) {
    return base::InvalidArgument(fmt::format("Durations are not allowed as map keys: {}", ToString(name)));
  }
  return DataType::Map(std::move(first), std::move(value), frozen);
}

base::Result<DataType> ResolveVector(const TypeName& name, const Scope& scope) {
  CASSETTE_ASSIGN_OR_RETURN(DataType element, Resolve(name.parameters[0], true, scope));
  if (name.dimension < 1) {
    return base::InvalidArgument(fmt::format("vectors may only have positive dimensions; given {}", name.dimension));
  }
  if (name.dimension > kVectorDimensionMax) {
    return base::InvalidArgument(
        fmt::format("vectors may have at most {} dimensions; given {}", kVectorDimensionMax, name.dimension));
  }
  return DataType::Vector(std::move(element), static_cast<uint32_t>(name.dimension));
}

base::Result<DataType> ResolveUserType(const TypeName& name, bool frozen, const Scope& scope) {
  if (name.keyspace && name.keyspace->name != scope.keyspace) {
    return base::InvalidArgument(
        fmt::format("Statement on keyspace {} cannot refer to a user type in keyspace {}; user types can only be used "
                    "in the keyspace they are defined in",
                    scope.keyspace, name.keyspace->name));
  }
  const schema::KeyspacePtr keyspace = scope.schema.FindKeyspace(scope.keyspace);
  const DataType* type = nullptr;
  if (keyspace != nullptr) {
    const auto found = keyspace->types.find(name.name);
    if (found != keyspace->types.end()) type = &found->second;
  }
  if (type == nullptr) return base::InvalidArgument(fmt::format("Unknown type {}.{}", scope.keyspace, name.name));
  return frozen ? type->Freeze() : *type;
}

base::Result<DataType> Resolve(const TypeName& name, bool frozen, const Scope& scope) {
  switch (name.kind) {
    case TypeName::Kind::kNative:
      return types::ScalarTypeByName(name.name);
    case TypeName::Kind::kList:
    case TypeName::Kind::kSet:
    case TypeName::Kind::kMap:
      return ResolveCollection(name, frozen, scope);
    case TypeName::Kind::kTuple:
      return ResolveTuple(name, scope);
    case TypeName::Kind::kVector:
      return ResolveVector(name, scope);
    case TypeName::Kind::kFrozen: {
      const TypeName& inner = name.parameters[0];
      if (inner.kind == TypeName::Kind::kNative) {
        return base::InvalidArgument("frozen<> is only allowed on collections, tuples, and user-defined types (got " +
                                     inner.name + ")");
      }
      return Resolve(inner, true, scope);
    }
    case TypeName::Kind::kUser:
      return ResolveUserType(name, frozen, scope);
    case TypeName::Kind::kCustom:
      break;
  }
  return base::Unsupported(fmt::format("Custom types are not supported (docs/cql/differences.md): '{}'", name.name));
}

}  // namespace

base::Result<DataType> ResolveType(const TypeName& name, const schema::Schema& schema, std::string_view keyspace) {
  CASSETTE_ASSIGN_OR_RETURN(DataType type, Resolve(name, false, {schema, keyspace}));
  if (type.depth() <= types::kMaxTypeDepth) return type;
  return base::InvalidArgument(fmt::format("Types may be nested at most {} deep", types::kMaxTypeDepth));
}

}  // namespace cassette::cql::analysis
