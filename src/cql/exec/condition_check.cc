#include "cql/exec/condition_check.h"

#include <fmt/format.h>

#include "codec/fixed.h"
#include "types/composite.h"

namespace cassette::cql::exec {
namespace {

using analysis::Condition;
using analysis::ConditionOperator;
using types::DataType;
using types::TypeKind;
using types::ValueView;

base::Result<int32_t> IndexOf(const ValueView& element) {
  const int64_t index = types::ToInt64(TypeKind::kInt, element.bytes);
  if (index < 0) return base::InvalidArgument(fmt::format("Invalid negative list index {}", index));
  return static_cast<int32_t>(index);
}

base::Result<ValueView> ElementOf(const BoundCondition& bound, const ValueView& value) {
  const DataType& type = bound.condition->column_type;
  const bool is_list = type.kind() == TypeKind::kList;
  int32_t index = 0;
  if (is_list) {
    CASSETTE_ASSIGN_OR_RETURN(index, IndexOf(bound.element));
  }
  if (value.is_null() || value.bytes.empty()) return ValueView::Null();
  std::vector<ValueView> items;
  CASSETTE_RETURN_IF_ERROR(types::SplitComposite(type, value.bytes, &items));
  if (is_list) return static_cast<size_t>(index) < items.size() ? items[static_cast<size_t>(index)] : ValueView::Null();
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    if (types::Compare(type.element(0), items[i].bytes, bound.element.bytes) == 0) return items[i + 1];
  }
  return ValueView::Null();
}

// What of the column the condition is about.
base::Result<ValueView> PartOf(const BoundCondition& bound, const ValueView& value) {
  const Condition& condition = *bound.condition;
  if (condition.part == Condition::Part::kElement) return ElementOf(bound, value);
  if (condition.part == Condition::Part::kWhole || value.is_null()) return value;
  std::vector<ValueView> fields;
  CASSETTE_RETURN_IF_ERROR(types::SplitComposite(condition.column_type, value.bytes, &fields));
  return condition.field < fields.size() ? fields[condition.field] : ValueView::Null();
}

base::Result<bool> Contains(const Condition& condition, const ValueView& collection, const ValueView& wanted) {
  const DataType& type = condition.part == Condition::Part::kElement
                             ? condition.column_type.element(condition.column_type.kind() == TypeKind::kMap ? 1 : 0)
                         : condition.part == Condition::Part::kField ? condition.column_type.element(condition.field)
                                                                     : condition.column_type;
  std::vector<ValueView> items;
  if (!collection.bytes.empty()) CASSETTE_RETURN_IF_ERROR(types::SplitComposite(type, collection.bytes, &items));
  const size_t stride = type.kind() == TypeKind::kMap ? 2 : 1;
  const size_t first = stride == 2 && condition.op == ConditionOperator::kContains ? 1 : 0;
  for (size_t i = first; i < items.size(); i += stride) {
    if (types::Compare(condition.value_type, items[i].bytes, wanted.bytes) == 0) return true;
  }
  return false;
}

base::Result<bool> CompareOne(const Condition& condition, const ValueView& value, const ValueView& wanted) {
  const ConditionOperator op = condition.op;
  const bool is_equality = op == ConditionOperator::kEqual || op == ConditionOperator::kIn;
  if (wanted.is_null()) {
    if (is_equality) return value.is_null();
    if (op == ConditionOperator::kNotEqual) return !value.is_null();
    return base::InvalidArgument(
        fmt::format("Invalid comparison with null for operator \"{}\"", analysis::ToString(op)));
  }
  if (value.is_null()) return op == ConditionOperator::kNotEqual;
  if (op == ConditionOperator::kContains || op == ConditionOperator::kContainsKey) {
    return Contains(condition, value, wanted);
  }
  const int order = types::Compare(condition.value_type, value.bytes, wanted.bytes);
  switch (op) {
    case ConditionOperator::kNotEqual:
      return order != 0;
    case ConditionOperator::kLess:
      return order < 0;
    case ConditionOperator::kLessOrEqual:
      return order <= 0;
    case ConditionOperator::kGreater:
      return order > 0;
    case ConditionOperator::kGreaterOrEqual:
      return order >= 0;
    default:
      return order == 0;
  }
}

bool IsSlice(ConditionOperator op) {
  return op == ConditionOperator::kLess || op == ConditionOperator::kLessOrEqual || op == ConditionOperator::kGreater ||
         op == ConditionOperator::kGreaterOrEqual;
}

// A non-frozen collection without elements has no cells: it is nothing, as null is.
base::Result<ValueView> EmptyAsNull(const Condition& condition, const ValueView& wanted) {
  const DataType& type = condition.value_type;
  const bool is_cells = condition.part == Condition::Part::kWhole && type.is_collection() && type.is_multi_cell();
  if (!is_cells || wanted.is_null()) return wanted;
  const bool is_empty = wanted.bytes.size() < sizeof(uint32_t) || codec::LoadBig<uint32_t>(wanted.bytes.data()) == 0;
  if (!is_empty) return wanted;
  if (!IsSlice(condition.op)) return ValueView::Null();
  return base::InvalidArgument(fmt::format("Invalid comparison with an empty {} for operator \"{}\"",
                                           types::TypeKindName(type.kind()), analysis::ToString(condition.op)));
}

base::Status UnsetValue() { return base::InvalidArgument("Invalid 'unset' value in condition"); }

}  // namespace

base::Result<BoundCondition> BindCondition(const Condition& condition, Evaluator& evaluator) {
  BoundCondition bound;
  bound.condition = &condition;
  if (condition.part == Condition::Part::kElement) {
    CASSETTE_ASSIGN_OR_RETURN(bound.element, evaluator.Evaluate(condition.element));
    if (bound.element.is_unset()) return UnsetValue();
    if (bound.element.is_null() || (condition.column_type.kind() == TypeKind::kList && bound.element.bytes.empty())) {
      return base::InvalidArgument(fmt::format("Invalid null value for {} element access",
                                               condition.column_type.kind() == TypeKind::kMap ? "map" : "list"));
    }
  }
  if (condition.in_marker) {
    CASSETTE_ASSIGN_OR_RETURN(const ValueView list, evaluator.Evaluate(condition.values[0]));
    if (list.is_unset()) return UnsetValue();
    if (list.is_null()) return base::InvalidArgument("Invalid null list in IN condition");
    CASSETTE_RETURN_IF_ERROR(SplitList(list.bytes, &bound.values));
    return bound;
  }
  for (const analysis::Term& term : condition.values) {
    CASSETTE_ASSIGN_OR_RETURN(const ValueView value, evaluator.Evaluate(term));
    if (!value.is_unset()) {
      bound.values.push_back(value);
    } else if (condition.op != ConditionOperator::kIn) {
      return UnsetValue();
    }
  }
  return bound;
}

base::Result<bool> IsSatisfied(const BoundCondition& bound, const ValueView& value) {
  CASSETTE_ASSIGN_OR_RETURN(const ValueView part, PartOf(bound, value));
  for (const ValueView& wanted : bound.values) {
    CASSETTE_ASSIGN_OR_RETURN(const ValueView asked, EmptyAsNull(*bound.condition, wanted));
    CASSETTE_ASSIGN_OR_RETURN(const bool is_satisfied, CompareOne(*bound.condition, part, asked));
    if (is_satisfied) return true;
  }
  return false;
}

}  // namespace cassette::cql::exec
