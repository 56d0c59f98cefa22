#include "cql/functions/registry.h"

#include <fmt/format.h>

#include <map>

#include "base/assert.h"
#include "cql/functions/native_function.h"

namespace cassette::cql::functions {

struct FunctionRegistry::Tables {
  std::map<std::string, FunctionList, std::less<>> by_name;
};

namespace {

constexpr std::string_view kCountRows = "count_rows";

// Functions of Cassandra 5.0 that are not here: docs/cql/differences.md.
constexpr std::string_view kUnsupported[] = {
    "mask_hash",
};

bool IsExtreme(std::string_view name) { return name == "min" || name == "max"; }

bool IsOperator(std::string_view name) {
  for (char symbol : {'+', '-', '*', '/', '%'}) {
    if (name == OperatorFunctionName(symbol)) return true;
  }
  return false;
}

char SymbolOf(std::string_view name) {
  for (char symbol : {'+', '-', '*', '/'}) {
    if (name == OperatorFunctionName(symbol)) return symbol;
  }
  return '%';
}

char SymbolOf(ArithmeticOperator op) { return "+-*/%"[static_cast<size_t>(op)]; }

// As an argument stands in messages.
std::string Quoted(const Argument& argument) {
  return argument.form == Argument::Form::kString ? "'" + argument.text + "'" : argument.text;
}

std::string ListSignatures(const FunctionList& functions) {
  std::string result;
  for (const FunctionPtr& function : functions) {
    if (!result.empty()) result += ", ";
    result += function->ToString();
  }
  return result;
}

Assignability MatchArguments(const Function& function, std::span<const Argument> arguments) {
  if (arguments.size() != function.argument_types().size()) return Assignability::kNotAssignable;
  Assignability result = Assignability::kExactMatch;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Assignability one = TestAssignment(arguments[i], function.argument_types()[i]);
    if (one == Assignability::kNotAssignable) return one;
    if (one == Assignability::kWeaklyAssignable) result = one;
  }
  return result;
}

// Of the only candidate: that it takes these arguments.
base::Status CheckArguments(const Function& function, std::span<const Argument> arguments) {
  const auto& expected = function.argument_types();
  if (arguments.size() != expected.size()) {
    return base::InvalidArgument(
        fmt::format("Invalid number of arguments in call to function system.{}: {} required but {} provided",
                    function.name(), expected.size(), arguments.size()));
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (IsAssignable(arguments[i], expected[i])) continue;
    return base::InvalidArgument(
        fmt::format("Type error: {} cannot be passed as argument {} of function system.{} of type {}",
                    Quoted(arguments[i]), i, function.name(), expected[i].ToString()));
  }
  return base::Status::Ok();
}

base::Status NoneMatches(std::string_view name, std::span<const Argument> arguments, const FunctionList& candidates) {
  if (IsOperator(name)) {
    return base::InvalidArgument(fmt::format("the '{}' operation is not supported between {} and {}", SymbolOf(name),
                                             Quoted(arguments[0]), Quoted(arguments[1])));
  }
  return base::InvalidArgument(
      fmt::format("Invalid call to function {}, none of its type signatures match (known type signatures: {})", name,
                  ListSignatures(candidates)));
}

bool HasMarkers(std::span<const Argument> arguments) {
  for (const Argument& argument : arguments) {
    if (argument.form == Argument::Form::kMarker) return true;
  }
  return false;
}

base::Result<FunctionPtr> Disambiguate(std::string_view name, std::span<const Argument> arguments,
                                       const DataType* receiver, const FunctionList& compatible) {
  if (IsOperator(name)) {
    if (receiver != nullptr && !HasMarkers(arguments)) {
      for (const FunctionPtr& function : compatible) {
        const auto& types = function->argument_types();
        if (types[0] == *receiver && types[1] == *receiver) return function;
      }
    }
    return base::InvalidArgument(
        fmt::format("Ambiguous '{}' operation with args {} and {}: use type hint to disambiguate, example '(int) ?'",
                    SymbolOf(name), Quoted(arguments[0]), Quoted(arguments[1])));
  }
  if (name == kNegationName) return base::InvalidArgument("Ambiguous negation: use type casts to disambiguate");
  return base::InvalidArgument(fmt::format(
      "Ambiguous call to function {} (can be matched by following signatures: {}): use type casts to disambiguate",
      name, ListSignatures(compatible)));
}

// FunctionResolver.pickBestMatch: an exact match wins, else the only weak one.
base::Result<FunctionPtr> PickBestMatch(std::string_view name, std::span<const Argument> arguments,
                                        const DataType* receiver, const FunctionList& candidates) {
  FunctionList compatible;
  for (const FunctionPtr& candidate : candidates) {
    if (receiver != nullptr && TestAssignment(candidate->return_type(), *receiver) == Assignability::kNotAssignable) {
      continue;
    }
    const Assignability match = MatchArguments(*candidate, arguments);
    if (match == Assignability::kExactMatch) return candidate;
    if (match == Assignability::kWeaklyAssignable) compatible.push_back(candidate);
  }
  if (compatible.empty()) return NoneMatches(name, arguments, candidates);
  if (compatible.size() > 1) return Disambiguate(name, arguments, receiver, compatible);
  return compatible.front();
}

base::Result<FunctionPtr> ResolveExtreme(std::string_view name, std::span<const Argument> arguments,
                                         const DataType* receiver) {
  if (arguments.size() != 1) {
    return base::InvalidArgument(fmt::format("Invalid number of arguments for function system.{}(any)", name));
  }
  std::optional<DataType> type = PreferredType(arguments[0]);
  if (!type && receiver != nullptr) type = *receiver;
  if (!type) {
    return base::InvalidArgument(fmt::format(
        "Cannot infer type of argument {} in call to function system.{}(any): use type casts to disambiguate",
        Quoted(arguments[0]), name));
  }
  return MakeExtreme(name == "max", *type);
}

// The function as what it is; the registry holds only scalar functions under operators' and casts' names.
std::shared_ptr<const ScalarFunction> AsScalar(const FunctionPtr& function) {
  CASSETTE_ASSERT(function->as_scalar() != nullptr);
  return {function, function->as_scalar()};
}

FunctionPtr Identity(const DataType& type) {
  const ScalarBody body = [](std::span<const ValueView> arguments, const EvalContext&,
                             std::string* out) -> base::Result<bool> {
    out->append(arguments[0].bytes);
    return false;
  };
  return std::make_shared<NativeScalarFunction>(std::string(kCastPrefix) + type.ToString(), std::vector<DataType>{type},
                                                type, body, NativeScalarFunction::Traits{NullRule::kNull, true, "{0}"});
}

}  // namespace

