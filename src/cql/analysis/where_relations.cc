// Relations one by one.
#include <fmt/format.h>

#include <algorithm>

#include "cql/analysis/where_analysis.h"

namespace cassette::cql::analysis {
namespace {

using parser::Operator;
using parser::Relation;
using types::DataType;
using types::TypeKind;

bool IsSlice(Operator op) {
  return op == Operator::kLess || op == Operator::kLessOrEqual || op == Operator::kGreater ||
         op == Operator::kGreaterOrEqual;
}

bool ContainsDuration(const DataType& type) {
  if (type.kind() == TypeKind::kDuration) return true;
  for (const DataType::Field& field : type.fields()) {
    if (ContainsDuration(*field.type)) return true;
  }
  return false;
}

std::string NamesOf(const Relation& relation) {
  std::string names;
  for (const parser::Identifier& column : relation.columns) names += (names.empty() ? "" : ", ") + column.name;
  return relation.target == Relation::Target::kColumn ? names : "(" + names + ")";
}

// The relation as text, for messages.
std::string Describe(const Relation& relation) {
  std::string text = fmt::format("{} {}", NamesOf(relation), ToString(relation.op));
  for (const parser::Expression& value : relation.values) text += " " + ToString(value);
  return text;
}

void SetRange(Operator op, RangeEnd range, Restriction* restriction) {
  restriction->kind = Restriction::Kind::kSlice;
  range.inclusive = op == Operator::kLessOrEqual || op == Operator::kGreaterOrEqual;
  const bool is_end = op == Operator::kLess || op == Operator::kLessOrEqual;
  (is_end ? restriction->end : restriction->start) = std::move(range);
}

DataType TupleOf(const std::vector<const schema::Column*>& columns) {
  std::vector<DataType> elements;
  for (const schema::Column* column : columns) elements.push_back(column->type);
  return DataType::Tuple(std::move(elements));
}

std::string TupleName(const std::vector<const schema::Column*>& columns) {
  std::string name;
  for (const schema::Column* column : columns) name += (name.empty() ? "" : ",") + column->name;
  return "(" + name + ")";
}

}  // namespace

base::Status WhereAnalysis::AddRelation(const Relation& relation) {
  switch (relation.target) {
    case Relation::Target::kColumn:
      return AddColumnRelation(relation);
    case Relation::Target::kTuple:
      return AddTupleRelation(relation);
    case Relation::Target::kToken:
      return AddTokenRelation(relation);
    case Relation::Target::kElement:
      return AddEntryRelation(relation);
    case Relation::Target::kIndexExpression:
      break;
  }
  return base::Unsupported("Index expressions are not supported yet (docs/cql/differences.md)");
}

base::Status WhereAnalysis::AddEqual(const schema::Column& column, const parser::Expression& value) {
  CASSETTE_ASSIGN_OR_RETURN(Term term, binder_.Bind(value, {column.name, column.type}));
  return AddEqual(column, std::move(term), value.position);
}

base::Status WhereAnalysis::AddEqual(const schema::Column& column, Term value, parser::SourcePosition position) {
  Restriction restriction;
  restriction.columns = {&column};
  restriction.values.push_back(std::move(value));
  return Add(std::move(restriction), position);
}

base::Status WhereAnalysis::RefuseOperator(const Relation& relation, const schema::Column& column) const {
  switch (relation.op) {
    case Operator::kNotEqual:
      return binder_.Fail(relation.position, fmt::format("Unsupported \"!=\" relation: {}", Describe(relation)));
    case Operator::kIsNotNull:
      return binder_.Fail(relation.position, fmt::format("Unsupported restriction: {}", Describe(relation)));
    case Operator::kLike:
      return binder_.Fail(
          relation.position,
          fmt::format("LIKE restriction is only supported on properly indexed columns. {} is not valid.",
                      Describe(relation)));
    case Operator::kContains:
    case Operator::kContainsKey: {
      if (kind_ == StatementKind::kUpdate || kind_ == StatementKind::kDelete) {
        return binder_.Fail(relation.position,
                            fmt::format("Cannot use {} with {}", kind_name(), ToString(relation.op)));
      }
      const bool wants_map = relation.op == Operator::kContainsKey;
      if (wants_map ? column.type.kind() != TypeKind::kMap : !column.type.is_collection()) {
        return binder_.Fail(relation.position, fmt::format("Cannot use {} on non-{} column {}", ToString(relation.op),
                                                           wants_map ? "map" : "collection", column.name));
      }
      return base::Status::Ok();
    }
    default:
      return base::Status::Ok();
  }
}

base::Status WhereAnalysis::AddColumnRelation(const Relation& relation) {
  CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, binder_.FindColumn(relation.columns[0]));
  CASSETTE_RETURN_IF_ERROR(RefuseOperator(relation, *column));
  const bool is_contains = relation.op == Operator::kContains || relation.op == Operator::kContainsKey;
  if (is_contains) return AddContains(relation, *column);
  if (column->type.is_multi_cell()) {
    return binder_.Fail(relation.position,
                        column->type.is_collection()
                            ? fmt::format("Collection column '{}' ({}) cannot be restricted by a '{}' relation",
                                          column->name, column->type.ToString(), ToString(relation.op))
                            : fmt::format("Non-frozen UDT column '{}' ({}) cannot be restricted by any relation",
                                          column->name, column->type.ToString()));
  }
  Restriction restriction;
  restriction.columns = {column};
  if (relation.op == Operator::kIn && !relation.in_list) {
    const Receiver receiver{fmt::format("in({})", column->name), DataType::List(column->type, true)};
    CASSETTE_ASSIGN_OR_RETURN(Term term, binder_.Bind(relation.values[0], receiver));
    restriction.kind = Restriction::Kind::kIn;
    restriction.in_marker = true;
    restriction.values.push_back(std::move(term));
    return Add(std::move(restriction), relation.position);
  }
  if (IsSlice(relation.op) && ContainsDuration(column->type)) {
    const char* what = column->type.is_collection()              ? "collections containing durations"
                       : column->type.kind() == TypeKind::kTuple ? "tuples containing durations"
                                                                 : "duration columns";
    return binder_.Fail(relation.position, fmt::format("Slice restrictions are not supported on {}", what));
  }
  for (const parser::Expression& value : relation.values) {
    CASSETTE_ASSIGN_OR_RETURN(Term term, binder_.Bind(value, {column->name, column->type}));
    restriction.values.push_back(std::move(term));
  }
  if (relation.op == Operator::kIn) {
    // One value is an equality, for ORDER BY and GROUP BY too.
    restriction.kind = restriction.values.size() == 1 ? Restriction::Kind::kEqual : Restriction::Kind::kIn;
  } else if (IsSlice(relation.op)) {
    RangeEnd range;
    range.term = std::move(restriction.values[0]);
    restriction.values.clear();
    SetRange(relation.op, std::move(range), &restriction);
  }
  return Add(std::move(restriction), relation.position);
}

