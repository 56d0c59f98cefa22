// similarity_cosine, similarity_euclidean and similarity_dot_product of float vectors
// (org.apache.cassandra.cql3.functions.VectorFcts).
#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "base/assert.h"
#include "codec/fixed.h"
#include "cql/functions/native_function.h"
#include "cql/functions/number.h"
#include "cql/functions/registry.h"

namespace cassette::cql::functions {
namespace {

enum class Similarity : uint8_t { kCosine, kEuclidean, kDotProduct };

struct Entry {
  std::string_view name;
  Similarity similarity;
};
constexpr Entry kEntries[] = {
    {"similarity_cosine", Similarity::kCosine},
    {"similarity_euclidean", Similarity::kEuclidean},
    {"similarity_dot_product", Similarity::kDotProduct},
};

const Entry* FindEntry(std::string_view name) {
  for (const Entry& entry : kEntries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

double FloatAt(std::string_view vector, size_t index) {
  return std::bit_cast<float>(codec::LoadBig<uint32_t>(vector.data() + index * sizeof(float)));
}

struct Sums {
  double dot = 0;
  double squares_a = 0;
  double squares_b = 0;
  double distance = 0;
};

// Summed up as doubles: the results are rounded once.
Sums SumsOf(std::string_view a, std::string_view b) {
  Sums sums;
  for (size_t i = 0; i < a.size() / sizeof(float); ++i) {
    const double x = FloatAt(a, i);
    const double y = FloatAt(b, i);
    sums.dot += x * y;
    sums.squares_a += x * x;
    sums.squares_b += y * y;
    sums.distance += (x - y) * (x - y);
  }
  return sums;
}

// From 0 (far) to 1 (near) but for dot products of vectors that are not of length 1.
base::Result<float> Compute(const Entry& entry, std::string_view a, std::string_view b) {
  const Sums sums = SumsOf(a, b);
  switch (entry.similarity) {
    case Similarity::kCosine:
      if (sums.squares_a == 0 || sums.squares_b == 0) {
        return base::InvalidArgument(fmt::format("Function system.{} doesn't support all-zero vectors.", entry.name));
      }
      return static_cast<float>((1 + sums.dot / std::sqrt(sums.squares_a * sums.squares_b)) / 2);
    case Similarity::kEuclidean:
      return static_cast<float>(1 / (1 + sums.distance));
    case Similarity::kDotProduct:
      break;
  }
  return static_cast<float>((1 + sums.dot) / 2);
}

bool IsFloatVector(const DataType& type) {
  return type.kind() == TypeKind::kVector && type.element(0).kind() == TypeKind::kFloat;
}

}  // namespace

bool IsSimilarity(std::string_view name) { return FindEntry(name) != nullptr; }

base::Result<FunctionPtr> ResolveSimilarity(std::string_view name, std::span<const Argument> arguments) {
  const Entry* entry = FindEntry(name);
  CASSETTE_ASSERT(entry != nullptr);
  constexpr std::string_view kSignature = "vector<float, n>, vector<float, n>";
  if (arguments.size() != 2) {
    return base::InvalidArgument(
        fmt::format("Invalid number of arguments for function system.{}({})", name, kSignature));
  }
  std::optional<uint32_t> dimension;
  for (const Argument& argument : arguments) {
    std::optional<uint32_t> own;
    if (argument.form == Argument::Form::kTyped) {
      const bool is_list = argument.type.kind() == TypeKind::kList;  // A literal whose elements have types.
      if (!is_list && !IsFloatVector(argument.type)) {
        return base::InvalidArgument(
            fmt::format("Function system.{} requires a float vector argument, but found argument {} of type {}", name,
                        argument.text, argument.type.ToString()));
      }
      if (!is_list) own = argument.type.dimension();
    } else if (argument.element_count) {
      own = static_cast<uint32_t>(*argument.element_count);
    }
    if (own && dimension && *own != *dimension) {
      return base::InvalidArgument("All arguments must have the same vector dimensions");
    }
    if (own) dimension = own;
  }
  if (!dimension || *dimension == 0) {
    return base::InvalidArgument(fmt::format(
        "Cannot infer type of argument {} in call to function system.{}({}): use type casts to disambiguate",
        arguments[0].text, name, kSignature));
  }
  const DataType type = DataType::Vector(DataType(TypeKind::kFloat), *dimension);
  const ScalarBody body = [entry](std::span<const ValueView> values, const EvalContext&,
                                  std::string* out) -> base::Result<bool> {
    CASSETTE_ASSIGN_OR_RETURN(const float similarity, Compute(*entry, values[0].bytes, values[1].bytes));
    AppendFloat(similarity, out);
    return false;
  };
  return FunctionPtr(std::make_shared<NativeScalarFunction>(
      std::string(name), std::vector<DataType>{type, type}, DataType(TypeKind::kFloat), body,
      NativeScalarFunction::Traits{NullRule::kNullOrEmpty, true, nullptr}));
}

}  // namespace cassette::cql::functions
