#include "cql/analysis/type_names.h"

#include <fmt/format.h>

namespace cassette::cql::analysis {
namespace {

using parser::TypeName;
using types::DataType;
using types::TypeKind;

constexpr int32_t kVectorDimensionMax = 8192;

base::Result<DataType> Resolve(const TypeName& name, bool frozen);

base::Result<DataType> ResolveParameter(const TypeName& name, size_t index, bool frozen) {
  CASSETTE_ASSIGN_OR_RETURN(DataType type, Resolve(name.parameters[index], frozen));
  if (type.kind() == TypeKind::kCounter) {
    return base::InvalidArgument(fmt::format("Counters are not allowed inside collections: {}", ToString(name)));
  }
  // A collection within a collection must say that it is frozen, since its cells have no path of their own.
  if (!frozen && type.is_multi_cell()) {
    return base::InvalidArgument(
        fmt::format("Non-frozen collections are not allowed inside collections: {}", ToString(name)));
  }
  return type;
}

base::Result<DataType> ResolveTuple(const TypeName& name) {
  std::vector<DataType> elements;
  for (size_t i = 0; i < name.parameters.size(); ++i) {
    CASSETTE_ASSIGN_OR_RETURN(DataType element, Resolve(name.parameters[i], true));
    if (element.kind() == TypeKind::kCounter) return base::InvalidArgument("Counters are not allowed inside tuples");
    elements.push_back(std::move(element));
  }
  return DataType::Tuple(std::move(elements));
}

base::Result<DataType> ResolveMap(const TypeName& name, bool frozen) {
  CASSETTE_ASSIGN_OR_RETURN(DataType key, ResolveParameter(name, 0, frozen));
  CASSETTE_ASSIGN_OR_RETURN(DataType value, ResolveParameter(name, 1, frozen));
  if (key.kind() == TypeKind::kDuration) {
    return base::InvalidArgument(fmt::format("Durations are not allowed as map keys: {}", ToString(name)));
  }
  return DataType::Map(std::move(key), std::move(value), frozen);
}

base::Result<DataType> ResolveVector(const TypeName& name) {
  CASSETTE_ASSIGN_OR_RETURN(DataType element, Resolve(name.parameters[0], true));
  if (name.dimension < 1) {
    return base::InvalidArgument(fmt::format("vectors may only have positive dimensions; given {}", name.dimension));
  }
  if (name.dimension > kVectorDimensionMax) {
    return base::InvalidArgument(
        fmt::format("vectors may have at most {} dimensions; given {}", kVectorDimensionMax, name.dimension));
  }
  return DataType::Vector(std::move(element), static_cast<uint32_t>(name.dimension));
}

base::Result<DataType> Resolve(const TypeName& name, bool frozen) {
  switch (name.kind) {
    case TypeName::Kind::kNative:
      return types::ScalarTypeByName(name.name);
    case TypeName::Kind::kList: {
      CASSETTE_ASSIGN_OR_RETURN(DataType element, ResolveParameter(name, 0, frozen));
      return DataType::List(std::move(element), frozen);
    }
    case TypeName::Kind::kSet: {
      CASSETTE_ASSIGN_OR_RETURN(DataType element, ResolveParameter(name, 0, frozen));
      if (element.kind() == TypeKind::kDuration) {
        return base::InvalidArgument(fmt::format("Durations are not allowed inside sets: {}", ToString(name)));
      }
      return DataType::Set(std::move(element), frozen);
    }
    case TypeName::Kind::kMap:
      return ResolveMap(name, frozen);
    case TypeName::Kind::kTuple:
      return ResolveTuple(name);
    case TypeName::Kind::kVector:
      return ResolveVector(name);
    case TypeName::Kind::kFrozen: {
      const TypeName& inner = name.parameters[0];
      if (inner.kind == TypeName::Kind::kNative) {
        return base::InvalidArgument("frozen<> is only allowed on collections, tuples, and user-defined types (got " +
                                     inner.name + ")");
      }
      return Resolve(inner, true);
    }
    case TypeName::Kind::kUser:
      if (name.keyspace) {
        return base::Unsupported(
            fmt::format("User-defined types are not supported yet (docs/cql/differences.md): {}", ToString(name)));
      }
      return base::InvalidArgument(fmt::format(
          "Unknown type {}; native types are spelled as in CQL, and user-defined types are not supported yet "
          "(docs/cql/differences.md)",
          name.name));
    case TypeName::Kind::kCustom:
      break;
  }
  return base::Unsupported(fmt::format("Custom types are not supported (docs/cql/differences.md): '{}'", name.name));
}

}  // namespace

base::Result<DataType> ResolveType(const TypeName& name) { return Resolve(name, false); }

}  // namespace cassette::cql::analysis
