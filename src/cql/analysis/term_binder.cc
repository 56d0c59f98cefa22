#include "cql/analysis/term_binder.h"

#include <fmt/format.h>

#include <utility>

#include "cql/analysis/literal.h"
#include "cql/analysis/type_names.h"
#include "cql/functions/json_functions.h"
#include "cql/parser/source.h"
#include "types/value.h"

namespace cassette::cql::analysis {
namespace {

using functions::Argument;
using functions::Assignability;
using parser::Expression;
using types::DataType;
using types::TypeKind;

std::string LiteralText(const parser::Literal& literal) {
  if (literal.kind == parser::Literal::Kind::kNull) return "NULL";
  return literal.kind == parser::Literal::Kind::kString ? fmt::format("'{}'", literal.text) : literal.text;
}

// A type as it heads a column: as written, user types with their keyspace.
std::string HintText(const parser::TypeName& name, std::string_view keyspace) {
  if (name.kind == parser::TypeName::Kind::kUser) return fmt::format("{}.{}", keyspace, name.name);
  if (name.parameters.empty()) return ToString(name);
  const std::string whole = ToString(name);
  std::string text = whole.substr(0, whole.find('<') + 1);
  for (size_t i = 0; i < name.parameters.size(); ++i) {
    text += (i == 0 ? "" : ", ") + HintText(name.parameters[i], keyspace);
  }
  if (name.kind == parser::TypeName::Kind::kVector) text += fmt::format(", {}", name.dimension);
  return text + ">";
}

bool IsNative(const parser::FunctionCall& call) {
  return !call.function.keyspace || call.function.keyspace->name == "system";
}

bool IsToken(const parser::FunctionCall& call) { return IsNative(call) && call.function.name.name == "token"; }

std::vector<const Expression*> Pointers(const std::vector<Expression>& expressions) {
  std::vector<const Expression*> pointers;
  pointers.reserve(expressions.size());
  for (const Expression& expression : expressions) pointers.push_back(&expression);
  return pointers;
}

functions::ArithmeticOperator OperatorOf(parser::ArithmeticOperator op) {
  switch (op) {
    case parser::ArithmeticOperator::kAdd:
      return functions::ArithmeticOperator::kAdd;
    case parser::ArithmeticOperator::kSubtract:
      return functions::ArithmeticOperator::kSubtract;
    case parser::ArithmeticOperator::kMultiply:
      return functions::ArithmeticOperator::kMultiply;
    case parser::ArithmeticOperator::kDivide:
      return functions::ArithmeticOperator::kDivide;
    case parser::ArithmeticOperator::kModulo:
      break;
  }
  return functions::ArithmeticOperator::kModulo;
}

}  // namespace

TermBinder::TermBinder(const AnalysisContext& context, const schema::Table* table, std::vector<ColumnSpec>* markers)
    : context_(context), table_(table), markers_(markers) {}

base::Status TermBinder::Fail(parser::SourcePosition position, std::string_view message) const {
  return base::InvalidArgument(parser::MessageAt(context_.text, position, message));
}

base::Status TermBinder::At(parser::SourcePosition position, const base::Status& status) const {
  if (status.message().starts_with("line ")) return status;
  return base::Status(status.code(), parser::MessageAt(context_.text, position, status.message()));
}

base::Result<DataType> TermBinder::TypeOf(const parser::TypeName& name) const {
  return ResolveType(name, context_.schema, KeyspaceOfTypes());
}

std::string_view TermBinder::KeyspaceOfTypes() const {
  return table_ == nullptr ? std::string_view(context_.keyspace) : table_->keyspace;
}

base::Result<const schema::Column*> TermBinder::FindColumn(const parser::Identifier& name) const {
  const schema::Column* column = table_ == nullptr ? nullptr : table_->FindColumn(name.name);
  if (column != nullptr) return column;
  if (table_ == nullptr) return Fail(name.position, fmt::format("No column {} can stand here", name.name));
  std::string known;
  for (const schema::Column& other : table_->columns) known += (known.empty() ? "" : ", ") + other.name;
  return Fail(name.position, fmt::format("Undefined column name {} in table {}.{} (its columns: {})", name.name,
                                         table_->keyspace, table_->name, known));
}

base::Result<Term> TermBinder::Bind(const Expression& expression, const Receiver& receiver) {
  sink_ = nullptr;
  CASSETTE_ASSIGN_OR_RETURN(BoundTerm bound, BindAny(expression, &receiver));
  return std::move(bound.term);
}

base::Result<BoundTerm> TermBinder::BindSelector(const Expression& expression, SelectionSink& sink) {
  sink_ = &sink;
  base::Result<BoundTerm> bound = BindAny(expression, nullptr);
  sink_ = nullptr;
  return bound;
}

std::shared_ptr<const functions::ScalarFunction> TermBinder::SumOf(const DataType& type) const {
  const Argument argument = Argument::Typed(type, {});
  auto function = context_.functions.ResolveOperator(functions::ArithmeticOperator::kAdd, argument, argument, &type);
  if (!function.ok() || (*function)->return_type() != type) return nullptr;
  return *std::move(function);
}

base::Result<BoundTerm> TermBinder::BindAny(const Expression& expression, const Receiver* receiver) {
  if (const auto* literal = expression.As<parser::Literal>()) return BindLiteral(expression, *literal, receiver);
  if (const auto* marker = expression.As<parser::BindMarker>()) return BindMarker(expression, *marker, receiver);
  if (const auto* call = expression.As<parser::FunctionCall>()) return BindCall(expression, *call, receiver);
  if (const auto* hint = expression.As<parser::TypeHint>()) return BindTypeHint(expression, *hint, receiver);
  if (const auto* cast = expression.As<parser::Cast>()) return BindCast(expression, *cast);
  if (const auto* reference = expression.As<parser::ColumnReference>()) return BindColumn(*reference);
  if (const auto* metadata = expression.As<parser::CellMetadata>()) return BindMetadata(expression, *metadata);
  if (expression.Is<parser::Operation>() || expression.Is<parser::Negation>()) {
    return BindArithmetic(expression, receiver);
  }
  if (expression.Is<parser::CountRows>()) {
    CASSETTE_ASSIGN_OR_RETURN(auto function, context_.functions.Resolve("count", {}, nullptr));
    return MakeAggregate(expression, std::move(function), {}, "count");
  }
  if (expression.Is<parser::FieldSelection>() || expression.Is<parser::ElementSelection>() ||
      expression.Is<parser::SliceSelection>()) {
    return BindPart(expression);
  }
  return BindComposite(expression, receiver);
}

base::Result<BoundTerm> TermBinder::BindLiteral(const Expression& expression, const parser::Literal& literal,
                                                const Receiver* receiver) {
  if (receiver == nullptr) {
    if (const base::Status range = CheckRange(literal); !range.ok()) return At(expression.position, range);
    return Fail(expression.position, fmt::format("Cannot infer type for term {} in selection clause (try using a cast "
                                                 "to force a type)",
                                                 LiteralText(literal)));
  }
  const DataType& type = receiver->type;
  if (literal.kind == parser::Literal::Kind::kNull) return BoundTerm{Term::Null(type), LiteralText(literal)};
  base::Result<std::optional<std::string>> value = LiteralValue(literal, type);
  if (!value.ok()) return At(expression.position, value.status());
  if (!*value) {
    return Fail(expression.position,
                fmt::format("Invalid {} constant ({}) for \"{}\" of type {}", LiteralKindName(literal.kind),
                            literal.text, receiver->name, type.ToString()));
  }
  return BoundTerm{Term::Constant(type, **std::move(value)), LiteralText(literal)};
}

base::Result<BoundTerm> TermBinder::BindMarker(const Expression& expression, const parser::BindMarker& marker,
                                               const Receiver* receiver) {
  if (receiver == nullptr) {
    return Fail(expression.position,
                "Cannot infer type for term ? in selection clause (try using a cast to force a type)");
  }
  CASSETTE_ASSERT(marker.index < markers_->size());
  ColumnSpec& spec = (*markers_)[marker.index];
  spec.keyspace = table_ == nullptr ? std::string() : table_->keyspace;
  spec.table = table_ == nullptr ? std::string() : table_->name;
  spec.name = marker.name ? marker.name->name : receiver->name;
  spec.type = receiver->type;
  return BoundTerm{Term::Of(Term::Kind::kMarker, receiver->type, marker.index), "?"};
}

base::Result<BoundTerm> TermBinder::BindColumn(const parser::ColumnReference& reference) {
  CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, FindColumn(reference.column));
  if (sink_ == nullptr) {
    return Fail(reference.column.position, fmt::format("No column {} can stand here", column->name));
  }
  const uint32_t index = sink_->RequestColumn(*column, false, false);
  return BoundTerm{Term::Of(Term::Kind::kColumn, column->type, index), column->name};
}

