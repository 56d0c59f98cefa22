// What the built-in functions are made of. Private to this folder.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cql/functions/function.h"

namespace cassette::cql::functions {

using types::DataType;
using types::TypeKind;
using types::ValueView;

using FunctionPtr = std::shared_ptr<const Function>;
using FunctionList = std::vector<FunctionPtr>;

// Appends the serialized result to *out, which is empty; true when the result is null.
using ScalarBody = std::function<base::Result<bool>(std::span<const ValueView> arguments, const EvalContext& context,
                                                    std::string* out)>;

enum class NullRule : uint8_t {
  kNullOrEmpty,  // A null or empty argument makes the result null: numbers and times.
  kNull,         // A null argument does; empty values are values: strings and blobs.
  kNone,         // The body sees to it.
};

// A scalar function that is a body.
class NativeScalarFunction final : public ScalarFunction {
 public:
  struct Traits {
    NullRule null_rule = NullRule::kNullOrEmpty;
    bool is_pure = true;
    // How the selection's column is headed: {0} and {1} are the arguments' names. Null: "system.name(a, b)".
    const char* column_format = nullptr;
  };

  NativeScalarFunction(std::string name, std::vector<DataType> argument_types, DataType return_type, ScalarBody body,
                       Traits traits)
      : ScalarFunction(std::move(name), std::move(argument_types), std::move(return_type)),
        body_(std::move(body)),
        traits_(traits) {}

  bool is_pure() const override { return traits_.is_pure; }
  std::string ColumnName(std::span<const std::string> arguments) const override;
  base::Result<bool> Evaluate(std::span<const ValueView> arguments, const EvalContext& context,
                              std::string* out) const override;

 private:
  ScalarBody body_;
  Traits traits_;
};

inline FunctionPtr MakeScalar(std::string name, std::vector<TypeKind> arguments, TypeKind result, ScalarBody body,
                              NativeScalarFunction::Traits traits = {}) {
  std::vector<DataType> argument_types;
  for (TypeKind kind : arguments) argument_types.emplace_back(kind);
  return std::make_shared<NativeScalarFunction>(std::move(name), std::move(argument_types), DataType(result),
                                                std::move(body), traits);
}

// The families; each appends its overloads.
void AddArithmetic(FunctionList* functions);
void AddMath(FunctionList* functions);
void AddCasts(FunctionList* functions);
void AddTimeFunctions(FunctionList* functions);
void AddBlobConversions(FunctionList* functions);
void AddNumericAggregates(FunctionList* functions);
void AddCounts(FunctionList* functions);

// min or max of any type.
FunctionPtr MakeExtreme(bool is_max, const DataType& type);

// The masking functions, made for their arguments' types. REQUIRES of ResolveMask: IsMask(name).
struct Argument;
bool IsMask(std::string_view name);
base::Result<FunctionPtr> ResolveMask(std::string_view name, std::span<const Argument> arguments,
                                      const DataType* receiver);

// Functions of collections, made for the type of their argument. REQUIRES of Resolve...: Is...(name).
class FunctionRegistry;
bool IsCollectionFunction(std::string_view name);
base::Result<FunctionPtr> ResolveCollectionFunction(std::string_view name, std::span<const Argument> arguments,
                                                    const FunctionRegistry& registry);

// How near two float vectors are, made for their dimension.
bool IsSimilarity(std::string_view name);
base::Result<FunctionPtr> ResolveSimilarity(std::string_view name, std::span<const Argument> arguments);

// "_add" and the like; '+'.
std::string_view OperatorFunctionName(char symbol);
inline constexpr std::string_view kNegationName = "_negate";
inline constexpr std::string_view kCastPrefix = "cast_as_";

// tinyint, smallint, int, bigint, float, double, decimal, varint and counter.
std::span<const TypeKind> NumericKinds();

}  // namespace cassette::cql::functions
