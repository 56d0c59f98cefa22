// CREATE, ALTER and DROP MATERIALIZED VIEW: names and values resolved, the rest is the catalog's.
#include <fmt/format.h>

#include <deque>
#include <optional>

#include "cql/analysis/compose.h"
#include "cql/analysis/statement_analysis.h"
#include "cql/analysis/term_binder.h"
#include "cql/analysis/where_analysis.h"
#include "types/composite.h"
#include "types/identifier.h"

namespace cassette::cql::analysis {
namespace {

using parser::Operator;
using types::ValueView;
using Comparison = schema::ViewFilter::Comparison;

std::vector<catalog::Property> PropertiesOf(const std::vector<parser::Property>& properties) {
  std::vector<catalog::Property> result;
  for (const parser::Property& property : properties) {
    result.push_back({property.name.name, property.value.is_map, property.value.text, property.value.map});
  }
  return result;
}

std::optional<Comparison> ComparisonOf(Operator op) {
  switch (op) {
    case Operator::kEqual:
      return Comparison::kEqual;
    case Operator::kLess:
      return Comparison::kLess;
    case Operator::kLessOrEqual:
      return Comparison::kLessOrEqual;
    case Operator::kGreater:
      return Comparison::kGreater;
    case Operator::kGreaterOrEqual:
      return Comparison::kGreaterOrEqual;
    case Operator::kIn:
      return Comparison::kIn;
    default:
      return std::nullopt;
  }
}

std::string NamesOf(const parser::Relation& relation) {
  std::string names;
  for (const parser::Identifier& column : relation.columns) {
    names += (names.empty() ? "" : ", ") + types::MaybeQuote(column.name);
  }
  return relation.target == parser::Relation::Target::kTuple ? "(" + names + ")" : names;
}

// As system_schema.views shows it.
std::string Describe(const parser::Relation& relation) {
  std::string text = fmt::format("{} {}", NamesOf(relation), ToString(relation.op));
  if (relation.op == Operator::kIsNotNull) return text;
  if (!relation.in_list) return text + " " + ToString(relation.values[0]);
  std::string list;
  for (const parser::Expression& value : relation.values) list += (list.empty() ? "" : ", ") + ToString(value);
  return text + " (" + list + ")";
}

base::Status NotConstant(const parser::Expression& value) {
  return base::Unsupported(fmt::format(
      "A view's WHERE takes values that are always the same; {} is none (docs/cql/differences.md)", ToString(value)));
}

// What a term without markers and columns always is; nothing when that depends on the time or chance. Lifetime: as long
// as the term and `strings`.
base::Result<std::optional<ValueView>> Fold(const Term& term, std::deque<std::string>* strings) {
  if (term.is_constant()) return std::optional(term.is_null ? ValueView::Null() : ValueView::Of(term.bytes));
  const bool is_pure_call = term.kind == Term::Kind::kCall && term.function->is_pure();
  if (!is_pure_call && term.kind != Term::Kind::kComposite) return std::optional<ValueView>();
  std::vector<ValueView> values;
  for (const Term& argument : term.arguments) {
    CASSETTE_ASSIGN_OR_RETURN(const std::optional<ValueView> value, Fold(argument, strings));
    if (!value) return value;
    values.push_back(*value);
  }
  std::string& bytes = strings->emplace_back();
  if (term.kind == Term::Kind::kComposite) {
    CASSETTE_RETURN_IF_ERROR(Compose(term, &values, &bytes));
    return std::optional(ValueView::Of(bytes));
  }
  CASSETTE_ASSIGN_OR_RETURN(const bool is_null, term.function->Evaluate(values, functions::EvalContext(), &bytes));
  return std::optional(is_null ? ValueView::Null() : ValueView::Of(bytes));
}

base::Result<std::string> ValueOf(const parser::Expression& value, const schema::Column& column, TermBinder& binder) {
  CASSETTE_ASSIGN_OR_RETURN(const Term term, binder.Bind(value, {column.name, column.type}));
  std::deque<std::string> strings;
  CASSETTE_ASSIGN_OR_RETURN(const std::optional<ValueView> folded, Fold(term, &strings));
  if (!folded || folded->is_null()) return NotConstant(value);
  return std::string(folded->bytes);
}

// The fields of a tuple literal, one for each column.
base::Result<std::vector<std::string>> FieldsOf(const parser::Expression& value,
                                                const std::vector<const schema::Column*>& columns, TermBinder& binder) {
  const auto* literal = value.As<parser::TupleLiteral>();
  if (literal == nullptr || literal->elements.size() != columns.size()) return NotConstant(value);
  std::vector<std::string> fields;
  for (size_t i = 0; i < columns.size(); ++i) {
    CASSETTE_ASSIGN_OR_RETURN(std::string bytes, ValueOf(literal->elements[i], *columns[i], binder));
    fields.push_back(std::move(bytes));
  }
  return fields;
}

std::string TupleOf(const std::vector<std::string>& fields) {
  std::string tuple;
  for (const std::string& field : fields) types::AppendItem(types::ValueView::Of(field), &tuple);
  return tuple;
}

base::Status AddTupleRelation(const parser::Relation& relation, Comparison comparison, const schema::Table& table,
                              TermBinder& binder, catalog::CreateView* create) {
  std::vector<const schema::Column*> columns;
  for (const parser::Identifier& column : relation.columns) columns.push_back(table.FindColumn(column.name));
  if (comparison == Comparison::kIn && relation.values.size() != 1) {
    const bool is_one = columns.size() == 1;
    catalog::CreateView::Filter filter{columns[0]->name, is_one ? Comparison::kIn : Comparison::kInTuples, {}};
    for (const parser::Expression& value : relation.values) {
      CASSETTE_ASSIGN_OR_RETURN(std::vector<std::string> fields, FieldsOf(value, columns, binder));
      filter.values.push_back(is_one ? std::move(fields[0]) : TupleOf(fields));
    }
    create->filters.push_back(std::move(filter));
    for (size_t i = 1; i < columns.size(); ++i) create->not_null.push_back(columns[i]->name);
    return base::Status::Ok();
  }
  CASSETTE_ASSIGN_OR_RETURN(std::vector<std::string> fields, FieldsOf(relation.values[0], columns, binder));
  if (comparison != Comparison::kEqual && comparison != Comparison::kIn) {
    create->filters.push_back({columns[0]->name, comparison, std::move(fields)});
    return base::Status::Ok();
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    create->filters.push_back({columns[i]->name, Comparison::kEqual, {std::move(fields[i])}});
  }
  return base::Status::Ok();
}

base::Status AddRelation(const parser::Relation& relation, const schema::Table& table, TermBinder& binder,
                         catalog::CreateView* create) {
  using Target = parser::Relation::Target;
  if (relation.target == Target::kToken) {
    return base::InvalidArgument("Cannot use token relation when defining a materialized view");
  }
  create->where_clause += (create->where_clause.empty() ? "" : " AND ") + Describe(relation);
  if (relation.target == Target::kColumn && relation.op == Operator::kIsNotNull) {
    CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, binder.FindColumn(relation.columns[0]));
    create->not_null.push_back(column->name);
    return base::Status::Ok();
  }
  const std::optional<Comparison> comparison = ComparisonOf(relation.op);
  const bool is_known = relation.target == Target::kColumn || relation.target == Target::kTuple;
  if (!comparison || !is_known) {
    return binder.Fail(relation.position, fmt::format("Unsupported restriction: {}", Describe(relation)));
  }
  // A SELECT's rules hold here, too.
  CASSETTE_RETURN_IF_ERROR(WhereAnalysis(table, StatementKind::kSelect, true, binder).AddRelation(relation));
  if (relation.target == Target::kTuple) return AddTupleRelation(relation, *comparison, table, binder, create);
  const schema::Column& column = *table.FindColumn(relation.columns[0].name);
  catalog::CreateView::Filter filter{column.name, *comparison, {}};
  for (const parser::Expression& value : relation.values) {
    CASSETTE_ASSIGN_OR_RETURN(std::string bytes, ValueOf(value, column, binder));
    filter.values.push_back(std::move(bytes));
  }
  create->filters.push_back(std::move(filter));
  return base::Status::Ok();
}

base::Status AddSelectors(const std::vector<parser::Selector>& selectors, catalog::CreateView* create) {
  for (const parser::Selector& selector : selectors) {
    if (selector.alias) {
      return base::InvalidArgument(
          fmt::format("Cannot use aliases when defining a materialized view (got {})", ToString(selector.expression)));
    }
    const auto* reference = selector.expression.As<parser::ColumnReference>();
    if (reference == nullptr) {
      return base::InvalidArgument(fmt::format(
          "Can only select columns by name when defining a materialized view (got {})", ToString(selector.expression)));
    }
    create->columns.push_back(reference->column.name);
  }
  return base::Status::Ok();
}

}  // namespace