base::Result<BoundTerm> TermBinder::BindTypeHint(const Expression& expression, const parser::TypeHint& hint,
                                                 const Receiver* receiver) {
  CASSETTE_ASSIGN_OR_RETURN(const DataType type, TypeOf(hint.type));
  if (receiver != nullptr && functions::TestAssignment(type, receiver->type) == Assignability::kNotAssignable) {
    return Fail(expression.position, fmt::format("Cannot assign value {} to {} of type {}", ToString(expression),
                                                 receiver->name, receiver->type.ToString()));
  }
  const Receiver hinted{receiver == nullptr ? "[selection]" : receiver->name, type};
  CASSETTE_ASSIGN_OR_RETURN(BoundTerm bound, BindAny(*hint.operand, &hinted));
  if (functions::TestAssignment(bound.term.type, type) == Assignability::kNotAssignable) {
    return Fail(expression.position,
                fmt::format("Cannot cast value {} to type {}", ToString(*hint.operand), type.ToString()));
  }
  bound.name = fmt::format("({}){}", HintText(hint.type, KeyspaceOfTypes()), bound.name);
  if (bound.term.type == type) return bound;
  // The same bytes, read as another type.
  CASSETTE_ASSIGN_OR_RETURN(auto identity, context_.functions.ResolveCast(type, type));
  Term reread = Term::Of(Term::Kind::kCall, type, 0);
  reread.function = std::move(identity);
  reread.arguments.push_back(std::move(bound.term));
  bound.term = std::move(reread);
  return bound;
}

