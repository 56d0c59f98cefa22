// FunctionRegistry: the built-in functions, operators and casts of Cassandra 5.0, and its rules for choosing among
// overloads (org.apache.cassandra.cql3.functions.FunctionResolver).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cql/functions/function.h"
#include "types/data_type.h"

namespace cassette::cql::functions {

// How well an argument fits a parameter's type.
enum class Assignability : uint8_t { kExactMatch, kWeaklyAssignable, kNotAssignable };

// What is known of an argument before its overload is chosen.
struct Argument {
  enum class Form : uint8_t {
    kTyped,  // Column, function result, cast, type hint: `type` says it.
    kMarker,
    kNull,
    kString,
    kInteger,
    kFloat,  // NaN and Infinity are floats too.
    kUuid,
    kBoolean,
    kHex,
    kDuration,
    kOther,  // A collection, tuple or user type literal: `fits` decides.
  };

  Form form = Form::kTyped;
  types::DataType type = {};  // Of kTyped only.
  // As written in the statement: of a literal it may decide the type ("12345678901" is no int), of all it is quoted in
  // messages.
  std::string text = {};
  std::function<Assignability(const types::DataType&)> fits = nullptr;  // Of kOther only; null: weakly everywhere.
  // Of kOther: the type that it has where nothing else decides; null: none. Asked late, for it may take long.
  std::function<std::optional<types::DataType>()> preferred = nullptr;
  std::optional<size_t> element_count = {};  // Of a list literal.

  static Argument Typed(types::DataType type, std::string text) {
    Argument argument;
    argument.type = std::move(type);
    argument.text = std::move(text);
    return argument;
  }
  static Argument Literal(Form form, std::string text) {
    Argument argument;
    argument.form = form;
    argument.text = std::move(text);
    return argument;
  }
  static Argument Marker() { return Literal(Form::kMarker, "?"); }
};

// Of a value of `argument` for a parameter of `type` (Constants.Literal.testAssignment and its kin).
Assignability TestAssignment(const Argument& argument, const types::DataType& type);
// Whether it fits at all: cheaper than how well.
bool IsAssignable(const Argument& argument, const types::DataType& type);
// The same of a literal, cheaper again.
bool IsLiteralAssignable(Argument::Form form, std::string_view text, const types::DataType& type);
// Of values of type `from` where `to` is wanted: exact when equal, weak when `to` takes every value of `from`
// (ascii for text, timeuuid for uuid, anything for blob).
Assignability TestAssignment(const types::DataType& from, const types::DataType& to);
// The type that a literal has where nothing else decides ("1" is an int): AbstractMarker and null have none.
std::optional<types::DataType> PreferredType(const Argument& argument);

enum class ArithmeticOperator : uint8_t { kAdd, kSubtract, kMultiply, kDivide, kModulo };

// Thread safety: immutable once built; share freely.
class FunctionRegistry {
 public:
  FunctionRegistry();
  ~FunctionRegistry();

  // Whether a function (or aggregate) of this name exists. Names are lower case, without keyspace.
  bool Contains(std::string_view name) const;
  bool IsAggregate(std::string_view name) const;

  // The overload for these arguments. `receiver` is the type that the result is for, when that is known (an INSERT's
  // column), or null. kInvalidArgument in Cassandra's words: unknown function, wrong number of arguments, no or more
  // than one signature that matches. "count" with no arguments is count(*).
  base::Result<std::shared_ptr<const Function>> Resolve(std::string_view name, std::span<const Argument> arguments,
                                                        const types::DataType* receiver) const;
  // left operator right; the result is a scalar function of two arguments.
  base::Result<std::shared_ptr<const ScalarFunction>> ResolveOperator(ArithmeticOperator op, const Argument& left,
                                                                      const Argument& right,
                                                                      const types::DataType* receiver) const;
  // -argument.
  base::Result<std::shared_ptr<const ScalarFunction>> ResolveNegation(const Argument& argument,
                                                                      const types::DataType* receiver) const;
  // CAST(argument AS to). A cast to the same type is the identity.
  base::Result<std::shared_ptr<const ScalarFunction>> ResolveCast(const types::DataType& from,
                                                                  const types::DataType& to) const;

  // All overloads by name, for system_schema and tests. Overloads made on demand (of collections) are not among them.
  std::vector<std::shared_ptr<const Function>> All() const;

 private:
  struct Tables;
  std::unique_ptr<const Tables> tables_;
};

}  // namespace cassette::cql::functions