base::Status WhereAnalysis::AddContains(const Relation& relation, const schema::Column& column) {
  const bool is_key = relation.op == Operator::kContainsKey;
  const size_t item = column.type.kind() == TypeKind::kMap && !is_key ? 1 : 0;
  const Receiver receiver{fmt::format("{}({})", is_key ? "key" : "value", column.name), column.type.element(item)};
  CASSETTE_ASSIGN_OR_RETURN(Term term, binder_.Bind(relation.values[0], receiver));
  Restriction restriction;
  restriction.kind = Restriction::Kind::kContains;
  restriction.columns = {&column};
  restriction.holdings.push_back({is_key ? Comparison::kContainsKey : Comparison::kContains, {std::move(term)}});
  return Add(std::move(restriction), relation.position);
}

// column[key] = value
base::Status WhereAnalysis::AddEntryRelation(const Relation& relation) {
  CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, binder_.FindColumn(relation.columns[0]));
  if (relation.op == Operator::kNotEqual) {
    return binder_.Fail(relation.position, fmt::format("Unsupported \"!=\" relation: {}", Describe(relation)));
  }
  const DataType& type = column->type;
  if (type.kind() == TypeKind::kList) {
    return binder_.Fail(
        relation.position,
        fmt::format("Indexes on list entries ({}[index] = value) are not currently supported.", column->name));
  }
  if (type.kind() != TypeKind::kMap) {
    return binder_.Fail(relation.position, fmt::format("Column {} cannot be used as a map", column->name));
  }
  if (type.frozen()) {
    return binder_.Fail(
        relation.position,
        fmt::format("Map-entry equality predicates on frozen map column {} are not supported", column->name));
  }
  if (relation.op != Operator::kEqual) {
    return binder_.Fail(relation.position, fmt::format("Only EQ relations are supported on map entries, but {} is not",
                                                       ToString(relation.op)));
  }
  CASSETTE_ASSIGN_OR_RETURN(Term key,
                            binder_.Bind(*relation.key, {fmt::format("key({})", column->name), type.element(0)}));
  CASSETTE_ASSIGN_OR_RETURN(
      Term value, binder_.Bind(relation.values[0], {fmt::format("value({})", column->name), type.element(1)}));
  Restriction restriction;
  restriction.kind = Restriction::Kind::kContains;
  restriction.columns = {column};
  restriction.holdings.push_back({Comparison::kEntry, {std::move(key), std::move(value)}});
  return Add(std::move(restriction), relation.position);
}