base::Result<BoundTerm> TermBinder::BindCast(const Expression& expression, const parser::Cast& cast) {
  CASSETTE_ASSIGN_OR_RETURN(const DataType to, TypeOf(cast.type));
  CASSETTE_ASSIGN_OR_RETURN(const Argument argument, ArgumentOf(*cast.operand));
  BoundTerm operand;
  if (argument.form == Argument::Form::kTyped) {
    CASSETTE_ASSIGN_OR_RETURN(operand, BindAny(*cast.operand, nullptr));
  } else {
    const std::optional<DataType> preferred = functions::PreferredType(argument);
    if (!preferred) {
      return Fail(cast.operand->position,
                  fmt::format("Cannot infer type for term {} in selection clause (try using a cast to force a type)",
                              ToString(*cast.operand)));
    }
    const Receiver receiver{"[selection]", *preferred};
    CASSETTE_ASSIGN_OR_RETURN(operand, BindAny(*cast.operand, &receiver));
  }
  // Cassandra names its casts by type, and has none by this other name of text.
  if (cast.type.name == "varchar") {
    return Fail(expression.position, fmt::format("{} cannot be cast to varchar", operand.name));
  }
  if (operand.term.type == to) return operand;
  base::Result<std::shared_ptr<const functions::ScalarFunction>> function =
      context_.functions.ResolveCast(operand.term.type, to);
  if (!function.ok()) return At(expression.position, function.status());
  BoundTerm bound;
  bound.term.kind = Term::Kind::kCall;
  bound.term.type = (*function)->return_type();
  bound.name = (*function)->ColumnName({&operand.name, 1});
  bound.term.function = *std::move(function);
  bound.term.arguments.push_back(std::move(operand.term));
  return bound;
}

base::Result<BoundTerm> TermBinder::BindCall(const Expression& expression, const parser::FunctionCall& call,
                                             const Receiver* receiver) {
  if (IsToken(call)) return BindToken(expression, call);
  if (IsNative(call) && functions::IsToJson(call.function.name.name)) return BindToJson(expression, call, receiver);
  if (IsNative(call) && functions::IsFromJson(call.function.name.name)) return BindFromJson(expression, call, receiver);
  CASSETTE_ASSIGN_OR_RETURN(auto function,
                            ResolveCall(expression, call, receiver == nullptr ? nullptr : &receiver->type));
  // count(1) is count(*): the resolver said so by an overload without arguments.
  std::vector<const Expression*> arguments = Pointers(call.arguments);
  if (function->argument_types().empty()) arguments.clear();
  return MakeCall(expression, std::move(function), arguments, receiver);
}

