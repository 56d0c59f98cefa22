// Calls of to_json and from_json.
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "cql/analysis/term_binder.h"
#include "cql/functions/json_functions.h"

namespace cassette::cql::analysis {
namespace {

using functions::Argument;
using functions::Assignability;
using types::DataType;
using types::TypeKind;

BoundTerm CallOf(std::shared_ptr<const functions::ScalarFunction> function, BoundTerm argument) {
  BoundTerm bound;
  bound.name = function->ColumnName({&argument.name, 1});
  bound.term.kind = Term::Kind::kCall;
  bound.term.type = function->return_type();
  bound.term.function = std::move(function);
  bound.term.arguments.push_back(std::move(argument.term));
  return bound;
}

}  // namespace

base::Result<BoundTerm> TermBinder::BindToJson(const parser::Expression& expression, const parser::FunctionCall& call,
                                               const Receiver* receiver) {
  const std::string& name = call.function.name.name;
  if (call.arguments.size() != 1) {
    return Fail(expression.position, fmt::format("Invalid number of arguments for function system.{}(any)", name));
  }
  const DataType text(TypeKind::kText);
  if (receiver != nullptr && functions::TestAssignment(text, receiver->type) == Assignability::kNotAssignable) {
    return Fail(expression.position,
                fmt::format("Type error: cannot assign result of function system.{} (type text) to {} (type {})", name,
                            receiver->name, receiver->type.ToString()));
  }
  CASSETTE_ASSIGN_OR_RETURN(const Argument argument, ArgumentOf(call.arguments[0]));
  const std::optional<DataType> type = functions::PreferredType(argument);
  const Receiver parameter{fmt::format("arg0(system.{})", name), type.value_or(text)};
  const bool decides_itself = argument.form == Argument::Form::kTyped || !type;
  CASSETTE_ASSIGN_OR_RETURN(BoundTerm bound, BindAny(call.arguments[0], decides_itself ? nullptr : &parameter));
  auto function = functions::MakeToJson(name, bound.term.type);
  return CallOf(std::move(function), std::move(bound));
}

base::Result<BoundTerm> TermBinder::BindFromJson(const parser::Expression& expression, const parser::FunctionCall& call,
                                                 const Receiver* receiver) {
  const std::string& name = call.function.name.name;
  if (receiver == nullptr || sink_ != nullptr) {
    return Fail(expression.position,
                fmt::format("{}() cannot be used in the selection clause of a SELECT statement", name));
  }
  if (call.arguments.size() != 1) {
    return Fail(expression.position, fmt::format("Invalid number of arguments for function system.{}(text)", name));
  }
  const Receiver parameter{fmt::format("arg0(system.{})", name), DataType(TypeKind::kText)};
  CASSETTE_ASSIGN_OR_RETURN(BoundTerm argument, BindAny(call.arguments[0], &parameter));
  return CallOf(functions::MakeFromJson(name, receiver->type), std::move(argument));
}

}  // namespace cassette::cql::analysis