base::Result<std::vector<const schema::Column*>> WhereAnalysis::TupleColumns(const Relation& relation) const {
  std::vector<const schema::Column*> columns;
  for (const parser::Identifier& name : relation.columns) {
    CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, binder_.FindColumn(name));
    if (column->kind != schema::ColumnKind::kClustering) {
      return binder_.Fail(
          name.position, fmt::format("Multi-column relations can only be applied to clustering columns but was applied "
                                     "to: {}",
                                     column->name));
    }
    if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
      return binder_.Fail(name.position, fmt::format("Column \"{}\" appeared twice in a relation: {}", column->name,
                                                     Describe(relation)));
    }
    if (!columns.empty() && column->position != columns.back()->position + 1) {
      return binder_.Fail(name.position,
                          fmt::format("Clustering columns must appear in the PRIMARY KEY order in multi-column "
                                      "relations: {}",
                                      Describe(relation)));
    }
    columns.push_back(column);
  }
  return columns;
}

base::Result<Term> WhereAnalysis::BindTuple(const parser::Expression& value,
                                            const std::vector<const schema::Column*>& columns) {
  const auto* literal = value.As<parser::TupleLiteral>();
  if (literal == nullptr) return binder_.Bind(value, {TupleName(columns), TupleOf(columns)});
  if (literal->elements.size() != columns.size()) {
    return binder_.Fail(value.position, fmt::format("Expected {} elements in value tuple, but got {}: {}",
                                                    columns.size(), literal->elements.size(), ToString(value)));
  }
  Term tuple;
  tuple.kind = Term::Kind::kComposite;
  tuple.type = TupleOf(columns);
  for (size_t i = 0; i < columns.size(); ++i) {
    CASSETTE_ASSIGN_OR_RETURN(Term element, binder_.Bind(literal->elements[i], {columns[i]->name, columns[i]->type}));
    tuple.arguments.push_back(std::move(element));
  }
  return tuple;
}

base::Status WhereAnalysis::AddTupleRelation(const Relation& relation) {
  Restriction restriction;
  CASSETTE_ASSIGN_OR_RETURN(restriction.columns, TupleColumns(relation));
  restriction.is_tuple = true;
  if (relation.op != Operator::kEqual && relation.op != Operator::kIn && !IsSlice(relation.op)) {
    return binder_.Fail(relation.position,
                        fmt::format("{} cannot be used for multi-column relations", ToString(relation.op)));
  }
  if (relation.op == Operator::kIn && !relation.in_list) {
    const Receiver receiver{"in" + TupleName(restriction.columns), DataType::List(TupleOf(restriction.columns), true)};
    CASSETTE_ASSIGN_OR_RETURN(Term term, binder_.Bind(relation.values[0], receiver));
    restriction.kind = Restriction::Kind::kIn;
    restriction.in_marker = true;
    restriction.values.push_back(std::move(term));
    return Add(std::move(restriction), relation.position);
  }
  for (const parser::Expression& value : relation.values) {
    CASSETTE_ASSIGN_OR_RETURN(Term term, BindTuple(value, restriction.columns));
    restriction.values.push_back(std::move(term));
  }
  if (relation.op == Operator::kIn) {
    restriction.kind = restriction.values.size() == 1 ? Restriction::Kind::kEqual : Restriction::Kind::kIn;
  } else if (IsSlice(relation.op)) {
    RangeEnd range;
    range.term = std::move(restriction.values[0]);
    range.columns = restriction.columns.size();
    restriction.values.clear();
    SetRange(relation.op, std::move(range), &restriction);
  }
  return Add(std::move(restriction), relation.position);
}