base::Result<BoundTerm> TermBinder::BindToken(const Expression& expression, const parser::FunctionCall& call) {
  CASSETTE_ASSERT(table_ != nullptr);
  if (call.arguments.size() != table_->partition_key_count()) {
    return Fail(expression.position,
                fmt::format("Invalid number of arguments in call to function system.token: {} required but {} provided",
                            table_->partition_key_count(), call.arguments.size()));
  }
  BoundTerm bound;
  bound.term.kind = Term::Kind::kToken;
  bound.term.type = DataType(TypeKind::kBigint);
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    const DataType& type = table_->partition_key(i).type;
    const Receiver receiver{fmt::format("arg{}(system.token)", i), type};
    CASSETTE_ASSIGN_OR_RETURN(BoundTerm argument, BindAny(call.arguments[i], &receiver));
    if (functions::TestAssignment(argument.term.type, type) == Assignability::kNotAssignable) {
      return Fail(call.arguments[i].position,
                  fmt::format("Type error: {} cannot be passed as argument {} of function system.token of type {}",
                              argument.name, i, type.ToString()));
    }
    bound.name += (i == 0 ? "" : ", ") + argument.name;
    bound.term.arguments.push_back(std::move(argument.term));
  }
  bound.name = fmt::format("system.token({})", bound.name);
  return bound;
}

base::Result<BoundTerm> TermBinder::BindArithmetic(const Expression& expression, const Receiver* receiver) {
  CASSETTE_ASSIGN_OR_RETURN(auto function,
                            ResolveArithmetic(expression, receiver == nullptr ? nullptr : &receiver->type));
  std::vector<const Expression*> operands;
  if (const auto* operation = expression.As<parser::Operation>()) {
    operands = {operation->left.get(), operation->right.get()};
  } else {
    operands = {expression.As<parser::Negation>()->operand.get()};
  }
  return MakeCall(expression, std::move(function), operands, receiver);
}

base::Result<BoundTerm> TermBinder::MakeCall(const Expression& expression,
                                             std::shared_ptr<const functions::Function> function,
                                             const std::vector<const Expression*>& arguments,
                                             const Receiver* receiver) {
  const bool is_aggregate = function->as_aggregate() != nullptr;
  if (is_aggregate && sink_ == nullptr) {
    return Fail(expression.position, "Aggregation function are not supported in the where clause");
  }
  if (is_aggregate && in_aggregate_) {
    return Fail(expression.position, "aggregate functions cannot be used as arguments of aggregate functions");
  }
  if (receiver != nullptr &&
      functions::TestAssignment(function->return_type(), receiver->type) == Assignability::kNotAssignable) {
    const bool is_call = expression.Is<parser::FunctionCall>();
    return Fail(expression.position,
                fmt::format("Type error: cannot assign result of {} {}{} (type {}) to {} (type {})",
                            is_call ? "function" : "operation", is_call ? "system." : "", function->name(),
                            function->return_type().ToString(), receiver->name, receiver->type.ToString()));
  }
  std::vector<Term> bound_arguments;
  std::vector<std::string> names;
  in_aggregate_ = in_aggregate_ || is_aggregate;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Receiver parameter{fmt::format("arg{}(system.{})", i, function->name()), function->argument_types()[i]};
    base::Result<BoundTerm> argument = BindAny(*arguments[i], &parameter);
    if (!argument.ok()) {
      if (is_aggregate) in_aggregate_ = false;
      return argument.status();
    }
    names.push_back(std::move(argument->name));
    bound_arguments.push_back(std::move(argument->term));
  }
  if (is_aggregate) {
    in_aggregate_ = false;
    std::string name = function->ColumnName(names);
    return MakeAggregate(expression, std::move(function), std::move(bound_arguments), std::move(name));
  }
  BoundTerm bound;
  bound.name = function->ColumnName(names);
  bound.term.kind = Term::Kind::kCall;
  bound.term.type = function->return_type();
  bound.term.function = std::shared_ptr<const functions::ScalarFunction>(function, function->as_scalar());
  bound.term.arguments = std::move(bound_arguments);
  return bound;
}

base::Result<BoundTerm> TermBinder::MakeAggregate(const Expression& expression,
                                                  std::shared_ptr<const functions::Function> function,
                                                  std::vector<Term> arguments, std::string name) {
  if (sink_ == nullptr) {
    return Fail(expression.position, "Aggregation function are not supported in the where clause");
  }
  DataType type = function->return_type();
  const uint32_t index = sink_->AddAggregate({std::move(function), std::move(arguments)});
  return BoundTerm{Term::Of(Term::Kind::kAggregate, std::move(type), index), std::move(name)};
}

