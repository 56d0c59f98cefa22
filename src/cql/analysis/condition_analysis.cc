#include "cql/analysis/condition_analysis.h"

#include <fmt/format.h>

#include <utility>

namespace cassette::cql::analysis {
namespace {

using schema::ColumnKind;
using types::DataType;
using types::TypeKind;

ConditionOperator OperatorOf(parser::Operator op) {
  switch (op) {
    case parser::Operator::kNotEqual:
      return ConditionOperator::kNotEqual;
    case parser::Operator::kLess:
      return ConditionOperator::kLess;
    case parser::Operator::kLessOrEqual:
      return ConditionOperator::kLessOrEqual;
    case parser::Operator::kGreater:
      return ConditionOperator::kGreater;
    case parser::Operator::kGreaterOrEqual:
      return ConditionOperator::kGreaterOrEqual;
    case parser::Operator::kIn:
      return ConditionOperator::kIn;
    case parser::Operator::kContains:
      return ConditionOperator::kContains;
    case parser::Operator::kContainsKey:
      return ConditionOperator::kContainsKey;
    default:
      return ConditionOperator::kEqual;  // The grammar has no other.
  }
}

bool IsSlice(ConditionOperator op) {
  return op == ConditionOperator::kLess || op == ConditionOperator::kLessOrEqual || op == ConditionOperator::kGreater ||
         op == ConditionOperator::kGreaterOrEqual;
}

bool HoldsDuration(const DataType& type) {
  if (type.kind() == TypeKind::kDuration) return true;
  for (const DataType::Field& field : type.fields()) {
    if (HoldsDuration(*field.type)) return true;
  }
  return false;
}

bool HasCounter(const schema::Table& table) {
  for (const schema::Column& column : table.columns) {
    if (column.type.kind() == TypeKind::kCounter) return true;
  }
  return false;
}

class ConditionBinder {
 public:
  ConditionBinder(const parser::Condition& source, const schema::Column& column, TermBinder& binder)
      : source_(source), column_(column), binder_(binder) {}

  base::Result<Condition> Bind() {
    condition_.column = column_.id;
    condition_.column_type = column_.type;
    condition_.op = OperatorOf(source_.op);
    if (source_.key) {
      CASSETTE_RETURN_IF_ERROR(BindElement());
    } else if (source_.field) {
      CASSETTE_RETURN_IF_ERROR(BindField());
    } else {
      part_name_ = column_.name;
      condition_.value_type = column_.type;
    }
    CASSETTE_RETURN_IF_ERROR(CheckOperator());
    CASSETTE_RETURN_IF_ERROR(BindValues());
    return std::move(condition_);
  }

 private:
  base::Status Fail(const std::string& message) const { return binder_.Fail(source_.column.position, message); }

  base::Status BindElement() {
    const DataType& type = column_.type;
    if (!type.is_collection()) {
      return Fail(fmt::format("Invalid element access syntax for non-collection column {}", column_.name));
    }
    if (type.kind() == TypeKind::kSet) {
      return Fail(fmt::format("Invalid element access syntax for set column {}", column_.name));
    }
    const bool is_map = type.kind() == TypeKind::kMap;
    condition_.part = Condition::Part::kElement;
    condition_.value_type = type.element(is_map ? 1 : 0);
    part_name_ = fmt::format("value({})", column_.name);
    const Receiver receiver = is_map ? Receiver{fmt::format("key({})", column_.name), type.element(0)}
                                     : Receiver{fmt::format("idx({})", column_.name), DataType(TypeKind::kInt)};
    CASSETTE_ASSIGN_OR_RETURN(condition_.element, binder_.Bind(*source_.key, receiver));
    return base::Status::Ok();
  }

  base::Status BindField() {
    const auto& fields = column_.type.fields();
    if (column_.type.kind() != TypeKind::kUdt) {
      return Fail(fmt::format("Invalid field access syntax for column {}, which is no user type", column_.name));
    }
    for (size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].name != source_.field->name) continue;
      condition_.part = Condition::Part::kField;
      condition_.field = static_cast<uint32_t>(i);
      condition_.value_type = *fields[i].type;
      part_name_ = fmt::format("{}.{}", column_.name, fields[i].name);
      return base::Status::Ok();
    }
    return Fail(fmt::format("Unknown field {} for column {}", source_.field->name, column_.name));
  }