base::Result<catalog::SchemaChange> AnalyzeCreateView(const parser::CreateViewStatement& statement,
                                                      const AnalysisContext& context, Plan* plan) {
  catalog::CreateView create;
  CASSETTE_ASSIGN_OR_RETURN(create.keyspace, KeyspaceOf(statement.view, context));
  CASSETTE_ASSIGN_OR_RETURN(const std::string base_keyspace, KeyspaceOf(statement.base_table, context));
  create.view = statement.view.name.name;
  create.table = statement.base_table.name.name;
  create.if_not_exists = statement.if_not_exists;
  if (!plan->markers.empty()) {
    return base::InvalidArgument("Bind variables are not allowed in CREATE MATERIALIZED VIEW statements");
  }
  if (base_keyspace != create.keyspace) {
    return base::InvalidArgument("Cannot create a materialized view on a table in a different keyspace");
  }
  CASSETTE_RETURN_IF_ERROR(AddSelectors(statement.selectors, &create));
  // Without its table nothing can be resolved; the catalog says so.
  if (const schema::TablePtr table = context.schema.FindTable(create.keyspace, create.table)) {
    TermBinder binder(context, table.get(), &plan->markers);
    for (const parser::Relation& relation : statement.where) {
      CASSETTE_RETURN_IF_ERROR(AddRelation(relation, *table, binder, &create));
    }
  }
  for (const parser::Identifier& name : statement.primary_key.partition_key) create.partition_key.push_back(name.name);
  for (const parser::Identifier& name : statement.primary_key.clustering) create.clustering.push_back(name.name);
  for (const parser::ClusteringOrder& order : statement.options.clustering_order) {
    create.clustering_order.emplace_back(order.column.name, order.descending);
  }
  create.properties = PropertiesOf(statement.options.properties);
  return catalog::SchemaChange(std::move(create));
}

base::Result<catalog::SchemaChange> AnalyzeAlterView(const parser::AlterViewStatement& statement,
                                                     const AnalysisContext& context) {
  catalog::AlterView alter;
  CASSETTE_ASSIGN_OR_RETURN(alter.keyspace, KeyspaceOf(statement.view, context));
  alter.view = statement.view.name.name;
  alter.if_exists = statement.if_exists;
  alter.properties = PropertiesOf(statement.properties);
  return catalog::SchemaChange(std::move(alter));
}

base::Result<catalog::SchemaChange> AnalyzeDropView(const parser::DropViewStatement& statement,
                                                    const AnalysisContext& context) {
  catalog::DropView drop;
  CASSETTE_ASSIGN_OR_RETURN(drop.keyspace, KeyspaceOf(statement.view, context));
  drop.view = statement.view.name.name;
  drop.if_exists = statement.if_exists;
  return catalog::SchemaChange(std::move(drop));
}

}  // namespace cassette::cql::analysis
