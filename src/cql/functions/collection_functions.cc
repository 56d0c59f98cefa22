// map_keys, map_values and collection_count, _min, _max, _sum and _avg (org.apache.cassandra.cql3.functions
// .CollectionFcts), made for the type of their argument.
#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "cql/functions/native_function.h"
#include "cql/functions/registry.h"
#include "types/composite.h"

namespace cassette::cql::functions {
namespace {

using Items = std::vector<ValueView>;

enum class Takes : uint8_t { kMap, kCollection, kList, kNumbers };

struct Shape {
  std::string_view name;
  Takes takes;
  std::string_view signature;
  std::string_view wanted;
};
constexpr Shape kShapes[] = {
    {"map_keys", Takes::kMap, "map", "a map"},
    {"map_values", Takes::kMap, "map", "a map"},
    {"collection_count", Takes::kCollection, "collection", "a collection"},
    {"collection_min", Takes::kList, "list or set", "a set or list"},
    {"collection_max", Takes::kList, "list or set", "a set or list"},
    {"collection_sum", Takes::kNumbers, "numeric list or set", "a numeric set/list"},
    {"collection_avg", Takes::kNumbers, "numeric list or set", "a numeric set/list"},
};

const Shape* FindShape(std::string_view name) {
  for (const Shape& shape : kShapes) {
    if (shape.name == name) return &shape;
  }
  return nullptr;
}

bool IsNumeric(const DataType& type) {
  const auto kinds = NumericKinds();
  return std::find(kinds.begin(), kinds.end(), type.kind()) != kinds.end();
}

bool Accepts(Takes takes, const DataType& type) {
  const bool is_list_or_set = type.kind() == TypeKind::kList || type.kind() == TypeKind::kSet;
  switch (takes) {
    case Takes::kMap:
      return type.kind() == TypeKind::kMap;
    case Takes::kCollection:
      return type.is_collection();
    case Takes::kList:
      return is_list_or_set;
    case Takes::kNumbers:
      return is_list_or_set && IsNumeric(type.element(0));
  }
  return false;
}

// A function of the items of its one argument.
template <typename Body>
FunctionPtr Make(std::string_view name, const DataType& type, const DataType& result, Body body) {
  const ScalarBody scalar = [type, body](std::span<const ValueView> arguments, const EvalContext&,
                                         std::string* out) -> base::Result<bool> {
    Items items;
    CASSETTE_RETURN_IF_ERROR(types::SplitComposite(type, arguments[0].bytes, &items));
    return body(items, out);
  };
  return std::make_shared<NativeScalarFunction>(std::string(name), std::vector<DataType>{type}, result, scalar,
                                                NativeScalarFunction::Traits{NullRule::kNullOrEmpty, true, nullptr});
}

// Keys (first 0) or values (first 1) of a map.
FunctionPtr MapPart(const Shape& shape, const DataType& type, size_t first) {
  const DataType result = first == 0 ? DataType::Set(type.element(0), true) : DataType::List(type.element(1), true);
  return Make(shape.name, type, result, [result, first](const Items& items, std::string* out) -> base::Result<bool> {
    Items part;
    for (size_t i = first; i < items.size(); i += 2) part.push_back(items[i]);
    types::AppendComposite(result, part, out);
    return false;
  });
}

FunctionPtr Count(const Shape& shape, const DataType& type) {
  const size_t stride = type.fields().size();
  return Make(shape.name, type, DataType(TypeKind::kInt),
              [stride](const Items& items, std::string* out) -> base::Result<bool> {
                types::AppendFromInt64(TypeKind::kInt, static_cast<int64_t>(items.size() / stride), out);
                return false;
              });
}

FunctionPtr Extreme(const Shape& shape, const DataType& type, bool is_max) {
  const DataType element = type.element(0);
  return Make(shape.name, type, element, [element, is_max](const Items& items, std::string* out) -> base::Result<bool> {
    if (items.empty()) return true;
    const ValueView* best = &items[0];
    for (const ValueView& item : items) {
      const int order = types::Compare(element, item.bytes, best->bytes);
      if (is_max ? order > 0 : order < 0) best = &item;
    }
    out->assign(best->bytes);
    return false;
  });
}

// By the aggregate of the same name over the elements, which here have no place for an overflow of their own either.
FunctionPtr Fold(const Shape& shape, const DataType& type, std::shared_ptr<const AggregateFunction> aggregate) {
  return Make(shape.name, type, aggregate->return_type(),
              [aggregate](const Items& items, std::string* out) -> base::Result<bool> {
                const std::unique_ptr<AggregateState> state = aggregate->NewState();
                for (const ValueView& item : items) CASSETTE_RETURN_IF_ERROR(state->Add({&item, 1}));
                return state->Finish(out);
              });
}

base::Result<FunctionPtr> MakeFunction(const Shape& shape, const DataType& type, const FunctionRegistry& registry) {
  if (shape.name == "map_keys") return MapPart(shape, type, 0);
  if (shape.name == "map_values") return MapPart(shape, type, 1);
  if (shape.name == "collection_count") return Count(shape, type);
  if (shape.takes == Takes::kList) return Extreme(shape, type, shape.name == "collection_max");
  const Argument element = Argument::Typed(type.element(0), "");
  CASSETTE_ASSIGN_OR_RETURN(const FunctionPtr aggregate,
                            registry.Resolve(shape.name == "collection_sum" ? "sum" : "avg", {&element, 1}, nullptr));
  CASSETTE_ASSERT(aggregate->as_aggregate() != nullptr);
  return Fold(shape, type, {aggregate, aggregate->as_aggregate()});
}

}  // namespace

bool IsCollectionFunction(std::string_view name) { return FindShape(name) != nullptr; }

base::Result<FunctionPtr> ResolveCollectionFunction(std::string_view name, std::span<const Argument> arguments,
                                                    const FunctionRegistry& registry) {
  const Shape* shape = FindShape(name);
  CASSETTE_ASSERT(shape != nullptr);
  if (arguments.size() != 1) {
    return base::InvalidArgument(
        fmt::format("Invalid number of arguments for function system.{}({})", name, shape->signature));
  }
  const std::optional<DataType> type = PreferredType(arguments[0]);
  if (!type) {
    return base::InvalidArgument(fmt::format(
        "Cannot infer type of argument {} in call to function system.{}({}): use type casts to disambiguate",
        arguments[0].text, name, shape->signature));
  }
  if (!Accepts(shape->takes, *type)) {
    return base::InvalidArgument(
        fmt::format("Function system.{} requires {} argument, but found argument {} of type {}", name, shape->wanted,
                    arguments[0].text, type->ToString()));
  }
  return MakeFunction(*shape, *type, registry);
}

}  // namespace cassette::cql::functions