base::Result<std::shared_ptr<const functions::Function>> TermBinder::ResolveCall(const Expression& expression,
                                                                                 const parser::FunctionCall& call,
                                                                                 const DataType* receiver) {
  const std::string& name = call.function.name.name;
  if (call.function.keyspace && call.function.keyspace->name != "system") {
    return Fail(expression.position, fmt::format("Unknown function '{}.{}'", call.function.keyspace->name, name));
  }
  if (name == "count" && call.arguments.empty()) {
    return Fail(expression.position,
                "Invalid number of arguments in call to function system.count: 1 required but 0 provided");
  }
  if (name == "count" && call.arguments.size() == 1) {
    const auto* literal = call.arguments[0].As<parser::Literal>();
    if (literal != nullptr && literal->kind != parser::Literal::Kind::kNull) {
      return context_.functions.Resolve("count", {}, nullptr);
    }
  }
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<Argument> arguments, ArgumentsOf(Pointers(call.arguments)));
  base::Result<std::shared_ptr<const functions::Function>> function =
      context_.functions.Resolve(name, arguments, receiver);
  if (!function.ok()) return At(expression.position, function.status());
  return function;
}

base::Result<std::shared_ptr<const functions::Function>> TermBinder::ResolveArithmetic(const Expression& expression,
                                                                                       const DataType* receiver) {
  base::Result<std::shared_ptr<const functions::ScalarFunction>> function = base::Status(base::Code::kCancelled, "");
  if (const auto* operation = expression.As<parser::Operation>()) {
    CASSETTE_ASSIGN_OR_RETURN(const Argument left, ArgumentOf(*operation->left));
    CASSETTE_ASSIGN_OR_RETURN(const Argument right, ArgumentOf(*operation->right));
    function = context_.functions.ResolveOperator(OperatorOf(operation->op), left, right, receiver);
  } else {
    CASSETTE_ASSIGN_OR_RETURN(const Argument operand, ArgumentOf(*expression.As<parser::Negation>()->operand));
    function = context_.functions.ResolveNegation(operand, receiver);
  }
  if (!function.ok()) return At(expression.position, function.status());
  return std::shared_ptr<const functions::Function>(*std::move(function));
}

base::Result<std::vector<Argument>> TermBinder::ArgumentsOf(const std::vector<const Expression*>& arguments) {
  std::vector<Argument> result;
  for (const Expression* expression : arguments) {
    CASSETTE_ASSIGN_OR_RETURN(Argument argument, ArgumentOf(*expression));
    result.push_back(std::move(argument));
  }
  return result;
}

base::Result<Argument> TermBinder::ArgumentOf(const Expression& expression) {
  if (const auto* literal = expression.As<parser::Literal>()) return LiteralArgument(*literal);
  if (expression.Is<parser::BindMarker>()) return Argument::Marker();
  if (const auto* reference = expression.As<parser::ColumnReference>()) {
    CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, FindColumn(reference->column));
    return Argument::Typed(column->type, column->name);
  }
  if (const auto* hint = expression.As<parser::TypeHint>()) {
    CASSETTE_ASSIGN_OR_RETURN(DataType type, TypeOf(hint->type));
    return Argument::Typed(std::move(type), ToString(expression));
  }
  if (const auto* cast = expression.As<parser::Cast>()) {
    CASSETTE_ASSIGN_OR_RETURN(DataType type, TypeOf(cast->type));
    return Argument::Typed(std::move(type), ToString(expression));
  }
  if (const auto* call = expression.As<parser::FunctionCall>()) {
    if (IsToken(*call)) return Argument::Typed(DataType(TypeKind::kBigint), ToString(expression));
    if (IsNative(*call) && functions::IsToJson(call->function.name.name)) {
      return Argument::Typed(DataType(TypeKind::kText), ToString(expression));
    }
    // It is of whatever type is asked for.
    if (IsNative(*call) && functions::IsFromJson(call->function.name.name)) return Argument::Marker();
    CASSETTE_ASSIGN_OR_RETURN(const auto function, ResolveCall(expression, *call, nullptr));
    return Argument::Typed(function->return_type(), ToString(expression));
  }
  if (expression.Is<parser::Operation>() || expression.Is<parser::Negation>()) {
    CASSETTE_ASSIGN_OR_RETURN(const auto function, ResolveArithmetic(expression, nullptr));
    return Argument::Typed(function->return_type(), ToString(expression));
  }
  if (expression.Is<parser::CountRows>()) return Argument::Typed(DataType(TypeKind::kBigint), "count(*)");
  if (const auto* metadata = expression.As<parser::CellMetadata>()) {
    CASSETTE_ASSIGN_OR_RETURN(DataType type, TypeOfTimes(*metadata));
    return Argument::Typed(std::move(type), ToString(expression));
  }
  if (OperandOfPart(expression) != nullptr) return PartArgument(expression);
  const auto* tuple = expression.As<parser::TupleLiteral>();
  if (tuple != nullptr && tuple->elements.size() == 1) return ArgumentOf(tuple->elements[0]);
  return CompositeArgument(expression);
}

}  // namespace cassette::cql::analysis
