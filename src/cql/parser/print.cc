// Syntax trees as CQL again.
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "cql/parser/ast.h"
#include "cql/parser/keyword.h"

namespace cassette::cql::parser {
namespace {

// A name as CQL must write it: in quotes unless it is a plain lower-case word that is no reserved keyword.
std::string NameText(const Identifier& identifier) {
  const std::string& name = identifier.name;
  bool plain = !name.empty() && name[0] >= 'a' && name[0] <= 'z';
  for (char c : name) plain = plain && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
  if (plain) {
    const Keyword keyword = FindKeyword(name);
    plain = keyword == Keyword::kNone || ClassOf(keyword) != KeywordClass::kReserved || keyword == Keyword::kToken;
  }
  if (plain) return name;
  std::string quoted = "\"";
  for (char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

std::string NameText(const QualifiedName& name) {
  if (!name.keyspace.has_value()) return NameText(name.name);
  return NameText(*name.keyspace) + "." + NameText(name.name);
}

std::string StringText(const std::string& text) {
  std::string quoted = "'";
  for (char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

std::string Joined(const std::vector<Expression>& elements) {
  std::string result;
  for (const Expression& element : elements) {
    if (!result.empty()) result += ", ";
    result += ToString(element);
  }
  return result;
}

// An operand of an operator: in parentheses when it is itself an operation. (A parenthesised operand is a TupleLiteral,
// so only trees that no text gives need them.)
std::string Operand(const Expression& expression) {
  const bool operation = expression.Is<Operation>() || expression.Is<Negation>();
  return operation ? "(" + ToString(expression) + ")" : ToString(expression);
}

int Precedence(ArithmeticOperator op) {
  return op == ArithmeticOperator::kAdd || op == ArithmeticOperator::kSubtract ? 1 : 2;
}

// The left operand of `op`, for which the grammar needs no parentheses when it binds as tightly.
std::string LeftOperand(const Expression& expression, ArithmeticOperator op) {
  const Operation* operation = expression.As<Operation>();
  if (operation != nullptr && Precedence(operation->op) >= Precedence(op)) return ToString(expression);
  return expression.Is<Negation>() ? ToString(expression) : Operand(expression);
}

std::string RightOperand(const Expression& expression, ArithmeticOperator op) {
  const Operation* operation = expression.As<Operation>();
  if (operation != nullptr && Precedence(operation->op) > Precedence(op)) return ToString(expression);
  return expression.Is<Negation>() ? ToString(expression) : Operand(expression);
}

std::string_view MetadataName(CellMetadata::Kind kind) {
  switch (kind) {
    case CellMetadata::Kind::kWriteTime:
      return "writetime";
    case CellMetadata::Kind::kMaxWriteTime:
      return "maxwritetime";
    case CellMetadata::Kind::kTtl:
      return "ttl";
  }
  return "";
}

struct Printer {
  std::string operator()(const Literal& literal) const {
    if (literal.kind == Literal::Kind::kNull) return "null";
    return literal.kind == Literal::Kind::kString ? StringText(literal.text) : literal.text;
  }
  std::string operator()(const BindMarker& marker) const {
    return marker.name.has_value() ? ":" + NameText(*marker.name) : "?";
  }
  std::string operator()(const ListLiteral& list) const { return "[" + Joined(list.elements) + "]"; }
  std::string operator()(const SetLiteral& set) const { return "{" + Joined(set.elements) + "}"; }
  std::string operator()(const TupleLiteral& tuple) const { return "(" + Joined(tuple.elements) + ")"; }
  std::string operator()(const MapLiteral& map) const {
    std::string result;
    for (size_t i = 0; i < map.keys.size(); ++i) {
      if (i > 0) result += ", ";
      result += ToString(map.keys[i]) + ": " + ToString(map.values[i]);
    }
    return "{" + result + "}";
  }
  std::string operator()(const UserTypeLiteral& literal) const {
    std::string result;
    for (size_t i = 0; i < literal.fields.size(); ++i) {
      if (i > 0) result += ", ";
      result += NameText(literal.fields[i]) + ": " + ToString(literal.values[i]);
    }
    return "{" + result + "}";
  }
  std::string operator()(const FunctionCall& call) const {
    return NameText(call.function) + "(" + Joined(call.arguments) + ")";
  }
  std::string operator()(const TypeHint& hint) const {
    return "(" + ToString(hint.type) + ") " + ToString(*hint.operand);
  }
  std::string operator()(const Cast& cast) const {
    return "CAST(" + ToString(*cast.operand) + " AS " + ToString(cast.type) + ")";
  }
  std::string operator()(const Operation& operation) const {
    return fmt::format("{} {} {}", LeftOperand(*operation.left, operation.op), ToString(operation.op),
                       RightOperand(*operation.right, operation.op));
  }
  // The blank keeps "- 5" from becoming a number, and "- -x" from becoming a comment.
  std::string operator()(const Negation& negation) const { return "- " + ToString(*negation.operand); }
  std::string operator()(const ColumnReference& reference) const { return NameText(reference.column); }
  std::string operator()(const FieldSelection& selection) const {
    return ToString(*selection.operand) + "." + NameText(selection.field);
  }
  std::string operator()(const ElementSelection& selection) const {
    return ToString(*selection.operand) + "[" + ToString(*selection.element) + "]";
  }
  std::string operator()(const SliceSelection& selection) const {
    return fmt::format("{}[{}..{}]", ToString(*selection.operand),
                       selection.from ? ToString(*selection.from) + " " : "",
                       selection.to ? " " + ToString(*selection.to) : "");
  }
  std::string operator()(const CountRows&) const { return "COUNT(*)"; }
  std::string operator()(const CellMetadata& metadata) const {
    return fmt::format("{}({})", MetadataName(metadata.kind), ToString(*metadata.operand));
  }
};

std::string Parameters(const TypeName& type) {
  std::string result;
  for (const TypeName& parameter : type.parameters) {
    if (!result.empty()) result += ", ";
    result += ToString(parameter);
  }
  return result;
}

}  // namespace

std::string_view ToString(ArithmeticOperator op) {
  switch (op) {
    case ArithmeticOperator::kAdd:
      return "+";
    case ArithmeticOperator::kSubtract:
      return "-";
    case ArithmeticOperator::kMultiply:
      return "*";
    case ArithmeticOperator::kDivide:
      return "/";
    case ArithmeticOperator::kModulo:
      return "%";
  }
  return "";
}

std::string_view ToString(Operator op) {
  switch (op) {
    case Operator::kEqual:
      return "=";
    case Operator::kLess:
      return "<";
    case Operator::kLessOrEqual:
      return "<=";
    case Operator::kGreater:
      return ">";
    case Operator::kGreaterOrEqual:
      return ">=";
    case Operator::kNotEqual:
      return "!=";
    case Operator::kIn:
      return "IN";
    case Operator::kContains:
      return "CONTAINS";
    case Operator::kContainsKey:
      return "CONTAINS KEY";
    case Operator::kLike:
      return "LIKE";
    case Operator::kIsNotNull:
      return "IS NOT NULL";
  }
  return "";
}

std::string ToString(const TypeName& type) {
  switch (type.kind) {
    case TypeName::Kind::kNative:
      return type.name;
    case TypeName::Kind::kList:
      return "list<" + Parameters(type) + ">";
    case TypeName::Kind::kSet:
      return "set<" + Parameters(type) + ">";
    case TypeName::Kind::kMap:
      return "map<" + Parameters(type) + ">";
    case TypeName::Kind::kTuple:
      return "tuple<" + Parameters(type) + ">";
    case TypeName::Kind::kVector:
      return fmt::format("vector<{}, {}>", Parameters(type), type.dimension);
    case TypeName::Kind::kFrozen:
      return "frozen<" + Parameters(type) + ">";
    case TypeName::Kind::kUser: {
      Identifier name;
      name.name = type.name;
      return NameText(QualifiedName{type.keyspace, std::move(name)});
    }
    case TypeName::Kind::kCustom:
      return StringText(type.name);
  }
  return "";
}

std::string ToString(const Expression& expression) { return std::visit(Printer{}, expression.node); }

}  // namespace cassette::cql::parser
