// Fields of user types, elements and slices of maps and sets, in selections.
#include <fmt/format.h>

#include <utility>

#include "cql/analysis/term_binder.h"

namespace cassette::cql::analysis {
namespace {

using parser::Expression;
using types::DataType;
using types::TypeKind;

// kInvalidArgument unless parts of `type` can be selected by their keys; `what` is "element" or "slice".
std::string WhyNoKeys(const BoundTerm& operand, const char* what) {
  const DataType& type = operand.term.type;
  if (type.kind() == TypeKind::kList) {
    return fmt::format("{}{} selection is only allowed on sets and maps, but {} is a list", what[0] == 'e' ? 'E' : 'S',
                       what + 1, operand.name);
  }
  if (type.is_collection()) return {};
  return fmt::format("Invalid {} selection: {} of type {} is not a collection", what, operand.name, type.ToString());
}

}  // namespace

const Expression* OperandOfPart(const Expression& expression) {
  if (const auto* field = expression.As<parser::FieldSelection>()) return field->operand.get();
  if (const auto* element = expression.As<parser::ElementSelection>()) return element->operand.get();
  const auto* slice = expression.As<parser::SliceSelection>();
  return slice == nullptr ? nullptr : slice->operand.get();
}

base::Result<BoundTerm> TermBinder::BindPart(const Expression& expression) {
  if (const auto* field = expression.As<parser::FieldSelection>()) return BindField(expression, *field);
  if (const auto* element = expression.As<parser::ElementSelection>()) return BindElement(expression, *element);
  return BindSlice(expression, *expression.As<parser::SliceSelection>());
}

base::Result<BoundTerm> TermBinder::BindField(const Expression& expression, const parser::FieldSelection& selection) {
  // Parentheses around something whose type is known are parentheses, here alone.
  const auto* parentheses = selection.operand->As<parser::TupleLiteral>();
  const bool is_parentheses = parentheses != nullptr && parentheses->elements.size() == 1;
  CASSETTE_ASSIGN_OR_RETURN(BoundTerm operand,
                            BindAny(is_parentheses ? parentheses->elements[0] : *selection.operand, nullptr));
  if (is_parentheses) operand.name = "(" + operand.name + ")";
  const DataType& type = operand.term.type;
  if (type.kind() != TypeKind::kUdt) {
    return Fail(expression.position, fmt::format("Invalid field selection: {} of type {} is not a user type",
                                                 operand.name, type.ToString()));
  }
  for (uint32_t i = 0; i < type.fields().size(); ++i) {
    if (type.fields()[i].name != selection.field.name) continue;
    BoundTerm bound;
    bound.name = fmt::format("{}.{}", operand.name, selection.field.name);
    bound.term = Term::Of(Term::Kind::kField, type.element(i), i);
    bound.term.arguments.push_back(std::move(operand.term));
    return bound;
  }
  return Fail(selection.field.position,
              fmt::format("{} of type {} has no field {}", operand.name, type.ToString(), selection.field.name));
}

base::Result<functions::Argument> TermBinder::PartArgument(const Expression& expression) {
  const auto* field = expression.As<parser::FieldSelection>();
  const auto* element = expression.As<parser::ElementSelection>();
  const Expression* operand = OperandOfPart(expression);
  const auto* parentheses = operand->As<parser::TupleLiteral>();
  if (field != nullptr && parentheses != nullptr && parentheses->elements.size() == 1) {
    operand = &parentheses->elements[0];
  }
  CASSETTE_ASSIGN_OR_RETURN(const std::optional<DataType> type, ExactType(*operand));
  const std::string text = ToString(expression);
  // What cannot be is told when the part itself is bound.
  functions::Argument unknown = functions::Argument::Literal(functions::Argument::Form::kOther, text);
  if (!type) return unknown;
  if (field != nullptr) {
    for (const DataType::Field& known : type->fields()) {
      if (known.name == field->field.name) return functions::Argument::Typed(*known.type, text);
    }
    return unknown;
  }
  if (!type->is_collection()) return unknown;
  if (element == nullptr) return functions::Argument::Typed(*type, text);
  return functions::Argument::Typed(type->element(type->kind() == TypeKind::kMap ? 1 : 0), text);
}

base::Result<BoundTerm> TermBinder::BindKey(const Expression& key, const BoundTerm& operand) {
  const DataType& type = operand.term.type;
  const Receiver receiver{fmt::format("{}({})", type.kind() == TypeKind::kMap ? "key" : "value", operand.name),
                          type.element(0)};
  SelectionSink* const sink = std::exchange(sink_, nullptr);
  base::Result<BoundTerm> bound = BindAny(key, &receiver);
  sink_ = sink;
  return bound;
}

base::Result<BoundTerm> TermBinder::BindElement(const Expression& expression,
                                                const parser::ElementSelection& selection) {
  CASSETTE_ASSIGN_OR_RETURN(BoundTerm operand, BindAny(*selection.operand, nullptr));
  const std::string problem = WhyNoKeys(operand, "element");
  if (!problem.empty()) return Fail(expression.position, problem);
  CASSETTE_ASSIGN_OR_RETURN(BoundTerm key, BindKey(*selection.element, operand));
  const DataType& type = operand.term.type;
  BoundTerm bound;
  bound.name = fmt::format("{}[{}]", operand.name, key.name);
  bound.term = Term::Of(Term::Kind::kElement, type.element(type.kind() == TypeKind::kMap ? 1 : 0), 0);
  bound.term.name = operand.name;
  bound.term.arguments = {std::move(operand.term), std::move(key.term)};
  return bound;
}

base::Result<BoundTerm> TermBinder::BindSlice(const Expression& expression, const parser::SliceSelection& selection) {
  CASSETTE_ASSIGN_OR_RETURN(BoundTerm operand, BindAny(*selection.operand, nullptr));
  const std::string problem = WhyNoKeys(operand, "slice");
  if (!problem.empty()) return Fail(expression.position, problem);
  BoundTerm ends[2];
  const Expression* const keys[2] = {selection.from.get(), selection.to.get()};
  for (size_t i = 0; i < 2; ++i) {
    ends[i].term = Term::Null(operand.term.type.element(0));
    ends[i].term.allows_null = true;
    if (keys[i] == nullptr) continue;
    CASSETTE_ASSIGN_OR_RETURN(ends[i], BindKey(*keys[i], operand));
  }
  BoundTerm bound;
  bound.name = fmt::format("{}[{}..{}]", operand.name, ends[0].name, ends[1].name);
  bound.term = Term::Of(Term::Kind::kSlice, operand.term.type, 0);
  bound.term.name = operand.name;
  bound.term.arguments = {std::move(operand.term), std::move(ends[0].term), std::move(ends[1].term)};
  return bound;
}

}  // namespace cassette::cql::analysis
