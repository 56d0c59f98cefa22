#include "cql/analysis/assignment_analysis.h"

#include <fmt/format.h>

#include "codec/fixed.h"

namespace cassette::cql::analysis {
namespace {

using Operation = Assignment::Operation;
using parser::Expression;
using types::DataType;
using types::TypeKind;

Assignment Begin(Operation operation, const schema::Column& column) {
  Assignment result;
  result.operation = operation;
  result.column = column.id;
  result.is_complex = column.type.is_multi_cell();
  return result;
}

// The assignment as messages have it.
std::string Describe(const parser::Assignment& assignment, const schema::Column& column) {
  using Kind = parser::Assignment::Kind;
  const std::string& name = column.name;
  const std::string value = ToString(assignment.value);
  switch (assignment.kind) {
    case Kind::kAdd:
      return fmt::format("{} = {} + {}", name, name, value);
    case Kind::kSubtract:
      return fmt::format("{} = {} - {}", name, name, value);
    case Kind::kPrepend:
      return fmt::format("{} = {} - {}", name, value, name);  // A minus: so does Cassandra.
    case Kind::kSetElement:
      return fmt::format("{}[{}] = {}", name, ToString(*assignment.key), value);
    case Kind::kSetField:
      return fmt::format("{}.{} = {}", name, assignment.field->name, value);
    case Kind::kSet:
      break;
  }
  return fmt::format("{} = {}", name, value);
}

base::Result<Assignment> BindValue(Operation operation, const Expression& value, const schema::Column& column,
                                   const DataType& type, TermBinder& binder) {
  Assignment result = Begin(operation, column);
  CASSETTE_ASSIGN_OR_RETURN(result.value, binder.Bind(value, {column.name, type}));
  return result;
}

// Binds the key of column[key]: a list's index, a map's key, a set's element.
base::Status BindKey(const Expression& key, const schema::Column& column, TermBinder& binder, Assignment* result) {
  Receiver receiver{fmt::format("key({})", column.name), column.type.element(0)};
  if (column.type.kind() == TypeKind::kList) receiver = {fmt::format("idx({})", column.name), DataType(TypeKind::kInt)};
  if (column.type.kind() == TypeKind::kSet) receiver.name = fmt::format("value({})", column.name);
  CASSETTE_ASSIGN_OR_RETURN(result->key, binder.Bind(key, receiver));
  return base::Status::Ok();
}

// The path of a field; kInvalidArgument when the user type has none of the name.
base::Result<Term> FieldPath(const parser::Identifier& field, const schema::Column& column, TermBinder& binder) {
  const auto& fields = column.type.fields();
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name != field.name) continue;
    std::string path;
    codec::AppendBig(static_cast<uint16_t>(i), &path);
    return Term::Constant(DataType(TypeKind::kSmallint), std::move(path));
  }
  return binder.Fail(field.position,
                     fmt::format("UDT column {} does not have a field named {}", column.name, field.name));
}

const DataType& FieldType(const DataType& type, const Term& path) {
  return type.element(codec::LoadBig<uint16_t>(path.bytes.data()));
}

// column + value, of numbers and texts.
base::Result<Assignment> BindSum(const Expression& value, const schema::Column& column,
                                 std::shared_ptr<const functions::ScalarFunction> function, TermBinder& binder) {
  CASSETTE_ASSIGN_OR_RETURN(Assignment result, BindValue(Operation::kAdd, value, column, column.type, binder));
  Term sum = Term::Of(Term::Kind::kCall, column.type, 0);
  sum.function = std::move(function);
  sum.arguments = {Term::Of(Term::Kind::kColumn, column.type, 0), std::move(result.value)};
  result.value = std::move(sum);
  return result;
}

base::Result<Assignment> BindArithmetic(const parser::Assignment& assignment, const schema::Column& column,
                                        bool is_conditional, TermBinder& binder) {
  const bool is_add = assignment.kind == parser::Assignment::Kind::kAdd;
  const Operation operation = is_add ? Operation::kAdd : Operation::kDiscard;
  const DataType& type = column.type;
  if (type.kind() == TypeKind::kCounter) {
    return BindValue(operation, assignment.value, column, type, binder);
  }
  const auto refuse = [&](const char* what) {
    return binder.Fail(assignment.column.position, fmt::format("Invalid operation ({}) for {} column {}",
                                                               Describe(assignment, column), what, column.name));
  };
  if (is_conditional && is_add) {
    if (auto function = binder.SumOf(type)) return BindSum(assignment.value, column, std::move(function), binder);
  }
  if (!type.is_collection()) return refuse("non counter");
  if (!type.is_multi_cell()) return refuse("frozen collection");
  // What is taken from a map is a set of its keys.
  const bool takes_keys = !is_add && type.kind() == TypeKind::kMap;
  const DataType operand = takes_keys ? DataType::Set(type.element(0), true) : type;
  return BindValue(operation, assignment.value, column, operand, binder);
}