FunctionRegistry::FunctionRegistry() {
  FunctionList functions;
  AddArithmetic(&functions);
  AddMath(&functions);
  AddCasts(&functions);
  AddTimeFunctions(&functions);
  AddBlobConversions(&functions);
  AddNumericAggregates(&functions);
  AddCounts(&functions);
  auto tables = std::make_unique<Tables>();
  for (FunctionPtr& function : functions) tables->by_name[function->name()].push_back(std::move(function));
  tables_ = std::move(tables);
}

FunctionRegistry::~FunctionRegistry() = default;

bool FunctionRegistry::Contains(std::string_view name) const {
  return IsExtreme(name) || IsMask(name) || IsCollectionFunction(name) || IsSimilarity(name) ||
         tables_->by_name.contains(name);
}

bool FunctionRegistry::IsAggregate(std::string_view name) const {
  if (IsExtreme(name)) return true;
  const auto found = tables_->by_name.find(name);
  return found != tables_->by_name.end() && found->second.front()->as_aggregate() != nullptr;
}

base::Result<FunctionPtr> FunctionRegistry::Resolve(std::string_view name, std::span<const Argument> arguments,
                                                    const DataType* receiver) const {
  if (IsExtreme(name)) return ResolveExtreme(name, arguments, receiver);
  if (name == "count" && arguments.empty()) name = kCountRows;
  if (IsMask(name)) {
    CASSETTE_ASSIGN_OR_RETURN(const FunctionPtr mask, ResolveMask(name, arguments, receiver));
    CASSETTE_RETURN_IF_ERROR(CheckArguments(*mask, arguments));
    return mask;
  }
  if (IsCollectionFunction(name) || IsSimilarity(name)) {
    CASSETTE_ASSIGN_OR_RETURN(const FunctionPtr made, IsSimilarity(name)
                                                          ? ResolveSimilarity(name, arguments)
                                                          : ResolveCollectionFunction(name, arguments, *this));
    CASSETTE_RETURN_IF_ERROR(CheckArguments(*made, arguments));
    return made;
  }
  const auto found = tables_->by_name.find(name);
  if (found == tables_->by_name.end()) {
    for (std::string_view unsupported : kUnsupported) {
      if (name == unsupported)
        return base::Unsupported(fmt::format("Function {} is not supported yet (docs/cql/differences.md)", name));
    }
    return base::InvalidArgument(fmt::format("Unknown function '{}'", name));
  }
  const FunctionList& candidates = found->second;
  if (candidates.size() > 1) return PickBestMatch(name, arguments, receiver, candidates);
  CASSETTE_RETURN_IF_ERROR(CheckArguments(*candidates.front(), arguments));
  return candidates.front();
}

base::Result<std::shared_ptr<const ScalarFunction>> FunctionRegistry::ResolveOperator(ArithmeticOperator op,
                                                                                      const Argument& left,
                                                                                      const Argument& right,
                                                                                      const DataType* receiver) const {
  const Argument arguments[] = {left, right};
  CASSETTE_ASSIGN_OR_RETURN(const FunctionPtr function,
                            Resolve(OperatorFunctionName(SymbolOf(op)), arguments, receiver));
  return AsScalar(function);
}

base::Result<std::shared_ptr<const ScalarFunction>> FunctionRegistry::ResolveNegation(const Argument& argument,
                                                                                      const DataType* receiver) const {
  CASSETTE_ASSIGN_OR_RETURN(const FunctionPtr function, Resolve(kNegationName, {&argument, 1}, receiver));
  return AsScalar(function);
}

base::Result<std::shared_ptr<const ScalarFunction>> FunctionRegistry::ResolveCast(const DataType& from,
                                                                                  const DataType& to) const {
  if (from == to) return AsScalar(Identity(to));
  const std::string name = std::string(kCastPrefix) + to.ToString();
  if (!Contains(name)) {
    return base::InvalidArgument(fmt::format("{} cannot be cast to {}", from.ToString(), to.ToString()));
  }
  const Argument argument = Argument::Typed(from, from.ToString());
  CASSETTE_ASSIGN_OR_RETURN(const FunctionPtr function, Resolve(name, {&argument, 1}, nullptr));
  return AsScalar(function);
}

std::vector<FunctionPtr> FunctionRegistry::All() const {
  FunctionList result;
  for (const auto& [name, functions] : tables_->by_name)
    result.insert(result.end(), functions.begin(), functions.end());
  return result;
}

}  // namespace cassette::cql::functions
