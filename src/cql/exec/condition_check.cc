#include "cql/exec/condition_check.h"

#include <fmt/format.h>

#include "codec/fixed.h"

namespace cassette::cql::exec {
namespace {

using analysis::Condition;
using analysis::ConditionOperator;
using types::DataType;
using types::TypeKind;
using types::ValueView;

// A non-frozen collection without elements is no cells at all.
constexpr std::string_view kEmptyCollection("\0\0\0\0", 4);

// The items of a collection: key, value, key, value of a map.
base::Status SplitCollection(const DataType& type, std::string_view bytes, std::vector<ValueView>* items) {
  if (type.kind() != TypeKind::kMap || bytes.size() < sizeof(uint32_t)) return SplitList(bytes, items);
  const uint32_t count = codec::LoadBig<uint32_t>(bytes.data());
  bytes.remove_prefix(sizeof(uint32_t));
  return SplitTuple(bytes, size_t{count} * 2, items);
}

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
  CASSETTE_RETURN_IF_ERROR(SplitCollection(type, value.bytes, &items));
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
  CASSETTE_RETURN_IF_ERROR(SplitTuple(value.bytes, condition.column_type.fields().size(), &fields));
  return fields[condition.field];
}

base::Result<bool> Contains(const Condition& condition, const ValueView& collection, const ValueView& wanted) {
  const DataType& type = condition.part == Condition::Part::kElement
                             ? condition.column_type.element(condition.column_type.kind() == TypeKind::kMap ? 1 : 0)
                         : condition.part == Condition::Part::kField ? condition.column_type.element(condition.field)
                                                                     : condition.column_type;
  std::vector<ValueView> items;
  if (!collection.bytes.empty()) CASSETTE_RETURN_IF_ERROR(SplitCollection(type, collection.bytes, &items));
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
  const Condition& condition = *bound.condition;
  CASSETTE_ASSIGN_OR_RETURN(const ValueView part, PartOf(bound, value));
  const bool is_cells = condition.part == Condition::Part::kWhole && condition.column_type.is_collection() &&
                        condition.column_type.is_multi_cell();
  for (const ValueView& wanted : bound.values) {
    const bool is_empty = is_cells && part.is_null() && !wanted.is_null();
    CASSETTE_ASSIGN_OR_RETURN(const bool is_satisfied,
                              CompareOne(condition, is_empty ? ValueView::Of(kEmptyCollection) : part, wanted));
    if (is_satisfied) return true;
  }
  return false;
}

}  // namespace cassette::cql::exec
