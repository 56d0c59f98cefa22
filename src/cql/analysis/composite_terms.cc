// Literals of collections, tuples, user types and vectors, and what selections put together of columns.
#include <fmt/format.h>

#include <algorithm>

#include "cql/analysis/term_binder.h"
#include "types/composite.h"

namespace cassette::cql::analysis {
namespace {

using functions::Argument;
using functions::Assignability;
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

// The elements of a literal that can stand for a value of `type`; false when it cannot. Of user types see FieldsFor.
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

struct NamedField {
  const parser::Identifier* name;
  const Expression* value;
};

// The fields of a literal of a user type; in a selection that reads like a map whose keys are names. False when it is
// no such literal.
bool FieldsOf(const Expression& expression, std::vector<NamedField>* fields) {
  if (const auto* literal = expression.As<parser::UserTypeLiteral>()) {
    for (size_t i = 0; i < literal->fields.size(); ++i) fields->push_back({&literal->fields[i], &literal->values[i]});
    return true;
  }
  const auto* map = expression.As<parser::MapLiteral>();
  if (map == nullptr) return false;
  for (size_t i = 0; i < map->keys.size(); ++i) {
    const auto* name = map->keys[i].As<parser::ColumnReference>();
    if (name == nullptr) return false;
    fields->push_back({&name->column, &map->values[i]});
  }
  return true;
}

int FieldIndex(const DataType& type, std::string_view name) {
  for (size_t i = 0; i < type.fields().size(); ++i) {
    if (type.fields()[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

// The type that takes what each of `arguments` may be, of those they prefer themselves.
std::optional<DataType> CommonType(const std::vector<Argument>& arguments) {
  std::optional<DataType> first;
  for (const Argument& argument : arguments) {
    const std::optional<DataType> type = functions::PreferredType(argument);
    if (!type) continue;
    if (!first) first = type;
    const bool takes_all = std::all_of(arguments.begin(), arguments.end(),
                                       [&](const Argument& other) { return functions::IsAssignable(other, *type); });
    if (takes_all) return type;
  }
  return first;
}

}  // namespace

base::Result<BoundTerm> TermBinder::BindComposite(const Expression& expression, const Receiver* receiver) {
  std::optional<Receiver> own;
  if (receiver == nullptr) {
    CASSETTE_ASSIGN_OR_RETURN(const std::optional<DataType> type, ExactType(expression));
    if (!type) {
      return Fail(expression.position,
                  fmt::format("Cannot infer type for term {} in selection clause (try using a cast to force a type)",
                              ToString(expression)));
    }
    own = Receiver{"[selection]", *type};
    receiver = &*own;
  }
  const auto* tuple = expression.As<parser::TupleLiteral>();
  const bool is_parentheses =
      tuple != nullptr && tuple->elements.size() == 1 && receiver->type.kind() != TypeKind::kTuple;
  if (is_parentheses) {
    CASSETTE_ASSIGN_OR_RETURN(BoundTerm bound, BindAny(tuple->elements[0], receiver));
    bound.name = "(" + bound.name + ")";
    return bound;
  }
  if (receiver->type.kind() == TypeKind::kUdt) return BindUserType(expression, *receiver);
  std::vector<const Expression*> elements;
  if (!ElementsFor(expression, receiver->type, &elements)) {
    return Fail(expression.position, fmt::format("Invalid {} literal for {} of type {}", LiteralName(expression),
                                                 receiver->name, receiver->type.ToString()));
  }
  return BindElements(expression, elements, *receiver);
}

base::Result<BoundTerm> TermBinder::BindUserType(const Expression& expression, const Receiver& receiver) {
  std::vector<NamedField> fields;
  if (!FieldsOf(expression, &fields)) {
    return Fail(expression.position, fmt::format("Invalid {} literal for {} of type {}", LiteralName(expression),
                                                 receiver.name, receiver.type.ToString()));
  }
  BoundTerm bound;
  bound.term.kind = Term::Kind::kComposite;
  bound.term.type = receiver.type;
  bound.term.allows_null = true;
  for (const DataType::Field& field : receiver.type.fields()) bound.term.arguments.push_back(Term::Null(*field.type));
  for (const NamedField& field : fields) {
    const int index = FieldIndex(receiver.type, field.name->name);
    if (index < 0) {
      std::string known;
      for (const DataType::Field& other : receiver.type.fields()) known += (known.empty() ? "" : ", ") + other.name;
      return Fail(field.name->position,
                  fmt::format("Unknown field '{}' in value of user defined type {} (its fields: {})", field.name->name,
                              receiver.type.udt_name(), known));
    }
    const Receiver part{fmt::format("{}.{}", receiver.name, field.name->name),
                        receiver.type.element(static_cast<size_t>(index))};
    CASSETTE_ASSIGN_OR_RETURN(BoundTerm value, BindPartValue(*field.value, part));
    bound.name += fmt::format("{}{}: {}", bound.name.empty() ? "" : ", ", field.name->name, value.name);
    bound.term.arguments[static_cast<size_t>(index)] = std::move(value.term);
  }
  bound.name = "{" + bound.name + "}";
  return bound;
}

// A part of a literal. In a selection a column says its type itself, which must be the one wanted.
base::Result<BoundTerm> TermBinder::BindPartValue(const Expression& expression, const Receiver& receiver) {
  CASSETTE_ASSIGN_OR_RETURN(BoundTerm bound, BindAny(expression, &receiver));
  const DataType& from = bound.term.type;
  const bool fits = functions::TestAssignment(sink_ != nullptr ? from.Freeze() : from, receiver.type) !=
                    Assignability::kNotAssignable;
  if (fits) return bound;
  return Fail(expression.position, fmt::format("{} of type {} is not of type {}", bound.name,
                                               bound.term.type.ToString(), receiver.type.ToString()));
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
  const bool is_selection = sink_ != nullptr;
  const bool is_map = type.kind() == TypeKind::kMap;
  BoundTerm bound;
  bound.term.kind = Term::Kind::kComposite;
  bound.term.type = type;
  bound.term.allows_null =
      type.kind() == TypeKind::kTuple || (is_selection && (type.kind() == TypeKind::kList || is_map));
  for (size_t i = 0; i < elements.size(); ++i) {
    const Receiver element{fmt::format("{}[{}]", receiver.name, i), types::ItemType(type, i)};
    CASSETTE_ASSIGN_OR_RETURN(BoundTerm part, BindPartValue(*elements[i], element));
    const bool is_null = part.term.is_constant() && part.term.is_null;
    if (is_null && !bound.term.allows_null) {
      return Fail(elements[i]->position, "null is not supported inside collections");
    }
    bound.name += (i == 0 ? "" : is_map && i % 2 == 1 ? ": " : ", ") + part.name;
    bound.term.arguments.push_back(std::move(part.term));
  }
  const bool is_list = expression.Is<parser::ListLiteral>();
  const bool is_tuple = expression.Is<parser::TupleLiteral>();
  bound.name = (is_list ? "[" : is_tuple ? "(" : "{") + bound.name + (is_list ? "]" : is_tuple ? ")" : "}");
  return bound;
}

base::Result<std::optional<DataType>> TermBinder::FirstExactType(const std::vector<Expression>& expressions) {
  for (const Expression& expression : expressions) {
    CASSETTE_ASSIGN_OR_RETURN(std::optional<DataType> type, ExactType(expression));
    if (type) return type;
  }
  return std::optional<DataType>();
}

base::Result<std::optional<DataType>> TermBinder::ExactType(const Expression& expression) {
  std::optional<DataType> none;
  if (const auto* list = expression.As<parser::ListLiteral>()) {
    CASSETTE_ASSIGN_OR_RETURN(const std::optional<DataType> element, FirstExactType(list->elements));
    return element ? DataType::List(*element, true) : none;
  }
  if (const auto* set = expression.As<parser::SetLiteral>()) {
    CASSETTE_ASSIGN_OR_RETURN(const std::optional<DataType> element, FirstExactType(set->elements));
    return element ? DataType::Set(*element, true) : none;
  }
  if (const auto* tuple = expression.As<parser::TupleLiteral>()) {
    if (tuple->elements.size() == 1) return none;  // A tuple or parentheses: nothing here says which.
    std::vector<DataType> types;
    for (const Expression& element : tuple->elements) {
      CASSETTE_ASSIGN_OR_RETURN(const std::optional<DataType> type, ExactType(element));
      if (!type) return none;
      types.push_back(*type);
    }
    return std::optional(DataType::Tuple(std::move(types)));
  }
  const bool is_open = expression.Is<parser::MapLiteral>() || expression.Is<parser::UserTypeLiteral>();
  if (is_open) return none;
  CASSETTE_ASSIGN_OR_RETURN(const Argument argument, ArgumentOf(expression));
  return argument.form == Argument::Form::kTyped ? argument.type : none;
}

base::Result<Argument> TermBinder::CompositeArgument(const Expression& expression) {
  CASSETTE_ASSIGN_OR_RETURN(const std::optional<DataType> exact, ExactType(expression));
  if (exact) return Argument::Typed(*exact, ToString(expression));
  Argument argument = Argument::Literal(Argument::Form::kOther, ToString(expression));
  argument.fits = [this, &expression](const DataType& type) {
    return Fits(expression, type) ? Assignability::kWeaklyAssignable : Assignability::kNotAssignable;
  };
  const auto* list = expression.As<parser::ListLiteral>();
  const auto* set = expression.As<parser::SetLiteral>();
  if (list == nullptr && set == nullptr) return argument;
  if (list != nullptr) argument.element_count = list->elements.size();
  argument.preferred = [this, list, set]() -> std::optional<DataType> {
    std::vector<Argument> elements;
    for (const Expression& element : list != nullptr ? list->elements : set->elements) {
      base::Result<Argument> part = ArgumentOf(element);
      if (!part.ok()) return std::nullopt;
      elements.push_back(*std::move(part));
    }
    const std::optional<DataType> common = CommonType(elements);
    if (!common) return std::nullopt;
    return list != nullptr ? DataType::List(*common, true) : DataType::Set(*common, true);
  };
  return argument;
}

bool TermBinder::Fits(const Expression& expression, const DataType& type) {
  const auto takes = [this](const Expression& part, const DataType& part_type) {
    const base::Result<Argument> argument = ArgumentOf(part);
    return argument.ok() && functions::IsAssignable(*argument, part_type);
  };
  if (type.kind() == TypeKind::kUdt) {
    std::vector<NamedField> fields;
    return FieldsOf(expression, &fields) && std::all_of(fields.begin(), fields.end(), [&](const NamedField& field) {
             const int index = FieldIndex(type, field.name->name);
             return index >= 0 && takes(*field.value, type.element(static_cast<size_t>(index)));
           });
  }
  std::vector<const Expression*> elements;
  if (!ElementsFor(expression, type, &elements)) return false;
  if (type.kind() == TypeKind::kTuple && elements.size() > type.fields().size()) return false;
  for (size_t i = 0; i < elements.size(); ++i) {
    if (!takes(*elements[i], types::ItemType(type, i))) return false;
  }
  return true;
}

}  // namespace cassette::cql::analysis