base::Result<Assignment> BindElement(const parser::Assignment& assignment, const schema::Column& column,
                                     TermBinder& binder) {
  const DataType& type = column.type;
  const char* refused = !type.is_collection()           ? "non collection"
                        : !type.is_multi_cell()         ? "frozen collection"
                        : type.kind() == TypeKind::kSet ? "set"
                                                        : nullptr;
  if (refused != nullptr) {
    return binder.Fail(assignment.column.position, fmt::format("Invalid operation ({}) for {} column {}",
                                                               Describe(assignment, column), refused, column.name));
  }
  Assignment result = Begin(Operation::kSetElement, column);
  CASSETTE_RETURN_IF_ERROR(BindKey(*assignment.key, column, binder, &result));
  const Receiver receiver{fmt::format("value({})", column.name), type.element(type.kind() == TypeKind::kMap ? 1 : 0)};
  CASSETTE_ASSIGN_OR_RETURN(result.value, binder.Bind(assignment.value, receiver));
  return result;
}

base::Result<Assignment> BindField(const parser::Assignment& assignment, const schema::Column& column,
                                   TermBinder& binder) {
  const DataType& type = column.type;
  if (type.kind() != TypeKind::kUdt || !type.is_multi_cell()) {
    return binder.Fail(assignment.column.position,
                       fmt::format("Invalid operation ({}) for {} column {}", Describe(assignment, column),
                                   type.kind() == TypeKind::kUdt ? "frozen UDT" : "non-UDT", column.name));
  }
  Assignment result = Begin(Operation::kSetElement, column);
  CASSETTE_ASSIGN_OR_RETURN(result.key, FieldPath(*assignment.field, column, binder));
  const Receiver receiver{fmt::format("{}.{}", column.name, assignment.field->name), FieldType(type, *result.key)};
  CASSETTE_ASSIGN_OR_RETURN(result.value, binder.Bind(assignment.value, receiver));
  return result;
}

}  // namespace

base::Result<Assignment> BindAssignment(const parser::Assignment& assignment, const schema::Column& column,
                                        bool is_conditional, TermBinder& binder) {
  using Kind = parser::Assignment::Kind;
  switch (assignment.kind) {
    case Kind::kSet:
      if (column.type.kind() == TypeKind::kCounter) {
        return binder.Fail(assignment.column.position,
                           fmt::format("Cannot set the value of counter column {} (counters can only be "
                                       "incremented/decremented, not set)",
                                       column.name));
      }
      return BindValue(Operation::kSet, assignment.value, column, column.type, binder);
    case Kind::kAdd:
    case Kind::kSubtract:
      return BindArithmetic(assignment, column, is_conditional, binder);
    case Kind::kPrepend:
      if (column.type.kind() != TypeKind::kList || !column.type.is_multi_cell()) {
        return binder.Fail(assignment.column.position,
                           fmt::format("Invalid operation ({}) for {} list column {}", Describe(assignment, column),
                                       column.type.kind() == TypeKind::kList ? "frozen" : "non", column.name));
      }
      return BindValue(Operation::kPrepend, assignment.value, column, column.type, binder);
    case Kind::kSetElement:
      return BindElement(assignment, column, binder);
    case Kind::kSetField:
      break;
  }
  return BindField(assignment, column, binder);
}

base::Result<Assignment> BindDeletion(const parser::Deletion& target, const schema::Column& column,
                                      TermBinder& binder) {
  const DataType& type = column.type;
  Assignment result = Begin(target.key || target.field ? Operation::kDeleteElement : Operation::kDelete, column);
  result.value = Term::Null(type);
  if (target.key) {
    if (!type.is_collection() || !type.is_multi_cell()) {
      return binder.Fail(target.column.position, fmt::format("Invalid deletion operation for {} collection column {}",
                                                             type.is_collection() ? "frozen" : "non", column.name));
    }
    CASSETTE_RETURN_IF_ERROR(BindKey(*target.key, column, binder, &result));
  }
  if (target.field) {
    if (type.kind() != TypeKind::kUdt) {
      return binder.Fail(target.column.position,
                         fmt::format("Invalid field deletion operation for non-UDT column {}", column.name));
    }
    if (!type.is_multi_cell()) {
      return binder.Fail(target.column.position,
                         fmt::format("Frozen UDT column {} does not support field deletions", column.name));
    }
    CASSETTE_ASSIGN_OR_RETURN(result.key, FieldPath(*target.field, column, binder));
  }
  return result;
}

base::Result<Assignment> BindInsertion(const Expression& value, const schema::Column& column, TermBinder& binder) {
  return BindValue(Operation::kSet, value, column, column.type, binder);
}

Assignment SetWhole(const schema::Column& column, Term value) {
  Assignment assignment = Begin(Operation::kSet, column);
  assignment.value = std::move(value);
  return assignment;
}

bool AreCompatible(const parser::Assignment& a, const parser::Assignment& b) {
  using Kind = parser::Assignment::Kind;
  if (a.kind == Kind::kSet || b.kind == Kind::kSet) return false;
  if (a.kind == Kind::kSetField && b.kind == Kind::kSetField) return a.field->name != b.field->name;
  return true;
}

}  // namespace cassette::cql::analysis