base::Status WhereAnalysis::AddTokenRelation(const Relation& relation) {
  if (relation.op != Operator::kEqual && !IsSlice(relation.op)) {
    return binder_.Fail(relation.position,
                        fmt::format("{} cannot be used with the token function", ToString(relation.op)));
  }
  std::vector<const schema::Column*> columns;
  size_t of_key = 0;
  bool in_order = relation.columns.size() == table_.partition_key_count();
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, binder_.FindColumn(relation.columns[i]));
    if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
      of_key += column->kind == schema::ColumnKind::kPartitionKey;
    }
    in_order = in_order && column == &table_.partition_key(i);
    columns.push_back(column);
  }
  if (of_key != table_.partition_key_count()) {
    return binder_.Fail(relation.position,
                        "The token() function must be applied to all partition key components or none of them");
  }
  if (!in_order) {
    std::string names;
    for (size_t i = 0; i < table_.partition_key_count(); ++i) {
      names += (names.empty() ? "" : ", ") + table_.partition_key(i).name;
    }
    return binder_.Fail(relation.position,
                        columns.size() == of_key
                            ? "The token function arguments must be in the partition key order: " + names
                            : "The token() function must contains only partition key components, each once: " + names);
  }
  CASSETTE_ASSIGN_OR_RETURN(Term term,
                            binder_.Bind(relation.values[0], {"partition key token", DataType(TypeKind::kBigint)}));
  return SetTokenBounds(relation, std::move(term));
}

base::Status WhereAnalysis::SetTokenBounds(const Relation& relation, Term term) {
  std::string names;
  for (size_t i = 0; i < table_.partition_key_count(); ++i) {
    names += (names.empty() ? "" : ", ") + table_.partition_key(i).name;
  }
  const bool is_equal = relation.op == Operator::kEqual;
  if (token_is_equal_) {
    return binder_.Fail(relation.position,
                        names + " cannot be restricted by more than one relation if it includes an Equal");
  }
  if (on_token_ && is_equal) {
    return binder_.Fail(
        relation.position,
        fmt::format("Columns \"{}\" cannot be restricted by both an equality and an inequality relation", names));
  }
  Restriction restriction;
  RangeEnd range;
  range.term = std::move(term);
  if (is_equal) {
    range.inclusive = true;
    token_start_ = range;
    token_end_ = std::move(range);
  } else {
    SetRange(relation.op, std::move(range), &restriction);
    if ((restriction.start && token_start_) || (restriction.end && token_end_)) {
      return binder_.Fail(relation.position, fmt::format("More than one restriction was found for the {} bound on {}",
                                                         restriction.start ? "start" : "end", names));
    }
    if (restriction.start) token_start_ = std::move(restriction.start);
    if (restriction.end) token_end_ = std::move(restriction.end);
  }
  on_token_ = true;
  token_is_equal_ = is_equal;
  return base::Status::Ok();
}

// ClusteringColumnRestrictions.mergeWith.
base::Status WhereAnalysis::CheckClusteringOrder(const Restriction& added) const {
  if (clustering_.empty() || allow_filtering_ || !IndexesFor(added).empty()) return base::Status::Ok();
  const Restriction& last = clustering_.Last();
  const bool last_is_slice = last.kind == Restriction::Kind::kSlice;
  if (last_is_slice && added.first_position() > last.first_position()) {
    return base::InvalidArgument(fmt::format(
        "Clustering column \"{}\" cannot be restricted (preceding column \"{}\" is restricted by a non-EQ relation)",
        added.columns.front()->name, last.columns.front()->name));
  }
  if (added.first_position() < last.first_position() && added.kind == Restriction::Kind::kSlice) {
    return base::InvalidArgument(fmt::format(
        "PRIMARY KEY column \"{}\" cannot be restricted (preceding column \"{}\" is restricted by a non-EQ relation)",
        last.columns.front()->name, added.columns.front()->name));
  }
  return base::Status::Ok();
}

base::Status WhereAnalysis::Add(Restriction restriction, parser::SourcePosition position) {
  const schema::ColumnKind kind = restriction.columns.front()->kind;
  base::Status status;
  if (kind == schema::ColumnKind::kPartitionKey) {
    status = partition_key_.Add(std::move(restriction));
  } else if (kind == schema::ColumnKind::kClustering) {
    status = CheckClusteringOrder(restriction);
    if (status.ok()) status = clustering_.Add(std::move(restriction));
  } else {
    status = others_.Add(std::move(restriction));
  }
  if (status.ok()) return status;
  return binder_.Fail(position, status.message());
}

}  // namespace cassette::cql::analysis