  base::Status CheckOperator() {
    const DataType& type = condition_.value_type;
    if (IsSlice(condition_.op) && HoldsDuration(type)) {
      if (type.is_collection()) {
        return Fail("Slice conditions are not supported on collections containing durations");
      }
      if (type.kind() == TypeKind::kTuple) {
        return Fail("Slice conditions are not supported on tuples containing durations");
      }
      if (type.kind() == TypeKind::kUdt) return Fail("Slice conditions are not supported on UDTs containing durations");
      return Fail(fmt::format("Slice conditions ( {} ) are not supported on durations", ToString(condition_.op)));
    }
    if (condition_.op == ConditionOperator::kContainsKey) {
      if (type.kind() != TypeKind::kMap) {
        return Fail(fmt::format("Cannot use CONTAINS KEY on non-map column {}", part_name_));
      }
      part_name_ = fmt::format("key({})", part_name_);
      condition_.value_type = DataType(type.element(0));
    } else if (condition_.op == ConditionOperator::kContains) {
      if (!type.is_collection()) {
        return Fail(fmt::format("Cannot use CONTAINS on non-collection column {}", part_name_));
      }
      part_name_ = fmt::format("value({})", part_name_);
      condition_.value_type = DataType(type.element(type.kind() == TypeKind::kMap ? 1 : 0));
    }
    return base::Status::Ok();
  }

  base::Status BindValues() {
    condition_.in_marker = condition_.op == ConditionOperator::kIn && !source_.in_list;
    const Receiver receiver =
        condition_.in_marker ? Receiver{fmt::format("in({})", part_name_), DataType::List(condition_.value_type, true)}
                             : Receiver{part_name_, condition_.value_type};
    for (const parser::Expression& value : source_.values) {
      CASSETTE_ASSIGN_OR_RETURN(Term term, binder_.Bind(value, receiver));
      condition_.values.push_back(std::move(term));
    }
    return base::Status::Ok();
  }

  const parser::Condition& source_;
  const schema::Column& column_;
  TermBinder& binder_;
  Condition condition_;
  std::string part_name_;
};

// Every column of the primary key by = or IN.
bool NamesRows(const ModificationPlan& plan) {
  return plan.where.clustering_columns() == plan.table->clustering_count() && !plan.where.has_clustering_slice();
}

}  // namespace

const char* ToString(ConditionOperator op) {
  switch (op) {
    case ConditionOperator::kEqual:
      return "=";
    case ConditionOperator::kNotEqual:
      return "!=";
    case ConditionOperator::kLess:
      return "<";
    case ConditionOperator::kLessOrEqual:
      return "<=";
    case ConditionOperator::kGreater:
      return ">";
    case ConditionOperator::kGreaterOrEqual:
      return ">=";
    case ConditionOperator::kIn:
      return "IN";
    case ConditionOperator::kContains:
      return "CONTAINS";
    case ConditionOperator::kContainsKey:
      break;
  }
  return "CONTAINS KEY";
}

base::Result<ConditionsPtr> AnalyzeExistence(Conditions::Kind kind, const schema::Table& table) {
  if (HasCounter(table)) return base::InvalidArgument("Conditional updates are not supported on counter tables");
  auto result = std::make_shared<Conditions>();
  result->kind = kind;
  return ConditionsPtr(std::move(result));
}

base::Result<ConditionsPtr> AnalyzeConditions(const std::vector<parser::Condition>& conditions,
                                              const schema::Table& table, TermBinder& binder) {
  CASSETTE_ASSERT(!conditions.empty());
  auto result = std::make_shared<Conditions>();
  for (const parser::Condition& source : conditions) {
    CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, binder.FindColumn(source.column));
    if (column->kind == ColumnKind::kPartitionKey || column->kind == ColumnKind::kClustering) {
      return binder.Fail(source.column.position,
                         fmt::format("PRIMARY KEY column '{}' cannot have IF conditions", column->name));
    }
    if (column->type.kind() == TypeKind::kCounter) {
      return binder.Fail(source.column.position, "Conditions on counters are not supported");
    }
    CASSETTE_ASSIGN_OR_RETURN(Condition condition, ConditionBinder(source, *column, binder).Bind());
    (column->kind == ColumnKind::kStatic ? result->statics : result->rows).push_back(std::move(condition));
  }
  if (HasCounter(table)) return base::InvalidArgument("Conditional updates are not supported on counter tables");
  return ConditionsPtr(std::move(result));
}

base::Status CheckConditional(const ModificationPlan& plan) {
  CASSETTE_ASSERT(plan.conditions != nullptr);
  if (plan.timestamp) return base::InvalidArgument("Cannot provide custom timestamp for conditional updates");
  if (plan.kind != ModificationPlan::Kind::kDelete || NamesRows(plan)) return base::Status::Ok();
  if (plan.deletes_whole || !plan.regular.empty()) {
    return base::InvalidArgument(
        "DELETE statements must restrict all PRIMARY KEY columns with equality relations in order to delete non static "
        "columns");
  }
  if (!plan.conditions->rows.empty()) {
    return base::InvalidArgument(
        "DELETE statements must restrict all PRIMARY KEY columns with equality relations in order to use IF condition "
        "on non static columns");
  }
  return base::Status::Ok();
}

}  // namespace cassette::cql::analysis
