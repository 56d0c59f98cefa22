// Literals of collections, tuples and vectors.
#include <fmt/format.h>

#include "cql/analysis/term_binder.h"

namespace cassette::cql::analysis {
namespace {

using parser::Expression;
using types::DataType;
using types::TypeKind;

const char* LiteralName(const Expression& expression) {
  if (expression.Is<parser::ListLiteral>()) return "list";
  if (expression.Is<parser::SetLiteral>()) return "set";
  if (expression.Is<parser::MapLiteral>()) return "map";
  if (expression.Is<parser::UserTypeLiteral>()) return "user type";
  return "tuple type";
}

// The elements of a literal that can stand for a value of `type`; false when it cannot.
bool ElementsFor(const Expression& expression, const DataType& type, std::vector<const Expression*>* elements) {
  const auto take = [elements](const std::vector<Expression>& list) {
    for (const Expression& element : list) elements->push_back(&element);
    return true;
  };
  if (const auto* list = expression.As<parser::ListLiteral>()) {
    return (type.kind() == TypeKind::kList || type.kind() == TypeKind::kVector) && take(list->elements);
  }
  if (const auto* set = expression.As<parser::SetLiteral>()) {
    if (type.kind() == TypeKind::kMap) return set->elements.empty();
    return type.kind() == TypeKind::kSet && take(set->elements);
  }
  if (const auto* tuple = expression.As<parser::TupleLiteral>()) {
    return type.kind() == TypeKind::kTuple && take(tuple->elements);
  }
  const auto* map = expression.As<parser::MapLiteral>();
  if (map == nullptr || type.kind() != TypeKind::kMap) return false;
  for (size_t i = 0; i < map->keys.size(); ++i) {
    elements->push_back(&map->keys[i]);
    elements->push_back(&map->values[i]);
  }
  return true;
}

// Type of element `index` of a composite; a map's elements are key, value, key, value...
const DataType& ElementType(const DataType& type, size_t index) {
  switch (type.kind()) {
    case TypeKind::kMap:
      return type.element(index % 2);
    case TypeKind::kTuple:
      return type.element(index);
    default:
      return type.element(0);
  }
}

}  // namespace

base::Result<BoundTerm> TermBinder::BindComposite(const Expression& expression, const Receiver* receiver) {
  const auto* tuple = expression.As<parser::TupleLiteral>();
  const bool is_parentheses = tuple != nullptr && tuple->elements.size() == 1 &&
                              (receiver == nullptr || receiver->type.kind() != TypeKind::kTuple);
  if (is_parentheses && receiver != nullptr) {
    CASSETTE_ASSIGN_OR_RETURN(BoundTerm bound, BindAny(tuple->elements[0], receiver));
    bound.name = "(" + bound.name + ")";
    return bound;
  }
  if (receiver == nullptr) {
    return Fail(expression.position,
                fmt::format("Cannot infer type for term {} in selection clause (try using a cast to force a type)",
                            ToString(expression)));
  }
  std::vector<const Expression*> elements;
  if (!ElementsFor(expression, receiver->type, &elements)) {
    return Fail(expression.position, fmt::format("Invalid {} literal for {} of type {}", LiteralName(expression),
                                                 receiver->name, receiver->type.ToString()));
  }
  return BindElements(expression, elements, *receiver);
}

base::Result<BoundTerm> TermBinder::BindElements(const Expression& expression,
                                                 const std::vector<const Expression*>& elements,
                                                 const Receiver& receiver) {
  const DataType& type = receiver.type;
  if (type.kind() == TypeKind::kTuple && elements.size() > type.fields().size()) {
    return Fail(expression.position,
                fmt::format("Invalid tuple literal for {}: too many elements. Type {} expects {} but got {}",
                            receiver.name, type.ToString(), type.fields().size(), elements.size()));
  }
  if (type.kind() == TypeKind::kVector && elements.size() != type.dimension()) {
    return Fail(expression.position, fmt::format("Invalid vector literal for {} of type {}; expected {} elements, but "
                                                 "given {}",
                                                 receiver.name, type.ToString(), type.dimension(), elements.size()));
  }
  BoundTerm bound;
  bound.name = ToString(expression);
  bound.term.kind = Term::Kind::kComposite;
  bound.term.type = type;
  for (size_t i = 0; i < elements.size(); ++i) {
    const Receiver element{fmt::format("{}[{}]", receiver.name, i), ElementType(type, i)};
    CASSETTE_ASSIGN_OR_RETURN(BoundTerm part, BindAny(*elements[i], &element));
    const bool is_null = part.term.is_constant() && part.term.is_null;
    if (is_null && type.kind() != TypeKind::kTuple) {
      return Fail(elements[i]->position, "null is not supported inside collections");
    }
    bound.term.arguments.push_back(std::move(part.term));
  }
  return bound;
}

}  // namespace cassette::cql::analysis
